//! From what an administrator wants to what is to be done: which computer gives the database away, which takes it.

use super::placement::Placement;
use super::state::{PlaceAnswer, Underway};
use super::wish::{Mode, Wish};
use crate::error::ErrorRecord;
use crate::topology::{Database, Topology};
use serde::{Deserialize, Serialize};

/// What is known when a wish comes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// What the configuration says of where the database is.
    pub placement: Option<&'a Placement>,
    /// What the places said of themselves; none where nobody could be asked.
    pub answers: &'a [PlaceAnswer],
}

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

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Choice {
    /// The database, in text.
    pub database: String,
    /// How.
    pub mode: Mode,
    /// Who gives it away.
    pub source: End,
    /// Who takes it.
    pub target: End,
    /// The computers of all places, the source's and the target's too.
    pub places: Vec<String>,
    /// The unfinished failover that is to be undone (`true`) or finished, by its id, at [`Choice::target`].
    pub unfinished: Option<Unfinished>,
}

/// A failover that was begun before, and what is to become of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Unfinished {
    /// What is known of it.
    pub underway: Underway,
    /// It is to be undone; else it is to be finished.
    pub undo: bool,
}

impl Choice {
    /// The database.
    pub fn database(&self) -> Option<Database> {
        Database::parse(&self.database)
    }
}

/// What a wish means now. The order belongs to the computer `target` of the answer: it alone carries it out.
///
/// # Errors
/// `RoleNotPresent` and `PoolNotFound` where the topology has no such database; `NoStandby`, `TargetNotStandby`,
/// `TargetIsActive`, `NotMirrored`, `NothingToRestore`, `MirrorNotOfTarget`.
pub fn choose(topology: &Topology, database: &Database, wish: &Wish, known: Known<'_>) -> Result<Choice, ErrorRecord> {
    let _ = (wish, known);
    let places = topology.require_database(database)?;
    Err(super::unfinished(&places.pool))
}
