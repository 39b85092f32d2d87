//! What SQLite says of a replica's database, in our terms.

use crate::error::{Category, ErrorRecord};
use rusqlite::{Error, ErrorCode};
use std::path::Path;

/// An error of SQLite about a replica's database.
pub(in crate::replication) fn record(path: &Path, error: &Error) -> ErrorRecord {
    let file = path.display();
    let Error::SqliteFailure(failure, _) = error else {
        return damaged(path, &error.to_string());
    };
    let unavailable = |id: &'static str, message: String, hint: &'static str| {
        ErrorRecord::new(id, Category::ResourceUnavailable, message).hint(hint)
    };
    match failure.code {
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => damaged(path, &error.to_string()),
        ErrorCode::Unknown if error.to_string().contains("no such") => damaged(path, &error.to_string()),
        ErrorCode::DiskFull => unavailable(
            "ReplicaDiskFull",
            format!("The replica '{file}' cannot grow: {error}. It is as it was before."),
            "Make room on its disk; what is missing is applied then.",
        ),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => unavailable(
            "ReplicaLocked",
            format!("The replica '{file}' is in use for longer than we wait."),
            "Wait until the other process is done.",
        ),
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen => unavailable(
            "ReplicaUnreachable",
            format!("The replica '{file}' cannot be opened or written: {error}."),
            "See that you may read and write it and its folder.",
        ),
        _ => unavailable(
            "ReplicaFailed",
            format!("The replica '{file}' failed: {error}. It is as it was before."),
            "See whether its disk is well and has room.",
        ),
    }
}

/// An error of the system about a file of the replica.
pub(super) fn system(path: &Path, error: &std::io::Error) -> ErrorRecord {
    let id = match error.kind() {
        std::io::ErrorKind::StorageFull
        | std::io::ErrorKind::QuotaExceeded
        // What a limit on the size of files gives: no room either.
        | std::io::ErrorKind::FileTooLarge => "ReplicaDiskFull",
        _ => "ReplicaUnreachable",
    };
    let message = format!("'{}' cannot be read or written: {error}.", path.display());
    ErrorRecord::new(id, Category::ResourceUnavailable, message)
        .hint("See that its disk has room, and that you may read and write it and its folder.")
}

/// The file is no replica, or not one any more.
pub(super) fn damaged(path: &Path, what: &str) -> ErrorRecord {
    let message = format!("The replica '{}' is damaged: {what}.", path.display());
    ErrorRecord::new("ReplicaDamaged", Category::ResourceUnavailable, message)
        .hint("The server of this computer sets it aside and fetches a full snapshot by itself.")
}

/// A later program made it.
pub(super) fn newer(path: &Path, found: i64, known: i64) -> ErrorRecord {
    let message = format!(
        "The replica '{}' was written by a newer program: its schema is {found}, this one knows {known}.",
        path.display()
    );
    ErrorRecord::new("ReplicaNewer", Category::ResourceUnavailable, message)
        .hint("Use the newer program, or remove the file: the replica is fetched anew then.")
}

/// `NoReplica`: there is none on this computer, and what to do.
pub fn no_replica(computer: &str) -> ErrorRecord {
    ErrorRecord::new("NoReplica", Category::ResourceUnavailable, format!("{computer} holds no replica of the store."))
        .hint("It gets one when its server runs (reeve serve --dir DIR) and the topology says that it holds one.")
        .hint("Leave out -LocalStore to read the store itself.")
}
