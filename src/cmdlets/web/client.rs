//! One request and its answer, over HTTP/1.1, with redirections.
//!
//! It runs on the thread of the session, on a runtime of its own that lives as long as the request: a script asks for one
//! thing after the other, and Ctrl-C drops whatever is under way.

use super::address::Address;
use super::cookies::Jar;
use super::tls;
use crate::cmdlet::Session;
use crate::error::{Category, ErrorRecord, Halt};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::ext::ReasonPhrase;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, LOCATION};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use std::future::Future;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// How often it is looked whether Ctrl-C was pressed: far below what people notice.
const LOOK: Duration = Duration::from_millis(25);

/// Largest answer that is taken into memory, in bytes: no more than a string may have. A file may be larger.
const LARGEST: usize = 256 << 20;

/// What is asked.
#[derive(Clone)]
pub(super) struct Ask {
    pub method: Method,
    pub address: Address,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// How it is asked.
#[derive(Clone, Copy)]
pub(super) struct How {
    /// Until the answer begins; `None` is for ever.
    pub begins_within: Option<Duration>,
    /// Between two pieces of it.
    pub goes_on_within: Option<Duration>,
    pub redirections: usize,
    /// From https to http too.
    pub insecure_redirect: bool,
    /// The authorization goes to another host, too.
    pub keep_authorization: bool,
    pub unchecked: bool,
}

/// An answer.
pub(super) struct Answer {
    pub status: StatusCode,
    pub reason: String,
    pub headers: HeaderMap,
    /// Empty where it went elsewhere.
    pub body: Vec<u8>,
    /// How many bytes the body had.
    pub length: u64,
    /// Where it came from in the end.
    pub address: Address,
}

/// Takes a body piece by piece.
pub(super) type Taker<'a> = &'a mut dyn FnMut(&[u8]) -> Result<(), ErrorRecord>;

/// Asks, and follows where the answer leads. The body of a success goes to `take`, if there is one.
///
/// # Errors
/// `WebCmdletWebResponseException` where there is no answer; `ConnectionTimeoutReached`, `OperationTimeoutReached`;
/// `InsecureRedirection`; Ctrl-C.
pub(super) fn send(session: &Session, ask: Ask, how: How, jar: &Jar, take: Option<Taker>) -> Result<Answer, Halt> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|problem| unanswered(&ask.address, &problem))?;
    let result = runtime.block_on(async {
        tokio::select! {
            answer = follow(ask, how, jar, take) => answer.map_err(Halt::Error),
            halt = interrupted(session) => Err(halt),
        }
    });
    // A look-up of a name that is under way is not waited for.
    runtime.shutdown_background();
    result
}

