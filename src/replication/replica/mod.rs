//! The replica's state machine: it connects, says what it holds, takes packages and reports them when they are on the
//! disk. It does no I/O and knows no clock; a driver (or a simulation) tells it what happens and carries out what it wants.
//!
//! It has one package under way, and at most one announcement behind it: the newest.

mod event;
mod link;
mod take;
#[cfg(test)]
mod tests;

pub use event::{Effect, Event};

use super::id::{Chain, Held, PackageId};
use super::message::{Announce, ToMaster};
use super::time::Now;
use crate::env::Random;
use link::Link;
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

/// What a replica says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// The master has welcomed it on a connection that stands.
    pub connected: bool,
    /// The computer that it takes for the active master, where it was told of one.
    pub master: Option<Arc<str>>,
    /// What it holds.
    pub held: Option<Held>,
    /// The highest epoch that it saw.
    pub highest_epoch: u64,
    /// The version that the master said last.
    pub master_version: Option<u64>,
    /// The package that is being fetched or applied.
    pub package: Option<PackageId>,
    /// Its last error, id and message, until it succeeds.
    pub error: Option<(String, String)>,
    /// What stands in the way of documents or hook.
    pub hook_error: Option<String>,
}

/// What is done about a package.
#[derive(Clone, Debug)]
enum Work {
    Idle,
    /// Its bytes come; so many are there.
    Fetching {
        announce: Arc<Announce>,
        have: u64,
        /// When bytes came last, or were asked for.
        since: u64,
    },
    /// It is being applied. The newest announcement that came meanwhile waits.
    Applying {
        announce: Arc<Announce>,
        pending: Option<PackageId>,
    },
    /// It failed; from then on it is tried again.
    Waiting {
        until: u64,
    },
}

/// The replica.
pub struct Replica {
    start: Start,
    /// What is held; changes when an application came back.
    held: Option<Held>,
    highest: u64,
    /// The highest epoch that is on the disk, as far as is known.
    persisted: u64,
    /// A package was being applied when the epoch was last to be written.
    went_on: bool,
    partial: Option<(PackageId, Chain, u64)>,
    link: Link,
    work: Work,
    master: Option<Arc<str>>,
    master_version: Option<u64>,
    /// Connections in a row that did not lead to a welcome.
    attempts: u32,
    /// Times in a row that an epoch could not be written.
    unwritten: u32,
    /// Packages in a row that were not applied.
    failures: u32,
    /// Packages in a row whose bytes were wrong.
    corrupt: u32,
    error: Option<(String, String)>,
    hook_error: Option<String>,
    stopped: bool,
}

/// Packages with wrong bytes in a row after which everything is asked for.
const CORRUPT: u32 = 2;
/// Milliseconds without a byte of the package that is fetched after which another connection is made: longer than the
/// slowest network takes for a chunk, because its beats still come.
const STALLED: u64 = 60_000;

impl Replica {
    /// A replica that starts: the first [`Event::Tick`] makes it connect.
    pub fn new(start: Start) -> Replica {
        // What is held proves an epoch, even where writing it alone was cut off.
        let highest = start.highest_epoch.max(start.held.map_or(0, |held| held.epoch));
        Replica {
            held: start.held,
            highest,
            persisted: start.highest_epoch,
            went_on: false,
            partial: start.partial,
            link: Link::Down { retry: 0, find: false },
            work: Work::Idle,
            master: None,
            master_version: None,
            attempts: 0,
            unwritten: 0,
            failures: 0,
            corrupt: 0,
            error: None,
            hook_error: None,
            stopped: false,
            start,
        }
    }

    /// What it says of itself.
    pub fn status(&self) -> Status {
        Status {
            connected: matches!(self.link, Link::Up { welcome: true, .. }),
            master: self.master.clone(),
            held: self.held,
            highest_epoch: self.highest,
            master_version: self.master_version,
            package: match &self.work {
                Work::Fetching { announce, .. } | Work::Applying { announce, .. } => Some(announce.package),
                Work::Idle | Work::Waiting { .. } => None,
            },
            error: self.error.clone(),
            hook_error: self.hook_error.clone(),
        }
    }

    /// Takes an event, and adds what is to be done about it, in order.
    pub fn step(&mut self, now: Now, event: Event, effects: &mut Vec<Effect>) {
        match event {
            Event::Connected => self.connected(now, effects),
            Event::NotConnected { id, message } => self.not_connected(now, id, message),
            Event::Received { epoch, message } => self.received(now, epoch, message, effects),
            Event::Closed { id, message } => self.closed(now, id, message),
            Event::Found { computer } => self.found(now, computer),
            Event::Applied { package, held } => self.applied(now, package, held, effects),
            Event::NotApplied { package, id, message } => self.not_applied(now, package, id, message, effects),
            Event::Reset { held } => self.held = held,
            Event::NotPersisted { id, message } => self.not_persisted(now, id, message, effects),
            Event::Hook { error } => {
                if error != self.hook_error {
                    self.hook_error = error;
                    self.report(now, None, effects);
                }
            }
            Event::Tick => self.tick(now, effects),
            Event::Stop => {
                self.stopped = true;
                if matches!(self.link, Link::Up { .. }) {
                    effects.push(Effect::Close);
                }
                self.link = Link::Down { retry: u64::MAX, find: false };
            }
        }
    }

    /// When the next [`Event::Tick`] is wanted, in the milliseconds of [`Now`].
    pub fn wake(&self) -> u64 {
        let work = match self.work {
            Work::Waiting { until } => until,
            Work::Fetching { since, .. } => since.saturating_add(STALLED),
            _ => u64::MAX,
        };
        work.min(self.link.wake())
    }

    fn tick(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if self.stopped {
            return;
        }
        self.tick_link(now, effects);
        match self.work {
            Work::Waiting { until } if now.millis >= until => {
                self.work = Work::Idle;
                self.hello(now, effects);
            }
            Work::Fetching { since, .. } if now.since(since) >= STALLED => {
                let message = format!("No byte of the package came for {} s.", STALLED / 1000);
                self.hang_up(now, "PackageStalled", message, false, effects);
            }
            _ => {}
        }
    }

    fn send(&mut self, now: Now, message: ToMaster, effects: &mut Vec<Effect>) {
        if let Link::Up { said, .. } = &mut self.link {
            *said = now.millis;
            effects.push(Effect::Send { epoch: self.highest, message });
        }
    }

    /// Milliseconds to wait before an attempt, after so many that failed: at random, so that a fleet does not come all
    /// at once, and up to 10 s.
    fn back_off(&self, failed: u32) -> u64 {
        const LEAST: u64 = 100;
        const MOST: u64 = 10_000;
        let most = (LEAST << failed.min(7)).min(MOST);
        LEAST + self.start.random.below(most - LEAST + 1)
    }
}
