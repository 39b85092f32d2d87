//! Exports: a database as it was before it went over, in a file of its own.

use super::{HostDirectory, failed, make};
use crate::error::ErrorRecord;
use crate::failover::RunRecord;
use crate::store::{Placed, SqliteStore, Store};
use crate::topology::Database;
use crate::value::{DateTime, date};
use rusqlite::{Connection, OpenFlags};
use rustix::fs::Access;
use std::fmt::Display;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Exports that are kept of a database: a failover and its way back, for some years of drills.
const KEPT: usize = 10;
/// What to do where nothing can be written to the folder of exports.
const WRITABLE: &str =
    "See that the folder is one, is not mounted read-only, and is the account's under which the server runs.";
/// Ends their names.
const SUFFIX: &str = ".db";

/// Copies a database of this computer into a file, as it is at one moment, whoever writes meanwhile. The file is on the
/// disk when this returns; of older ones the newest stay.
///
/// # Errors
/// `ExportFailed`, saying why; those of the store.
pub fn export(host: &HostDirectory, database: &Database, now: DateTime) -> Result<PathBuf, ErrorRecord> {
    let (source, folder) = (host.database(database), host.exports(database));
    let failed = |path: &Path, error: &dyn Display| not_exported(path, error, room(host, database).1);
    make::folders(&folder).map_err(|error| failed(&folder, &error))?;
    let making = folder.join(".making");
    remove(&making).map_err(|error| failed(&making, &error))?;
    copy(&source, &making).map_err(|error| failed(&making, &error))?;
    // What it is named by is what is in it.
    let head = {
        let store = SqliteStore::open(&making)?;
        // The failover that it is made for is none of a copy that is put back one day.
        store.keep_note(RunRecord::NOTE, None)?;
        store.head()?
    };
    let time: String = date::iso(date::to_utc(now)).chars().filter(|c| !matches!(c, '-' | ':')).collect();
    let time = time.split('.').next().unwrap_or(&time).trim_end_matches('Z');
    let path = folder.join(format!("e{}-v{}-{time}Z{SUFFIX}", head.epoch, head.version));
    let settled = || -> std::io::Result<()> {
        fs::set_permissions(&making, Permissions::from_mode(0o600))?;
        File::open(&making)?.sync_all()?;
        fs::rename(&making, &path)?;
        File::open(&folder)?.sync_all()
    };
    settled().map_err(|error| failed(&path, &error))?;
    sweep(&folder, &path);
    Ok(path)
}

/// The bytes that are free where exports of a database go, and why none can be written there: of the folder itself, which
/// may be a disk of its own, or, where there is none yet, of the one that it is made in.
pub(super) fn room(host: &HostDirectory, database: &Database) -> (u64, Option<String>) {
    let folder = host.exports(database);
    let there = folder.ancestors().find(|path| path.exists()).unwrap_or(&folder);
    let free = rustix::fs::statvfs(there).map_or(0, |disk| disk.f_bavail.saturating_mul(disk.f_frsize));
    let cannot = |why: String| Some(format!("nothing can be written to '{}': {why}", there.display()));
    let refused = match rustix::fs::access(there, Access::WRITE_OK | Access::EXEC_OK) {
        _ if !there.is_dir() => cannot("it is no folder".to_string()),
        Ok(()) => None,
        Err(error) => cannot(std::io::Error::from(error).to_string()),
    };
    (free, refused)
}

fn copy(source: &Path, to: &Path) -> rusqlite::Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(source, flags)?;
    connection.execute("VACUUM INTO ?1", [to.to_string_lossy()]).map(drop)
}

/// Removes what a copy that was cut off left.
fn remove(path: &Path) -> std::io::Result<()> {
    for suffix in ["", "-journal", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        match fs::remove_file(&name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Removes the oldest; the one that was just made stays.
fn sweep(folder: &Path, made: &Path) {
    let mut exports: Vec<_> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().ends_with(SUFFIX) && entry.path() != made)
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    exports.sort();
    for (_, path) in exports.iter().rev().skip(KEPT - 1) {
        // What cannot be removed now, the next one tries again.
        let _ = fs::remove_file(path);
    }
}

/// `cannot`: why nothing can be written there at all.
fn not_exported(path: &Path, error: &dyn Display, cannot: Option<String>) -> ErrorRecord {
    let failed = failed("ExportFailed", format!("The database cannot be exported to '{}': {error}.", path.display()));
    match cannot {
        Some(_) => failed.hint(WRITABLE),
        None => failed.hint("See that there is room on the disk."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::{Options, init};
    use crate::env::{Clock, SystemClock};

    /// Rule: an export is a store of its own, as the store was then, its owner's alone; the newest ten stay.
    #[test]
    fn an_export_is_a_store() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("host");
        init(&path, Options::default()).unwrap();
        let host = HostDirectory::open(&path).unwrap();
        let head = SqliteStore::open(host.store()).unwrap().head().unwrap();
        let mut now = SystemClock.now();
        let mut last = PathBuf::new();
        for _ in 0..KEPT + 2 {
            now.ticks += 10_000_000;
            last = export(&host, &Database::CentralMgmt, now).unwrap();
        }
        assert_eq!(SqliteStore::open(&last).unwrap().head().unwrap(), head);
        assert!(SqliteStore::open(&last).unwrap().verify_audit().is_ok());
        assert_eq!(last.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let left: Vec<_> = fs::read_dir(host.exports(&Database::CentralMgmt)).unwrap().flatten().collect();
        assert_eq!(left.len(), KEPT, "{left:?}");
        assert!(left.iter().any(|entry| entry.path() == last));
    }

    /// Rule: whether an export can be written is known before, of the folder itself; and it is said why not.
    #[test]
    fn where_nothing_can_be_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("host");
        init(&path, Options::default()).unwrap();
        let host = HostDirectory::open(&path).unwrap();
        let exports = host.exports(&Database::CentralMgmt);
        let (free, cannot) = room(&host, &Database::CentralMgmt);
        assert!(free > 0 && cannot.is_none(), "{cannot:?}");
        fs::write(&exports, "").unwrap();
        let (_, cannot) = room(&host, &Database::CentralMgmt);
        assert!(cannot.is_some_and(|why| why.contains("exports")));
        let error = export(&host, &Database::CentralMgmt, SystemClock.now()).unwrap_err();
        assert_eq!(error.id(), "ExportFailed");
        assert!(error.hints().iter().all(|hint| !hint.contains("room on the disk")), "{error:?}");
    }
}
