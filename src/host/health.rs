//! Whether a server does what it is there for, and what stands in the way.

use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The health of a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Health {
    /// The computer.
    pub computer: String,
    /// Nothing stands in the way.
    pub healthy: bool,
    /// The services that run here: `Master`, `Replica`, `Sessions`.
    pub services: Vec<&'static str>,
    /// What stands in the way, by what it concerns.
    pub reasons: BTreeMap<&'static str, String>,
    /// What will stand in the way, if nobody does something.
    pub warnings: BTreeMap<&'static str, String>,
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
            healthy: said.reasons.is_empty(),
            services: said.services.clone(),
            reasons: said.reasons.clone(),
            warnings: said.warnings.clone(),
        }
    }

    fn said(&self) -> std::sync::MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps it, and logs what is new.
fn note(all: &mut BTreeMap<&'static str, String>, of: &'static str, what: Option<String>, problem: bool) {
    if all.get(of) == what.as_ref() {
        return;
    }
    match &what {
        Some(what) if problem => tracing::error!(of, what, "problem"),
        Some(what) => tracing::warn!(of, what, "warning"),
        None => tracing::info!(of, "well again"),
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
