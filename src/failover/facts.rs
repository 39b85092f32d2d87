//! What is known when a failover is judged: what the places said and what the replicas said, as far as that can be.

use super::choose::{Choice, Unfinished};
use super::claims::decided;
use super::control::Lost;
use super::epoch;
use super::state::{PlaceAnswer, PlaceState};
use super::wish::Mode;
use crate::value::{DateTime, same_name};
use serde::{Deserialize, Serialize};

/// Epochs that a failover after a disaster goes beyond what is known. Who cannot be asked may have gone on by planned
/// failovers meanwhile; of the two sides the one that an administrator forced is to count, and the other's changes are
/// what its report calls uncertain. Eight failovers are more than happen unnoticed.
pub(super) const BEYOND: u64 = 8 * epoch::STRIDE;

/// How far beyond what the places of the database know a replica's word counts: more failovers and more changes than can
/// have been that no place which answers has heard of. Beyond that it is damaged, or lies; and the epoch and the version
/// that a failover begins with must be above all that counts.
const EPOCHS: u64 = 1_024 * epoch::STRIDE;
const VERSIONS: u64 = 1 << 32;

/// Whether what a replica says that it holds can be, where the newest place is at an epoch and a version.
pub fn credible(fact: &ReplicaFact, epoch: u64, version: u64) -> bool {
    fact.epoch.is_none_or(|held| held <= epoch.saturating_add(EPOCHS))
        && fact.version.is_none_or(|held| held <= version.saturating_add(VERSIONS))
}

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

impl<'a> Facts<'a> {
    /// What a place said.
    pub(super) fn place(&self, computer: &str) -> Option<&'a PlaceState> {
        let of = |answer: &&PlaceAnswer| same_name(&answer.computer, computer);
        self.places.iter().find(of).and_then(|answer| answer.state.as_ref().ok())
    }

    /// What was said, by any place.
    pub(super) fn said(&self) -> impl Iterator<Item = &'a PlaceState> {
        self.places.iter().filter_map(|answer| answer.state.as_ref().ok())
    }

    /// The highest epoch that a place knows of, and the highest version that one holds.
    pub(super) fn of_places(&self) -> (u64, u64) {
        let epochs = self.said().map(|state| state.position.epoch.max(state.highest_epoch));
        let versions = self.said().map(|state| state.position.version);
        (epochs.max().unwrap_or(0), versions.max().unwrap_or(0))
    }

    /// Replicas whose word can be true; or those of which it cannot.
    pub(super) fn replicas_that(&self, are_credible: bool) -> impl Iterator<Item = &'a ReplicaFact> {
        let (epoch, version) = self.of_places();
        self.replicas.iter().filter(move |fact| credible(fact, epoch, version) == are_credible)
    }

    /// Replicas whose word can be true.
    pub(super) fn credible(&self) -> impl Iterator<Item = &'a ReplicaFact> {
        self.replicas_that(true)
    }

    /// The highest epoch that is known, one that somebody is about to enter too.
    pub(super) fn highest_epoch(&self) -> u64 {
        let underway = self.said().filter_map(|state| state.underway.as_ref()).map(|underway| underway.epoch);
        underway.max().unwrap_or(0).max(self.entered())
    }

    /// The highest epoch that is known to have been entered by a place.
    pub(super) fn entered(&self) -> u64 {
        let replicas = self.credible().filter_map(|replica| replica.epoch);
        replicas.max().unwrap_or(0).max(self.of_places().0)
    }

    /// The highest version that is known.
    pub(super) fn highest_version(&self) -> u64 {
        let replicas = self.credible().filter_map(|replica| replica.version);
        replicas.max().unwrap_or(0).max(self.of_places().1)
    }

    /// The epoch that the target enters.
    pub(super) fn next_epoch(&self) -> u64 {
        let computers = self.choice.places.iter().map(String::as_str);
        let ordinal = epoch::ordinal(computers, &self.choice.target.computer);
        let beyond = if self.choice.mode == Mode::Disaster { BEYOND } else { 0 };
        epoch::next(self.highest_epoch().saturating_add(beyond), ordinal)
    }

    pub(super) fn planned(&self) -> bool {
        self.choice.mode == Mode::Planned
    }

    /// The unfinished failover for which the target took over already.
    pub(super) fn decided(&self) -> Option<&'a Unfinished> {
        self.choice.unfinished.as_ref().filter(|unfinished| decided(&unfinished.underway, self.places))
    }

    /// The source itself takes the database up again.
    pub(super) fn again(&self) -> bool {
        same_name(&self.choice.source.computer, &self.choice.target.computer)
    }
}
