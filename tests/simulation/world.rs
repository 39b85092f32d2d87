//! A simulated world: computers, what happens to them, and the quiet at the end in which everything must come right.

use super::disk::Disk;
use super::journal::Journal;
use super::kernel::{Clock, Happening, Kernel, note};
use super::network::{Arrival, Connection, End, NodeId, SECOND};
use super::oracle::difference;
use super::replica::Wish;
use super::rng::Rng;
use super::runner::Outcome;
use super::scenario::{Fate, RECURRING, Scenario};
use super::store::ModelStore;
use super::tally::Tally;
use super::{master, replica};
use std::sync::Arc;

/// The quiet lasts so long at most, in microseconds: silence is noticed after 30 s, attempts are up to 10 s apart.
const QUIET: u64 = 240 * SECOND;
/// When everything is right it must stay so for this long.
const STABLE: u64 = 15 * SECOND;
/// Happenings after which a world goes in circles.
const MOST: u64 = 2_000_000;

/// A world. Computers are numbered: the replicas first, then the masters in the order in which they came to be.
pub struct World {
    pub k: Kernel,
    pub replicas: Vec<replica::Host>,
    pub masters: Vec<master::Host>,
    /// The master that holds the store.
    pub active: usize,
    /// The highest epoch that any store ever entered, or is entering.
    pub epoch: u64,
    /// Since when everything is right, and what had been applied by then.
    right: Option<(u64, u64)>,
    done: bool,
}

/// Lives a world through. `print` shows its trace.
pub fn live(seed: u64, print: bool) -> Outcome<Tally> {
    let mut world = World::new(seed, print);
    world.run();
    let mut k = world.k;
    let network = k.network.tally;
    k.tally.network(&network);
    k.tally.replicas = world.replicas.len() as u64;
    Outcome {
        hash: k.trace.hash(),
        lines: k.trace.lines(),
        tally: k.tally,
        failure: k.oracle.failure().map(str::to_owned),
        tail: k.trace.tail(),
        quiet: k.now.saturating_sub(k.scenario.calm_at),
    }
}

impl World {
    pub fn new(seed: u64, print: bool) -> World {
        let mut rng = Rng::new(seed);
        let scenario = Scenario::draw(&mut rng);
        let mut k = Kernel::new(scenario, rng, print);
        let count = k.scenario.replicas;
        note!(k, "seed {seed}: {:?}", k.scenario);
        let names: Vec<Arc<str>> = (0..count).map(|n| format!("r{n}").into()).collect();
        let replicas = names.iter().enumerate();
        let replicas = replicas.map(|(id, name)| replica::Host::new(id, name.clone(), Clock::draw(&mut k.rng)));
        let replicas: Vec<_> = replicas.collect();
        let topology = names.iter().map(|name| (name.clone(), true)).collect();
        let clock = Clock::draw(&mut k.rng);
        let first = master::Host::new(count, "m0".into(), Disk::default(), clock, topology);
        let mut world = World { k, replicas, masters: vec![first], active: 0, epoch: 1, right: None, done: false };
        world.begin();
        world
    }

    fn begin(&mut self) {
        let World { k, masters, .. } = self;
        masters[0].start(k);
        for id in 0..self.replicas.len() {
            let wait = k.rng.below(SECOND);
            k.after(wait, Happening::Fate(Fate::Power(id)));
        }
        for (at, fate) in RECURRING.iter().enumerate() {
            Self::again(k, at, *fate);
        }
        k.after(k.scenario.calm_at, Happening::Fate(Fate::Calm));
    }

    /// Lets a recurring fate come again.
    fn again(k: &mut Kernel, at: usize, fate: Fate) {
        let every = k.scenario.every[at];
        if every > 0 && !k.calm {
            let wait = k.rng.range(1, 2 * every);
            k.after(wait, Happening::Fate(fate));
        }
    }

    fn run(&mut self) {
        while let Some(what) = self.k.next() {
            self.k.tally.events += 1;
            match what {
                Happening::Net(arrival) => self.arrive(arrival),
                Happening::Master(node, life, job) => {
                    let at = node - self.replicas.len();
                    self.masters[at].job(&mut self.k, life, job);
                }
                Happening::Replica(node, life, job) => self.replicas[node].job(&mut self.k, life, job),
                Happening::Fate(fate) => {
                    if let Some(at) = RECURRING.iter().position(|recurring| *recurring == fate) {
                        if self.k.calm {
                            continue;
                        }
                        Self::again(&mut self.k, at, fate);
                    }
                    self.befall(fate);
                }
            }
            self.grant_wishes();
            if self.k.tally.events > MOST {
                self.k.oracle.fail("it goes in circles".to_owned());
            }
            if self.done || self.k.oracle.failure().is_some() {
                return;
            }
        }
    }

