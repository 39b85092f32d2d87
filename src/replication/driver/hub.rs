//! The master at work. Whoever has an event (a connection's task, a maker of packages, the clock) takes the lock, lets
//! the state machine step and carries out what it wants, all of which is quick: to hand a message to a connection's
//! outbox, to ask for a package. What is slow (reading, compressing, writing rows) is done elsewhere.

use super::control::Live;
use super::converse::{self, Stream, farewell};
use super::makers::Makers;
use super::rows::Rows;
use super::{Timer, lock};
use crate::env::Clock;
use crate::error::ErrorRecord;
use crate::net::{Accepted, Dialler, Ends, Frame, Peer};
use crate::replication::coding;
use crate::replication::control::Control;
use crate::replication::id::PackageId;
use crate::replication::master::{ConnectionId, Effect, Event, Master};
use crate::replication::message::{Announce, ToReplica};
use crate::replication::package::{Cache, Package};
use crate::replication::status::StatusTable;
use crate::store::Store;
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tokio::sync::{mpsc, watch};

/// Messages that wait to be written on a connection. The state machine never has more under way than a welcome, two
/// announcements, the chunks, and a beat every ten seconds; who takes none of them for a minute is given up.
const OUTBOX: usize = 16;

/// Opens the store: each thread has a connection of its own.
pub type OpenStore = Arc<dyn Fn() -> Result<Box<dyn Store + Send>, ErrorRecord> + Send + Sync>;

/// What a hub needs.
pub struct HubOptions {
    /// The deployment's id.
    pub deployment: String,
    /// The pool of the active master, for the status.
    pub pool: String,
    /// Opens the store.
    pub store: OpenStore,
    /// The status table's file.
    pub status: PathBuf,
    /// Where large packages are spooled while they are wanted.
    pub spool: PathBuf,
    /// The computers that are to hold a replica.
    pub replicas: Vec<Arc<str>>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Connects to computers that are probed; without it nothing can be.
    pub dialler: Option<Arc<Dialler>>,
}

/// The master at work. When it is dropped its threads end, and connections with them.
pub struct Hub {
    inner: Arc<Inner>,
}

/// What all who have events share.
pub(super) struct Inner {
    pub options: HubOptions,
    timer: Timer,
    core: Mutex<Core>,
    pub makers: Makers,
    pub rows: Rows,
    /// For the head of the store, when somebody asks for the status.
    own: Mutex<Option<Box<dyn Store + Send>>>,
    over: watch::Sender<Option<(u64, Arc<str>)>>,
    /// Computers that follow and are no replicas as administrators count them, in lower case.
    pub unlisted: Mutex<HashSet<String>>,
    pub runtime: tokio::runtime::Handle,
}

struct Core {
    master: Master,
    outboxes: HashMap<ConnectionId, mpsc::Sender<Out>>,
    /// The serial numbers of the certificates that connections stand on.
    serials: HashMap<ConnectionId, Box<str>>,
    cache: Cache,
    /// The announcement that was written as a frame last: a thousand replicas get the same one.
    last: Option<(Arc<Announce>, Arc<Frame>)>,
    connections: ConnectionId,
    effects: Vec<Effect>,
}

/// What a connection is to write.
pub(super) enum Out {
    /// A message.
    Frame(Arc<Frame>),
    /// A piece of a package.
    Chunk(Box<Chunk>),
}

/// A piece of a package.
pub(super) struct Chunk {
    pub epoch: u64,
    pub package: Arc<Package>,
    pub offset: u64,
    pub length: u32,
}

impl Hub {
    /// Starts the master over a store and its status table. Called within the runtime that its connections run on.
    ///
    /// # Errors
    /// Those of the store and of the status table.
    pub fn start(options: HubOptions) -> Result<Hub, ErrorRecord> {
        let store = (options.store)()?;
        let table = StatusTable::open(&options.status)?;
        let master = Master::new(&options.deployment, store.head()?, table.load_all()?);
        let core = Core {
            master,
            outboxes: HashMap::new(),
            serials: HashMap::new(),
            cache: Cache::default(),
            last: None,
            connections: 0,
            effects: Vec::new(),
        };
        let computers = options.replicas.clone();
        let inner = Arc::new(Inner {
            timer: Timer::new(options.clock.clone()),
            options,
            core: Mutex::new(core),
            makers: Makers::default(),
            rows: Rows::new(table),
            own: Mutex::new(Some(store)),
            over: watch::Sender::new(None),
            unlisted: Mutex::default(),
            runtime: tokio::runtime::Handle::current(),
        });
        inner.step(Event::Replicas { computers });
        super::makers::start(&inner)?;
        super::rows::start(&inner)?;
        Ok(Hub { inner })
    }

