//! The lines of a file, read as they are asked for: however large the file is, one line of it lies in memory.

use super::encoding::{Encoding, encoding};
use super::file;
use crate::cmdlet::Bound;
use crate::env::bounds;
use crate::error::{Category, ErrorRecord};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Take};
use std::path::PathBuf;

/// Lines without their ends.
pub(crate) struct Lines {
    path: PathBuf,
    from: From,
}

enum From {
    /// A file in an encoding whose line ends are single bytes.
    File(BufReader<Take<File>>, Encoding),
    /// Another encoding, or no file: read as a whole.
    Whole(std::vec::IntoIter<String>),
}

impl Lines {
    /// Opens a file: its mark says the encoding, else -Encoding. What is added to it from now on is not read.
    ///
    /// # Errors
    /// `FileOpenFailure`.
    pub fn open(path: &str, bound: &Bound) -> Result<Lines, ErrorRecord> {
        let resolved = file::resolved(path)?;
        let failed = |problem: &io::Error| file::failed(&resolved, problem);
        let about = std::fs::metadata(&resolved).map_err(|problem| failed(&problem))?;
        let given = encoding(bound);
        if about.is_file() && given.ends_lines_in_a_byte() {
            let opened = File::open(&resolved).map_err(|problem| failed(&problem))?;
            let mut reader = BufReader::with_capacity(1 << 16, opened.take(about.len()));
            let start = reader.fill_buf().map_err(|problem| failed(&problem))?;
            let marked = |encoding: Encoding| start.starts_with(encoding.mark());
            let mark = [Encoding::Utf8Mark, Encoding::Utf16, Encoding::Utf16Big, Encoding::Utf32Big]
                .into_iter()
                .find(|e| marked(*e));
            if matches!(mark, None | Some(Encoding::Utf8Mark)) {
                reader.consume(mark.map_or(0, |mark| mark.mark().len()));
                return Ok(Lines { path: resolved, from: From::File(reader, mark.unwrap_or(given)) });
            }
        }
        let text = file::read(path, bound)?;
        let lines: Vec<String> = text.lines().map(str::to_string).collect();
        Ok(Lines { path: resolved, from: From::Whole(lines.into_iter()) })
    }

    fn read(&mut self) -> Result<Option<String>, ErrorRecord> {
        let (reader, encoding) = match &mut self.from {
            From::Whole(lines) => return Ok(lines.next()),
            From::File(reader, encoding) => (reader, *encoding),
        };
        let mut bytes = Vec::new();
        let most = bounds::LONGEST_TEXT as u64;
        let read = (&mut *reader).take(most + 1).read_until(b'\n', &mut bytes);
        read.map_err(|problem| file::failed(&self.path, &problem))?;
        if bytes.len() as u64 > most {
            let message = format!("A line of {} is longer than a string may be.", self.path.display());
            return Err(ErrorRecord::new("DataSizeExceeded", Category::LimitsExceeded, message));
        }
        if bytes.is_empty() {
            return Ok(None);
        }
        if bytes.pop_if(|last| *last == b'\n').is_some() {
            bytes.pop_if(|last| *last == b'\r');
        }
        Ok(Some(match encoding {
            Encoding::Utf8 | Encoding::Utf8Mark => {
                String::from_utf8(bytes).unwrap_or_else(|other| encoding.text(other.as_bytes()))
            }
            other => other.text(&bytes),
        }))
    }
}

impl Iterator for Lines {
    type Item = Result<String, ErrorRecord>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_of(bytes: &[u8]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        std::fs::write(&path, bytes).unwrap();
        Lines::open(path.to_str().unwrap(), &Bound::default()).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn lines_are_those_of_the_whole_text() {
        for text in ["", "\n", "a", "a\n", "a\r\nb\r\n\r\nc", "\u{feff}ä\n\u{1f600}\n", "a\rb\n", "a\n\n"] {
            let plain = text.trim_start_matches('\u{feff}');
            assert_eq!(lines_of(text.as_bytes()), plain.lines().collect::<Vec<_>>(), "{text:?}");
        }
        let wide: Vec<u8> = "\u{feff}a\nb".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(lines_of(&wide), ["a", "b"]);
        assert_eq!(lines_of(b"\xffa\nb"), ["\u{fffd}a", "b"]);
        // A mark is no text of the line behind it.
        assert_eq!(lines_of("a\n\u{feff}b".as_bytes()), ["a", "\u{feff}b"]);
    }
}
