//! How the store of a host directory stands, as its files say: whether it is what its computer goes by.

use super::{Active, HostDirectory};
use crate::error::ErrorRecord;
use crate::replication::storage::ReplicaStore;
use crate::store::{Placed, Role, SqliteStore, Store};
use std::path::Path;

/// Whether a store is what its computer goes by, as far as its files know: it is active here, or was closed to go over,
/// and neither the replica nor what was last heard speaks of a later epoch.
///
/// # Errors
/// Those of the store.
pub fn counts(host: &HostDirectory, store: &SqliteStore) -> Result<bool, ErrorRecord> {
    if store.role()? == Role::Standby {
        return Ok(false);
    }
    let heard = Active::read(host).map_or(0, |active| active.epoch).max(store.highest_epoch()?);
    // A replica that cannot be read says nothing; its server begins it anew.
    let replica = ReplicaStore::open(&host.replica()).ok().flatten();
    let held = replica.and_then(|replica| replica.held().ok().flatten()).map_or(0, |held| held.epoch);
    Ok(store.epoch()? >= heard.max(held))
}

/// The epoch of the store in a host directory, and whether it is open to changes, if it is not a copy of another's; what
/// cannot be read does not count.
pub(super) fn claims(host: &Path) -> Option<(u64, bool)> {
    let path = host.join(super::STORE);
    if !path.exists() {
        return None;
    }
    let store = SqliteStore::open(&path).ok()?;
    let role = store.role().ok()?;
    if role == Role::Standby { None } else { Some((store.epoch().ok()?, role == Role::Active)) }
}
