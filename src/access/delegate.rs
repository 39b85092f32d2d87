//! What a principal may put into a role: no more than it has itself, or whoever may make a role could make any.

use super::place::{ConfigScope, Place, UserScope};
use super::principal::Principal;
use super::role::Role;
use super::roles::Roles;
use crate::error::{Category, ErrorRecord};
use crate::value::Str;
use std::sync::Arc;

/// How many cmdlets a message names.
const NAMED: usize = 3;

/// Refuses a role that could do more than the principal who makes or changes it. `before` is the role as it was, whose
/// cmdlets and scopes may stay.
///
/// # Errors
/// `RoleExceedsOwn`, naming what is too much.
pub fn check_given(
    roles: &Roles,
    principal: &Principal,
    before: Option<&Role>,
    after: &Role,
) -> Result<(), ErrorRecord> {
    if principal.is_owner() {
        return Ok(());
    }
    let held: Vec<&Arc<Role>> = roles.held_by(principal).collect();
    let scopes = scopes(after);
    for (scope, has) in &scopes {
        let had = before.filter(|role| has(role));
        let lacking = |cmdlet: &&Str| {
            !had.is_some_and(|role| role.holds(cmdlet)) && !held.iter().any(|role| role.holds(cmdlet) && has(role))
        };
        let mut lacking = after.cmdlets.iter().filter(lacking);
        let named: Vec<&str> = lacking.by_ref().take(NAMED).map(|cmdlet| &**cmdlet).collect();
        if !named.is_empty() {
            let more = match lacking.count() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let message = format!(
                "{} may not give what it has not: {}{more} for {scope}, as {} would have.",
                principal.name(),
                named.join(", "),
                after.name
            );
            return Err(ErrorRecord::new("RoleExceedsOwn", Category::PermissionDenied, message)
                .target(after.name.clone())
                .hint("Leave them out with -Cmdlets @{Remove=…}, narrow the scopes, or ask a CsAdministrator."));
        }
    }
    Ok(())
}

/// Whether a role has one of the scopes of another.
type Has<'a> = Box<dyn Fn(&Role) -> bool + 'a>;

/// The scopes of a role, each with the question whether another role has it.
fn scopes(of: &Role) -> Vec<(String, Has<'_>)> {
    let config = of.config_scopes.iter().map(|scope| {
        let place = match scope {
            ConfigScope::Global => Place::Global,
            ConfigScope::Site(site) => Place::Site(site.clone()),
        };
        let has: Has = Box::new(move |role| role.config_scopes.iter().any(|scope| scope.has(&place)));
        (scope.to_string(), has)
    });
    let users = of.user_scopes.iter().map(|scope| {
        let has: Has = match scope {
            UserScope::Global => Box::new(|role| role.user_scopes.contains(&UserScope::Global)),
            UserScope::Ou(ou) => {
                let place = Place::User(ou.clone());
                Box::new(move |role| role.user_scopes.iter().any(|scope| scope.has(&place)))
            }
        };
        let name = match scope {
            UserScope::Global => "all users".to_string(),
            ou => ou.to_string(),
        };
        (name, has)
    });
    config.chain(users).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::role::sorted;

    fn role(name: &str, cmdlets: &[&str], config: &[&str], users: &[&str]) -> Role {
        Role {
            name: name.into(),
            about: "".into(),
            sid: "".into(),
            standard: false,
            group: false,
            template: None,
            cmdlets: sorted(cmdlets.iter().map(|name| Str::from(*name)).collect()),
            script_modules: Vec::new(),
            config_scopes: config.iter().map(|scope| ConfigScope::parse(scope).unwrap()).collect(),
            user_scopes: users.iter().map(|scope| UserScope::parse(scope).unwrap()).collect(),
            version: 0,
        }
    }

    type Texts<'a> = &'a [&'a str];

    #[test]
    fn nobody_gives_what_is_not_held() {
        let roles = Roles::predefined();
        let desk = Principal::named("desk", &["CsHelpDesk"]);
        let ou = "OU:ou=Redmond,dc=litwareinc,dc=com";
        let cases: [(Texts, Texts, Texts, bool); 5] = [
            (&["Get-CsUser"], &["Global"], &["Global"], true),
            (&["Get-CsUser"], &["site:Redmond"], &[ou], true),
            (&["Get-CsUser", "Set-CsVoicePolicy"], &["site:Redmond"], &[], false),
            (&["New-CsAdminRole"], &["Global"], &[], false),
            (&[], &["Global"], &["Global"], true),
        ];
        for (cmdlets, config, users, may) in cases {
            let after = role("x", cmdlets, config, users);
            let given = check_given(&roles, &desk, None, &after);
            assert_eq!(given.map_err(|e| e.id().to_string()), if may { Ok(()) } else { Err("RoleExceedsOwn".into()) });
            assert!(check_given(&roles, &Principal::owner("me"), None, &after).is_ok());
        }
    }

    #[test]
    fn what_a_role_had_may_stay_where_it_had_it() {
        let roles = Roles::predefined();
        let desk = Principal::named("desk", &["CsHelpDesk"]);
        let before = role("x", &["Set-CsVoicePolicy"], &["site:Redmond"], &[]);
        let more = role("x", &["Get-CsUser", "Set-CsVoicePolicy"], &["site:Redmond"], &[]);
        assert!(check_given(&roles, &desk, Some(&before), &more).is_ok());
        let wider = role("x", &["Set-CsVoicePolicy"], &["site:Redmond", "site:Dublin"], &[]);
        assert_eq!(check_given(&roles, &desk, Some(&before), &wider).unwrap_err().id(), "RoleExceedsOwn");
    }

    #[test]
    fn an_administrator_may_give_all() {
        let roles = Roles::predefined();
        let admin = Principal::named("admin", &["CsAdministrator"]);
        for standard in roles.all() {
            assert!(check_given(&roles, &admin, None, standard).is_ok(), "{}", standard.name);
        }
    }
}
