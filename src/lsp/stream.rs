//! Messages over standard input and output. What is none is answered so, and the next one is read: an editor's mistake
//! ends no session.

use lsp_server::{Connection, Message};
use std::io::{self, BufRead, Read, Write, stdin, stdout};
use std::thread::{self, JoinHandle};

/// Largest message, in bytes: several times the largest text that is checked.
const LARGEST: u64 = 64 << 20;

/// Longest line of a head, in bytes: the protocol's have a few dozen.
const LONGEST_LINE: u64 = 4 << 10;

/// Codes of JSON-RPC: no JSON, and JSON that is no message.
const NO_JSON: i32 = -32700;
const NO_MESSAGE: i32 = -32600;

/// The threads that read and write.
pub(super) struct Threads {
    reader: JoinHandle<io::Result<()>>,
    writer: JoinHandle<io::Result<()>>,
}

impl Threads {
    /// Waits for both.
    ///
    /// # Errors
    /// A stream that broke.
    pub fn join(self) -> io::Result<()> {
        let over =
            |thread: JoinHandle<io::Result<()>>| thread.join().unwrap_or_else(|_| Err(io::Error::other("it broke")));
        over(self.reader)?;
        over(self.writer)
    }
}

/// A connection to who holds the other ends of standard input and output.
///
/// # Errors
/// No thread can be made.
pub(super) fn stdio() -> io::Result<(Connection, Threads)> {
    let (ours, theirs) = Connection::memory();
    let Connection { sender, receiver } = theirs;
    let writer = thread::Builder::new()
        .name("lsp-writer".into())
        .spawn(move || receiver.into_iter().try_for_each(|message| message.write(&mut stdout().lock())))?;
    let reader = thread::Builder::new().name("lsp-reader".into()).spawn(move || {
        let mut from = stdin().lock();
        while let Some(next) = read(&mut from)? {
            match next {
                Ok(message) => {
                    let is_last = matches!(&message, Message::Notification(told) if told.method == "exit");
                    // Nobody listens any more.
                    if sender.send(message).is_err() || is_last {
                        break;
                    }
                }
                Err((code, why)) => refuse(&mut stdout().lock(), code, &why)?,
            }
        }
        Ok(())
    })?;
    Ok((ours, Threads { reader, writer }))
}

/// The next message, or what is wrong with what stands in its place; `None` at the end of the stream.
fn read(from: &mut impl BufRead) -> io::Result<Option<Result<Message, (i32, String)>>> {
    let mut length: Option<u64> = None;
    loop {
        let mut line = Vec::new();
        if from.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim();
        match (line.split_once(':'), length) {
            (Some((name, value)), _) if name.trim().eq_ignore_ascii_case("Content-Length") => {
                length = value.trim().parse().ok();
            }
            (None, Some(length)) if line.is_empty() => return body(from, length).map(Some),
            (None, None) if !line.is_empty() => {
                return Ok(Some(Err((NO_JSON, "A message begins with Content-Length.".to_string()))));
            }
            _ => {}
        }
    }
}

fn body(from: &mut impl BufRead, length: u64) -> io::Result<Result<Message, (i32, String)>> {
    if length > LARGEST {
        io::copy(&mut from.take(length), &mut io::sink())?;
        return Ok(Err((NO_MESSAGE, format!("A message has at most {LARGEST} bytes."))));
    }
    let mut text = Vec::new();
    from.take(length).read_to_end(&mut text)?;
    Ok(match serde_json::from_slice::<serde_json::Value>(&text) {
        Err(error) => Err((NO_JSON, format!("It is no JSON: {error}"))),
        Ok(json) => serde_json::from_value(json).map_err(|_| (NO_MESSAGE, "It is no message.".to_string())),
    })
}

/// Answers what is no message, and so has no number.
fn refuse(to: &mut impl Write, code: i32, why: &str) -> io::Result<()> {
    let answer = serde_json::json!({"jsonrpc": "2.0", "id": null, "error": {"code": code, "message": why}}).to_string();
    write!(to, "Content-Length: {}\r\n\r\n{answer}", answer.len())?;
    to.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rule: what is no message is said to be none, and the one behind it is read.
    #[test]
    fn mistakes_end_nothing() {
        let frame = |text: &str| format!("Content-Length: {}\r\nX-Other: 1\r\n\r\n{text}", text.len());
        let good = r#"{"jsonrpc":"2.0","method":"initialized","params":{}}"#;
        for (bad, code) in [
            (frame("{nothing"), NO_JSON),
            (frame("[1]"), NO_MESSAGE),
            (frame(""), NO_JSON),
            ("some text\r\n".to_string(), NO_JSON),
        ] {
            let text = format!("{bad}{}", frame(good));
            let mut from = text.as_bytes();
            assert!(matches!(read(&mut from), Ok(Some(Err((given, _)))) if given == code), "{bad}");
            assert!(matches!(read(&mut from), Ok(Some(Ok(Message::Notification(_))))), "{bad}");
            assert!(matches!(read(&mut from), Ok(None)), "{bad}");
        }
    }
}
