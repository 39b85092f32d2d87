//! A computer with a replica: it carries out what the product's state machine wants over a model disk, one effect after
//! the other, and dies when it is told to.

use super::database::{Content, Database, failed};
use super::disk::Disk;
use super::kernel::{Clock, Frame, Happening, Kernel, note};
use super::network::{Connection, MILLISECOND, NodeId, SECOND};
use super::package;
use super::scenario::Fate;
use reeve::env::FixedRandom;
use reeve::error::ErrorRecord;
use reeve::replication::message::{Announce, ToMaster};
use reeve::replication::replica::{Effect, Event, Replica, Start};
use reeve::replication::storage::apply;
use reeve::replication::{Chain, PackageId, PackageKind};
use std::collections::VecDeque;
use std::sync::Arc;

/// The file of a package that is being fetched.
const SPOOL: &str = "incoming";

/// What a replica's computer is about to do.
#[derive(Debug)]
pub enum Job {
    /// The state machine wanted to be woken.
    Tick,
    /// The effect that took time is over.
    Done(Box<Effect>),
    /// The others have answered who the master is.
    Found(Option<Arc<str>>),
}

/// What a process has in memory.
struct Process {
    machine: Replica,
    database: Database,
    /// What has happened and is not taken yet: an effect is being carried out. With the connection that it came on.
    inbox: VecDeque<(Option<Connection>, Event)>,
    /// Effects of the last step that are still to be carried out.
    todo: VecDeque<Effect>,
    /// One of them is taking its time.
    busy: bool,
    connection: Option<Connection>,
    /// A connection that is being made.
    attempt: Option<Connection>,
    /// When it is woken.
    wake: Option<u64>,
}

/// What effects want of the world outside: the world carries it out.
pub enum Wish {
    /// A connection to a computer; `None`: to the first master.
    Connect(Option<Arc<str>>),
    /// To know who the master is.
    Find,
}

/// A computer with a replica.
pub struct Host {
    pub id: NodeId,
    name: Arc<str>,
    pub disk: Disk,
    /// Which package the spooled bytes are of: the name of the file.
    spooled: Option<(PackageId, Chain)>,
    clock: Clock,
    life: u32,
    process: Option<Process>,
    pub wishes: Vec<Wish>,
}

impl Host {
    pub fn new(id: NodeId, name: Arc<str>, clock: Clock) -> Host {
        let (disk, wishes) = (Disk::default(), Vec::new());
        Host { id, name, disk, spooled: None, clock, life: 0, process: None, wishes }
    }

    pub fn is_up(&self) -> bool {
        self.process.is_some()
    }

    /// What it holds, for everybody to read.
    pub fn content(&self) -> Option<&Content> {
        self.process.as_ref().map(|process| &process.database.content)
    }

    /// Its connection, while it takes it for open.
    pub fn connection(&self) -> Option<Connection> {
        self.process.as_ref().and_then(|process| process.connection)
    }

    fn later(&self, k: &mut Kernel, wait: u64, job: Job) {
        k.after(wait, Happening::Replica(self.id, self.life, job));
    }

    /// The computer starts: it holds what its log gives.
    pub fn start(&mut self, k: &mut Kernel) {
        let database = Database::open(&mut self.disk);
        let length = self.disk.read(SPOOL).len() as u64;
        self.spooled = self.spooled.filter(|_| length > 0);
        let content = &database.content;
        note!(k, "{} starts with {:?}, epoch {}", self.name, content.held, content.highest_epoch);
        k.oracle.replica(self.id, content, true);
        let machine = Replica::new(Start {
            deployment: package::DEPLOYMENT.to_owned(),
            computer: self.name.clone(),
            product: "1.0".to_owned(),
            held: content.held,
            highest_epoch: content.highest_epoch,
            partial: self.spooled.map(|(package, hash)| (package, hash, length)),
            random: Arc::new(FixedRandom::new(k.rng.next())),
        });
        let (inbox, todo) = (VecDeque::new(), VecDeque::new());
        let (busy, connection, attempt, wake) = (false, None, None, None);
        self.process = Some(Process { machine, database, inbox, todo, busy, connection, attempt, wake });
        self.happens(k, None, Event::Tick);
    }

    /// The power fails.
    pub fn die(&mut self, k: &mut Kernel) {
        if self.process.take().is_none() {
            return;
        }
        note!(k, "{} dies", self.name);
        k.tally.replica_crashes += 1;
        self.life += 1;
        let damage = self.disk.crash(&mut k.rng);
        k.tally.damage(damage);
        k.network.died(k.now, self.id);
    }

