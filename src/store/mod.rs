//! Versioned documents: one monotonic version counts all changes, a deletion is a tombstone, history is kept.
//!
//! A change is what one [`Store::commit`] makes, of one document or of many, and it has one version: whoever takes
//! "all after version N" gets changes whole, never half of one. Documents are found by kind, scope and key without
//! regard to case. All history is kept; nothing bounds it yet.

mod chain;
mod grant;
mod place;
pub mod sqlite;

use crate::audit;
use crate::error::ErrorRecord;
use crate::value::Str;
pub use chain::{Chain, Head, Held};
pub use grant::Grant;
pub use place::{LogEntry, MIRRORED, Placed, Position, Role};
pub use sqlite::SqliteStore;
use std::fmt;

/// Which document: `VoicePolicy`, `Site:Redmond`, key within the scope (often empty). The store takes ids that differ
/// only in case for the same one, and keeps the spelling of its first change.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DocumentId {
    /// The kind: a configuration family, `Topology`, `User`, `Group`, `AdminRole`.
    pub kind: Str,
    /// The scope: `Global`, `Site:Redmond`, `Service:Registrar:fqdn`, `Tag:Name`.
    pub scope: Str,
    /// The key within the scope.
    pub key: Str,
}

impl DocumentId {
    /// An id from its parts.
    pub fn new(kind: &str, scope: &str, key: &str) -> DocumentId {
        DocumentId { kind: kind.into(), scope: scope.into(), key: key.into() }
    }
}

impl fmt::Display for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.scope)?;
        if self.key.is_empty() { Ok(()) } else { write!(f, " {}", self.key) }
    }
}

/// A document as of a version.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Which.
    pub id: DocumentId,
    /// The version of the store at which it last changed.
    pub version: u64,
    /// What it holds, properties in order; `None` is a tombstone.
    pub body: Option<serde_json::Value>,
}

/// What a change expects to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Whatever is there.
    Any,
    /// Nothing.
    Absent,
    /// The document as of this version: the one that the caller read.
    Version(u64),
}

/// One change of a document; `body` of `None` deletes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Which.
    pub id: DocumentId,
    /// What is expected to be there.
    pub expected: Expected,
    /// What shall be there.
    pub body: Option<serde_json::Value>,
}

/// A store of documents. Synchronous: the engines are, and a caller may hold it on a thread of its own.
pub trait Store {
    /// The version: the number of the last change; 0 of a new store.
    ///
    /// # Errors
    /// Those of the engine (`StoreDamaged`, `StoreLocked`).
    fn version(&self) -> Result<u64, ErrorRecord>;
    /// The epoch: it grows when another host takes the store over. 1 of a new store.
    ///
    /// # Errors
    /// Those of the engine.
    fn epoch(&self) -> Result<u64, ErrorRecord>;
    /// A document; `None` if it never was or is a tombstone.
    ///
    /// # Errors
    /// Those of the engine.
    fn get(&self, id: &DocumentId) -> Result<Option<Document>, ErrorRecord>;
    /// All documents of a kind without tombstones, by scope and key.
    ///
    /// # Errors
    /// Those of the engine.
    fn list(&self, kind: &str) -> Result<Vec<Document>, ErrorRecord>;
    /// All that changed after a version, tombstones included, by version.
    ///
    /// # Errors
    /// Those of the engine.
    fn since(&self, version: u64) -> Result<Vec<Document>, ErrorRecord>;
    /// Every version of a document that is kept, the newest first.
    ///
    /// # Errors
    /// Those of the engine.
    fn history(&self, id: &DocumentId) -> Result<Vec<Document>, ErrorRecord>;
    /// Makes changes in one transaction with their audit row: all or none. Gives the version after it, the same for
    /// all that changed. A deletion of what is not there changes nothing; if nothing changes, neither does the version.
    ///
    /// # Errors
    /// `StoreNotActive` where the store takes no changes at this place; `StoreConflict` where something else than expected
    /// is there (this is logged too), `DuplicateChange` where one document is named twice; those of the engine; and what a
    /// gate ends it with (`EpochOver`): then the change was written here, but it may not last.
    fn commit(&self, grant: &Grant, changes: &[Change]) -> Result<u64, ErrorRecord>;
    /// Epoch, version and chain, all of one moment.
    ///
    /// # Errors
    /// Those of the engine.
    fn head(&self) -> Result<Head, ErrorRecord>;
    /// The chain at a version; `None` where the store has not been at it.
    ///
    /// # Errors
    /// Those of the engine.
    fn chain(&self, version: u64) -> Result<Option<Chain>, ErrorRecord>;
    /// Reads as of one moment: `begin` is told where the store is, then `each` gets what changed after a version,
    /// tombstones included, or with `None` all that is there, without them; by version, one at a time, so that a store
    /// of any size fits. The memory that it takes does not grow with the store, the time only with what it gives.
    ///
    /// # Errors
    /// Those of the engine, and what `begin` or `each` end it with.
    fn read_after(
        &self,
        after: Option<u64>,
        begin: &mut dyn FnMut(&Head) -> Result<(), ErrorRecord>,
        each: &mut dyn FnMut(Document) -> Result<(), ErrorRecord>,
    ) -> Result<(), ErrorRecord>;
    /// Enters a later epoch, with a row of the audit log; the epoch that it is in already changes nothing.
    ///
    /// # Errors
    /// `EpochOver` where the store is in a later one, `StoreNotActive`, and those of the engine.
    fn set_epoch(&self, grant: &Grant, epoch: u64) -> Result<(), ErrorRecord>;
    /// Writes a row to the audit log that no change goes with: a denial. Where the store takes no changes its log is a
    /// copy of another place's, and takes no row of its own: the caller says so instead.
    ///
    /// # Errors
    /// `StoreNotActive`, and those of the engine.
    fn record(&self, entry: &audit::Entry) -> Result<(), ErrorRecord>;
    /// Hands the rows of the audit log to `each`, the newest first, until it gives `false`.
    ///
    /// # Errors
    /// Those of the engine.
    fn audit(&self, query: &audit::Query, each: &mut dyn FnMut(audit::AuditRow) -> bool) -> Result<(), ErrorRecord>;
    /// Walks the whole audit log and says whether it is as it was written.
    ///
    /// # Errors
    /// Those of the engine.
    fn verify_audit(&self) -> Result<audit::Verdict, ErrorRecord>;
}
