//! Cmdlets that answer who may run a script.

mod test;

use crate::cmdlet::CmdletEntry;
use crate::cmdlet::run::entry;

/// The cmdlets of this folder.
pub fn all() -> Vec<CmdletEntry> {
    vec![entry::<test::TestScriptAccess>()]
}
