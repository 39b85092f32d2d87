//! What cmdlets ask of the backup service, whether a server runs here or only its files are here.

use super::module::Module;
use crate::error::ErrorRecord;
use crate::value::DateTime;
use serde::{Deserialize, Serialize};

/// How far the export of a module is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExportState {
    /// Nothing is left, and all of it is imported.
    FinalState,
    /// What is left fits one batch.
    SteadyState,
    /// There is a backlog.
    NonSteadyState,
    /// It has not begun.
    NotInitialized,
    /// It failed.
    ErrorState,
}

/// How the import of a module is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImportState {
    /// Well.
    NormalState,
    /// It failed.
    ErrorState,
    /// It has not begun.
    NotInitialized,
}

/// The state of a module in one direction: from a pool to its backup pool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ModuleStatus {
    /// The module.
    pub module: Module,
    /// The pool whose data it is.
    pub pool: String,
    /// The pool that takes it.
    pub backup_pool: String,
    /// The computer that has the data.
    pub source: String,
    /// The computer that takes it.
    pub target: String,
    /// How far the export is.
    pub export: ExportState,
    /// How the import is.
    pub import: ImportState,
    /// Whether this is what is to be expected here: `NotInitialized` of CMSMaster is, on a pool that does not host the
    /// store.
    pub expected: bool,
    /// Why it is so.
    pub cause: String,
    /// Changes, or files, that are left; `None` where it is not known.
    pub backlog: Option<u64>,
    /// When it last succeeded.
    #[serde(with = "crate::failover::ticks")]
    pub last_success: Option<DateTime>,
    /// When it was last tried.
    #[serde(with = "crate::failover::ticks")]
    pub last_attempt: Option<DateTime>,
    /// What the last failure was, `Id: message`.
    pub error: Option<String>,
    /// Why files cannot go now, where one of the two computers does not answer.
    #[serde(default)]
    pub unreachable: Option<String>,
}

/// What one synchronisation of a module did.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct SyncReport {
    /// Changes of documents that went over.
    pub documents: u64,
    /// Files that were created, changed, moved or removed.
    pub files: u64,
    /// Of those, files that moved without their content.
    pub moved: u64,
    /// Bytes on the wire, both ways.
    pub bytes_on_wire: u64,
    /// Bytes of files that need not travel.
    pub bytes_saved: u64,
    /// Files that the target had changed, of many the first, and what became of each: nothing of it is lost.
    pub conflicts: Vec<String>,
    /// How many those are.
    pub conflicts_in_all: u64,
    /// What was left for the next time, of much the first, and why.
    pub left: Vec<String>,
    /// How much that is.
    pub left_in_all: u64,
    /// What is never followed, of much the first, and why: devices, links that lead out.
    pub refused: Vec<String>,
    /// How much that is.
    pub refused_in_all: u64,
    /// Milliseconds that it took.
    pub milliseconds: u64,
}

impl SyncReport {
    /// How many files the target had changed.
    pub fn conflict_count(&self) -> u64 {
        // A program that does not count them names them.
        self.conflicts_in_all.max(self.conflicts.len() as u64)
    }

    /// How much is never followed.
    pub fn refused_count(&self) -> u64 {
        self.refused_in_all.max(self.refused.len() as u64)
    }

    /// How much was left for the next time.
    pub fn left_count(&self) -> u64 {
        self.left_in_all.max(self.left.len() as u64)
    }
}

/// How far a synchronisation is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SyncProgress {
    /// What is being done.
    pub what: String,
    /// Of a hundred, where that is known.
    pub percent: Option<u8>,
}

/// How much a synchronisation looks at, and whom it believes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extent {
    /// What changed since the last one.
    #[default]
    Changed,
    /// What both ends know of earlier ones is forgotten first: everything is compared anew.
    Full,
    /// The same; and what the source has counts, though it remembers no synchronisation.
    Forced,
}

impl Extent {
    /// As the query of a request says it.
    pub fn query(self) -> &'static str {
        match self {
            Extent::Changed => "",
            Extent::Full => "?full",
            Extent::Forced => "?forced",
        }
    }

    /// From the query of a request.
    pub fn asked(query: Option<&str>) -> Extent {
        match query {
            Some("full") => Extent::Full,
            Some("forced") => Extent::Forced,
            _ => Extent::Changed,
        }
    }
}

/// What is to be synchronised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncOrder {
    /// The pool whose data it is.
    pub pool: String,
    /// The module.
    pub module: Module,
    /// How much is looked at.
    pub extent: Extent,
    /// A failover orders it: while a pool's users are on their way its files go only so.
    pub failover: bool,
}

/// What cmdlets ask of the backup service.
pub trait Control: Send + Sync {
    /// The state of a pool's modules, from it to its backup pool, in the order of [`Module::ALL`].
    ///
    /// # Errors
    /// `PoolNotFound`, `PoolNotPaired`; what cannot be reached is a state.
    fn status(&self, pool: &str) -> Result<Vec<ModuleStatus>, ErrorRecord>;

    /// Synchronises a module of a pool now, and returns when it is done. `told` is asked several times a second, also
    /// when nothing is new: `false` ends it, and what was completed stays.
    ///
    /// # Errors
    /// `PoolNotFound`, `PoolNotPaired`, `BackupModuleNotHere`; `FailoverUnderway`; `HostUnreachable`, `BackupStopped`, and
    /// what ended it.
    fn sync(&self, order: &SyncOrder, told: &mut dyn FnMut(&SyncProgress) -> bool) -> Result<SyncReport, ErrorRecord>;
}