    fn arrive(&mut self, arrival: Arrival<super::kernel::Frame>) {
        let k = &mut self.k;
        match arrival {
            Arrival::Opened(connection, end) => self.opened(connection, end),
            Arrival::Refused(connection) => {
                self.replicas.iter_mut().for_each(|replica| replica.refused(k, connection));
            }
            Arrival::Message(connection, end, frame) => {
                let Some(node) = k.network.node_at(connection, end) else {
                    // Nobody is there any more: the sender's system is told.
                    return k.network.reset(k.now, connection, 1 - end);
                };
                match node.checked_sub(self.replicas.len()) {
                    Some(at) => self.masters[at].received(k, connection, frame),
                    None => self.replicas[node].received(k, connection, frame),
                }
            }
            Arrival::Closed(connection, end) => {
                let Some(node) = k.network.closed(connection, end) else { return };
                match node.checked_sub(self.replicas.len()) {
                    Some(at) => self.masters[at].closed(k, connection),
                    None => self.replicas[node].closed(k, connection),
                }
            }
        }
    }

    fn opened(&mut self, connection: Connection, end: End) {
        let k = &mut self.k;
        let Some(node) = k.network.node_at(connection, end) else {
            return k.network.reset(k.now, connection, 1 - end);
        };
        match node.checked_sub(self.replicas.len()) {
            Some(at) => {
                if let Some(from) = k.network.other(connection, end) {
                    self.masters[at].opened(k, connection, from);
                }
            }
            None => {
                if !self.replicas[node].opened(k, connection) {
                    k.network.close(k.now, connection, end);
                }
            }
        }
    }

    /// What replicas want of the world.
    fn grant_wishes(&mut self) {
        for at in 0..self.replicas.len() {
            for wish in std::mem::take(&mut self.replicas[at].wishes) {
                let k = &mut self.k;
                match wish {
                    Wish::Connect(to) => {
                        let to =
                            to.and_then(|to| self.masters.iter().position(|master| master.name == to)).unwrap_or(0);
                        let master = &self.masters[to];
                        let connection = k.network.connect(k.now, at, master.id, master.is_up());
                        note!(k, "r{at} connects to {} by {connection}", master.name);
                        self.replicas[at].connecting(connection);
                    }
                    Wish::Find => {
                        // The others know, or do not, or know what was.
                        let known =
                            if k.mishap(300) { k.rng.below(self.masters.len() as u64) as usize } else { self.active };
                        let answer = (!k.mishap(200)).then(|| self.masters[known].name.clone());
                        self.replicas[at].found(k, answer);
                    }
                }
            }
        }
    }

    /// The power of a computer comes back, unless it has it.
    pub fn power(&mut self, node: NodeId) {
        match node.checked_sub(self.replicas.len()) {
            Some(at) if !self.masters[at].is_up() && !self.masters[at].deposed => self.masters[at].start(&mut self.k),
            None if !self.replicas[node].is_up() => self.replicas[node].start(&mut self.k),
            _ => {}
        }
    }

    /// The store enters a higher epoch where it is.
    pub fn enter_epoch(&mut self) {
        self.epoch += 1;
        self.k.tally.epochs += 1;
        note!(self.k, "epoch {} is to begin", self.epoch);
        self.masters[self.active].enter(&mut self.k, self.epoch);
    }

