//! Whether a failover would succeed: all conditions in one list, from what the computers said.

use super::choose::Choice;
use super::control::{Lost, Preflight};
use super::state::PlaceAnswer;
use crate::value::DateTime;
use serde::{Deserialize, Serialize};

/// What is known of one replica.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ReplicaFact {
    /// The computer.
    pub computer: String,
    /// It answered now.
    pub answered: bool,
    /// It has the version and the epoch of the active store.
    pub up_to_date: bool,
    /// The version that it holds.
    pub version: Option<u64>,
    /// The epoch that it holds.
    pub epoch: Option<u64>,
    /// Why it is behind or does not answer.
    pub reason: Option<String>,
    /// Documents that it has and that changed after the version that was asked for.
    pub after: Vec<Lost>,
}

/// What is known when a failover is judged.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The time at the target.
    pub now: DateTime,
    /// What is to be done.
    pub choice: &'a Choice,
    /// What every place said, the target's own too.
    pub places: &'a [PlaceAnswer],
    /// The replicas; empty for a user store.
    pub replicas: &'a [ReplicaFact],
}

/// Judges.
pub fn preflight(facts: &Facts<'_>) -> Preflight {
    Preflight {
        database: facts.choice.database.clone(),
        mode: facts.choice.mode,
        source: facts.choice.source.computer.clone(),
        source_pool: facts.choice.source.pool.clone(),
        target: facts.choice.target.computer.clone(),
        target_pool: facts.choice.target.pool.clone(),
        source_version: None,
        target_version: None,
        epoch: 0,
        lost: Vec::new(),
        uncertain: None,
        conditions: Vec::new(),
    }
}
