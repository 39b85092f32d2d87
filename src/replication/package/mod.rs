//! Packages: what a store has changed after a version, or all of it, as compressed lines of JSON.
//!
//! Unpacked, a package is lines: the [`Header`], each document in the order of versions, the [`End`]. What the same
//! store gives for the same name is the same to the byte, so a master that was restarted goes on where it was.

mod build;
mod cache;
mod open;
mod spool;
#[cfg(test)]
mod tests;

pub use build::build;
pub use cache::Cache;
pub use open::{Unpacking, open};

use super::id::{Chain, PackageKind};
use super::message::Announce;
use crate::error::{Category, ErrorRecord};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

/// Largest package as it travels, in bytes.
pub const LARGEST: u64 = 512 << 20;
/// Largest package when it is unpacked, in bytes.
pub const LARGEST_UNPACKED: u64 = 8 << 30;

/// The first line of a package.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Header {
    /// Form of the package: `message::FORMAT`.
    pub format: u32,
    /// The deployment's id.
    pub deployment: String,
    /// The epoch of the store.
    pub epoch: u64,
    /// The version that a delta starts from.
    pub from: Option<u64>,
    /// The version that it leads to.
    pub to: u64,
    /// Everything, or what changed.
    pub kind: PackageKind,
    /// A full snapshot's: its own version. Whatever is held is gone then, except what the package names: who applies it
    /// empties what it holds first, if and only if there is a floor. A delta has none.
    pub floor: Option<u64>,
    /// The chain at `from`.
    pub chain_from: Option<Chain>,
    /// The chain at `to`.
    pub chain_to: Chain,
}

/// The last line of a package: without it the package is cut off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct End {
    /// How many documents stand before it.
    pub count: u64,
}

/// A package that was made: immutable, in memory or in a file that has no name any more.
#[derive(Debug)]
pub struct Package {
    announce: Arc<Announce>,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Memory(Bytes),
    File(File),
}

impl Package {
    /// What is announced of it; with its bytes, where it is small enough to travel inside.
    pub fn announce(&self) -> &Arc<Announce> {
        &self.announce
    }

    /// Its bytes, where they are in memory.
    pub fn in_memory(&self) -> Option<&Bytes> {
        match &self.content {
            Content::Memory(bytes) => Some(bytes),
            Content::File(_) => None,
        }
    }

    /// A piece of it. What is in memory is not copied.
    ///
    /// # Errors
    /// `PackageUnreadable` where the file fails, or where it has no such bytes.
    pub fn read(&self, offset: u64, length: u32) -> Result<Bytes, ErrorRecord> {
        let unreadable = |why: String| {
            let message = format!("The package {} cannot be read: {why}.", self.announce.package);
            ErrorRecord::new("PackageUnreadable", Category::ReadError, message)
                .hint("See whether the disk of the store is well; the package is made anew.")
        };
        let end = offset.checked_add(u64::from(length)).filter(|end| *end <= self.announce.length);
        let end = end.ok_or_else(|| unreadable(format!("it has no {length} bytes from byte {offset} on")))?;
        match &self.content {
            Content::Memory(bytes) => {
                let range = usize::try_from(offset).ok().zip(usize::try_from(end).ok());
                let (from, to) = range.filter(|(_, to)| *to <= bytes.len()).unwrap_or_default();
                Ok(bytes.slice(from..to))
            }
            Content::File(file) => {
                let mut bytes = vec![0; length as usize];
                file.read_exact_at(&mut bytes, offset).map_err(|error| unreadable(error.to_string()))?;
                Ok(bytes.into())
            }
        }
    }
}
