//! A world from its beginning to its end: time, chance, trouble, and the quiet in which all must come right.

use super::super::kernel::note;
use super::super::rng::Rng;
use super::super::runner::{Counts, Outcome};
use super::super::trace::Trace;
use super::clients::Replica;
use super::host::{Host, Job};
use super::layout::{Layout, layout};
use super::oracle::Oracle;
use super::run::Gather;
use super::store::Known;
use super::wire::{Call, MS, Node, Passing};
use reeve::store::Role;
use std::collections::{BTreeMap, BTreeSet};

const SECOND: u64 = 1_000 * MS;
/// Microseconds within which all must be right once nothing goes wrong.
const QUIET: u64 = 240 * SECOND;
/// Clients, replicas.
pub const CLIENTS: usize = 3;
pub const REPLICAS: usize = 2;

/// What happens.
#[derive(Debug)]
pub enum Event {
    Wire(Passing),
    /// Work of a host; void if it died since.
    Host(usize, u32, Job),
    Client(usize),
    Replica(usize),
    Admin,
    /// A computer dies; and another some time later.
    Crash(bool),
    Restart(usize),
    Cut(bool),
    Heal,
    Calm,
    Look,
}

/// Counts of what happened.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub acknowledged: u64,
    pub crashes: u64,
    pub cuts: u64,
    pub orders: u64,
    pub planned: u64,
    pub disasters: u64,
    pub certain: u64,
    pub undone: u64,
    pub fenced: u64,
    pub rewound: u64,
    pub lost: u64,
    pub listed: u64,
}

impl Counts for Tally {
    fn shown(&self) -> String {
        format!("{self:?}")
    }

    fn count(&mut self, other: &Tally) {
        let pairs = [
            (&mut self.acknowledged, other.acknowledged),
            (&mut self.crashes, other.crashes),
            (&mut self.cuts, other.cuts),
            (&mut self.orders, other.orders),
            (&mut self.planned, other.planned),
            (&mut self.disasters, other.disasters),
            (&mut self.certain, other.certain),
            (&mut self.undone, other.undone),
            (&mut self.fenced, other.fenced),
            (&mut self.rewound, other.rewound),
            (&mut self.lost, other.lost),
            (&mut self.listed, other.listed),
        ];
        for (sum, more) in pairs {
            *sum += more;
        }
    }
}

/// The world.
pub struct World {
    pub now: u64,
    queue: BTreeMap<(u64, u64), Event>,
    sequence: u64,
    pub rng: Rng,
    pub trace: Trace,
    pub tally: Tally,
    pub oracle: Oracle,
    pub layout: &'static Layout,
    pub hosts: Vec<Host>,
    pub replicas: Vec<Replica>,
    /// Whom each client takes for the one that serves.
    pub believed: [usize; CLIENTS],
    pub changes: u64,
    pub calls: BTreeMap<u64, Call>,
    pub late: BTreeMap<u64, (Node, usize)>,
    pub calls_made: u64,
    pub gathers: BTreeMap<u64, Gather>,
    pub cut: BTreeSet<(Node, Node)>,
    /// The network is whole since then.
    pub whole_since: u64,
    pub known: Known,
    /// Messages may be stuck for long.
    pub harsh: bool,
    pub calm: bool,
    calm_at: u64,
    done: bool,
    rescues: u64,
    how_often: [u64; 3],
}

