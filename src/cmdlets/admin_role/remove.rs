//! Remove-CsAdminRole: a role of one's own is no more; its group stays.

use super::{custom, select};
use crate::access::{Place, document_id};
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::error::Halt;
use crate::store::{Change, Expected};
use serde::Deserialize;

/// Remove-CsAdminRole.
#[derive(Default)]
pub struct RemoveAdminRole;

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    identity: Option<String>,
    filter: Option<String>,
    sid: Option<String>,
}

impl Cmdlet for RemoveAdminRole {
    const NAME: &'static str = "Remove-CsAdminRole";
    const ACCESS: Access = Access::change(ScopeKind::Global);
    const EXAMPLES: &'static [Example] =
        &[Example { what: "A role that was made here", run: "Remove-CsAdminRole -Identity DublinUserAdministrator" }];
    type Args = Args;

    /// Without -Filter the set of that name would remove every role: it must be said.
    fn amend(spec: &mut CmdletSpec) {
        let filter = spec.parameters.iter_mut().filter(|parameter| &*parameter.name == "Filter");
        for set in filter.flat_map(|parameter| &mut parameter.sets) {
            set.mandatory = true;
        }
        spec.default_set = Some("Identity".into());
    }

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let grant = cx.authorize(&Place::Global)?;
        let deployment = cx.deployment()?;
        let roles = match (cx.session.roles(), &args.identity) {
            (Ok(roles), _) => roles,
            (Err(_), Some(name)) if deployment.store().get(&document_id(name))?.is_some() => {
                // A role that cannot be read keeps the others from being read: it can be removed all the same.
                if cx.should_process(name, Self::NAME)? {
                    let change = Change { id: document_id(name), expected: Expected::Any, body: None };
                    deployment.store().commit(&grant, &[change])?;
                }
                return Ok(());
            }
            (Err(halt), _) => return Err(halt),
        };
        for role in select(&roles, args.identity.as_deref(), args.filter.as_deref(), args.sid.as_deref())? {
            if args.filter.is_some() && role.standard {
                continue;
            }
            let role = match custom(role) {
                Ok(role) => role,
                Err(error) => {
                    cx.error(error)?;
                    continue;
                }
            };
            if cx.should_process(&role.name, Self::NAME)? {
                let expected = Expected::Version(role.version);
                let change = Change { id: document_id(&role.name), expected, body: None };
                deployment.store().commit(&grant, &[change])?;
            }
        }
        Ok(())
    }
}
