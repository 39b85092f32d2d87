//! Remove-CsOU: an organisational unit that holds nothing is no more.

use super::{Entries, change, entry, identity};
use crate::access::{Place, UserScope};
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::cmdlets::user::go_on;
use crate::error::{Category, ErrorRecord, Halt};
use crate::people::{self, Directory, OrganizationalUnit, dn, document_id};
use crate::store::{Change, Expected};
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct RemoveOu {
    entries: Entries,
}

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    identity: String,
}

impl Cmdlet for RemoveOu {
    const NAME: &'static str = "Remove-CsOU";
    const ACCESS: Access = Access::change(ScopeKind::Global);
    const EXAMPLES: &'static [Example] =
        &[Example { what: "Make a unit, and remove it again", run: "New-CsOU Lisbon | Remove-CsOU" }];
    type Args = Args;

    fn spec() -> Option<CmdletSpec> {
        Some(change(Self::NAME, vec![identity(true, "OUIdParameter")]))
    }

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let result = self.remove(&args, cx);
        go_on(result, cx)
    }
}

impl RemoveOu {
    fn remove(&mut self, args: &Args, cx: &mut Context) -> Result<(), Halt> {
        let grant = cx.authorize(&Place::Global)?;
        let roles = cx.session.roles()?;
        let directory = self.entries.now(cx)?;
        let unit = entry::find_ou(directory, &args.identity)?;
        if let Some(held) = first_within(directory, unit) {
            let message = format!("The organizational unit '{}' is not empty: it holds {held}.", unit.dn);
            let error = ErrorRecord::new("OUNotEmpty", Category::InvalidOperation, message).target(unit.dn.as_str());
            return Err(error.hint(format!("Get-CsAdUser -OU '{}' shows the users in it.", unit.dn)).into());
        }
        let here = |scope: &UserScope| matches!(scope, UserScope::Ou(ou) if dn::within(ou, &unit.dn));
        if let Some(role) = roles.all().iter().find(|role| role.user_scopes.iter().any(here)) {
            let message = format!("The role {} is for the users of '{}'.", role.name, unit.dn);
            let error = ErrorRecord::new("OUInUse", Category::InvalidOperation, message).target(unit.dn.as_str());
            return Err(error.hint("Set-CsAdminRole -UserScopes changes whom a role is for.").into());
        }
        if cx.should_process(&unit.dn, Self::NAME)? {
            let expected = Expected::Version(directory.version_of_ou(unit));
            let change = Change { id: document_id(people::OU, &unit.dn), expected, body: None };
            cx.deployment()?.store().commit(&grant, &[change])?;
        }
        Ok(())
    }
}

/// Something that a unit holds.
fn first_within(directory: &Directory, unit: &OrganizationalUnit) -> Option<String> {
    let names = directory.users().map(|user| &user.dn);
    let names = names.chain(directory.groups().map(|group| &group.dn)).chain(directory.ous().map(|ou| &ou.dn));
    names.into_iter().find(|dn| dn::within(dn, &unit.dn) && dn::normal(dn) != dn::normal(&unit.dn)).cloned()
}
