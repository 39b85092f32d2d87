//! A computer with a place of the database: what dies with it, what does not, and its work.

use super::super::kernel::{Clock, note};
use super::super::rng::Rng;
use super::engine::Engine;
use super::place::Orderer;
use super::run::Promoting;
use super::store::Disk;
use super::world::World;
use reeve::backup::log::{Effect as LogEffect, Tracker};
use reeve::failover::{Feed, Place, PlaceEffect, PlaceEvent, PlaceState, Run, RunEffect, RunEvent};
use reeve::replication::Now;
use reeve::store::Role;
use reeve::value::{DateTime, DateTimeKind};
use std::collections::{BTreeMap, VecDeque};

/// How long a mirror may be silent, in milliseconds.
const ALONE_AFTER: u64 = 5_000;
/// Milliseconds between the ticks of the machines.
const TICK: u64 = 250;

/// A change whose acknowledgement waits for a mirror.
#[derive(Debug)]
pub struct Waiting {
    pub sequence: u64,
    pub since: u64,
    pub call: u64,
    pub epoch: u64,
}

/// A question for the log that waits for something to come.
#[derive(Debug)]
pub struct Held {
    pub call: u64,
    pub from: usize,
    pub request: reeve::backup::log::Request,
    pub until: u64,
}

/// A computer.
pub struct Host {
    pub id: usize,
    pub name: String,
    pub up: bool,
    pub generation: u32,
    pub disk: Disk,
    clock: Clock,
    pub place: Option<Place>,
    pub effects: VecDeque<PlaceEffect>,
    pub busy: bool,
    /// What the place machine's last `Serve` said.
    pub serving: bool,
    /// When it was started, in the world's time.
    pub started: u64,
    pub tracker: Tracker,
    pub waiting: Vec<Waiting>,
    pub held: Vec<Held>,
    pub engine: Option<Engine>,
    pub engines: u64,
    pub last_contact: Option<DateTime>,
    pub orders: BTreeMap<u64, Orderer>,
    pub run: Option<Run>,
    pub run_effects: VecDeque<RunEffect>,
    pub run_busy: bool,
    /// Who waits for the run.
    pub run_call: Option<u64>,
    pub promoting: Option<Promoting>,
}

/// Work of a host.
#[derive(Debug)]
pub enum Job {
    Tick,
    /// The first of the place's effects is done.
    Place,
    /// The first of the run's effects is done.
    Run,
    /// Some work of the run's is done.
    Work(u64, super::run::Done),
    /// A client's change is written.
    Commit {
        call: u64,
        id: u64,
        document: u8,
    },
    /// The follower's effect is done.
    Engine(u64, Box<LogEffect>),
    EngineWake(u64),
}

impl Host {
    pub fn new(id: usize, name: &str, rng: &mut Rng) -> Host {
        Host {
            id,
            name: name.to_owned(),
            up: false,
            generation: 0,
            disk: Disk::default(),
            clock: Clock::draw(rng),
            place: None,
            effects: VecDeque::new(),
            busy: false,
            serving: false,
            started: 0,
            tracker: Tracker::new(ALONE_AFTER),
            waiting: Vec::new(),
            held: Vec::new(),
            engine: None,
            engines: 0,
            last_contact: None,
            orders: BTreeMap::new(),
            run: None,
            run_effects: VecDeque::new(),
            run_busy: false,
            run_call: None,
            promoting: None,
        }
    }

    pub fn now(&self, time: u64) -> Now {
        self.clock.at(time)
    }

    pub fn time(&self, time: u64) -> DateTime {
        DateTime { ticks: self.now(time).clock, kind: DateTimeKind::Utc }
    }
}

impl World {
    pub fn index(&self, computer: &str) -> usize {
        self.hosts.iter().position(|host| host.name.eq_ignore_ascii_case(computer)).expect("a computer of the layout")
    }

    /// Its process begins.
    pub fn start(&mut self, id: usize) {
        let now = self.now;
        let others = self.layout.computers.clone();
        let host = &mut self.hosts[id];
        host.up = true;
        host.started = now;
        let epoch = host.disk.position().epoch;
        let mut record = host.disk.record.clone();
        record.highest_epoch = record.highest_epoch.max(host.disk.heard);
        host.place = Some(Place::new(&host.name, others, host.disk.role, epoch, record));
        host.tracker = Tracker::new(ALONE_AFTER);
        note!(self, "{id} starts as {:?}, row {}", self.hosts[id].disk.role, self.hosts[id].disk.rows.len());
        self.expect(id);
        self.step_place(id, PlaceEvent::Start);
        let wait = self.rng.below(TICK * 1_000);
        self.job(id, wait, Job::Tick);
        let record = self.hosts[id].disk.run.clone();
        if let Some(record) = record.filter(|record| record.goes_on_alone()) {
            self.hosts[id].run = Some(Run::resume(record, super::run::WAITS));
            self.step_run(id, RunEvent::Start);
        }
    }

