//! Searches that may take long run on a thread of their own: a regular expression cannot be stopped on its way, but the
//! one who waits for it can.

use crate::env::bounds;
use crate::error::ErrorRecord;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

/// How long the one who waits is deaf to Ctrl-C.
const LOOK: Duration = Duration::from_millis(10);

/// Steps (a character against a state of the pattern) of the longest search that is not worth a thread: far below what
/// somebody who pressed Ctrl-C notices.
const QUICK: usize = 4_000_000;

/// How much work a pattern makes of a character at worst: its length, times what it repeats.
pub(super) fn weight(pattern: &str) -> usize {
    let mut repeated: usize = 1;
    for (at, _) in pattern.match_indices('{') {
        let inside = pattern.get(at + 1..).unwrap_or_default();
        let numbers = inside.split('}').next().unwrap_or_default().split(',');
        let most = numbers.filter_map(|number| number.trim().parse::<usize>().ok()).max();
        repeated = repeated.saturating_mul(most.unwrap_or(1).max(1));
    }
    pattern.len().max(1).saturating_mul(repeated)
}

/// Whether a search with a pattern of this weight is worth a thread.
pub(super) fn is_long(weight: usize, text: &str) -> bool {
    weight.saturating_mul(text.len()) > QUICK
}

/// Runs a search apart; it is told when nobody waits any more.
///
/// # Errors
/// `PipelineStopped`, where what runs is stopped meanwhile.
pub(super) fn run<T: Send + 'static>(
    text: &str,
    search: impl FnOnce(&str, &dyn Fn() -> bool) -> T + Send + 'static,
) -> Result<T, ErrorRecord> {
    let text = text.to_string();
    let left = Arc::new(AtomicBool::new(false));
    let is_left = left.clone();
    let (done, waiting) = mpsc::channel();
    let thread = std::thread::Builder::new().name("regex".into());
    let spawned = thread.spawn(move || {
        // Nobody waits any more, or it is taken.
        let _ = done.send(search(&text, &|| is_left.load(Ordering::Relaxed)));
    });
    if spawned.is_err() {
        return Err(ErrorRecord::stopped());
    }
    loop {
        match waiting.recv_timeout(LOOK) {
            Ok(found) => return Ok(found),
            Err(RecvTimeoutError::Timeout) if bounds::reason_now().is_none() => {}
            Err(_) => {
                left.store(true, Ordering::Relaxed);
                return Err(ErrorRecord::stopped());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn a_search_is_stopped_by_whom_it_keeps_waiting() {
        let flag = Arc::new(AtomicBool::new(false));
        let _run = bounds::begin(&flag, None, None);
        assert_eq!(run("abc", |text, _| text.len()).unwrap(), 3);
        flag.store(true, Ordering::Relaxed);
        let start = Instant::now();
        let stopped = run("abc", move |_, left| {
            while !left() && start.elapsed() < Duration::from_secs(60) {
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        assert!(stopped.unwrap_err().is_stop());
        assert!(is_long(weight("(a{1,100}){50}"), &"x".repeat(1000)) && !is_long(weight("a+"), &"x".repeat(1000)));
    }
}
