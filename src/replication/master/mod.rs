//! The master's state machine: which replica gets which package when. It does no I/O and knows no clock; a driver (or a
//! simulation) tells it what happens and carries out what it wants.

mod event;
mod row;

pub use event::{ConnectionId, Effect, Event};
pub use row::Row;

use super::time::Now;
use crate::store::Head;

/// The master.
#[derive(Debug)]
pub struct Master {
    deployment: String,
    head: Head,
}

impl Master {
    /// A master over a store that is at `head`, with the rows of the status table.
    pub fn new(deployment: &str, head: Head, rows: Vec<Row>) -> Master {
        drop(rows);
        Master { deployment: deployment.to_owned(), head }
    }

    /// Takes an event, and adds what is to be done about it, in order.
    pub fn step(&mut self, now: Now, event: Event, effects: &mut Vec<Effect>) {
        let _ = (now, event, effects, &self.deployment, &self.head);
    }
}
