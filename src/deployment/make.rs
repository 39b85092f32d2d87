//! Making a directory whole or not at all.

use super::{active, failed, lab, lock, manifest, tls};
use crate::env::{Random, SystemRandom};
use crate::error::{Category, ErrorRecord};
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Begins the names of what is being made.
const MAKING: &str = ".making-";
/// What is put in place last: its presence makes a directory a deployment or a lab.
const LAST: [&str; 2] = [manifest::FILE, lab::FILE];
/// What else is put in place, at the top.
const OTHERS: [&str; 7] = [lock::FILE, "store", tls::FOLDER, "addresses.toml", "host.toml", active::FILE, lab::HOSTS];

/// Builds a directory in its place, which is not there yet or empty. A place that is not there is built under another
/// name beside it, and renamed. One that is there stays the same directory (somebody may stand in it, something may be
/// mounted on it): what is built inside it is moved up, what makes it a deployment last.
pub(super) fn make<T>(place: &Path, build: impl FnOnce(&Path) -> Result<T, ErrorRecord>) -> Result<T, ErrorRecord> {
    let place = settled(place)?;
    if place.is_dir() { inside(&place, build) } else { beside(&place, build) }
}

fn beside<T>(place: &Path, build: impl FnOnce(&Path) -> Result<T, ErrorRecord>) -> Result<T, ErrorRecord> {
    let (Some(parent), Some(name)) = (place.parent(), place.file_name()) else {
        return Err(not_empty(place));
    };
    fs::create_dir_all(parent).map_err(|error| not_made(parent, &error))?;
    let prefix = format!(".{}{MAKING}", name.to_string_lossy());
    sweep(parent, &prefix);
    let making = parent.join(format!("{prefix}{}", SystemRandom.uuid().simple()));
    directory(&making).map_err(|error| not_made(&making, &error))?;
    let built = (|| {
        // Held while it is built, so that the next one can tell it from what a killed one left.
        let _lock = lock::alone(&making)?;
        let built = build(&making)?;
        sync(&making)?;
        fs::rename(&making, place).map_err(|error| match error.kind() {
            ErrorKind::DirectoryNotEmpty | ErrorKind::AlreadyExists | ErrorKind::NotADirectory => not_empty(place),
            _ => not_made(place, &error),
        })?;
        sync(parent)?;
        Ok(built)
    })();
    if built.is_err() {
        // What cannot be removed now, the next one sweeps away.
        let _ = fs::remove_dir_all(&making);
    }
    built
}

fn inside<T>(place: &Path, build: impl FnOnce(&Path) -> Result<T, ErrorRecord>) -> Result<T, ErrorRecord> {
    let Some(_alone) = lock::directory(place)? else { return Err(not_empty(place)) };
    if !is_empty(place)? {
        return Err(not_empty(place));
    }
    let making = place.join(format!("{MAKING}{}", SystemRandom.uuid().simple()));
    directory(&making).map_err(|error| not_made(&making, &error))?;
    // The file is there from the start, as it is in a directory built beside its place.
    let _lock = lock::alone(&making)?;
    let built = build(&making).and_then(|built| move_up(&making, place).map(|()| built));
    if built.is_err() {
        clear(place);
    }
    built
}

fn move_up(making: &Path, place: &Path) -> Result<(), ErrorRecord> {
    let failed = |error: io::Error| not_made(place, &error);
    // Where the directory is somebody else's, its files are still for their owner alone.
    let _ = fs::set_permissions(place, fs::Permissions::from_mode(0o700));
    let moved = |names: &[&str]| -> Result<(), ErrorRecord> {
        for name in names.iter().filter(|name| making.join(name).exists()) {
            fs::rename(making.join(name), place.join(name)).map_err(failed)?;
        }
        sync(place)
    };
    moved(&OTHERS)?;
    moved(&LAST)?;
    fs::remove_dir(making).map_err(failed)
}

/// Removes what a killed run left inside a place; the caller holds the place.
fn clear(place: &Path) {
    if LAST.iter().any(|name| place.join(name).exists()) {
        return;
    }
    let unfinished: Vec<PathBuf> = fs::read_dir(place)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(MAKING))
        .map(|entry| entry.path())
        .collect();
    if unfinished.is_empty() {
        return;
    }
    // What was moved up already goes first: without what is still being made nobody could tell that it is ours.
    let _ = fs::remove_file(place.join(lock::FILE));
    for name in OTHERS {
        let path = place.join(name);
        let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    }
    for path in unfinished {
        let _ = fs::remove_dir_all(path);
    }
}

/// Makes sure that the names in a directory outlast a power failure.
fn sync(directory: &Path) -> Result<(), ErrorRecord> {
    fs::File::open(directory).and_then(|d| d.sync_all()).map_err(|error| not_made(directory, &error))
}

/// Removes what a killed run left in a place, unless somebody is at work there.
pub(super) fn clear_unfinished(place: &Path) -> Result<(), ErrorRecord> {
    if place.is_dir()
        && let Some(_alone) = lock::directory(place)?
    {
        clear(place);
    }
    Ok(())
}

/// Sees that something can be made in a place, or beside it where it is not there yet.
pub(super) fn writable(place: &Path) -> Result<(), ErrorRecord> {
    let place = settled(place)?;
    let folder = if place.is_dir() { place.as_path() } else { place.parent().unwrap_or(&place) };
    let tried = || -> io::Result<()> {
        fs::create_dir_all(folder)?;
        let trial = folder.join(format!("{MAKING}{}", SystemRandom.uuid().simple()));
        directory(&trial)?;
        fs::remove_dir(&trial)
    };
    tried().map_err(|error| not_made(&place, &error))
}

/// Whether nothing is in a directory; a place that is not there is empty.
pub(super) fn is_empty(place: &Path) -> Result<bool, ErrorRecord> {
    match fs::read_dir(place) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotADirectory => Err(not_empty(place)),
        Err(error) => Err(not_made(place, &error)),
    }
}

/// A directory for its owner alone.
pub(super) fn directory(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().mode(0o700).create(path)
}

/// A directory for its owner alone, with those that it is in; it may be there already.
pub(super) fn folders(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().mode(0o700).recursive(true).create(path)
}

/// Makes every file of a directory its owner's alone.
pub(super) fn only_owner(path: &Path) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        fs::set_permissions(entry?.path(), fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

/// The place with links resolved as far as it exists.
fn settled(place: &Path) -> Result<PathBuf, ErrorRecord> {
    let found = if place.exists() { place.canonicalize() } else { std::path::absolute(place) };
    found.map_err(|error| not_made(place, &error))
}

/// Removes what killed runs left: its lock is free. What is not ours has none.
fn sweep(parent: &Path, prefix: &str) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with(prefix)
            && path.join(lock::FILE).exists()
            && let Ok(Some(_lock)) = lock::alone(&path)
        {
            let _ = fs::remove_dir_all(&path);
        }
    }
}

/// Something else is there.
pub(super) fn not_empty(place: &Path) -> ErrorRecord {
    let message = format!("'{}' is not empty, and holds no deployment.", place.display());
    ErrorRecord::new("DirectoryNotEmpty", Category::ResourceExists, message)
        .hint("Name a directory that is empty or not there yet.")
}

/// It cannot be written.
pub(super) fn not_made(place: &Path, error: &io::Error) -> ErrorRecord {
    failed("DeploymentNotMade", format!("'{}' cannot be made: {error}.", place.display()))
}
