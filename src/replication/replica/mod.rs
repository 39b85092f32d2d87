//! The replica's state machine: it connects, says what it holds, takes packages and reports them when they are on the
//! disk. It does no I/O and knows no clock; a driver (or a simulation) tells it what happens and carries out what it wants.

mod event;

pub use event::{Effect, Event};

use super::id::{Chain, Held, PackageId};
use super::time::Now;
use crate::env::Random;
use std::sync::Arc;

/// Who a replica is, and what its disk holds when it starts.
pub struct Start {
    /// The deployment's id.
    pub deployment: String,
    /// The computer.
    pub computer: Arc<str>,
    /// The program's version.
    pub product: String,
    /// What its database holds; `None` before its first snapshot.
    pub held: Option<Held>,
    /// The highest epoch that it ever saw; 0 before it saw one.
    pub highest_epoch: u64,
    /// A package that it had begun to fetch, with its hash and how many bytes are there.
    pub partial: Option<(PackageId, Chain, u64)>,
    /// Spreads its attempts.
    pub random: Arc<dyn Random>,
}

/// The replica.
pub struct Replica {
    start: Start,
}

impl Replica {
    /// A replica that starts: the first [`Event::Tick`] makes it connect.
    pub fn new(start: Start) -> Replica {
        Replica { start }
    }

    /// Takes an event, and adds what is to be done about it, in order.
    pub fn step(&mut self, now: Now, event: Event, effects: &mut Vec<Effect>) {
        let _ = (now, event, effects, &self.start);
    }
}
