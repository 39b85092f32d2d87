//! The replica at work: one task, which owns the state machine and a connection to the master. The database is worked
//! on by threads that may wait for a disk.

use super::agent_io::Worker;
use super::find::Finder;
use super::incoming::Incoming;
use super::lock;
use super::probe::Answer;
use super::turns::turn;
use crate::env::{Clock, Random};
use crate::error::ErrorRecord;
use crate::net::Dialler;
use crate::replication::id::PackageId;
use crate::replication::replica::{Replica, Start, Status};
use crate::replication::storage::ReplicaDb;
use crate::store::Held;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What an agent needs.
pub struct AgentOptions {
    /// The deployment's id.
    pub deployment: String,
    /// This computer.
    pub computer: String,
    /// The program's version.
    pub product: String,
    /// The replica's folder.
    pub folder: PathBuf,
    /// Connects to the master.
    pub dialler: Arc<Dialler>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Spreads its attempts.
    pub random: Arc<dyn Random>,
    /// The computer of the active master, as this one knows it, until it was told otherwise.
    pub active: Arc<dyn Fn() -> Option<String> + Send + Sync>,
    /// Asks others.
    pub finder: Arc<dyn Finder>,
    /// Is told each time that a package was applied, before it is reported. Quick: it is called on the agent's task.
    pub applied: Arc<dyn Fn(&Held) + Send + Sync>,
}

/// What an agent has come to with a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Its announcement is here, with the package itself where that is small.
    Announced(PackageId),
    /// It is applied and the master has been told; this is held now.
    Reported(Held),
}

/// Looks on while an agent works. Quick: it is called on the agent's task.
pub type Observer = Arc<dyn Fn(Moment) + Send + Sync>;

/// A replica at work. When it is dropped its task ends; what is being applied then is applied whole or not at all.
pub struct Agent {
    options: Arc<AgentOptions>,
    status: watch::Receiver<Status>,
    hook: watch::Sender<Option<String>>,
    stop: watch::Sender<bool>,
    task: Option<JoinHandle<()>>,
}

impl Agent {
    /// Opens the replica's database and begins. Called within a runtime.
    ///
    /// # Errors
    /// Those of [`ReplicaDb::open`].
    pub fn start(options: AgentOptions) -> Result<Agent, ErrorRecord> {
        Agent::start_before(options, Arc::new(|_| {}))
    }

    /// The same before somebody who looks on, as a benchmark does.
    ///
    /// # Errors
    /// Those of [`Agent::start`].
    pub fn start_before(options: AgentOptions, observer: Observer) -> Result<Agent, ErrorRecord> {
        let db = ReplicaDb::open_with(&options.folder, &options.deployment, options.clock.clone())?;
        let incoming = Incoming::open(&options.folder)?;
        let replica = Replica::new(Start {
            deployment: options.deployment.clone(),
            computer: options.computer.as_str().into(),
            product: options.product.clone(),
            held: db.held()?,
            highest_epoch: db.highest_epoch(),
            partial: incoming.begun(),
            random: options.random.clone(),
        });
        let options = Arc::new(options);
        let (tell, status) = watch::channel(replica.status());
        let (hook, hooks) = watch::channel(None);
        let (stop, stopped) = watch::channel(false);
        let db = Arc::new(Mutex::new(db));
        let worker = Worker::new(options.clone(), observer, replica, db, incoming, tell);
        let task = tokio::spawn(worker.run(hooks, stopped));
        Ok(Agent { options, status, hook, stop, task: Some(task) })
    }

    /// What it says of itself.
    pub fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    /// The same, to be waited on.
    pub fn watch(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// The answer to `GET /v1/probe`.
    pub fn answer(&self) -> Answer {
        let status = self.status();
        Answer {
            computer: self.options.computer.clone(),
            product: self.options.product.clone(),
            clock: self.options.clock.now().ticks,
            connected: status.connected,
            master: status.master.as_deref().map(str::to_owned).or_else(|| (self.options.active)()),
            version_held: status.held.map(|held| held.version),
            epoch: status.held.map(|held| held.epoch),
            highest_epoch: status.highest_epoch,
            last_error: status.error.map(|(id, message)| format!("{id}: {message}")),
            hook_error: status.hook_error,
        }
    }

    /// Documents or hook have succeeded, or not: the master is told when that changes.
    pub fn hook(&self, error: Option<String>) {
        self.hook.send_replace(error);
    }

    /// The same for whoever outlives the agent.
    pub fn hook_teller(&self) -> impl Fn(Option<String>) + Send + Sync + 'static {
        let hook = self.hook.clone();
        move |error| {
            hook.send_replace(error);
        }
    }

    /// Ends it: what is being applied is finished first.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        if let Some(task) = self.task.take() {
            // It can only fail by a panic, which has been told.
            let _ = task.await;
        }
    }
}

/// The database, from a thread that may wait.
pub(super) async fn with_db<T: Send + 'static>(
    db: &Arc<Mutex<ReplicaDb>>,
    work: impl FnOnce(&mut ReplicaDb) -> Result<T, ErrorRecord> + Send + 'static,
) -> Result<T, ErrorRecord> {
    let db = db.clone();
    turn(move || work(&mut lock(&db))).await.flatten()
}
