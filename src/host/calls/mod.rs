//! Calls of clients: a bounded pool of threads, each with a connection to the store of its own, on which cmdlets run.

mod http;
mod pool;
mod who;

pub use who::Caller;

use crate::cmdlet::Maker;
use crate::cmdlet::registry::Registry;
use crate::cmdlet::remote::{Feed, Lines};
use crate::deployment::Deployment;
use crate::error::{Category, ErrorRecord};
pub use pool::Active;
use pool::{Job, Pool, Work};
use serde_json::Value as Json;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Opens the deployment for one thread, a connection to the store of its own.
pub type Opener = Arc<dyn Fn() -> Result<Deployment, ErrorRecord> + Send + Sync>;

/// What calls may take of the server.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Calls at once; each has a thread. Far more than people type, few enough for the memory that stacks take.
    pub calls: usize,
    /// How long one more waits for a place before it is told `ServerBusy`.
    pub wait: Duration,
    /// How long a client may say nothing in the middle of a call: people think, and then they go home.
    pub patience: Duration,
    /// Threads keep the deployment open between calls.
    pub keep_open: bool,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { calls: 64, wait: Duration::from_secs(5), patience: Duration::from_secs(30 * 60), keep_open: true }
    }
}

/// What serves the calls of clients.
#[derive(Clone)]
pub struct Calls(Arc<Inner>);

struct Inner {
    limits: Limits,
    places: Arc<Semaphore>,
    /// Those who call now, each with what is left of its share.
    shares: Mutex<Vec<(Caller, Arc<Semaphore>)>>,
    pool: Pool,
}

/// A place for a call, of all and of its caller's share.
pub(super) struct Place {
    _share: OwnedSemaphorePermit,
    _place: OwnedSemaphorePermit,
}

impl Calls {
    /// Calls on a deployment, which every thread opens for itself. `active`: whether this computer holds the active
    /// store now; else, the error that says which one does and how to reach it.
    pub fn new(open: Opener, active: Active, limits: Limits) -> Calls {
        Calls::with_registry(open, active, limits, Arc::new(Registry::default))
    }

    /// The same with other cmdlets.
    pub fn with_registry(open: Opener, active: Active, limits: Limits, registry: Maker<Registry>) -> Calls {
        let places = Arc::new(Semaphore::new(limits.calls));
        let shares = Mutex::default();
        Calls(Arc::new(Inner { limits, places, shares, pool: Pool::new(open, active, limits, registry) }))
    }

    /// Who counts this up lets the next calls open anew what threads have open between calls: what this computer decides
    /// has changed.
    pub fn generation(&self) -> Arc<AtomicU64> {
        self.0.pool.generation()
    }

    /// The two ends of a call: lines of the client go into `Feed::incoming` as they come, lines of the answer come out
    /// of `Feed::out`. The answer ends when the call does; dropping the feed cancels it. `feed.incoming` is dropped when
    /// the client's side ends, which cancels a call that is not over.
    ///
    /// # Errors
    /// `ServerBusy`, `ServerStopping`.
    pub async fn begin(&self, caller: Caller) -> Result<(Feed, Arc<AtomicBool>), ErrorRecord> {
        let permit = self.place(&caller).await?;
        let (lines, feed) = Lines::new(Handle::current());
        let interrupt = Arc::new(AtomicBool::new(false));
        self.0.pool.run(Job {
            caller,
            work: Work::Call(Box::new(lines)),
            interrupt: interrupt.clone(),
            place: permit,
        })?;
        Ok((feed, interrupt))
    }

    /// Names for completion: `command` and `parameter` say of what kind, `word` how they begin.
    ///
    /// # Errors
    /// `ServerBusy`, `ServerStopping`; those of the caller.
    pub async fn names(&self, caller: Caller, query: Query) -> Result<Json, ErrorRecord> {
        let permit = self.place(&caller).await?;
        let (answer, result) = tokio::sync::oneshot::channel();
        let interrupt = Arc::new(AtomicBool::new(false));
        self.0.pool.run(Job { caller, work: Work::Ask(query, answer), interrupt, place: permit })?;
        result.await.unwrap_or_else(|_| Err(pool::broken()))
    }

    /// Stops what runs and takes nothing more; returns when all threads are done or the time is over.
    pub async fn stop(&self, within: Duration) {
        self.0.pool.stop();
        let all = u32::try_from(self.0.limits.calls).unwrap_or(u32::MAX);
        let ended = async {
            let _all = self.0.places.acquire_many(all).await;
            // A thread that has no call any more still closes what it has open.
            while !self.0.pool.is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let _ = tokio::time::timeout(within, ended).await;
    }

    async fn place(&self, caller: &Caller) -> Result<Place, ErrorRecord> {
        let share = self.share(caller).acquire_owned();
        let places = self.0.places.clone();
        // Of one caller's calls those over its share wait first, so that they keep no place from others.
        let placed = async { Some(Place { _share: share.await.ok()?, _place: places.acquire_owned().await.ok()? }) };
        match tokio::time::timeout(self.0.limits.wait, placed).await {
            Ok(Some(place)) => Ok(place),
            _ => Err(busy(self.0.limits.calls - self.0.places.available_permits())),
        }
    }

    /// What is left of a caller's share: three quarters of all places.
    fn share(&self, caller: &Caller) -> Arc<Semaphore> {
        let mut shares = self.0.shares.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, share)) = shares.iter().find(|(known, _)| known == caller) {
            return share.clone();
        }
        // Whoever calls or waits has a copy.
        shares.retain(|(_, share)| Arc::strong_count(share) > 1);
        let share = Arc::new(Semaphore::new(self.0.limits.calls - self.0.limits.calls / 4));
        shares.push((caller.clone(), share.clone()));
        share
    }
}

/// What a client's shell asks beside calls.
#[derive(Clone, Debug)]
pub enum Query {
    /// Names that complete a word.
    Names {
        /// The cmdlet.
        command: String,
        /// Its parameter.
        parameter: String,
        /// How they begin.
        word: String,
        /// As whom.
        user: Option<String>,
    },
}

fn busy(calls: usize) -> ErrorRecord {
    let message = format!("The server runs {calls} cmdlets, and takes no more of yours now.");
    ErrorRecord::new("ServerBusy", Category::ResourceUnavailable, message).hint("Try again in a moment.")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rule: one caller, however many calls it makes, leaves places for others.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_caller_has_its_share() {
        let limits = Limits { calls: 4, wait: Duration::from_millis(50), ..Limits::default() };
        let open: Opener = Arc::new(|| Err(pool::broken()));
        let calls = Calls::new(open, Arc::new(|| Ok(())), limits);
        let (greedy, other) = (Caller::Person("greedy".into()), Caller::Person("other".into()));
        let mut held = Vec::new();
        for _ in 0..3 {
            held.push(calls.begin(greedy.clone()).await.unwrap());
        }
        assert_eq!(calls.begin(greedy.clone()).await.err().unwrap().id(), "ServerBusy");
        let others = calls.begin(other.clone()).await.unwrap();
        assert_eq!(calls.begin(other.clone()).await.err().unwrap().id(), "ServerBusy");
        drop((held, others));
        let start = std::time::Instant::now();
        while calls.begin(greedy.clone()).await.is_err() {
            assert!(start.elapsed() < Duration::from_secs(60), "places are given back");
        }
    }
}
