//! What a pool keeps of a user, carried to the pool that the user moves to.
//!
//! The old pool's documents count until the account names the new one, and the new pool's from then on. So they are
//! copied first, the account is moved, and what was changed at the old pool meanwhile is brought after it; only then do
//! they go from the old pool. Cut off before the account moved, nothing has happened but a copy that the next try
//! overwrites; cut off after it, some lie at the old pool still, where nobody reads them.

use crate::cmdlet::Context;
use crate::cmdlets::user_data::reach;
use crate::error::{ErrorRecord, Halt};
use crate::people::User;
use crate::pools::{Control, DocumentChange, Order, Query, UserDocument};
use crate::store::Grant;
use crate::topology::{Database, Topology};
use std::sync::Arc;

/// Documents on their way from one pool to another.
pub(super) struct Carried {
    dn: String,
    from: String,
    to: String,
    source: Arc<dyn Control>,
    target: Arc<dyn Control>,
    /// As they were when they were copied.
    copied: Vec<UserDocument>,
}

/// Copies a user's documents to a pool, before the account is moved there. `None` where there is nothing to carry.
///
/// # Errors
/// `HostUnreachable` and its like where one of the pools cannot be reached. With `force` what the old pool keeps is given
/// up then, with a warning.
pub(super) fn copy(
    user: &User,
    to: &str,
    force: bool,
    topology: &Topology,
    grant: &Grant,
    cx: &mut Context,
) -> Result<Option<Carried>, Halt> {
    let from = user.registrar_pool.clone();
    if topology.require_database(&Database::users(&from)).is_err() {
        return Ok(None);
    }
    match copied(user, &from, to, grant, cx) {
        Err(Halt::Error(error)) if force => {
            cx.warning(format!(
                "What {from} keeps of '{}' (contacts, conferences) is not carried over and stays there: {error}",
                user.display_name
            ));
            Ok(None)
        }
        Err(Halt::Error(error)) => {
            let hint = "-Force moves the account without what the old pool keeps of the user, where that pool is lost.";
            Err(error.hint(hint).into())
        }
        done => done,
    }
}

fn copied(user: &User, from: &str, to: &str, grant: &Grant, cx: &Context) -> Result<Option<Carried>, Halt> {
    let source = reach(cx, from)?;
    let copied = documents(&*source, from, &user.dn)?;
    if copied.is_empty() {
        return Ok(None);
    }
    let target = reach(cx, to)?;
    // What is there is of an earlier stay.
    let stale = documents(&*target, to, &user.dn)?;
    let stale = stale.iter().filter(|old| copied.iter().all(|document| document.what != old.what)).map(removal);
    let changes = copied.iter().cloned().map(DocumentChange::Put).chain(stale).collect();
    target.change(to, &Order { changes, entry: grant.entry("Changed") })?;
    Ok(Some(Carried { dn: user.dn.clone(), from: from.to_string(), to: to.to_string(), source, target, copied }))
}

impl Carried {
    /// After the account is moved: brings what was changed meanwhile, and deletes all at the old pool.
    pub(super) fn finish(self, grant: &Grant, cx: &mut Context) {
        let count = self.copied.len();
        match self.taken(grant) {
            Ok(()) => cx.verbose(format!("{count} documents were carried from {} to {}.", self.from, self.to)),
            Err(error) => cx.warning(format!(
                "{count} documents of '{}' were carried to {}, and some may lie at {} still, where nobody reads them: {error}",
                self.dn, self.to, self.from
            )),
        }
    }

    fn taken(&self, grant: &Grant) -> Result<(), ErrorRecord> {
        let left = documents(&*self.source, &self.from, &self.dn)?;
        let there = documents(&*self.target, &self.to, &self.dn)?;
        let same = |list: &[UserDocument], one: &UserDocument| {
            list.iter().any(|other| other.what == one.what && other.value == one.value)
        };
        // Changed here after it was copied, and not changed there since: the last word is this one.
        let late = left.iter().filter(|document| {
            let before = self.copied.iter().find(|copy| copy.what == document.what);
            let changed = before.is_none_or(|copy| copy.version != document.version);
            let untouched = match before {
                Some(copy) => same(&there, copy),
                None => there.iter().all(|other| other.what != document.what),
            };
            changed && untouched
        });
        let late: Vec<DocumentChange> = late.cloned().map(DocumentChange::Put).collect();
        if !late.is_empty() {
            self.target.change(&self.to, &Order { changes: late, entry: grant.entry("Changed") })?;
        }
        let changes: Vec<DocumentChange> = left.iter().map(removal).collect();
        if !changes.is_empty() {
            self.source.change(&self.from, &Order { changes, entry: grant.entry("Changed") })?;
        }
        Ok(())
    }
}

fn removal(document: &UserDocument) -> DocumentChange {
    DocumentChange::Remove { dn: document.dn.clone(), what: document.what }
}

/// A user's documents at a pool: as many as there are kinds at most.
fn documents(pool: &dyn Control, name: &str, dn: &str) -> Result<Vec<UserDocument>, ErrorRecord> {
    let mut found = Vec::new();
    let query = Query { dn: Some(dn.to_string()), what: None };
    pool.documents(name, &query, &mut |document| {
        found.push(document);
        Ok(true)
    })?;
    Ok(found)
}
