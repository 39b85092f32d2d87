//! Places that a cmdlet touches, and the scopes of roles that have them or not.

use crate::error::{Category, ErrorRecord};
use crate::people::dn;
use crate::value::same_name;
use std::fmt;

/// A place in the deployment that a cmdlet touches, as the scopes of roles see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The deployment as a whole: global settings, the topology, roles.
    Global,
    /// A site by its identity, `Site:Redmond`: its pools, computers, services, and configuration of its scope.
    Site(String),
    /// A user by the distinguished name of the OU that holds it.
    User(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Global => f.write_str("Global"),
            Place::Site(site) => write!(f, "site:{}", site_name(site)),
            Place::User(ou) => write!(f, "OU:{ou}"),
        }
    }
}

/// Where a role may read and change configuration, pools, computers and services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigScope {
    /// Everywhere.
    Global,
    /// In a site, by its id.
    Site(String),
}

/// Which users a role is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserScope {
    /// All.
    Global,
    /// Those below an organisational unit, by its distinguished name.
    Ou(String),
}

impl ConfigScope {
    /// From `Global` or `site:Redmond`.
    ///
    /// # Errors
    /// `InvalidScope`.
    pub fn parse(text: &str) -> Result<ConfigScope, ErrorRecord> {
        match text.trim() {
            global if same_name(global, "Global") => Ok(ConfigScope::Global),
            site if strip(site, "site:").is_some_and(|name| !name.trim().is_empty()) => {
                Ok(ConfigScope::Site(site_name(site).to_string()))
            }
            other => Err(invalid(other, "A configuration scope is 'Global' or 'site:' and the id of a site.")),
        }
    }

    /// Whether it has a place.
    pub fn has(&self, place: &Place) -> bool {
        match (self, place) {
            (ConfigScope::Global, Place::Global | Place::Site(_)) => true,
            (ConfigScope::Site(mine), Place::Site(site)) => same_name(site_name(mine), site_name(site)),
            _ => false,
        }
    }
}

impl UserScope {
    /// From `Global` or `OU:ou=Redmond,dc=litwareinc,dc=com`.
    ///
    /// # Errors
    /// `InvalidScope`.
    pub fn parse(text: &str) -> Result<UserScope, ErrorRecord> {
        match text.trim() {
            global if same_name(global, "Global") => Ok(UserScope::Global),
            other => match strip(other, "OU:").map(str::trim) {
                Some(name) if is_name(name) => Ok(UserScope::Ou(name.to_string())),
                _ => {
                    let hint = "A user scope is 'Global' or 'OU:' and a distinguished name: OU:ou=Redmond,dc=litwareinc,dc=com.";
                    Err(invalid(other, hint))
                }
            },
        }
    }

    /// Whether it has a place.
    pub fn has(&self, place: &Place) -> bool {
        match (self, place) {
            (UserScope::Global, Place::User(_)) => true,
            (UserScope::Ou(mine), Place::User(ou)) => dn::within(ou, mine),
            _ => false,
        }
    }
}

impl fmt::Display for ConfigScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigScope::Global => f.write_str("Global"),
            ConfigScope::Site(site) => write!(f, "site:{site}"),
        }
    }
}

impl fmt::Display for UserScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UserScope::Global => f.write_str("Global"),
            UserScope::Ou(name) => write!(f, "OU:{name}"),
        }
    }
}

/// A site's name without `Site:`.
fn site_name(site: &str) -> &str {
    strip(site.trim(), "site:").unwrap_or(site).trim()
}

fn strip<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

/// Whether every part of a distinguished name has an attribute and a value.
fn is_name(name: &str) -> bool {
    let whole = |part: &str| part.split_once('=').is_some_and(|(a, v)| !a.trim().is_empty() && !v.trim().is_empty());
    dn::parts(name).into_iter().all(whole)
}

fn invalid(text: &str, hint: &str) -> ErrorRecord {
    ErrorRecord::new("InvalidScope", Category::InvalidArgument, format!("'{text}' is no scope."))
        .hint(hint)
        .target(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configuration_scopes_have_sites() {
        let site = |name: &str| Place::Site(name.into());
        let cases = [
            ("Global", Place::Global, true),
            ("global", site("Site:Redmond"), true),
            ("site:Redmond", site("Site:Redmond"), true),
            ("Site: redmond", site("Redmond"), true),
            ("site:Redmond", site("Site:Redmond2"), false),
            ("site:Redmond", Place::Global, false),
            ("Global", Place::User("ou=x".into()), false),
        ];
        for (scope, place, has) in cases {
            assert_eq!(ConfigScope::parse(scope).unwrap().has(&place), has, "{scope} {place}");
        }
        for wrong in ["", "site:", "Redmond", "pool:x", "OU:ou=x"] {
            assert_eq!(ConfigScope::parse(wrong).unwrap_err().id(), "InvalidScope", "{wrong}");
        }
    }

    #[test]
    fn user_scopes_have_subtrees_part_by_part() {
        let cases = [
            ("OU:ou=Redmond,dc=litwareinc,dc=com", "OU=Redmond,DC=litwareinc,DC=com", true),
            ("OU:ou=Redmond,dc=litwareinc,dc=com", "ou=Sales, ou = REDMOND ,dc=litwareinc,dc=com", true),
            ("OU:ou=Redmond,dc=litwareinc,dc=com", "ou=NotRedmond,dc=litwareinc,dc=com", false),
            ("OU:ou=Redmond,dc=litwareinc,dc=com", "dc=litwareinc,dc=com", false),
            ("OU:ou=Redmond,dc=litwareinc,dc=com", "ou=Redmond,dc=litwareinc,dc=com,dc=evil", false),
            ("OU:ou=Redmond,dc=com", r"ou=a\,ou=Redmond,dc=com", false),
            ("OU:dc=com", "ou=a,dc=com", true),
            ("Global", "ou=any,dc=where", true),
        ];
        for (scope, ou, has) in cases {
            assert_eq!(UserScope::parse(scope).unwrap().has(&Place::User(ou.into())), has, "{scope} {ou}");
        }
        assert!(!UserScope::Global.has(&Place::Global));
        for wrong in ["", "OU:", "ou=Redmond,dc=com", "OU:Redmond", "OU:ou=,dc=com", "site:Redmond"] {
            assert_eq!(UserScope::parse(wrong).unwrap_err().id(), "InvalidScope", "{wrong}");
        }
    }
}
