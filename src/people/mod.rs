//! The directory of a deployment: users, groups and organisational units.
//!
//! Each is a document of the store (kinds [`USER`], [`GROUP`], [`OU`]) whose key is its distinguished name.

pub mod dn;
pub mod filter;
pub mod groundwork;
mod group;
pub mod ldap;
mod record;
pub mod sample;
pub mod sip;
#[cfg(test)]
mod tests;
mod user;

pub use group::{Group, OrganizationalUnit};
pub use record::{ACCOUNT, ENTRY, Shape};
pub use user::User;

use crate::error::{Category, ErrorRecord};
use crate::store::{Change, Document, DocumentId, Expected, Store};
use crate::value::{near, same_name};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{HashMap, HashSet};

/// The kind of a user's document.
pub const USER: &str = "User";
/// The kind of a group's document.
pub const GROUP: &str = "Group";
/// The kind of an organisational unit's document.
pub const OU: &str = "OU";

/// The id of the document of a user, a group or an organisational unit.
pub fn document_id(kind: &str, dn: &str) -> DocumentId {
    DocumentId::new(kind, "Global", dn)
}

/// The directory as of one version of the store.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    users: Vec<(User, u64)>,
    groups: Vec<(Group, u64)>,
    ous: Vec<(OrganizationalUnit, u64)>,
    /// The version of the store that it was read at.
    version: u64,
    /// Names of users in lower case; of several users with one name all.
    by_name: HashMap<String, Vec<usize>>,
}

impl Directory {
    /// Reads the directory.
    ///
    /// # Errors
    /// Those of the store, and `StoreDamaged` where a document is none of a user, group or unit.
    pub fn load(store: &dyn Store) -> Result<Directory, ErrorRecord> {
        // The version first: what changes behind it is seen as a change later.
        let mut directory = Directory { version: store.version()?, ..Directory::default() };
        for document in store.list(USER)? {
            directory.users.push((body(&document)?, document.version));
        }
        for document in store.list(GROUP)? {
            directory.groups.push((body(&document)?, document.version));
        }
        for document in store.list(OU)? {
            directory.ous.push((body(&document)?, document.version));
        }
        directory.users.sort_by_key(|(user, _)| dn::normal(&user.dn));
        for at in 0..directory.users.len() {
            directory.index(at);
        }
        Ok(directory)
    }

    /// Takes over what changed in the store since it was read.
    ///
    /// # Errors
    /// Those of [`Directory::load`].
    pub fn follow(&mut self, store: &dyn Store) -> Result<(), ErrorRecord> {
        if store.version()? == self.version {
            return Ok(());
        }
        let changed = store.since(self.version)?;
        if changed.iter().any(|document| document.body.is_none() && is_entry(document)) {
            *self = Directory::load(store)?;
            return Ok(());
        }
        for document in &changed {
            self.version = self.version.max(document.version);
            let version = document.version;
            if same_name(&document.id.kind, USER) {
                self.put(body(document)?, version);
            } else if same_name(&document.id.kind, GROUP) {
                let group: Group = body(document)?;
                self.groups.retain(|(known, _)| !same_name(&known.dn, &group.dn));
                self.groups.push((group, version));
            } else if same_name(&document.id.kind, OU) {
                let ou: OrganizationalUnit = body(document)?;
                self.ous.retain(|(known, _)| !same_name(&known.dn, &ou.dn));
                self.ous.push((ou, version));
            }
        }
        Ok(())
    }

    /// Takes over a user that was changed or made meanwhile.
    pub fn put(&mut self, user: User, version: u64) {
        let Some(at) = self.users.iter().position(|(u, _)| u.dn == user.dn) else {
            self.users.push((user, version));
            self.index(self.users.len() - 1);
            return;
        };
        for name in self.users[at].0.names() {
            if let Some(found) = self.by_name.get_mut(&name.to_lowercase()) {
                found.retain(|other| *other != at);
            }
        }
        self.users[at] = (user, version);
        self.index(at);
    }

    /// Makes a user findable by its names.
    fn index(&mut self, at: usize) {
        for name in self.users[at].0.names() {
            let found = self.by_name.entry(name.to_lowercase()).or_default();
            if !found.contains(&at) {
                found.push(at);
            }
        }
    }

    /// All users, by distinguished name.
    pub fn users(&self) -> impl Iterator<Item = &User> {
        self.users.iter().map(|(user, _)| user)
    }