impl World {
    fn new(seed: u64, print: bool) -> World {
        let mut rng = Rng::new(seed ^ 0xFA11_0BE5);
        let layout = layout(rng.below(3));
        let hosts = (0..layout.computers.len()).map(|id| Host::new(id, &layout.computers[id], &mut rng)).collect();
        let calm_at = rng.range(12, 40) * SECOND;
        let harsh = rng.chance(300);
        let how_often = [rng.pick(&[2, 5, 12]), rng.pick(&[4, 10, 40]), rng.pick(&[4, 10, 40])];
        World {
            now: 0,
            queue: BTreeMap::new(),
            sequence: 0,
            rng,
            trace: Trace::new(print),
            tally: Tally::default(),
            oracle: Oracle::default(),
            layout,
            hosts,
            replicas: (0..REPLICAS).map(|_| Replica::default()).collect(),
            believed: [0; CLIENTS],
            changes: 0,
            calls: BTreeMap::new(),
            late: BTreeMap::new(),
            calls_made: 0,
            gathers: BTreeMap::new(),
            cut: BTreeSet::new(),
            whole_since: 0,
            known: Known::default(),
            harsh,
            calm: false,
            calm_at,
            done: false,
            rescues: 0,
            how_often,
        }
    }

    /// Lets something happen some microseconds from now.
    pub fn after(&mut self, wait: u64, what: Event) {
        self.sequence += 1;
        self.queue.insert((self.now + wait, self.sequence), what);
    }

    /// A host's own work, done some time from now unless it dies.
    pub fn job(&mut self, host: usize, wait: u64, job: Job) {
        let generation = self.hosts[host].generation;
        self.after(wait, Event::Host(host, generation, job));
    }

    /// How long a write to a disk takes.
    pub fn disk_time(&mut self) -> u64 {
        if self.rng.chance(20) { self.rng.range(20, 600) * MS } else { self.rng.range(100, 3_000) }
    }

    fn begin(&mut self) {
        for host in 0..self.hosts.len() {
            if host != 0 {
                self.hosts[host].disk.role = Role::Standby;
            }
            let wait = self.rng.below(500 * MS);
            self.after(wait, Event::Restart(host));
        }
        for client in 0..CLIENTS {
            let wait = self.rng.range(1_000, 4_000) * MS;
            self.after(wait, Event::Client(client));
        }
        for replica in 0..REPLICAS {
            self.after(SECOND, Event::Replica(replica));
        }
        for (event, every) in [Event::Admin, Event::Crash(true), Event::Cut(true)].into_iter().zip(self.how_often) {
            let wait = self.rng.range(1_000, every * 2_000) * MS;
            self.after(wait + SECOND, event);
        }
        self.after(self.calm_at, Event::Calm);
    }

    fn again(&mut self, event: Event, every: u64) {
        if !self.calm {
            let wait = self.rng.range(200, every * 2_000) * MS;
            self.after(wait, event);
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Wire(passing) => self.pass(passing),
            Event::Host(host, generation, job) => {
                if self.hosts[host].up && self.hosts[host].generation == generation {
                    self.work(host, job);
                }
            }
            Event::Client(client) => self.client(client),
            Event::Replica(replica) => self.replica(replica),
            Event::Admin => {
                if !self.calm {
                    self.administrate();
                }
                self.again(Event::Admin, self.how_often[0]);
            }
            Event::Crash(again) => {
                let host = self.unlucky();
                if !self.calm && self.hosts[host].up {
                    self.tally.crashes += 1;
                    self.die(host);
                    let wait = if self.rng.chance(300) {
                        self.rng.range(5, 60) * SECOND
                    } else {
                        self.rng.range(100, 3_000) * MS
                    };
                    self.after(wait, Event::Restart(host));
                }
                if again {
                    self.again(Event::Crash(true), self.how_often[1]);
                }
            }
            Event::Restart(host) => {
                if !self.hosts[host].up {
                    self.start(host);
                }
            }
            Event::Cut(again) => {
                if !self.calm {
                    self.cut_off();
                }
                if again {
                    self.again(Event::Cut(true), self.how_often[2]);
                }
            }
            Event::Heal => {
                note!(self, "the network is whole");
                self.heal();
            }
            Event::Calm => {
                note!(self, "calm");
                self.calm = true;
                self.heal();
                for host in 0..self.hosts.len() {
                    self.after(0, Event::Restart(host));
                }
                self.after(20 * SECOND, Event::Look);
            }
            Event::Look => self.look(),
        }
    }

