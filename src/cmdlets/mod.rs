//! The cmdlets: `<noun>/<verb>.rs`, one file a cmdlet, with its signature, its code and its examples.

pub mod admin_role;
pub mod admin_role_assignment;
pub mod audit;
pub mod certificate;
pub mod configuration;
pub mod directory;
pub mod file;
pub mod format;
#[cfg(test)]
pub(crate) mod harness;
pub mod help;
pub mod library;
pub mod object;
pub(crate) mod property;
pub mod replication;
pub mod role_access;
pub mod script_access;
pub(crate) mod shape;
pub mod signature;
pub mod topology;
pub mod user;
pub mod utility;
pub mod variable;

use crate::cmdlet::CmdletEntry;

/// Every cmdlet that runs, folder by folder.
pub fn all() -> Vec<CmdletEntry> {
    let folders = [
        admin_role::all(),
        admin_role_assignment::all(),
        audit::all(),
        certificate::all(),
        configuration::all(),
        directory::all(),
        file::all(),
        format::all(),
        help::all(),
        library::all(),
        object::all(),
        replication::all(),
        role_access::all(),
        script_access::all(),
        topology::all(),
        user::all(),
        utility::all(),
        variable::all(),
    ];
    folders.into_iter().flatten().collect()
}
