//! The front end: text to tree to plain Rhai. It knows no cmdlet: it is given the names ([`Names`]).

mod argument;
mod body;
mod brackets;
mod characters;
mod command;
mod compound;
mod context;
mod control;
mod expression;
mod expression_of_rhai;
mod function;
mod hashtable;
mod incomplete;
mod literals_of_rhai;
pub mod lower;
mod marks;
mod number;
pub mod operators;
mod parser;
mod primary;
mod quoted;
mod rhai;
mod scope;
mod statement;
mod tokens;
pub mod tree;
mod unsupported;
mod word;

pub use context::{Context, Expects, context_at};
pub use tokens::{Token, TokenKind, tokens};

use crate::error::Diagnostic;

/// How a text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Rhai with islands of command mode: `.rhai` files, `-c`, the REPL.
    Rhai,
    /// Command mode throughout: `.ps1` files.
    PowerShell,
}

impl Mode {
    /// How a file is read, by its name: `.ps1` is command mode throughout.
    pub fn of_file(path: &std::path::Path) -> Mode {
        let is_ps1 = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("ps1"));
        if is_ps1 { Mode::PowerShell } else { Mode::Rhai }
    }
}

/// What a text reads as: a tree that covers all of it, and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    /// The tree; there is one whatever the diagnostics say.
    pub script: tree::Script,
    /// What is wrong, by position.
    pub diagnostics: Vec<Diagnostic>,
    /// Nothing is wrong but that the text stops too early.
    pub incomplete: bool,
}

impl Parsed {
    /// Whether nothing in it keeps the text from running.
    pub fn is_ok(&self) -> bool {
        !self.diagnostics.iter().any(|d| d.severity == crate::error::Severity::Error)
    }
}

/// Reads a text. It never fails: what cannot be read is in the diagnostics, with its place and a hint.
pub fn parse(text: &str, mode: Mode, names: &dyn Names) -> Parsed {
    parser::Parser::new(text, mode, names).run()
}

/// Whether more lines may complete the text: an open bracket, quote, comment or here-string, a pipe or an operator at
/// its end. The REPL asks for another line then.
pub fn is_incomplete(parsed: &Parsed) -> bool {
    parsed.incomplete
}

/// What the front end must know of the world: names, nothing more. All are matched without regard to case,
/// but Rhai's variables and functions, which are matched exactly.
pub trait Names {
    /// Whether a cmdlet or a function of this name is registered (`get-cspool`).
    fn is_command(&self, name: &str) -> bool;
    /// What an alias stands for (`?` is `Where-Object`).
    fn alias(&self, _name: &str) -> Option<String> {
        None
    }
    /// Whether this is a verb that Get-Verb lists, or ForEach, Where, Sort, Tee.
    fn is_verb(&self, verb: &str) -> bool;
    /// Whether a variable of this exact name is visible from before this text (earlier lines of the session).
    fn is_variable(&self, _name: &str) -> bool {
        false
    }
    /// Whether a Rhai function of this exact name is visible from before this text.
    fn is_function(&self, _name: &str) -> bool {
        false
    }
    /// The variable visible from before this text that a `$name` means: of this name, else without regard to case.
    fn visible(&self, name: &str) -> Option<String> {
        self.is_variable(name).then(|| name.to_string())
    }
    /// Whether a parameter of a command (aliases and unambiguous prefixes count) is a switch; `None` if unknown.
    fn is_switch(&self, _command: &str, _parameter: &str) -> Option<bool> {
        None
    }
}
