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
            if more && !ended {
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
                    self.flow.push(Flow::Collect);
                    self.value(statement);
                    self.flow.pop();
                }
                IslandKind::Block(block) => self.rhai_block(block),
            }
        }
        if at < within.end {
            self.out.copy(Span { start: at, end: within.end }, self.source);
        }
    }
}