    /// The power fails in the midst of something, and comes back after a while.
    fn dies_here(&mut self, k: &mut Kernel) {
        k.tally.between_effects += 1;
        self.die(k);
        k.after(k.scenario.down, Happening::Fate(Fate::Power(self.id)));
    }

    pub fn connecting(&mut self, attempt: Connection) {
        if let Some(process) = &mut self.process {
            process.attempt = Some(attempt);
        }
    }

    /// The connection stands; `false` if it is none that is wanted.
    pub fn opened(&mut self, k: &mut Kernel, connection: Connection) -> bool {
        let Some(process) = self.process.as_mut().filter(|process| process.attempt == Some(connection)) else {
            return false;
        };
        process.attempt = None;
        process.connection = Some(connection);
        self.happens(k, Some(connection), Event::Connected);
        true
    }

    pub fn refused(&mut self, k: &mut Kernel, connection: Connection) {
        let Some(process) = self.process.as_mut().filter(|process| process.attempt == Some(connection)) else { return };
        process.attempt = None;
        let (id, message) = ("HostUnreachable".to_owned(), "Nobody answers.".to_owned());
        self.happens(k, None, Event::NotConnected { id, message });
    }

    pub fn received(&mut self, k: &mut Kernel, connection: Connection, frame: Frame) {
        if let Frame::ToReplica { epoch, message } = frame {
            self.happens(k, Some(connection), Event::Received { epoch, message });
        }
    }

    pub fn closed(&mut self, k: &mut Kernel, connection: Connection) {
        self.refused(k, connection);
        let (id, message) = ("ConnectionLost".to_owned(), "The connection broke.".to_owned());
        self.happens(k, Some(connection), Event::Closed { id, message });
    }

    pub fn hook(&mut self, k: &mut Kernel, error: Option<String>) {
        self.happens(k, None, Event::Hook { error });
    }

    /// Work of this computer's is due.
    pub fn job(&mut self, k: &mut Kernel, life: u32, job: Job) {
        let Some(process) = self.process.as_mut().filter(|_| life == self.life) else { return };
        match job {
            Job::Tick => {
                if process.wake == Some(k.now) {
                    process.wake = None;
                    self.happens(k, None, Event::Tick);
                }
            }
            Job::Found(computer) => self.happens(k, None, Event::Found { computer }),
            Job::Done(effect) => {
                if !(k.scenario.overlaps && matches!(*effect, Effect::Apply { .. })) {
                    process.busy = false;
                }
                self.finish(k, *effect);
                self.run(k);
            }
        }
    }

    fn happens(&mut self, k: &mut Kernel, connection: Option<Connection>, event: Event) {
        if let Some(process) = &mut self.process {
            process.inbox.push_back((connection, event));
            self.run(k);
        }
    }

    /// Takes what has happened, one after the other, and carries out what is wanted of each before the next.
    fn run(&mut self, k: &mut Kernel) {
        loop {
            let Some(process) = self.process.as_mut().filter(|process| !process.busy) else { return };
            if let Some(effect) = process.todo.pop_front() {
                if k.mishap(k.scenario.crash_in_step) {
                    return self.dies_here(k);
                }
                self.begin(k, effect);
                continue;
            }
            let Some((connection, event)) = process.inbox.pop_front() else { break };
            // What came on a connection that was ended since is not heard.
            if connection.is_some() && connection != process.connection {
                continue;
            }
            if matches!(event, Event::Closed { .. }) {
                process.connection = None;
            }
            let mut effects = Vec::new();
            process.machine.step(self.clock.at(k.now), event, &mut effects);
            process.todo.extend(effects);
        }
        self.sleep(k);
    }

    /// Lets it be woken when it wants.
    fn sleep(&mut self, k: &mut Kernel) {
        let Some(process) = &mut self.process else { return };
        let now = self.clock.at(k.now).millis;
        let wait = process.machine.wake().saturating_sub(now).clamp(1, 3_600_000) * MILLISECOND;
        if process.wake.is_none_or(|wake| wake > k.now + wait || wake <= k.now) {
            process.wake = Some(k.now + wait);
            self.later(k, wait, Job::Tick);
        }
    }

