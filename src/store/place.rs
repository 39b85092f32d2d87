//! A database at one of its places: whether it decides there, where its log stands, and how the log goes on to others.

use super::{Chain, Document};
use crate::audit::{AuditRow, Hash};
use crate::error::ErrorRecord;
use serde::{Deserialize, Serialize};

/// What a database is at this place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Role {
    /// It takes changes here.
    #[default]
    Active,
    /// It took changes here, and takes none while it goes over to another place.
    Closed,
    /// It follows another place.
    Standby,
}

impl Role {
    /// As it is stored and printed.
    pub fn name(self) -> &'static str {
        match self {
            Role::Active => "Active",
            Role::Closed => "Closed",
            Role::Standby => "Standby",
        }
    }

    /// From its name.
    pub fn parse(name: &str) -> Option<Role> {
        [Role::Active, Role::Closed, Role::Standby].into_iter().find(|role| role.name() == name)
    }
}

/// Where the log of a database stands. Two places agree on a row exactly if they agree on its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Position {
    /// The epoch.
    pub epoch: u64,
    /// The last row of the log; 0 of an empty one.
    pub sequence: u64,
    /// The hash of that row, and so of all before; zeros of an empty log.
    pub hash: Hash,
    /// The version of the store.
    pub version: u64,
    /// The chain at that version.
    pub chain: Chain,
}

/// The note of a database of which a mirror was told that nothing is acknowledged without it: only a server, which asks the
/// mirror, changes it then.
pub const MIRRORED: &str = "mirrored";

/// A row of the log with what it changed: as much as another place needs to be as this one was after it.
#[derive(Clone, Debug, PartialEq)]
pub struct LogEntry {
    /// The row.
    pub row: AuditRow,
    /// The epoch in which it was written.
    pub epoch: u64,
    /// The documents that it changed, as they were after it, tombstones included.
    pub documents: Vec<Document>,
}

/// A database at one of its places.
pub trait Placed {
    /// What it is here.
    ///
    /// # Errors
    /// Those of the engine.
    fn role(&self) -> Result<Role, ErrorRecord>;

    /// Makes it something else here, durable when this returns. Who may ask for that is decided elsewhere.
    ///
    /// # Errors
    /// Those of the engine.
    fn set_role(&self, role: Role) -> Result<(), ErrorRecord>;

    /// Where its log stands.
    ///
    /// # Errors
    /// Those of the engine.
    fn position(&self) -> Result<Position, ErrorRecord>;

    /// The hash of a row of the log; zeros for row 0; `None` where the log does not reach it.
    ///
    /// # Errors
    /// Those of the engine.
    fn hash_at(&self, sequence: u64) -> Result<Option<Hash>, ErrorRecord>;

    /// Entries after a row, in order and of one moment, until there are no more or `each` gives `false`.
    ///
    /// # Errors
    /// Those of the engine, and what `each` ends it with.
    fn entries_after(
        &self,
        sequence: u64,
        each: &mut dyn FnMut(LogEntry) -> Result<bool, ErrorRecord>,
    ) -> Result<(), ErrorRecord>;

    /// Takes over entries that follow its own last row, in one transaction, durable when this returns: rows, documents,
    /// history, chain and epoch are then as at the source.
    ///
    /// # Errors
    /// `StoreNotStandby` where it takes changes of its own, `LogBroken` where the entries do not follow, and those of the
    /// engine.
    fn apply(&self, entries: &[LogEntry]) -> Result<Position, ErrorRecord>;

    /// Takes back everything after a row, in one transaction. `kept` gets the entries that go, the first of them first,
    /// before anything is taken back: when it fails nothing is. The highest epoch stays what it was.
    ///
    /// # Errors
    /// `StoreNotStandby`, those of the engine, and what `kept` ends it with.
    fn rewind(
        &self,
        to: u64,
        kept: &mut dyn FnMut(LogEntry) -> Result<(), ErrorRecord>,
    ) -> Result<Position, ErrorRecord>;

    /// Takes the database over at this place, in one transaction: it is active from then on, in a later epoch, and the
    /// changes are made, under the version after its own and after `above`, so that no version is used for two things.
    /// There is such a version even where nothing changes. No gate is passed.
    ///
    /// # Errors
    /// `EpochOver` where it is in that epoch or a later one, or has heard of a later one; `VersionTooHigh`; those of
    /// [`super::Store::commit`] about changes; those of the engine.
    fn promote(
        &self,
        grant: &super::Grant,
        epoch: u64,
        above: u64,
        changes: &[super::Change],
    ) -> Result<Position, ErrorRecord>;

    /// Something that this place keeps for itself and never ships: steps of a failover. `None` deletes it.
    ///
    /// # Errors
    /// Those of the engine.
    fn keep_note(&self, name: &str, note: Option<&serde_json::Value>) -> Result<(), ErrorRecord>;

    /// What was kept under a name.
    ///
    /// # Errors
    /// Those of the engine.
    fn note(&self, name: &str) -> Result<Option<serde_json::Value>, ErrorRecord>;

    /// The highest epoch that this place was in or heard of.
    ///
    /// # Errors
    /// Those of the engine.
    fn highest_epoch(&self) -> Result<u64, ErrorRecord>;

    /// Keeps in mind that an epoch has begun somewhere, durable when this returns. It never goes back: an earlier one
    /// changes nothing. Gives the highest.
    ///
    /// # Errors
    /// Those of the engine.
    fn hear_epoch(&self, epoch: u64) -> Result<u64, ErrorRecord>;
}
