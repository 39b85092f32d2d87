//! The tree of a text: Rhai as it stands, with islands of command mode, all with spans.
//!
//! The parser always returns a tree that covers the whole text; what it could not read is [`ExprKind::Missing`] or
//! [`StatementKind::Bad`], with a diagnostic beside the tree.

mod expression;
mod shape;
mod visit;

pub use expression::{Expr, ExprKind, Quote, ScriptBlock, StringPart, TypeName, Variable};
pub use shape::is_filter;
pub use visit::*;

use crate::error::Span;

/// A whole text.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// A script's own `param(…)` block.
    pub params: Option<ParamBlock>,
    /// Comment-based help at its beginning, without the comment marks.
    pub help: Option<String>,
    /// Everything in it.
    pub body: Body,
}

/// A sequence of Rhai text and command-mode statements, in the order of the text.
///
/// In a `.ps1` file there are only statements; in Rhai mode pieces of Rhai alternate with islands. Between the pieces
/// there is nothing but blanks, newlines, comments (of both kinds) and `;`: the lowering need not copy it, but must
/// end every piece that is not the last with `;`.
#[derive(Clone, Debug, Default)]
pub struct Body {
    /// The pieces.
    pub pieces: Vec<Piece>,
    /// The stretch of text, without the braces around it.
    pub span: Span,
}

/// One piece of a body.
#[derive(Clone, Debug)]
pub enum Piece {
    /// One Rhai statement without its `;`, copied verbatim, but for the islands inside.
    Rhai(Rhai),
    /// A command-mode statement that stands where a statement may stand: its value, if any, is written to the output.
    Statement(Statement),
}

/// A stretch of Rhai with command-mode islands in it.
#[derive(Clone, Debug, Default)]
pub struct Rhai {
    /// The whole stretch, islands included.
    pub span: Span,
    /// The islands, by position; between them the text is Rhai's own.
    pub islands: Vec<Island>,
    /// The stretch is one statement that is only a string, or only an expression with an island: it writes its value.
    pub emits: bool,
    /// Variables that it declares (`let`, `const`, `for x in`, `fn` parameters are not), for the scope of `$name`.
    pub declares: Vec<String>,
}

/// Command mode inside Rhai.
#[derive(Clone, Debug)]
pub struct Island {
    /// What it is.
    pub kind: IslandKind,
    /// The text that it replaces.
    pub span: Span,
}

/// The kinds of island.
#[derive(Clone, Debug)]
pub enum IslandKind {
    /// An expression or a pipeline whose value Rhai takes.
    Value(Box<Statement>),
    /// What stands between the braces of a Rhai block, a function's or closure's body, the `${…}` of a string:
    /// statements, and a scope. The braces are outside of it.
    Block(Box<RhaiBlock>),
    /// Text that Rhai must not see, replaced by what is given (a `#` comment, by nothing).
    Replace(String),
}

/// The statements of a Rhai block.
#[derive(Clone, Debug)]
pub struct RhaiBlock {
    /// The statements.
    pub body: Body,
    /// Variables that its header gives it: parameters of a function or closure, the variable of `for` or `catch`.
    pub declares: Vec<String>,
    /// The body of a `fn`: it sees no variables from outside.
    pub is_function: bool,
    /// Its last value is taken by what it stands in, and so not written to the output.
    pub gives_value: bool,
}

