//! What the line editor asks: completions, colours, hints, and whether a text is whole.

use super::complete::{Candidate, complete};
use super::highlight;
use crate::language::{self, Mode};
use crate::script::Engine;
use rustyline::completion::Completer;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hinter, HistoryHinter};
use rustyline::validate::Validator;
use rustyline::{Context, Helper};
use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

/// Bytes of the longest text that is coloured as it is written, and in which Tab looks for what may stand there: it is
/// read at each key, some milliseconds for so much, and no Ctrl-C is heard meanwhile.
const LONGEST: usize = 64 << 10;

/// Answers the line editor's questions from the engine's names and the deployment.
pub struct Assistant {
    engine: Rc<RefCell<Engine>>,
    history: HistoryHinter,
    color: bool,
    /// The lines before this one, of a text that goes over several.
    before: String,
}

impl Assistant {
    /// One for an engine.
    pub fn new(engine: Rc<RefCell<Engine>>, color: bool) -> Assistant {
        Assistant { engine, history: HistoryHinter::new(), color, before: String::new() }
    }

    /// The line that is edited next continues this text.
    pub fn continues(&mut self, before: &str) {
        self.before = before.to_string();
    }

    /// Whether a text waits for more lines: something in it is open.
    pub fn is_incomplete(&self, text: &str) -> bool {
        language::is_incomplete(&language::parse(text, Mode::Rhai, &self.engine.borrow().names()))
    }
}

impl Helper for Assistant {}

/// A candidate as the editor lists and inserts it.
pub struct Listed {
    shown: String,
    text: String,
}

impl rustyline::completion::Candidate for Listed {
    fn display(&self) -> &str {
        &self.shown
    }

    fn replacement(&self) -> &str {
        &self.text
    }
}

impl From<Candidate> for Listed {
    fn from(candidate: Candidate) -> Listed {
        Listed { shown: candidate.shown, text: candidate.text }
    }
}

impl Completer for Assistant {
    type Candidate = Listed;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Listed>)> {
        if self.before.len() + line.len() > LONGEST {
            return Ok((at, Vec::new()));
        }
        let engine = self.engine.borrow();
        let before = self.before.len();
        let found = complete(&format!("{}{line}", self.before), before + at, Mode::Rhai, &engine);
        match found.start.checked_sub(before) {
            Some(start) => Ok((start, found.candidates.into_iter().map(Listed::from).collect())),
            // It would change a line that is no longer edited.
            None => Ok((at, Vec::new())),
        }
    }
}

impl Hinter for Assistant {
    type Hint = String;

    fn hint(&self, line: &str, at: usize, context: &Context<'_>) -> Option<String> {
        self.history.hint(line, at, context)
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, _at: usize) -> Cow<'l, str> {
        if self.color && line.len() <= LONGEST {
            Cow::Owned(highlight::colored(line, &self.engine.borrow().names()))
        } else {
            Cow::Borrowed(line)
        }
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _default: bool) -> Cow<'b, str> {
        if self.color { Cow::Owned(format!("\x1b[1;34m{prompt}\x1b[0m")) } else { Cow::Borrowed(prompt) }
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        if self.color { Cow::Owned(format!("\x1b[90m{hint}\x1b[0m")) } else { Cow::Borrowed(hint) }
    }

    fn highlight_char(&self, _line: &str, _at: usize, kind: CmdKind) -> bool {
        self.color && kind != CmdKind::MoveCursor
    }
}

/// Every line is taken: one that is not the last of its text is followed by another prompt.
impl Validator for Assistant {}
