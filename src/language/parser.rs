//! The parser's core: where it stands in the text, blanks and comments, diagnostics, the bound on nesting.

use super::characters::{is_blank, is_name, is_name_start, is_newline};
use super::scope::Scope;
use super::tree::{Body, Script};
use super::{Mode, Names, Parsed};
use crate::env::bounds;
use crate::error::{Diagnostic, Phase, Span};

/// How deep brackets, operators and blocks may nest; deeper text is an error, never an overflow of the stack.
const MAX_DEPTH: usize = 64;
/// How many errors are told of one text.
const MAX_ERRORS: usize = 1000;
/// The longest text that is read, in bytes.
const MAX_TEXT: usize = 64 << 20;

/// What the surroundings make of blanks, commas and brackets; every bracket begins anew.
#[derive(Clone, Copy, Default)]
pub(super) struct Place {
    /// Inside `(…)` and `[…]` a newline is a blank.
    pub newline_is_blank: bool,
    /// In a command's argument: nothing but members and indexes may stand behind a value, without blanks.
    pub in_argument: bool,
    /// In an island that is one element among others: a comma ends it.
    pub stop_at_comma: bool,
    /// In an island inside Rhai's `[…]`: the bracket ends a word.
    pub stop_at_bracket: bool,
    /// In an island in the header of a Rhai statement: the `{` of its body, at this byte, ends the header.
    pub body_at: Option<usize>,
}

impl Place {
    /// Inside `(…)` and `[…]`.
    pub fn bracket() -> Place {
        Place { newline_is_blank: true, ..Place::default() }
    }
}

/// A recursive-descent parser without a separate lexer: what a character means depends on where it stands.
pub(super) struct Parser<'a> {
    pub text: &'a str,
    /// The next byte to read; always on a character boundary.
    pub at: usize,
    pub mode: Mode,
    pub names: &'a dyn Names,
    pub diagnostics: Vec<Diagnostic>,
    pub place: Place,
    /// The text ends in an expression of Rhai that wants another operand.
    pub trailing: bool,
    /// Which names the text itself gives.
    pub scope: Scope,
    depth: usize,
    /// A nesting error was reported: once is enough.
    too_deep: bool,
}