/// A command-mode statement.
#[derive(Clone, Debug)]
pub struct Statement {
    /// What it is.
    pub kind: StatementKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of statement.
#[derive(Clone, Debug)]
pub enum StatementKind {
    /// Pipelines joined by `&&` and `||`; an expression alone is a pipeline of one stage.
    Chain(Chain),
    /// `$x = …`, `$x += …`, `$a, $b = …`, `$o.P = …`.
    Assign(Assign),
    /// `if … elseif … else`.
    If {
        /// Conditions with their blocks.
        arms: Vec<(Statement, Body)>,
        /// The `else` block.
        otherwise: Option<Body>,
    },
    /// `foreach ($x in …) { … }`.
    ForEach {
        /// The loop's label.
        label: Option<String>,
        /// The variable.
        variable: Variable,
        /// What is gone through.
        subject: Box<Statement>,
        /// The block.
        body: Body,
    },
    /// `for (init; condition; step) { … }`.
    For {
        /// The loop's label.
        label: Option<String>,
        /// Before the first round.
        init: Option<Box<Statement>>,
        /// Before each round.
        condition: Option<Box<Statement>>,
        /// After each round.
        step: Option<Box<Statement>>,
        /// The block.
        body: Body,
    },
    /// `while (condition) { … }`.
    While {
        /// The loop's label.
        label: Option<String>,
        /// Before each round.
        condition: Box<Statement>,
        /// The block.
        body: Body,
    },
    /// `do { … } while (condition)`, `do { … } until (condition)`.
    Do {
        /// The loop's label.
        label: Option<String>,
        /// The block.
        body: Body,
        /// After each round.
        condition: Box<Statement>,
        /// `until`: ends when the condition is true.
        until: bool,
    },
    /// `switch (subject) { pattern { … } default { … } }`.
    Switch {
        /// The loop's label.
        label: Option<String>,
        /// `-Wildcard`, `-Regex`, `-CaseSensitive`, `-Exact`.
        flags: Vec<String>,
        /// What is compared.
        subject: Box<Statement>,
        /// The cases; a script block as a pattern is a condition.
        cases: Vec<(Expr, Body)>,
        /// The `default` block.
        default: Option<Body>,
    },
    /// `break`, with a label.
    Break(Option<String>),
    /// `continue`, with a label.
    Continue(Option<String>),
    /// `return`, with a value.
    Return(Option<Box<Statement>>),
    /// `throw`, with a value.
    Throw(Option<Box<Statement>>),
    /// `exit`, with a code.
    Exit(Option<Box<Statement>>),
    /// `try { … } catch [T] { … } finally { … }`.
    Try {
        /// What is tried.
        body: Body,
        /// The `catch` blocks.
        catches: Vec<Catch>,
        /// The `finally` block.
        finally: Option<Body>,
    },
    /// `function Name { … }`.
    Function(Function),
    /// `let const fn import export` inside a command-mode block, and a Rhai block statement: Rhai stays Rhai.
    Rhai(Rhai),
    /// What could not be read, or is not there; a diagnostic says why.
    Bad,
}

/// `catch { … }`, `catch [T], [U] { … }`, Rhai's `catch (e) { … }`.
#[derive(Clone, Debug)]
pub struct Catch {
    /// The types of error that it takes; none takes all.
    pub types: Vec<TypeName>,
    /// The Rhai variable that holds the error in the block, with its place.
    pub variable: Option<(String, Span)>,
    /// The block.
    pub body: Body,
}

/// `function Name { param(…) begin { … } process { … } end { … } }`.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name, with the place.
    pub name: (String, Span),
    /// Its parameters.
    pub params: ParamBlock,
    /// Comment-based help above or inside, without the comment marks.
    pub help: Option<String>,
    /// The `begin` block.
    pub begin: Option<Body>,
    /// The `process` block.
    pub process: Option<Body>,
    /// The `end` block: the body where no block is named.
    pub end: Option<Body>,
    /// What stands between its braces.
    pub inside: Span,
}

/// `[CmdletBinding(…)] param(…)`.
#[derive(Clone, Debug, Default)]
pub struct ParamBlock {
    /// Attributes before it.
    pub attributes: Vec<Attribute>,
    /// The parameters.
    pub parameters: Vec<Parameter>,
    /// Where it stands.
    pub span: Span,
}

