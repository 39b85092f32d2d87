//! Whether a server does what it is there for, and what stands in the way.

use crate::replication::ReplicaState;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The health of a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Health {
    /// The computer.
    pub computer: String,
    /// The process.
    pub process: u32,
    /// Nothing stands in the way.
    pub healthy: bool,
    /// The services that run here: `Master`, `Replica`, `Sessions`.
    pub services: Vec<String>,
    /// What stands in the way, by what it concerns.
    pub reasons: BTreeMap<String, String>,
    /// What will stand in the way, if nobody does something.
    pub warnings: BTreeMap<String, String>,
    /// The active master, as far as is known here.
    pub active: Option<String>,
    /// At the master: how the replicas stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicas: Option<Vec<Replica>>,
}

/// How a replica stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Replica {
    /// The computer.
    pub fqdn: String,
    /// It has reported the store's version and epoch.
    pub up_to_date: bool,
    /// The version that it reported.
    pub version: Option<u64>,
    /// Why it is not up to date.
    pub reason: Option<String>,
}

impl From<ReplicaState> for Replica {
    fn from(state: ReplicaState) -> Replica {
        Replica {
            fqdn: state.replica_fqdn,
            up_to_date: state.up_to_date,
            version: state.version_held,
            reason: state.reason,
        }
    }
}

/// What parts of a server say of themselves; by what it concerns, so that it cannot grow.
#[derive(Debug, Default)]
pub struct Findings {
    said: Mutex<Said>,
}

#[derive(Debug, Default)]
struct Said {
    services: Vec<&'static str>,
    reasons: BTreeMap<&'static str, String>,
    warnings: BTreeMap<&'static str, String>,
}

impl Findings {
    /// Something stands in the way, or, with `None`, no longer.
    pub fn problem(&self, of: &'static str, what: Option<String>) {
        note(&mut self.said().reasons, of, what, true);
    }

    /// Something will stand in the way, or, with `None`, no longer.
    pub fn warning(&self, of: &'static str, what: Option<String>) {
        note(&mut self.said().warnings, of, what, false);
    }

    /// The services that run now.
    pub fn services(&self, services: Vec<&'static str>) {
        self.said().services = services;
    }

    /// All together.
    pub fn health(&self, computer: &str) -> Health {
        let said = self.said();
        Health {
            computer: computer.to_string(),
            process: std::process::id(),
            healthy: said.reasons.is_empty(),
            services: said.services.iter().map(|service| (*service).to_string()).collect(),
            reasons: texts(&said.reasons),
            warnings: texts(&said.warnings),
            active: None,
            replicas: None,
        }
    }

    fn said(&self) -> std::sync::MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn texts(said: &BTreeMap<&'static str, String>) -> BTreeMap<String, String> {
    said.iter().map(|(of, what)| ((*of).to_string(), what.clone())).collect()
}

/// Keeps it, and logs what is new.
fn note(all: &mut BTreeMap<&'static str, String>, of: &'static str, what: Option<String>, problem: bool) {
    if all.get(of) == what.as_ref() {
        return;
    }
    match &what {
        Some(what) if problem => tracing::error!(of, what, "problem"),
        Some(what) => tracing::warn!(of, what, "warning"),
        None => tracing::info!(of, "well"),
    }
    match what {
        Some(what) => drop(all.insert(of, what)),
        None => drop(all.remove(of)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_well_when_nothing_stands_in_the_way() {
        let findings = Findings::default();
        assert!(findings.health("a").healthy);
        findings.warning("Certificate", Some("it ends in 3 days".into()));
        assert!(findings.health("a").healthy, "a warning is no failure");
        findings.problem("Replica", Some("no master".into()));
        assert_eq!(findings.health("a").reasons["Replica"], "no master");
        assert!(!findings.health("a").healthy);
        findings.problem("Replica", None);
        assert!(findings.health("a").healthy);
    }
}
