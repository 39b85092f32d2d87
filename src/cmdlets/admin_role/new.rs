//! New-CsAdminRole: a role of one's own, made from another and narrowed.

use super::record::Makers;
use super::scopes::Edits;
use super::{listed, predefined};
use crate::access::{ConfigScope, Place, Role, UserScope, check_given, delegable, document_id};
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::error::{Category, ErrorRecord, Halt};
use crate::people::{Directory, Group};
use crate::store::{Change, Expected};
use crate::value::near;
use serde::Deserialize;

/// New-CsAdminRole.
#[derive(Default)]
pub struct NewAdminRole;

/// Its parameters; the lists are taken as bound.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    identity: String,
    template: String,
    in_memory: Option<bool>,
}

impl Cmdlet for NewAdminRole {
    const NAME: &'static str = "New-CsAdminRole";
    const ACCESS: Access = Access::change(ScopeKind::Global);
    const EXAMPLES: &'static [Example] = &[
        Example {
            what: "A role for the telephony of one site; a group of that name must be there",
            run: r#"New-CsAdminRole -Identity "Voice Team" -Template CsVoiceAdministrator -ConfigScopes "site:Redmond" -UserScopes "OU:ou=Redmond,dc=litwareinc,dc=com""#,
        },
        Example {
            what: "A role with a few cmdlets, shown without being kept",
            run: r#"New-CsAdminRole "Service Desk Leads" -Template CsHelpDesk -Cmdlets Get-CsUser,Lock-CsClientPin -InMemory"#,
        },
    ];
    type Args = Args;
    const FROM_BOUND: &'static [&'static str] = &["Cmdlets", "ScriptModules", "ConfigScopes", "UserScopes"];

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let grant = cx.authorize(&Place::Global)?;
        let deployment = cx.deployment()?;
        let roles = cx.session.roles()?;
        if let Some(there) = roles.get(&args.identity) {
            return Err(if there.standard { predefined(&there.name) } else { exists(there) }.into());
        }
        let template = listed(&roles, &args.template)?;
        let directory = Directory::load(deployment.store())?;
        let group = group(&directory, &args.identity)?;
        let bound = |name: &str| cx.bound.get(name).cloned();
        let edits = Edits::parse(&bound, &*deployment.topology()?, &directory)?;
        let mut role = Role {
            name: group.sam_account_name.as_str().into(),
            about: "".into(),
            sid: group.sid.as_str().into(),
            standard: false,
            template: Some(template.name.clone()),
            config_scopes: vec![ConfigScope::Global],
            user_scopes: vec![UserScope::Global],
            cmdlets: delegable(&template.cmdlets),
            ..Role::clone(template)
        };
        edits.apply(&mut role)?;
        check_given(&roles, &*cx.session.principal()?, None, &role)?;
        if args.in_memory != Some(true) {
            let target = role.name.to_string();
            if !cx.should_process(&target, Self::NAME)? {
                return Ok(());
            }
            let change = Change { id: document_id(&role.name), expected: Expected::Absent, body: Some(role.body()?) };
            role.version = deployment.store().commit(&grant, &[change])?;
        }
        cx.output(Makers::default().role(&role))
    }
}

fn exists(role: &Role) -> ErrorRecord {
    ErrorRecord::new("RoleExists", Category::ResourceExists, format!("There is a role {} already.", role.name))
        .hint("Set-CsAdminRole changes it.")
        .target(role.name.clone())
}

/// The group that will hold the role.
fn group<'a>(directory: &'a Directory, name: &str) -> Result<&'a Group, ErrorRecord> {
    directory.find_group(name).ok_or_else(|| {
        let message =
            format!("There is no group '{name}' in the directory: a role has the name of the group that holds it.");
        let error = ErrorRecord::new("GroupNotFound", Category::ObjectNotFound, message).target(name);
        let error = match near::nearest(name, directory.groups().map(|group| group.sam_account_name.as_str())) {
            Some(near) => error.hint(format!("Did you mean '{near}'?")),
            None => error,
        };
        error.hint(format!("Make the group first: New-CsGroup -Identity '{name}'."))
    })
}
