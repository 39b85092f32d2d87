//! Cmdlets on the audit log.

mod get;

use crate::cmdlet::CmdletEntry;
use crate::cmdlet::run::entry;

/// The cmdlets of this folder.
pub fn all() -> Vec<CmdletEntry> {
    vec![entry::<get::GetAuditLog>()]
}
