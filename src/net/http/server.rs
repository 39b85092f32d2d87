//! The serving end of HTTP.

use super::body::Body;
use super::lines::Lines;
use super::{HEADERS, SEND_BUFFER, STREAM_WINDOW, STREAMS, fault};
use crate::error::{Category, ErrorRecord};
use crate::net::Pending;
use crate::net::fault::Ends;
use crate::net::peer::Peer;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper::{Method, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use serde::Serialize;
use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// Requests at the same time of somebody who has shown no certificate; the windows are as much smaller.
const GUEST_STREAMS: u32 = 4;
/// How long the connection of somebody who has shown no certificate may last.
const GUEST_TIME: Duration = Duration::from_secs(60);
/// How often a silent connection is asked whether it is still there.
const ASKED: Duration = Duration::from_secs(20);
/// How long it may take to answer that, and an HTTP/1 client to send its headers.
const ANSWERED: Duration = Duration::from_secs(20);
/// How long requests may go on once the server is to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// Who makes a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Somebody with a certificate.
    Peer(Peer),
    /// A user of this computer, by user id, as the kernel says.
    Local {
        /// User id.
        uid: u32,
        /// Group id.
        gid: u32,
    },
    /// Nobody known: a newcomer, or who looks at the monitoring port.
    Anonymous,
}

/// A request.
#[derive(Debug)]
pub struct Request {
    /// Its method.
    pub method: Method,
    /// Its path.
    pub path: String,
    /// What follows the path's question mark.
    pub query: Option<String>,
    /// Who makes it.
    pub caller: Caller,
    /// Its body.
    pub body: Lines,
}

/// The answer to a request.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// The media type of the body.
    pub kind: &'static str,
    /// Its body.
    pub body: Body,
}

impl Answer {
    /// A value as JSON.
    pub fn json<T: Serialize + ?Sized>(value: &T) -> Answer {
        match serde_json::to_vec(value) {
            Ok(bytes) => Answer { status: StatusCode::OK, kind: "application/json", body: Body::whole(bytes) },
            Err(error) => Answer::error(&ErrorRecord::new(
                "LineInvalid",
                Category::InvalidData,
                format!("The answer cannot be written: {error}."),
            )),
        }
    }

    /// A text.
    pub fn text(status: StatusCode, text: impl Into<String>) -> Answer {
        Answer { status, kind: "text/plain; charset=utf-8", body: Body::whole(text.into()) }
    }

    /// A stream of JSON lines.
    pub fn lines(body: Body) -> Answer {
        Answer { status: StatusCode::OK, kind: "application/x-ndjson", body }
    }

    /// A stream of bytes that are no text.
    pub fn bytes(body: Body) -> Answer {
        Answer { status: StatusCode::OK, kind: "application/octet-stream", body }
    }

    /// An error; the status follows from its category.
    pub fn error(error: &ErrorRecord) -> Answer {
        let status = match error.category() {
            Category::PermissionDenied | Category::SecurityError => StatusCode::FORBIDDEN,
            Category::ObjectNotFound => StatusCode::NOT_FOUND,
            Category::ResourceUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            Category::ResourceBusy | Category::ResourceExists => StatusCode::CONFLICT,
            Category::LimitsExceeded => StatusCode::PAYLOAD_TOO_LARGE,
            Category::InvalidArgument | Category::InvalidData | Category::InvalidOperation => StatusCode::BAD_REQUEST,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Answer { status, kind: "application/json", body: Body::whole(fault::to_json(error)) }
    }
}

/// Answers requests.
pub trait Service: Send + Sync + 'static {
    /// Answers one request. The future is dropped when the client goes away before the answer has begun; afterwards the
    /// body's [`super::LineSender::closed`] tells.
    fn call(&self, request: Request) -> Pending<Answer>;
}

/// Serves HTTP/2 on a stream (TLS, or a unix socket with prior knowledge) until the client ends it, or `stop` becomes
/// true or its sender is dropped: then requests under way are finished, for a few seconds.
pub async fn serve_connection<S>(
    stream: S,
    caller: Caller,
    ends: Ends,
    service: Arc<dyn Service>,
    mut stop: watch::Receiver<bool>,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let guest = caller == Caller::Anonymous;
    let streams = if guest { GUEST_STREAMS } else { STREAMS };
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(streams)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(streams * STREAM_WINDOW)
        .max_send_buf_size(SEND_BUFFER)
        .max_header_list_size(HEADERS)
        .keep_alive_interval(ASKED)
        .keep_alive_timeout(ANSWERED);
    let service = service_fn(move |request| answer(request, caller.clone(), ends.clone(), service.clone()));
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    // How it ended matters to nobody: each request has told its own caller.
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stop.wait_for(|stop| *stop) => {}
        () = sleep(GUEST_TIME), if guest => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = timeout(DRAIN, connection).await;
}

/// Serves plain HTTP/1, for monitoring; every caller is anonymous.
pub async fn serve_plain<S>(stream: S, ends: Ends, service: Arc<dyn Service>, mut stop: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(ANSWERED).max_buf_size(HEADERS as usize);
    let service = service_fn(move |request| answer(request, Caller::Anonymous, ends.clone(), service.clone()));
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stop.wait_for(|stop| *stop) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = timeout(DRAIN, connection).await;
}

async fn answer(
    request: hyper::Request<Incoming>,
    caller: Caller,
    ends: Ends,
    service: Arc<dyn Service>,
) -> Result<hyper::Response<Body>, Infallible> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_string();
    let query = parts.uri.query().map(str::to_string);
    let request = Request { method: parts.method, path, query, caller, body: Lines::new(body, ends) };
    let answer = service.call(request).await;
    let mut response = hyper::Response::new(answer.body);
    *response.status_mut() = answer.status;
    let kind = hyper::header::HeaderValue::from_static(answer.kind);
    response.headers_mut().insert(hyper::header::CONTENT_TYPE, kind);
    Ok(response)
}
