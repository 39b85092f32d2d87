//! The decision itself, and what follows from it: who may run a cmdlet, what a role lacks.

use super::place::Place;
use super::principal::Principal;
use super::role::Role;
use super::roles::Roles;
use crate::error::{Category, ErrorRecord};
use std::sync::Arc;

/// What `decide` found.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// Allowed, through this role or group, or `owner`.
    Allowed(String),
    /// Denied, and why.
    Denied(Denial),
}

/// Why something is denied.
#[derive(Clone, Debug, PartialEq)]
pub struct Denial {
    /// The roles that the principal holds.
    pub held: Vec<String>,
    /// Of these the ones that have the cmdlet, with their scopes; not for this place.
    pub elsewhere: Vec<(String, String)>,
    /// The roles that would do.
    pub would_do: Vec<String>,
}

/// Whether a principal may run a cmdlet at a place; at `None`, anywhere at all.
pub fn decide(roles: &Roles, principal: &Principal, cmdlet: &str, place: Option<&Place>) -> Decision {
    if principal.is_owner() {
        return Decision::Allowed("owner".into());
    }
    let does = |role: &Arc<Role>| role.holds(cmdlet) && place.is_none_or(|place| role.has(place));
    if let Some(role) = roles.held_by(principal).find(|role| does(role)) {
        return Decision::Allowed(role.name.to_string());
    }
    let names = |roles: &mut dyn Iterator<Item = &Arc<Role>>| roles.map(|role| role.name.to_string()).collect();
    Decision::Denied(Denial {
        held: names(&mut roles.held_by(principal)),
        elsewhere: roles
            .held_by(principal)
            .filter(|role| role.holds(cmdlet))
            .map(|role| (role.name.to_string(), role.scopes()))
            .collect(),
        would_do: names(&mut roles.all().iter().filter(|role| does(role))),
    })
}

impl Denial {
    /// The error that the principal sees: who, what, where, with which roles, and which would do.
    pub fn error(&self, principal: &Principal, cmdlet: &str, place: Option<&Place>) -> ErrorRecord {
        let held = match &self.held[..] {
            [] => "no role".to_string(),
            held => held.join(", "),
        };
        let at = match place {
            None => String::new(),
            Some(Place::Global) => " for the whole deployment".to_string(),
            Some(Place::Site(_)) => format!(" for {}", place.map(ToString::to_string).unwrap_or_default()),
            Some(Place::User(ou)) => format!(" for a user in '{ou}'"),
        };
        let message = format!("{} (with {held}) may not run {cmdlet}{at}.", principal.name());
        let mut error = ErrorRecord::new("AccessDenied", Category::PermissionDenied, message).target(cmdlet);
        for (role, scopes) in &self.elsewhere {
            error = error.hint(format!("{role} has {cmdlet}, but only for: {scopes}."));
        }
        error.hint(match &self.would_do[..] {
            [] => format!("No role has {cmdlet}; the owner of the files may run it."),
            roles => format!("Roles that would do: {}.", roles.join(", ")),
        })
    }
}

/// Whether a role may run a cmdlet anywhere at all: an object cmdlet, which works in the client, needs no role, and is
/// not asked for here.
pub fn may_run_anywhere(role: &Role, cmdlet: &str) -> bool {
    role.holds(cmdlet) && !(role.config_scopes.is_empty() && role.user_scopes.is_empty())
}

/// Of the cmdlets given, those that a role lacks, in their order.
pub fn lacks<'a>(role: &Role, cmdlets: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    cmdlets.into_iter().filter(|cmdlet| !may_run_anywhere(role, cmdlet)).collect()
}
