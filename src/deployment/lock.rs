//! The lock of a host directory. The kernel lets go of it when its holder ends, however that happens.

use super::{failed, unreadable};
use crate::error::ErrorRecord;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use std::fs::File;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Its name.
pub(super) const FILE: &str = "lock";

/// A lock that is held until this is dropped.
#[derive(Debug)]
pub(super) struct Lock(#[allow(dead_code, reason = "held, not read")] File);

/// Takes the lock of a directory beside others that do.
pub(super) fn shared(directory: &Path) -> Result<Lock, ErrorRecord> {
    take(directory, FlockOperation::NonBlockingLockShared)?.ok_or_else(|| {
        failed("DeploymentLocked", format!("The deployment in '{}' is held by another process.", directory.display()))
            .hint("Wait until it is done; a server that runs on this directory holds it as long as it runs.")
    })
}

/// Takes the lock of a directory alone; `None` where somebody else has it.
pub(super) fn alone(directory: &Path) -> Result<Option<Lock>, ErrorRecord> {
    take(directory, FlockOperation::NonBlockingLockExclusive)
}

/// Takes a directory itself alone, while something is made in it; `None` where somebody else has it.
pub(super) fn directory(place: &Path) -> Result<Option<Lock>, ErrorRecord> {
    held(place, File::open(place).map_err(|error| unreadable(place, &error))?, FlockOperation::NonBlockingLockExclusive)
}

fn take(directory: &Path, how: FlockOperation) -> Result<Option<Lock>, ErrorRecord> {
    let path = directory.join(FILE);
    // Who may only read the directory finds the file there; it is made where it was lost.
    let file = File::open(&path)
        .or_else(|_| File::options().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path))
        .map_err(|error| unreadable(&path, &error))?;
    held(&path, file, how)
}

fn held(path: &Path, file: File, how: FlockOperation) -> Result<Option<Lock>, ErrorRecord> {
    match flock(&file, how) {
        Ok(()) => Ok(Some(Lock(file))),
        Err(Errno::WOULDBLOCK) => Ok(None),
        Err(error) => Err(unreadable(path, &error.into())),
    }
}
