//! Get-CsAdminRoleAssignment: the roles that a user holds.

use crate::access::{Place, Principal};
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::error::{Category, ErrorRecord, Halt};
use crate::people::{Directory, User};
use crate::value::same_name;
use serde::Deserialize;

/// Get-CsAdminRoleAssignment.
#[derive(Default)]
pub struct GetAdminRoleAssignment;

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    identity: String,
}

impl Cmdlet for GetAdminRoleAssignment {
    const NAME: &'static str = "Get-CsAdminRoleAssignment";
    const ACCESS: Access = Access::read(ScopeKind::Global);
    const EXAMPLES: &'static [Example] =
        &[Example { what: "The roles of a user", run: "Get-CsAdminRoleAssignment -Identity kenmyer" }];
    type Args = Args;

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        cx.authorize(&Place::Global)?;
        let deployment = cx.deployment()?;
        let directory = Directory::load(deployment.store())?;
        let principal = Principal::of_user(&directory, user(&directory, &args.identity)?);
        for role in cx.session.roles()?.held_by(&principal).filter(|role| !role.group) {
            cx.output(role.name.clone())?;
        }
        Ok(())
    }
}

/// The user of a logon name. Other names would do, but the original takes none of them, and scripts rely on that.
fn user<'a>(directory: &'a Directory, name: &str) -> Result<&'a User, ErrorRecord> {
    let user = directory.find_user(name)?;
    if same_name(&user.sam_account_name, name) {
        return Ok(user);
    }
    let message = format!("'{name}' is no logon name.");
    Err(ErrorRecord::new("ManagementObjectNotFound", Category::ObjectNotFound, message)
        .hint(format!("The logon name of {} is {}.", user.display_name, user.sam_account_name))
        .target(name))
}
