//! What the agent's task does: events come from the connection, the disk and the clock; effects are carried out in
//! order.

use super::agent::{AgentOptions, Moment, Observer, with_db};
use super::incoming::Incoming;
use super::turns::turn;
use super::{Timer, lock};
use crate::error::{Category, ErrorRecord};
use crate::net::{Connection, Counted, FrameReader, FrameWriter};
use crate::replication::coding;
use crate::replication::id::{Chain, PackageId};
use crate::replication::message::{Announce, ToMaster, ToReplica};
use crate::replication::package;
use crate::replication::replica::{Effect, Event, Replica, Status};
use crate::replication::storage::ReplicaDb;
use crate::store::Held;
use bytes::Bytes;
use std::collections::VecDeque;
use std::future::pending;
use std::io::BufRead;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{ReadHalf, WriteHalf};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_rustls::client::TlsStream;

/// How long a message of a few hundred bytes may take to be written.
const WRITE: Duration = Duration::from_secs(30);
/// How long the other end may take to see that the connection ends.
const LINGER: Duration = Duration::from_secs(1);

type Stream = TlsStream<Counted>;

/// A connection that stands.
struct Line {
    reader: FrameReader<ReadHalf<Stream>>,
    writer: FrameWriter<WriteHalf<Stream>>,
}

/// The agent's task.
pub(super) struct Worker {
    options: Arc<AgentOptions>,
    observer: Observer,
    replica: Replica,
    db: Arc<Mutex<ReplicaDb>>,
    incoming: Incoming,
    timer: Timer,
    status: watch::Sender<Status>,
    line: Option<Line>,
    dialling: Option<JoinHandle<Result<Connection, ErrorRecord>>>,
    finding: Option<JoinHandle<Option<Arc<str>>>>,
    applying: Option<JoinHandle<Vec<Event>>>,
}

impl Worker {
    pub fn new(
        options: Arc<AgentOptions>,
        observer: Observer,
        replica: Replica,
        db: Arc<Mutex<ReplicaDb>>,
        incoming: Incoming,
        status: watch::Sender<Status>,
    ) -> Worker {
        let timer = Timer::new(options.clock.clone());
        let (line, dialling, finding, applying) = (None, None, None, None);
        Worker { options, observer, replica, db, incoming, timer, status, line, dialling, finding, applying }
    }

    pub async fn run(mut self, mut hooks: watch::Receiver<Option<String>>, mut stop: watch::Receiver<bool>) {
        self.handle(vec![Event::Tick]).await;
        loop {
            let wait = self.replica.wake().saturating_sub(self.timer.now().millis);
            let events = tokio::select! {
                // Also where the agent was dropped.
                _ = stop.wait_for(|stop| *stop) => break,
                events = read(&mut self.line) => events,
                dialled = ended(&mut self.dialling) => vec![self.stands(dialled.flatten())],
                found = ended(&mut self.finding) => vec![Event::Found { computer: found.ok().flatten() }],
                events = ended(&mut self.applying) => events.unwrap_or_default(),
                // A day is as good as for ever, and fits the timer.
                () = sleep(Duration::from_millis(wait.min(86_400_000))) => vec![Event::Tick],
                changed = hooks.changed() => match changed {
                    Ok(()) => vec![Event::Hook { error: hooks.borrow_and_update().clone() }],
                    Err(_) => break,
                },
            };
            self.handle(events).await;
        }
        self.handle(vec![Event::Stop]).await;
        if let Some(applying) = self.applying.take() {
            let _ = applying.await;
        }
        for task in [self.dialling.map(|task| task.abort_handle()), self.finding.map(|task| task.abort_handle())] {
            task.inspect(tokio::task::AbortHandle::abort);
        }
    }

    async fn handle(&mut self, events: Vec<Event>) {
        let mut events = VecDeque::from(events);
        let mut effects = Vec::new();
        while let Some(event) = events.pop_front() {
            match &event {
                Event::Applied { held, .. } => (self.options.applied)(held),
                Event::Received { message: ToReplica::Announce(announce), .. } => {
                    (self.observer)(Moment::Announced(announce.package));
                }
                _ => {}
            }
            self.replica.step(self.timer.now(), event, &mut effects);
            for effect in effects.drain(..) {
                if let Some(event) = self.carry_out(effect).await {
                    let ends = matches!(event, Event::NotPersisted { .. });
                    events.push_back(event);
                    if ends {
                        break;
                    }
                }
            }
        }
        let status = self.replica.status();
        self.status.send_if_modified(|old| {
            let changed = *old != status;
            *old = status;
            changed
        });
    }

    async fn carry_out(&mut self, effect: Effect) -> Option<Event> {
        match effect {
            Effect::PersistEpoch { epoch } => {
                let raised = with_db(&self.db, move |db| db.raise_epoch(epoch)).await;
                raised.err().map(|error| Event::NotPersisted { id: id(&error), message: text(&error) })
            }
            Effect::Connect { to } => {
                let Some(to) = to.map(|to| to.to_string()).or_else(|| (self.options.active)()) else {
                    let message = "No computer is known that holds the active store.".to_owned();
                    return Some(Event::NotConnected { id: "NoMaster".to_owned(), message });
                };
                let dialler = self.options.dialler.clone();
                self.dialling = Some(tokio::spawn(async move { dialler.replica(&to).await }));
                None
            }
            Effect::Find => {
                self.finding = Some(tokio::spawn(self.options.finder.find()));
                None
            }
            Effect::Send { epoch, message } => self.send(epoch, &message).await,
            Effect::Close => {
                if let Some(mut line) = self.line.take() {
                    tokio::spawn(async move { timeout(LINGER, line.writer.finish()).await });
                }
                None
            }
            Effect::Spool { package, hash, offset, bytes } => self.spool(package, hash, offset, bytes).await,
            Effect::Discard => {
                let incoming = self.incoming.clone();
                if let Err(error) = turn(move || incoming.discard()).await.flatten() {
                    tracing::warn!(error = error.message(), "a package that is not wanted could not be removed");
                }
                None
            }
            Effect::Apply { announce } => {
                let (db, incoming) = (self.db.clone(), self.incoming.clone());
                self.applying = Some(tokio::spawn(async move {
                    let package = announce.package;
                    let applied = turn(move || apply(&mut lock(&db), &incoming, &announce)).await;
                    applied.unwrap_or_else(|error| {
                        vec![Event::NotApplied { package, id: id(&error), message: text(&error) }]
                    })
                }));
                None
            }
        }
    }

