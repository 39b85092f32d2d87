//! A damaged database is set aside, and the highest epoch outlasts it.

use super::{FILE, failure};
use crate::env::Clock;
use crate::error::ErrorRecord;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::RwLock;

/// Held for writing while a database is set aside, for reading while one is opened: nobody opens the old file with the
/// new one's log. Another process does not set aside what this one has open: a server has its directory alone.
pub(super) static PLACE: RwLock<()> = RwLock::new(());

/// Most databases that are kept beside: each may be as large as the replica, and the newest tell most.
const KEPT: usize = 2;
/// Begins the names of what was set aside.
const ASIDE: &str = "replica.db.damaged-";
/// The highest epoch, a second time: a database that is damaged must not take it along.
const EPOCH: &str = "epoch";

/// Sets the database of a folder aside with its log. Nobody in this process has it open but readers, who keep what they
/// have open. Gives its new place.
pub(super) fn set_aside(folder: &Path, clock: &dyn Clock) -> Result<PathBuf, ErrorRecord> {
    let _alone = PLACE.write().unwrap_or_else(std::sync::PoisonError::into_inner);
    let file = folder.join(FILE);
    if !file.exists() {
        // Somebody took it away already; its log alone is nothing.
        for end in ["-wal", "-shm"] {
            let _ = fs::remove_file(folder.join(format!("{FILE}{end}")));
        }
        return Ok(file);
    }
    let stamp = crate::value::date::format(clock.now(), "yyyyMMddTHHmmssfff")?;
    let mut aside = folder.join(format!("{ASIDE}{stamp}"));
    for more in 1.. {
        if !aside.exists() {
            break;
        }
        aside = folder.join(format!("{ASIDE}{stamp}-{more}"));
    }
    let failed = |error: std::io::Error| failure::system(&file, &error);
    // The log first: the file without its log is an older state of it, the log without its file is nothing.
    for end in ["-wal", "-shm"] {
        let from = folder.join(format!("{FILE}{end}"));
        if from.exists() {
            fs::rename(&from, folder.join(format!("{}{end}", aside.file_name().unwrap_or_default().display())))
                .map_err(failed)?;
        }
    }
    fs::rename(&file, &aside).map_err(failed)?;
    forget_oldest(folder);
    Ok(aside)
}

/// Removes what was set aside long ago; what cannot be removed stays.
fn forget_oldest(folder: &Path) {
    let mut aside: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(ASIDE) && !name.ends_with("-wal") && !name.ends_with("-shm")
        })
        .collect();
    aside.sort();
    let old = aside.len().saturating_sub(KEPT);
    for path in aside.into_iter().take(old) {
        for end in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(format!("{}{end}", path.display()));
        }
    }
}

/// The highest epoch as kept beside the database; 0 where none is kept, or it cannot be read.
pub(super) fn epoch(folder: &Path) -> u64 {
    fs::read_to_string(folder.join(EPOCH)).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

/// Keeps the highest epoch beside the database, on the disk when it returns.
pub(super) fn keep_epoch(folder: &Path, epoch: u64) -> Result<(), ErrorRecord> {
    let (path, new) = (folder.join(EPOCH), folder.join("epoch.new"));
    let write = || -> std::io::Result<()> {
        let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        writeln!(file, "{epoch}")?;
        file.sync_all()?;
        fs::rename(&new, &path)?;
        File::open(folder)?.sync_all()
    };
    write().map_err(|error| failure::system(&path, &error))
}
