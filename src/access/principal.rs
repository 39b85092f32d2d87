//! Who runs a cmdlet.

use crate::env::users;
use crate::error::{Category, ErrorRecord};
use crate::people::{Directory, User};
use crate::value::same_name;

/// Who runs a cmdlet: the owner of the files, or a user of the directory with the groups that the user is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    name: String,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Owner,
    User { dn: String, groups: Vec<String> },
}

impl Principal {
    /// The owner of the files: administrator.
    pub fn owner(name: impl Into<String>) -> Principal {
        Principal { name: name.into(), kind: Kind::Owner }
    }

    /// Somebody by name and groups, whom no directory knows.
    pub fn named(name: impl Into<String>, groups: &[&str]) -> Principal {
        let groups = groups.iter().map(|group| (*group).to_string()).collect();
        Principal { name: name.into(), kind: Kind::User { dn: String::new(), groups } }
    }

    /// A user of the directory.
    pub fn of_user(directory: &Directory, user: &User) -> Principal {
        let groups = directory.groups_of(user);
        Principal { name: user.sam_account_name.clone(), kind: Kind::User { dn: user.dn.clone(), groups } }
    }

    /// A user of the directory by any of its names.
    ///
    /// # Errors
    /// `PrincipalNotFound`, with the near name.
    pub fn find(directory: &Directory, identity: &str) -> Result<Principal, ErrorRecord> {
        match directory.find_user(identity) {
            Ok(user) => Ok(Principal::of_user(directory, user)),
            Err(error) => {
                let message = format!("Nobody in the directory of this deployment is '{identity}'.");
                let new = ErrorRecord::new("PrincipalNotFound", Category::ObjectNotFound, message).target(identity);
                Err(error.hints().iter().fold(new, |new, hint| new.hint(hint.clone())))
            }
        }
    }

    /// Who this process may be on a host directory whose files belong to `owner`, a user of the operating system. That
    /// user, and root, is administrator, and may be anybody with `user`; anybody else is the user of that name in the
    /// directory.
    ///
    /// # Errors
    /// `PrincipalNotFound`; `AccessDenied` where somebody else than the owner asks to be another.
    pub fn of_process(
        owner: u32,
        user: Option<&str>,
        directory: impl FnOnce() -> Result<Directory, ErrorRecord>,
    ) -> Result<Principal, ErrorRecord> {
        Principal::of_uid(rustix::process::geteuid().as_raw(), owner, user, directory)
    }

    /// The same for another process, whose user of the operating system the kernel names.
    ///
    /// # Errors
    /// Those of [`Principal::of_process`].
    pub fn of_uid(
        uid: u32,
        owner: u32,
        user: Option<&str>,
        directory: impl FnOnce() -> Result<Directory, ErrorRecord>,
    ) -> Result<Principal, ErrorRecord> {
        let me = operating_system_user(uid);
        // No file's owner can keep root out.
        match (uid == owner || uid == 0, user) {
            (true, None) => Ok(Principal::owner(me)),
            (true, Some(user)) => Principal::find(&directory()?, user),
            (false, Some(user)) if !same_name(user, &me) => {
                let message = format!("{me} does not own the files of this deployment, so may not be {user} there.");
                Err(ErrorRecord::new("AccessDenied", Category::PermissionDenied, message)
                    .hint("Leave out --user, or run it as the owner of the files."))
            }
            (false, _) => Principal::find(&directory()?, &me),
        }
    }

    /// The person that a certificate names.
    ///
    /// # Errors
    /// `PrincipalNotFound`; `AccessDenied` where the person asks to be another.
    pub fn of_person(directory: &Directory, person: &str, user: Option<&str>) -> Result<Principal, ErrorRecord> {
        let principal = Principal::find(directory, person)?;
        let same = |user: &str| directory.find_user(user).is_ok_and(|user| same_name(&user.sam_account_name, person));
        match user {
            Some(user) if !same(user) => {
                let message = format!("The certificate names {person}, who may not be {user}.");
                Err(ErrorRecord::new("AccessDenied", Category::PermissionDenied, message)
                    .hint("Leave out --user, or use a certificate of that user."))
            }
            _ => Ok(principal),
        }
    }

    /// The name: logon name of a user.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether this is the owner of the files.
    pub fn is_owner(&self) -> bool {
        self.kind == Kind::Owner
    }

    /// The groups that the user is in, through other groups too. The owner needs none.
    pub fn groups(&self) -> &[String] {
        match &self.kind {
            Kind::Owner => &[],
            Kind::User { groups, .. } => groups,
        }
    }

    /// The distinguished name of a user of the directory.
    pub fn dn(&self) -> Option<&str> {
        match &self.kind {
            Kind::User { dn, .. } if !dn.is_empty() => Some(dn),
            _ => None,
        }
    }
}

/// The name of a user of the operating system by its number.
fn operating_system_user(uid: u32) -> String {
    users::name_of(uid).unwrap_or_else(|| format!("uid {uid}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_of_the_files_is_administrator() {
        let me = rustix::process::geteuid().as_raw();
        let principal = Principal::of_process(me, None, || Ok(Directory::default())).unwrap();
        assert!(principal.is_owner());
        let error = Principal::of_process(me, Some("nobody.at.all"), || Ok(Directory::default())).unwrap_err();
        assert_eq!(error.id(), "PrincipalNotFound");
    }
}
