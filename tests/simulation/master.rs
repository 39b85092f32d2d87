//! A computer with a master: it carries out what the product's state machine wants over a model of the store and of the
//! status table, and dies when it is told to.

use super::disk::{Disk, DiskError};
use super::journal::Journal;
use super::kernel::{Clock, Frame, Happening, Kernel, note};
use super::network::{Connection, MILLISECOND, NodeId, SECOND};
use super::package;
use super::store::ModelStore;
use reeve::replication::PackageId;
use reeve::replication::master::{Effect, Event, Master, Row};
use reeve::replication::message::{Announce, ToReplica};
use reeve::replication::package::Package;
use reeve::store::{DocumentId, Head};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The file of the store's log.
pub const LOG: &str = "store";
/// Packages that are kept.
const KEPT: usize = 12;

/// What a master's computer is about to do.
#[derive(Debug)]
pub enum Job {
    /// The state machine's second is over.
    Tick,
    /// A change that was written is to be written through.
    Sync,
    /// The master is told that the store has changed.
    Told,
    /// A package is to be made from what the store is then.
    Make(Option<u64>),
    /// Rows of the status are written through.
    Flush,
    /// So many chunks of a connection are written to the network.
    Sent(Connection, u32),
}

type Rows = BTreeMap<Arc<str>, Row>;

/// What a process has in memory.
struct Process {
    machine: Master,
    store: ModelStore,
    journal: Journal,
    /// A change that is written and not written through.
    pending: Option<Vec<u8>>,
    /// Rows that wait to be written.
    unwritten: Rows,
    packages: BTreeMap<PackageId, Package>,
}

/// A computer with a master.
pub struct Host {
    pub id: NodeId,
    pub name: Arc<str>,
    pub disk: Disk,
    /// The status table as it is on the disk: a table of its own file, each transaction of it whole.
    rows: Rows,
    clock: Clock,
    /// It counts the lives: work of an earlier one is void.
    life: u32,
    process: Option<Process>,
    /// Another computer holds the store now.
    pub deposed: bool,
    /// Names of the replicas by their numbers, and which of them the topology has.
    pub topology: Vec<(Arc<str>, bool)>,
}

impl Host {
    pub fn new(id: NodeId, name: Arc<str>, disk: Disk, clock: Clock, topology: Vec<(Arc<str>, bool)>) -> Host {
        let (rows, process) = (Rows::new(), None);
        Host { id, name, disk, rows, clock, life: 0, process, deposed: false, topology }
    }

    /// Takes the status of another computer over with the store.
    pub fn inherit(&mut self, other: &Host) {
        self.rows.clone_from(&other.rows);
    }

    pub fn is_up(&self) -> bool {
        self.process.is_some()
    }

    pub fn store(&self) -> Option<&ModelStore> {
        self.process.as_ref().map(|process| &process.store)
    }

    /// Whether a change is under way.
    pub fn is_writing(&self) -> bool {
        self.process.as_ref().is_some_and(|process| process.pending.is_some())
    }

    pub fn machine(&self) -> Option<&Master> {
        self.process.as_ref().map(|process| &process.machine)
    }

    fn later(&self, k: &mut Kernel, wait: u64, job: Job) {
        k.after(wait, Happening::Master(self.id, self.life, job));
    }

    /// The computer starts: the store is what its log gives.
    pub fn start(&mut self, k: &mut Kernel) {
        let (journal, records) = Journal::recover(LOG, &mut self.disk);
        let mut store = ModelStore::default();
        k.oracle.visible(&store);
        for record in &records {
            store.take(record);
            k.oracle.visible(&store);
        }
        let head = store.at();
        note!(k, "{} starts at {}:{} {:?}", self.name, head.epoch, head.version, head.chain);
        if !self.deposed {
            k.oracle.nothing_lost(&store);
        }
        let machine = Master::new(package::DEPLOYMENT, head, self.rows.values().cloned().collect());
        let (unwritten, packages) = (Rows::new(), BTreeMap::new());
        self.process = Some(Process { machine, store, journal, pending: None, unwritten, packages });
        self.topology_changed(k);
        self.later(k, SECOND, Job::Tick);
    }

