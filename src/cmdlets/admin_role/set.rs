//! Set-CsAdminRole: other cmdlets and scopes for a role of one's own.

use super::scopes::Edits;
use super::{custom, listed};
use crate::access::{Place, Role, check_given, document_id};
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::error::Halt;
use crate::people::Directory;
use crate::store::{Change, Expected};
use crate::value::Value;
use serde::Deserialize;

/// Set-CsAdminRole.
#[derive(Default)]
pub struct SetAdminRole;

/// Its parameters; the lists are taken as bound.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    identity: String,
}

impl Cmdlet for SetAdminRole {
    const NAME: &'static str = "Set-CsAdminRole";
    const ACCESS: Access = Access::change(ScopeKind::Global);
    const EXAMPLES: &'static [Example] = &[
        Example {
            what: "Another site for a role that was made here",
            run: r#"Set-CsAdminRole RedmondVoiceAdministrator -ConfigScopes @{Add="site:Atlanta"}"#,
        },
        Example {
            what: "One cmdlet less",
            run: r#"Set-CsAdminRole RedmondVoiceAdministrator -Cmdlets @{Remove="Remove-CsVoicePolicy"}"#,
        },
    ];
    type Args = Args;
    const FROM_BOUND: &'static [&'static str] = &["Cmdlets", "ScriptModules", "ConfigScopes", "UserScopes"];

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let grant = cx.authorize(&Place::Global)?;
        let deployment = cx.deployment()?;
        let roles = cx.session.roles()?;
        let role = custom(listed(&roles, &args.identity)?)?;
        let directory = Directory::load(deployment.store())?;
        let bound = |name: &str| cx.bound.get(name).cloned();
        let edits = Edits::parse(&bound, &*deployment.topology()?, &directory)?;
        if edits.is_empty() {
            cx.warning(format!("Nothing is said of what shall change in {}.", role.name));
            return Ok(());
        }
        let mut after = Role::clone(role);
        edits.apply(&mut after)?;
        check_given(&roles, &*cx.session.principal()?, Some(role), &after)?;
        if !cx.should_process(&role.name, Self::NAME)? {
            return Ok(());
        }
        // An object from the pipeline may be older than what was read here: then it is the one that counts.
        let stamp = match cx.bound.input() {
            Some(Value::Record(record)) => record.stamp(),
            _ => None,
        };
        let expected = Expected::Version(stamp.unwrap_or(role.version));
        let change = Change { id: document_id(&role.name), expected, body: Some(after.body()?) };
        deployment.store().commit(&grant, &[change])?;
        Ok(())
    }
}
