//! The network of a simulated world: connections that behave as TCP does (in order, without loss or doubles, late,
//! stalled by partitions, broken, half-open), and, where a seed wants it harsher, messages lost, doubled and out of order.

use super::rng::Rng;
use std::collections::{BTreeMap, BTreeSet};

/// A computer.
pub type NodeId = usize;
/// A connection; never used twice.
pub type Connection = u64;

/// A thousandth of a second, in the world's microseconds.
pub const MILLISECOND: u64 = 1000;
/// A second.
pub const SECOND: u64 = 1_000_000;

/// One end of a connection: 0 made it, 1 took it.
pub type End = usize;

/// What arrives, and where.
#[derive(Clone, Debug)]
pub enum Arrival<M> {
    /// The connection stands.
    Opened(Connection, End),
    /// It could not be made.
    Refused(Connection),
    /// A message.
    Message(Connection, End, M),
    /// The other end is gone.
    Closed(Connection, End),
}

/// How bad it is. Chances are of a thousand, times in microseconds.
#[derive(Clone, Debug, Default)]
pub struct Weather {
    pub latency: (u64, u64),
    /// A message takes seconds.
    pub slow: u64,
    /// The connection breaks under a message.
    pub breaks: u64,
    /// Harsher than TCP: a message is lost, and the connection breaks some time later.
    pub lost: u64,
    /// Harsher than TCP: a message comes twice.
    pub doubled: u64,
    /// Harsher than TCP: a message overtakes those before it.
    pub overtakes: u64,
}

/// What the network did.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub connections: u64,
    pub messages: u64,
    pub lost: u64,
    pub doubled: u64,
    pub overtook: u64,
    pub stalled: u64,
    pub broken: u64,
}

#[derive(Debug)]
struct Line<M> {
    nodes: [NodeId; 2],
    /// Whether an end still takes it for open. An end that is not told finds out by silence.
    open: [bool; 2],
    /// When the last message to each end arrives: the next does so later.
    last: [u64; 2],
    /// Messages to each end that a partition holds up; `None` is the end of the connection.
    stalled: [Vec<Option<M>>; 2],
    /// A message was lost in it: it must break.
    doomed: bool,
}

/// All connections. What is to happen is returned as arrivals with their times, for the world's queue.
#[derive(Debug)]
pub struct Network<M> {
    pub weather: Weather,
    pub tally: Tally,
    lines: BTreeMap<Connection, Line<M>>,
    /// From, to: nothing passes in this direction.
    blocked: BTreeSet<(NodeId, NodeId)>,
    next: Connection,
    rng: Rng,
    due: Vec<(u64, Arrival<M>)>,
}

impl<M: Clone> Network<M> {
    pub fn new(weather: Weather, rng: Rng) -> Network<M> {
        Network {
            weather,
            tally: Tally::default(),
            lines: BTreeMap::new(),
            blocked: BTreeSet::new(),
            next: 1,
            rng,
            due: Vec::new(),
        }
    }

    /// What was decided since the last call: when, what.
    pub fn due(&mut self) -> Vec<(u64, Arrival<M>)> {
        std::mem::take(&mut self.due)
    }

    /// A node asks another for a connection; `up` tells whether anybody is there to answer.
    pub fn connect(&mut self, now: u64, from: NodeId, to: NodeId, up: bool) -> Connection {
        let id = self.next;
        self.next += 1;
        let trip = self.latency() + self.latency();
        // Where nothing comes of it the connecting end gives up; an attempt that has succeeded does not hear of this.
        self.due.push((now + self.rng.range(3 * SECOND, 10 * SECOND) + trip, Arrival::Refused(id)));
        if !up {
            self.due.push((now + trip, Arrival::Refused(id)));
        } else if !self.is_blocked(from, to) && !self.is_blocked(to, from) {
            self.tally.connections += 1;
            let last = [now + trip, now + trip / 2];
            let line =
                Line { nodes: [from, to], open: [true; 2], last, stalled: [Vec::new(), Vec::new()], doomed: false };
            self.lines.insert(id, line);
            self.due.push((last[1], Arrival::Opened(id, 1)));
            self.due.push((last[0], Arrival::Opened(id, 0)));
        }
        id
    }