    /// Begins an effect: most are done at once, those that write through take their time. Whether the state machine
    /// hears of other things while a package is applied is the seed's to say: both must do.
    fn begin(&mut self, k: &mut Kernel, effect: Effect) {
        let Some(process) = &mut self.process else { return };
        match effect {
            Effect::PersistEpoch { .. } | Effect::Apply { .. } => {
                process.busy = !(k.scenario.overlaps && matches!(effect, Effect::Apply { .. }));
                let wait = k.work();
                self.later(k, wait, Job::Done(Box::new(effect)));
            }
            Effect::Connect { to } => self.wishes.push(Wish::Connect(to)),
            Effect::Find => self.wishes.push(Wish::Find),
            Effect::Send { epoch, message } => self.say(k, epoch, message),
            Effect::Close => {
                if let Some(connection) = process.connection.take() {
                    k.network.close(k.now, connection, 0);
                }
            }
            Effect::Spool { package, hash, offset, bytes } => {
                self.spooled = Some((package, hash));
                if offset == 0 {
                    self.disk.cut(SPOOL, 0);
                }
                let there = self.disk.read(SPOOL).len() as u64;
                if offset != there {
                    return k.oracle.fail(format!("{} spools at {offset}, and has {there} bytes", self.name));
                }
                if let Err(error) = self.disk.write(SPOOL, offset as usize, &bytes) {
                    self.not_applied(k, package, &failed(error));
                }
            }
            Effect::Discard => {
                self.spooled = None;
                self.disk.cut(SPOOL, 0);
            }
        }
    }

    /// An effect that took its time is over.
    fn finish(&mut self, k: &mut Kernel, effect: Effect) {
        let Some(process) = &mut self.process else { return };
        match effect {
            Effect::PersistEpoch { epoch } => match process.database.persist_epoch(&mut self.disk, epoch) {
                Ok(()) => k.oracle.replica(self.id, &process.database.content, true),
                Err(error) => {
                    // Nothing that came after it in the same list is done.
                    process.todo.clear();
                    let (id, message) = (error.id().to_owned(), error.message().to_owned());
                    process.inbox.push_front((None, Event::NotPersisted { id, message }));
                }
            },
            Effect::Apply { announce } => self.apply(k, &announce),
            _ => {}
        }
    }

    fn apply(&mut self, k: &mut Kernel, announce: &Arc<Announce>) {
        let Some(process) = &mut self.process else { return };
        let id = announce.package;
        let bytes = announce.body.as_deref().unwrap_or_else(|| self.disk.read(SPOOL)).to_vec();
        let fails = k.mishap(k.scenario.crash_in_step * 4);
        let opened = package::unpack(&bytes, announce);
        let mut target = process.database.target(&mut self.disk, fails);
        let done = opened.and_then(|mut unpacked| apply(&mut target, announce, &mut unpacked));
        if fails {
            return self.dies_here(k);
        }
        match done {
            Ok(held) => {
                note!(k, "{} applied {id}", self.name);
                match id.kind() {
                    PackageKind::Full => k.tally.fulls += 1,
                    PackageKind::Delta => k.tally.deltas += 1,
                }
                k.oracle.applied(self.id, id);
                let durable = Content::durable(&self.disk).held == Some(held);
                k.oracle.replica(self.id, &process.database.content, durable);
                if announce.body.is_none() {
                    self.spooled = None;
                    self.disk.cut(SPOOL, 0);
                }
                process.inbox.push_front((None, Event::Applied { package: id, held }));
            }
            Err(error) => self.not_applied(k, id, &error),
        }
    }

    fn not_applied(&mut self, k: &mut Kernel, package: PackageId, error: &ErrorRecord) {
        note!(k, "{} did not apply {package}: {}", self.name, error.id());
        k.tally.not_applied += 1;
        let (id, message) = (error.id().to_owned(), error.message().to_owned());
        if let Some(process) = &mut self.process {
            process.inbox.push_front((None, Event::NotApplied { package, id, message }));
        }
    }

    fn say(&mut self, k: &mut Kernel, epoch: u64, message: ToMaster) {
        let Some(connection) = self.connection() else { return };
        let held = match &message {
            ToMaster::Hello(hello) => hello.held,
            ToMaster::Report(report) => Some(report.held),
            _ => None,
        };
        if let Some(held) = held {
            k.tally.reports += 1;
            k.oracle.said(self.id, &held, &Content::durable(&self.disk));
        }
        let what = match &message {
            ToMaster::Hello(_) => "hello",
            ToMaster::Fetch { .. } => "fetch",
            ToMaster::Report(_) => "report",
            ToMaster::Failed { id, .. } => id,
            ToMaster::Alive => "alive",
        };
        note!(k, "{} > {connection}: {what} {:?}", self.name, held);
        k.send(connection, 0, Frame::ToMaster { epoch, message });
    }

    /// The answer to a wish to find the master.
    pub fn found(&self, k: &mut Kernel, computer: Option<Arc<str>>) {
        let wait = k.rng.range(10 * MILLISECOND, 2 * SECOND);
        self.later(k, wait, Job::Found(computer));
    }
}
