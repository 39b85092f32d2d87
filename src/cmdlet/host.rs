//! The outside of a session: where streams go and who answers questions. The REPL, `-c` and tests each have one.

use super::transcript::Transcripts;
use crate::env::file;
use crate::error::{Category, ErrorRecord};
use crate::value::Value;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::io;
use std::path::Path;
use std::rc::Rc;

/// Something written to a stream other than output.
#[derive(Clone, Debug)]
pub enum Message {
    /// A non-terminating error.
    Error(ErrorRecord),
    /// A warning.
    Warning(String),
    /// -Verbose.
    Verbose(String),
    /// -Debug.
    Debug(String),
    /// Information: Write-Host, "What if:".
    Information {
        /// The text.
        text: String,
        /// Write-Host -NoNewline.
        no_newline: bool,
        /// Colours by PowerShell's names.
        foreground: Option<String>,
        /// Colours by PowerShell's names.
        background: Option<String>,
    },
    /// Progress of something long.
    Progress(Progress),
}

/// How far something long has come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Tells activities apart.
    pub id: i64,
    /// What is done.
    pub activity: String,
    /// The present step.
    pub status: String,
    /// 0 to 100, if known.
    pub percent: Option<u8>,
    /// It is over.
    pub completed: bool,
}

/// One answer to a question.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Its label; `&` stands before the letter that chooses it.
    pub label: Cow<'static, str>,
    /// What it means.
    pub help: Cow<'static, str>,
}

impl Choice {
    /// A choice of ours.
    pub const fn new(label: &'static str, help: &'static str) -> Choice {
        Choice { label: Cow::Borrowed(label), help: Cow::Borrowed(help) }
    }
}

/// The error where something must be asked and nobody can answer. It ends the script where nobody catches it: a menu
/// would ask for ever.
pub fn nobody(id: &'static str, what: &str) -> ErrorRecord {
    ErrorRecord::new(id, Category::InvalidOperation, format!("There is nobody to ask for {what}."))
        .hint("Run it at a terminal, or hand the value over as a parameter of the script.")
        .stopping()
}

/// The outside of a session.
pub trait Host {
    /// An object that reached the end of the last pipeline.
    fn output(&self, value: Value);
    /// Something on another stream.
    fn message(&self, message: Message);
    /// Ends what `output` began (a table that is still open), before something else is printed or at the end.
    fn flush(&self) {}
    /// Columns of the terminal or of the paper.
    fn width(&self) -> usize {
        120
    }
    /// Whether what is printed reaches a terminal on which the cursor can be moved.
    fn redraws(&self) -> bool {
        false
    }
    /// Whether somebody can be asked.
    fn can_ask(&self) -> bool {
        false
    }
    /// Asks to choose; the number of the choice, or `None` where nobody answers.
    fn choose(&self, _caption: &str, _question: &str, _choices: &[Choice], _default: usize) -> Option<usize> {
        None
    }
    /// Asks for a line; hidden for secrets.
    fn read_line(&self, _prompt: &str, _hidden: bool) -> Option<String> {
        None
    }
    /// Empties the screen, where there is one.
    fn clear(&self) {}
    /// From now on writes what it shows into these transcripts too; `false` where it shows nothing.
    fn transcribes(&self, _transcripts: &Rc<Transcripts>) -> bool {
        false
    }
    /// Reads the file that a parameter names, where whoever gave the command keeps it: of at most `most` bytes.
    ///
    /// # Errors
    /// Those of the system; `FileTooLarge`.
    fn read_file(&self, _parameter: &str, path: &str, most: u64) -> io::Result<Vec<u8>> {
        file::read(Path::new(path), most)
    }
    /// Writes the file that a parameter names, where whoever gave the command keeps it.
    ///
    /// # Errors
    /// Those of the system.
    fn write_file(&self, _parameter: &str, path: &str, bytes: &[u8]) -> io::Result<()> {
        std::fs::write(path, bytes)
    }
    /// Tries whether the file that a parameter names could be written, and leaves what is there as it is.
    ///
    /// # Errors
    /// Those of the system.
    fn try_file(&self, _parameter: &str, path: &str) -> io::Result<()> {
        file::try_out(Path::new(path))
    }
}

/// An outside that somebody else looks at too.
impl<T: Host + ?Sized> Host for Rc<T> {
    fn output(&self, value: Value) {
        (**self).output(value);
    }

    fn message(&self, message: Message) {
        (**self).message(message);
    }

    fn flush(&self) {
        (**self).flush();
    }

    fn width(&self) -> usize {
        (**self).width()
    }

    fn redraws(&self) -> bool {
        (**self).redraws()
    }

    fn can_ask(&self) -> bool {
        (**self).can_ask()
    }

    fn choose(&self, caption: &str, question: &str, choices: &[Choice], default: usize) -> Option<usize> {
        (**self).choose(caption, question, choices, default)
    }

    fn read_line(&self, prompt: &str, hidden: bool) -> Option<String> {
        (**self).read_line(prompt, hidden)
    }

    fn clear(&self) {
        (**self).clear();
    }

    fn transcribes(&self, transcripts: &Rc<Transcripts>) -> bool {
        (**self).transcribes(transcripts)
    }

    fn read_file(&self, parameter: &str, path: &str, most: u64) -> io::Result<Vec<u8>> {
        (**self).read_file(parameter, path, most)
    }

    fn write_file(&self, parameter: &str, path: &str, bytes: &[u8]) -> io::Result<()> {
        (**self).write_file(parameter, path, bytes)
    }

    fn try_file(&self, parameter: &str, path: &str) -> io::Result<()> {
        (**self).try_file(parameter, path)
    }
}