    fn heal(&mut self) {
        if !self.cut.is_empty() {
            self.cut.clear();
            self.whole_since = self.now;
        }
    }

    /// Whom trouble befalls: rather one that takes part in a failover.
    fn unlucky(&mut self) -> usize {
        let any = self.rng.below(self.hosts.len() as u64) as usize;
        let busy = |host: &&Host| host.run.is_some() || host.disk.role == Role::Closed;
        match self.hosts.iter().filter(busy).map(|host| host.id).max() {
            Some(host) if self.rng.chance(500) => host,
            _ => any,
        }
    }

    /// Trouble comes soon: a failover has begun.
    pub fn tempt(&mut self) {
        if !self.calm && self.rng.chance(300) {
            let most = self.rng.pick(&[40, 100, 600]);
            let wait = self.rng.below(most) * MS;
            let what = if self.rng.chance(400) { Event::Crash(false) } else { Event::Cut(false) };
            self.after(wait, what);
        }
    }

    /// Cuts one computer off, or one link, or one direction of it.
    fn cut_off(&mut self) {
        self.tally.cuts += 1;
        let count = self.hosts.len();
        let one = self.unlucky();
        let other = (one + 1 + self.rng.below(count as u64 - 1) as usize) % count;
        match self.rng.below(4) {
            0 => {
                self.cut.insert((Node::Host(one), Node::Host(other)));
            }
            1 => {
                self.cut.extend([(Node::Host(one), Node::Host(other)), (Node::Host(other), Node::Host(one))]);
            }
            // From the other places; clients and replicas reach it or not.
            kind => {
                let mut nodes: Vec<Node> = (0..count).filter(|host| *host != one).map(Node::Host).collect();
                for client in 0..CLIENTS {
                    if kind == 3 || self.rng.chance(300) {
                        nodes.push(Node::Client(client));
                    }
                }
                for replica in 0..REPLICAS {
                    if kind == 3 || self.rng.chance(300) {
                        nodes.push(Node::Replica(replica));
                    }
                }
                for node in nodes {
                    self.cut.extend([(Node::Host(one), node), (node, Node::Host(one))]);
                }
            }
        }
        self.whole_since = u64::MAX;
        note!(self, "cut: {} around {one}", self.cut.len());
        let wait = self.rng.range(500, 12_000) * MS;
        self.after(wait, Event::Heal);
    }

    /// Is all as it must be? Where nobody serves, an administrator does what one would do.
    fn look(&mut self) {
        let Some(wrong) = self.wrong() else {
            note!(self, "all is right");
            self.done = true;
            self.check_end();
            return;
        };
        note!(self, "not yet: {wrong}");
        if self.now > self.calm_at + QUIET {
            self.oracle.fail(format!("after {} s of quiet: {wrong}", QUIET / SECOND));
            return;
        }
        if !self.hosts.iter().any(|host| host.serving) {
            self.rescue(self.rescues);
            self.rescues += 1;
        }
        self.after(12 * SECOND, Event::Look);
    }
}

/// Lives a seed's world through.
pub fn live(seed: u64, print: bool) -> Outcome<Tally> {
    let mut world = World::new(seed, print);
    let computers = world.hosts.len();
    note!(world, "seed {seed}: {computers} places, trouble until {} s, harsh {}", world.calm_at / SECOND, world.harsh);
    world.begin();
    while !world.done && world.oracle.failure().is_none() {
        let Some(((time, _), event)) = world.queue.pop_first() else { break };
        world.now = world.now.max(time);
        world.happen(event);
    }
    if !world.done && world.oracle.failure().is_none() {
        world.oracle.fail("the world stood still".to_owned());
    }
    let failure = world.oracle.failure().map(str::to_owned);
    if let Some(failure) = &failure {
        note!(world, "FAILED: {failure}");
    }
    let (hash, lines, tail) = (world.trace.hash(), world.trace.lines(), world.trace.tail());
    Outcome { hash, lines, tally: world.tally, failure, tail, quiet: 0 }
}