    /// The node at an end, while that end takes the connection for open.
    pub fn node_at(&self, connection: Connection, end: End) -> Option<NodeId> {
        self.lines.get(&connection).filter(|line| line.open[end]).map(|line| line.nodes[end])
    }

    /// The node at the other end.
    pub fn other(&self, connection: Connection, end: End) -> Option<NodeId> {
        self.lines.get(&connection).map(|line| line.nodes[1 - end])
    }

    /// An end sends a message.
    pub fn send(&mut self, now: u64, connection: Connection, from: End, message: M) {
        if self.node_at(connection, from).is_none() {
            return;
        }
        self.tally.messages += 1;
        if self.rng.chance(self.weather.breaks) {
            self.break_off(now, connection);
            return;
        }
        if self.rng.chance(self.weather.lost) {
            self.tally.lost += 1;
            if let Some(line) = self.lines.get_mut(&connection) {
                line.doomed = true;
            }
            return;
        }
        let twice = self.rng.chance(self.weather.doubled);
        if twice {
            self.tally.doubled += 1;
            self.pass(now, connection, 1 - from, Some(message.clone()));
        }
        self.pass(now, connection, 1 - from, Some(message));
    }

    /// Sends a message or the end of the connection on its way to an end.
    fn pass(&mut self, now: u64, connection: Connection, to: End, what: Option<M>) {
        let (latency, overtakes) = (self.latency(), self.rng.chance(self.weather.overtakes));
        let Some(line) = self.lines.get_mut(&connection) else { return };
        if self.blocked.contains(&(line.nodes[1 - to], line.nodes[to])) || !line.stalled[to].is_empty() {
            self.tally.stalled += 1;
            line.stalled[to].push(what);
            return;
        }
        let at = if overtakes && what.is_some() {
            self.tally.overtook += 1;
            now + latency / 2
        } else {
            line.last[to] = (line.last[to] + 1).max(now + latency);
            line.last[to]
        };
        self.due.push((at, what.map_or(Arrival::Closed(connection, to), |m| Arrival::Message(connection, to, m))));
    }

    /// An end closes the connection: what it sent before still arrives, then the other end hears of it.
    pub fn close(&mut self, now: u64, connection: Connection, end: End) {
        let Some(line) = self.lines.get_mut(&connection) else { return };
        if !std::mem::replace(&mut line.open[end], false) {
            return;
        }
        if line.open[1 - end] {
            self.pass(now, connection, 1 - end, None);
        } else {
            self.lines.remove(&connection);
        }
    }

    /// An end has been told of the end of its connection.
    pub fn closed(&mut self, connection: Connection, end: End) -> Option<NodeId> {
        let line = self.lines.get_mut(&connection)?;
        let was = std::mem::replace(&mut line.open[end], false);
        let node = line.nodes[end];
        if !line.open[1 - end] {
            self.lines.remove(&connection);
        }
        was.then_some(node)
    }

    /// A message came to an end that is gone: the sender's system hears of it.
    pub fn reset(&mut self, now: u64, connection: Connection, from: End) {
        self.pass(now, connection, from, None);
    }

    /// A connection breaks: each end hears of it at a time of its own, perhaps much later. What was on its way is lost
    /// for an end that hears of the break first.
    pub fn break_off(&mut self, now: u64, connection: Connection) {
        if !self.lines.contains_key(&connection) {
            return;
        }
        self.tally.broken += 1;
        for end in [0, 1] {
            let late = if self.rng.chance(200) { 40 * SECOND } else { SECOND };
            let at = now + self.rng.range(1, late);
            self.due.push((at, Arrival::Closed(connection, end)));
        }
    }

