//! Names of packages.

pub use crate::store::{Chain, Held};

use serde::{Deserialize, Serialize};
use std::fmt;

/// Everything, or what changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PackageKind {
    /// Everything that there is: it takes the place of whatever is held.
    Full,
    /// What changed after a version.
    Delta,
}

impl PackageKind {
    /// As the status names it.
    pub fn name(self) -> &'static str {
        match self {
            PackageKind::Full => "Full",
            PackageKind::Delta => "Delta",
        }
    }
}

/// The name of a package. One name, one content, for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PackageId {
    /// The epoch of the store that it was made from.
    pub epoch: u64,
    /// The version that it starts from; `None` is a full snapshot.
    pub from: Option<u64>,
    /// The version that it leads to.
    pub to: u64,
}

impl PackageId {
    /// Whether it is everything, or what changed.
    pub fn kind(&self) -> PackageKind {
        if self.from.is_some() { PackageKind::Delta } else { PackageKind::Full }
    }
}

impl fmt::Display for PackageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.from {
            Some(from) => write!(f, "{}:{from}-{}", self.epoch, self.to),
            None => write!(f, "{}:full-{}", self.epoch, self.to),
        }
    }
}
