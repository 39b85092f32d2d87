//! Where a database is active, as the configuration says: a document that goes with the configuration to every computer.

use super::control::Report;
use crate::error::ErrorRecord;
use crate::store::{Change, DocumentId, Expected, Store};
use crate::topology::{Database, Topology};
use crate::value::{DateTime, date, same_name};
use serde::{Deserialize, Serialize};

/// The kind of its documents.
pub const KIND: &str = "DatabasePlacement";

/// Where a database is active, and since when. Without a document it is at its primary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Placement {
    /// The computer of the place.
    pub computer: String,
    /// The epoch in which it took the database over.
    pub epoch: u64,
    /// The computer that had it before.
    pub from: String,
    /// The pool that had it before.
    pub from_pool: String,
    /// The failover that moved it.
    pub failover: String,
    /// How: `Planned`, `Disaster`.
    pub mode: String,
    /// When, in text (RFC 3339).
    pub since: String,
    /// Who moved it.
    pub by: String,
}

impl Placement {
    /// The document of a database.
    pub fn document_id(database: &Database) -> DocumentId {
        DocumentId::new(KIND, "Global", &database.to_string())
    }

    /// What a store says of a database; `None` where it never moved.
    ///
    /// # Errors
    /// Those of the store.
    pub fn read(store: &dyn Store, database: &Database) -> Result<Option<Placement>, ErrorRecord> {
        let document = store.get(&Placement::document_id(database))?;
        // What cannot be read was not written by us; the topology says where the database is then.
        Ok(document.and_then(|document| document.body).and_then(|body| serde_json::from_value(body).ok()))
    }

    /// Where a failover that is over left its database; `by` is who ordered it.
    pub fn of(report: &Report, by: &str, now: DateTime) -> Placement {
        let found = &report.preflight;
        Placement {
            computer: found.target.clone(),
            epoch: report.epoch,
            from: found.source.clone(),
            from_pool: found.source_pool.clone(),
            failover: report.id.clone(),
            mode: format!("{:?}", found.mode),
            since: date::iso(now),
            by: by.to_string(),
        }
    }

    /// The change that says so.
    pub fn change(&self, database: &Database) -> Change {
        let body = serde_json::json!({
            "Computer": self.computer, "Epoch": self.epoch, "From": self.from, "FromPool": self.from_pool,
            "Failover": self.failover, "Mode": self.mode, "Since": self.since, "By": self.by,
        });
        Change { id: Placement::document_id(database), expected: Expected::Any, body: Some(body) }
    }
}

/// The computer at which a database is active, as the configuration says: where it went over to, if that is still a place
/// of it, else the primary. `None` where the topology has no such database.
///
/// # Errors
/// Those of the store.
pub fn active_computer(
    store: &dyn Store,
    topology: &Topology,
    database: &Database,
) -> Result<Option<String>, ErrorRecord> {
    let Some(places) = topology.database(database) else { return Ok(None) };
    let moved = Placement::read(store, database)?.map(|placement| placement.computer);
    let counts = |computer: &String| match database {
        // The topology itself says which pool is active; within it, primary or mirror.
        Database::CentralMgmt => [Some(&places.primary), places.mirror.as_ref()]
            .into_iter()
            .flatten()
            .any(|place| same_name(&place.computer, computer)),
        Database::Users(_) => places.has(computer),
    };
    Ok(Some(moved.filter(counts).unwrap_or(places.primary.computer)))
}
