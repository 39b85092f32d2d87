//! Remove-CsGroupMember: users and groups are members of a group no more.

use super::Entries;
use super::member::{self, Args};
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::cmdlets::user::go_on;
use crate::error::Halt;

/// The cmdlet.
#[derive(Default)]
pub struct RemoveGroupMember {
    entries: Entries,
}

impl Cmdlet for RemoveGroupMember {
    const NAME: &'static str = "Remove-CsGroupMember";
    const ACCESS: Access = Access::change(ScopeKind::Global);
    const EXAMPLES: &'static [Example] = &[
        Example {
            what: "A user is a member of a group no more",
            run: "Remove-CsGroupMember -Identity CsHelpDesk -Members pilar",
        },
        Example {
            what: "See what emptying a group would do",
            run: "Get-CsGroup \"Voice Team\" | Remove-CsGroupMember -WhatIf",
        },
    ];
    type Args = Args;

    fn spec() -> Option<CmdletSpec> {
        Some(member::spec(Self::NAME))
    }

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let result = member::change_members(&mut self.entries, &args, false, cx);
        go_on(result, cx)
    }
}
