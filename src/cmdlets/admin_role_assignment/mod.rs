//! Cmdlets on who holds which role.

mod get;

use crate::cmdlet::CmdletEntry;
use crate::cmdlet::run::entry;

/// The cmdlets of this folder.
pub fn all() -> Vec<CmdletEntry> {
    vec![entry::<get::GetAdminRoleAssignment>()]
}
