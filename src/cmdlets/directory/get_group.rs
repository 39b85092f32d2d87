//! Get-CsGroup: the groups of the directory, and who is in them.

use super::{Entries, entry, identity, read};
use crate::access::Place;
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::cmdlets::signature::ours;
use crate::cmdlets::user::go_on;
use crate::error::Halt;
use crate::people::Group;
use crate::value::wildcard::Wildcard;
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct GetGroup {
    entries: Entries,
}

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    identity: Option<String>,
    filter: Option<String>,
    member: Option<String>,
}

impl Cmdlet for GetGroup {
    const NAME: &'static str = "Get-CsGroup";
    const ACCESS: Access = Access::read(ScopeKind::Global);
    const EXAMPLES: &'static [Example] = &[
        Example { what: "All groups", run: "Get-CsGroup" },
        Example { what: "Who holds a role", run: "Get-CsGroup CsHelpDesk | Select-Object -ExpandProperty Members" },
        Example { what: "Groups whose names begin alike", run: "Get-CsGroup -Filter RTCUniversal*" },
        Example {
            what: "The groups that a user is in, through other groups too",
            run: "Get-CsGroup -Member noramartinez | Select-Object SamAccountName",
        },
    ];
    type Args = Args;

    fn spec() -> Option<CmdletSpec> {
        let filter = ours("Filter", ParameterType::String, "String");
        let member = ours("Member", ParameterType::String, "UserIdParameter");
        Some(read(Self::NAME, vec![identity(false, "String"), filter, member]))
    }

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let result = self.show(&args, cx);
        go_on(result, cx)
    }
}

impl GetGroup {
    fn show(&mut self, args: &Args, cx: &mut Context) -> Result<(), Halt> {
        cx.authorize(&Place::Global)?;
        let directory = self.entries.now(cx)?;
        let mut groups: Vec<&Group> = match (&args.identity, &args.member) {
            (Some(name), None) => vec![entry::find_group(directory, name)?],
            (name, Some(member)) => {
                let member = entry::find(directory, member)?;
                let only = name.as_deref().map(|name| entry::find_group(directory, name)).transpose()?;
                directory.groups_holding(member.dn()).filter(|group| only.is_none_or(|o| o.dn == group.dn)).collect()
            }
            (None, None) => directory.groups().collect(),
        };
        groups.sort_by_key(|group| group.sam_account_name.to_lowercase());
        let filter = args.filter.as_deref().map(Wildcard::new).transpose()?;
        for group in groups {
            if filter.as_ref().is_none_or(|filter| filter.matches(&group.sam_account_name)) {
                cx.output(entry::group_record(directory, group, directory.version_of_group(group)))?;
            }
        }
        Ok(())
    }
}
