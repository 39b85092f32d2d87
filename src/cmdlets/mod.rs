//! The cmdlets: `<noun>/<verb>.rs`, one file a cmdlet, with its signature, its code and its examples.

#[cfg(test)]
pub(crate) mod harness;
pub mod help;
pub mod object;
pub mod topology;
pub mod utility;

use crate::cmdlet::CmdletEntry;

/// Every cmdlet that runs, folder by folder.
pub fn all() -> Vec<CmdletEntry> {
    [topology::all(), object::all(), utility::all(), help::all()].into_iter().flatten().collect()
}
