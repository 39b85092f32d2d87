//! The places of a database as ends of a failover.

use crate::topology::{Database, DatabasePlaces, SqlPlace, Topology};
use crate::value::same_name;
use serde::{Deserialize, Serialize};

/// One end of a failover.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct End {
    /// The computer.
    pub computer: String,
    /// The pool that it serves in: that of the service, not of the SQL server.
    pub pool: String,
    /// The SQL server's name.
    pub sql: String,
    /// The instance; empty is the default one.
    pub instance: String,
    /// It is a mirror.
    pub mirror: bool,
}

/// All places as ends: with the pool in which each would serve.
pub(super) fn ends(topology: &Topology, places: &DatabasePlaces) -> Vec<End> {
    let mut ends: Vec<End> = Vec::new();
    let mut add = |place: Option<&SqlPlace>, pool: &str, mirror: bool| {
        if let Some(place) = place
            && !ends.iter().any(|end| same_name(&end.computer, &place.computer))
        {
            ends.push(End {
                computer: place.computer.clone(),
                pool: pool.to_owned(),
                sql: place.fqdn.clone(),
                instance: place.instance.clone(),
                mirror,
            });
        }
    };
    let backup = places.backup_pool.as_deref().unwrap_or(&places.pool);
    add(Some(&places.primary), &places.pool, false);
    add(places.mirror.as_ref(), &places.pool, true);
    add(places.backup.as_ref(), backup, false);
    add(places.backup_mirror.as_ref(), backup, true);
    if places.database == Database::CentralMgmt {
        // A third pool that could hold the store is a place too, but for nobody the next one.
        for place in topology.store_places() {
            add(Some(&place.sql), &place.pool, false);
            add(place.mirror.as_ref(), &place.pool, true);
        }
    }
    ends
}