    /// The power fails.
    pub fn die(&mut self, k: &mut Kernel) {
        let Some(process) = self.process.take() else { return };
        note!(k, "{} dies", self.name);
        k.tally.master_crashes += 1;
        k.tally.unknown += u64::from(process.pending.is_some());
        self.life += 1;
        let damage = self.disk.crash(&mut k.rng);
        k.tally.damage(damage);
        k.network.died(k.now, self.id);
    }

    pub fn topology_changed(&mut self, k: &mut Kernel) {
        let listed = self.topology.iter().filter(|(_, listed)| *listed);
        let computers = listed.map(|(name, _)| name.clone()).collect();
        self.step(k, Event::Replicas { computers });
    }

    pub fn opened(&mut self, k: &mut Kernel, connection: Connection, from: NodeId) {
        let computer = self.topology[from].0.clone();
        self.step(k, Event::Opened { connection, computer, not_after: None });
    }

    pub fn received(&mut self, k: &mut Kernel, connection: Connection, frame: Frame) {
        if let Frame::ToMaster { epoch, message } = frame {
            self.step(k, Event::Received { connection, epoch, message });
        }
    }

    pub fn closed(&mut self, k: &mut Kernel, connection: Connection) {
        self.step(k, Event::Closed { connection, error: None });
    }

    pub fn forget(&mut self, k: &mut Kernel, replica: Option<usize>) {
        let computer = replica.map(|replica| self.topology[replica].0.clone());
        self.step(k, Event::Forget { computer });
    }

    /// Somebody changes documents: written now, written through and acknowledged a little later.
    pub fn commit(&mut self, k: &mut Kernel, documents: &[(DocumentId, Option<Value>)]) {
        let Some(process) = self.process.as_mut().filter(|process| process.pending.is_none()) else { return };
        let Some(record) = process.store.change(documents) else { return };
        self.write(k, record);
    }

    /// The store enters an epoch.
    pub fn enter(&mut self, k: &mut Kernel, epoch: u64) {
        if self.process.as_ref().is_some_and(|process| process.pending.is_none()) {
            self.write(k, ModelStore::enter(epoch));
        }
    }

    fn write(&mut self, k: &mut Kernel, record: Vec<u8>) {
        let Some(process) = &mut self.process else { return };
        match process.journal.append(&mut self.disk, &record) {
            Ok(()) => {
                process.pending = Some(record);
                let wait = k.work();
                self.later(k, wait, Job::Sync);
            }
            Err(error) => self.refused(k, error),
        }
    }

    fn refused(&self, k: &mut Kernel, error: DiskError) {
        note!(k, "{} refuses a change: {error:?}", self.name);
        k.tally.refused += 1;
    }

    /// Work of this computer's is due.
    pub fn job(&mut self, k: &mut Kernel, life: u32, job: Job) {
        if life != self.life {
            return;
        }
        let Some(process) = &mut self.process else { return };
        match job {
            Job::Tick => {
                self.later(k, SECOND, Job::Tick);
                self.step(k, Event::Tick);
            }
            Job::Sync => self.synced(k),
            Job::Told => {
                let head = process.store.at();
                self.step(k, Event::Changed { head });
            }
            Job::Make(from) => self.make(k, from),
            Job::Flush => self.rows.append(&mut process.unwritten),
            Job::Sent(connection, chunks) => self.step(k, Event::Sent { connection, chunks }),
        }
    }

    /// The change is durable, and is acknowledged.
    fn synced(&mut self, k: &mut Kernel) {
        let Some(process) = &mut self.process else { return };
        let Some(record) = process.pending.take() else { return };
        if let Err(error) = process.journal.sync(&mut self.disk) {
            return self.refused(k, error);
        }
        process.store.take(&record);
        let Head { epoch, version, chain } = process.store.at();
        k.oracle.visible(&process.store);
        if ModelStore::is_change(&record) {
            k.tally.acknowledged += 1;
            if !self.deposed {
                k.oracle.acknowledge(&process.store);
            }
        }
        note!(k, "{} is at {epoch}:{version} {chain:?}", self.name);
        let wait = if k.mishap(100) { k.rng.below(2 * SECOND) } else { k.rng.below(MILLISECOND) };
        self.later(k, wait, Job::Told);
    }

