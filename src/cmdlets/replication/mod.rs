//! The cmdlets on replication: its status, its being forced, tried out, watched.

mod central;
mod enable_replica;
mod force;
mod frame;
mod get_connection;
mod get_status;
mod progress;
mod records;
mod select;
mod test_replica;
mod watch;

use crate::cmdlet::{CmdletEntry, Context, entry};
use crate::error::{ErrorRecord, Halt};
use crate::replication::{Control, offline};
use crate::store::Grant;

/// The cmdlets of this folder.
pub fn all() -> Vec<CmdletEntry> {
    vec![
        entry::entry::<enable_replica::EnableReplica>(),
        entry::entry::<force::Force>(),
        entry::entry::<get_connection::GetConnection>(),
        entry::entry::<get_status::GetStatus>(),
        entry::entry::<test_replica::TestReplica>(),
        entry::entry::<watch::Watch>(),
    ]
}

/// Asks replication: of the server that runs here, or of its files.
fn ask<T>(cx: &Context, act: impl FnOnce(&dyn Control) -> Result<T, ErrorRecord>) -> Result<T, Halt> {
    let deployment = cx.deployment()?;
    if let Some(control) = deployment.control() {
        return Ok(act(&**control)?);
    }
    let topology = deployment.topology()?;
    Ok(act(&offline(&deployment.host().status(), deployment.store(), &topology)?)?)
}

/// Writes into the audit log what was done with leave, where no change of the store says it.
fn log(cx: &Context, grant: &Grant, what: &str) -> Result<(), Halt> {
    match cx.deployment()?.store().record(&grant.entry(what)) {
        // A computer without the store has no log of its own.
        Err(error) if error.id() == "ReplicaIsReadOnly" => Ok(()),
        other => Ok(other?),
    }
}