    /// All groups.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter().map(|(group, _)| group)
    }

    /// All organisational units.
    pub fn ous(&self) -> impl Iterator<Item = &OrganizationalUnit> {
        self.ous.iter().map(|(ou, _)| ou)
    }

    /// The version of the store at which a user changed last; 0 if the directory does not hold the user.
    pub fn version_of(&self, user: &User) -> u64 {
        let found = self.by_name.get(&dn::normal(&user.dn)).into_iter().flatten();
        found.map(|at| &self.users[*at]).find(|(u, _)| u.dn == user.dn).map_or(0, |(_, version)| *version)
    }

    /// The user of an identity: distinguished name, SIP address, UPN, `DOMAIN\logon`, display name, logon name, guid.
    ///
    /// # Errors
    /// `ManagementObjectNotFound` with the near name; `AmbiguousIdentity` where several users have it.
    pub fn find_user(&self, identity: &str) -> Result<&User, ErrorRecord> {
        let key = if dn::is_dn(identity) { dn::normal(identity) } else { identity.trim().to_lowercase() };
        match self.by_name.get(&key).map(Vec::as_slice) {
            Some([at]) => Ok(&self.users[*at].0),
            Some(several) if !several.is_empty() => {
                let text = format!("{} users are named '{identity}'.", several.len());
                let names: Vec<_> = several.iter().map(|at| self.users[*at].0.sam_account_name.as_str()).collect();
                let hint =
                    format!("Give the logon name, the SIP address or the distinguished name: {}.", names.join(", "));
                Err(ErrorRecord::new("AmbiguousIdentity", Category::InvalidArgument, text).hint(hint).target(identity))
            }
            _ => Err(self.no_user(identity)),
        }
    }

    fn no_user(&self, identity: &str) -> ErrorRecord {
        let text = format!("There is no user with the identity '{identity}' in the directory.");
        let error = ErrorRecord::new("ManagementObjectNotFound", Category::ObjectNotFound, text).target(identity);
        let names =
            self.users().flat_map(|u| [u.display_name.as_str(), u.sam_account_name.as_str(), u.sip_address.as_str()]);
        match near::nearest(identity, names) {
            Some(near) => error.hint(format!("Did you mean '{near}'?")),
            None => error.hint("A user is named by display name, logon name, DOMAIN\\logon name, UPN, SIP address or distinguished name."),
        }
    }

    /// The users that have a name, be it a logon name, an address or another by which a user is found.
    pub fn users_named<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a User> {
        let key = if dn::is_dn(name) { dn::normal(name) } else { name.trim().to_lowercase() };
        self.by_name.get(&key).into_iter().flatten().map(|at| &self.users[*at].0)
    }

    /// The group of a name or a distinguished name.
    pub fn find_group(&self, name: &str) -> Option<&Group> {
        let wanted = dn::normal(name);
        self.groups().find(|g| same_name(&g.sam_account_name, name) || dn::normal(&g.dn) == wanted)
    }

    /// The organisational unit of a distinguished name.
    ///
    /// # Errors
    /// `OUNotFound` with the near name.
    pub fn find_ou(&self, name: &str) -> Result<&OrganizationalUnit, ErrorRecord> {
        let wanted = dn::normal(name);
        self.ous().find(|ou| dn::normal(&ou.dn) == wanted).ok_or_else(|| {
            let text = format!("There is no organizational unit '{name}' in the directory.");
            let error = ErrorRecord::new("OUNotFound", Category::ObjectNotFound, text).target(name);
            match near::nearest(name, self.ous().map(|ou| ou.dn.as_str())) {
                Some(near) => error.hint(format!("Did you mean '{near}'?")),
                None => error,
            }
        })
    }

    /// The version of the store at which a group changed last; 0 if the directory does not hold it.
    pub fn version_of_group(&self, group: &Group) -> u64 {
        self.groups.iter().find(|(g, _)| g.dn == group.dn).map_or(0, |(_, version)| *version)
    }

    /// The version of the store at which a unit changed last; 0 if the directory does not hold it.
    pub fn version_of_ou(&self, ou: &OrganizationalUnit) -> u64 {
        self.ous.iter().find(|(o, _)| o.dn == ou.dn).map_or(0, |(_, version)| *version)
    }

    /// The groups whose list of members has a name.
    pub fn groups_with<'a>(&'a self, dn: &str) -> impl Iterator<Item = &'a Group> {
        let wanted = dn::normal(dn);
        self.groups().filter(move |group| group.members.iter().any(|member| dn::normal(member) == wanted))
    }

    /// The logon names of the groups that a user is in, through other groups too.
    pub fn groups_of(&self, user: &User) -> Vec<String> {
        let mut names: Vec<_> = self.groups_holding(&user.dn).map(|group| group.sam_account_name.clone()).collect();
        names.sort();
        names
    }

    /// The groups that a user or a group is in, through other groups too.
    pub fn groups_holding(&self, dn: &str) -> impl Iterator<Item = &Group> {
        let members: Vec<Vec<String>> =
            self.groups().map(|g| g.members.iter().map(|m| dn::normal(m)).collect()).collect();
        let mut held = HashSet::new();
        let mut to_do = vec![dn::normal(dn)];
        while let Some(member) = to_do.pop() {
            for (at, group) in self.groups().enumerate() {
                if members[at].contains(&member) && held.insert(at) {
                    to_do.push(dn::normal(&group.dn));
                }
            }
        }
        self.groups().enumerate().filter(move |(at, _)| held.contains(at)).map(|(_, group)| group)
    }

    /// The users in a group, through other groups too, by distinguished name.
    pub fn members_of(&self, group: &Group) -> Vec<&User> {
        let mut names = HashSet::new();
        let mut to_do: Vec<&Group> = vec![group];
        while let Some(group) = to_do.pop() {
            for member in &group.members {
                if names.insert(dn::normal(member)) {
                    to_do.extend(self.groups().find(|g| dn::normal(&g.dn) == dn::normal(member)));
                }
            }
        }
        self.users().filter(|user| names.contains(&dn::normal(&user.dn))).collect()
    }
}

