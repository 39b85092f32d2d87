//! Which replicas a cmdlet is about.

use crate::error::{Category, ErrorRecord};
use crate::topology::{Computer, Topology};
use crate::value::{near, same_name};

/// The computer of a name that holds a replica.
///
/// # Errors
/// `ReplicaNotFound`, with the near name; of a computer without a replica it says so.
pub(super) fn replica<'a>(topology: &'a Topology, name: &str) -> Result<&'a Computer, ErrorRecord> {
    if let Some(computer) = topology.replicas().find(|computer| same_name(&computer.fqdn, name)) {
        return Ok(computer);
    }
    let error = |message: String| ErrorRecord::new("ReplicaNotFound", Category::ObjectNotFound, message).target(name);
    if let Ok(computer) = topology.computer(name) {
        let pool = &computer.pool;
        return Err(error(format!(
            "{} holds no replica: its pool, {pool}, takes no part in replication.",
            computer.fqdn
        ))
        .hint("Get-CsManagementStoreReplicationStatus lists the computers that hold one."));
    }
    if let Ok(pool) = topology.pool(name) {
        let computers: Vec<&str> = pool.computers.iter().map(|computer| computer.fqdn.as_str()).collect();
        return Err(error(format!("{} is a pool, and each of its computers has a replica of its own.", pool.fqdn))
            .hint(format!("Name a computer: {}.", computers.join(", "))));
    }
    let missing = error(format!("No computer {name} of the topology holds a replica."));
    Err(match near::nearest(name, topology.replicas().map(|computer| computer.fqdn.as_str())) {
        Some(near) => missing.hint(format!("Did you mean {near}?")),
        None => missing.hint("Get-CsManagementStoreReplicationStatus lists the computers that hold one."),
    })
}
