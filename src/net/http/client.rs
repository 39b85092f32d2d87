//! The asking end of HTTP/2.

use super::body::Body;
use super::fault::{self, Noted};
use super::lines::Lines;
use super::pulse::Pulse;
use super::{CONNECTION_WINDOW, HEADERS, SEND_BUFFER, STREAM_WINDOW};
use crate::error::{Category, ErrorRecord};
use crate::net::counted::Wire;
use crate::net::dial::Connection;
use crate::net::fault::Ends;
use crate::net::peer::Peer;
use crate::net::unix;
use hyper::client::conn::http2::{self, SendRequest};
use hyper::{Method, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io;
use std::path::Path;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::oneshot;

/// How often a silent server is asked whether it is still there, while a request is under way.
const ASKED: Duration = Duration::from_secs(1);
/// How long a server may say nothing at all, not even that it is there: it is hung then, or cut off. Several times what a
/// busy one takes, and no longer than a person waits. A command that takes long is not meant: its server answers.
pub const SILENT: Duration = Duration::from_secs(5);
/// How long after the end of its connection a request may still learn its answer, or what became of it.
const LATE: Duration = Duration::from_secs(1);
/// How long the answer to one question whether it is there may be on its way, behind data that comes.
const ANSWERED: Duration = Duration::from_secs(120);

/// A connection to a server; many requests may be under way on it. It ends when this and all its responses are dropped.
#[derive(Debug)]
pub struct Channel {
    sender: SendRequest<Body>,
    ends: Ends,
    noted: Noted,
    pulse: Arc<Pulse>,
    peer: Option<Peer>,
    wire: Wire,
}

/// The answer to a request.
#[derive(Debug)]
pub struct Response {
    /// Its status.
    pub status: StatusCode,
    /// Its body.
    pub body: Lines,
}

impl Channel {
    /// Over a connection that was dialled ([`crate::net::Dialler::http`], [`crate::net::dial::join`]).
    ///
    /// # Errors
    /// Those of [`Ends::explain`].
    pub async fn over_tls(connection: Connection) -> Result<Channel, ErrorRecord> {
        let wire = connection.stream.get_ref().0.wire().clone();
        let channel = Channel::over(connection.stream, connection.ends, Some(connection.peer)).await?;
        Ok(Channel { wire, ..channel })
    }

    /// Over the unix socket of a server on this computer.
    ///
    /// # Errors
    /// `HostUnreachable` where no server listens there, and those of [`Ends::explain`].
    pub async fn over_unix(path: &Path) -> Result<Channel, ErrorRecord> {
        let (stream, ends) = unix::connect(path).await?;
        Channel::over(stream, ends, None).await
    }

    /// Over any stream.
    ///
    /// # Errors
    /// Those of [`Ends::explain`].
    pub async fn over<S>(stream: S, ends: Ends, peer: Option<Peer>) -> Result<Channel, ErrorRecord>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let noted = Noted::default();
        let pulse = Pulse::new();
        let (cut, end) = oneshot::channel();
        let stream = Watched { stream, ends: ends.clone(), noted: noted.clone(), pulse: pulse.clone(), end: Some(end) };
        let (sender, connection) = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_send_buf_size(SEND_BUFFER)
            .max_header_list_size(HEADERS)
            .keep_alive_interval(ASKED)
            .keep_alive_timeout(ANSWERED)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| noted.get().cloned().unwrap_or_else(|| fault::explain(&error, &ends)))?;
        // How the connection ends, each request on it learns by itself.
        let (heard, why, silent) = (pulse.clone(), noted.clone(), ends.silent(SILENT));
        tokio::spawn(async move {
            let mut connection = pin!(connection);
            tokio::select! {
                _ = &mut connection => {}
                () = heard.falls_silent(SILENT) => {
                    // The stream fails, and with it all that is under way on it. To drop the connection would not do:
                    // requests that wait for their answer keep its other half.
                    let _ = why.set(silent);
                    let _ = cut.send(());
                    let _ = connection.await;
                }
            }
            heard.end();
        });
        Ok(Channel { sender, ends, noted, pulse, peer, wire: Wire::default() })
    }

    /// The computer at the other end, over TLS.
    pub fn peer(&self) -> Option<&Peer> {
        self.peer.as_ref()
    }

    /// What passed the socket so far, over TLS; elsewhere nothing is counted.
    pub fn wire(&self) -> &Wire {
        &self.wire
    }

    /// Whether it has ended.
    pub fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    /// Ends when something was under way for so long and the server said nothing, not even that it is there; never for a
    /// server that only takes long. After [`SILENT`] the connection ends by itself.
    pub async fn falls_silent(&self, within: Duration) -> ErrorRecord {
        self.pulse.falls_silent(within).await;
        self.ends.silent(within)
    }

    /// Makes a request; the answer's body may be read while the request's body is still sent.
    ///
    /// # Errors
    /// Those of [`Ends::explain`]; an answer that is an error is an answer ([`Response::accepted`]).
    pub async fn request(&self, method: Method, path: &str, body: Body) -> Result<Response, ErrorRecord> {
        let request = hyper::Request::builder()
            .method(method)
            .uri(format!("https://reeve{path}"))
            .body(body)
            .map_err(|error| self.ends.record("RequestInvalid", &error.to_string(), "Look at the path."))?;
        let open = self.pulse.open();
        let mut sender = self.sender.clone();
        let response = tokio::select! {
            biased;
            answer = sender.send_request(request) => answer.map_err(|error| self.explain(&error))?,
            // A request that is handed over in the very moment in which the connection ends is never answered: its place
            // in the queue is emptied before it is there.
            () = self.pulse.is_over_for(LATE) => return Err(self.noted_or(|| self.ends.explain(&io::ErrorKind::ConnectionReset.into()))),
        };
        let status = response.status();
        let lines = Lines::of_answer(response.into_body(), self.ends.clone(), self.noted.clone(), open);
        Ok(Response { status, body: lines })
    }

    /// Asks for a value.
    ///
    /// # Errors
    /// Those of [`Channel::request`] and [`Response::accepted`].
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ErrorRecord> {
        self.request(Method::GET, path, Body::empty()).await?.accepted().await?.json().await
    }

    /// Sends a value and takes one.
    ///
    /// # Errors
    /// Those of [`Channel::request`] and [`Response::accepted`].
    pub async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        value: &(impl Serialize + ?Sized + Sync),
    ) -> Result<T, ErrorRecord> {
        let bytes = serde_json::to_vec(value)
            .map_err(|error| self.ends.record("RequestInvalid", &error.to_string(), "Look at the value."))?;
        self.request(Method::POST, path, Body::whole(bytes)).await?.accepted().await?.json().await
    }

    /// What an error of hyper means here: what the stream failed with, if that is known.
    fn explain(&self, error: &hyper::Error) -> ErrorRecord {
        self.noted_or(|| fault::explain(error, &self.ends))
    }

    fn noted_or(&self, otherwise: impl FnOnce() -> ErrorRecord) -> ErrorRecord {
        self.noted.get().cloned().unwrap_or_else(otherwise)
    }
}

