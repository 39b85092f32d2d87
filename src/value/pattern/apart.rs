//! Searches that may take long run on a thread of their own: a regular expression cannot be stopped on its way, but the
//! one who waits for it can.

use crate::env::bounds;
use crate::error::{ErrorRecord, go_on};
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

/// Runs a search apart. It goes on alone where nobody waits for it any more.
///
/// # Errors
/// `PipelineStopped`, where what runs is stopped meanwhile.
pub(super) fn run<T: Send + 'static>(
    text: &str,
    search: impl FnOnce(&str) -> T + Send + 'static,
) -> Result<T, ErrorRecord> {
    let text = text.to_string();
    let (done, waiting) = mpsc::channel();
    let thread = std::thread::Builder::new().name("regex".into());
    let spawned = thread.spawn(move || {
        // Nobody waits any more, or it is taken.
        let _ = done.send(search(&text));
    });
    if spawned.is_err() {
        return Err(ErrorRecord::stopped());
    }
    loop {
        match waiting.recv_timeout(LOOK) {
            Ok(found) => return Ok(found),
            Err(RecvTimeoutError::Timeout) if bounds::reason_now().is_none() => {}
            Err(_) => return Err(ErrorRecord::stopped()),
        }
    }
}

/// Matches that travel together.
const BATCH: usize = 4096;
/// Batches that wait for whom they are for; the search waits then, so that it takes no more memory than these.
const BATCHES: usize = 4;

/// Runs a search of many matches apart: `next` gives the match at or behind a place and the place to go on from, `take`
/// gets each and says whether it wants more.
///
/// # Errors
/// `PipelineStopped`; those of both.
pub(super) fn each<T: Send + 'static>(
    text: &str,
    next: impl Fn(&str, usize) -> Result<Option<(T, usize)>, ErrorRecord> + Send + 'static,
    take: &mut dyn FnMut(T) -> Result<bool, ErrorRecord>,
) -> Result<(), ErrorRecord> {
    let text = text.to_string();
    let (give, waiting) = mpsc::sync_channel(BATCHES);
    let search = move || {
        let (mut from, mut goes_on) = (0, true);
        while goes_on {
            let mut batch = Vec::with_capacity(BATCH);
            let mut failed = None;
            while batch.len() < BATCH && goes_on {
                match next(&text, from) {
                    Ok(Some((found, behind))) => {
                        batch.push(found);
                        from = behind;
                    }
                    Ok(None) => goes_on = false,
                    Err(error) => (failed, goes_on) = (Some(error), false),
                }
            }
            // Nobody takes it where nobody waits any more.
            goes_on &= give.send((batch, failed)).is_ok();
        }
    };
    if std::thread::Builder::new().name("regex".into()).spawn(search).is_err() {
        return Err(ErrorRecord::stopped());
    }
    loop {
        match waiting.recv_timeout(LOOK) {
            Ok((batch, failed)) => {
                for found in batch {
                    if !take(found)? {
                        return Ok(());
                    }
                }
                failed.map_or(Ok(()), Err)?;
                go_on()?;
            }
            Err(RecvTimeoutError::Timeout) if bounds::reason_now().is_none() => {}
            Err(RecvTimeoutError::Timeout) => return Err(ErrorRecord::stopped()),
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn a_search_is_stopped_by_whom_it_keeps_waiting() {
        let flag = Arc::new(AtomicBool::new(false));
        let _run = bounds::begin(&flag, None, None);
        assert_eq!(run("abc", str::len).unwrap(), 3);
        flag.store(true, Ordering::Relaxed);
        let (ends, lasts) = mpsc::channel::<()>();
        let stopped = run("abc", move |_| lasts.recv());
        assert!(stopped.unwrap_err().is_stop());
        drop(ends);
        assert!(is_long(weight("(a{1,100}){50}"), &"x".repeat(1000)) && !is_long(weight("a+"), &"x".repeat(1000)));
    }

    #[test]
    fn matches_come_in_order_as_many_as_are_wanted() {
        let numbers = |_: &str, from: usize| Ok((from < 10_000).then_some((from, from + 1)));
        let mut found = Vec::new();
        each("", numbers, &mut |number| {
            found.push(number);
            Ok(true)
        })
        .unwrap();
        assert!(found.len() == 10_000 && found.is_sorted());
        each("", numbers, &mut |number| Ok(number < 10)).unwrap();
        let failed = each("", |_, _| Err::<Option<(u8, usize)>, _>(ErrorRecord::stopped()), &mut |_| Ok(true));
        assert!(failed.is_err());
    }
}
