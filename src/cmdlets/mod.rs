//! The cmdlets: `<noun>/<verb>.rs`, one file a cmdlet, with its signature, its code and its examples.

pub mod admin_role;
pub mod admin_role_assignment;
pub mod audit;
pub mod role_access;
pub mod signature;

use crate::cmdlet::CmdletEntry;

/// Every cmdlet that runs, folder by folder.
pub fn all() -> Vec<CmdletEntry> {
    let mut all = Vec::new();
    all.extend(admin_role::all());
    all.extend(admin_role_assignment::all());
    all.extend(audit::all());
    all.extend(role_access::all());
    all
}
