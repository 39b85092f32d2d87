//! Making a directory whole or not at all.

use super::{failed, lock};
use crate::env::{Random, SystemRandom};
use crate::error::{Category, ErrorRecord};
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Builds a directory beside its place and puts it there with one rename. The place is not there yet, or empty.
pub(super) fn make<T>(place: &Path, build: impl FnOnce(&Path) -> Result<T, ErrorRecord>) -> Result<T, ErrorRecord> {
    let place = settled(place)?;
    let (Some(parent), Some(name)) = (place.parent(), place.file_name()) else {
        return Err(not_empty(&place));
    };
    fs::create_dir_all(parent).map_err(|error| not_made(parent, &error))?;
    let prefix = format!(".{}.making-", name.to_string_lossy());
    sweep(parent, &prefix);
    let making = parent.join(format!("{prefix}{}", SystemRandom.uuid().simple()));
    directory(&making).map_err(|error| {
        not_made(&making, &error)
            .hint("The directory is built beside its place and then renamed: its parent must be writable.")
    })?;
    let made = build_and_place(&making, &place, parent, build);
    if made.is_err() {
        // What cannot be removed now, the next one sweeps away.
        let _ = fs::remove_dir_all(&making);
    }
    made
}

fn build_and_place<T>(
    making: &Path,
    place: &Path,
    parent: &Path,
    build: impl FnOnce(&Path) -> Result<T, ErrorRecord>,
) -> Result<T, ErrorRecord> {
    // Held while it is built, so that the next one can tell it from what a killed one left.
    let _lock = lock::alone(making)?;
    let built = build(making)?;
    fs::File::open(making).and_then(|d| d.sync_all()).map_err(|error| not_made(making, &error))?;
    fs::rename(making, place).map_err(|error| match error.kind() {
        ErrorKind::DirectoryNotEmpty | ErrorKind::AlreadyExists => not_empty(place),
        _ => not_made(place, &error),
    })?;
    fs::File::open(parent).and_then(|d| d.sync_all()).map_err(|error| not_made(parent, &error))?;
    Ok(built)
}

/// Whether something is in a directory; a place that is not there is empty.
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
