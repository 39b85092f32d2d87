//! Get-CsAdUser: users of the directory, enabled or not.

use super::go_on;
use super::select::Selection;
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::error::Halt;
use crate::people::ENTRY;
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct GetAdUser;

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    identity: Option<String>,
    filter: Option<String>,
    #[serde(rename = "LDAPFilter")]
    ldap_filter: Option<String>,
    #[serde(rename = "OU")]
    ou: Option<String>,
}

impl Cmdlet for GetAdUser {
    const NAME: &'static str = "Get-CsAdUser";
    const ACCESS: Access = Access::read(ScopeKind::UserOu);
    const FROM_BOUND: &'static [&'static str] = &["ResultSize"];
    const EXAMPLES: &'static [Example] = &[
        Example { what: "All users of the directory", run: "Get-CsAdUser" },
        Example {
            what: "Users that are not enabled yet",
            run: "Get-CsAdUser -Filter {Enabled -ne $True} | Select-Object DisplayName",
        },
        Example { what: "Users of a department", run: "Get-CsAdUser -LdapFilter \"Department=Finance\"" },
    ];
    type Args = Args;

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let selection = Selection {
            identity: args.identity.as_deref(),
            filter: args.filter.as_deref(),
            ldap_filter: args.ldap_filter.as_deref(),
            ou: args.ou.as_deref(),
            result_size: cx.bound.get("ResultSize"),
        };
        let result = selection.output(&ENTRY, &|_| true, cx);
        go_on(result, cx)
    }
}
