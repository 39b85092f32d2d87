//! What cmdlets ask of the user stores, whether a server runs here or only its files are here.

use super::document::{UserDocument, What};
use crate::audit::Entry;
use crate::error::ErrorRecord;
use serde::{Deserialize, Serialize};

/// Which documents.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Query {
    /// Of the user with this distinguished name; of all users if `None`.
    pub dn: Option<String>,
    /// Of this kind; of all if `None`.
    pub what: Option<What>,
}

/// One change of a user's document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub enum DocumentChange {
    /// Keeps it in place of what is there.
    Put(UserDocument),
    /// Deletes it.
    Remove {
        /// The user's distinguished name.
        dn: String,
        /// What it is.
        what: What,
    },
}

/// Changes of documents of a pool's users, all or none, with the leave of who gave the order.
#[derive(Clone, Debug)]
pub struct Order {
    /// What is to change.
    pub changes: Vec<DocumentChange>,
    /// Whose leave: made of the grant that `access::authorize` gave. The row of the change is in the user store.
    pub entry: Entry,
}

/// What cmdlets ask of the user stores of pools.
pub trait Control: Send + Sync {
    /// Hands documents of a pool's users to `each`, as of one moment, until it gives `false`.
    ///
    /// # Errors
    /// `RoleNotPresent`, `HostUnreachable`, `StoreNotActive` where another computer holds the pool's users now; those of
    /// the store.
    fn documents(
        &self,
        pool: &str,
        query: &Query,
        each: &mut dyn FnMut(UserDocument) -> Result<bool, ErrorRecord>,
    ) -> Result<(), ErrorRecord>;

    /// Changes documents of a pool's users; gives the version of the user store after it, and whether that is another one.
    ///
    /// # Errors
    /// Those of [`Control::documents`]; `PoolReadOnly` while the pool is failing over; `UserDocumentTooLarge`.
    fn change(&self, pool: &str, order: &Order) -> Result<u64, ErrorRecord>;
}
