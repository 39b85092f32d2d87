//! Add-CsGroupMember: users and groups become members of a group.

use super::Entries;
use super::member::{self, Args};
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::cmdlets::user::go_on;
use crate::error::Halt;

/// The cmdlet.
#[derive(Default)]
pub struct AddGroupMember {
    entries: Entries,
}

impl Cmdlet for AddGroupMember {
    const NAME: &'static str = "Add-CsGroupMember";
    const ACCESS: Access = Access::change(ScopeKind::Global);
    const EXAMPLES: &'static [Example] = &[
        Example {
            what: "Two users become members of a group",
            run: "Add-CsGroupMember -Identity \"Voice Team\" -Members kenmyer, pilar",
        },
        Example {
            what: "All of a department",
            run: "Get-CsAdUser -Filter {Department -eq \"IT\"} | Add-CsGroupMember -Identity \"Service Desk Leads\"",
        },
        Example {
            what: "A group becomes a member of another, so that its members hold a role",
            run: "Add-CsGroupMember CsArchivingAdministrator \"Service Desk Leads\" -PassThru",
        },
    ];
    type Args = Args;

    fn spec() -> Option<CmdletSpec> {
        Some(member::spec(Self::NAME))
    }

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let result = member::change_members(&mut self.entries, &args, true, cx);
        go_on(result, cx)
    }
}
