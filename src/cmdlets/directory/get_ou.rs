//! Get-CsOU: the organisational units of the directory.

use super::{Entries, entry, identity, read};
use crate::access::Place;
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::cmdlets::signature::ours;
use crate::cmdlets::user::go_on;
use crate::error::Halt;
use crate::people::dn;
use crate::value::wildcard::Wildcard;
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct GetOu {
    entries: Entries,
}

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    identity: Option<String>,
    filter: Option<String>,
}

impl Cmdlet for GetOu {
    const NAME: &'static str = "Get-CsOU";
    const ACCESS: Access = Access::read(ScopeKind::UserOu);
    const EXAMPLES: &'static [Example] = &[
        Example { what: "All units", run: "Get-CsOU" },
        Example { what: "Units by a part of the distinguished name", run: "Get-CsOU -Filter *ou=US*" },
        Example { what: "The users of a unit", run: "Get-CsAdUser -OU (Get-CsOU Redmond).DistinguishedName" },
    ];
    type Args = Args;

    fn spec() -> Option<CmdletSpec> {
        let filter = ours("Filter", ParameterType::String, "String");
        Some(read(Self::NAME, vec![identity(false, "OUIdParameter"), filter]))
    }

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let result = self.show(&args, cx);
        go_on(result, cx)
    }
}

impl GetOu {
    fn show(&mut self, args: &Args, cx: &mut Context) -> Result<(), Halt> {
        let directory = self.entries.now(cx)?;
        let filter = args.filter.as_deref().map(Wildcard::new).transpose()?;
        let mut units = match &args.identity {
            Some(name) => {
                let unit = entry::find_ou(directory, name)?;
                cx.authorize(&Place::User(unit.dn.clone()))?;
                vec![unit]
            }
            None => directory.ous().collect(),
        };
        units.sort_by_key(|unit| {
            // From the root down, so that what is in a unit stands below it.
            dn::parts(&unit.dn).into_iter().rev().map(str::to_lowercase).collect::<Vec<_>>()
        });
        for unit in units {
            let fits = filter.as_ref().is_none_or(|f| f.matches(&unit.name) || f.matches(&unit.dn));
            if fits && cx.may_see(&Place::User(unit.dn.clone()))? {
                cx.output(entry::ou_record(unit))?;
            }
        }
        Ok(())
    }
}