    /// The store has changed, or may have. Quick: what is to be done about it is done elsewhere.
    pub fn changed(&self) {
        self.inner.makers.changed();
    }

    /// What is told of each commit: see `SqliteStore::on_commit`.
    pub fn on_commit(&self) -> Arc<dyn Fn(u64) + Send + Sync> {
        let inner = Arc::downgrade(&self.inner);
        Arc::new(move |_| {
            if let Some(inner) = inner.upgrade() {
                inner.makers.changed();
            }
        })
    }

    /// The computers that are to hold a replica have changed.
    pub fn topology(&self, computers: Vec<Arc<str>>) {
        self.inner.step(Event::Replicas { computers });
    }

    /// Of the computers that are to follow, those that are no replicas as administrators count them: nobody is told of
    /// them.
    pub fn unlist(&self, computers: &[Arc<str>]) {
        *lock(&self.inner.unlisted) = computers.iter().map(|computer| computer.to_lowercase()).collect();
    }

    /// The computers that may hold the store: a newer epoch of which one of them speaks ends this master. Before this is
    /// said, anybody's word does.
    pub fn believe(&self, computers: &[Arc<str>]) {
        lock(&self.inner.core).master.believe(computers);
    }

    /// Serves the replica at the other end of a connection, until it ends. Not an `async fn`, whose future would keep
    /// room for what it was given as long as the connection stands.
    pub fn serve(&self, accepted: Accepted) -> impl Future<Output = ()> + Send + use<> {
        let Accepted { stream, peer, ends, .. } = accepted;
        self.serve_stream(stream, peer, ends)
    }

    /// The same over any stream.
    pub fn serve_stream<S: Stream>(
        &self,
        stream: S,
        peer: Option<Peer>,
        ends: Ends,
    ) -> impl Future<Output = ()> + Send + use<S> {
        let served = match peer.as_ref().and_then(|peer| Some((peer.computer()?, peer))) {
            Some((computer, peer)) => {
                let (outbox, out) = mpsc::channel(OUTBOX);
                let connection = self.inner.open(computer.into(), peer, outbox);
                Ok(converse::converse(self.inner.clone(), connection, stream, ends, out))
            }
            None => {
                let message = "Only a computer's certificate is good for a replica.";
                // On the heap, because it is seldom.
                Err(Box::pin(farewell(stream, ends, self.inner.epoch(), "ComputerCertificateRequired", message)))
            }
        };
        async move {
            match served {
                Ok(conversation) => conversation.await,
                Err(farewell) => farewell.await,
            }
        }
    }

    /// The certificate of this serial number is no longer good: whoever is connected with it is told, and its connection
    /// ends.
    pub fn expel(&self, serial: &str, id: &str, message: &str) {
        let of = |core: &Core| -> Vec<ConnectionId> {
            core.serials.iter().filter(|(_, known)| ***known == *serial).map(|(connection, _)| *connection).collect()
        };
        let connections = of(&lock(&self.inner.core));
        for connection in connections {
            self.inner.step(Event::Expelled { connection, id: id.to_owned(), message: message.to_owned() });
        }
    }

    /// A computer's certificate was refused before there was a connection.
    pub fn refused(&self, computer: &str, id: &str, message: String) {
        self.inner.step(Event::Refused { computer: computer.into(), id: id.to_owned(), message });
    }

    /// The newer epoch that ended this master, when one has, and the computer that spoke of it.
    pub fn over(&self) -> watch::Receiver<Option<(u64, Arc<str>)>> {
        self.inner.over.subscribe()
    }

    /// What cmdlets ask of it.
    pub fn control(&self) -> Arc<dyn Control> {
        Arc::new(Live::new(self.inner.clone()))
    }

    /// Says farewell to all and writes what there is to write. Connections end when their last message is written.
    pub fn stop(&self) {
        self.inner.step(Event::Stop);
        self.inner.end();
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.inner.end();
    }
}

impl Inner {
    fn open(&self, computer: Arc<str>, peer: &Peer, outbox: mpsc::Sender<Out>) -> ConnectionId {
        let connection = {
            let mut core = lock(&self.core);
            core.connections += 1;
            let connection = core.connections;
            core.outboxes.insert(connection, outbox);
            core.serials.insert(connection, peer.serial.as_str().into());
            connection
        };
        let not_after = Some(peer.not_after.ticks);
        self.step(Event::Opened { connection, computer, not_after });
        connection
    }

