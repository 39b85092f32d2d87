//! What SQLite says, in our terms: damaged, locked, newer, full.

use crate::error::{Category, ErrorRecord};
use rusqlite::{Error, ErrorCode};
use std::path::Path;

/// An error of SQLite about a store's file.
pub(super) fn record(path: &Path, error: &Error) -> ErrorRecord {
    let file = path.display();
    let Error::SqliteFailure(failure, _) = error else {
        // A column of another type than the schema says: somebody else wrote it.
        return damaged(path, &error.to_string());
    };
    let unavailable = |id: &'static str, message: String, hint: String| {
        ErrorRecord::new(id, Category::ResourceUnavailable, message).hint(hint)
    };
    match failure.code {
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::SchemaChanged => {
            damaged(path, &error.to_string())
        }
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => unavailable(
            "StoreLocked",
            format!("The store '{file}' is in use: another process holds it for longer than we wait."),
            "Wait until the other process is done, and try again.".into(),
        ),
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen => unavailable(
            "StoreUnreachable",
            format!("The store '{file}' cannot be opened or written: {error}."),
            "See that the file is there, and that you may read and write it and its directory.".into(),
        ),
        ErrorCode::DiskFull => unavailable(
            "StoreFull",
            format!("The store '{file}' cannot grow: {error}. Nothing was changed."),
            "Make room on its disk.".into(),
        ),
        ErrorCode::Unknown if error.to_string().contains("no such table") => damaged(path, &error.to_string()),
        _ => unavailable(
            "StoreFailed",
            format!("The store '{file}' failed: {error}. What was to be changed is not."),
            "See whether its disk is well.".into(),
        ),
    }
}

/// The file is no store, or not one any more.
pub(super) fn damaged(path: &Path, what: &str) -> ErrorRecord {
    let message = format!("The store '{}' is damaged: {what}.", path.display());
    ErrorRecord::new("StoreDamaged", Category::ResourceUnavailable, message)
        .hint("Put back its last backup. The file was left as it is.")
}

/// A later program made it.
pub(super) fn newer(path: &Path, found: i64, known: i64) -> ErrorRecord {
    let file = path.display();
    let message =
        format!("The store '{file}' was written by a newer program: its schema is {found}, this one knows {known}.");
    ErrorRecord::new("StoreNewer", Category::ResourceUnavailable, message)
        .hint("Use the newer program. The file was left as it is.")
}
