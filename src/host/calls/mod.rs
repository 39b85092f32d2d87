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
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

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
    pool: Pool,
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
        Calls(Arc::new(Inner { limits, places, pool: Pool::new(open, active, limits, registry) }))
    }

    /// The two ends of a call: lines of the client go into `Feed::incoming` as they come, lines of the answer come out
    /// of `Feed::out`. The answer ends when the call does; dropping the feed cancels it. `feed.incoming` is dropped when
    /// the client's side ends, which cancels a call that is not over.
    ///
    /// # Errors
    /// `ServerBusy`, `ServerStopping`.
    pub async fn begin(&self, caller: Caller) -> Result<(Feed, Arc<AtomicBool>), ErrorRecord> {
        let permit = self.place().await?;
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
        let permit = self.place().await?;
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

    async fn place(&self) -> Result<tokio::sync::OwnedSemaphorePermit, ErrorRecord> {
        let place = self.0.places.clone().acquire_owned();
        match tokio::time::timeout(self.0.limits.wait, place).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(busy(self.0.limits.calls)),
        }
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
    let message = format!("The server runs {calls} cmdlets and takes no more now.");
    ErrorRecord::new("ServerBusy", Category::ResourceUnavailable, message).hint("Try again in a moment.")
}