    /// Lets the state machine step, and carries out what it wants.
    pub fn step(&self, event: Event) {
        let mut core = lock(&self.core);
        let core = &mut *core;
        let now = self.timer.now();
        let mut effects = std::mem::take(&mut core.effects);
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            if let Event::Closed { connection, .. } = &event {
                core.outboxes.remove(connection);
                core.serials.remove(connection);
            }
            core.master.step(now, event, &mut effects);
            for effect in effects.drain(..) {
                if let Some(event) = self.carry_out(core, effect) {
                    events.push(event);
                }
            }
        }
        core.effects = effects;
    }

    fn carry_out(&self, core: &mut Core, effect: Effect) -> Option<Event> {
        match effect {
            Effect::Send { connection, epoch, message } => match core.frame(epoch, &message) {
                Ok(frame) => {
                    if let ToReplica::Announce(announce) = &message {
                        let kind = announce.package.kind().name();
                        metrics::counter!("reeve_packages_sent_total", "kind" => kind).increment(1);
                        sent(announce.body.as_ref().map_or(0, |body| body.len() as u64));
                    }
                    core.post(connection, Out::Frame(frame))
                }
                Err(error) => Some(core.give_up(connection, error.id(), error.message())),
            },
            Effect::SendChunk { connection, epoch, package, offset, length } => match core.cache.get(package) {
                Some(package) => {
                    sent(length.into());
                    core.post(connection, Out::Chunk(Box::new(Chunk { epoch, package, offset, length })))
                }
                None => Some(Event::Lost { package, connection }),
            },
            Effect::Close { connection } => {
                // Its task writes what waits, and ends.
                core.outboxes.remove(&connection);
                None
            }
            Effect::Make { from } => {
                self.makers.make(from);
                None
            }
            Effect::Write(row) => {
                self.rows.write(*row);
                None
            }
            Effect::Delete(computer) => {
                self.rows.delete(computer);
                None
            }
            Effect::Over { epoch, computer } => {
                tracing::error!(epoch, computer = &*computer, "another server holds the store under a newer epoch");
                self.over.send_replace(Some((epoch, computer)));
                None
            }
        }
    }

    /// The epoch that it serves.
    pub fn epoch(&self) -> u64 {
        lock(&self.core).master.head().epoch
    }

    /// A package was made.
    pub fn made(&self, package: Arc<Package>) {
        let announce = package.announce().clone();
        lock(&self.core).cache.put(package);
        self.step(Event::Made { announce });
    }

    /// The package from a version to the head, if it is kept.
    pub fn kept(&self, from: Option<u64>) -> Option<Arc<Package>> {
        let mut core = lock(&self.core);
        let head = core.master.head();
        core.cache.get(PackageId { epoch: head.epoch, from, to: head.version })
    }

    /// Reads something off the state machine, as of the store's head.
    pub fn ask<T>(&self, question: impl FnOnce(&Master) -> T) -> Result<T, ErrorRecord> {
        let head = {
            let mut own = lock(&self.own);
            let store = match own.take() {
                Some(store) => store,
                None => (self.options.store)()?,
            };
            let head = store.head()?;
            *own = Some(store);
            head
        };
        self.step(Event::Changed { head });
        Ok(question(&lock(&self.core).master))
    }

    /// The status of one replica or of all is deleted, on the disk when this returns.
    pub fn forget(&self, replica: Option<&str>) -> Result<(), ErrorRecord> {
        self.step(Event::Forget { computer: replica.map(Into::into) });
        self.rows.forgotten(replica)
    }

    fn end(&self) {
        self.makers.stop();
        self.rows.stop();
        lock(&self.core).outboxes.clear();
        if let Err(error) = self.rows.flush() {
            tracing::warn!(error = error.message(), "the status of the replicas could not be written");
        }
    }
}

impl Core {
    /// A message as a frame. The same announcement is written as one once for all.
    fn frame(&mut self, epoch: u64, message: &ToReplica) -> Result<Arc<Frame>, ErrorRecord> {
        let ToReplica::Announce(announce) = message else {
            return coding::to_replica(epoch, message).map(Arc::new);
        };
        if let Some((last, frame)) = &self.last
            && Arc::ptr_eq(last, announce)
            && frame.epoch == epoch
        {
            return Ok(frame.clone());
        }
        let frame = Arc::new(coding::to_replica(epoch, message)?);
        self.last = Some((announce.clone(), frame.clone()));
        Ok(frame)
    }

    fn post(&mut self, connection: ConnectionId, out: Out) -> Option<Event> {
        let outbox = self.outboxes.get(&connection)?;
        match outbox.try_send(out) {
            Ok(()) => None,
            Err(_) => Some(self.give_up(connection, "ReplicaSilent", "It takes no messages.")),
        }
    }

    fn give_up(&mut self, connection: ConnectionId, id: &str, message: &str) -> Event {
        self.outboxes.remove(&connection);
        Event::Closed { connection, error: Some((id.to_owned(), message.to_owned())) }
    }
}

/// Counts bytes of packages that are sent.
fn sent(bytes: u64) {
    metrics::counter!("reeve_package_bytes_sent_total").increment(bytes);
}
