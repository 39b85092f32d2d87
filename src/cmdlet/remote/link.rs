//! The way to servers over HTTP/2: a thread of its own drives the connections, so that they answer and take note even
//! while a script computes or its user thinks.

use super::{Feed, Lines, Link};
use crate::cmdlet::run::Side;
use crate::env::bounds;
use crate::error::{Category, ErrorRecord};
use crate::net::Pending;
use crate::net::http::{Body, Channel, LineSender, Method};
use crate::value::same_name;
use bytes::Bytes;
use serde_json::Value as Json;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// How long a connection may take to come about.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long the answer to something small may take.
const ANSWERED: Duration = Duration::from_secs(30);
/// How long a server may say nothing at all, not even that it is there, before a call has begun: as long as one is probed.
/// Nothing of it runs before it has begun, so it may be made elsewhere. Once it has begun the connection's own bound holds,
/// which is longer.
const BEGINS: Duration = Duration::from_secs(2);

/// How often who waits looks whether it must stop.
const LOOKS_EVERY: Duration = Duration::from_millis(10);

/// A connection, and to which computer, where that is known.
pub struct Dialled {
    /// The connection.
    pub channel: Channel,
    /// The computer.
    pub computer: Option<String>,
    /// Why it does not lead to the active store, where that was wanted first and is not known to be silent.
    pub instead: Option<ErrorRecord>,
}

/// Makes connections: to the computer that the session talks to, or to the one that holds the active store.
pub trait Dial: Send + Sync + 'static {
    /// A connection to a server where cmdlets of the side given run.
    fn dial(&self, side: Side) -> Pending<Result<Dialled, ErrorRecord>>;

    /// The same where the usual way led to a server that does not, or no longer, run them: all that are known are asked.
    fn seek(&self, _side: Side) -> Pending<Result<Dialled, ErrorRecord>> {
        Box::pin(async { Err(one_server_only()) })
    }
}

/// The connection to one side.
#[derive(Default)]
struct Line {
    open: Option<Arc<Channel>>,
    /// The computer that was there last.
    computer: Option<String>,
    /// Why that is not the active store's, as long as nobody was told.
    instead: Option<ErrorRecord>,
}

/// A link over HTTP/2. Dropped, its connections end.
pub struct HttpLink {
    dial: Arc<dyn Dial>,
    /// Whether all sides are at one server, so that one connection does.
    one_server: bool,
    /// To the computer that the session talks to, to that of the active store, and to one that may hold it.
    channels: [Mutex<Line>; 3],
    /// The store may have moved since the connection to the active one was made.
    moved: AtomicBool,
    runtime: Handle,
    /// Ends the thread when it is dropped.
    _runs: oneshot::Sender<()>,
}

