//! Strings of command mode: quotes, here-strings, and what double quotes interpolate.

use super::characters::{escaped, is_blank, is_double_quote, is_newline, is_single_quote};
use super::parser::Parser;
use super::tree::{Expr, ExprKind, Quote, StringPart};
use crate::error::Span;

/// Collects text and values of an expandable string.
#[derive(Default)]
pub(super) struct Parts {
    parts: Vec<StringPart>,
    text: String,
}

impl Parts {
    pub fn push(&mut self, c: char) {
        self.text.push(c);
    }

    pub fn push_str(&mut self, text: &str) {
        self.text.push_str(text);
    }

    pub fn value(&mut self, expr: Expr) {
        if !self.text.is_empty() {
            self.parts.push(StringPart::Text(std::mem::take(&mut self.text)));
        }
        self.parts.push(StringPart::Value(expr));
    }

    pub fn into_kind(mut self, quote: Quote) -> ExprKind {
        if self.parts.is_empty() {
            return match quote {
                Quote::Bare => ExprKind::Bareword(self.text),
                _ => ExprKind::String { text: self.text, quote },
            };
        }
        if !self.text.is_empty() {
            self.parts.push(StringPart::Text(self.text));
        }
        ExprKind::Expandable { parts: self.parts, quote }
    }
}

impl Parser<'_> {
    /// Whether a here-string begins here: `@"` or `@'` and nothing but blanks on the rest of the line.
    pub fn at_here_string(&self) -> bool {
        let mut chars = self.rest().chars();
        chars.next() == Some('@')
            && chars.next().is_some_and(|c| is_double_quote(c) || is_single_quote(c))
            && chars.find(|c| !is_blank(*c)).is_none_or(is_newline)
    }

    /// A string; the next character is a quote.
    pub fn quoted(&mut self) -> Expr {
        let start = self.at;
        let double = self.peek().is_some_and(is_double_quote);
        self.bump();
        let kind = if double { self.double_quoted(start) } else { self.single_quoted(start) };
        Expr { kind, span: self.span_from(start) }
    }

    fn unterminated(&mut self, start: usize, quote: char) {
        let end = self.text.len();
        self.error("TerminatorExpectedAtEndOfString", Span::new(start, end), "the string has no closing quote")
            .hint(format!("close it with {quote}"));
    }

    fn single_quoted(&mut self, start: usize) -> ExprKind {
        let mut text = String::new();
        loop {
            match self.bump() {
                None => {
                    self.unterminated(start, '\'');
                    break;
                }
                Some(c) if is_single_quote(c) => match self.peek() {
                    Some(next) if is_single_quote(next) => {
                        self.bump();
                        text.push(c);
                    }
                    _ => break,
                },
                Some(c) => text.push(c),
            }
        }
        ExprKind::String { text, quote: Quote::Single }
    }

    fn double_quoted(&mut self, start: usize) -> ExprKind {
        let mut parts = Parts::default();
        loop {
            match self.peek() {
                None => {
                    self.unterminated(start, '"');
                    break;
                }
                Some(c) if is_double_quote(c) => {
                    self.bump();
                    match self.peek() {
                        Some(next) if is_double_quote(next) => {
                            self.bump();
                            parts.push(c);
                        }
                        _ => break,
                    }
                }
                Some(_) => self.string_character(&mut parts),
            }
        }
        parts.into_kind(Quote::Double)
    }

    /// One character, escape or variable of an expandable string.
    pub fn string_character(&mut self, parts: &mut Parts) {
        match self.peek() {
            Some('`') => {
                self.bump();
                self.escape(parts);
            }
            Some('$') => match self.string_value() {
                Some(value) => parts.value(value),
                None => {
                    self.bump();
                    parts.push('$');
                }
            },
            Some(c) => {
                self.bump();
                parts.push(c);
            }
            None => {}
        }
    }

    /// What stands behind a backtick.
    pub fn escape(&mut self, parts: &mut Parts) {
        let start = self.at;
        match self.bump() {
            Some('u') if self.peek() == Some('{') => {
                let digits: String = self.rest()[1..].chars().take_while(|c| c.is_ascii_hexdigit()).take(6).collect();
                let character = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                match character {
                    Some(c) if self.rest()[1 + digits.len()..].starts_with('}') => {
                        self.at += digits.len() + 2;
                        parts.push(c);
                    }
                    _ => {
                        let span = Span::new(start - 1, self.at + 1);
                        self.error("InvalidUnicodeEscapeSequence", span, "`u{…} takes one to six hexadecimal digits")
                            .hint("write for example `u{20AC}");
                    }
                }
            }
            Some('\r') => {
                self.eat('\n');
                parts.push_str("\r\n");
            }
            Some(c) => parts.push(escaped(c)),
            None => {}
        }
    }

    /// `$x`, `${x}` or `$(…)` inside a string; `None` if the `$` is text.
    pub fn string_value(&mut self) -> Option<Expr> {
        if self.starts("$(") {
            return Some(self.sub_expression());
        }
        let start = self.at;
        let variable = self.variable()?;
        // "$x: y" reads a drive in PowerShell; a colon behind a name asks for braces.
        if self.peek() == Some(':') && !self.starts("::") && !self.text[start..].starts_with("${") {
            let span = Span::new(start, self.at + 1);
            let braced = format!("${{{}}}:", variable.name);
            self.error("InvalidVariableReferenceWithDrive", span, "a colon behind a variable's name reads as a drive")
                .hint(format!("write {braced}"))
                .fix(span, braced);
        }
        Some(Expr { span: variable.span, kind: ExprKind::Variable(variable) })
    }

    /// A here-string; the text up to a line that begins with the closing quote and `@`.
    pub fn here_string(&mut self) -> Expr {
        let start = self.at;
        self.bump();
        let double = self.peek().is_some_and(is_double_quote);
        self.bump();
        self.skip_to_next_line();
        let is_quote = if double { is_double_quote } else { is_single_quote };
        let closes = |text: &str| {
            let mut chars = text.chars();
            chars.next().is_some_and(is_quote) && chars.next() == Some('@')
        };
        let mut parts = Parts::default();
        loop {
            if closes(self.rest()) {
                self.bump();
                self.bump();
                break;
            }
            if self.at_end() {
                let close = if double { "\"@" } else { "'@" };
                let span = Span::new(start, self.text.len());
                self.error("TerminatorExpectedAtEndOfString", span, "the here-string has no end")
                    .hint(format!("end it with a line that begins with {close}"));
                break;
            }
            // One line; its newline belongs to the text unless the string ends behind it.
            while self.peek().is_some_and(|c| !is_newline(c)) {
                if double {
                    self.string_character(&mut parts);
                } else if let Some(c) = self.bump() {
                    parts.push(c);
                }
            }
            let newline = self.at;
            self.skip_to_next_line();
            if !closes(self.rest()) {
                parts.push_str(self.text.get(newline..self.at).unwrap_or(""));
            }
        }
        let quote = if double { Quote::DoubleHere } else { Quote::SingleHere };
        Expr { kind: parts.into_kind(quote), span: self.span_from(start) }
    }

    /// Behind the next newline.
    fn skip_to_next_line(&mut self) {
        while self.peek().is_some_and(is_blank) {
            self.bump();
        }
        if !self.eat_str("\r\n") && self.peek().is_some_and(is_newline) {
            self.bump();
        }
    }
}
