//! The clock: the system's, and one that stands still until a test moves it.

use crate::value::{DateTime, DateTimeKind, TimeSpan};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Ticks of 100 ns from 0001-01-01 to 1970-01-01.
const TICKS_TO_UNIX_EPOCH: i64 = 621_355_968_000_000_000;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The time now, in coordinated universal time.
    fn now(&self) -> DateTime;
}

/// The clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime {
        // A clock before 1970 or past the year 29000 is taken as 1970: nothing here depends on it being right.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let ticks = i64::try_from(since.as_nanos() / 100).unwrap_or(0);
        utc(TICKS_TO_UNIX_EPOCH.saturating_add(ticks))
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct FixedClock {
    ticks: AtomicI64,
}

impl FixedClock {
    /// A clock at a time.
    pub fn at(time: DateTime) -> FixedClock {
        FixedClock { ticks: AtomicI64::new(time.ticks) }
    }

    /// A clock at so many seconds after 1970-01-01.
    pub fn at_unix_seconds(seconds: i64) -> FixedClock {
        FixedClock { ticks: AtomicI64::new(TICKS_TO_UNIX_EPOCH.saturating_add(seconds.saturating_mul(10_000_000))) }
    }

    /// Moves it, back too.
    pub fn advance(&self, by: TimeSpan) {
        self.ticks.fetch_add(by.ticks, Ordering::Relaxed);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> DateTime {
        utc(self.ticks.load(Ordering::Relaxed))
    }
}

fn utc(ticks: i64) -> DateTime {
    DateTime { ticks, kind: DateTimeKind::Utc }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_clock_is_in_this_century_and_utc() {
        let now = SystemClock.now();
        assert_eq!(now.kind, DateTimeKind::Utc);
        let year_2020 = FixedClock::at_unix_seconds(1_577_836_800).now();
        let year_2100 = FixedClock::at_unix_seconds(4_102_444_800).now();
        assert!(now > year_2020 && now < year_2100);
    }

    #[test]
    fn a_fixed_clock_moves_only_when_told() {
        let clock = FixedClock::at_unix_seconds(0);
        let first = clock.now();
        assert_eq!(first, clock.now());
        clock.advance(TimeSpan { ticks: 10 });
        assert_eq!(clock.now().ticks, first.ticks + 10);
    }
}
