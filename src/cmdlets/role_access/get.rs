//! Get-CsRoleAccess: which roles and users may run a cmdlet, where and through what; what a user or a role may run.

use crate::access::{Place, Principal, Role, Roles, names};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::cmdlets::signature::{key_of, ours};
use crate::error::{Category, ErrorRecord, Halt};
use crate::people::{Directory, User};
use crate::value::wildcard::Wildcard;
use crate::value::{Record, RecordType, Str, TextForm, Value, near, same_name};
use serde::Deserialize;
use std::sync::Arc;

/// Get-CsRoleAccess.
#[derive(Default)]
pub struct GetRoleAccess;

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    cmdlet: Option<Vec<String>>,
    user: Option<String>,
    role: Option<String>,
}

impl Cmdlet for GetRoleAccess {
    const NAME: &'static str = "Get-CsRoleAccess";
    const ACCESS: Access = Access::read(ScopeKind::Global);
    const EXAMPLES: &'static [Example] = &[
        Example { what: "Who may run a cmdlet, and where", run: "Get-CsRoleAccess Invoke-CsBackupServiceSync" },
        Example { what: "What a user may run, and through which group", run: "Get-CsRoleAccess -User noramartinez" },
        Example { what: "What a role may run", run: "Get-CsRoleAccess -Role CsHelpDesk | Select-Object Cmdlet" },
    ];
    type Args = Args;

    fn spec() -> Option<CmdletSpec> {
        let texts = ParameterType::Array(Box::new(ParameterType::String));
        let parameters = vec![
            key_of("Cmdlet", ours("Cmdlet", texts, "String[]")),
            key_of("User", ours("User", ParameterType::String, "UserIdParameter")),
            key_of("Role", ours("Role", ParameterType::String, "String")),
        ];
        Some(CmdletSpec {
            name: Self::NAME.into(),
            default_set: Some("Cmdlet".into()),
            sets: ["Cmdlet", "User", "Role"].map(Str::from).to_vec(),
            parameters: parameters
                .into_iter()
                .enumerate()
                .map(|(at, mut parameter)| {
                    // Only the first is taken by position: three sets with one each could not be told apart.
                    if at > 0 {
                        parameter.sets.iter_mut().for_each(|set| set.position = None);
                    }
                    parameter
                })
                .collect(),
            ..CmdletSpec::default()
        })
    }

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        cx.authorize(&Place::Global)?;
        let deployment = cx.deployment()?;
        let roles = cx.session.roles()?;
        let directory = Directory::load(deployment.store())?;
        let kind = Row::kind();
        if let Some(user) = &args.user {
            let user = directory.find_user(user)?;
            let principal = Principal::of_user(&directory, user);
            for (role, cmdlet) in of_user(&roles, &principal) {
                let through = path(&directory, user, &role.name).join(" > ");
                cx.output(kind.row(cmdlet, role, vec![user.sam_account_name.as_str().into()], &through))?;
            }
        } else if let Some(role) = &args.role {
            let role = roles.find(role)?;
            let users = holders(&directory, role);
            for cmdlet in role.cmdlets.iter() {
                cx.output(kind.row(cmdlet, role, users.clone(), &role.name))?;
            }
        } else {
            for cmdlet in cmdlets(&args.cmdlet.unwrap_or_default())? {
                for role in roles.holding(&cmdlet) {
                    cx.output(kind.row(&cmdlet, role, holders(&directory, role), &role.name))?;
                }
            }
        }
        Ok(())
    }
}

/// The rows that this cmdlet puts out.
struct Row {
    kind: Arc<RecordType>,
    names: Arc<[Str]>,
}

impl Row {
    fn kind() -> Row {
        let names = ["Cmdlet", "Role", "IsStandardRole", "ConfigScopes", "UserScopes", "Users", "Through"];
        Row { kind: RecordType::new("Reeve.RoleAccess", TextForm::Pairs), names: names.map(Str::from).into() }
    }

    fn row(&self, cmdlet: &Str, role: &Role, users: Vec<Value>, through: &str) -> Record {
        let texts = |scopes: Vec<String>| Value::list(scopes.into_iter().map(Value::from).collect());
        let values = vec![
            Value::Str(cmdlet.clone()),
            Value::Str(role.name.clone()),
            Value::Bool(role.standard),
            texts(role.config_scopes.iter().map(ToString::to_string).collect()),
            texts(role.user_scopes.iter().map(ToString::to_string).collect()),
            Value::list(users),
            Value::str(through),
        ];
        Record::from_parts(self.kind.clone(), self.names.clone(), values)
    }
}

/// The cmdlets of patterns.
fn cmdlets(patterns: &[String]) -> Result<Vec<Str>, ErrorRecord> {
    let mut found = Vec::new();
    for pattern in patterns {
        let wildcard = Wildcard::new(pattern)?;
        let before = found.len();
        found.extend(names().iter().filter(|name| wildcard.matches(name)).cloned());
        if found.len() == before {
            return Err(no_cmdlet(pattern));
        }
    }
    Ok(found)
}

fn no_cmdlet(name: &str) -> ErrorRecord {
    let message = format!("'{name}' is not the name of a cmdlet that a role can have.");
    let error = ErrorRecord::new("CmdletNotFound", Category::ObjectNotFound, message).target(name);
    match near::nearest(name, names().iter().map(|known| &**known)) {
        Some(near) => error.hint(format!("Did you mean {near}?")),
        None => error.hint("Cmdlets that work on objects in the shell need no role: everybody may run them."),
    }
}

/// What a user may run through each role.
fn of_user<'a>(roles: &'a Roles, principal: &Principal) -> Vec<(&'a Arc<Role>, &'a Str)> {
    let held = roles.all().iter().filter(|role| principal.groups().iter().any(|group| same_name(group, &role.name)));
    let mut all: Vec<_> = held.flat_map(|role| role.cmdlets.iter().map(move |cmdlet| (role, cmdlet))).collect();
    all.sort_by_key(|(_, cmdlet)| cmdlet.to_ascii_lowercase());
    all
}

/// Logon names of those who hold a role.
fn holders(directory: &Directory, role: &Role) -> Vec<Value> {
    let group = directory.find_group(&role.name);
    let users = group.map(|group| directory.members_of(group)).unwrap_or_default();
    users.into_iter().map(|user| Value::str(user.sam_account_name.as_str())).collect()
}

/// The groups through which a user is in a group, the user's own first: the shortest way.
fn path(directory: &Directory, user: &User, group: &str) -> Vec<String> {
    let mut ways: Vec<(String, Vec<String>)> = vec![(user.dn.clone(), Vec::new())];
    let mut at = 0;
    while at < ways.len() {
        let (member, way) = ways[at].clone();
        for found in directory.groups().filter(|g| g.members.iter().any(|m| same_dn(m, &member))) {
            let mut longer = way.clone();
            longer.push(found.sam_account_name.clone());
            if same_name(&found.sam_account_name, group) {
                return longer;
            }
            if !ways.iter().any(|(known, _)| same_dn(known, &found.dn)) {
                ways.push((found.dn.clone(), longer));
            }
        }
        at += 1;
    }
    Vec::new()
}

fn same_dn(a: &str, b: &str) -> bool {
    crate::people::dn::normal(a) == crate::people::dn::normal(b)
}
