//! Get-CsAdminRole: the roles, with their cmdlets and scopes.

use super::record::Makers;
use super::select;
use crate::access::{Place, Roles};
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::error::Halt;
use serde::Deserialize;

/// Get-CsAdminRole.
#[derive(Default)]
pub struct GetAdminRole;

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    identity: Option<String>,
    filter: Option<String>,
    sid: Option<String>,
}

impl Cmdlet for GetAdminRole {
    const NAME: &'static str = "Get-CsAdminRole";
    const ACCESS: Access = Access::read(ScopeKind::Global);
    const EXAMPLES: &'static [Example] = &[
        Example { what: "All roles", run: "Get-CsAdminRole" },
        Example {
            what: "The roles that have a cmdlet",
            run: r#"Get-CsAdminRole | Where-Object {$_.Cmdlets -match "Invoke-CsBackupServiceSync"}"#,
        },
        Example { what: "The roles whose names begin with CsVoice", run: "Get-CsAdminRole -Filter CsVoice*" },
        Example {
            what: "The roles that were made here",
            run: "Get-CsAdminRole | Where-Object {$_.IsStandardRole -eq $False}",
        },
    ];
    type Args = Args;

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        cx.authorize(&Place::Global)?;
        let deployment = cx.deployment()?;
        let roles = Roles::clone(&*cx.session.roles()?).with_identifiers(deployment.store())?;
        let mut makers = Makers::default();
        for role in select(&roles, args.identity.as_deref(), args.filter.as_deref(), args.sid.as_deref())? {
            let record = makers.role(role);
            cx.output(record)?;
        }
        Ok(())
    }
}
