//! A text that was read: its source, its lowering, and how positions lead back.

use crate::error::{Source, Span};
use crate::language::lower::{CommandSite, Lowered, Site};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// A text with its lowering. Each has line numbers of its own in the engine, so that a position says which text it is
/// of, also for a closure of an earlier line of the REPL.
pub(super) struct Chunk {
    /// What the user wrote.
    pub source: Arc<Source>,
    /// Its lowering.
    pub lowered: Lowered,
    /// The number of its first line in the engine.
    pub first_line: usize,
    line_starts: Vec<usize>,
    /// Commands in their Rhai spelling, which the lowering knows nothing of.
    spelled: RefCell<HashMap<u32, CommandSite>>,
}

impl Chunk {
    pub fn new(source: Arc<Source>, lowered: Lowered, first_line: usize) -> Chunk {
        let line_starts = std::iter::once(0)
            .chain(lowered.text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at + 1))
            .collect();
        Chunk { source, lowered, first_line, line_starts, spelled: RefCell::default() }
    }

    /// The same text under another name.
    pub fn named(self, source: Arc<Source>) -> Chunk {
        Chunk { source, ..self }
    }

    /// How many lines its lowering has.
    pub fn lines(&self) -> usize {
        self.line_starts.len()
    }

    /// The offset in the lowered text of a line and column (characters, from 1) of the engine.
    pub fn offset(&self, line: usize, column: usize) -> Option<usize> {
        let start = *self.line_starts.get(line.checked_sub(self.first_line)?)?;
        let text = self.lowered.text.get(start..)?;
        let within = text.char_indices().nth(column.saturating_sub(1)).map_or(text.len(), |(at, _)| at);
        Some(start + within)
    }

    /// The stretch of source behind an offset of the lowered text; a name as a whole.
    pub fn span(&self, offset: usize) -> Span {
        let span = self.lowered.map.span(offset);
        if span.end - span.start > 1 {
            return span;
        }
        let rest = self.source.text.get(span.start as usize..).unwrap_or_default();
        let word: usize = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').map(char::len_utf8).sum();
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let length = if word > 0 { word } else { first.max((span.end - span.start) as usize) };
        Span::new(span.start as usize, (span.start as usize + length).min(self.source.text.len()))
    }

    /// What stands at an offset.
    pub fn site(&self, offset: usize) -> Option<Site> {
        let at = u32::try_from(offset).ok()?;
        let known = self.lowered.sites.get(&at).cloned();
        known.or_else(|| self.spelled.borrow().get(&at).cloned().map(Site::Command))
    }

    /// Notes a command in its Rhai spelling.
    pub fn note(&self, offset: usize, site: CommandSite) {
        if let Ok(at) = u32::try_from(offset) {
            self.spelled.borrow_mut().entry(at).or_insert(site);
        }
    }
}
