//! Replication as its files tell it, for a session on a host directory on which no server runs.

use super::StatusTable;
use crate::error::{Category, ErrorRecord};
use crate::replication::master::Row;
use crate::replication::{CentralState, Control, Hop, ReplicaState};
use crate::store::{Head, Store};
use crate::topology::Topology;
use crate::value::{DateTime, DateTimeKind};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// What the files of a host directory tell of replication.
#[derive(Debug)]
pub struct Offline {
    status: PathBuf,
    head: Head,
    replicas: Vec<String>,
    /// Those that follow, replicas or not.
    followers: Vec<String>,
    master: Option<String>,
}

/// Replication as the status table at `status` tells it, of the store and the topology given.
///
/// # Errors
/// Those of the store.
pub fn offline(status: &Path, store: &dyn Store, topology: &Topology) -> Result<Offline, ErrorRecord> {
    let mut replicas: Vec<String> = topology.replicas().map(|computer| computer.fqdn.clone()).collect();
    replicas.sort_by_key(|name| name.to_lowercase());
    replicas.dedup_by_key(|name| name.to_lowercase());
    let master = topology.active_store().map(|place| place.pool);
    let followers = topology.followers();
    Ok(Offline { status: status.to_path_buf(), head: store.head()?, replicas, followers, master })
}

impl Offline {
    /// Rows by the name of the computer in lower case; none where nothing was ever written.
    fn rows(&self) -> Result<HashMap<String, Row>, ErrorRecord> {
        if !self.status.exists() {
            return Ok(HashMap::new());
        }
        let rows = StatusTable::open(&self.status)?.load_all()?;
        Ok(rows.into_iter().map(|row| (row.computer.to_lowercase(), row)).collect())
    }

    fn state(&self, computer: &str, row: Option<&Row>) -> ReplicaState {
        let mut state = ReplicaState { replica_fqdn: computer.to_string(), ..ReplicaState::default() };
        if let Some(row) = row {
            let head = self.head;
            let time = |ticks: Option<i64>| ticks.map(utc);
            state.up_to_date = row.held.is_some_and(|held| (held.version, held.chain) == (head.version, head.chain));
            state.up_to_date &= row.held.is_some_and(|held| held.epoch == head.epoch);
            state.last_status_report = time(row.last_status_report);
            state.last_update_creation = time(row.last_update_creation);
            state.product_version = row.product.as_deref().map(str::to_owned);
            state.version_held = row.held.map(|held| held.version);
            state.epoch = row.held.map(|held| held.epoch);
            state.last_package_kind = row.last_package_kind;
            state.versions_behind = row.held.map(|held| head.version.saturating_sub(held.version));
            state.last_contact = time(row.last_contact);
            state.last_error = row.last_error.as_deref().map(str::to_owned);
            state.hook_error = row.hook_error.as_deref().map(str::to_owned);
            state.certificate_not_after = time(row.not_after);
            state.clock_skew_seconds = row.clock_skew_seconds;
        }
        if !state.up_to_date {
            let known = match row {
                Some(_) => "what it reported last is older than the store",
                None => "nothing is known of it, and it gets a full snapshot",
            };
            state.reason = Some(format!("No server runs on this host directory: {known}."));
        }
        state
    }
}

impl Control for Offline {
    fn replicas(&self) -> Result<Vec<ReplicaState>, ErrorRecord> {
        let rows = self.rows()?;
        Ok(self.replicas.iter().map(|name| self.state(name, rows.get(&name.to_lowercase()))).collect())
    }

    fn central(&self) -> Result<CentralState, ErrorRecord> {
        let rows = self.rows()?;
        let central =
            if self.status.exists() { StatusTable::open(&self.status)?.central()? } else { Default::default() };
        let there = |name: &str| self.followers.iter().any(|replica| replica.eq_ignore_ascii_case(name));
        let mut deleted: Vec<String> =
            rows.values().filter(|row| !there(&row.computer)).map(|row| row.computer.to_string()).collect();
        deleted.sort();
        Ok(CentralState {
            last_updated_on: central.updated.map(utc),
            active_master_fqdn: self.master.clone(),
            active_master_last_heartbeat: central.heartbeat.map(utc),
            version: Some(self.head.version),
            epoch: Some(self.head.epoch),
            active_replicas: self.replicas.clone(),
            deleted_replicas: deleted,
        })
    }

    fn forget(&self, replica: Option<&str>) -> Result<(), ErrorRecord> {
        if !self.status.exists() {
            return Ok(());
        }
        StatusTable::open(&self.status)?.forget(replica)
    }

    fn probe(&self, replica: &str) -> Result<Vec<Hop>, ErrorRecord> {
        let message =
            format!("The way to {replica} is tried by the server of the active store, and it does not run here.");
        Err(ErrorRecord::new("NoServer", Category::ResourceUnavailable, message)
            .hint("Ask on the host of the active store; where it is this one, start it with reeve serve --dir DIR."))
    }
}

fn utc(ticks: i64) -> DateTime {
    DateTime { ticks, kind: DateTimeKind::Utc }
}
