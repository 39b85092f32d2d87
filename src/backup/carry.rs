//! Carries the messages of a file synchronisation over the bodies of one HTTP/2 request, both ways at once.
//!
//! A message is a frame: its length, 4 bytes, the highest first, then its bytes. The ends read disks and wait for them, so
//! each runs on a thread of its own; the task beside it only moves frames. Whoever drops the task ends the thread too: at
//! its next message, and what it made durable until then stays.

use super::files::message::LARGEST_MESSAGE;
use super::files::{End, Report, drive, refusal};
use crate::error::{Category, ErrorRecord};
use crate::net::http::{LineSender, Lines};
use bytes::{Buf, BufMut, Bytes, BytesMut};
use std::future::pending;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Messages that wait between a thread and its connection, each way: the thread works while they travel.
const WAITING: usize = 4;
/// How long the other end may say nothing: longer than it takes to look at a large tree on a slow disk.
const SILENCE: Duration = Duration::from_secs(30 * 60);
/// How long the other end may take to end its side when all is said.
const GOODBYE: Duration = Duration::from_secs(10);
/// Bytes of a frame's head.
const HEAD: usize = 4;

/// What an end says when it is over, beside the synchronisation itself: a frame of its own, of what the other end cannot
/// see. `None` says nothing.
pub type Farewell = fn(&Report) -> Option<Bytes>;

/// What came of a synchronisation.
#[derive(Debug)]
pub struct Carried {
    /// What this end did.
    pub report: Report,
    /// What the other end said in the end.
    pub farewell: Option<Bytes>,
}

/// Drives an end, which `make` makes on the thread where it then runs, until it is finished. `told` hears how many bytes
/// have come, now and then, on that thread.
///
/// # Errors
/// Those of `make` and of the end, of which the other end is told; `FileSyncProtocol` for frames that are none;
/// `ConnectionLost`, `FileSyncSilent`.
pub async fn carry<E: End>(
    make: impl FnOnce() -> Result<E, ErrorRecord> + Send + 'static,
    to: LineSender,
    from: Lines,
    told: impl FnMut(u64) + Send + 'static,
    farewell: Farewell,
) -> Result<Carried, ErrorRecord> {
    let (out, mut outgoing) = mpsc::channel::<Bytes>(WAITING);
    let (incoming, received) = mpsc::channel::<Result<Bytes, ErrorRecord>>(WAITING);
    let work = tokio::task::spawn_blocking(move || run(make, out, received, told, farewell));
    let mut frames = Frames::new(from);
    let writing = async {
        while let Some(message) = outgoing.recv().await {
            to.send_line(framed(&message)).await?;
        }
        to.finish().await
    };
    let mut late = None;
    let reading = async {
        loop {
            let next = frames.next().await;
            let last = !matches!(next, Ok(Some(_)));
            let handed = match next.transpose() {
                Some(message) => match incoming.send(message).await {
                    Ok(()) => true,
                    // The thread is done: this is what the other end says in the end.
                    Err(mpsc::error::SendError(message)) => {
                        late = message.ok();
                        false
                    }
                },
                None => false,
            };
            if last || !handed {
                break;
            }
        }
        drop(incoming);
        // What the thread still says goes out.
        pending::<()>().await;
    };
    let written = tokio::select! {
        written = writing => written,
        () = reading => Ok(()),
    };
    // Nobody reads for it any more: it ends now, if it has not.
    drop(outgoing);
    let done = work.await.unwrap_or_else(|_| Err(broken()));
    let (report, mut received) = done?;
    written?;
    late = received.try_recv().ok().and_then(Result::ok).or(late);
    // An end that goes before the other has read everything may take that away from it.
    let rest = async {
        while let Ok(Some(frame)) = frames.next().await {
            late = late.take().or(Some(frame));
        }
    };
    let _ = timeout(GOODBYE, rest).await;
    Ok(Carried { report, farewell: late })
}

