//! What the topology wants of this computer.

use super::known::Known;
use super::node::Node;
use crate::deployment::Active;
use crate::error::ErrorRecord;
use crate::replication::storage::ReplicaStore;
use crate::store::Store;
use crate::topology::{self, Database, Topology};
use crate::value::same_name;
use std::sync::Arc;

/// What the topology wants of this computer, as its store or replica knows it.
#[derive(Clone)]
pub struct View {
    /// It follows the configuration: it keeps a replica.
    pub replica: bool,
    /// It is not in the topology.
    pub removed: bool,
    /// The active master.
    pub active: Option<Active>,
    /// The pool of the active store.
    pub pool: String,
    /// The computers that follow the configuration.
    pub followers: Vec<String>,
    /// Of them, those that are no replicas as administrators count them: they only keep a database or files.
    pub unlisted: Vec<String>,
    /// What is known of the deployment; `None` where nothing is yet.
    pub known: Option<Arc<Known>>,
}

/// Hands what this computer knows of the deployment to `read`: its store where it is active here, else its replica;
/// `None` where it holds neither, or no snapshot yet.
///
/// # Errors
/// Those of the store, and of `read`.
pub fn with_store<T>(
    node: &Node,
    read: impl FnOnce(&dyn Store) -> Result<T, ErrorRecord>,
) -> Result<Option<T>, ErrorRecord> {
    if node.store_counts() {
        return read(&*node.open_store()?).map(Some);
    }
    let folder = node.directory().replica();
    if folder.is_dir()
        && let Some(store) = ReplicaStore::open(&folder)?
        && store.held()?.is_some()
    {
        return read(&store).map(Some);
    }
    // A copy of the store says as much, until there is a replica.
    if node.directory().holds_store() {
        let store = node.open_store()?;
        if store.version()? > 0 {
            return read(&*store).map(Some);
        }
    }
    Ok(None)
}

/// What a store says.
///
/// # Errors
/// Those of the store, `TopologyMissing` and the like.
pub fn of(node: &Node, store: &dyn Store) -> Result<View, ErrorRecord> {
    let (topology, _) = topology::load(store)?;
    // A draft names no active store: then it is where it was when the deployment was made.
    let before = node.active();
    let known = Known::of(store, topology, before.as_ref().map(|active| active.computer.as_str()))?;
    let named = known.active_of(&Database::CentralMgmt).map(str::to_string);
    let active = match named {
        // It serves, and nobody knows better where the store is.
        _ if node.serves() => Some(Active { computer: node.computer().to_string(), epoch: known.epoch }),
        Some(computer) => Some(Active { computer, epoch: known.epoch }),
        None => before,
    };
    let topology = known.topology.clone();
    let pool = topology.active_store().map(|place| place.pool).or_else(|| {
        let computer = topology.computer(&active.as_ref()?.computer).ok()?;
        Some(computer.pool.clone())
    });
    let followers = topology.followers();
    Ok(View {
        replica: followers.iter().any(|follower| same_name(follower, node.computer())),
        removed: !topology.computers().any(|computer| same_name(&computer.fqdn, node.computer())),
        active,
        pool: pool.unwrap_or_default(),
        unlisted: unlisted(&topology, &followers),
        followers,
        known: Some(Arc::new(known)),
    })
}

/// What a computer that knows nothing yet does: it asks for a replica, and learns from it what it is there for.
pub fn unknown(node: &Node) -> View {
    View {
        replica: true,
        removed: false,
        active: node.active(),
        pool: String::new(),
        followers: Vec::new(),
        unlisted: Vec::new(),
        known: None,
    }
}

fn unlisted(topology: &Topology, followers: &[String]) -> Vec<String> {
    let replica = |name: &str| topology.replicas().any(|computer| same_name(&computer.fqdn, name));
    followers.iter().filter(|follower| !replica(follower)).cloned().collect()
}
