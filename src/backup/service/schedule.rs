//! When a module is synchronised next. Time is what has passed since the server began; randomness comes from outside.

use std::time::Duration;

/// The first synchronisation after a start comes within this: sooner than an interval, and not all at the same moment.
const FIRST: Duration = Duration::from_secs(2);
/// After a failure it is tried again so soon at first, then after twice the time, up to the interval.
const AGAIN: Duration = Duration::from_secs(5);
/// How often that doubles.
const DOUBLINGS: u32 = 10;

/// What decides when a module is due.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Turn {
    /// When it began last.
    began: Option<Duration>,
    /// Failures since it last succeeded.
    failures: u32,
    /// From 0 to 1: where in the jitter it lies.
    jitter: f64,
    /// When it was given to this computer.
    since: Duration,
}

impl Turn {
    /// Of a module that this computer has just been given.
    pub fn new(now: Duration, jitter: f64) -> Turn {
        Turn { began: None, failures: 0, jitter: jitter.clamp(0.0, 1.0), since: now }
    }

    /// It begins.
    pub fn begins(&mut self, now: Duration, jitter: f64) {
        (self.began, self.jitter) = (Some(now), jitter.clamp(0.0, 1.0));
    }

    /// It is over.
    pub fn ended(&mut self, well: bool) {
        self.failures = if well { 0 } else { self.failures.saturating_add(1) };
    }

    /// When it is due, with an interval that may have changed since.
    pub fn due(&self, interval: Duration) -> Duration {
        let Some(began) = self.began else {
            return self.since + FIRST.min(interval).mul_f64(self.jitter);
        };
        // Up to a tenth earlier, so that those that began together do not stay together.
        let regular = interval.mul_f64(1.0 - self.jitter / 10.0);
        match self.failures {
            0 => began + regular,
            n => began + regular.min(AGAIN * 2u32.pow((n - 1).min(DOUBLINGS))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Rule: soon after the start, then every interval; a changed interval counts from the last beginning; after
    /// failures sooner, less and less, and never later than the interval.
    #[test]
    fn when_it_is_due() {
        let mut turn = Turn::new(10 * SECOND, 0.5);
        assert_eq!(turn.due(120 * SECOND), 11 * SECOND);
        turn.begins(20 * SECOND, 0.0);
        turn.ended(true);
        assert_eq!(turn.due(120 * SECOND), 140 * SECOND);
        assert_eq!(turn.due(5 * SECOND), 25 * SECOND);
        for (failures, wait) in [(1, 5), (2, 10), (3, 20), (4, 40), (5, 80), (6, 120), (60, 120)] {
            let mut turn = turn;
            (0..failures).for_each(|_| turn.ended(false));
            assert_eq!(turn.due(120 * SECOND), (20 + wait) * SECOND, "{failures}");
        }
        turn.begins(20 * SECOND, 1.0);
        assert_eq!(turn.due(120 * SECOND), 128 * SECOND);
        assert_eq!(Turn::new(SECOND, 7.0).due(SECOND / 2), SECOND + SECOND / 2);
    }
}