    /// A computer dies: its connections have no end there any more. The other ends hear of it soon, or not before they
    /// send something to it when it is back, or their patience is over.
    pub fn died(&mut self, now: u64, node: NodeId) {
        for id in self.of(node) {
            let Some(line) = self.lines.get_mut(&id) else { continue };
            for end in [0, 1] {
                if line.nodes[end] == node {
                    line.open[end] = false;
                }
            }
            let quiet = self.rng.chance(300);
            let Some(line) = self.lines.get_mut(&id) else { continue };
            match line.open.iter().position(|open| *open) {
                None => drop(self.lines.remove(&id)),
                Some(_) if quiet => {}
                Some(end) => self.pass(now, id, end, None),
            }
        }
    }

    /// Connections of a node.
    fn of(&self, node: NodeId) -> Vec<Connection> {
        self.lines.iter().filter(|(_, line)| line.nodes.contains(&node)).map(|(id, _)| *id).collect()
    }

    /// A connection that stands, by chance.
    pub fn any(&mut self) -> Option<Connection> {
        let at = self.rng.below(self.lines.len() as u64) as usize;
        self.lines.keys().nth(at).copied()
    }

    pub fn is_blocked(&self, from: NodeId, to: NodeId) -> bool {
        self.blocked.contains(&(from, to))
    }

    /// Nothing passes from a node to another any more; what is sent stalls.
    pub fn block(&mut self, from: NodeId, to: NodeId) {
        self.blocked.insert((from, to));
    }

    /// What was stalled between two nodes passes again, in order.
    pub fn unblock(&mut self, now: u64, from: NodeId, to: NodeId) {
        if !self.blocked.remove(&(from, to)) {
            return;
        }
        for id in self.of(from) {
            for end in [0, 1] {
                let Some(line) = self.lines.get_mut(&id).filter(|line| line.nodes[end] == to) else { continue };
                for what in std::mem::take(&mut line.stalled[end]) {
                    self.pass(now, id, end, what);
                }
            }
        }
    }

    /// Good weather from now on: partitions are over, connections that have lost something break.
    pub fn heal(&mut self, now: u64) {
        self.weather = Weather { latency: self.weather.latency, ..Weather::default() };
        for (from, to) in std::mem::take(&mut self.blocked) {
            self.blocked.insert((from, to));
            self.unblock(now, from, to);
        }
        let doomed: Vec<_> = self.lines.iter().filter(|(_, line)| line.doomed).map(|(id, _)| *id).collect();
        for id in doomed {
            self.break_off(now, id);
        }
    }

    fn latency(&mut self) -> u64 {
        let (low, high) = self.weather.latency;
        if self.rng.chance(self.weather.slow) {
            self.rng.range(SECOND, 20 * SECOND)
        } else {
            self.rng.range(low, high.max(low))
        }
    }
}

/// Rule: in fair weather a connection is what TCP promises, whatever the delays.
#[test]
fn messages_of_a_connection_arrive_once_and_in_order() {
    let weather = Weather { latency: (MILLISECOND, 50 * MILLISECOND), slow: 50, ..Weather::default() };
    let mut network = Network::new(weather, Rng::new(3));
    let connection = network.connect(0, 0, 1, true);
    network.block(0, 1);
    for n in 0..50_u64 {
        if n == 25 {
            network.unblock(n * MILLISECOND, 0, 1);
        }
        network.send(n * MILLISECOND, connection, 0, n);
    }
    network.close(60 * MILLISECOND, connection, 0);
    let mut due = network.due();
    due.sort_by_key(|(time, _)| *time);
    let heard: Vec<_> = due
        .into_iter()
        .filter_map(|(_, arrival)| match arrival {
            Arrival::Message(_, 1, n) => Some(n),
            Arrival::Closed(_, 1) => Some(u64::MAX),
            _ => None,
        })
        .collect();
    let expected: Vec<_> = (0..50).chain([u64::MAX]).collect();
    assert_eq!(heard, expected);
}
