//! From the tree to plain Rhai, in place: Rhai stays as it stands, command mode becomes calls of functions.
//!
//! - `Get-CsPool -Site Redmond` is `Get_CsPool(#{Site: "Redmond"})`, `a | B` is `a.B()`. A call that another stage
//!   follows is a pipeline not yet begun; the last of them runs it, or what takes it (`_emit`, `_items`, `_list`).
//! - A statement whose value nobody takes is `_emit(…)`, which writes it to the output.
//! - Operators, members and what else command mode means by its own rules are functions whose names begin with `_`.
//! - `$x` is the Rhai variable `x`. What the session keeps (`$ErrorActionPreference`) is `_var("…")`.

mod assign;
mod command;
mod control;
mod expr;
mod filter;
mod finder;
mod function;
mod map;
mod member;
mod names;
mod reference;
mod rhai;
mod scope;
mod statement;
#[cfg(test)]
mod tests;
mod variables;

pub use command::MOST_ARGUMENTS;
pub use expr::type_text;
pub use map::SourceMap;
pub use names::{automatic, is_automatic, is_runtime, spelled, unspelled};
pub use variables::{Named, SETS as SETS_VARIABLES, named as named_variables};

use super::tree::{Function, ScriptBlock};
use super::{Names, Parsed};
use crate::error::{Diagnostic, Phase, Span};
use crate::value::NameSet;
use map::Writer;
use scope::Scope;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// The functions that lowered text calls, without the `_` before their names; those of operators have the operators' words.
pub const RUNTIME: &[&str] = &[
    // output, values, streams
    "emit",
    "collect",
    "outputs",
    "list",
    "items",
    "flat",
    "value",
    "void",
    "none",
    "str",
    "text",
    "table",
    "ordered",
    "object",
    "block",
    "range",
    "spread",
    "redirect",
    "pipe",
    "decimal",
    "float",
    "tick",
    "case",
    "type",
    "ok",
    "isnull",
    // variables
    "it",
    "it_set",
    "var",
    "using",
    "setvar",
    "putvar",
    "put",
    "grow",
    "element",
    "howmany",
    "env",
    "args",
    "input",
    "given",
    "validated",
    "went_well",
    "ignored",
    // commands
    "command",
    "param",
    "splat",
    "many",
    "function",
    // members, conversion
    "get",
    "set",
    "index",
    "with",
    "call",
    "cast",
    "static",
    "static_call",
    "try_parse",
    "filter",
    "clear_errors",
    "type_get",
    "true",
    // flow
    "next",
    "try",
    "tried",
    "finally",
    "catch",
    "catches",
    "rethrow",
    "throw",
    "exit",
    "leave",
    "left",
    // operators
    "add",
    "sub",
    "mul",
    "div",
    "rem",
    "neg",
    "plus",
    "bnot",
    "inc",
    "dec",
    "xor",
    "join_all",
    "split_all",
    "format",
];

/// What a call in lowered text stands for, found by the offset of the function's name.
#[derive(Clone, Debug)]
pub enum Site {
    /// A command.
    Command(CommandSite),
    /// A script block.
    Block {
        /// Its tree.
        block: Arc<ScriptBlock>,
        /// With its braces.
        span: Span,
        /// It ends in an expression, whose value it puts out.
        gives_value: bool,
    },
    /// A function.
    Function(Arc<Function>),
}

/// One command's call.
#[derive(Clone, Debug, Default)]
pub struct CommandSite {
    /// From the name to the last argument.
    pub span: Span,
    /// The name.
    pub name: Span,
    /// It has the stage before it as its first argument.
    pub has_input: bool,
    /// Another stage or a consumer takes the pipeline.
    pub is_taken: bool,
    /// What the script block sets are its caller's variables.
    pub shares: bool,
    /// Places of arguments without a name, in order.
    pub positional: Vec<Span>,
    /// Places of named arguments.
    pub named: Vec<(String, Span)>,
}

