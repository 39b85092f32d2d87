//! Get-CsRoleAccess: which roles and users may run a cmdlet, where and through what; what a user or a role may run.

use crate::access::{Place, Principal, Role, names};
use crate::cmdlet::spec::{CmdletSpec, ParameterType, SetMembership};
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
        Example { what: "Whether a user may run a cmdlet", run: "Get-CsRoleAccess Grant-CsVoicePolicy -User zoebyrne" },
        Example { what: "What a role may run", run: "Get-CsRoleAccess -Role CsHelpDesk | Select-Object Cmdlet" },
    ];
    type Args = Args;

    fn spec() -> Option<CmdletSpec> {
        let texts = ParameterType::Array(Box::new(ParameterType::String));
        let mut cmdlet = key_of("Cmdlet", true, ours("Cmdlet", texts, "String[]"));
        for set in ["User", "Role"] {
            let narrows = SetMembership { set: Some(set.into()), position: Some(0), ..SetMembership::default() };
            cmdlet.sets.push(narrows);
        }
        let parameters = vec![
            cmdlet,
            key_of("User", false, ours("User", ParameterType::String, "UserIdParameter")),
            key_of("Role", false, ours("Role", ParameterType::String, "String")),
        ];
        Some(CmdletSpec {
            name: Self::NAME.into(),
            default_set: Some("Cmdlet".into()),
            sets: ["Cmdlet", "User", "Role"].map(Str::from).to_vec(),
            parameters,
            ..CmdletSpec::default()
        })
    }

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        cx.authorize(&Place::Global)?;
        let deployment = cx.deployment()?;
        let roles = cx.session.roles()?;
        let directory = Directory::load(deployment.store())?;
        let kind = Row::kind();
        // With -User and -Role it narrows what they may run.
        let asked = args.cmdlet.map(|patterns| cmdlets(&patterns)).transpose()?;
        let is_asked = |cmdlet: &Str| asked.as_ref().is_none_or(|asked| asked.iter().any(|a| same_name(a, cmdlet)));
        if let Some(user) = &args.user {
            let user = directory.find_user(user)?;
            let principal = Principal::of_user(&directory, user);
            let name = vec![Value::str(user.sam_account_name.as_str())];
            let held: Vec<&Arc<Role>> = roles.held_by(&principal).collect();
            let ways: Vec<String> = held.iter().map(|role| path(&directory, user, &role.name).join(" > ")).collect();
            let mut rows: Vec<(&Str, usize)> =
                held.iter().enumerate().flat_map(|(at, role)| role.cmdlets.iter().map(move |c| (c, at))).collect();
            rows.retain(|(cmdlet, _)| is_asked(cmdlet));
            rows.sort_by_key(|(cmdlet, at)| (cmdlet.to_ascii_lowercase(), *at));
            for (cmdlet, at) in rows {
                let (Some(role), Some(way)) = (held.get(at), ways.get(at)) else { continue };
                cx.output(kind.row(cmdlet, role, name.clone(), way))?;
            }
        } else if let Some(role) = &args.role {
            let role = roles.find(role)?;
            let users = holders(&directory, role);
            for cmdlet in role.cmdlets.iter().filter(|cmdlet| is_asked(cmdlet)) {
                cx.output(kind.row(cmdlet, role, users.clone(), &role.name))?;
            }
        } else {
            let holders: Vec<Vec<Value>> = roles.all().iter().map(|role| holders(&directory, role)).collect();
            for cmdlet in asked.iter().flatten() {
                for (role, users) in roles.all().iter().zip(&holders).filter(|(role, _)| role.holds(cmdlet)) {
                    cx.output(kind.row(cmdlet, role, users.clone(), &role.name))?;
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
