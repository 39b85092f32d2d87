//! The errors of the room, each made in one place.

use crate::error::{Category, ErrorRecord};
use std::io;

/// The other end said something that cannot be: it is of another version, broken, or hostile.
pub(super) fn protocol(message: impl AsRef<str>) -> ErrorRecord {
    let message = format!("the other end of the file synchronisation broke the rules: {}", message.as_ref());
    ErrorRecord::new("FileSyncProtocol", Category::InvalidData, message)
        .hint("nothing was taken from this message; the next synchronisation goes on from what is durable")
}

/// The system refused something that the synchronisation cannot do without.
pub(super) fn io(error: impl Into<io::Error>, what: &str) -> ErrorRecord {
    let error = error.into();
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            ErrorRecord::new("FileSyncDiskFull", Category::QuotaExceeded, format!("{what}: {error}"))
                .hint("free space on this disk and synchronise again: every file is either as it was or complete")
        }
        io::ErrorKind::PermissionDenied => {
            ErrorRecord::new("FileSyncAccessDenied", Category::WriteError, format!("{what}: {error}"))
                .hint("the server must be able to read and write the whole tree")
        }
        _ => ErrorRecord::new("FileSyncInputOutput", Category::DeviceError, format!("{what}: {error}")),
    }
}

/// The index database cannot be used.
pub(super) fn index(error: rusqlite::Error) -> ErrorRecord {
    let full = matches!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::DiskFull));
    let busy = matches!(
        error.sqlite_error_code(),
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked)
    );
    if full {
        return io(io::Error::from(io::ErrorKind::StorageFull), "the index of the file tree");
    }
    if busy {
        return ErrorRecord::new(
            "FileSyncBusy",
            Category::ResourceBusy,
            "the index of the file tree is in use: another synchronisation of this tree is under way",
        );
    }
    ErrorRecord::new("FileSyncIndex", Category::ReadError, format!("the index of the file tree: {error}"))
        .hint("an index that is damaged may be removed: the next synchronisation compares everything again, and asks which side counts where it is the source's")
}

/// Something has grown past its bound.
pub(super) fn too_many(what: &str, bound: usize) -> ErrorRecord {
    ErrorRecord::new("FileSyncLimit", Category::LimitsExceeded, format!("{what}: more than {bound}"))
}
