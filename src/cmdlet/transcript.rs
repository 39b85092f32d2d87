//! Transcripts: what a session shows and what was typed, in files of the client.

use crate::env::file;
use crate::error::{Category, ErrorRecord};
use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

/// Most bytes of one transcript: a script that never ends must not fill the disk behind its user's back.
const LARGEST: u64 = file::LARGEST;

/// Most transcripts at a time; one more is a mistake in a loop.
const MOST: usize = 16;

/// One transcript.
struct Transcript {
    path: PathBuf,
    out: RefCell<BufWriter<File>>,
    left: Cell<u64>,
}

impl Transcript {
    fn write(&self, text: &str) {
        let left = self.left.get();
        if left == 0 {
            return;
        }
        let mut out = self.out.borrow_mut();
        let fits = u64::try_from(text.len()).is_ok_and(|length| length <= left);
        let written = match fits {
            true => out.write_all(text.as_bytes()),
            false => out.write_all(b"\nThe transcript is full.\n"),
        };
        // What is on the disk is what was shown, also where the program ends badly.
        let done = written.and_then(|()| out.flush());
        let rest = if fits && done.is_ok() { left - text.len() as u64 } else { 0 };
        self.left.set(rest);
    }
}

/// The transcripts of a session, the newest last.
#[derive(Default)]
pub struct Transcripts(RefCell<Vec<Transcript>>);

impl Transcripts {
    /// Whether none is open.
    pub fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// Begins one in a file that is open.
    ///
    /// # Errors
    /// `InvalidOperation` where too many are open.
    pub fn begin(&self, path: PathBuf, file: File) -> Result<(), ErrorRecord> {
        let mut open = self.0.borrow_mut();
        if open.len() >= MOST {
            let message = format!("{MOST} transcripts are open already.");
            return Err(ErrorRecord::new("InvalidOperation", Category::InvalidOperation, message)
                .hint("Stop-Transcript ends the newest."));
        }
        open.push(Transcript { path, out: RefCell::new(BufWriter::new(file)), left: Cell::new(LARGEST) });
        Ok(())
    }

    /// Writes a text into the newest alone.
    pub fn write_newest(&self, text: &str) {
        if let Some(newest) = self.0.borrow().last() {
            newest.write(text);
        }
    }

    /// Ends the newest with a text; its file. `None` if none is open.
    pub fn end(&self, text: &str) -> Option<io::Result<PathBuf>> {
        let transcript = self.0.borrow_mut().pop()?;
        transcript.write(text);
        let Transcript { path, out, .. } = transcript;
        Some(out.into_inner().into_inner().map_err(io::IntoInnerError::into_error).map(|_| path))
    }

    /// Writes what is shown into all of them, without the marks of a terminal.
    pub fn write(&self, text: &str) {
        let open = self.0.borrow();
        if open.is_empty() {
            return;
        }
        let plain = plain(text);
        open.iter().for_each(|transcript| transcript.write(&plain));
    }
}

/// A text without the marks of a terminal.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\u{1b}[") {
        out.push_str(&rest[..at]);
        let behind = &rest[at + 2..];
        // A mark ends in a letter.
        let end = behind.find(|c: char| c.is_ascii_alphabetic()).map_or(behind.len(), |end| end + 1);
        rest = &behind[end..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is shown gets into all that are open, as plain text, until one is ended.
    #[test]
    fn what_is_shown_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let transcripts = Transcripts::default();
        assert!(transcripts.is_empty() && transcripts.end("").is_none());
        let paths = ["a", "b"].map(|name| folder.path().join(name));
        for path in &paths {
            transcripts.begin(path.clone(), File::create(path).unwrap()).unwrap();
            transcripts.write("\u{1b}[31mred\u{1b}[0m\n");
        }
        assert_eq!(transcripts.end("end b\n").unwrap().unwrap(), paths[1]);
        transcripts.write("more\n");
        transcripts.end("end a\n").unwrap().unwrap();
        let read = |path: &PathBuf| std::fs::read_to_string(path).unwrap();
        assert_eq!(read(&paths[0]), "red\nred\nmore\nend a\n");
        assert_eq!(read(&paths[1]), "red\nend b\n");
    }

    /// A transcript that is full says so once.
    #[test]
    fn it_has_a_bound() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t");
        let out = RefCell::new(BufWriter::new(File::create(&path).unwrap()));
        let transcript = Transcript { path: path.clone(), out, left: Cell::new(5) };
        ["abc", "defg", "h"].iter().for_each(|text| transcript.write(text));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "abc\nThe transcript is full.\n");
    }
}
