//! Versioned documents: one monotonic version counts all changes, a deletion is a tombstone, history is kept.

use crate::error::ErrorRecord;
use crate::value::Str;
use std::fmt;

/// Which document: `VoicePolicy`, `Site:Redmond`, key within the scope (often empty).
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
        write!(f, "{} {} {}", self.kind, self.scope, self.key)
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

/// Leave to change the store: who, by which cmdlet, with what decision. Made by `access::authorize` and
/// [`Grant::system`], by nothing else; the audit row of the change is made from it.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Who: the name of the principal, or `system`.
    pub principal: String,
    /// The cmdlet, or the reason of a change by the system.
    pub cmdlet: String,
    /// The bound parameters, secrets left out.
    pub parameters: serde_json::Value,
    /// Through which role or group.
    pub through: String,
}

impl Grant {
    /// Leave of the system itself: initialisation, replication, migration. Each use is on a list in a test.
    pub fn system(reason: &str) -> Grant {
        Grant {
            principal: "system".into(),
            cmdlet: reason.into(),
            parameters: serde_json::Value::Null,
            through: "system".into(),
        }
    }
}

/// A store of documents. Synchronous: the engines are, and a caller may hold it on a thread of its own.
pub trait Store {
    /// The version: the number of the last change.
    ///
    /// # Errors
    /// Those of the engine (`StoreDamaged`, `StoreLocked`).
    fn version(&self) -> Result<u64, ErrorRecord>;
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
    /// Makes changes in one transaction with their audit row; all or none. Gives the new version.
    ///
    /// # Errors
    /// `StoreConflict` where something else than expected is there, and those of the engine.
    fn commit(&self, grant: &Grant, changes: &[Change]) -> Result<u64, ErrorRecord>;
}