/// Plain Rhai with what is needed to find the way back.
#[derive(Debug, Default)]
pub struct Lowered {
    /// The text that runs; `reeve lower` prints it.
    pub text: String,
    /// From its offsets to the source.
    pub map: SourceMap,
    /// What its calls stand for, by the offset of the function's name.
    pub sites: HashMap<u32, Site>,
    /// What is not there yet.
    pub diagnostics: Vec<Diagnostic>,
    /// Variables that the session keeps, because a command sets them or looks for them by their names.
    pub kept: Vec<String>,
    /// Where its functions of command mode stand that are statements of its own, in order.
    pub functions: Vec<Range<usize>>,
    /// The script's own `param` block, as a function without a name.
    pub has_params: bool,
}

/// Lowers what was parsed from `source`.
pub fn lower(parsed: &Parsed, source: &str, names: &dyn Names) -> Lowered {
    let mut lowerer = Lowerer {
        source,
        names,
        out: Writer::default(),
        scopes: Vec::new(),
        diagnostics: Vec::new(),
        sites: HashMap::new(),
        functions: Vec::new(),
        depth: 0,
        flow: Vec::new(),
        by_parameter: NameSet::default(),
        leaks: false,
        tracks_status: source.contains("$?") || source.contains("&&") || source.contains("||"),
        in_rhai: false,
        counter: 0,
    };
    lowerer.script(&parsed.script);
    Lowered {
        text: lowerer.out.text,
        map: lowerer.out.map,
        sites: lowerer.sites,
        functions: lowerer.functions,
        diagnostics: lowerer.diagnostics,
        kept: lowerer.by_parameter.into_vec(),
        has_params: parsed.script.params.is_some(),
    }
}

/// What `break`, `continue` and `return` must get through on their way out.
#[derive(Clone, Debug)]
enum Flow {
    /// A loop with its label; `switch` counts as one. `left` holds the labels that inner loops leave by flags.
    Loop { label: Option<String> },
    /// A closure that only collects values: what leaves it is raised, and let pass by what guards statements.
    Collect,
    /// Rhai's own code, or a `finally`: nothing leaves it.
    Island,
    /// A `try`: the variable that holds its mark, and its `finally`, a closure.
    Try { mark: String, finally: Option<String> },
    /// A script block or function: nothing leaves it.
    Block,
}

struct Lowerer<'a> {
    source: &'a str,
    names: &'a dyn Names,
    out: Writer,
    scopes: Vec<Scope>,
    diagnostics: Vec<Diagnostic>,
    sites: HashMap<u32, Site>,
    functions: Vec<Range<usize>>,
    /// Bodies around the statement at hand.
    depth: usize,
    flow: Vec<Flow>,
    /// Variables that common parameters set.
    by_parameter: NameSet,
    /// Something in the statement at hand leaves script blocks for the loop around it.
    leaks: bool,
    /// The script looks at `$?`: expressions, too, say that they went well.
    tracks_status: bool,
    /// Statements inside a Rhai block are not guarded: what fails in them is Rhai's to catch.
    in_rhai: bool,
    counter: u32,
}

impl Lowerer<'_> {
    /// Writes what stands for a stretch of the source.
    fn put(&mut self, span: Span, text: &str) {
        self.out.put(span, text);
    }

    /// A name for a variable of the lowering's own.
    fn fresh(&mut self, stem: &str) -> String {
        self.counter += 1;
        format!("{stem}_{}_", self.counter)
    }

    /// Says that a construct is not there, and how Rhai does it.
    fn unsupported(&mut self, span: Span, what: &str, hint: &str) {
        let message = format!("{what} is not there yet.");
        let diagnostic = Diagnostic::error(Phase::Parse, "UnsupportedConstruct", span, message).with_hint(hint);
        if !self.diagnostics.contains(&diagnostic) {
            self.diagnostics.push(diagnostic);
        }
    }

    fn site(&mut self, site: Site) -> u32 {
        let at = u32::try_from(self.out.offset()).unwrap_or(u32::MAX);
        self.sites.insert(at, site);
        at
    }
}
