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
            // As it is lowered: a command's `}` is none of Rhai's.
            let rest = self.source.get(rhai.span.end as usize..).unwrap_or_default();
            let written = rest.trim_start_matches([' ', '\t']).starts_with(';');
            let lowered = self.out.text.trim_end();
            // A `}` ends a block's statement, but not that of a map or a closure: there the `;` is written.
            let ended = lowered.ends_with(';') || (lowered.ends_with('}') && !written) || text.trim().is_empty();
            if (more || written) && !ended {
                self.put(Span { start: rhai.span.end, end: rhai.span.end }, ";");
            }
        }
        for name in &rhai.declares {
            self.declare(name);
        }
    }

    fn stretch(&mut self, rhai: &Rhai, within: Span) {
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
                    // The subject of Rhai's own loop: no object, one and several are gone through alike.
                    let is_subject = before.of(self.source).trim_end().ends_with(" in");
                    self.flow.push(Flow::Island);
                    if is_subject {
                        self.put(island.span, "_items(");
                        self.taken(statement);
                        self.put(island.span, ")");
                    } else {
                        self.value(statement);
                    }
                    self.flow.pop();
                    if self.ends_statement(at, within.end) {
                        self.put(Span { start: at, end: at }, ";");
                    }
                }
                IslandKind::Block(block) => {
                    let is_loop = !block.is_function && is_loop(rhai.span.of(self.source));
                    if is_loop {
                        self.flow.push(Flow::Loop { label: None });
                    }
                    self.rhai_block(block);
                    if is_loop {
                        self.flow.pop();
                    }
                }
            }
        }
        if at < within.end {
            self.out.copy(Span { start: at, end: within.end }, self.source);
        }
    }

    /// Whether an island that ends a line also ends Rhai's statement: what follows on the next line cannot go on with
    /// it.
    fn ends_statement(&self, at: u32, end: u32) -> bool {
        let rest = Span { start: at, end }.of(self.source);
        let Some(next) = rest.trim_start().chars().next() else { return false };
        let blank = rest.len() - rest.trim_start().len();
        let line_ended = rest.get(..blank).is_some_and(|blank| blank.contains('\n'));
        line_ended && (next.is_alphanumeric() || matches!(next, '_' | '"' | '`' | '\'' | '$'))
    }
}

/// Whether a Rhai statement is a loop.
fn is_loop(text: &str) -> bool {
    let word: &str = text.trim_start().split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    matches!(word, "for" | "while" | "loop" | "do")
}
