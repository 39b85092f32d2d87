//! What cmdlets ask of replication, whether a server runs here or only its files are here.

use super::id::PackageKind;
use crate::error::ErrorRecord;
use crate::value::DateTime;

/// The state of one replica, as the Central Management server knows it. Times are of its own clock.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReplicaState {
    /// The computer.
    pub replica_fqdn: String,
    /// It has reported the store's version and epoch.
    pub up_to_date: bool,
    /// When it last reported.
    pub last_status_report: Option<DateTime>,
    /// When the newest package for it was made.
    pub last_update_creation: Option<DateTime>,
    /// The version of the program that it runs.
    pub product_version: Option<String>,
    /// The version of the store that it reported.
    pub version_held: Option<u64>,
    /// The epoch that it reported.
    pub epoch: Option<u64>,
    /// What kind of package it applied last.
    pub last_package_kind: Option<PackageKind>,
    /// Versions that it is behind.
    pub versions_behind: Option<u64>,
    /// Bytes of the package that it is to get and has not applied.
    pub bytes_behind: Option<u64>,
    /// A connection stands now.
    pub connected: bool,
    /// When it was last heard.
    pub last_contact: Option<DateTime>,
    /// Its last error, `Id: message`, until it succeeds.
    pub last_error: Option<String>,
    /// What it said of its documents folder or its hook that failed, until they succeed.
    pub hook_error: Option<String>,
    /// Until when its certificate is valid.
    pub certificate_not_after: Option<DateTime>,
    /// Seconds that its clock is ahead of the master's; negative: behind.
    pub clock_skew_seconds: Option<i64>,
    /// Why it is not up to date, in a sentence; `None` where it is.
    pub reason: Option<String>,
}

/// The state of the store's master.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CentralState {
    /// When this was last written.
    pub last_updated_on: Option<DateTime>,
    /// The pool of the active master; empty where it cannot be reached.
    pub active_master_fqdn: Option<String>,
    /// Its last sign of life.
    pub active_master_last_heartbeat: Option<DateTime>,
    /// The version of the store.
    pub version: Option<u64>,
    /// The epoch of the store.
    pub epoch: Option<u64>,
    /// Computers that are to hold a replica.
    pub active_replicas: Vec<String>,
    /// Computers that held one and are no longer in the topology.
    pub deleted_replicas: Vec<String>,
}

/// One step on the way to a replica, and what a probe found there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// What was tried: `Topology`, `Address`, `Connection`, `Certificate`, `Agent`, `Replica`, `Hook`.
    pub step: String,
    /// It went well.
    pub passed: bool,
    /// What was found.
    pub found: String,
    /// Milliseconds that it took.
    pub milliseconds: u64,
    /// What to do, where it did not go well.
    pub advice: Option<String>,
}

/// What cmdlets ask of replication.
pub trait Control: Send + Sync {
    /// The state of every replica of the topology, by name.
    ///
    /// # Errors
    /// Those of the store.
    fn replicas(&self) -> Result<Vec<ReplicaState>, ErrorRecord>;

    /// The state of the master.
    ///
    /// # Errors
    /// Those of the store.
    fn central(&self) -> Result<CentralState, ErrorRecord>;

    /// Deletes the status of one replica (by the name as the topology spells it) or of all, so that each gets a full
    /// snapshot. On the disk when it returns.
    ///
    /// # Errors
    /// Those of the store.
    fn forget(&self, replica: Option<&str>) -> Result<(), ErrorRecord>;

    /// Tries each hop on the way to a replica.
    ///
    /// # Errors
    /// `NoServer` where no server runs here that could.
    fn probe(&self, replica: &str) -> Result<Vec<Hop>, ErrorRecord>;
}