    /// A connection stands, or could not be made.
    fn stands(&mut self, dialled: Result<Connection, ErrorRecord>) -> Event {
        match dialled {
            Ok(Connection { stream, ends, .. }) => {
                let (reader, writer) = tokio::io::split(stream);
                let reader = FrameReader::new(reader, ends.clone());
                self.line = Some(Line { reader, writer: FrameWriter::new(writer, ends) });
                Event::Connected
            }
            Err(error) => Event::NotConnected { id: id(&error), message: text(&error) },
        }
    }

    async fn send(&mut self, epoch: u64, message: &ToMaster) -> Option<Event> {
        let line = self.line.as_mut()?;
        let write = async {
            let frame = coding::to_master(epoch, message)?;
            match timeout(WRITE, line.writer.write(&frame)).await {
                Ok(written) => written,
                Err(_) => Err(broken("the master takes no messages")),
            }
        };
        let Err(error) = write.await else {
            if let ToMaster::Report(report) = message {
                (self.observer)(Moment::Reported(report.held));
            }
            return None;
        };
        self.line = None;
        Some(Event::Closed { id: id(&error), message: text(&error) })
    }

    async fn spool(&mut self, package: PackageId, hash: Chain, offset: u64, bytes: Bytes) -> Option<Event> {
        let incoming = self.incoming.clone();
        let write = move || incoming.write(package, hash, offset, &bytes);
        let error = turn(write).await.flatten().err()?;
        Some(Event::NotApplied { package, id: id(&error), message: text(&error) })
    }
}

/// The next message, as an event; never where there is no connection.
async fn read(line: &mut Option<Line>) -> Vec<Event> {
    let Some(standing) = line else { return pending().await };
    let error = match standing.reader.read().await {
        Ok(Some(frame)) => {
            let epoch = frame.epoch;
            match coding::from_master(frame) {
                Ok(message) => return vec![Event::Received { epoch, message }],
                Err(error) => error,
            }
        }
        Ok(None) => broken("the master has ended the connection"),
        Err(error) => error,
    };
    *line = None;
    vec![Event::Closed { id: id(&error), message: text(&error) }]
}

/// What a task gives when it ends; never where there is none.
async fn ended<T>(task: &mut Option<JoinHandle<T>>) -> Result<T, ErrorRecord> {
    let Some(running) = task else { return pending().await };
    let ended = running.await;
    *task = None;
    ended.map_err(|error| broken(&error.to_string()))
}

/// Verifies and applies a package. On a thread that may wait.
fn apply(db: &mut ReplicaDb, incoming: &Incoming, announce: &Announce) -> Vec<Event> {
    let package = announce.package;
    let since = Instant::now();
    let error = match try_apply(db, incoming, announce) {
        Ok(held) => {
            let kind = package.kind().name();
            metrics::counter!("reeve_packages_applied_total", "kind" => kind).increment(1);
            metrics::histogram!("reeve_apply_seconds", "kind" => kind).record(since.elapsed().as_secs_f64());
            if announce.body.is_none() {
                // What cannot be removed now is removed with the next one.
                let _ = incoming.discard();
            }
            return vec![Event::Applied { package, held }];
        }
        Err(error) => error,
    };
    let mut events = Vec::new();
    // Begun anew, or discarded by an administrator meanwhile: what is held may be something else than was.
    if ["ReplicaDamaged", "PackageStale"].contains(&error.id()) {
        events.push(Event::Reset { held: db.held().unwrap_or_default() });
    }
    events.push(Event::NotApplied { package, id: id(&error), message: text(&error) });
    events
}

fn try_apply(db: &mut ReplicaDb, incoming: &Incoming, announce: &Announce) -> Result<Held, ErrorRecord> {
    let mut from_memory;
    let mut from_file;
    let unpacked: &mut dyn BufRead = match &announce.body {
        Some(body) => {
            from_memory = package::open(&body[..], announce)?;
            &mut from_memory
        }
        None => {
            from_file = package::open(incoming.read(announce.package, announce.hash)?, announce)?;
            &mut from_file
        }
    };
    db.apply(announce, unpacked)
}

fn id(error: &ErrorRecord) -> String {
    error.id().to_owned()
}

/// An error and what to do about it: where it is read, its hints are gone.
fn text(error: &ErrorRecord) -> String {
    let mut text = error.message().to_owned();
    for hint in error.hints() {
        text.push(' ');
        text.push_str(hint);
    }
    text
}

pub(super) fn broken(why: &str) -> ErrorRecord {
    ErrorRecord::new("ConnectionLost", Category::ConnectionError, format!("The work was broken off: {why}."))
        .hint("It is tried again.")
}
