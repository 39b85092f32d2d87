//! What the topology wants of this computer.

use super::node::Node;
use crate::deployment::{Active, tls};
use crate::error::ErrorRecord;
use crate::replication::storage::ReplicaStore;
use crate::store::Store;
use crate::topology::{self, Topology};
use crate::value::same_name;

/// What the topology wants of this computer, as its store or replica knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// It is the active Central Management server.
    pub master: bool,
    /// It keeps a replica.
    pub replica: bool,
    /// It is not in the topology.
    pub removed: bool,
    /// The active master.
    pub active: Option<Active>,
    /// Its pool.
    pub pool: String,
    /// The computers that follow the configuration.
    pub followers: Vec<String>,
    /// Of them, those that are no replicas as administrators count them: they only keep a database or files.
    pub unlisted: Vec<String>,
    /// The computers that may hold the store.
    pub keepers: Vec<String>,
    /// The version that says so.
    pub version: u64,
}

/// Hands what this computer knows of the deployment to `read`: its store, else its replica; `None` where it holds
/// neither, or no snapshot yet.
///
/// # Errors
/// Those of the store, and of `read`.
pub fn with_store<T>(
    node: &Node,
    read: impl FnOnce(&dyn Store) -> Result<T, ErrorRecord>,
) -> Result<Option<T>, ErrorRecord> {
    if node.directory().holds_store() {
        return read(&*node.open_store()?).map(Some);
    }
    let folder = node.directory().replica();
    if !folder.is_dir() {
        return Ok(None);
    }
    match ReplicaStore::open(&folder)? {
        Some(store) if store.held()?.is_some() => read(&store).map(Some),
        _ => Ok(None),
    }
}

/// What a store says.
///
/// # Errors
/// Those of the store, `TopologyMissing` and the like.
pub fn of(node: &Node, store: &dyn Store) -> Result<View, ErrorRecord> {
    let version = store.version()?;
    let (topology, _) = topology::load(store)?;
    let place = topology.active_store();
    let named = place.as_ref().map(|place| place.sql.computer.clone());
    let epoch = store.epoch()?;
    // A draft names no active store: then it is where it was when the deployment was made.
    let active = match named {
        Some(computer) => Some(Active { computer, epoch }),
        None => node.active(),
    };
    let is_active = active.as_ref().is_some_and(|active| same_name(&active.computer, node.computer()));
    let pool = place.map(|place| place.pool).or_else(|| {
        let computer = topology.computer(&active.as_ref()?.computer).ok()?;
        Some(computer.pool.clone())
    });
    let keepers = tls::keepers(&topology, active.as_ref().map_or(node.computer(), |active| &active.computer));
    let removed = !topology.computers().any(|computer| same_name(&computer.fqdn, node.computer()));
    let followers = topology.followers();
    Ok(View {
        master: is_active && node.directory().holds_store(),
        replica: followers.iter().any(|follower| same_name(follower, node.computer())),
        removed,
        active,
        pool: pool.unwrap_or_default(),
        unlisted: unlisted(&topology, &followers),
        followers,
        keepers,
        version,
    })
}

/// What a computer that knows nothing yet does: it asks for a replica, and learns from it what it is there for.
pub fn unknown(node: &Node) -> View {
    View {
        master: false,
        replica: true,
        removed: false,
        active: node.active(),
        pool: String::new(),
        followers: Vec::new(),
        unlisted: Vec::new(),
        keepers: Vec::new(),
        version: 0,
    }
}

fn unlisted(topology: &Topology, followers: &[String]) -> Vec<String> {
    let replica = |name: &str| topology.replicas().any(|computer| same_name(&computer.fqdn, name));
    followers.iter().filter(|follower| !replica(follower)).cloned().collect()
}