impl<'a> Parser<'a> {
    pub fn new(text: &'a str, mode: Mode, names: &'a dyn Names) -> Parser<'a> {
        Parser {
            text,
            at: 0,
            mode,
            names,
            diagnostics: Vec::new(),
            place: Place::default(),
            trailing: false,
            scope: Scope::of(text),
            depth: 0,
            too_deep: false,
        }
    }

    /// Reads the whole text.
    pub fn run(mut self) -> Parsed {
        let whole = Span::new(0, self.text.len());
        if self.text.len() > MAX_TEXT {
            let error =
                Diagnostic::error(Phase::Parse, "ScriptTooLarge", Span::new(0, 0), "the text is larger than 64 MiB")
                    .with_hint("split it into modules and import them");
            let body = Body { pieces: Vec::new(), span: whole };
            let script = Script { body, ..Script::default() };
            return Parsed { script, diagnostics: vec![error], incomplete: false };
        }
        let mut script = match self.mode {
            Mode::PowerShell => self.script(),
            Mode::Rhai => self.rhai_script(),
        };
        script.body.span = whole;
        self.diagnostics.sort_by_key(|d| (d.span.start, d.span.end));
        let incomplete = super::incomplete::of(self.text, &self.diagnostics, self.trailing);
        Parsed { script, diagnostics: self.diagnostics, incomplete }
    }

    // Looking.

    pub fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    pub fn rest_at(&self, at: usize) -> &'a str {
        self.text.get(at..).unwrap_or("")
    }

    pub fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// The character at a byte.
    pub fn peek_from(&self, at: usize) -> Option<char> {
        self.rest_at(at).chars().next()
    }

    /// The character `n` places behind the next.
    pub fn peek_nth(&self, n: usize) -> Option<char> {
        self.rest().chars().nth(n)
    }

    pub fn starts(&self, prefix: &str) -> bool {
        self.rest().starts_with(prefix)
    }

    pub fn at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    pub fn span_from(&self, start: usize) -> Span {
        Span::new(start, self.at)
    }

    /// The name (letters, digits, `_`) that stands at the next byte; empty if none.
    pub fn name_here(&self) -> &'a str {
        self.name_at(self.at)
    }

    /// The name that stands at a byte; empty if none.
    pub fn name_at(&self, at: usize) -> &'a str {
        let rest = self.rest_at(at);
        if !rest.starts_with(is_name_start) {
            return "";
        }
        let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        &rest[..end]
    }

    // Moving.

    pub fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    pub fn eat(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        if found {
            self.at += c.len_utf8();
        }
        found
    }

    pub fn eat_str(&mut self, text: &str) -> bool {
        let found = self.starts(text);
        if found {
            self.at += text.len();
        }
        found
    }

    /// Skips blanks, comments and continued lines; newlines too where they are blanks.
    pub fn skip_space(&mut self) {
        self.skip(self.place.newline_is_blank);
    }

    /// Skips blanks, comments and newlines.
    pub fn skip_lines(&mut self) {
        self.skip(true);
    }

    /// Leaves the rest of the text when what runs is stopped: who reads it gets part of a tree, which nobody runs.
    pub fn leave_if_stopped(&mut self) {
        if bounds::stopped() {
            self.at = self.text.len();
        }
    }

    fn skip(&mut self, newlines: bool) {
        self.leave_if_stopped();
        while let Some(c) = self.peek() {
            if is_blank(c) || (newlines && is_newline(c)) {
                self.at += c.len_utf8();
            } else if c == '`' && self.peek_nth(1).is_none_or(is_newline) {
                self.at += if self.starts("`\r\n") { 3 } else { 2.min(self.rest().len()) };
            } else if c == '#' {
                self.skip_line_comment();
            } else if self.starts("<#") {
                self.skip_block_comment();
            } else if self.at_slash_comment() {
                self.skip_line_comment();
            } else if self.mode == Mode::Rhai && self.starts("/*") && self.blank_before() {
                self.skip_rhai_block_comment();
            } else {
                break;
            }
        }
    }

    fn blank_before(&self) -> bool {
        self.text
            .get(..self.at)
            .unwrap_or("")
            .chars()
            .next_back()
            .is_none_or(|c| c.is_whitespace() || "({;".contains(c))
    }

    /// `//` between blanks: a comment outside `.ps1`.
    pub fn at_slash_comment(&self) -> bool {
        self.mode == Mode::Rhai
            && self.starts("//")
            && self.blank_before()
            && self.rest()[2..].chars().next().is_none_or(|c| c.is_whitespace() || c == '/')
    }

    pub fn skip_line_comment(&mut self) {
        self.at += self.rest().find(is_newline).unwrap_or(self.rest().len());
    }

    fn skip_block_comment(&mut self) {
        let start = self.at;
        match self.rest().find("#>") {
            Some(end) => self.at += end + 2,
            None => {
                self.at = self.text.len();
                self.error("MissingTerminatorMultiLineComment", Span::new(start, start + 2), "the comment has no end")
                    .hint("end it with #>");
            }
        }
    }

    /// Rhai's block comments nest.
    pub fn skip_rhai_block_comment(&mut self) {
        let start = self.at;
        let mut depth = 0usize;
        while !self.at_end() {
            if self.eat_str("/*") {
                depth += 1;
            } else if self.eat_str("*/") {
                depth -= 1;
                if depth == 0 {
                    return;
                }
            } else {
                self.bump();
            }
        }
        self.error("MissingTerminatorMultiLineComment", Span::new(start, start + 2), "the comment has no end")
            .hint("end it with */");
    }

    // Diagnostics.

    /// Reports an error; the answer takes a hint or a fix.
    pub fn error(&mut self, id: &'static str, span: Span, message: impl Into<String>) -> Reported<'_> {
        if self.diagnostics.len() >= MAX_ERRORS {
            return Reported(None);
        }
        self.diagnostics.push(Diagnostic::error(Phase::Parse, id, span, message));
        Reported(self.diagnostics.last_mut())
    }

    /// Runs `inner` one level deeper, unless that is too deep: then it reports so, skips the rest of the text and
    /// gives `None`.
    pub fn nest<T>(&mut self, inner: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= MAX_DEPTH {
            if !self.too_deep {
                self.too_deep = true;
                self.error(
                    "ScriptNestedTooDeep",
                    Span::new(self.at, self.at),
                    format!("brackets and blocks nest more than {MAX_DEPTH} deep here"),
                )
                .hint("put inner parts into variables or functions");
            }
            self.at = self.text.len();
            return None;
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        Some(result)
    }

    /// Runs `inner` at another kind of place.
    pub fn within<T>(&mut self, place: Place, inner: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.place, place);
        let result = inner(self);
        self.place = before;
        result
    }

    /// Whether the rest of the text was skipped because it nests too deep.
    pub fn gave_up(&self) -> bool {
        self.too_deep
    }
}

/// An error just reported.
pub(super) struct Reported<'a>(Option<&'a mut Diagnostic>);

impl Reported<'_> {
    /// Says what to do.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        if let Some(diagnostic) = &mut self.0 {
            diagnostic.hint = Some(hint.into());
        }
        self
    }

    /// Says which change mends it.
    pub fn fix(mut self, span: Span, text: impl Into<String>) -> Self {
        if let Some(diagnostic) = &mut self.0 {
            diagnostic.fix = Some(crate::error::Fix { span, text: text.into() });
        }
        self
    }

    /// Makes it a warning.
    pub fn warning(mut self) -> Self {
        if let Some(diagnostic) = &mut self.0 {
            diagnostic.severity = crate::error::Severity::Warning;
        }
        self
    }
}
