//! The follower's own database: opened or made, written to, and what it alone has kept in a file.

use super::unsent::{self, Unsent};
use crate::audit::Hash;
use crate::env::Clock;
use crate::error::{Category, ErrorRecord};
use crate::store::{LogEntry, Placed, Position, Role, SqliteStore};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The note that names the file with what nobody else has.
const UNSENT: &str = "Unsent";

/// The database of a follower.
pub(super) struct Local {
    store: SqliteStore,
    folder: PathBuf,
    database: String,
    computer: String,
}

impl Local {
    /// Opens a database, or makes one that stands by.
    pub(super) fn open(
        path: &Path,
        folder: &Path,
        database: &str,
        computer: &str,
        clock: Arc<dyn Clock>,
    ) -> Result<Local, ErrorRecord> {
        let store = if path.exists() {
            SqliteStore::open_with(path, clock)?
        } else {
            if let Some(parent) = path.parent() {
                unsent::folder(parent)?;
            }
            match SqliteStore::create_standby(path, clock.clone()) {
                Err(error) if error.id() == "StoreExists" => SqliteStore::open_with(path, clock)?,
                made => made?,
            }
        };
        let (folder, database, computer) = (folder.to_owned(), database.to_owned(), computer.to_owned());
        Ok(Local { store, folder, database, computer })
    }

    /// Where its log stands, and the highest epoch; `StoreNotStandby` where it does not follow.
    pub(super) fn own(&self) -> Result<(Position, u64), ErrorRecord> {
        let role = self.store.role()?;
        if role != Role::Standby {
            let message = format!("The database '{}' follows nobody: here it is {}.", self.database, role.name());
            return Err(ErrorRecord::new("StoreNotStandby", Category::InvalidOperation, message)
                .hint("Only a database that stands by follows another place."));
        }
        Ok((self.store.position()?, self.store.highest_epoch()?))
    }

    pub(super) fn hear(&self, epoch: u64) -> Result<(), ErrorRecord> {
        self.store.hear_epoch(epoch).map(drop)
    }

    pub(super) fn apply(&self, entries: &[LogEntry]) -> Result<Position, ErrorRecord> {
        self.store.apply(entries)
    }

    /// The last row that agrees, and the first that does not.
    pub(super) fn compare(&self, hashes: &[(u64, Option<Hash>)]) -> Result<(u64, Option<u64>), ErrorRecord> {
        let (mut common, mut differs) = (0, None);
        for (row, theirs) in hashes {
            let agrees = theirs.is_some() && self.store.hash_at(*row)? == *theirs;
            if agrees {
                common = common.max(*row);
            } else {
                differs = Some(differs.map_or(*row, |first: u64| first.min(*row)));
            }
        }
        Ok((common, differs))
    }

    /// Writes what comes after a row to a file, and notes where; both are on the disk when this returns.
    pub(super) fn keep(&self, after: u64) -> Result<Unsent, ErrorRecord> {
        let kept = unsent::write(&self.store, &self.folder, &self.database, &self.computer, after)?;
        let note = serde_json::to_value(&kept).map_err(|error| unsent::failed(&self.folder, &error))?;
        self.store.keep_note(UNSENT, Some(&note))?;
        Ok(kept)
    }

    /// Takes back what comes after a row, if it is what was kept.
    pub(super) fn rewind(&self, to: u64) -> Result<Position, ErrorRecord> {
        let kept = self.unsent().filter(|kept| kept.after == to);
        let kept = kept.ok_or_else(|| changed(to))?;
        let mut rows = 0;
        let mut last = None;
        self.store.rewind(to, &mut |entry| {
            rows += 1;
            last = Some(entry.row.hash);
            // The last row's hash covers all before it.
            if rows > kept.rows || rows == kept.rows && last != Some(kept.hash) { Err(changed(to)) } else { Ok(()) }
        })
    }

    /// The file with what nobody else has, while it is there.
    pub(super) fn unsent(&self) -> Option<Unsent> {
        // A note that cannot be read was not written by us.
        let note = self.store.note(UNSENT).ok().flatten();
        note.and_then(|note| serde_json::from_value(note).ok()).filter(|kept: &Unsent| kept.file.exists())
    }
}

fn changed(after: u64) -> ErrorRecord {
    let message = format!("What comes after row {after} is not what was kept in the file.");
    ErrorRecord::new("LogBroken", Category::InvalidData, message).hint("Nothing was taken back. It is tried again.")
}
