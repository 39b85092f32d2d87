//! What is kept of the past of each module, in a file beside the pool's data.

use super::super::control::SyncReport;
use super::super::module::Module;
use crate::error::{Category, ErrorRecord};
use crate::value::DateTime;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Form of the file.
const FORMAT: u32 = 1;

/// What came of the synchronisations of a module.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Record {
    /// The computer from which it came last.
    pub source: String,
    /// When one last succeeded.
    #[serde(with = "crate::failover::ticks")]
    pub last_success: Option<DateTime>,
    /// When one was last begun.
    #[serde(with = "crate::failover::ticks")]
    pub last_attempt: Option<DateTime>,
    /// Why the last one failed, `Id: message`.
    pub error: Option<String>,
    /// What the last one that succeeded did.
    pub report: SyncReport,
}

/// The records of a pool's modules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Past(pub BTreeMap<Module, Record>);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct File {
    format: u32,
    modules: BTreeMap<Module, Record>,
}

impl Past {
    /// Reads the file of a pool. One that is not there, or cannot be read, says nothing: the next synchronisation writes
    /// it anew.
    pub fn read(path: &Path) -> Past {
        let text = match std::fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Past::default(),
            Err(error) => {
                tracing::warn!(path = %path.display(), "the backup status cannot be read: {error}");
                return Past::default();
            }
        };
        match serde_json::from_slice::<File>(&text) {
            Ok(file) if file.format == FORMAT => Past(file.modules),
            _ => {
                tracing::warn!(path = %path.display(), "the backup status is damaged, or of another version");
                Past::default()
            }
        }
    }

    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    /// `BackupStatusNotWritten`.
    pub fn write(&self, path: &Path) -> Result<(), ErrorRecord> {
        let write = || {
            let text = serde_json::to_vec_pretty(&File { format: FORMAT, modules: self.0.clone() })?;
            let beside = path.with_extension("json.new");
            let mut file =
                std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
            file.write_all(&text)?;
            file.sync_all()?;
            std::fs::rename(&beside, path)
        };
        write().map_err(|error: std::io::Error| {
            let message = format!("The backup status '{}' cannot be written: {error}.", path.display());
            ErrorRecord::new("BackupStatusNotWritten", Category::WriteError, message)
                .hint("See whether the disk is full, and to whom the folder belongs.")
        })
    }
}
