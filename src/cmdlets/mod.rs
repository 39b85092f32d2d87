//! The cmdlets: `<noun>/<verb>.rs`, one file a cmdlet, with its signature, its code and its examples.

use crate::cmdlet::CmdletEntry;

/// Every cmdlet that runs, folder by folder.
pub fn all() -> Vec<CmdletEntry> {
    Vec::new()
}
