//! The replica's services: packages are taken and applied, documents and hook follow.

use super::metrics::number;
use super::node::Node;
use super::view::with_store;
use crate::env::SystemRandom;
use crate::error::ErrorRecord;
use crate::net::Pending;
use crate::replication::driver::{Agent, AgentOptions, AskOthers, Finder};
use crate::replication::projection::{self, Hook, Worker};
use crate::replication::replica::Status;
use crate::topology;
use crate::value::same_name;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The replica's services, while they run.
pub struct Replica {
    agent: Agent,
    /// Ends when it is dropped.
    documents: Arc<Mutex<Option<Worker>>>,
    watch: JoinHandle<()>,
}

impl Replica {
    /// Starts them. Called within the runtime.
    ///
    /// # Errors
    /// Those of the replica's database; `WorkerNotStarted`.
    pub fn start(node: &Arc<Node>) -> Result<Replica, ErrorRecord> {
        let dialler = Arc::new(node.dialler()?);
        let documents: Arc<Mutex<Option<Worker>>> = Arc::default();
        let (knows, finds, asks, told, files) =
            (node.clone(), node.clone(), node.clone(), node.clone(), documents.clone());
        let agent = Agent::start(AgentOptions {
            deployment: node.directory().deployment().to_string(),
            computer: node.computer().to_string(),
            product: env!("CARGO_PKG_VERSION").to_string(),
            folder: node.directory().replica(),
            dialler: dialler.clone(),
            clock: node.clock().clone(),
            random: Arc::new(SystemRandom),
            active: Arc::new(move || knows.active().map(|active| active.computer)),
            finder: Arc::new(Knows { node: finds, others: AskOthers::new(dialler, Arc::new(move || others(&asks))) }),
            applied: Arc::new(move |held| {
                metrics::gauge!("reeve_replica_version").set(number(held.version));
                metrics::gauge!("reeve_replica_epoch").set(number(held.epoch));
                if let Some(worker) = &*files.lock().unwrap_or_else(PoisonError::into_inner) {
                    worker.changed(held.version);
                }
                told.changed(held.version);
            }),
        })?;
        let settings = &node.settings().replica;
        let hook = settings.hook.as_deref().map(|hook| Hook::new(hook, Duration::from_secs(settings.hook_seconds)));
        let options = projection::Options {
            directory: node.directory().path().to_path_buf(),
            replica: node.directory().replica(),
            hook,
            executable: std::env::current_exe().ok().filter(|program: &PathBuf| program.exists()),
        };
        let worker = Worker::start(options, agent.hook_teller())?;
        *documents.lock().unwrap_or_else(PoisonError::into_inner) = Some(worker);
        node.set_replica(Some(agent.watch()));
        let watch = tokio::spawn(look_after(node.clone(), agent.watch()));
        Ok(Replica { agent, documents, watch })
    }

    /// Ends them: what is being applied is finished.
    pub async fn stop(self, node: &Node) {
        self.watch.abort();
        node.set_replica(None);
        self.agent.stop().await;
        let worker = self.documents.lock().unwrap_or_else(PoisonError::into_inner).take();
        // It ends its thread, and waits for it.
        let _ = tokio::task::spawn_blocking(move || drop(worker)).await;
        node.findings.problem("Replica", None);
        node.findings.problem("Hook", None);
    }
}

/// What ends by itself when the master is back, or the line to it: a failure only when it lasts.
const PASSES: [&str; 8] = [
    "HostUnreachable",
    "ConnectionLost",
    "ConnectionBroken",
    "MasterSilent",
    "NoMaster",
    "NotActive",
    "Stopping",
    "EpochOver",
];

/// Keeps what the replica says of itself in the health: that it is away from the master is a warning at first.
async fn look_after(node: Arc<Node>, mut status: watch::Receiver<Status>) {
    let mut since = Instant::now();
    loop {
        let lasts = since.elapsed() >= node.away();
        let (problem, warning, hook, connected) = {
            let status = status.borrow_and_update();
            // A computer whose pool needs no replica knows nothing of the topology: it asks, and is told so.
            let none = status.held.is_none() && status.error.as_ref().is_some_and(|(id, _)| id == "ComputerRemoved");
            let away = match &status.error {
                Some((id, message)) => format!("{id}: {message}"),
                None => "It is not connected to the active Central Management server yet.".to_string(),
            };
            let passes = status.error.as_ref().is_none_or(|(id, _)| PASSES.contains(&id.as_str()));
            let (problem, warning) = match status.connected {
                _ if none => (None, status.error.as_ref().map(|(_, message)| message.clone())),
                true => (status.error.is_some().then_some(away), None),
                false if passes && !lasts => (None, Some(away)),
                false => (Some(away), None),
            };
            (problem, warning, status.hook_error.clone(), status.connected)
        };
        node.findings.warning("Replica", warning);
        node.findings.problem("Replica", problem);
        node.findings.problem("Hook", hook);
        let changed = if connected || lasts {
            status.changed().await
        } else {
            let left = node.away().saturating_sub(since.elapsed());
            tokio::time::timeout(left, status.changed()).await.unwrap_or(Ok(()))
        };
        if changed.is_err() {
            return;
        }
        if connected {
            since = Instant::now();
        }
    }
}

/// Finds the active master: here, where this computer has taken the store over, else by asking others.
struct Knows {
    node: Arc<Node>,
    others: AskOthers,
}

impl Finder for Knows {
    fn find(&self) -> Pending<Option<Arc<str>>> {
        match self.node.serves() {
            true => {
                let own: Arc<str> = self.node.computer().into();
                Box::pin(async move { Some(own) })
            }
            false => self.others.find(),
        }
    }
}

/// Whom to ask for the active master: the places of the store first, then the others.
fn others(node: &Node) -> Vec<String> {
    let read = with_store(node, |store| {
        let (topology, _) = topology::load(store)?;
        let places = topology.store_places();
        let places =
            places.into_iter().flat_map(|place| [Some(place.sql.computer), place.mirror.map(|sql| sql.computer)]);
        let others = topology.replicas().map(|computer| computer.fqdn.clone());
        Ok(places.flatten().chain(others).collect::<Vec<_>>())
    });
    let mut names: Vec<String> = Vec::new();
    // Whoever knows no topology yet has its address book.
    for name in read.ok().flatten().unwrap_or_else(|| node.addresses().names()) {
        if !same_name(&name, node.computer()) && !names.iter().any(|known| same_name(known, &name)) {
            names.push(name);
        }
    }
    names
}
