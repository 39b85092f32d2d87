//! Pieces of Rhai inside command mode: closures, and statements that stay Rhai.

use super::Mode;
use super::characters::{is_name, is_newline};
use super::parser::Parser;
use super::tree::{Expr, ExprKind, Rhai, StatementKind};

impl Parser<'_> {
    /// Whether `|a, b|` stands here: the parameters of a closure.
    pub fn at_closure(&self) -> bool {
        if self.mode != Mode::Rhai {
            return false;
        }
        let Some(rest) = self.rest().strip_prefix('|') else { return false };
        let Some(end) = rest.find(|c: char| !(is_name(c) || c == ',' || c == ' ')) else { return false };
        rest[end..].starts_with('|')
            && !rest[..end].trim().is_empty()
            && !rest[..end].trim().contains(|c: char| c == ' ' && !rest[..end].contains(','))
    }

    /// `|x| …` up to the comma or bracket that ends it.
    pub fn rhai_closure(&mut self) -> Option<Expr> {
        if !self.at_closure() {
            return None;
        }
        let start = self.at;
        let mut depth = 0usize;
        while let Some(c) = self.peek() {
            match c {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' if depth == 0 => break,
                ')' | ']' | '}' => depth -= 1,
                ',' if depth == 0 && self.at_closure_body(start) => break,
                _ if depth == 0 && (is_newline(c) || c == ';') => break,
                _ => {}
            }
            self.bump();
        }
        let span = self.span_from(start);
        Some(Expr { kind: ExprKind::Rhai(Rhai { span, ..Rhai::default() }), span })
    }

    fn at_closure_body(&self, start: usize) -> bool {
        self.text[start + 1..self.at].contains('|')
    }

    /// `let`, `const`, `fn`, `import`, `export` in a block of command mode.
    pub fn rhai_statement(&mut self, _word: &str) -> Option<StatementKind> {
        None
    }
}
