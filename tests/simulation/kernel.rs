//! What every part of a simulated world shares: its time and queue, its network, its chance, its trace.

use super::master;
use super::network::{Arrival, Connection, MILLISECOND, Network, NodeId};
use super::oracle::Oracle;
use super::replica;
use super::rng::Rng;
use super::scenario::{Fate, Scenario};
use super::tally::Tally;
use super::trace::Trace;
use reeve::error::ErrorRecord;
use reeve::replication::Now;
use reeve::replication::coding;
use reeve::replication::message::{ToMaster, ToReplica};
use std::collections::BTreeMap;

/// Ticks of the clocks when the world begins: 2026-01-01.
const BEGIN: i64 = 639_028_224_000_000_000;

/// What passes over a connection.
#[derive(Clone, Debug)]
pub enum Frame {
    ToMaster { epoch: u64, message: ToMaster },
    ToReplica { epoch: u64, message: ToReplica },
}

/// What is to happen.
#[derive(Debug)]
pub enum Happening {
    Net(Arrival<Frame>),
    /// A master's own work; void if it has died since it was begun.
    Master(NodeId, u32, master::Job),
    /// A replica's own work; void if it has died since it was begun.
    Replica(NodeId, u32, replica::Job),
    Fate(Fate),
}

/// The clock of a computer: how far it is off, and since when it counts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    /// Ticks that it is ahead; negative: behind.
    pub skew: i64,
    /// Milliseconds that the clock which never goes back shows when the world begins.
    pub origin: u64,
}

impl Clock {
    /// A clock that is up to an hour off.
    pub fn draw(rng: &mut Rng) -> Clock {
        const HOUR: i64 = 36_000_000_000;
        let skew = if rng.chance(500) { 0 } else { rng.below(2 * HOUR as u64) as i64 - HOUR };
        Clock { skew, origin: rng.below(1 << 40) }
    }

    pub fn at(&self, time: u64) -> Now {
        Now { millis: self.origin + time / MILLISECOND, clock: BEGIN + self.skew + time as i64 * 10 }
    }
}

/// What every part of the world shares.
pub struct Kernel {
    /// Microseconds since the world began.
    pub now: u64,
    queue: BTreeMap<(u64, u64), Happening>,
    sequence: u64,
    pub network: Network<Frame>,
    pub rng: Rng,
    pub trace: Trace,
    pub tally: Tally,
    pub oracle: Oracle,
    pub scenario: Scenario,
    /// Nothing goes wrong any more.
    pub calm: bool,
    /// Messages that passed, to be played again.
    pub recorded: Vec<(Connection, Frame)>,
}

/// Messages that are kept to be played again.
const RECORDED: usize = 64;

impl Kernel {
    pub fn new(scenario: Scenario, mut rng: Rng, print: bool) -> Kernel {
        Kernel {
            now: 0,
            queue: BTreeMap::new(),
            sequence: 0,
            network: Network::new(scenario.weather.clone(), rng.fork()),
            rng,
            trace: Trace::new(print),
            tally: Tally::default(),
            oracle: Oracle::default(),
            scenario,
            calm: false,
            recorded: Vec::new(),
        }
    }

    /// Lets something happen some time from now; of two things at one time the one that was said first comes first.
    pub fn after(&mut self, wait: u64, what: Happening) {
        self.at(self.now + wait, what);
    }

    fn at(&mut self, time: u64, what: Happening) {
        self.sequence += 1;
        self.queue.insert((time, self.sequence), what);
    }

    /// The next thing that happens; time goes on to it.
    pub fn next(&mut self) -> Option<Happening> {
        for (time, arrival) in self.network.due() {
            self.at(time, Happening::Net(arrival));
        }
        let ((time, _), what) = self.queue.pop_first()?;
        self.now = self.now.max(time);
        Some(what)
    }

    /// Sends a message from an end of a connection, and remembers it.
    pub fn send(&mut self, connection: Connection, end: usize, mut frame: Frame) {
        if self.scenario.coded {
            match coded(&frame) {
                Ok(decoded) => frame = decoded,
                Err(error) => self.oracle.fail(format!("{frame:?} cannot travel: {}", error.message())),
            }
        }
        // A welcome played again would be a forged master, not an old message.
        let welcome = matches!(frame, Frame::ToReplica { message: ToReplica::Welcome { .. }, .. });
        if self.scenario.replays > 0 && !welcome {
            let slot = self.rng.below(4 * RECORDED as u64) as usize;
            if self.recorded.len() < RECORDED {
                self.recorded.push((connection, frame.clone()));
            } else if let Some(kept) = self.recorded.get_mut(slot) {
                *kept = (connection, frame.clone());
            }
        }
        self.network.send(self.now, connection, end, frame);
    }

    /// Lets a message arrive that nobody sends now.
    pub fn play(&mut self, connection: Connection, end: usize, frame: Frame) {
        self.after(0, Happening::Net(Arrival::Message(connection, end, frame)));
    }

    /// A time that some work takes, in microseconds: mostly short, now and then long.
    pub fn work(&mut self) -> u64 {
        if self.rng.chance(50) { self.rng.range(100, 3000) * MILLISECOND } else { self.rng.range(50, 20_000) }
    }

    /// Whether a thing that happens so many times of a thousand happens now. Never when it is calm.
    pub fn mishap(&mut self, of_a_thousand: u64) -> bool {
        !self.calm && self.rng.chance(of_a_thousand)
    }
}

/// What the other end reads of a message that was written as bytes.
fn coded(frame: &Frame) -> Result<Frame, ErrorRecord> {
    Ok(match frame {
        Frame::ToMaster { epoch, message } => {
            let bytes = coding::to_master(*epoch, message)?;
            Frame::ToMaster { epoch: bytes.epoch, message: coding::from_replica(&bytes)? }
        }
        Frame::ToReplica { epoch, message } => {
            let bytes = coding::to_replica(*epoch, message)?;
            Frame::ToReplica { epoch: bytes.epoch, message: coding::from_master(bytes)? }
        }
    })
}

/// Writes a line of the trace.
macro_rules! note {
    ($kernel:expr, $($what:tt)*) => {
        $kernel.trace.line($kernel.now, format_args!($($what)*))
    };
}
pub(super) use note;