/// One declared parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Attributes and types before it, in order.
    pub attributes: Vec<Attribute>,
    /// Its variable.
    pub variable: Variable,
    /// Its default.
    pub default: Option<Expr>,
    /// Where it stands.
    pub span: Span,
}

/// `[Name(arguments)]`, or a type alone, `[string]`.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// The name or type.
    pub name: TypeName,
    /// Positional arguments.
    pub positional: Vec<Expr>,
    /// Named arguments; no value means true.
    pub named: Vec<(String, Option<Expr>)>,
    /// Without brackets for arguments it is a type.
    pub has_arguments: bool,
    /// Where it stands.
    pub span: Span,
}

/// An assignment.
#[derive(Clone, Debug)]
pub struct Assign {
    /// Variables, members, indexes.
    pub targets: Vec<Expr>,
    /// `=`, `+=`, `-=`, `*=`, `/=`, `%=`, `??=`.
    pub operator: String,
    /// What is assigned: a pipeline, or a statement (`$x = if …`).
    pub value: Box<Statement>,
}

/// Pipelines joined by `&&` and `||`.
#[derive(Clone, Debug)]
pub struct Chain {
    /// The first.
    pub first: Pipeline,
    /// The others with what joins them.
    pub rest: Vec<(ChainOperator, Pipeline)>,
}

/// What joins pipelines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChainOperator {
    /// `&&`.
    And,
    /// `||`.
    Or,
}

/// Stages joined by `|`.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// The stages; at least one.
    pub stages: Vec<Stage>,
    /// Where it stands.
    pub span: Span,
}

/// One stage of a pipeline.
#[derive(Clone, Debug)]
pub enum Stage {
    /// A command.
    Command(Command),
    /// An expression: only as the first stage, or a Rhai function or closure as a later one.
    Expression {
        /// The expression.
        expr: Expr,
        /// Redirections behind it.
        redirections: Vec<Redirection>,
    },
}

/// A command with its arguments.
#[derive(Clone, Debug)]
pub struct Command {
    /// `&` or `.` before it.
    pub call: bool,
    /// It has `.` before it: what the script block sets are its caller's variables.
    pub shares: bool,
    /// Its name: a bareword in general, another expression after `&`.
    pub name: Expr,
    /// The name if it is constant, as written.
    pub constant_name: Option<String>,
    /// All that stands behind the name.
    pub elements: Vec<Element>,
    /// Redirections.
    pub redirections: Vec<Redirection>,
    /// From the name to the last element.
    pub span: Span,
}

impl Command {
    /// What this expression names or is, called with nothing.
    pub fn of(name: Expr) -> Command {
        let span = name.span;
        Command {
            call: true,
            shares: false,
            name,
            constant_name: None,
            elements: Vec::new(),
            redirections: Vec::new(),
            span,
        }
    }
}

/// One element of a command.
#[derive(Clone, Debug)]
pub enum Element {
    /// `-Name` or `-Name:argument`.
    Parameter {
        /// Without dash and colon.
        name: String,
        /// What stands behind the colon.
        argument: Option<Expr>,
        /// From the dash to the end of name, colon and argument.
        span: Span,
    },
    /// A value.
    Argument(Expr),
    /// `@name`.
    Splat {
        /// The variable.
        variable: Variable,
        /// Where.
        span: Span,
    },
}

/// `> file`, `2>&1`.
#[derive(Clone, Debug)]
pub struct Redirection {
    /// The stream before the arrow: 1 output, 2 error, 3 warning, 4 verbose, 5 debug, 6 information; `None` for `*`.
    pub from: Option<u8>,
    /// Where it goes.
    pub to: RedirectionTarget,
    /// Where it stands.
    pub span: Span,
}

/// Where a redirected stream goes.
#[derive(Clone, Debug)]
pub enum RedirectionTarget {
    /// Another stream (`&1`).
    Stream(u8),
    /// A file.
    File {
        /// Its name.
        name: Expr,
        /// `>>`.
        append: bool,
    },
}
