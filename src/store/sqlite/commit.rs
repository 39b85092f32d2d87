//! A change: what is expected is looked at, the old goes to history, the new and its audit row are written, at once.

use super::{SqliteStore, chain, first, log, name, signed, unsigned};
use crate::audit::time_text;
use crate::error::{Category, ErrorRecord};
use crate::store::{Change, DocumentId, Expected, Grant};
use crate::value::DateTime;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use std::collections::HashSet;

/// How many documents a row of the log names.
const NAMED: usize = 20;

/// A document as a change finds it.
struct Found {
    row: i64,
    version: u64,
    live: bool,
}

/// Why a change was not made.
enum Refusal {
    Conflict(Box<ErrorRecord>),
    Engine(rusqlite::Error),
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Refusal {
        Refusal::Engine(error)
    }
}

impl SqliteStore {
    /// Makes changes with their audit row, all or none.
    pub(super) fn make(&self, grant: &Grant, changes: &[Change]) -> Result<u64, ErrorRecord> {
        let mut seen = HashSet::with_capacity(changes.len());
        if let Some(twice) = changes.iter().find(|change| !seen.insert(name(&change.id))) {
            let message = format!("The document '{}' is named twice in one change.", twice.id);
            return Err(ErrorRecord::new("DuplicateChange", Category::InvalidArgument, message)
                .hint("Make one change of it, or commit twice."));
        }
        match self.try_make(grant, changes) {
            Ok(version) => Ok(version),
            Err(Refusal::Engine(error)) => Err(self.failed(&error)),
            Err(Refusal::Conflict(conflict)) => {
                // The attempt is worth a row; if that cannot be written the conflict is still what is to be said.
                let _ = self.append_alone(&grant.entry(conflict.id()));
                Err(*conflict)
            }
        }
    }

    fn try_make(&self, grant: &Grant, changes: &[Change]) -> Result<u64, Refusal> {
        // Immediate: two writers queue here, and what is read below cannot change before it is written.
        let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?;
        let before: u64 = unsigned(transaction.query_row("SELECT version FROM store", [], |row| row.get(0))?);
        let after = before + 1;
        let mut changed = Changed::default();
        for change in changes {
            let name = name(&change.id);
            let found = find(&transaction, &name)?;
            if let Some(conflict) = conflict(&transaction, change, found.as_ref())? {
                return Err(Refusal::Conflict(Box::new(conflict)));
            }
            let body = change.body.as_ref().map(serde_json::Value::to_string);
            match (found, &body) {
                (None, None) | (Some(Found { live: false, .. }), None) => continue,
                (None, Some(body)) => insert(&transaction, &change.id, &name, after, body)?,
                (Some(found), body) => replace(&transaction, &found, &change.id, after, body.as_deref())?,
            }
            changed.add(&change.id, body.as_deref());
        }
        if changed.count == 0 {
            return Ok(before);
        }
        transaction.prepare_cached("UPDATE store SET version = ?1")?.execute([signed(after)])?;
        let digest = changed.digest();
        chain::append(&transaction, before, after, &digest)?;
        let end = log::End { changed: changed.text(), digest, before, after };
        log::append(&transaction, &grant.entry("Changed"), self.clock.now(), end)?;
        transaction.commit()?;
        if let Some(told) = &self.committed {
            told(after);
        }
        Ok(after)
    }
}

fn find(connection: &Connection, name: &str) -> rusqlite::Result<Option<Found>> {
    let sql = "SELECT id, version, body IS NOT NULL FROM documents WHERE name = ?1";
    first(connection, sql, [name], |row| {
        Ok(Found { row: row.get(0)?, version: unsigned(row.get(1)?), live: row.get(2)? })
    })
}

fn insert(to: &Connection, id: &DocumentId, name: &str, version: u64, body: &str) -> rusqlite::Result<()> {
    let sql = "INSERT INTO documents (name, kind, scope, key, version, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    to.prepare_cached(sql)?.execute(params![name, &*id.kind, &*id.scope, &*id.key, signed(version), body])?;
    Ok(())
}

