//! Mistakes that a test plants in failover, one at a time, to see that the simulation finds them. Each stands where the
//! right code stands; without the feature there is nothing of it.

#[cfg(feature = "planted-bugs")]
use std::cell::Cell;

/// A mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bug {
    /// A place enters the next epoch, whoever else may enter it.
    EpochOfAnybody,
    /// A place that serves goes on whatever it hears of newer epochs.
    NewerEpochIgnored,
    /// A place that was active serves before it has asked the others.
    ServesBeforeAsking,
    /// A source that closes does not write that down.
    ClosedNotKept,
    /// What the target has itself is in the list of what is lost too.
    LostUnsifted,
    /// The target takes over wherever its log stands.
    DrainUnchecked,
    /// A failover after a disaster says that nothing is lost, whatever the target knows.
    UncertainUnsaid,
}

#[cfg(feature = "planted-bugs")]
impl Bug {
    /// All of them.
    pub const ALL: [Bug; 7] = [
        Bug::EpochOfAnybody,
        Bug::NewerEpochIgnored,
        Bug::ServesBeforeAsking,
        Bug::ClosedNotKept,
        Bug::LostUnsifted,
        Bug::DrainUnchecked,
        Bug::UncertainUnsaid,
    ];
}

#[cfg(feature = "planted-bugs")]
thread_local! {
    static PLANTED: Cell<Option<Bug>> = const { Cell::new(None) };
}

/// Plants a mistake on this thread, or none.
#[cfg(feature = "planted-bugs")]
pub fn plant(bug: Option<Bug>) {
    PLANTED.with(|planted| planted.set(bug));
}

/// Whether this mistake is planted on this thread.
#[cfg(feature = "planted-bugs")]
pub fn is(bug: Bug) -> bool {
    PLANTED.with(Cell::get) == Some(bug)
}

/// Without the feature none is.
#[cfg(not(feature = "planted-bugs"))]
pub(super) const fn is(_: Bug) -> bool {
    false
}
