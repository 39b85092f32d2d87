//! The cmdlets: `<noun>/<verb>.rs`, one file a cmdlet, with its signature, its code and its examples.

pub mod object;
pub mod utility;

use crate::cmdlet::CmdletEntry;

/// Every cmdlet that runs, folder by folder.
pub fn all() -> Vec<CmdletEntry> {
    [object::all(), utility::all()].into_iter().flatten().collect()
}
