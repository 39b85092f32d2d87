//! The expressions of command mode.

use super::{Body, ParamBlock, Rhai, Statement};
use crate::error::Span;
use crate::value::Value;

/// An expression of command mode.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of expression.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// Something should stand here; a diagnostic says what.
    Missing,
    /// A number, or another constant.
    Constant(Value),
    /// A bare word without variables: its text after escapes.
    Bareword(String),
    /// A string without variables: its text after escapes.
    String {
        /// The text.
        text: String,
        /// Which quotes.
        quote: Quote,
    },
    /// A string or bare word with variables or `$(…)` in it.
    Expandable {
        /// Text and expressions in turn.
        parts: Vec<StringPart>,
        /// Which quotes.
        quote: Quote,
    },
    /// `$x`, `${x y}`, `$script:x`, `$env:PATH`.
    Variable(Variable),
    /// `a, b`; one element with a comma before it (`,a`).
    List(Vec<Expr>),
    /// `@( … )`.
    Array(Body),
    /// `$( … )`.
    SubExpression(Body),
    /// `( … )`.
    Paren(Box<Statement>),
    /// `@{ key = value }`.
    Hashtable(Vec<(Expr, Statement)>),
    /// `{ … }`.
    ScriptBlock(Box<ScriptBlock>),
    /// `a -eq b`, `a + b`, `a..b`, `a -f b`.
    Binary {
        /// Lower case, without dash: `eq`, `cmatch`, `+`, `..`, `and`, `f`, `??`.
        operator: String,
        /// Where the operator stands.
        operator_span: Span,
        /// Left.
        left: Box<Expr>,
        /// Right.
        right: Box<Expr>,
    },
    /// `-not a`, `!a`, `-a`, `+a`, `-join a`, `-split a`, `-bnot a`, `++$a`, `--$a`.
    Unary {
        /// Lower case, without dash where it is a word: `not`, `!`, `-`, `join`, `++`.
        operator: String,
        /// What it works on.
        operand: Box<Expr>,
    },
    /// `$a++`, `$a--`.
    Postfix {
        /// `++` or `--`.
        operator: String,
        /// What it works on.
        operand: Box<Expr>,
    },
    /// `c ? a : b`.
    Ternary {
        /// The condition.
        condition: Box<Expr>,
        /// If it is true.
        then: Box<Expr>,
        /// If not.
        otherwise: Box<Expr>,
    },
    /// `a.Name`, `a?.Name`, `[T]::Name`.
    Member {
        /// Of what.
        target: Box<Expr>,
        /// The name: a bareword, string, variable or bracket.
        name: Box<Expr>,
        /// `::`.
        is_static: bool,
        /// `?.`.
        null_conditional: bool,
    },
    /// `a.Name(b, c)`, `[T]::Name(b)`.
    Method {
        /// Of what.
        target: Box<Expr>,
        /// The name.
        name: Box<Expr>,
        /// The arguments.
        arguments: Vec<Expr>,
        /// `::`.
        is_static: bool,
        /// `?.`.
        null_conditional: bool,
    },
    /// `a[i]`, `a?[i]`.
    Index {
        /// Of what.
        target: Box<Expr>,
        /// Which.
        index: Box<Expr>,
        /// `?[`.
        null_conditional: bool,
    },
    /// `[T]a`.
    Cast {
        /// The type.
        to: TypeName,
        /// What is converted.
        operand: Box<Expr>,
    },
    /// `[T]`.
    Type(TypeName),
    /// `name(a, b)`: a call of a Rhai function, or a Rhai variable's name before `|`.
    RhaiCall {
        /// The function.
        name: String,
        /// The arguments; `None` for the bare name of a variable.
        arguments: Option<Vec<Expr>>,
    },
    /// A Rhai closure `|x| …` or another piece of Rhai as an argument.
    Rhai(Rhai),
    /// A statement in expression position (`$x = foreach …`).
    Statement(Box<Statement>),
}

/// A script block with its own parameters and named blocks.
#[derive(Clone, Debug)]
pub struct ScriptBlock {
    /// `param(…)` inside.
    pub params: Option<ParamBlock>,
    /// `begin`.
    pub begin: Option<Body>,
    /// `process`.
    pub process: Option<Body>,
    /// The body, or `end`.
    pub body: Body,
}

/// One part of an expandable string.
#[derive(Clone, Debug)]
pub enum StringPart {
    /// Text, after escapes.
    Text(String),
    /// `$x`, `${x}`, `$( … )`.
    Value(Expr),
}

/// Which quotes a string has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quote {
    /// None: a bare word.
    Bare,
    /// `'…'`.
    Single,
    /// `"…"`.
    Double,
    /// `@'…'@`.
    SingleHere,
    /// `@"…"@`.
    DoubleHere,
}

/// A variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// The scope prefix or drive, lower case: `script`, `global`, `env`, `local`, `using`.
    pub scope: Option<String>,
    /// The name as written, without prefix and braces.
    pub name: String,
    /// Where.
    pub span: Span,
}

/// The name of a type: `int`, `System.Int32[]`, `Collections.Generic.List[string]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeName {
    /// As written, without the outer brackets and without array marks.
    pub name: String,
    /// How many array marks (`[]`) stand behind it.
    pub array_rank: u8,
    /// Arguments of a generic type.
    pub arguments: Vec<TypeName>,
    /// Where.
    pub span: Span,
}