    /// Another computer takes the store over, under a higher epoch: with all that is durable, or, after a disaster, with
    /// less. The former may go on for a time without knowing.
    pub fn fail_over(&mut self) {
        self.epoch += 1;
        self.k.tally.failovers += 1;
        let k = &mut self.k;
        let (id, name) = (self.replicas.len() + self.masters.len(), format!("m{}", self.masters.len()));
        let former = &mut self.masters[self.active];
        former.deposed = true;
        let mut records = Journal::durable(master::LOG, &former.disk);
        let changes = records.iter().filter(|record| ModelStore::is_change(record)).count() as u64;
        let lost = if k.rng.chance(500) { k.rng.below(changes.min(4) + 1) } else { 0 };
        for _ in 0..lost {
            while records.pop().is_some_and(|record| !ModelStore::is_change(&record)) {}
        }
        k.tally.rolled_back += k.oracle.disaster(changes - lost);
        records.push(ModelStore::enter(self.epoch));
        let mut disk = Disk::default();
        let (mut journal, _) = Journal::recover(master::LOG, &mut disk);
        for record in &records {
            let written = journal.append(&mut disk, record).and_then(|()| journal.sync(&mut disk));
            assert_eq!(written, Ok(()), "a new disk has room");
        }
        note!(k, "{name} takes over under epoch {} without the last {lost} changes", self.epoch);
        let mut host = master::Host::new(id, name.into(), disk, Clock::draw(&mut k.rng), former.topology.clone());
        if k.rng.chance(500) {
            host.inherit(former);
        }
        if k.rng.chance(500) {
            former.die(k);
        }
        host.start(k);
        self.active = self.masters.len();
        self.masters.push(host);
    }

    /// Nothing goes wrong from now on; what was wrong comes right.
    pub fn calm(&mut self) {
        let k = &mut self.k;
        note!(k, "calm");
        k.calm = true;
        k.recorded.clear();
        k.network.heal(k.now);
        for (at, master) in self.masters.iter_mut().enumerate() {
            master.disk.heal();
            if at != self.active {
                master.die(k);
            }
        }
        for replica in &mut self.replicas {
            replica.disk.heal();
            replica.hook(k, None);
        }
        let names = self.masters[self.active].topology.iter_mut();
        names.for_each(|(_, listed)| *listed = true);
        for node in (0..self.replicas.len()).chain([self.masters[self.active].id]) {
            self.power(node);
        }
        self.masters[self.active].topology_changed(&mut self.k);
        self.k.after(SECOND, Happening::Fate(Fate::Look));
    }

    /// Is everything as it should be? It must come to be so, and stay so without anything more being applied.
    pub fn look(&mut self) {
        let k = &mut self.k;
        let wrong = wrong(&self.masters[self.active], &self.replicas);
        let applied = k.tally.deltas + k.tally.fulls;
        match (wrong, self.right) {
            (None, None) => {
                note!(k, "all is right");
                self.right = Some((k.now, applied));
                k.after(STABLE, Happening::Fate(Fate::Look));
            }
            (None, Some((_, before))) => {
                self.done = true;
                if applied > before {
                    k.oracle.fail(format!("{} packages were applied after all was right", applied - before));
                }
                if let Some(store) = self.masters[self.active].store() {
                    k.oracle.nothing_lost(store);
                }
            }
            (Some(wrong), _) if k.now > k.scenario.calm_at + QUIET => {
                k.oracle.fail(format!("after {} s of quiet: {wrong}", QUIET / SECOND));
            }
            (Some(wrong), before) => {
                // A connection that was broken before shows so only now.
                if before.is_some() {
                    note!(k, "not yet: {wrong}");
                }
                self.right = None;
                k.after(SECOND, Happening::Fate(Fate::Look));
            }
        }
    }
}

/// What is not as it should be in the end, if anything: each replica equals the store, and the status says so.
fn wrong(master: &master::Host, replicas: &[replica::Host]) -> Option<String> {
    let (Some(store), Some(machine)) = (master.store(), master.machine()) else {
        return Some("the master is down".to_owned());
    };
    if master.is_writing() {
        return Some("a change is under way".to_owned());
    }
    let (head, live, states) = (store.at(), store.live(), machine.states());
    for replica in replicas {
        let name = &master.topology[replica.id].0;
        let Some(content) = replica.content() else { return Some(format!("{name} is down")) };
        if content.held != Some(head.held()) {
            return Some(format!("{name} holds {:?}, the store is at {:?}", content.held, head.held()));
        }
        if let Some(what) = difference(&live, content) {
            return Some(format!("{name}: {what}"));
        }
        let Some(state) = states.iter().find(|state| *state.replica_fqdn == **name) else {
            return Some(format!("the status does not know {name}"));
        };
        if !state.up_to_date || !state.connected || state.reason.is_some() {
            return Some(format!("{name} is up to date, and the status says: {:?}", state.reason));
        }
        if state.version_held != Some(head.version) || state.epoch != Some(head.epoch) || state.hook_error.is_some() {
            return Some(format!("the status of {name} is wrong: {state:?}"));
        }
    }
    None
}
