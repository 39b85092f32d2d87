//! What is sent: a whole text, or lines as they arise.

use crate::error::{Category, ErrorRecord};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use serde::Serialize;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// Pieces that wait between the sender of lines and the connection.
const WAITING: usize = 4;
/// Longest piece in bytes; with the number of pieces it bounds what waits to 256 KiB.
const PIECE: usize = 64 << 10;

/// The body of a request or an answer that is sent.
#[derive(Debug)]
pub struct Body(Inner);

#[derive(Debug)]
enum Inner {
    Whole(Bytes),
    Lines(mpsc::Receiver<Piece>),
    Ended,
}

/// What goes from the sender of lines to the connection.
#[derive(Debug)]
enum Piece {
    Data(Bytes),
    /// All was sent. A sender that is dropped without it resets the stream.
    End,
}

impl Body {
    /// Nothing.
    pub fn empty() -> Body {
        Body(Inner::Ended)
    }

    /// Bytes that are there already.
    pub fn whole(bytes: impl Into<Bytes>) -> Body {
        Body(Inner::Whole(bytes.into()))
    }

    /// Lines, as they are sent.
    pub fn lines() -> (LineSender, Body) {
        let (sender, receiver) = mpsc::channel(WAITING);
        (LineSender { sender }, Body(Inner::Lines(receiver)))
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let (next, ended) = match &mut self.0 {
            Inner::Ended => (None, true),
            Inner::Whole(bytes) if bytes.is_empty() => (None, true),
            Inner::Whole(bytes) => (Some(Ok(std::mem::take(bytes))), true),
            Inner::Lines(receiver) => match receiver.poll_recv(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Piece::Data(bytes))) => (Some(Ok(bytes)), false),
                Poll::Ready(Some(Piece::End)) => (None, true),
                Poll::Ready(None) => (Some(Err(io::Error::other("the sender went away"))), true),
            },
        };
        if ended {
            self.0 = Inner::Ended;
        }
        Poll::Ready(next.map(|next| next.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Inner::Ended => true,
            Inner::Whole(bytes) => bytes.is_empty(),
            Inner::Lines(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Inner::Ended => SizeHint::with_exact(0),
            Inner::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Inner::Lines(_) => SizeHint::default(),
        }
    }
}

/// Sends lines. It waits while the other end does not take them. Dropped without [`LineSender::finish`], it resets the
/// stream: an end that is not meant must not look like one that is.
#[derive(Debug)]
pub struct LineSender {
    sender: mpsc::Sender<Piece>,
}

impl LineSender {
    /// Sends a value as one line of JSON.
    ///
    /// # Errors
    /// `ConnectionLost` where the other end has gone; `LineTooLong`.
    pub async fn send<T: Serialize + ?Sized>(&self, value: &T) -> Result<(), ErrorRecord> {
        self.send_line(line(value)?).await
    }

    /// Sends a line that is JSON already, with its newline.
    ///
    /// # Errors
    /// Those of [`LineSender::send`].
    pub async fn send_line(&self, line: Bytes) -> Result<(), ErrorRecord> {
        for piece in pieces(line)? {
            self.sender.send(Piece::Data(piece)).await.map_err(|_| gone())?;
        }
        Ok(())
    }

    /// Sends a value from a thread that may wait; never from a task.
    ///
    /// # Errors
    /// Those of [`LineSender::send`].
    pub fn send_blocking<T: Serialize + ?Sized>(&self, value: &T) -> Result<(), ErrorRecord> {
        for piece in pieces(line(value)?)? {
            self.sender.blocking_send(Piece::Data(piece)).map_err(|_| gone())?;
        }
        Ok(())
    }

    /// Sends bytes that are no line, from a thread that may wait.
    ///
    /// # Errors
    /// Those of [`LineSender::send`].
    pub fn send_bytes_blocking(&self, bytes: Bytes) -> Result<(), ErrorRecord> {
        for piece in pieces(bytes)? {
            self.sender.blocking_send(Piece::Data(piece)).map_err(|_| gone())?;
        }
        Ok(())
    }

    /// Ends the body in order.
    ///
    /// # Errors
    /// `ConnectionLost` where the other end has gone.
    pub async fn finish(self) -> Result<(), ErrorRecord> {
        self.sender.send(Piece::End).await.map_err(|_| gone())
    }

    /// Ends the body in order, from a thread that may wait.
    ///
    /// # Errors
    /// `ConnectionLost` where the other end has gone.
    pub fn finish_blocking(self) -> Result<(), ErrorRecord> {
        self.sender.blocking_send(Piece::End).map_err(|_| gone())
    }

    /// Waits until the other end has gone: the stream was reset or the connection ended.
    pub async fn closed(&self) {
        self.sender.closed().await;
    }

    /// Whether the other end has gone.
    pub fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }
}

/// A value as a line.
fn line<T: Serialize + ?Sized>(value: &T) -> Result<Bytes, ErrorRecord> {
    let mut line = serde_json::to_vec(value).map_err(|error| {
        ErrorRecord::new("LineInvalid", Category::InvalidData, format!("A message cannot be written: {error}."))
    })?;
    line.push(b'\n');
    Ok(line.into())
}

fn pieces(mut line: Bytes) -> Result<impl Iterator<Item = Bytes>, ErrorRecord> {
    if line.len() > super::LONGEST_LINE {
        return Err(super::lines::too_long());
    }
    Ok(std::iter::from_fn(move || {
        let piece = line.split_to(line.len().min(PIECE));
        (!piece.is_empty()).then_some(piece)
    }))
}

fn gone() -> ErrorRecord {
    ErrorRecord::new("ConnectionLost", Category::ResourceUnavailable, "The other end of the connection has gone.")
        .hint("See whether its server runs.")
}
