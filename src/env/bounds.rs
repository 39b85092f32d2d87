//! What one run of a script may take on this thread, for all code that it passes through: Ctrl-C, time, memory, and how
//! much it writes. Code that goes on for long looks here now and then, whether it knows a session or not.

use super::memory;
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Looks between two at the clock: a look at it takes as long as ten others.
const LOOKS: u32 = 64;

/// Why what runs must stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Ctrl-C.
    Interrupted,
    /// It fills the memory.
    Memory,
    /// It takes too long.
    Time,
    /// It writes too much.
    Output,
    /// It makes a single value larger, or nested deeper, than there may be.
    Data,
}

/// Bytes of the longest text that a script may hold as one string.
pub const LONGEST_TEXT: usize = 256 << 20;

static ENDS: AtomicBool = AtomicBool::new(false);

thread_local! {
    static INTERRUPT: RefCell<Option<Arc<AtomicBool>>> = const { RefCell::new(None) };
    static DEADLINE: Cell<Option<Instant>> = const { Cell::new(None) };
    static LOOKED: Cell<u32> = const { Cell::new(0) };
    /// Once there is a reason it stays, however seldom somebody looks.
    static SPENT: Cell<Option<Reason>> = const { Cell::new(None) };
    /// Bytes that may still be written.
    static LEFT: Cell<u64> = const { Cell::new(u64::MAX) };
}

/// The bounds of a run, in force on this thread until it is dropped.
#[derive(Debug)]
pub struct Bounds {
    interrupt: Option<Arc<AtomicBool>>,
    deadline: Option<Instant>,
    left: u64,
}

/// Begins a run: what sets the flag stops it, and so does the end of its time and of the bytes that it may write.
#[must_use]
pub fn begin(interrupt: &Arc<AtomicBool>, time: Option<Duration>, output: Option<u64>) -> Bounds {
    let outer = Bounds {
        interrupt: INTERRUPT.replace(Some(interrupt.clone())),
        deadline: DEADLINE.replace(time.and_then(|time| Instant::now().checked_add(time))),
        left: LEFT.replace(output.unwrap_or(u64::MAX)),
    };
    SPENT.set(None);
    outer
}

/// What is left to the run on this thread: its time, and the bytes that it may still write. A thread that works for it
/// begins with these.
pub fn remaining() -> (Option<Duration>, Option<u64>) {
    let time = DEADLINE.get().map(|at| at.saturating_duration_since(Instant::now()));
    (time, Some(LEFT.get()).filter(|left| *left < u64::MAX))
}

impl Drop for Bounds {
    fn drop(&mut self) {
        INTERRUPT.set(self.interrupt.take());
        DEADLINE.set(self.deadline);
        LEFT.set(self.left);
        SPENT.set(None);
    }
}

/// Why what runs on this thread must stop, if it must.
pub fn reason() -> Option<Reason> {
    // Of a thread that is ending nobody asks any more.
    let interrupted = INTERRUPT
        .try_with(|flag| flag.borrow().as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed)))
        .unwrap_or_default();
    if interrupted {
        return Some(Reason::Interrupted);
    }
    spent()
}

/// Whether what runs on this thread must stop: for code that leaves off half done, whose caller asks why.
pub fn stopped() -> bool {
    reason().is_some()
}

/// The process ends with what runs: no shell waits for another line.
pub fn ends_the_process() {
    ENDS.store(true, Ordering::Relaxed);
}

/// Whether nobody need give back what is held: what runs on this thread must stop, and the process ends with it, whose
/// memory the system takes at once.
pub fn forsaken() -> bool {
    ENDS.load(Ordering::Relaxed) && stopped()
}

/// The same for one who has looked for Ctrl-C.
pub fn spent() -> Option<Reason> {
    if let Some(reason) = SPENT.get() {
        return Some(reason);
    }
    if memory::exceeded() {
        return Some(Reason::Memory);
    }
    let looked = LOOKED.get().wrapping_add(1);
    LOOKED.set(looked);
    if looked.is_multiple_of(LOOKS) { late() } else { None }
}

/// The same for one who has waited: the clock is looked at in any case.
pub fn reason_now() -> Option<Reason> {
    reason().or_else(late)
}

fn late() -> Option<Reason> {
    let late = DEADLINE.get().is_some_and(|at| Instant::now() > at).then_some(Reason::Time);
    if late.is_some() {
        SPENT.set(late);
    }
    late
}

/// Notes that so many bytes are written, to standard output or to a file; `false` if that is more than may be.
pub fn write(bytes: usize) -> bool {
    match LEFT.get() {
        u64::MAX => true,
        left => match left.checked_sub(bytes as u64) {
            Some(left) => {
                LEFT.set(left);
                true
            }
            None => {
                SPENT.set(Some(Reason::Output));
                false
            }
        },
    }
}

/// Stops the run because a value would become too large or too deep: for what cannot fail and gives less instead, which
/// nobody gets to see.
pub fn refuse() {
    SPENT.set(Some(Reason::Data));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_has_its_bounds_and_leaves_none() {
        let flag = Arc::new(AtomicBool::new(false));
        {
            let _run = begin(&flag, Some(Duration::from_secs(3600)), Some(10));
            assert_eq!(reason_now(), None);
            assert!(write(10));
            assert!(!write(1));
            assert_eq!(reason(), Some(Reason::Output));
            {
                let _inner = begin(&flag, Some(Duration::ZERO), None);
                std::thread::sleep(Duration::from_millis(2));
                assert_eq!(reason_now(), Some(Reason::Time));
                assert_eq!(reason(), Some(Reason::Time));
                flag.store(true, Ordering::Relaxed);
                assert_eq!(reason(), Some(Reason::Interrupted));
            }
            flag.store(false, Ordering::Relaxed);
            assert_eq!(reason_now(), None);
        }
        assert!(write(usize::MAX) && reason_now().is_none());
    }
}
