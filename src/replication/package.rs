//! Packages: what a store has changed after a version, or all of it, as compressed lines of JSON.
//!
//! Unpacked, a package is lines: the [`Header`], each document in the order of versions, the [`End`]. What the same
//! store gives for the same name is the same to the byte, so a master that was restarted goes on where it was.

use super::id::{Chain, PackageKind};
use serde::{Deserialize, Serialize};

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
