//! What a state machine knows of time: it is told with every event.

/// The time of an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Now {
    /// Milliseconds of a clock that never goes back, from any beginning. All waiting is measured with it.
    pub millis: u64,
    /// Ticks of the computer's clock (see `value::DateTime`), in coordinated universal time. It may be wrong and it may
    /// jump: it is written to the status and nothing is decided by it.
    pub clock: i64,
}

impl Now {
    /// Milliseconds since an earlier time.
    pub fn since(&self, earlier: u64) -> u64 {
        self.millis.saturating_sub(earlier)
    }
}