impl Response {
    /// The body of an answer that is none of an error.
    ///
    /// # Errors
    /// The error that the server answered with; `RequestFailed` where it named none.
    pub async fn accepted(self) -> Result<Lines, ErrorRecord> {
        if self.status.is_success() {
            return Ok(self.body);
        }
        let status = self.status;
        let bytes = self.body.whole().await?;
        Err(fault::from_json(&bytes).unwrap_or_else(|| {
            let message = format!("The server answered with status {status}.");
            ErrorRecord::new("RequestFailed", Category::ResourceUnavailable, message)
                .hint("See whether both ends run the same version of the program, and the server's log.")
        }))
    }
}

/// A stream that notes the first error, and that fails when it is told to.
struct Watched<S> {
    stream: S,
    ends: Ends,
    noted: Noted,
    pulse: Arc<Pulse>,
    /// Says that it is to fail; `None` once it did, or where nobody will say so any more.
    end: Option<oneshot::Receiver<()>>,
}

impl<S> Watched<S> {
    fn note<T>(&self, result: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if let Poll::Ready(Err(error)) = &result {
            let _ = self.noted.set(self.ends.explain(error));
        }
        result
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Some(end) = &mut self.end
            && let Poll::Ready(said) = Pin::new(end).poll(context)
        {
            self.end = None;
            if said.is_ok() {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
        }
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.pulse.beat();
        }
        self.note(result)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.note(result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.note(result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.stream).poll_flush(context);
        self.note(result)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.stream).poll_shutdown(context);
        self.note(result)
    }
}
