//! Calls over HTTP: `POST /v1/call`, `GET /v1/names`.

use super::{Caller, Calls, Query};
use crate::cmdlet::remote::Feed;
use crate::error::{Category, ErrorRecord};
use crate::net::PeerName;
use crate::net::http::{self, Answer, Body, LineSender, Lines, Method, Request};
use bytes::Bytes;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Longest word of a query, in bytes: what people type.
const LONGEST_WORD: usize = 1000;

impl Calls {
    /// Whether a path is answered by [`Calls::answer`].
    pub fn has(path: &str) -> bool {
        matches!(path, "/v1/call" | "/v1/names")
    }

    /// Answers a request of a session.
    pub async fn answer(&self, request: Request) -> Answer {
        self.answer_to(caller(&request.caller), request).await
    }

    /// The same for a caller that is known already, or is not.
    pub async fn answer_to(&self, caller: Result<Caller, ErrorRecord>, request: Request) -> Answer {
        let answered = async {
            let caller = caller?;
            match (&request.method, request.path.as_str()) {
                (&Method::POST, "/v1/call") => self.stream(caller, request.body).await,
                (&Method::GET, "/v1/names") => {
                    let query = query(request.query.as_deref().unwrap_or_default())?;
                    Ok(Answer::json(&self.names(caller, query).await?))
                }
                _ => {
                    let message = format!("There is nothing to {} at {}.", request.method, request.path);
                    Err(ErrorRecord::new("NotFound", Category::ObjectNotFound, message))
                }
            }
        };
        answered.await.unwrap_or_else(|error| Answer::error(&error))
    }

    async fn stream(&self, caller: Caller, lines: Lines) -> Result<Answer, ErrorRecord> {
        let (feed, interrupt) = self.begin(caller).await?;
        let (sender, body) = Body::lines();
        tokio::spawn(carry(feed, interrupt, lines, sender));
        Ok(Answer::lines(body))
    }
}

/// Carries the lines of a call both ways, until it is over or the client is gone.
async fn carry(feed: Feed, interrupt: Arc<AtomicBool>, mut from_client: Lines, to_client: LineSender) {
    let Feed { mut out, incoming } = feed;
    // However this ends, also when the server's tasks are dropped: nobody is there any more for whom to go on.
    let _cancel = Cancel(interrupt);
    let reading = async {
        // Whoever ends its side before the call is over has gone.
        while let Ok(Some(line)) = from_client.next().await {
            let line = String::from_utf8(line.into()).map_err(|_| not_text());
            let last = line.is_err();
            if incoming.send(line).await.is_err() || last {
                break;
            }
        }
    };
    let writing = async {
        while let Some(line) = out.recv().await {
            let mut line = line.into_bytes();
            line.push(b'\n');
            if to_client.send_line(Bytes::from(line)).await.is_err() {
                return false;
            }
        }
        true
    };
    // The call is over when its thread lets go of its end; all that it said is sent then.
    let over = tokio::select! {
        over = writing => over,
        () = reading => false,
        () = to_client.closed() => false,
    };
    if over {
        let _ = to_client.finish().await;
    }
}

/// Stops a call when it is dropped; one that is over does not mind.
struct Cancel(Arc<AtomicBool>);

impl Drop for Cancel {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn not_text() -> ErrorRecord {
    ErrorRecord::new("WireDamaged", Category::InvalidData, "A line that is no text came over the wire.")
}

/// Who makes a request, as a session knows people.
fn caller(caller: &http::Caller) -> Result<Caller, ErrorRecord> {
    match caller {
        http::Caller::Local { uid, .. } => Ok(Caller::Unix(*uid)),
        http::Caller::Peer(peer) => match &peer.name {
            PeerName::Person(name) => Ok(Caller::Person(name.clone())),
            PeerName::Computer(name) => Err(denied(format!("The certificate is that of {name}, which is no person."))),
        },
        http::Caller::Anonymous => Err(denied("Nobody is known at the other end.".into())),
    }
}

fn denied(message: String) -> ErrorRecord {
    ErrorRecord::new("ClientCertificateRequired", Category::PermissionDenied, message)
        .hint("A session shows the certificate of a person: New-CsClientCertificate makes one.")
}

/// `command=…&parameter=…&word=…&user=…`, percent-encoded.
fn query(text: &str) -> Result<Query, ErrorRecord> {
    let mut query = (String::new(), String::new(), String::new(), None);
    for part in text.split('&') {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let value = decoded(value).filter(|value| value.len() <= LONGEST_WORD).ok_or_else(|| {
            ErrorRecord::new("RequestInvalid", Category::InvalidArgument, "A query that cannot be read.")
        })?;
        match name {
            "command" => query.0 = value,
            "parameter" => query.1 = value,
            "word" => query.2 = value,
            "user" => query.3 = Some(value),
            _ => {}
        }
    }
    let (command, parameter, word, user) = query;
    Ok(Query::Names { command, parameter, word, user })
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|n| u8::try_from(n).ok());
            bytes.push(digit(rest.next()?)? << 4 | digit(rest.next()?)?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_decoded() {
        let Query::Names { command, parameter, word, user } =
            query("command=Get-CsPool&parameter=Identity&word=a%20%C3%A4&x=1").unwrap();
        assert_eq!((&*command, &*parameter, &*word, user), ("Get-CsPool", "Identity", "a \u{e4}", None));
        for bad in ["word=%", "word=%4", "word=%zz", "word=%ff"] {
            assert!(query(bad).is_err(), "{bad}");
        }
    }
}
