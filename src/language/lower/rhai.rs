//! Rhai as it stands, with its islands replaced.

use super::{Flow, Lowerer};
use crate::error::Span;
use crate::language::tree::*;

impl Lowerer<'_> {
    /// A stretch of Rhai that is an expression or a part of one.
    pub(super) fn rhai(&mut self, rhai: &Rhai) {
        self.stretch(rhai, rhai.span);
    }

    /// A stretch of Rhai among statements; `more`: something follows, so it must end as a statement.
    pub(super) fn rhai_piece(&mut self, rhai: &Rhai, more: bool) {
        let text = rhai.span.of(self.source);
        if rhai.emits {
            let body = text.trim_end().trim_end_matches(';').trim_end();
            let lead = text.len() - text.trim_start().len();
            let start = rhai.span.start as usize;
            let inner = Span::new(start + lead, start + body.len().max(lead));
            self.put(inner, "_emit(");
            self.stretch(rhai, inner);
            self.put(inner, ");");
        } else {
            self.stretch(rhai, rhai.span);
            let ended = text.trim_end().ends_with([';', '}']) || text.trim().is_empty();
            if more && !ended && !last_line_is_comment(text) {
                self.put(Span { start: rhai.span.end, end: rhai.span.end }, ";");
            }
        }
        for name in &rhai.declares {
            self.declare(name);
        }
    }

    fn stretch(&mut self, rhai: &Rhai, within: Span) {
        let known = self.scopes.last().map_or(0, |scope| scope.variables.len());
        let mut at = within.start;
        for island in &rhai.islands {
            if island.span.start < at || island.span.end > within.end {
                continue;
            }
            let before = Span { start: at, end: island.span.start };
            if before.start < before.end {
                self.out.copy(before, self.source);
            }
            at = island.span.end;
            match &island.kind {
                IslandKind::Replace(text) => self.put(island.span, text),
                IslandKind::Value(statement) => {
                    self.rhai_names(rhai.span.start, island.span.start);
                    self.flow.push(Flow::Collect);
                    self.value(statement);
                    self.flow.pop();
                    if self.ends_statement(at) {
                        self.put(Span { start: at, end: at }, ";");
                    }
                }
                IslandKind::Statement(statement) => {
                    self.rhai_names(rhai.span.start, island.span.start);
                    let declarations = {
                        let mut finder = super::scope::Finder::default();
                        finder.statement(statement);
                        self.declarations(&finder.set, true)
                    };
                    self.put(island.span, &declarations);
                    self.statement(statement);
                }
            }
        }
        if at < within.end {
            self.out.copy(Span { start: at, end: within.end }, self.source);
        }
        // Names that stood only inside this stretch are not visible behind it; what it declares, its caller adds.
        if let Some(scope) = self.scopes.last_mut() {
            scope.variables.truncate(known.max(0));
        }
    }

    /// Makes visible what the Rhai text before an island names: parameters, loop variables, `let`.
    fn rhai_names(&mut self, from: u32, to: u32) {
        let text = Span { start: from, end: to }.of(self.source);
        let mut names: Vec<String> = Vec::new();
        let mut word = String::new();
        let mut previous = ' ';
        for c in text.chars().chain([' ']) {
            if c.is_ascii_alphanumeric() || c == '_' {
                word.push(c);
                continue;
            }
            let is_name = word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && c != '(' && previous != '.';
            if is_name && !names.contains(&word) && super::names::mangled(&word) == word {
                names.push(std::mem::take(&mut word));
            }
            if !word.is_empty() || !c.is_whitespace() {
                previous = c;
            }
            word.clear();
        }
        for name in names {
            self.declare(&name);
        }
    }

    /// Whether a Rhai statement ends here, behind an island at the end of a line.
    fn ends_statement(&self, at: u32) -> bool {
        let rest = self.source.get(at as usize..).unwrap_or_default();
        let mut line_ended = false;
        let mut chars = rest.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\n' => line_ended = true,
                c if c.is_whitespace() => {}
                '/' if chars.peek() == Some(&'/') => {
                    for c in chars.by_ref() {
                        if c == '\n' {
                            line_ended = true;
                            break;
                        }
                    }
                }
                ')' | ']' | ',' | '.' | ';' | '}' | '+' | '-' | '*' | '/' | '%' | '=' | '<' | '>' | '&' | '|' | '?'
                | ':' => return false,
                _ => return line_ended,
            }
        }
        false
    }
}

fn last_line_is_comment(text: &str) -> bool {
    text.trim_end().lines().last().is_some_and(|line| line.trim_start().starts_with("//"))
}