    /// Its power fails: what is durable stays.
    pub fn die(&mut self, id: usize) {
        note!(self, "{id} dies");
        let host = &mut self.hosts[id];
        host.up = false;
        host.generation += 1;
        host.place = None;
        host.effects.clear();
        host.busy = false;
        host.serving = false;
        host.waiting.clear();
        host.held.clear();
        host.engine = None;
        host.last_contact = None;
        host.orders.clear();
        host.run = None;
        host.run_effects.clear();
        host.run_busy = false;
        host.run_call = None;
        host.promoting = None;
    }

    pub fn work(&mut self, id: usize, job: Job) {
        match job {
            Job::Tick => {
                self.job(id, TICK * 1_000, Job::Tick);
                self.step_place(id, PlaceEvent::Tick);
                if self.hosts[id].run.is_some() {
                    self.step_run(id, RunEvent::Tick);
                }
                self.serve_held(id);
                self.gate(id);
            }
            Job::Place => self.place_effect_done(id),
            Job::Run => self.run_effect_done(id),
            Job::Work(ticket, done) => self.run_work_done(id, ticket, done),
            Job::Commit { call, id: change, document } => self.commit(id, call, change, document),
            Job::Engine(engine, effect) => self.engine_effect_done(id, engine, *effect),
            Job::EngineWake(engine) => self.engine_wake(id, engine),
        }
    }

    /// The mirror of the pool in which a computer has its place.
    pub fn mirror_of(&self, id: usize) -> Option<usize> {
        let count = self.hosts.len();
        match (count, id) {
            (3 | 4, 0) => Some(1),
            (3 | 4, 1) => Some(0),
            (4, 2) => Some(3),
            (4, 3) => Some(2),
            _ => None,
        }
    }

    /// Tells the gate who follows.
    pub fn expect(&mut self, id: usize) {
        let mirror = self.mirror_of(id);
        let followers: Vec<(String, bool)> = (0..self.hosts.len())
            .filter(|other| *other != id)
            .map(|other| (self.hosts[other].name.clone(), Some(other) == mirror))
            .collect();
        let now = self.hosts[id].now(self.now).millis;
        self.hosts[id].tracker.expect(now, &followers);
    }

    /// What a computer says of its place.
    pub fn state(&self, id: usize) -> Option<PlaceState> {
        let host = &self.hosts[id];
        let place = host.place.as_ref()?;
        let run = host.run.as_ref().and_then(|run| run.record()).or(host.disk.run.as_ref());
        let follows = host.engine.as_ref().map(|engine| engine.source);
        let now = host.now(self.now);
        let feeds: Vec<Feed> = if host.serving { host.tracker.feeds(now.millis) } else { Vec::new() };
        Some(PlaceState {
            computer: host.name.clone(),
            database: "CentralMgmt".to_owned(),
            role: Some(host.disk.role),
            serves: host.serving,
            position: host.disk.source(),
            highest_epoch: place.highest_epoch(),
            follows: follows.map(|source| self.hosts[source].name.clone()),
            feed: host.engine.as_ref().map(|engine| engine.feed(now.millis)),
            last_contact: host.last_contact,
            error: None,
            feeds,
            underway: run.and_then(|run| run.underway()).or(host.disk.record.closed.clone()),
            unreported: None,
            runs: false,
            given_up: None,
            restored: false,
            exports: None,
            unsent: None,
            free: 1 << 40,
            size: 1 << 20,
            product: "1".to_owned(),
            certificate_not_after: None,
        })
    }

    /// What is not as it must be in the end.
    pub fn wrong(&self) -> Option<String> {
        let serving: Vec<usize> = self.hosts.iter().filter(|host| host.serving).map(|host| host.id).collect();
        let [active] = serving[..] else { return Some(format!("{serving:?} serve")) };
        let at = self.hosts[active].disk.position();
        for host in &self.hosts {
            if host.id != active && (host.disk.role != Role::Standby || host.disk.position() != at) {
                let own = host.disk.position();
                return Some(format!(
                    "{} is {:?} at {}:{}, {active} at {}:{}",
                    host.id, host.disk.role, own.epoch, own.sequence, at.epoch, at.sequence
                ));
            }
            if host.run.is_some() {
                return Some(format!("a failover runs at {}", host.id));
            }
        }
        let behind = self.replicas.iter().position(|replica| replica.held() != (at.epoch, at.version));
        behind.map(|replica| format!("replica {replica} holds {:?}", self.replicas[replica].held()))
    }
}
