//! An open text: its lines, and positions in UTF-16, as the protocol counts them.

use crate::error::{Diagnostic, Source, Span};
use crate::language::Mode;
use gen_lsp_types::{Position, Range, TextDocumentContentChangeEvent, Uri};
use std::path::Path;
use std::time::Instant;

/// Largest text that is looked at, in bytes: far above any script. Of a larger one nothing is said.
const LARGEST: usize = 4 << 20;

/// An open text.
pub(super) struct Document {
    /// As the client names it.
    pub uri: Uri,
    /// The client's number of this state of it.
    pub version: i32,
    /// How it is read.
    pub mode: Mode,
    /// The text, with a name for messages.
    pub source: Source,
    /// What is wrong with it, as of the last look.
    pub found: Vec<Diagnostic>,
    /// When it shall be looked at, if it has changed since.
    pub due: Option<Instant>,
    lines: Vec<usize>,
}

impl Document {
    /// A text that was opened. `language` is the client's word for it.
    pub fn new(uri: Uri, version: i32, language: &str, text: String) -> Document {
        let is_powershell = language.eq_ignore_ascii_case("powershell") || language.eq_ignore_ascii_case("ps1");
        let mode = if is_powershell { Mode::PowerShell } else { Mode::of_file(Path::new(&uri.0)) };
        let name = uri.0.rsplit('/').next().unwrap_or_default().to_string();
        let lines = starts(&text);
        Document { uri, version, mode, source: Source { name, text }, found: Vec::new(), due: None, lines }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.source.text
    }

    /// Whether it is too large to be looked at.
    pub fn is_too_large(&self) -> bool {
        self.text().len() > LARGEST
    }

    /// Makes the changes that a client tells, in their order.
    pub fn change(&mut self, changes: Vec<TextDocumentContentChangeEvent>) {
        for change in changes {
            match change {
                TextDocumentContentChangeEvent::TextDocumentContentChangePartial(part) => {
                    let span = self.span(part.range);
                    self.source.text.replace_range(span.start as usize..span.end as usize, &part.text);
                }
                TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(whole) => {
                    self.source.text = whole.text;
                }
            }
            self.lines = starts(self.text());
        }
    }

    /// The position of a byte; of one inside a character, of that character.
    pub fn position(&self, byte: usize) -> Position {
        let byte = byte.min(self.text().len());
        let line = self.lines.partition_point(|start| *start <= byte).saturating_sub(1);
        let start = self.lines.get(line).copied().unwrap_or_default();
        let mut units = 0;
        for (at, c) in self.line_from(start).char_indices() {
            if start + at + c.len_utf8() > byte {
                break;
            }
            units += c.len_utf16();
        }
        Position { line: number(line), character: number(units) }
    }

    /// The byte of a position; a position behind the end of its line is the line's end, as the protocol says.
    pub fn offset(&self, position: Position) -> usize {
        let Some(start) = self.lines.get(position.line as usize).copied() else { return self.text().len() };
        let end = self.lines.get(position.line as usize + 1).copied().unwrap_or(self.text().len());
        let line = self.text().get(start..end).unwrap_or_default().trim_end_matches(['\n', '\r']);
        let mut units = 0;
        for (at, c) in line.char_indices() {
            if units + c.len_utf16() > position.character as usize {
                return start + at;
            }
            units += c.len_utf16();
        }
        start + line.len()
    }

    /// The range of a span.
    pub fn range(&self, span: Span) -> Range {
        Range { start: self.position(span.start as usize), end: self.position(span.end as usize) }
    }

    /// The span of a range; an end before its start is the start.
    pub fn span(&self, range: Range) -> Span {
        let (start, end) = (self.offset(range.start), self.offset(range.end));
        Span::new(start, end.max(start))
    }

    fn line_from(&self, start: usize) -> &str {
        self.text().get(start..).unwrap_or_default()
    }
}

/// Where the lines of a text begin. Only newlines end lines here: to the front end a lone return ends one too, but
/// no editor shows it so.
fn starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at + 1)).collect()
}

/// A number of the protocol; texts are far smaller than what it could not hold.
pub(super) fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, character: u32) -> Position {
        Position { line, character }
    }

    /// Rule: positions count UTF-16 units, and lead there and back.
    #[test]
    fn positions_count_utf16_units() {
        let document = Document::new("file:///a.ps1".into(), 1, "", "é😀x\r\nÜ\n".into());
        for (byte, position) in
            [(0, at(0, 0)), (2, at(0, 1)), (6, at(0, 3)), (7, at(0, 4)), (9, at(1, 0)), (11, at(1, 1)), (12, at(2, 0))]
        {
            assert_eq!(document.position(byte), position, "{byte}");
            assert_eq!(document.offset(position), byte, "{byte}");
        }
        // Behind the end of a line, inside of a pair, behind the end of the text.
        assert_eq!(document.offset(at(0, 99)), 7);
        assert_eq!(document.offset(at(0, 2)), 2);
        assert_eq!(document.offset(at(9, 0)), 12);
        assert_eq!(document.mode, Mode::PowerShell);
    }

    #[test]
    fn changes_are_made_in_order() {
        let mut document = Document::new("file:///a.rhai".into(), 1, "rhai", "one\ntwo".into());
        let part = |start, end, text: &str| {
            serde_json::from_value(serde_json::json!({"range": Range { start, end }, "text": text})).unwrap()
        };
        document.change(vec![part(at(0, 0), at(0, 3), "1\n1"), part(at(2, 0), at(2, 99), "2")]);
        assert_eq!(document.text(), "1\n1\n2");
        document.change(vec![part(at(1, 1), at(0, 0), "!")]);
        assert_eq!(document.text(), "1\n1!\n2");
    }
}