    fn make(&mut self, k: &mut Kernel, from: Option<u64>) {
        let Some(process) = &mut self.process else { return };
        let made = if k.mishap(10) {
            Err(("StoreFailed".to_owned(), "The disk failed.".to_owned()))
        } else {
            package::make(&process.store, from, k.scenario.inline)
                .map_err(|error| (error.id().to_owned(), error.message().to_owned()))
        };
        match made {
            Ok((made, announce)) => {
                let Announce { package, length, hash, .. } = *announce;
                note!(k, "{} made {package}, {length} bytes", self.name);
                k.oracle.package(package, hash);
                while process.packages.len() >= KEPT {
                    process.packages.pop_first();
                }
                process.packages.insert(package, made);
                self.step(k, Event::Made { announce });
            }
            Err((id, message)) => {
                note!(k, "{} could not make a package from {from:?}: {id}", self.name);
                self.step(k, Event::NotMade { from, id, message });
            }
        }
    }

    fn step(&mut self, k: &mut Kernel, event: Event) {
        let Some(process) = &mut self.process else { return };
        let mut effects = Vec::new();
        process.machine.step(self.clock.at(k.now), event, &mut effects);
        for effect in effects {
            if k.mishap(k.scenario.crash_in_step / 2) {
                k.tally.between_effects += 1;
                k.after(k.scenario.down, Happening::Fate(super::scenario::Fate::Power(self.id)));
                return self.die(k);
            }
            self.carry_out(k, effect);
        }
    }

    fn carry_out(&mut self, k: &mut Kernel, effect: Effect) {
        let Some(process) = &mut self.process else { return };
        match effect {
            Effect::Send { connection, epoch, message } => {
                note!(k, "{} > {connection}: {}", self.name, Said(&message));
                k.send(connection, 1, Frame::ToReplica { epoch, message });
            }
            Effect::SendChunk { connection, epoch, package, offset, length } => {
                if k.mishap(k.scenario.evict) {
                    process.packages.remove(&package);
                }
                let Some(bytes) = process.packages.get(&package).and_then(|made| made.read(offset, length).ok()) else {
                    note!(k, "{} has no {package} any more", self.name);
                    return self.step(k, Event::Lost { package, connection });
                };
                note!(k, "{} > {connection}: {package} from {offset}, {length} bytes", self.name);
                k.tally.chunks += 1;
                k.send(connection, 1, Frame::ToReplica { epoch, message: ToReplica::Chunk { package, offset, bytes } });
                let wait = k.work();
                self.later(k, wait, Job::Sent(connection, 1));
            }
            Effect::Close { connection } => k.network.close(k.now, connection, 1),
            Effect::Make { from } => {
                let wait = k.work();
                self.later(k, wait, Job::Make(from));
            }
            Effect::Write(row) => {
                if let (Some(held), Some(replica)) =
                    (&row.held, self.topology.iter().position(|(n, _)| *n == row.computer))
                {
                    k.oracle.believed(replica, held);
                }
                process.unwritten.insert(row.computer.clone(), *row);
                let wait = k.rng.below(2 * SECOND);
                self.later(k, wait, Job::Flush);
            }
            Effect::Delete(computer) => {
                self.rows.append(&mut process.unwritten);
                self.rows.remove(&computer);
            }
            Effect::Over { epoch, computer } => {
                note!(k, "{} is over: {computer} knows of epoch {epoch}", self.name);
                if !self.deposed {
                    k.oracle.fail(format!("{} gave up, and is the active master", self.name));
                }
            }
        }
    }
}

/// A message in a line of the trace.
struct Said<'a>(&'a ToReplica);

impl std::fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            ToReplica::Welcome { version } => write!(f, "welcome, {version}"),
            ToReplica::Announce(announce) => write!(f, "there is {}", announce.package),
            ToReplica::Chunk { package, offset, .. } => write!(f, "{package} from {offset}"),
            ToReplica::Beat { version } => write!(f, "beat, {version}"),
            ToReplica::Farewell { id, .. } => write!(f, "farewell, {id}"),
        }
    }
}