fn replace(to: &Connection, found: &Found, id: &DocumentId, version: u64, body: Option<&str>) -> rusqlite::Result<()> {
    let keep = "INSERT INTO history (document, version, body) SELECT id, version, body FROM documents WHERE id = ?1";
    to.prepare_cached(keep)?.execute([found.row])?;
    let sql = "UPDATE documents SET version = ?2, body = ?3 WHERE id = ?1";
    to.prepare_cached(sql)?.execute(params![found.row, signed(version), body])?;
    if !found.live {
        // What was deleted and comes back may be spelt otherwise.
        let sql = "UPDATE documents SET kind = ?2, scope = ?3, key = ?4 WHERE id = ?1";
        to.prepare_cached(sql)?.execute(params![found.row, &*id.kind, &*id.scope, &*id.key])?;
    }
    Ok(())
}

/// What stands against a change, if something does.
fn conflict(connection: &Connection, change: &Change, found: Option<&Found>) -> rusqlite::Result<Option<ErrorRecord>> {
    let live = found.filter(|found| found.live);
    let id = &change.id;
    let what = match (change.expected, live) {
        (Expected::Any, _) | (Expected::Absent, None) => return Ok(None),
        (Expected::Version(wanted), Some(found)) if found.version == wanted => return Ok(None),
        (Expected::Version(wanted), Some(found)) => {
            format!("'{id}' was read at version {wanted}, and is at version {} now", found.version)
        }
        (Expected::Version(wanted), None) => match found {
            Some(found) => format!("'{id}' was read at version {wanted}, and was deleted at version {}", found.version),
            None => format!("'{id}' was read at version {wanted}, and is not in this store"),
        },
        (Expected::Absent, Some(found)) => {
            format!("'{id}' was not there (version 0), and is at version {} now", found.version)
        }
    };
    let by = match found {
        Some(found) => last_change(connection, found.version)?,
        None => None,
    };
    let by = by.map_or(String::new(), |(principal, cmdlet, time)| {
        format!(": {principal} changed it last, by {cmdlet}, on {}", time_text(time))
    });
    let error = ErrorRecord::new("StoreConflict", Category::InvalidOperation, format!("{what}{by}."))
        .hint("Nothing was changed. Read it again, and make your change to what is there now.")
        .target(id.to_string());
    Ok(Some(error))
}

/// Who made a version, by what, when.
fn last_change(connection: &Connection, version: u64) -> rusqlite::Result<Option<(String, String, DateTime)>> {
    let sql = "SELECT principal, cmdlet, time FROM audit WHERE version_after = ?1 AND version_after > version_before";
    first(connection, sql, [signed(version)], |row| Ok((row.get(0)?, row.get(1)?, log::time(row.get(2)?))))
}

/// What a change touched, for its row in the log.
#[derive(Default)]
struct Changed {
    count: usize,
    names: Vec<String>,
    hasher: blake3::Hasher,
}

impl Changed {
    fn add(&mut self, id: &DocumentId, body: Option<&str>) {
        self.count += 1;
        if self.names.len() < NAMED {
            self.names.push(if body.is_some() { id.to_string() } else { format!("{id} (deleted)") });
        }
        let presence = if body.is_some() { "+" } else { "-" };
        for part in [&*id.kind, &*id.scope, &*id.key, presence, body.unwrap_or("")] {
            self.hasher.update(&(part.len() as u64).to_le_bytes());
            self.hasher.update(part.as_bytes());
        }
    }

    fn text(&self) -> String {
        let mut text = self.names.join("\n");
        if self.count > self.names.len() {
            text.push_str(&format!("\n… and {} more", self.count - self.names.len()));
        }
        text
    }

    fn digest(&self) -> String {
        self.hasher.finalize().to_hex().to_string()
    }
}
