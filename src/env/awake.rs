//! Whether this process ran all the time: a computer may be suspended, and a process stopped, while the rest of the world
//! goes on and takes it for lost.

use rustix::time::{ClockId, clock_gettime};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How often the watch looks at the clock.
const LOOK: Duration = Duration::from_millis(50);
/// A gap that counts: longer than a busy system makes a thread wait, and shorter than the time in which others can give
/// this computer up and put another in its place.
const LAPSE: Duration = Duration::from_millis(500);

/// Tells the time since some moment; it goes on while the computer sleeps.
type Since = dyn Fn() -> Duration + Send + Sync;

/// The watch over this process. It looks at the clock all the time, on a thread of its own: a gap in that is a time in which
/// the process did not run.
pub struct Awake {
    since: Box<Since>,
    watch: Mutex<Watch>,
}

#[derive(Debug)]
struct Watch {
    /// When the clock was looked at last.
    last: Duration,
    /// Gaps so far.
    lapses: u64,
}

impl Awake {
    /// Watches until what is given is dropped. Where there is no thread for it every question finds a gap that is long
    /// enough by itself.
    pub fn watch() -> Arc<Awake> {
        let awake = Arc::new(Awake::by(Box::new(|| {
            // Of this clock alone the time goes on while the computer is suspended.
            let now = clock_gettime(ClockId::Boottime);
            let seconds = u64::try_from(now.tv_sec).unwrap_or_default();
            Duration::from_secs(seconds) + Duration::from_nanos(u64::try_from(now.tv_nsec).unwrap_or_default())
        })));
        let watched = Arc::downgrade(&awake);
        let thread = std::thread::Builder::new().name("awake".into());
        let spawned = thread.spawn(move || {
            while let Some(awake) = watched.upgrade() {
                awake.lapses();
                drop(awake);
                std::thread::sleep(LOOK);
            }
        });
        if let Err(error) = spawned {
            tracing::warn!(%error, "there is no thread that sees when this process was stopped");
        }
        awake
    }

    /// By another clock, which nothing looks at by itself.
    pub fn by(since: Box<Since>) -> Awake {
        let last = since();
        Awake { since, watch: Mutex::new(Watch { last, lapses: 0 }) }
    }

    /// How often this process did not run for half a second or longer, up to this very moment.
    pub fn lapses(&self) -> u64 {
        // The clock is read under the lock: two who ask at once see the same order of things.
        let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        let now = (self.since)();
        if now.saturating_sub(watch.last) >= LAPSE {
            watch.lapses += 1;
        }
        watch.last = now;
        watch.lapses
    }
}

impl fmt::Debug for Awake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Awake").field("watch", &self.watch).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// Rule: a gap is seen by whoever asks first after it, and counts once.
    #[test]
    fn gaps() {
        let millis = Arc::new(AtomicU64::new(0));
        let clock = millis.clone();
        let awake = Awake::by(Box::new(move || Duration::from_millis(clock.load(Ordering::Relaxed))));
        for (at, lapses) in [(50, 0), (100, 0), (599, 0), (1_099, 1), (1_100, 1), (90_000, 2), (90_001, 2)] {
            millis.store(at, Ordering::Relaxed);
            assert_eq!(awake.lapses(), lapses, "at {at} ms");
        }
    }
}
