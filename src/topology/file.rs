//! A topology document in a file.

use super::{Topology, xml};
use crate::error::{Category, ErrorRecord};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Reads a document from a file.
///
/// # Errors
/// `TopologyFileNotFound`, `TopologyFileUnreadable`; those of [`Topology::parse`].
pub fn read_file(path: &Path) -> Result<Topology, ErrorRecord> {
    let failed = |error: std::io::Error| {
        let (id, category) = match error.kind() {
            std::io::ErrorKind::NotFound => ("TopologyFileNotFound", Category::ObjectNotFound),
            _ => ("TopologyFileUnreadable", Category::ReadError),
        };
        let message = format!("The topology document '{}' cannot be read: {error}.", path.display());
        ErrorRecord::new(id, category, message)
    };
    let mut bytes = Vec::new();
    // One byte beyond the limit is enough to know that it is too large, however long the file goes on.
    let most = 2 * xml::LARGEST as u64 + 1;
    File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes)).map_err(failed)?;
    Topology::from_bytes(&bytes)
}
