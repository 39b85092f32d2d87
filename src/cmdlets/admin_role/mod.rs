//! Cmdlets on roles: which there are, and custom ones made, changed and removed.

mod edit;
mod get;
mod new;
mod record;
mod remove;
mod scopes;
mod set;

use crate::access::{Role, Roles};
use crate::cmdlet::CmdletEntry;
use crate::cmdlet::run::entry;
use crate::error::{Category, ErrorRecord};
use crate::value::same_name;
use crate::value::wildcard::Wildcard;
use std::sync::Arc;

/// The cmdlets of this folder.
pub fn all() -> Vec<CmdletEntry> {
    vec![
        entry::<get::GetAdminRole>(),
        entry::<new::NewAdminRole>(),
        entry::<set::SetAdminRole>(),
        entry::<remove::RemoveAdminRole>(),
    ]
}

/// The roles that -Identity, -Filter or -Sid choose; all without any of them.
///
/// # Errors
/// `RoleNotFound`; that of a pattern that is none.
fn select<'a>(
    roles: &'a Roles,
    identity: Option<&str>,
    filter: Option<&str>,
    sid: Option<&str>,
) -> Result<Vec<&'a Arc<Role>>, ErrorRecord> {
    if let Some(name) = identity {
        return listed(roles, name).map(|role| vec![role]);
    }
    if let Some(sid) = sid {
        let found = roles.listed().find(|role| same_name(&role.sid, sid)).ok_or_else(|| {
            let message = format!("There is no role with the security identifier '{sid}'.");
            ErrorRecord::new("RoleNotFound", Category::ObjectNotFound, message).target(sid)
        });
        return found.map(|role| vec![role]);
    }
    let pattern = filter.map(Wildcard::new).transpose()?;
    Ok(roles.listed().filter(|role| pattern.as_ref().is_none_or(|p| p.matches(&role.name))).collect())
}

/// The role of a name; the groups that decide on the management server are none.
fn listed<'a>(roles: &'a Roles, name: &str) -> Result<&'a Arc<Role>, ErrorRecord> {
    let found = roles.find(name).map_err(|error| {
        let pattern = name.contains(['*', '?']);
        if pattern { error.hint("-Identity takes no wildcards; -Filter does.") } else { error }
    })?;
    if !found.group {
        return Ok(found);
    }
    let message = format!("{} is a group that decides on the management server itself, and no role.", found.name);
    Err(ErrorRecord::new("RoleNotFound", Category::ObjectNotFound, message)
        .hint(format!("Get-CsRoleAccess -Role {} shows what it grants.", found.name))
        .target(name))
}

/// A role that may be changed.
///
/// # Errors
/// `PredefinedRole`.
fn custom(role: &Arc<Role>) -> Result<&Arc<Role>, ErrorRecord> {
    if role.standard { Err(predefined(&role.name)) } else { Ok(role) }
}

/// The error for a change of a predefined role.
fn predefined(name: &str) -> ErrorRecord {
    let message = format!("{name} is predefined: it cannot be made, changed or removed.");
    ErrorRecord::new("PredefinedRole", Category::InvalidOperation, message)
        .hint(format!("Make a role of your own from it: New-CsAdminRole -Identity GROUP -Template {name}."))
        .target(name)
}
