//! Identities: `Global`, `Site:Redmond`, `Service:Registrar:dub-pool.litwareinc.com`, `Tag:Sales`, an element's name.

use super::family::{Family, Kind, Scope};
use crate::error::{Category, ErrorRecord};
use crate::store::DocumentId;
use crate::topology::Topology;
use crate::value::{near::nearest, same_name, wildcard::has_wildcard};
use std::fmt;

/// Which object of a family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The global one.
    Global,
    /// That of a site, by the site's name.
    Site(String),
    /// That of a service.
    Service {
        /// `Registrar`.
        role: String,
        /// The pool.
        pool: String,
    },
    /// A per-user policy, by name.
    Tag(String),
    /// An element: the parts of its key.
    Element(Vec<String>),
}

impl Identity {
    /// Reads an identity as users give it: any case, a per-user policy without `Tag:`, an element without its prefix.
    /// Sites and services get the topology's spelling.
    ///
    /// # Errors
    /// `SiteNotFound`, `ServiceNotFound`; `InvalidScope` where the family has no such scope; `InvalidIdentity`.
    pub fn parse(family: &Family, text: &str, topology: &Topology) -> Result<Identity, ErrorRecord> {
        let text = text.trim();
        if family.kind == Kind::Element {
            return element(family, text);
        }
        let (prefix, rest) = text.split_once(':').unwrap_or(("", text));
        let identity = if prefix.is_empty() && same_name(text, "Global") {
            Identity::Global
        } else if prefix.is_empty() || same_name(prefix, "Tag") {
            Identity::Tag(rest.trim().to_string())
        } else if same_name(prefix, "Site") {
            require(family, Scope::Site, text)?;
            Identity::Site(topology.site(rest.trim())?.name.clone())
        } else if same_name(prefix, "Service") {
            require(family, Scope::Service, text)?;
            let service = topology.service(rest.trim())?;
            if !family.services.iter().any(|role| same_name(role, &service.role)) {
                let message = format!(
                    "A {} belongs to a service of the role {}, '{text}' names a {}.",
                    family.what,
                    family.services.join(" or "),
                    service.role
                );
                return Err(ErrorRecord::new("InvalidScope", Category::InvalidArgument, message).target(text));
            }
            Identity::Service { role: service.role.clone(), pool: service.pool.clone() }
        } else {
            let message = format!("'{prefix}' in '{text}' is no scope.");
            let error = ErrorRecord::new("InvalidIdentity", Category::InvalidArgument, message).target(text);
            let error = match nearest(prefix, ["Site", "Service", "Tag"]) {
                Some(near) => error.hint(format!("Did you mean '{near}:{rest}'?")),
                None => error,
            };
            return Err(error.hint(format!("Its scopes: {}.", scopes(family))));
        };
        require(family, identity.scope().unwrap_or(Scope::Global), text)?;
        if let Identity::Tag(name) = &identity {
            check_name(family, name, text)?;
        }
        Ok(identity)
    }

    /// The scope; `None` of an element.
    pub fn scope(&self) -> Option<Scope> {
        match self {
            Identity::Global => Some(Scope::Global),
            Identity::Site(_) => Some(Scope::Site),
            Identity::Service { .. } => Some(Scope::Service),
            Identity::Tag(_) => Some(Scope::Tag),
            Identity::Element(_) => None,
        }
    }

    /// The name without its scope: `Redmond`, the pool of a service, a policy's name, the key of an element.
    pub fn name(&self) -> String {
        match self {
            Identity::Global => "Global".into(),
            Identity::Site(name) | Identity::Tag(name) => name.clone(),
            Identity::Service { pool, .. } => pool.clone(),
            Identity::Element(parts) => parts.join("/"),
        }
    }

    /// As it prints: `Site:Redmond`, `TrustedApplicationPool:apps.litwareinc.com`.
    pub fn text(&self, family: &Family) -> String {
        match self {
            Identity::Element(parts) => format!("{}{}", family.identity_prefix, parts.join("/")),
            scoped => scoped.to_string(),
        }
    }

    /// Whether both are the same, whatever the case.
    pub fn same(&self, other: &Identity) -> bool {
        same_name(&self.to_string(), &other.to_string()) && self.scope() == other.scope()
    }

    /// The document of the object.
    pub fn document_id(&self, family: &Family) -> DocumentId {
        match self {
            Identity::Element(parts) => DocumentId::new(&family.name, "Global", &parts.join("/")),
            scoped => DocumentId::new(&family.name, &scoped.to_string(), ""),
        }
    }