impl HttpLink {
    /// A link whose connections are made when they are first needed. `one_server`: both sides are at the same one.
    ///
    /// # Errors
    /// `HostUnreachable` where the system gives no thread.
    pub fn new(dial: Arc<dyn Dial>, one_server: bool) -> Result<HttpLink, ErrorRecord> {
        let failed = |error: std::io::Error| {
            let message = format!("There is no thread for connections: {error}.");
            ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, message)
        };
        let runtime = Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let handle = runtime.handle().clone();
        let (_runs, ended) = oneshot::channel::<()>();
        let thread = std::thread::Builder::new().name("link".into());
        thread
            .spawn(move || {
                // It ends with an error when the link is dropped, which is what it waits for.
                let _ = runtime.block_on(ended);
            })
            .map_err(failed)?;
        Ok(HttpLink {
            dial,
            one_server,
            channels: Default::default(),
            moved: AtomicBool::new(false),
            runtime: handle,
            _runs,
        })
    }

    /// Runs a future to its end on the thread of the link, or until what runs on this one must stop.
    fn wait<T: Send + 'static>(
        &self,
        within: Duration,
        future: impl Future<Output = Result<T, ErrorRecord>> + Send + 'static,
    ) -> Result<T, ErrorRecord> {
        let mut task = self.runtime.spawn(async move { tokio::time::timeout(within, future).await });
        loop {
            let waited = async { tokio::time::timeout(LOOKS_EVERY, &mut task).await };
            match self.runtime.block_on(waited) {
                Ok(Ok(Ok(result))) => return result,
                Ok(_) => return Err(too_slow(within)),
                Err(_) if bounds::reason_now().is_some() => {
                    task.abort();
                    return Err(ErrorRecord::stopped());
                }
                Err(_) => {}
            }
        }
    }

    /// Asks the server of a side for something small.
    fn ask(&self, side: Side, path: &str) -> Result<Json, ErrorRecord> {
        let mut fresh = false;
        loop {
            let channel = self.channel(side, fresh)?;
            let path = path.to_string();
            let asked = async move {
                tokio::select! {
                    answer = channel.get(&path) => answer,
                    error = channel.falls_silent(BEGINS) => Err(error),
                }
            };
            match self.wait(ANSWERED, asked) {
                Err(error) if error.id() == "ConnectionLost" && !fresh => fresh = true,
                other => return other,
            }
        }
    }

    fn line(&self, side: Side) -> Result<MutexGuard<'_, Line>, ErrorRecord> {
        let place = match side {
            _ if self.one_server => 0,
            Side::Client | Side::Host => 0,
            Side::Server => 1,
            Side::Keeper => 2,
        };
        let line = self.channels.get(place).ok_or_else(|| too_slow(PATIENCE))?;
        Ok(line.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn channel(&self, side: Side, fresh: bool) -> Result<Arc<Channel>, ErrorRecord> {
        // Where the active store is all that a keeper does can be done.
        if side == Side::Keeper && !self.one_server && !fresh && !self.moved.load(Ordering::Relaxed) {
            let active = self.line(Side::Server)?.open.clone();
            if let Some(open) = active.filter(|open| !open.is_closed()) {
                return Ok(open);
            }
        }
        let mut line = self.line(side)?;
        match &line.open {
            Some(open) if !fresh && !open.is_closed() => Ok(open.clone()),
            _ => {
                line.open = None;
                let dialled = self.wait(PATIENCE, self.dial.dial(side))?;
                Ok(take(&mut line, dialled))
            }
        }
    }
}

/// Puts a connection in the place of the one before.
fn take(line: &mut Line, dialled: Dialled) -> Arc<Channel> {
    line.computer = dialled.computer.or(line.computer.take());
    line.instead = dialled.instead;
    line.open.insert(Arc::new(dialled.channel)).clone()
}

impl Link for HttpLink {
    fn call(&self, side: Side, fresh: bool) -> Result<Lines, ErrorRecord> {
        let channel = self.channel(side, fresh)?;
        let (lines, feed) = Lines::new(self.runtime.clone());
        self.runtime.spawn(carry(channel, feed));
        Ok(lines)
    }

