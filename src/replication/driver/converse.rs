//! A connection at the master: one task, which reads and writes at the same time and holds no buffer while it is idle.

use super::hub::{Chunk, Inner, Out};
use crate::error::ErrorRecord;
use crate::net::{Ends, Frame, FrameReader, FrameWriter};
use crate::replication::coding;
use crate::replication::master::{ConnectionId, Event};
use crate::replication::message::ToReplica;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadHalf, WriteHalf};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// A stream of bytes.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Stream for S {}

/// How long a message may take to be written: 256 KiB over the slowest line that is of use.
const WRITE: Duration = Duration::from_secs(60);
/// How long the other end may take to read a farewell.
const LINGER: Duration = Duration::from_secs(2);

/// Serves a connection until it ends.
pub(super) fn converse<S: Stream>(
    inner: Arc<Inner>,
    connection: ConnectionId,
    stream: S,
    ends: Ends,
    mut out: mpsc::Receiver<Out>,
) -> impl Future<Output = ()> + Send {
    let (reader, writer) = tokio::io::split(stream);
    let mut reader = FrameReader::new(reader, ends.clone());
    let mut writer = FrameWriter::new(writer, ends);
    async move {
        let ended = exchange(&inner, connection, &mut reader, &mut writer, &mut out).await;
        // On the heap, because it is seldom: see `exchange`.
        Box::pin(part(inner, connection, reader, writer, ended)).await;
    }
}

/// Parts from the other end, in order.
async fn part<S: Stream>(
    inner: Arc<Inner>,
    connection: ConnectionId,
    reader: FrameReader<ReadHalf<S>>,
    mut writer: FrameWriter<WriteHalf<S>>,
    ended: Result<(), ErrorRecord>,
) {
    let error = match ended {
        Ok(()) => None,
        Err(error) => {
            // What the other end did wrong it is told; where the line itself is broken this fails as well.
            let farewell = ToReplica::Farewell { id: error.id().to_owned(), message: error.message().to_owned() };
            if let Ok(frame) = coding::to_replica(inner.epoch(), &farewell) {
                let _ = timeout(LINGER, writer.write(&frame)).await;
            }
            Some((error.id().to_owned(), error.message().to_owned()))
        }
    };
    inner.step(Event::Closed { connection, error });
    drop(inner);
    linger(writer, reader).await;
}

async fn linger<S: Stream>(mut writer: FrameWriter<WriteHalf<S>>, reader: FrameReader<ReadHalf<S>>) {
    let _ = timeout(LINGER, async {
        let _ = writer.finish().await;
        // Closing with something unread would take the farewell along.
        let mut rest = reader.into_inner();
        let mut buffer = [0; 512];
        while rest.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
    })
    .await;
}

/// Says farewell to a replica that is not served here, and why.
pub async fn farewell<S: Stream>(stream: S, ends: Ends, epoch: u64, id: &str, message: &str) {
    let farewell = ToReplica::Farewell { id: id.to_owned(), message: message.to_owned() };
    let Ok(frame) = coding::to_replica(epoch, &farewell) else { return };
    let (reader, writer) = tokio::io::split(stream);
    let reader = FrameReader::new(reader, ends.clone());
    let mut writer = FrameWriter::new(writer, ends);
    // Whoever does not listen learns it at the next attempt.
    let _ = timeout(LINGER, writer.write(&frame)).await;
    linger(writer, reader).await;
}

async fn exchange<S: Stream>(
    inner: &Arc<Inner>,
    connection: ConnectionId,
    reader: &mut FrameReader<ReadHalf<S>>,
    writer: &mut FrameWriter<WriteHalf<S>>,
    out: &mut mpsc::Receiver<Out>,
) -> Result<(), ErrorRecord> {
    loop {
        let next = tokio::select! {
            frame = reader.read() => match frame? {
                Some(frame) => {
                    received(inner, connection, &frame)?;
                    continue;
                }
                None => return Ok(()),
            },
            next = out.recv() => next,
        };
        match next {
            // On the heap, because it is large and seldom: an idle connection's task stays small.
            Some(next) => Box::pin(write(inner, connection, reader, writer, next)).await?,
            None => return Ok(()),
        }
    }
}

fn received(inner: &Inner, connection: ConnectionId, frame: &Frame) -> Result<(), ErrorRecord> {
    let message = coding::from_replica(frame)?;
    inner.step(Event::Received { connection, epoch: frame.epoch, message });
    Ok(())
}

/// Writes, and reads meanwhile.
async fn write<S: Stream>(
    inner: &Arc<Inner>,
    connection: ConnectionId,
    reader: &mut FrameReader<ReadHalf<S>>,
    writer: &mut FrameWriter<WriteHalf<S>>,
    out: Out,
) -> Result<(), ErrorRecord> {
    let (frame, chunks) = match out {
        Out::Frame(frame) => (frame, 0),
        Out::Chunk(chunk) => {
            let package = chunk.package.announce().package;
            match read(*chunk).await {
                Ok(frame) => (Arc::new(frame), 1),
                Err(error) => {
                    tracing::warn!(error = error.message(), "a package could not be read");
                    inner.step(Event::Lost { package, connection });
                    return Ok(());
                }
            }
        }
    };
    let mut writing = std::pin::pin!(timeout(WRITE, writer.write(&frame)));
    loop {
        tokio::select! {
            written = &mut writing => {
                written.map_err(|_| silent())??;
                if chunks > 0 {
                    inner.step(Event::Sent { connection, chunks });
                }
                return Ok(());
            }
            frame = reader.read() => match frame? {
                Some(frame) => received(inner, connection, &frame)?,
                None => return Ok(()),
            },
        }
    }
}

/// A piece of a package as a frame.
async fn read(chunk: Chunk) -> Result<Frame, ErrorRecord> {
    let is_in_memory = chunk.package.in_memory().is_some();
    let frame = move || {
        let bytes = chunk.package.read(chunk.offset, chunk.length)?;
        let package = chunk.package.announce().package;
        coding::to_replica(chunk.epoch, &ToReplica::Chunk { package, offset: chunk.offset, bytes })
    };
    // From memory it is a slice; a disk may let wait.
    if is_in_memory {
        return frame();
    }
    match tokio::task::spawn_blocking(frame).await {
        Ok(frame) => frame,
        Err(error) => Err(ErrorRecord::new("PackageUnreadable", crate::error::Category::ReadError, error.to_string())
            .hint("The package is made anew.")),
    }
}

fn silent() -> ErrorRecord {
    let message = format!("A message could not be written for {} s.", WRITE.as_secs());
    ErrorRecord::new("ReplicaSilent", crate::error::Category::OperationTimeout, message)
        .hint("See whether the computer and the line to it are well.")
}
