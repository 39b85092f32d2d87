//! The cmdlets: `<noun>/<verb>.rs`, one file a cmdlet, with its signature, its code and its examples.

pub mod topology;

use crate::cmdlet::CmdletEntry;

/// Every cmdlet that runs, folder by folder.
pub fn all() -> Vec<CmdletEntry> {
    [topology::all()].into_iter().flatten().collect()
}
