//! The master's services: replicas are fed, cmdlets are decided.

use super::doorkeeper::why_not;
use super::metrics::number;
use super::node::Node;
use super::view::{View, with_store};
use crate::error::ErrorRecord;
use crate::net::{Accepted, Peer, Refusal};
use crate::replication::driver::{Hub, HubOptions, farewell};
use crate::topology::Database;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// How often the replicas are counted for the metrics.
const COUNTED: Duration = Duration::from_secs(5);

/// The master's services, while they run.
pub struct Master {
    hub: Arc<Hub>,
    tasks: Vec<JoinHandle<()>>,
}

impl Master {
    /// Starts them. Called within the runtime.
    ///
    /// # Errors
    /// Those of the store and of the status table.
    pub fn start(node: &Arc<Node>, view: &View) -> Result<Master, ErrorRecord> {
        let opens = node.clone();
        let hub = Hub::start(HubOptions {
            deployment: node.directory().deployment().to_string(),
            pool: view.pool.clone(),
            store: Arc::new(move || opens.open_store()),
            status: node.directory().status(),
            spool: node.directory().path().join("store"),
            replicas: shared(&view.followers),
            clock: node.clock().clone(),
            dialler: Some(Arc::new(node.dialler()?)),
        })?;
        let hub = Arc::new(hub);
        hub.believe(&keepers(view));
        hub.unlist(&shared(&view.unlisted));
        node.set_master(Some((hub.control(), hub.on_commit())));
        let told = Arc::downgrade(&hub);
        node.doorkeeper.tell(Some(Arc::new(move |computer, id, message| {
            if let Some(hub) = told.upgrade() {
                hub.refused(computer, id, message);
            }
        })));
        let version = view.known.as_ref().map_or(0, |known| known.version);
        tracing::info!(version, "Central Management server: the services of the master begin");
        let tasks = vec![tokio::spawn(count(node.clone())), tokio::spawn(until_over(node.clone(), hub.clone()))];
        Ok(Master { hub, tasks })
    }

    /// The topology changed.
    pub fn topology(&self, view: &View) {
        self.hub.believe(&keepers(view));
        self.hub.unlist(&shared(&view.unlisted));
        self.hub.topology(shared(&view.followers));
    }

    /// Feeds a replica until its connection ends.
    pub fn serve(&self, accepted: Accepted) -> impl Future<Output = ()> + Send + use<> {
        self.hub.serve(accepted)
    }

    /// A replica's certificate is no longer good: it is told, and its connection ends.
    pub fn expel(&self, peer: &Peer, why: Refusal) {
        self.hub.expel(&peer.serial, why.id(), &why_not(peer, why));
    }

    /// Ends them: the replicas are told.
    pub fn stop(&self, node: &Node) {
        node.doorkeeper.tell(None);
        node.set_master(None);
        for task in &self.tasks {
            task.abort();
        }
        self.hub.stop();
        tracing::info!("the services of the master end");
    }
}

impl Drop for Master {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

fn keepers(view: &View) -> Vec<Arc<str>> {
    shared(view.known.as_ref().map_or(&[][..], |known| &known.keepers))
}

fn shared(names: &[String]) -> Vec<Arc<str>> {
    names.iter().map(|name| name.as_str().into()).collect()
}

/// Counts the replicas.
async fn count(node: Arc<Node>) {
    loop {
        let asked = node.clone();
        let counted = tokio::task::spawn_blocking(move || {
            let replicas = asked.control().and_then(|control| control.replicas().ok()).unwrap_or_default();
            let head = with_store(&asked, |store| store.head()).ok().flatten();
            (replicas, head)
        });
        if let Ok((replicas, head)) = counted.await {
            let of = |state: &'static str, count: usize| {
                metrics::gauge!("reeve_replicas", "state" => state).set(number(count as u64));
            };
            let up_to_date = replicas.iter().filter(|replica| replica.up_to_date).count();
            of("connected", replicas.iter().filter(|replica| replica.connected).count());
            of("up_to_date", up_to_date);
            of("behind", replicas.len() - up_to_date);
            if let Some(head) = head {
                metrics::gauge!("reeve_store_version").set(number(head.version));
                metrics::gauge!("reeve_store_epoch").set(number(head.epoch));
            }
        }
        tokio::time::sleep(COUNTED).await;
    }
}

/// Decides on nothing more once another computer holds the store under a newer epoch: the place of the store learns it.
async fn until_over(node: Arc<Node>, hub: Arc<Hub>) {
    let mut over = hub.over();
    let Ok((epoch, computer)) = over.wait_for(Option::is_some).await.map(|over| over.clone().unwrap_or_default())
    else {
        return;
    };
    node.set_master(None);
    if let Some(place) = node.places().and_then(|places| places.of(&Database::CentralMgmt)) {
        place.heard_of(&computer, epoch).await;
    }
}

/// Tells a replica that came to the wrong computer, and which one is the right one as far as is known here.
pub async fn refuse(node: &Node, accepted: Accepted) {
    let epoch = node.active().map_or(0, |active| active.epoch);
    let message = match node.check_active() {
        Err(error) => [&[error.message().to_string()], error.hints()].concat().join(" "),
        Ok(()) => "The services of the master do not run yet.".to_string(),
    };
    farewell(accepted.stream, accepted.ends, epoch, "NotActive", &message).await;
}
