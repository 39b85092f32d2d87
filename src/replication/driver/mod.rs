//! The state machines at work: the master's [`Hub`] and the replica's [`Agent`], over real connections, disks and time.

mod agent;
mod agent_io;
mod control;
mod converse;
mod find;
mod hub;
mod incoming;
mod makers;
mod probe;
mod rows;
#[cfg(test)]
mod tests;
mod turns;

pub use agent::{Agent, AgentOptions, Moment, Observer};
pub use converse::{Stream, farewell};
pub use find::{AskOthers, Finder, Where};
pub use hub::{Hub, HubOptions, OpenStore};
pub use probe::Answer;

use super::time::Now;
use crate::env::Clock;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Where the state machines' time comes from.
struct Timer {
    started: Instant,
    clock: Arc<dyn Clock>,
}

impl Timer {
    fn new(clock: Arc<dyn Clock>) -> Timer {
        Timer { started: Instant::now(), clock }
    }

    fn now(&self) -> Now {
        let millis = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Now { millis, clock: self.clock.now().ticks }
    }
}

/// Locks. Whoever panicked while it held the lock left whole values behind: each is changed by one call.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
