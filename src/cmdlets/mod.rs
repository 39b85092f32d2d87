//! The cmdlets: `<noun>/<verb>.rs`, one file a cmdlet, with its signature, its code and its examples.

pub mod admin_role;
pub mod admin_role_assignment;
pub mod audit;
pub mod backup;
pub mod certificate;
pub mod configuration;
pub(crate) mod copy;
pub mod directory;
pub mod failover;
pub mod file;
pub mod format;
#[cfg(test)]
pub(crate) mod harness;
pub mod help;
pub mod library;
pub mod object;
pub mod pool_failover;
pub(crate) mod property;
pub mod replication;
pub(crate) mod report;
pub mod role_access;
pub mod script_access;
pub(crate) mod shape;
pub mod signature;
pub mod topology;
pub mod user;
pub mod user_data;
pub mod utility;
pub mod variable;
pub mod web;

use crate::cmdlet::CmdletEntry;

/// Every cmdlet that runs, folder by folder.
pub fn all() -> Vec<CmdletEntry> {
    let folders = [
        admin_role::all(),
        admin_role_assignment::all(),
        audit::all(),
        backup::all(),
        certificate::all(),
        configuration::all(),
        directory::all(),
        failover::all(),
        file::all(),
        format::all(),
        help::all(),
        library::all(),
        object::all(),
        pool_failover::all(),
        replication::all(),
        role_access::all(),
        script_access::all(),
        topology::all(),
        user::all(),
        user_data::all(),
        utility::all(),
        variable::all(),
        web::all(),
    ];
    folders.into_iter().flatten().collect()
}