    fn here(&self) -> Result<Option<String>, ErrorRecord> {
        match self.ask(Side::Host, "/v1/where") {
            Ok(answer) => Ok(answer.get("Computer").and_then(Json::as_str).map(str::to_string)),
            Err(error) if error.category() == Category::ObjectNotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn get(&self, path: &str) -> Result<Json, ErrorRecord> {
        self.ask(Side::Server, path)
    }

    fn seek(&self, side: Side) -> Result<Option<String>, ErrorRecord> {
        if side == Side::Keeper && !self.one_server {
            // What was taken for the active store's computer is asked for cmdlets of a keeper no more.
            self.line(Side::Server)?.open = None;
        }
        let before = self.computer(side).or_else(|| self.computer(Side::Server));
        let dialled = self.wait(PATIENCE, self.dial.seek(side))?;
        let mut line = self.line(side)?;
        take(&mut line, dialled);
        if side == Side::Server {
            self.moved.store(false, Ordering::Relaxed);
        }
        let moved = |now: &String| !before.as_deref().is_some_and(|before| same_name(before, now));
        Ok(line.computer.clone().filter(moved))
    }

    fn moves(&self) {
        self.moved.store(true, Ordering::Relaxed);
        // With one server there is no other to ask.
        if !self.one_server
            && let Ok(mut line) = self.line(Side::Keeper)
        {
            line.open = None;
        }
    }

    fn computer(&self, side: Side) -> Option<String> {
        self.line(side).ok()?.computer.clone()
    }

    fn instead(&self, side: Side) -> Option<ErrorRecord> {
        self.line(side).ok()?.instead.take()
    }
}

/// Carries the lines of a call both ways, until it is over or the stage lets go of it.
async fn carry(channel: Arc<Channel>, feed: Feed) {
    let Feed { mut out, incoming } = feed;
    let (to_server, body) = Body::lines();
    let writing = async {
        while let Some(line) = out.recv().await {
            let mut line = line.into_bytes();
            line.push(b'\n');
            if to_server.send_line(Bytes::from(line)).await.is_err() {
                // Why, the answer says.
                std::future::pending::<()>().await;
            }
        }
    };
    let reading = async {
        let answer = async {
            let mut lines = channel.request(Method::POST, "/v1/call", body).await?.accepted().await?;
            let first = lines.next().await;
            Ok::<_, ErrorRecord>((first, lines))
        };
        let answer = tokio::select! {
            answer = answer => answer,
            error = channel.falls_silent(BEGINS) => Err(error),
        };
        match answer {
            Ok((mut next, mut lines)) => loop {
                let line = match next {
                    Ok(Some(line)) => {
                        String::from_utf8(line.into()).map_err(|_| super::damaged("a line that is no text"))
                    }
                    Ok(None) => break,
                    Err(error) => Err(error),
                };
                let last = line.is_err();
                if incoming.send(line).await.is_err() || last {
                    break;
                }
                next = lines.next().await;
            },
            Err(error) => {
                let _ = incoming.send(Err(error)).await;
            }
        }
    };
    // When the stage lets go, both streams are dropped unfinished, which resets them: the server cancels.
    tokio::select! {
        () = writing => {}
        () = reading => {}
        () = incoming.closed() => {}
    }
    drop_unfinished(to_server);
}

/// A sender that is dropped without its end resets the stream.
fn drop_unfinished(sender: LineSender) {
    drop(sender);
}

/// There is nowhere else to look.
pub(super) fn one_server_only() -> ErrorRecord {
    ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, "This session knows one server only.")
}

fn too_slow(within: Duration) -> ErrorRecord {
    let message = format!("The server did not answer within {} seconds.", within.as_secs());
    ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, message)
        .hint("See whether it runs, and whether the network lets you through.")
}

/// Connects to the unix socket of a server on this computer.
pub struct Socket(pub std::path::PathBuf);

impl Dial for Socket {
    fn dial(&self, _side: Side) -> Pending<Result<Dialled, ErrorRecord>> {
        let path = self.0.clone();
        Box::pin(
            async move { Ok(Dialled { channel: Channel::over_unix(&path).await?, computer: None, instead: None }) },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicBool;

    /// Nobody is ever reached.
    struct Never;

    impl Dial for Never {
        fn dial(&self, _side: Side) -> Pending<Result<Dialled, ErrorRecord>> {
            Box::pin(std::future::pending())
        }
    }

    /// Rule: Ctrl-C ends the wait for a server that says nothing.
    #[test]
    fn a_wait_for_a_connection_can_be_stopped() {
        let link = HttpLink::new(Arc::new(Never), true).unwrap();
        let _run = bounds::begin(&Arc::new(AtomicBool::new(true)), None, None);
        let stopped = link.get("/v1/where").unwrap_err();
        assert!(stopped.is_stop(), "{stopped:?}");
    }
}