async fn interrupted(session: &Session) -> Halt {
    loop {
        if let Err(halt) = session.check_interrupt() {
            return halt;
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn follow(mut ask: Ask, how: How, jar: &Jar, mut take: Option<Taker<'_>>) -> Result<Answer, ErrorRecord> {
    let mut left = how.redirections;
    loop {
        jar.add(&ask.address, &mut ask.headers);
        let began = within(how.begins_within, begin(&ask, how)).await;
        let answer = began.ok_or_else(|| too_slow("ConnectionTimeoutReached", &ask.address, how.begins_within))??;
        jar.take(&ask.address, answer.headers());
        let next = location(&answer).filter(|_| left > 0);
        let Some(next) = next else { return whole(answer, ask.address, how, take.as_mut()).await };
        left -= 1;
        let to = ask.address.follow(&next)?;
        if ask.address.secure && !to.secure && !how.insecure_redirect {
            let message = format!("{} leads from https to http.", ask.address.authority);
            return Err(ErrorRecord::new("InsecureRedirection", Category::InvalidOperation, message)
                .target(next)
                .hint("-AllowInsecureRedirect follows it nevertheless."));
        }
        let status = answer.status();
        let becomes_get = status == StatusCode::SEE_OTHER && ask.method != Method::HEAD
            || matches!(status, StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND) && ask.method == Method::POST;
        if becomes_get {
            ask.method = Method::GET;
            ask.body = Bytes::new();
            ask.headers.remove(CONTENT_TYPE);
        }
        let other = (&to.host, to.port) != (&ask.address.host, ask.address.port);
        if other && !how.keep_authorization {
            ask.headers.remove(AUTHORIZATION);
        }
        ask.address = to;
    }
}

/// Where an answer leads, if it does.
fn location(answer: &Response<hyper::body::Incoming>) -> Option<String> {
    let leads = matches!(answer.status().as_u16(), 300 | 301 | 302 | 303 | 307 | 308);
    let location = answer.headers().get(LOCATION).filter(|_| leads)?;
    Some(String::from_utf8_lossy(location.as_bytes()).into_owned())
}

async fn within<T>(time: Option<Duration>, future: impl Future<Output = T>) -> Option<T> {
    match time {
        Some(time) => tokio::time::timeout(time, future).await.ok(),
        None => Some(future.await),
    }
}

async fn begin(ask: &Ask, how: How) -> Result<Response<hyper::body::Incoming>, ErrorRecord> {
    let address = &ask.address;
    let failed = |problem: &dyn std::fmt::Display| unanswered(address, problem);
    let stream = TcpStream::connect((address.host.as_str(), address.port)).await.map_err(|problem| failed(&problem))?;
    // Small requests go out at once.
    let _ = stream.set_nodelay(true);
    if !address.secure {
        return speak(stream, ask).await;
    }
    let connector = tokio_rustls::TlsConnector::from(tls::config(how.unchecked)?);
    let name = ServerName::try_from(address.host.clone()).map_err(|problem| failed(&problem))?;
    match connector.connect(name, stream).await {
        Ok(stream) => speak(stream, ask).await,
        Err(problem) => {
            let hint = "-SkipCertificateCheck takes any certificate, and so anybody's word for who it is.";
            Err(failed(&problem).hint(hint))
        }
    }
}

async fn speak(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    ask: &Ask,
) -> Result<Response<hyper::body::Incoming>, ErrorRecord> {
    let failed = |problem: &dyn std::fmt::Display| unanswered(&ask.address, problem);
    let shook = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = shook.map_err(|problem| failed(&problem))?;
    // It ends with the answer; what goes wrong with it, the answer says.
    tokio::spawn(async move { drop(connection.await) });
    let mut request = Request::new(Full::new(ask.body.clone()));
    *request.method_mut() = ask.method.clone();
    *request.uri_mut() =
        ask.address.target.parse().map_err(|problem: hyper::http::uri::InvalidUri| failed(&problem))?;
    *request.headers_mut() = ask.headers.clone();
    let host = ask.address.authority.parse().map_err(|_| failed(&"its name is none"))?;
    request.headers_mut().entry(HOST).or_insert(host);
    sender.send_request(request).await.map_err(|problem| failed(&problem))
}

/// Takes the whole of an answer.
async fn whole(
    answer: Response<hyper::body::Incoming>,
    address: Address,
    how: How,
    take: Option<&mut Taker<'_>>,
) -> Result<Answer, ErrorRecord> {
    let (parts, mut body) = answer.into_parts();
    let reason = match parts.extensions.get::<ReasonPhrase>() {
        Some(reason) => String::from_utf8_lossy(reason.as_bytes()).into_owned(),
        None => parts.status.canonical_reason().unwrap_or_default().to_string(),
    };
    // What went wrong is for whoever asked to read, not for the file.
    let mut take = take.filter(|_| parts.status.is_success());
    let (mut kept, mut length) = (Vec::new(), 0_u64);
    loop {
        let came = within(how.goes_on_within, body.frame()).await;
        let came = came.ok_or_else(|| too_slow("OperationTimeoutReached", &address, how.goes_on_within))?;
        let Some(frame) = came else { break };
        let Ok(piece) = frame.map_err(|problem| unanswered(&address, &problem))?.into_data() else { continue };
        length += piece.len() as u64;
        match &mut take {
            Some(take) => take(&piece)?,
            None if kept.len() + piece.len() > LARGEST => return Err(too_large(&address)),
            None => kept.extend_from_slice(&piece),
        }
    }
    Ok(Answer { status: parts.status, reason, headers: parts.headers, body: kept, length, address })
}

fn unanswered(address: &Address, problem: &dyn std::fmt::Display) -> ErrorRecord {
    let message = format!("There is no answer from {}: {problem}.", address.authority);
    let exception = crate::value::exceptions::new("System.Net.Http.HttpRequestException", &message, Default::default());
    ErrorRecord::new("WebCmdletWebResponseException", Category::InvalidOperation, message)
        .exception(exception)
        .target(address.authority.as_str())
}

fn too_slow(id: &'static str, address: &Address, time: Option<Duration>) -> ErrorRecord {
    let seconds = time.unwrap_or_default().as_secs();
    let message = format!("{} did not answer within {seconds} seconds.", address.authority);
    let name = "System.Threading.Tasks.TaskCanceledException";
    let exception = crate::value::exceptions::new(name, &message, Default::default());
    ErrorRecord::new(id, Category::OperationTimeout, message)
        .exception(exception)
        .target(address.authority.as_str())
        .hint("-TimeoutSec gives it more time.")
}

fn too_large(address: &Address) -> ErrorRecord {
    let message = format!("The answer of {} has more than {LARGEST} bytes.", address.authority);
    ErrorRecord::new("DataSizeExceeded", Category::LimitsExceeded, message).hint("-OutFile takes it into a file.")
}
