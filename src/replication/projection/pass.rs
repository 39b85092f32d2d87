//! One pass: the files are brought to where the database is.

use super::files::{FOLDER, Files, hash};
use super::name::file_name;
use crate::error::ErrorRecord;
use crate::replication::storage::{ReplicaStore, failed as store_failed};
use crate::store::DocumentId;
use crate::store::sqlite::unsigned;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use serde::Serialize;
use std::collections::HashSet;
use std::path::Path;

/// Where the database, its files and its hook are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    /// Counts the packages applied.
    pub(super) sequence: i64,
    /// Up to which the files are written.
    pub(super) projected: i64,
    /// Up to which the hook has run.
    pub(super) hooked: i64,
    /// The run of the operating system in which files were written.
    pub(super) boot: String,
    pub(super) version: u64,
    pub(super) epoch: u64,
}

/// What a file holds.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Content<'a> {
    kind: &'a str,
    scope: &'a str,
    key: &'a str,
    version: u64,
    epoch: u64,
    body: serde_json::Value,
}

pub(super) fn state(connection: &Connection) -> rusqlite::Result<State> {
    let sql = "SELECT sequence, projected, hooked, boot, version, epoch FROM state";
    connection.prepare_cached(sql)?.query_row([], |row| {
        Ok(State {
            sequence: row.get(0)?,
            projected: row.get(1)?,
            hooked: row.get(2)?,
            boot: row.get(3)?,
            version: unsigned(row.get(4)?),
            epoch: unsigned(row.get(5)?),
        })
    })
}

/// Brings the files to where the database is; `whole` looks at every one of them. Gives the state then, and how many
/// files were written or removed.
pub(super) fn project(
    store: &ReplicaStore,
    replica: &Path,
    boot: &str,
    whole: bool,
    stop: &dyn Fn() -> bool,
) -> Result<(State, u64), ErrorRecord> {
    let connection = store.connection();
    let failed = |e: rusqlite::Error| store.failed(&e);
    let missing = !replica.join(FOLDER).is_dir();
    let mut files = Files::open(replica, stop)?;
    // One moment for all that is read; what is applied meanwhile comes with the next pass.
    let moment = Transaction::new_unchecked(connection, TransactionBehavior::Deferred).map_err(failed)?;
    let mut state = state(&moment).map_err(failed)?;
    let whole = whole || missing || state.projected == 0;
    if whole || state.projected != state.sequence {
        let from = if whole { 0 } else { state.projected };
        let mut names = HashSet::new();
        // What goes comes first: a document that came back with other letters may have the same file.
        removed(&moment, from, &mut |id| files.remove(&file_name(id)), replica)?;
        documents(&moment, from, replica, &mut |name, content| {
            if whole {
                names.insert(hash(name));
            }
            files.put(name, content)
        })?;
        if whole {
            files.sweep(&names)?;
        }
    }
    drop(moment);
    files.check()?;
    // Only what was read above is done; the database has gone on meanwhile, perhaps.
    let sql = "UPDATE state SET projected = max(projected, ?1), boot = ?2, projection_error = NULL";
    connection.prepare_cached(sql).and_then(|mut s| s.execute(params![state.sequence, boot])).map_err(failed)?;
    (state.projected, state.boot) = (state.sequence, boot.to_string());
    Ok((state, files.written))
}

/// Documents that went away after a sequence.
pub(super) fn removed(
    connection: &Connection,
    after: i64,
    each: &mut dyn FnMut(&DocumentId) -> Result<(), ErrorRecord>,
    replica: &Path,
) -> Result<(), ErrorRecord> {
    let failed = |e: rusqlite::Error| store_failed(replica, &e);
    let sql = "SELECT kind, scope, key FROM removed WHERE sequence > ?1";
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let mut rows = statement.query([after]).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        each(&id(row).map_err(failed)?)?;
    }
    Ok(())
}

/// Takes the name of a file and its content.
type Each<'a> = &'a mut dyn FnMut(&str, &[u8]) -> Result<(), ErrorRecord>;

/// Names and contents of the files of documents that were written after a sequence.
fn documents(connection: &Connection, after: i64, replica: &Path, each: Each) -> Result<(), ErrorRecord> {
    let failed = |e: rusqlite::Error| store_failed(replica, &e);
    let sql = "SELECT kind, scope, key, version, epoch, body FROM documents WHERE sequence > ?1";
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let mut rows = statement.query([after]).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        let read = || -> rusqlite::Result<_> {
            let body = row.get_ref(5)?.as_str()?;
            // A body that is no JSON was damaged; its text shows what it is.
            let body = serde_json::from_str(body).unwrap_or_else(|_| body.into());
            Ok((id(row)?, unsigned(row.get(3)?), unsigned(row.get(4)?), body))
        };
        let (id, version, epoch, body) = read().map_err(failed)?;
        let content = Content { kind: &id.kind, scope: &id.scope, key: &id.key, version, epoch, body };
        // What was read from JSON can be written as JSON; an empty file would show that it was not.
        let mut text = serde_json::to_vec_pretty(&content).unwrap_or_default();
        text.push(b'\n');
        each(&file_name(&id), &text)?;
    }
    Ok(())
}

pub(super) fn id(row: &rusqlite::Row) -> rusqlite::Result<DocumentId> {
    Ok(DocumentId::new(row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?, row.get_ref(2)?.as_str()?))
}
