//! How a question reaches the place that is followed, and how its answer comes back: lines of JSON.

use crate::error::ErrorRecord;
use crate::net::http::{Body, Channel, Lines, Method};
use crate::net::{Dialler, Pending, Wire};
use crate::value::same_name;
use bytes::Bytes;
use std::sync::{Arc, PoisonError};
use tokio::sync::{Mutex, mpsc};

/// The lines of an answer.
#[derive(Debug)]
pub enum LineStream {
    /// From a connection.
    Http(Lines),
    /// From the same process. It ends in order when the sender is dropped.
    Channel(mpsc::Receiver<Result<Bytes, ErrorRecord>>),
}

impl LineStream {
    /// The next line without its newline; `None` at the end.
    ///
    /// # Errors
    /// `ConnectionLost` where the answer was cut off, `LineTooLong`.
    pub async fn next(&mut self) -> Result<Option<Bytes>, ErrorRecord> {
        match self {
            LineStream::Http(lines) => lines.next().await,
            LineStream::Channel(lines) => lines.recv().await.transpose(),
        }
    }
}

/// Asks another computer.
pub trait Transport: Send + Sync {
    /// Sends a question, which is JSON, to a computer; its answer begins when it has something to say.
    fn ask(&self, to: &str, request: Bytes) -> Pending<Result<LineStream, ErrorRecord>>;
}

/// What passed the connections of whoever asks, one after the other: with TLS, both ways.
#[derive(Clone, Debug, Default)]
pub struct Traffic(Arc<std::sync::Mutex<Passed>>);

#[derive(Debug, Default)]
struct Passed {
    /// Over connections that are given up.
    before: u64,
    /// The one that stands.
    wire: Option<Wire>,
}

impl Traffic {
    /// Bytes until now.
    pub fn bytes(&self) -> u64 {
        let passed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        passed.before + passed.wire.as_ref().map_or(0, Wire::total)
    }

    /// Another connection takes the place of the one before.
    fn over(&self, wire: Wire) {
        let mut passed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = passed.wire.replace(wire);
        passed.before += before.map_or(0, |wire| wire.total());
    }
}

/// A connection, and to whom it is.
type Standing = Option<(String, Arc<Channel>)>;

/// Asks over HTTP/2. The connection stays for the next question.
pub struct HttpTransport {
    dialler: Arc<Dialler>,
    path: String,
    channel: Arc<Mutex<Standing>>,
    traffic: Traffic,
}

impl HttpTransport {
    /// Asks for the log of a database, named as [`crate::topology::Database`] prints it; what passes is counted.
    pub fn new(dialler: Arc<Dialler>, database: &str, traffic: Traffic) -> HttpTransport {
        HttpTransport { dialler, path: format!("/v1/log/{database}"), channel: Arc::default(), traffic }
    }
}

impl Transport for HttpTransport {
    fn ask(&self, to: &str, request: Bytes) -> Pending<Result<LineStream, ErrorRecord>> {
        let (dialler, path, kept, to) = (self.dialler.clone(), self.path.clone(), self.channel.clone(), to.to_owned());
        let traffic = self.traffic.clone();
        Box::pin(async move {
            let mut standing = kept.lock().await;
            let fits = |(who, channel): &(String, Arc<Channel>)| same_name(who, &to) && !channel.is_closed();
            let channel = match standing.take().filter(fits) {
                Some((_, channel)) => channel,
                None => {
                    let channel = Arc::new(Channel::over_tls(dialler.http(&to).await?).await?);
                    traffic.over(channel.wire().clone());
                    channel
                }
            };
            *standing = Some((to, channel.clone()));
            drop(standing);
            let asked = async { channel.request(Method::POST, &path, Body::whole(request)).await?.accepted().await };
            match asked.await {
                Ok(lines) => Ok(LineStream::Http(lines)),
                Err(error) => {
                    // What is wrong may be the connection: the next question gets another one.
                    *kept.lock().await = None;
                    Err(error)
                }
            }
        })
    }
}
