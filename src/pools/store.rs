//! A pool's user store at the place where this process has it open.

use super::control::{Control, DocumentChange, Order, Query};
use super::document::{UserDocument, What};
use crate::env::Clock;
use crate::error::{Category, ErrorRecord};
use crate::store::{Change, Grant, SqliteStore, Store};
use std::path::PathBuf;
use std::sync::Arc;

/// The id of what ends a walk that wants no more.
const ENOUGH: &str = "OperationStopped";

/// Hands documents of a user store to `each` until it gives `false`.
///
/// # Errors
/// Those of the store, and what `each` ends it with.
pub fn list(
    store: &dyn Store,
    query: &Query,
    each: &mut dyn FnMut(UserDocument) -> Result<bool, ErrorRecord>,
) -> Result<(), ErrorRecord> {
    let wanted = |what: What| query.what.is_none_or(|wanted| wanted == what);
    if let Some(dn) = &query.dn {
        for what in What::ALL.into_iter().filter(|what| wanted(*what)) {
            let found = store.get(&UserDocument::id(dn, what))?;
            if let Some(document) = found.as_ref().and_then(UserDocument::of)
                && !each(document)?
            {
                return Ok(());
            }
        }
        return Ok(());
    }
    let mut enough = false;
    let walked = store.read_after(None, &mut |_| Ok(()), &mut |document| {
        let Some(document) = UserDocument::of(&document).filter(|document| wanted(document.what)) else {
            return Ok(());
        };
        if each(document)? {
            return Ok(());
        }
        enough = true;
        Err(ErrorRecord::new(ENOUGH, Category::OperationStopped, "No more documents are wanted."))
    });
    if enough { Ok(()) } else { walked }
}

/// Makes the changes of an order in a user store; gives the version after it.
///
/// # Errors
/// `UserDocumentTooLarge`, `StoreNotActive`, and those of the store.
pub fn change(store: &dyn Store, grant: &Grant, changes: &[DocumentChange]) -> Result<u64, ErrorRecord> {
    let changes: Result<Vec<Change>, ErrorRecord> = changes
        .iter()
        .map(|change| match change {
            DocumentChange::Put(document) => document.change(),
            DocumentChange::Remove { dn, what } => Ok(UserDocument::removal(dn, *what)),
        })
        .collect();
    store.commit(grant, &changes?)
}

/// The user store of a pool in a file of this computer, without a server: for a session that holds the host directory.
pub struct LocalStore {
    pool: String,
    path: PathBuf,
    clock: Arc<dyn Clock>,
}

impl LocalStore {
    /// That of a pool, in a file that is there.
    pub fn new(pool: &str, path: PathBuf, clock: Arc<dyn Clock>) -> LocalStore {
        LocalStore { pool: pool.to_string(), path, clock }
    }

    fn open(&self, pool: &str) -> Result<SqliteStore, ErrorRecord> {
        if !pool.eq_ignore_ascii_case(&self.pool) {
            let message = format!("The user store of {pool} is not active on this computer.");
            return Err(ErrorRecord::new("StoreNotActive", Category::ResourceUnavailable, message)
                .hint("Start the servers (reeve serve, reeve lab): then it is found wherever it is."));
        }
        SqliteStore::open_with(&self.path, self.clock.clone()).map(SqliteStore::without_server)
    }
}

impl Control for LocalStore {
    fn documents(
        &self,
        pool: &str,
        query: &Query,
        each: &mut dyn FnMut(UserDocument) -> Result<bool, ErrorRecord>,
    ) -> Result<(), ErrorRecord> {
        list(&self.open(pool)?, query, each)
    }

    fn change(&self, pool: &str, order: &Order) -> Result<u64, ErrorRecord> {
        change(&self.open(pool)?, &Grant::relayed(order.entry.clone()), &order.changes)
    }
}
