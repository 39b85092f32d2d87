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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::pin::Pin;
    use std::task::{Context, Poll};
    use tokio::io::ReadBuf;

    /// Gives its bytes in pieces of a length, with a pause before each.
    struct Pieces {
        bytes: Vec<u8>,
        at: usize,
        length: usize,
        paused: bool,
    }

    impl AsyncRead for Pieces {
        fn poll_read(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<std::io::Result<()>> {
            self.paused = !self.paused;
            if self.paused {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            let end = self.bytes.len().min(self.at + self.length.min(buffer.remaining()));
            buffer.put_slice(&self.bytes[self.at..end]);
            self.at = end;
            Poll::Ready(Ok(()))
        }
    }

    fn reader(bytes: Vec<u8>, length: usize) -> FrameReader<Pieces> {
        FrameReader::new(Pieces { bytes, at: 0, length, paused: false }, Ends::with("x"))
    }

    async fn written(frames: &[Frame]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut writer = FrameWriter::new(&mut bytes, Ends::with("x"));
        for frame in frames {
            writer.write(frame).await.unwrap();
        }
        bytes
    }

    fn run<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
    }

    fn frame(kind: u8, epoch: u64, head: usize, body: usize) -> Frame {
        Frame { kind, epoch, head: vec![b'h'; head].into(), body: vec![b'b'; body].into() }
    }

    /// Rule: what is written is read, whatever the sizes and however it is cut; a read that is dropped loses nothing.
    #[test]
    fn frames_come_back_as_they_were() {
        let all = [
            frame(0, 0, 0, 0),
            frame(255, u64::MAX, 3, 0),
            frame(1, 2, 0, 5),
            frame(1, 2, 300, TOGETHER),
            frame(9, 1 << 40, 1000, 300_000),
            frame(9, 1, LONGEST - COUNTED, 0),
            frame(9, 1, 10, LONGEST - COUNTED - 10),
        ];
        run(async {
            let bytes = written(&all).await;
            for length in [1000, 7777, usize::MAX] {
                let mut reader = reader(bytes.clone(), length);
                for frame in &all {
                    let read = loop {
                        // Each pause of the stream drops the read.
                        tokio::select! {
                            biased;
                            read = reader.read() => break read,
                            () = std::future::ready(()) => {}
                        }
                    };
                    assert!(read.unwrap().as_ref() == Some(frame));
                    assert_eq!(reader.rest.capacity(), 0, "a buffer is kept between frames");
                }
                assert!(reader.read().await.unwrap().is_none());
            }
        });
    }

    #[test]
    fn frames_out_of_bounds_are_refused() {
        let prefix = |length: u32, head: u32| {
            [&length.to_be_bytes()[..], &[1], &0u64.to_be_bytes(), &head.to_be_bytes(), &[0; 20]].concat()
        };
        for (bytes, id) in [
            (prefix(LONGEST as u32 + 1, 0), "FrameTooLarge"),
            (prefix(u32::MAX, 0), "FrameTooLarge"),
            (b"GET / HTTP/1.1".to_vec(), "FrameTooLarge"),
            (vec![0xff; 4], "FrameTooLarge"),
            (prefix(0, 0), "FrameInvalid"),
            (prefix(12, 0), "FrameInvalid"),
            (prefix(20, 8), "FrameInvalid"),
            (prefix(20, u32::MAX), "FrameInvalid"),
            (prefix(1000, 8), "FrameInvalid"),
            (vec![0], "FrameInvalid"),
            (vec![0, 0, 0, 20, 1, 2], "FrameInvalid"),
        ] {
            let error = run(async { reader(bytes.clone(), 3).read().await }).unwrap_err();
            assert_eq!(error.id(), id, "{bytes:?}");
        }
        run(async {
            let mut writer = FrameWriter::new(Vec::new(), Ends::with("x"));
            for large in [frame(1, 1, LONGEST, 0), frame(1, 1, 0, LONGEST), frame(1, 1, 2, LONGEST - COUNTED - 1)] {
                assert_eq!(writer.write(&large).await.unwrap_err().id(), "FrameTooLarge");
            }
            writer.write(&frame(1, 1, 1, 1)).await.unwrap();
        });
    }

    /// Rule: after a write that was cut off nothing more goes out on that stream.
    #[test]
    fn a_write_that_was_dropped_breaks_the_stream() {
        run(async {
            let (near, _far) = tokio::io::duplex(100);
            let mut writer = FrameWriter::new(near, Ends::with("x"));
            let large = frame(1, 1, 1, 1000);
            tokio::select! {
                biased;
                _ = writer.write(&large) => unreachable!("nobody reads"),
                () = std::future::ready(()) => {}
            }
            assert_eq!(writer.write(&frame(1, 1, 1, 1)).await.unwrap_err().id(), "FrameInvalid");
        });
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        /// Rule: no bytes make the reader panic or take memory beyond what arrived.
        #[test]
        fn garbage_ends_with_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            run(async {
                let mut reader = reader(bytes.clone(), 16);
                while let Ok(Some(_)) = reader.read().await {}
                assert!(reader.rest.capacity() <= STEP + bytes.len());
            });
        }
    }
}
