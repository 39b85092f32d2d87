//! The lowered text as it is written, and the map from its offsets back to what the user wrote.

use crate::error::Span;

/// Lines are broken at the next safe place past this column: Rhai counts columns in 16 bits.
const LONG_LINE: usize = 20_000;

/// A stretch of lowered text that comes from one stretch of the source.
#[derive(Clone, Copy, Debug)]
struct Segment {
    lowered: u32,
    original: Span,
    /// Copied: offsets run in step.
    verbatim: bool,
}

/// From offsets of the lowered text to spans of the source.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    segments: Vec<Segment>,
}

impl SourceMap {
    /// The stretch of source that the lowered text at an offset comes from.
    pub fn span(&self, lowered: usize) -> Span {
        let lowered = u32::try_from(lowered).unwrap_or(u32::MAX);
        let after = self.segments.partition_point(|s| s.lowered <= lowered);
        let Some(segment) = after.checked_sub(1).and_then(|at| self.segments.get(at)) else {
            return Span::default();
        };
        if !segment.verbatim {
            return segment.original;
        }
        let start = (segment.original.start + (lowered - segment.lowered)).min(segment.original.end);
        Span { start, end: (start + 1).min(segment.original.end).max(start) }
    }
}

/// Writes lowered text and its map.
#[derive(Debug, Default)]
pub(super) struct Writer {
    /// What is written.
    pub text: String,
    /// Its map.
    pub map: SourceMap,
    line_start: usize,
}

impl Writer {
    /// Where the next byte goes.
    pub fn offset(&self) -> usize {
        self.text.len()
    }

    /// Writes what stands for a stretch of the source.
    pub fn put(&mut self, span: Span, text: &str) {
        if self.text.len() - self.line_start > LONG_LINE {
            self.text.push('\n');
            self.line_start = self.text.len();
        }
        self.segment(span, false);
        self.push(text);
    }

    /// Copies a stretch of the source.
    pub fn copy(&mut self, span: Span, source: &str) {
        self.segment(span, true);
        self.push(span.of(source));
    }

    fn push(&mut self, text: &str) {
        if let Some(at) = text.rfind('\n') {
            self.line_start = self.text.len() + at + 1;
        }
        self.text.push_str(text);
    }

    fn segment(&mut self, original: Span, verbatim: bool) {
        let lowered = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        self.map.segments.push(Segment { lowered, original, verbatim });
    }
}

/// A text as a Rhai string literal.
pub(super) fn quoted(text: &str) -> String {
    use std::fmt::Write;
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for c in text.chars() {
        match c {
            '"' => literal.push_str("\\\""),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            // Writing to a string cannot fail.
            c if c.is_control() => drop(write!(literal, "\\u{:04x}", c as u32)),
            c => literal.push(c),
        }
    }
    literal.push('"');
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_map_back() {
        let source = "let x = A-B -C d;";
        let mut w = Writer::default();
        w.copy(Span::new(0, 8), source);
        w.put(Span::new(8, 16), "A_B(#{C: \"d\"})");
        w.copy(Span::new(16, 17), source);
        assert_eq!(w.text, "let x = A_B(#{C: \"d\"});");
        assert_eq!(w.map.span(4), Span::new(4, 5));
        assert_eq!(w.map.span(10), Span::new(8, 16));
        assert_eq!(w.map.span(w.text.len() - 1), Span::new(16, 17));
    }

    #[test]
    fn literals_are_rhais() {
        assert_eq!(quoted("a\"b\\c\n\u{1}é"), "\"a\\\"b\\\\c\\n\\u0001é\"");
    }
}