    /// The identity of a document of the family; `None` if its scope is none.
    pub fn of_document(family: &Family, id: &DocumentId) -> Option<Identity> {
        if family.kind == Kind::Element {
            return Some(Identity::Element(id.key.splitn(family.key.len().max(1), '/').map(String::from).collect()));
        }
        match id.scope.split_once(':') {
            None if same_name(&id.scope, "Global") => Some(Identity::Global),
            Some(("Site", name)) => Some(Identity::Site(name.into())),
            Some(("Tag", name)) => Some(Identity::Tag(name.into())),
            Some(("Service", rest)) => {
                let (role, pool) = rest.split_once(':')?;
                Some(Identity::Service { role: role.into(), pool: pool.into() })
            }
            _ => None,
        }
    }

    /// Identities sort global, sites, services, tags, and by name within.
    pub fn sort_key(&self) -> (Option<Scope>, String) {
        (self.scope(), self.to_string().to_lowercase())
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Identity::Global => f.write_str("Global"),
            Identity::Site(name) => write!(f, "Site:{name}"),
            Identity::Service { role, pool } => write!(f, "Service:{role}:{pool}"),
            Identity::Tag(name) => write!(f, "Tag:{name}"),
            Identity::Element(parts) => f.write_str(&parts.join("/")),
        }
    }
}

/// The scopes of a family, for messages.
pub fn scopes(family: &Family) -> String {
    let form = |scope: &Scope| match scope {
        Scope::Global => "Global".to_string(),
        Scope::Site => "Site:NAME".to_string(),
        Scope::Service => format!("Service:{}:POOL", family.services.join("|")),
        Scope::Tag => "Tag:NAME".to_string(),
    };
    family.scopes.iter().map(form).collect::<Vec<_>>().join(", ")
}

fn require(family: &Family, scope: Scope, text: &str) -> Result<(), ErrorRecord> {
    if family.has_scope(scope) {
        return Ok(());
    }
    let message = format!("There are no {} at the scope that '{text}' names.", plural(&family.what));
    let error = ErrorRecord::new("InvalidScope", Category::InvalidArgument, message).target(text);
    Err(error.hint(format!("Scopes of {}: {}.", plural(&family.what), scopes(family))))
}

/// `voice policy` as `voice policies`.
pub fn plural(what: &str) -> String {
    match what.strip_suffix('y') {
        _ if what.ends_with('s') => what.to_string(),
        Some(stem) => format!("{stem}ies"),
        None => format!("{what}s"),
    }
}

fn check_name(family: &Family, name: &str, text: &str) -> Result<(), ErrorRecord> {
    let bad = |c: char| c == ':' || c == '/' || c == '\\' || c.is_control();
    if !name.is_empty() && !name.contains(bad) && !has_wildcard(name) {
        return Ok(());
    }
    let message = format!("'{text}' is not the identity of a {}.", family.what);
    let error = ErrorRecord::new("InvalidIdentity", Category::InvalidArgument, message).target(text);
    Err(match has_wildcard(name) {
        true => error.hint("-Identity takes no wildcards; -Filter does."),
        false => error.hint("A name is not empty and has no ':', '/' or '\\'."),
    })
}

fn element(family: &Family, text: &str) -> Result<Identity, ErrorRecord> {
    let rest = without(text, "Global/");
    let rest = without(rest, &family.identity_prefix);
    let parts: Vec<String> = rest
        .splitn(family.key.len().max(1), '/')
        .zip(&family.key)
        .map(|(part, name)| with_prefix(family, name, part.trim()))
        .collect();
    let bad = |part: &String| part.is_empty() || part.contains(char::is_control) || has_wildcard(part);
    if parts.len() != family.key.len() || parts.iter().any(bad) {
        let message = format!("'{text}' is not the identity of a {}.", family.what);
        let error = ErrorRecord::new("InvalidIdentity", Category::InvalidArgument, message).target(text);
        return Err(match has_wildcard(text) {
            true => error.hint("-Identity takes no wildcards; -Filter does."),
            false => error.hint(format!("It is made of {}.", family.key.join("/"))),
        });
    }
    Ok(Identity::Element(parts))
}

/// A text without what stands before it, in any case.
fn without<'a>(text: &'a str, prefix: &str) -> &'a str {
    match (text.get(..prefix.len()), text.get(prefix.len()..)) {
        (Some(head), Some(rest)) if same_name(head, prefix) => rest,
        _ => text,
    }
}

/// A part of an element's key with what stands before it.
pub fn with_prefix(family: &Family, key: &str, part: &str) -> String {
    match family.key_prefix.get(key) {
        Some(prefix) if !part.get(..prefix.len()).is_some_and(|head| same_name(head, prefix)) && !part.is_empty() => {
            format!("{prefix}{part}")
        }
        _ => part.to_string(),
    }
}
