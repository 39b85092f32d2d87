//! Who a caller is in the deployment's directory.

use crate::access::Principal;
use crate::deployment::Deployment;
use crate::error::ErrorRecord;
use crate::people::Directory;

/// Who calls, as the certificate or the kernel proves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// The person that a certificate names, by account name.
    Person(String),
    /// A user of this computer's operating system, by number.
    Unix(u32),
    /// Somebody who was decided on elsewhere.
    Known(Principal),
}

impl Caller {
    /// The principal that the caller is, or asks to be.
    ///
    /// # Errors
    /// `PrincipalNotFound`; `AccessDenied` where somebody who may not asks to be another; those of the store.
    pub fn principal(&self, deployment: &Deployment, user: Option<&str>) -> Result<Principal, ErrorRecord> {
        let directory = || Directory::load(deployment.store());
        match self {
            Caller::Person(name) => Principal::of_person(&directory()?, name, user),
            Caller::Unix(uid) => Principal::of_uid(*uid, deployment.owner_uid()?, user, directory),
            Caller::Known(principal) => match user {
                Some(user) if principal.is_owner() => Principal::find(&directory()?, user),
                _ => Ok(principal.clone()),
            },
        }
    }
}
