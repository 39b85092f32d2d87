//! A topology document in a file.

use super::{Topology, xml};
use crate::env::file;
use crate::error::{Category, ErrorRecord};
use std::io;
use std::path::Path;

/// More bytes than a document in a file can have, in any encoding; what is too large by less the parser says.
pub const LARGEST_FILE: u64 = 2 * xml::LARGEST as u64;

/// Reads a document from a file.
///
/// # Errors
/// Those of [`of_file`].
pub fn read_file(path: &Path) -> Result<Topology, ErrorRecord> {
    of_file(&path.to_string_lossy(), file::read(path, LARGEST_FILE))
}

/// The document in a file that was read, or was not.
///
/// # Errors
/// `TopologyFileNotFound`, `TopologyFileUnreadable`, `TopologyTooLarge`; those of [`Topology::parse`].
pub fn of_file(path: &str, read: io::Result<Vec<u8>>) -> Result<Topology, ErrorRecord> {
    let failed = |error: io::Error| {
        let (id, category) = match error.kind() {
            io::ErrorKind::NotFound => ("TopologyFileNotFound", Category::ObjectNotFound),
            io::ErrorKind::FileTooLarge => ("TopologyTooLarge", Category::LimitsExceeded),
            _ => ("TopologyFileUnreadable", Category::ReadError),
        };
        ErrorRecord::new(id, category, format!("The topology document '{path}' cannot be read: {error}."))
    };
    Topology::from_bytes(&read.map_err(failed)?)
}