/// What runs on the thread.
fn run<E: End>(
    make: impl FnOnce() -> Result<E, ErrorRecord>,
    out: mpsc::Sender<Bytes>,
    mut received: mpsc::Receiver<Result<Bytes, ErrorRecord>>,
    mut told: impl FnMut(u64),
    farewell: Farewell,
) -> Result<(Report, mpsc::Receiver<Result<Bytes, ErrorRecord>>), ErrorRecord> {
    let send = |message: Bytes| out.blocking_send(message).map_err(|_| lost());
    let mut end = match make() {
        Ok(end) => end,
        Err(error) => {
            // The other end may have gone; the error is what counts.
            let _ = send(refusal(&error));
            return Err(error);
        }
    };
    let mut bytes = 0;
    let receive = || {
        let message = received.blocking_recv().unwrap_or_else(|| Err(lost()))?;
        bytes += (message.len() + HEAD) as u64;
        told(bytes);
        Ok(message)
    };
    let report = drive(&mut end, send, receive)?;
    if let Some(words) = farewell(&report).filter(|words| !words.is_empty() && words.len() <= LARGEST_MESSAGE) {
        out.blocking_send(words).map_err(|_| lost())?;
    }
    Ok((report, received))
}

fn framed(message: &Bytes) -> Bytes {
    let mut frame = BytesMut::with_capacity(HEAD + message.len());
    // A message has at most LARGEST_MESSAGE bytes.
    frame.put_u32(u32::try_from(message.len()).unwrap_or(u32::MAX));
    frame.extend_from_slice(message);
    frame.freeze()
}

/// The frames of a body.
struct Frames {
    body: Lines,
    held: BytesMut,
}

impl Frames {
    fn new(body: Lines) -> Frames {
        Frames { body, held: BytesMut::new() }
    }

    /// The next frame; `None` at the end.
    async fn next(&mut self) -> Result<Option<Bytes>, ErrorRecord> {
        loop {
            if let Some(frame) = cut(&mut self.held)? {
                return Ok(Some(frame));
            }
            match timeout(SILENCE, self.body.data()).await.map_err(|_| silent())?? {
                Some(data) => self.held.extend_from_slice(&data),
                None if self.held.is_empty() => return Ok(None),
                None => return Err(lost()),
            }
        }
    }
}

/// The first frame of what has come, if it is whole.
fn cut(held: &mut BytesMut) -> Result<Option<Bytes>, ErrorRecord> {
    let Some(head) = held.first_chunk::<HEAD>() else { return Ok(None) };
    let length = usize::try_from(u32::from_be_bytes(*head)).unwrap_or(usize::MAX);
    if length == 0 || length > LARGEST_MESSAGE {
        let message = format!("A frame of {length} bytes came; one has 1 to {LARGEST_MESSAGE}.");
        return Err(ErrorRecord::new("FileSyncProtocol", Category::InvalidData, message)
            .hint("See whether both ends run the same version of the program."));
    }
    if held.len() < HEAD + length {
        return Ok(None);
    }
    held.advance(HEAD);
    Ok(Some(held.split_to(length).freeze()))
}

fn lost() -> ErrorRecord {
    let message = "The connection ended in the middle of the file synchronisation.";
    ErrorRecord::new("ConnectionLost", Category::ResourceUnavailable, message)
        .hint("What was completed stays; the next synchronisation goes on from there.")
}

fn silent() -> ErrorRecord {
    let message = format!("The other end of the file synchronisation said nothing for {} s.", SILENCE.as_secs());
    ErrorRecord::new("FileSyncSilent", Category::OperationTimeout, message)
        .hint("See the log of the other computer, and its disk; the next synchronisation goes on from what is durable.")
}

fn broken() -> ErrorRecord {
    let message = "The file synchronisation broke off by a mistake in the program.";
    ErrorRecord::new("FileSyncBroken", Category::NotSpecified, message).hint("See the server's log.")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rule: frames come back however they are cut; what announces nothing, or more than there may be, is refused unread.
    #[test]
    fn frames_come_back() {
        let messages = [&b"x"[..], &[7; 300], &[0; 4]];
        let bytes: Vec<u8> = messages.iter().flat_map(|m| framed(&Bytes::copy_from_slice(m)).to_vec()).collect();
        for step in [1, 3, 5, 400] {
            let (mut held, mut found) = (BytesMut::new(), Vec::new());
            for piece in bytes.chunks(step) {
                held.extend_from_slice(piece);
                while let Some(frame) = cut(&mut held).unwrap() {
                    found.push(frame.to_vec());
                }
            }
            assert_eq!(found, messages);
            assert!(held.is_empty());
        }
        for head in [0u32, LARGEST_MESSAGE as u32 + 1, u32::MAX] {
            let mut held = BytesMut::from(&head.to_be_bytes()[..]);
            assert_eq!(cut(&mut held).unwrap_err().id(), "FileSyncProtocol");
        }
    }
}
