//! Frames of the replica stream: a kind, an epoch, a head and a raw body, none of which matters here.
//!
//! On the wire: length of what follows (u32), kind (u8), epoch (u64), length of the head (u32), head, body; numbers
//! big-endian.

use super::fault::Ends;
use crate::error::{Category, ErrorRecord};
use bytes::{BufMut, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Longest frame, in bytes, its length not counted: a package of 256 KiB with its announcement fits, and one frame
/// never takes more memory.
pub const LONGEST: usize = 1 << 20;
/// Bytes before head and body.
const PREFIX: usize = 17;
/// Bytes of kind, epoch and length of the head, which the length counts.
const COUNTED: usize = PREFIX - 4;
/// Memory that a frame's announced length alone makes a reader take, in bytes.
const STEP: usize = 64 * 1024;
/// Frames up to this length, in bytes, are copied together and written at once: as much as one TLS record holds.
const TOGETHER: usize = 16 * 1024;

/// One frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// What it is; the replication's business.
    pub kind: u8,
    /// The sender's epoch.
    pub epoch: u64,
    /// The message.
    pub head: Bytes,
    /// Raw bytes behind it.
    pub body: Bytes,
}

impl Frame {
    /// Bytes that follow its length on the wire.
    fn counted(&self) -> usize {
        COUNTED.saturating_add(self.head.len()).saturating_add(self.body.len())
    }

    /// Its prefix and head, as they travel.
    ///
    /// # Errors
    /// `FrameTooLarge`.
    fn front(&self) -> Result<BytesMut, ErrorRecord> {
        let counted = self.counted();
        let (Ok(length), Ok(head), true) = (u32::try_from(counted), u32::try_from(self.head.len()), counted <= LONGEST)
        else {
            return Err(too_large("to be sent", counted));
        };
        let together = if counted <= TOGETHER { self.body.len() } else { 0 };
        let mut front = BytesMut::with_capacity(PREFIX + self.head.len() + together);
        front.put_u32(length);
        front.put_u8(self.kind);
        front.put_u64(self.epoch);
        front.put_u32(head);
        front.put_slice(&self.head);
        Ok(front)
    }
}

/// Reads frames. Between frames it holds no buffer. Dropping a `read` that has not ended loses nothing: the next one
/// goes on where it was.
#[derive(Debug)]
pub struct FrameReader<R> {
    inner: R,
    ends: Ends,
    prefix: [u8; PREFIX],
    /// Bytes of the prefix that are there.
    filled: usize,
    /// Head and body so far.
    rest: BytesMut,
}

impl<R: AsyncRead + Unpin> FrameReader<R> {
    /// Reads from a stream; the ends are for messages.
    pub fn new(inner: R, ends: Ends) -> FrameReader<R> {
        FrameReader { inner, ends, prefix: [0; PREFIX], filled: 0, rest: BytesMut::new() }
    }

    /// The next frame; `None` where the stream has ended between two frames.
    ///
    /// # Errors
    /// `FrameTooLarge`, `FrameInvalid` (also for a stream that ends within a frame), and those of [`Ends::explain`].
    /// After one the stream is of no use.
    pub async fn read(&mut self) -> Result<Option<Frame>, ErrorRecord> {
        while let Some(open) = self.prefix.get_mut(self.filled..).filter(|open| !open.is_empty()) {
            match self.inner.read(open).await {
                Ok(0) if self.filled == 0 => return Ok(None),
                Ok(0) => return Err(invalid("the stream ended within a frame")),
                Ok(read) => self.filled += read,
                // Whoever ends without a TLS farewell between two frames has ended all the same.
                Err(error) => return Err(self.ends.explain(&error)),
            }
            // A length that is out of bounds is refused before anything else is read.
            self.expected()?;
        }
        let (expected, head) = self.expected()?;
        while self.rest.len() < expected {
            let missing = expected - self.rest.len();
            self.rest.reserve(missing.min(STEP));
            match (&mut self.inner).take(missing as u64).read_buf(&mut self.rest).await {
                Ok(0) => return Err(invalid("the stream ended within a frame")),
                Ok(_) => {}
                Err(error) => return Err(self.ends.explain(&error)),
            }
        }
        let mut rest = std::mem::take(&mut self.rest).freeze();
        self.filled = 0;
        let head = rest.split_to(head);
        let [_, _, _, _, kind, epoch @ .., _, _, _, _] = self.prefix;
        Ok(Some(Frame { kind, epoch: u64::from_be_bytes(epoch), head, body: rest }))
    }

    /// Length of head and body together, and of the head, as far as they are known.
    fn expected(&self) -> Result<(usize, usize), ErrorRecord> {
        if self.filled < 4 {
            return Ok((0, 0));
        }
        let [a, b, c, d, .., e, f, g, h] = self.prefix;
        let counted = u32::from_be_bytes([a, b, c, d]) as usize;
        if counted > LONGEST {
            return Err(too_large("that was received", counted));
        }
        let both = counted.checked_sub(COUNTED).ok_or_else(|| invalid("it is shorter than any frame"))?;
        if self.filled < PREFIX {
            return Ok((0, 0));
        }
        let head = u32::from_be_bytes([e, f, g, h]) as usize;
        if head > both { Err(invalid("its head is longer than itself")) } else { Ok((both, head)) }
    }

    /// The stream, to be split or ended.
    pub fn into_inner(self) -> R {
        self.inner
    }
}

/// Writes frames.
#[derive(Debug)]
pub struct FrameWriter<W> {
    inner: W,
    ends: Ends,
    /// A write was dropped in the midst of a frame.
    broken: bool,
}

impl<W: AsyncWrite + Unpin> FrameWriter<W> {
    /// Writes to a stream; the ends are for messages.
    pub fn new(inner: W, ends: Ends) -> FrameWriter<W> {
        FrameWriter { inner, ends, broken: false }
    }

    /// Writes one frame and hands it to the network. A large body is not copied, its bytes go to TLS as they are. A
    /// `write` that is dropped before its end breaks the stream.
    ///
    /// # Errors
    /// `FrameTooLarge`, after which the stream can be used; `FrameInvalid` where an earlier write was dropped, and those
    /// of [`Ends::explain`], after which it cannot.
    pub async fn write(&mut self, frame: &Frame) -> Result<(), ErrorRecord> {
        let mut front = frame.front()?;
        if self.broken {
            return Err(invalid("an earlier one was cut off"));
        }
        self.broken = true;
        let apart = if frame.counted() <= TOGETHER {
            front.put_slice(&frame.body);
            &[][..]
        } else {
            &frame.body
        };
        let written = async {
            self.inner.write_all(&front).await?;
            self.inner.write_all(apart).await?;
            self.inner.flush().await
        };
        written.await.map_err(|error| self.ends.explain(&error))?;
        self.broken = false;
        Ok(())
    }

    /// Ends the stream in order.
    ///
    /// # Errors
    /// Those of [`Ends::explain`].
    pub async fn finish(&mut self) -> Result<(), ErrorRecord> {
        self.inner.shutdown().await.map_err(|error| self.ends.explain(&error))
    }
}

fn too_large(which: &str, length: usize) -> ErrorRecord {
    let message = format!("A frame {which} has {length} bytes; {LONGEST} are allowed.");
    ErrorRecord::new("FrameTooLarge", Category::LimitsExceeded, message)
        .hint("See whether both ends run the same version of the program.")
}

fn invalid(why: &str) -> ErrorRecord {
    ErrorRecord::new("FrameInvalid", Category::InvalidData, format!("A frame cannot be read: {why}."))
        .hint("See whether both ends run the same version of the program; the connection is made anew.")
}
