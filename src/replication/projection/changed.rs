//! The list of changed documents that the hook gets, and what is kept of how it went.

use super::files;
use super::name::file_name;
use super::pass::{State, id, removed};
use crate::error::ErrorRecord;
use crate::replication::storage::{ReplicaStore, failed as store_failed};
use rusqlite::params;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The list's name in the replica's folder.
const FILE: &str = "changed";

/// Writes the list of documents that changed since the hook last succeeded: a line each, `removed` or `written`, a tab,
/// the file's name from the documents' folder on. Gives its place, and how many it names.
pub(super) fn write(store: &ReplicaStore, replica: &Path, state: &State) -> Result<(PathBuf, u64), ErrorRecord> {
    let path = replica.join(FILE);
    let unwritten = |error: std::io::Error| files::failed(&path, &error);
    let failed = |e: rusqlite::Error| store_failed(replica, &e);
    let file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&path).map_err(unwritten)?;
    let mut list = BufWriter::new(file);
    let mut count = 0;
    removed(
        store.connection(),
        state.hooked,
        &mut |id| {
            count += 1;
            writeln!(list, "removed\t{}", file_name(id)).map_err(unwritten)
        },
        replica,
    )?;
    let sql = "SELECT kind, scope, key FROM documents WHERE sequence > ?1";
    let mut statement = store.connection().prepare_cached(sql).map_err(failed)?;
    let mut rows = statement.query([state.hooked]).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        count += 1;
        writeln!(list, "written\t{}", file_name(&id(row).map_err(failed)?)).map_err(unwritten)?;
    }
    list.flush().map_err(unwritten)?;
    Ok((path, count))
}

/// Keeps that the hook has run up to a sequence, or that there is none. What it has heard of and whose files are gone
/// need not be kept any longer.
pub(super) fn done(store: &ReplicaStore, state: &State) -> Result<(), ErrorRecord> {
    let write = || -> rusqlite::Result<()> {
        let connection = store.connection();
        let sql = "UPDATE state SET hooked = max(hooked, ?1), hook_error = NULL";
        connection.prepare_cached(sql)?.execute([state.projected])?;
        let sql = "DELETE FROM removed WHERE sequence <= ?1 AND sequence <= (SELECT projected FROM state)";
        connection.prepare_cached(sql)?.execute([state.projected])?;
        Ok(())
    };
    write().map_err(|e| store.failed(&e))
}

/// Keeps what stands in the way of the hook, or of the files.
pub(super) fn trouble(store: &ReplicaStore, column: Trouble, error: &str) -> Result<(), ErrorRecord> {
    let sql = match column {
        Trouble::Documents => "UPDATE state SET projection_error = ?1",
        Trouble::Hook => "UPDATE state SET hook_error = ?1",
    };
    store.connection().execute(sql, params![error]).map(drop).map_err(|e| store.failed(&e))
}

/// What an error stands in the way of.
#[derive(Clone, Copy)]
pub(super) enum Trouble {
    Documents,
    Hook,
}
