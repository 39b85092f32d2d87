//! All roles of a deployment: the predefined, the groups of the management server, the custom ones of the store.

use super::principal::Principal;
use super::role::{KIND, Role};
use super::rules;
use crate::error::{Category, ErrorRecord};
use crate::people;
use crate::store::Store;
use crate::value::same_name;
use std::sync::Arc;

/// The roles of a deployment as of one version of its store.
#[derive(Clone, Debug)]
pub struct Roles {
    all: Vec<Arc<Role>>,
    version: u64,
}

impl Roles {
    /// The predefined roles alone.
    pub fn predefined() -> Roles {
        Roles { all: rules::predefined().to_vec(), version: 0 }
    }

    /// The same with these besides.
    #[must_use]
    pub fn with(mut self, roles: Vec<Role>) -> Roles {
        self.all.extend(roles.into_iter().map(Arc::new));
        self
    }

    /// No roles at all.
    pub(super) fn none() -> Roles {
        Roles { all: Vec::new(), version: 0 }
    }

    /// Reads the roles of a deployment.
    ///
    /// # Errors
    /// Those of the store; `StoreDamaged` where a document is none of a role.
    pub fn load(store: &dyn Store) -> Result<Roles, ErrorRecord> {
        // The version first: what changes behind it is seen as a change later.
        let version = store.version()?;
        let mut all = rules::predefined().to_vec();
        for document in store.list(KIND)? {
            all.push(Arc::new(Role::from_document(&document)?));
        }
        Ok(Roles { all, version })
    }

    /// Gives the predefined roles the security identifiers of their groups, where the directory has these.
    ///
    /// # Errors
    /// Those of the store.
    pub fn with_identifiers(mut self, store: &dyn Store) -> Result<Roles, ErrorRecord> {
        let groups = store.list(people::GROUP)?;
        let text = |body: &serde_json::Value, name: &str| body.get(name).and_then(|v| v.as_str()).map(str::to_string);
        for body in groups.iter().filter_map(|group| group.body.as_ref()) {
            let (Some(name), Some(sid)) = (text(body, "SamAccountName"), text(body, "Sid")) else { continue };
            let of_group = |role: &&mut Arc<Role>| role.standard && same_name(&role.name, &name);
            if let Some(role) = self.all.iter_mut().find(of_group).filter(|_| !sid.is_empty()) {
                Arc::make_mut(role).sid = sid.into();
            }
        }
        Ok(self)
    }

    /// The version of the store that they were read at.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// All of them: predefined roles, groups of the management server, custom roles by name.
    pub fn all(&self) -> &[Arc<Role>] {
        &self.all
    }

    /// The roles that Get-CsAdminRole shows: all but the groups of the management server.
    pub fn listed(&self) -> impl Iterator<Item = &Arc<Role>> {
        self.all.iter().filter(|role| !role.group)
    }

    /// The role of a name.
    pub fn get(&self, name: &str) -> Option<&Arc<Role>> {
        self.all.iter().find(|role| same_name(&role.name, name))
    }

    /// The role of a name.
    ///
    /// # Errors
    /// `RoleNotFound`, with the near name.
    pub fn find(&self, name: &str) -> Result<&Arc<Role>, ErrorRecord> {
        self.get(name).ok_or_else(|| {
            let message = format!("There is no role '{name}'.");
            let error = ErrorRecord::new("RoleNotFound", Category::ObjectNotFound, message).target(name);
            match crate::value::near::nearest(name, self.all.iter().map(|role| &*role.name)) {
                Some(near) => error.hint(format!("Did you mean '{near}'?")),
                None => error.hint("Get-CsAdminRole shows the roles that there are."),
            }
        })
    }

    /// The roles that a principal holds through its groups. The owner holds none and needs none.
    pub fn held_by<'a>(&'a self, principal: &'a Principal) -> impl Iterator<Item = &'a Arc<Role>> {
        self.all.iter().filter(|role| principal.groups().iter().any(|group| same_name(group, &role.name)))
    }

    /// The roles that have a cmdlet.
    pub fn holding<'a>(&'a self, cmdlet: &'a str) -> impl Iterator<Item = &'a Arc<Role>> {
        self.all.iter().filter(move |role| role.holds(cmdlet))
    }
}