/// A user as the store has it now, with the version at which it last changed.
///
/// # Errors
/// `ManagementObjectNotFound` if the user is gone, and those of the store.
pub fn read_user(store: &dyn Store, dn: &str) -> Result<(User, u64), ErrorRecord> {
    match store.get(&document_id(USER, dn))? {
        Some(document) => Ok((body(&document)?, document.version)),
        None => {
            let text = format!("The user '{dn}' is not in the directory any more.");
            Err(ErrorRecord::new("ManagementObjectNotFound", Category::ObjectNotFound, text).target(dn))
        }
    }
}

/// The change that keeps a user as it is now, in place of the version that it was read at.
///
/// # Errors
/// None: a user can always be written as JSON.
pub fn user_change(user: &User, version: u64) -> Result<Change, ErrorRecord> {
    change(USER, &user.dn, user, Expected::Version(version))
}

/// The change that keeps a group as it is now, in place of the version that it was read at.
///
/// # Errors
/// None: a group can always be written as JSON.
pub fn group_change(group: &Group, version: u64) -> Result<Change, ErrorRecord> {
    change(GROUP, &group.dn, group, Expected::Version(version))
}

/// The changes that make an entry of the directory. No entry of another kind may have its name meanwhile: members of a
/// group are names, and do not say of what.
///
/// # Errors
/// None: an entry can always be written as JSON.
pub fn new_entry(kind: &str, dn: &str, entry: &impl Serialize) -> Result<Vec<Change>, ErrorRecord> {
    let others = [USER, GROUP, OU].into_iter().filter(|other| *other != kind);
    let none = |kind: &str| Change { id: document_id(kind, dn), expected: Expected::Absent, body: None };
    let mut changes: Vec<Change> = others.map(none).collect();
    changes.push(change(kind, dn, entry, Expected::Absent)?);
    Ok(changes)
}

fn change(kind: &str, dn: &str, entry: &impl Serialize, expected: Expected) -> Result<Change, ErrorRecord> {
    let body = serde_json::to_value(entry)
        .map_err(|error| ErrorRecord::new("InvalidData", Category::InvalidData, error.to_string()))?;
    Ok(Change { id: document_id(kind, dn), expected, body: Some(body) })
}

/// Whether a document is an entry of the directory.
fn is_entry(document: &Document) -> bool {
    [USER, GROUP, OU].iter().any(|kind| same_name(&document.id.kind, kind))
}

fn body<T: DeserializeOwned>(document: &Document) -> Result<T, ErrorRecord> {
    let body = document.body.clone().unwrap_or_default();
    serde_json::from_value(body).map_err(|error| {
        let text = format!("The document '{}' cannot be read: {error}.", document.id);
        ErrorRecord::new("StoreDamaged", Category::InvalidData, text)
    })
}
