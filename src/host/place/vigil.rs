//! No change is acknowledged by a computer that does not know whether it was given up meanwhile: after a time in which this
//! process did not run, a place asks the others before it acknowledges anything more.

use crate::env::Awake;
use crate::error::{Category, ErrorRecord};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a change waits until the others were asked: they have two seconds to answer, and on a computer that is starved
/// rather than asleep more gaps come meanwhile, of which each begins anew.
const LONGEST: Duration = Duration::from_secs(30);

/// The watch of one place.
pub(super) struct Vigil {
    awake: Arc<Awake>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// It takes changes.
    serves: bool,
    /// The gaps after which the others were asked.
    assured: u64,
}

impl Vigil {
    /// Of a place that takes no changes yet.
    pub fn new(awake: Arc<Awake>) -> Vigil {
        Vigil { awake, state: Mutex::default(), changed: Condvar::new() }
    }

    /// How often this process did not run.
    pub fn lapses(&self) -> u64 {
        self.awake.lapses()
    }

    /// Changes are taken from now on, or no more.
    pub fn serves(&self, serves: bool, lapses: u64) {
        let mut state = self.state();
        state.serves = serves;
        state.assured = state.assured.max(lapses);
        self.changed.notify_all();
    }

    /// The others were asked since so many gaps.
    pub fn assure(&self, lapses: u64) {
        let mut state = self.state();
        state.assured = state.assured.max(lapses);
        self.changed.notify_all();
    }

    /// Holds the acknowledgement of a change back until this place is known not to have been given up; `gate` is what else
    /// holds it back, and says so where the place has lost its role. Called on the thread of the change.
    ///
    /// # Errors
    /// Those of the gate; `EpochOver` where the others could not be asked.
    pub fn pass(&self, gate: impl Fn() -> Result<(), ErrorRecord>) -> Result<(), ErrorRecord> {
        loop {
            let lapses = self.awake.lapses();
            self.wait(lapses)?;
            gate()?;
            // It may have slept at the gate.
            if self.awake.lapses() == lapses {
                return Ok(());
            }
        }
    }

    fn wait(&self, lapses: u64) -> Result<(), ErrorRecord> {
        let begun = Instant::now();
        let mut state = self.state();
        // One that serves no more the gate knows of.
        while state.serves && state.assured < lapses {
            if begun.elapsed() >= LONGEST {
                return Err(unsure());
            }
            state = self.changed.wait_timeout(state, LONGEST).unwrap_or_else(PoisonError::into_inner).0;
        }
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unsure() -> ErrorRecord {
    let message = "This computer was stopped for a while, and could not find out whether another place has taken the \
                   database over. The change was written here, and may not last.";
    ErrorRecord::new("EpochOver", Category::ResourceUnavailable, message)
        .hint("See at the place that is active whether it is there, and make it again if it is not.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// Rule: after a time in which the process did not run a change waits until the others were asked since; one that slept
    /// at the gate itself asks again; where the place serves no more the gate says so.
    #[test]
    fn nothing_passes_unasked_after_a_sleep() {
        let millis = Arc::new(AtomicU64::new(0));
        let clock = millis.clone();
        let awake = Arc::new(Awake::by(Box::new(move || Duration::from_millis(clock.load(Ordering::Relaxed)))));
        let vigil = Arc::new(Vigil::new(awake));
        vigil.serves(true, 0);
        assert!(vigil.pass(|| Ok(())).is_ok());

        // It sleeps at the gate, and is asked again.
        let (gates, asks) = (AtomicU64::new(0), vigil.clone());
        let passed = vigil.pass(|| {
            if gates.fetch_add(1, Ordering::Relaxed) == 0 {
                millis.fetch_add(60_000, Ordering::Relaxed);
                let asks = asks.clone();
                std::thread::spawn(move || asks.assure(1));
            }
            Ok(())
        });
        assert!(passed.is_ok());
        assert_eq!(gates.load(Ordering::Relaxed), 2, "the gate was asked again");

        millis.fetch_add(60_000, Ordering::Relaxed);
        let ends = vigil.clone();
        std::thread::spawn(move || ends.serves(false, 2));
        let over = || ErrorRecord::new("EpochOver", Category::ResourceUnavailable, "Over.");
        assert_eq!(vigil.pass(|| Err(over())).unwrap_err().id(), "EpochOver");
    }
}
