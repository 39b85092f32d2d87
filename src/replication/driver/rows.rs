//! Rows of the status table on their way to the disk: gathered, the newest of each replica, and written together.

use super::hub::Inner;
use super::lock;
use super::makers::thread;
use crate::error::ErrorRecord;
use crate::replication::master::{Event, Row};
use crate::replication::status::{Central, StatusTable};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long rows are gathered: reports of a thousand replicas are one transaction then.
const GATHER: Duration = Duration::from_millis(50);
/// How often the state machine is told that time has passed, and the store is looked at: others may have changed it.
const TICK: Duration = Duration::from_secs(1);
/// How often the master's sign of life is written.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// Rows that wait. At most one of each replica.
pub(super) struct Rows {
    waiting: Mutex<Waiting>,
    came: Condvar,
    table: Mutex<StatusTable>,
}

#[derive(Default)]
struct Waiting {
    rows: BTreeMap<Arc<str>, Row>,
    deleted: BTreeSet<Arc<str>>,
    stopped: bool,
}

impl Rows {
    pub fn new(table: StatusTable) -> Rows {
        Rows { waiting: Mutex::default(), came: Condvar::new(), table: Mutex::new(table) }
    }

    pub fn write(&self, row: Row) {
        lock(&self.waiting).rows.insert(row.computer.clone(), row);
        self.came.notify_one();
    }

    pub fn delete(&self, computer: Arc<str>) {
        let mut waiting = lock(&self.waiting);
        waiting.rows.remove(&computer);
        waiting.deleted.insert(computer);
    }

    /// Deletes what the state machine has forgotten: on the disk when this returns.
    pub fn forgotten(&self, computer: Option<&str>) -> Result<(), ErrorRecord> {
        let table = lock(&self.table);
        table.forget(computer)?;
        let mut waiting = lock(&self.waiting);
        match computer {
            Some(computer) => waiting.deleted.retain(|deleted| !deleted.eq_ignore_ascii_case(computer)),
            // Rows that wait are of after it: those of before went with it.
            None => waiting.deleted.clear(),
        }
        Ok(())
    }

    /// Writes what waits. What cannot be written waits on.
    pub fn flush(&self) -> Result<(), ErrorRecord> {
        let table = lock(&self.table);
        let (rows, deleted) = {
            let mut waiting = lock(&self.waiting);
            (std::mem::take(&mut waiting.rows), std::mem::take(&mut waiting.deleted))
        };
        let result = deleted.iter().try_for_each(|computer| table.forget(Some(computer))).and_then(|()| {
            let rows: Vec<_> = rows.values().cloned().collect();
            if rows.is_empty() { Ok(()) } else { table.write(&rows) }
        });
        if result.is_err() {
            let mut waiting = lock(&self.waiting);
            for (computer, row) in rows {
                // A newer one, or a deletion, stands in its place already.
                if !waiting.deleted.contains(&computer) {
                    waiting.rows.entry(computer).or_insert(row);
                }
            }
            waiting.deleted.extend(deleted);
        }
        result
    }

    pub fn stop(&self) {
        lock(&self.waiting).stopped = true;
        self.came.notify_all();
    }

    /// Waits until rows have come or a time has; `false` where it ends.
    fn wait(&self, until: Instant) -> bool {
        let mut waiting = lock(&self.waiting);
        loop {
            if waiting.stopped {
                return false;
            }
            let left = until.saturating_duration_since(Instant::now());
            if !waiting.rows.is_empty() || !waiting.deleted.is_empty() || left.is_zero() {
                return true;
            }
            waiting = self.came.wait_timeout(waiting, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn has_some(&self) -> bool {
        let waiting = lock(&self.waiting);
        !waiting.rows.is_empty() || !waiting.deleted.is_empty()
    }

    fn beat(&self, now: i64) {
        let central = Central { updated: Some(now), heartbeat: Some(now) };
        if let Err(error) = lock(&self.table).write_central(central) {
            tracing::warn!(error = error.message(), "the master's sign of life could not be written");
        }
    }
}

/// Starts the thread that writes rows and tells the time. It ends when the hub does.
pub(super) fn start(inner: &Arc<Inner>) -> Result<(), ErrorRecord> {
    let inner = inner.clone();
    thread("reeve-status", move || {
        let (mut tick, mut beat) = (Instant::now(), Instant::now());
        while inner.rows.wait(tick) {
            let now = Instant::now();
            if now >= tick {
                tick = now + TICK;
                inner.step(Event::Tick);
                inner.makers.changed();
            }
            if now >= beat {
                beat = now + HEARTBEAT;
                inner.rows.beat(inner.options.clock.now().ticks);
            }
            if inner.rows.has_some() {
                std::thread::sleep(GATHER);
                if let Err(error) = inner.rows.flush() {
                    tracing::warn!(error = error.message(), "the status of the replicas could not be written");
                    std::thread::sleep(TICK);
                }
            }
        }
    })
}
