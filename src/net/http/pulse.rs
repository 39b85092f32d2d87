//! Whether the other end of a connection still says anything.
//!
//! HTTP/2's own pings ask a silent server whether it is there. How long their answer takes says little: behind much data on
//! a slow line it comes late. What counts is whether anything comes, so every byte that is read is a sign of life, and only
//! time in which this process was awake counts as silence.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::watch;

/// Between two looks, and so how exact the bounds are.
const LOOK: Duration = Duration::from_millis(100);

/// The signs of life on one connection.
#[derive(Debug)]
pub(super) struct Pulse {
    /// How often something was read.
    reads: AtomicU64,
    /// Requests under way: only then is anything to be heard.
    open: watch::Sender<usize>,
    /// The connection is over.
    over: watch::Sender<bool>,
}

/// A request under way.
#[derive(Debug)]
pub(super) struct Open(Arc<Pulse>);

impl Pulse {
    /// Of a new connection.
    pub fn new() -> Arc<Pulse> {
        Arc::new(Pulse { reads: AtomicU64::new(0), open: watch::Sender::new(0), over: watch::Sender::new(false) })
    }

    /// The connection is over: nothing will come any more.
    pub fn end(&self) {
        self.over.send_replace(true);
    }

    /// Ends when the connection is over for so long.
    pub async fn is_over_for(&self, long: Duration) {
        // Its sender is in this very value.
        let _ = self.over.subscribe().wait_for(|over| *over).await;
        tokio::time::sleep(long).await;
    }

    /// Something was read.
    pub fn beat(&self) {
        self.reads.fetch_add(1, Ordering::Relaxed);
    }

    /// A request begins; it lasts until what is given is dropped.
    pub fn open(self: &Arc<Pulse>) -> Open {
        self.open.send_modify(|open| *open += 1);
        Open(self.clone())
    }

    /// Ends when a request was under way for so long without anything being read. Time in which this process did not run
    /// (stopped, or asleep with its computer) does not count.
    pub async fn falls_silent(&self, within: Duration) {
        let mut open = self.open.subscribe();
        loop {
            // Its sender is in this very value.
            let _ = open.wait_for(|open| *open > 0).await;
            let (mut seen, mut silent) = (self.reads.load(Ordering::Relaxed), Duration::ZERO);
            while *self.open.borrow() > 0 {
                tokio::time::sleep(LOOK).await;
                let reads = self.reads.load(Ordering::Relaxed);
                silent = if reads == seen { silent + LOOK } else { Duration::ZERO };
                seen = reads;
                if silent >= within {
                    return;
                }
            }
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.send_modify(|open| *open = open.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::timeout;

    /// Rule: silence is noticed after its bound, but only while something is under way, and every byte that comes puts it
    /// off.
    #[test]
    fn silence() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (pulse, within, longer) = (Pulse::new(), LOOK * 5, LOOK * 15);
            assert!(timeout(longer, pulse.falls_silent(within)).await.is_err(), "nothing is under way");
            let open = pulse.open();
            let beats = async {
                for _ in 0..30 {
                    tokio::time::sleep(LOOK / 2).await;
                    pulse.beat();
                }
            };
            tokio::select! {
                () = pulse.falls_silent(within) => panic!("it was not silent"),
                () = beats => {}
            }
            assert!(timeout(Duration::from_secs(60), pulse.falls_silent(within)).await.is_ok(), "it is silent");
            drop(open);
            assert!(timeout(longer, pulse.falls_silent(within)).await.is_err(), "nothing is under way any more");
            assert!(timeout(longer, pulse.is_over_for(LOOK)).await.is_err(), "it is not over");
            pulse.end();
            assert!(timeout(Duration::from_secs(60), pulse.is_over_for(LOOK)).await.is_ok(), "it is over");
        });
    }
}
