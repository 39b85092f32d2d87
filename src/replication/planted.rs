//! Mistakes that a test plants in replication, one at a time, to see that the simulation finds them. Each stands where
//! the right code stands; without the feature there is nothing of it.

use std::cell::Cell;

/// A mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bug {
    /// A transaction of the replica is taken for durable before it is.
    SkippedFsync,
    /// A delta is applied whatever is held, so one that comes again is applied again.
    DeltaAppliedTwice,
    /// A package is reported when its applying begins.
    ReportBeforeDurability,
    /// A message and a package of an older epoch are taken.
    OlderEpochAccepted,
    /// Deletions are left out of deltas.
    TombstoneDropped,
    /// A full snapshot does not say that what it does not name is gone.
    SnapshotWithoutFloor,
}

impl Bug {
    /// All of them.
    pub const ALL: [Bug; 6] = [
        Bug::SkippedFsync,
        Bug::DeltaAppliedTwice,
        Bug::ReportBeforeDurability,
        Bug::OlderEpochAccepted,
        Bug::TombstoneDropped,
        Bug::SnapshotWithoutFloor,
    ];
}

thread_local! {
    static PLANTED: Cell<Option<Bug>> = const { Cell::new(None) };
}

/// Plants a mistake on this thread, or none.
pub fn plant(bug: Option<Bug>) {
    PLANTED.with(|planted| planted.set(bug));
}

/// Whether this mistake is planted on this thread.
pub fn is(bug: Bug) -> bool {
    PLANTED.with(Cell::get) == Some(bug)
}
