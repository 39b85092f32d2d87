//! Which names a text gives: its functions, wherever they stand, and the Rhai variables visible at a place.

use super::Mode;
use super::characters::{is_name, is_name_start};
use super::parser::Parser;
use super::tree::{ExprKind, ParamBlock};
use crate::value::same_name;
use std::collections::{HashMap, HashSet};

/// The names of a text.
#[derive(Default)]
pub(super) struct Scope {
    /// `function Name`, lower case.
    commands: HashSet<String>,
    /// Rhai's `fn name`.
    functions: HashSet<String>,
    /// Variables that the text sets as `$name`, lower case.
    dollar: HashSet<String>,
    /// Visible variables, innermost last.
    variables: Vec<String>,
    /// How often each of them is visible.
    visible: HashMap<String, usize>,
    /// Where expressions begin that are known to be command mode, and what brackets of conditions hold: a text is read
    /// again at most once.
    marked: HashSet<usize>,
    brackets: HashMap<usize, bool>,
}

impl Scope {
    /// Gathers the functions of a text; words in strings and comments do no harm, they only make a name known.
    pub fn of(text: &str) -> Scope {
        let mut scope = Scope::default();
        let mut previous = "";
        for word in text.split(|c: char| c.is_whitespace() || "(){};|".contains(c)).filter(|w| !w.is_empty()) {
            if previous == "fn" && word.starts_with(is_name_start) && word.chars().all(is_name) {
                scope.functions.insert(word.to_string());
            } else if previous.eq_ignore_ascii_case("function") {
                scope.commands.insert(word.to_lowercase());
            }
            previous = word;
        }
        scope
    }

    /// The names that `[Alias(…)]` gives a function are commands from here on.
    pub fn name_function(&mut self, params: &ParamBlock) {
        let given = params.attributes.iter().filter(|attribute| same_name(&attribute.name.name, "Alias"));
        for alias in given.flat_map(|attribute| &attribute.positional) {
            if let ExprKind::String { text, .. } | ExprKind::Bareword(text) = &alias.kind {
                self.commands.insert(text.to_lowercase());
            }
        }
    }

    /// A variable is written as `$name`: what a string says of it is meant.
    pub fn declare_dollar(&mut self, name: &str) {
        self.dollar.insert(name.to_lowercase());
        self.declare(name);
    }

    /// Whether a variable was written as `$name` in this text.
    pub fn is_dollar(&self, name: &str) -> bool {
        self.dollar.contains(&name.to_lowercase())
    }

    /// A place to go back to with [`Scope::leave`].
    pub fn enter(&self) -> usize {
        self.variables.len()
    }

    /// Forgets the variables since `mark`.
    pub fn leave(&mut self, mark: usize) {
        for name in self.variables.drain(mark.min(self.variables.len())..) {
            if let Some(count) = self.visible.get_mut(&name) {
                *count -= 1;
                if *count == 0 {
                    self.visible.remove(&name);
                }
            }
        }
    }

    /// Whether the expression that begins at a byte is known to be command mode.
    pub fn is_marked(&self, at: usize) -> bool {
        self.marked.contains(&at)
    }

    /// The expression that begins at a byte is command mode.
    pub fn remember_mark(&mut self, at: usize) {
        self.marked.insert(at);
    }

    /// Whether the bracket at a byte makes its statement one of command mode, if that is known.
    pub fn bracket_seen(&self, at: usize) -> Option<bool> {
        self.brackets.get(&at).copied()
    }

    /// Keeps what was found of a bracket.
    pub fn remember_bracket(&mut self, at: usize, is_command: bool) {
        self.brackets.insert(at, is_command);
    }

    /// A variable is visible from here.
    pub fn declare(&mut self, name: &str) {
        self.variables.push(name.to_string());
        *self.visible.entry(name.to_string()).or_default() += 1;
    }
}

impl Parser<'_> {
    /// Whether a Rhai variable of this exact name is visible.
    pub fn is_variable(&self, name: &str) -> bool {
        self.scope.visible.contains_key(name) || self.names.is_variable(name)
    }

    /// Whether a Rhai function of this exact name is visible.
    pub fn is_function(&self, name: &str) -> bool {
        self.scope.functions.contains(name) || self.names.is_function(name)
    }

    /// Whether a cmdlet, or a function with a param block, has this name.
    pub fn is_command(&self, name: &str) -> bool {
        self.names.is_command(name) || self.scope.commands.contains(&name.to_lowercase())
    }

    /// Whether a name that stands in an expression of command mode is Rhai's: a function before `(`, a variable.
    pub fn is_rhai_name(&self, name: &str, behind: &str) -> bool {
        if behind.starts_with('(') {
            let known = self.is_function(name) || self.is_variable(name);
            return known || (self.mode == Mode::Rhai && !self.is_command(name));
        }
        self.mode == Mode::Rhai && (matches!(name, "true" | "false") || self.is_variable(name))
    }

    /// Whether a pipeline begins with a value of Rhai: a call, or a variable's name that no command has.
    pub fn at_rhai_head(&self) -> bool {
        let name = self.name_here();
        if name.is_empty() || self.is_command(name) {
            return false;
        }
        let behind = self.rest_at(self.at + name.len());
        if behind.starts_with('(') {
            let alias = self.names.alias(name).is_some();
            return self.is_function(name) || self.is_variable(name) || (self.mode == Mode::Rhai && !alias);
        }
        if self.mode != Mode::Rhai || !self.is_variable(name) {
            return false;
        }
        let next = behind.trim_start_matches([' ', '\t']);
        next.is_empty()
            || next.starts_with(['|', '.', '[', '?', ';', ')', '}', '\n', '\r', '+', '*', '/', '%', '=', '!', ','])
            || super::word::operator_word(next).is_some()
    }
}
