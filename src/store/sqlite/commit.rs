//! A change: what is expected is looked at, the old goes to history, the new and its audit row are written, at once.

use super::{Failure, SEPARATOR, SqliteStore, chain, first, log, name, place, signed, unsigned};
use crate::audit::time_text;
use crate::error::{Category, ErrorRecord};
use crate::store::{Chain, Change, DocumentId, Expected, Grant, Position, Role};
use crate::value::DateTime;
use rusqlite::{Connection, params};
use std::collections::HashSet;

/// How many documents a row of the log names.
const NAMED: usize = 20;

/// The highest version above which a place may take a store over: versions count one by one and never get there, and
/// nobody's word shall make them.
const HIGHEST: u64 = 1 << 62;
/// The id of a conflict.
const CONFLICT: &str = "StoreConflict";

/// A document as a change finds it.
pub(super) struct Found {
    pub(super) row: i64,
    pub(super) version: u64,
    pub(super) live: bool,
}

impl SqliteStore {
    /// Makes changes with their audit row, all or none.
    pub(super) fn make(&self, grant: &Grant, changes: &[Change]) -> Result<u64, ErrorRecord> {
        each_once(changes)?;
        let made = self.write(|transaction| {
            let head = place::active(self, transaction)?;
            let after = head.version + 1;
            let changed = write(transaction, changes, after)?;
            if changed.count == 0 {
                return Ok((head.version, None));
            }
            let digest = changed.digest();
            let chain = advance(transaction, head.version, after, &digest)?;
            let end = log::End { changed: changed.text(), digest, before: head.version, after };
            let (sequence, hash) = log::append(transaction, &grant.entry("Changed"), self.clock.now(), end)?;
            Ok((after, Some(Position { epoch: head.epoch, sequence, hash, version: after, chain })))
        });
        match made {
            Ok((version, position)) => {
                if let Some(position) = position {
                    self.pass(&position)?;
                    self.tell(version);
                }
                Ok(version)
            }
            Err(error) => {
                if error.id() == CONFLICT {
                    // The attempt is worth a row; if that cannot be written the conflict is still what is to be said.
                    let _ = self.append_alone(&grant.entry(error.id()));
                }
                Err(error)
            }
        }
    }

    /// Enters a later epoch, with a row of the log.
    pub(super) fn enter(&self, grant: &Grant, epoch: u64) -> Result<(), ErrorRecord> {
        let entered = self.write(|transaction| {
            let head = place::active(self, transaction)?;
            if epoch == head.epoch {
                return Ok(None);
            }
            place::later(&head, epoch)?;
            let changed = place::epoch_text(head.epoch, epoch);
            let end = log::End { changed, digest: String::new(), before: head.version, after: head.version };
            let (sequence, hash) = log::append(transaction, &grant.entry("Changed"), self.clock.now(), end)?;
            place::begin_epoch(transaction, sequence, epoch)?;
            Ok(Some(Position { epoch, sequence, hash, version: head.version, chain: head.chain }))
        })?;
        entered.map_or(Ok(()), |position| self.pass(&position))
    }

    /// Takes the database over at this place: role, epoch, version, changes and their row, all or none.
    pub(super) fn take_over(
        &self,
        grant: &Grant,
        epoch: u64,
        above: u64,
        changes: &[Change],
    ) -> Result<Position, ErrorRecord> {
        each_once(changes)?;
        let position = self.write(|transaction| {
            let head = chain::head(transaction)?;
            place::later(&head, epoch)?;
            let heard = place::highest_epoch(transaction)?;
            if epoch < heard {
                return Err(place::epoch_over(heard, epoch).into());
            }
            if above > HIGHEST {
                return Err(too_high(above).into());
            }
            let after = head.version.max(above) + 1;
            let changed = write(transaction, changes, after)?;
            let digest = changed.digest();
            let chain = advance(transaction, head.version, after, &digest)?;
            let mut text = place::epoch_text(head.epoch, epoch);
            if changed.count > 0 {
                text.push('\n');
                text.push_str(&changed.text());
            }
            let end = log::End { changed: text, digest, before: head.version, after };
            let (sequence, hash) = log::append(transaction, &grant.entry("Changed"), self.clock.now(), end)?;
            place::begin_epoch(transaction, sequence, epoch)?;
            place::write_role(transaction, Role::Active)?;
            Ok(Position { epoch, sequence, hash, version: after, chain })
        })?;
        self.tell(position.version);
        Ok(position)
    }

    fn tell(&self, version: u64) {
        if let Some(told) = &self.committed {
            told(version);
        }
    }
}

fn each_once(changes: &[Change]) -> Result<(), ErrorRecord> {
    let mut seen = HashSet::with_capacity(changes.len());
    let Some(twice) = changes.iter().find(|change| !seen.insert(name(&change.id))) else { return Ok(()) };
    let message = format!("The document '{}' is named twice in one change.", twice.id);
    Err(ErrorRecord::new("DuplicateChange", Category::InvalidArgument, message)
        .hint("Make one change of it, or commit twice."))
}

/// Writes what changes, and nothing beside it.
fn write(to: &Connection, changes: &[Change], after: u64) -> Result<Changed, Failure> {
    let mut changed = Changed::default();
    for change in changes {
        let name = name(&change.id);
        let found = find(to, &name)?;
        if let Some(conflict) = conflict(to, change, found.as_ref())? {
            return Err(conflict.into());
        }
        let body = change.body.as_ref().map(serde_json::Value::to_string);
        match (found, &body) {
            (None, None) | (Some(Found { live: false, .. }), None) => continue,
            (found, body) => put(to, found.as_ref(), &change.id, &name, after, body.as_deref())?,
        }
        changed.add(&change.id, body.as_deref());
    }
    Ok(changed)
}

/// The store is at a new version: gives the chain there.
pub(super) fn advance(to: &Connection, before: u64, after: u64, digest: &str) -> rusqlite::Result<Chain> {
    to.prepare_cached("UPDATE store SET version = ?1")?.execute([signed(after)])?;
    chain::append(to, before, after, digest)
}

fn too_high(version: u64) -> ErrorRecord {
    let message = format!("No store goes above version {version}.");
    ErrorRecord::new("VersionTooHigh", Category::LimitsExceeded, message)
        .hint("See which computer says that it is at that version.")
}

pub(super) fn find(connection: &Connection, name: &str) -> rusqlite::Result<Option<Found>> {
    let sql = "SELECT id, version, body IS NOT NULL FROM documents WHERE name = ?1";
    first(connection, sql, [name], |row| {
        Ok(Found { row: row.get(0)?, version: unsigned(row.get(1)?), live: row.get(2)? })
    })
}

/// Writes a document as it is at a version; what it was until then goes to history.
pub(super) fn put(
    to: &Connection,
    found: Option<&Found>,
    id: &DocumentId,
    name: &str,
    version: u64,
    body: Option<&str>,
) -> rusqlite::Result<()> {
    let Some(found) = found else {
        let sql = "INSERT INTO documents (name, kind, scope, key, version, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        to.prepare_cached(sql)?.execute(params![name, &*id.kind, &*id.scope, &*id.key, signed(version), body])?;
        return Ok(());
    };
    // What was deleted and comes back may be spelt otherwise; history keeps how it was until then.
    let keep = "INSERT INTO history (document, version, body, spelling)
                SELECT id, version, body, CASE WHEN ?2 AND kind || char(31) || scope || char(31) || key IS NOT ?3
                                          THEN kind || char(31) || scope || char(31) || key END
                FROM documents WHERE id = ?1";
    to.prepare_cached(keep)?.execute(params![found.row, !found.live, spelling(id)])?;
    let sql = "UPDATE documents SET version = ?2, body = ?3 WHERE id = ?1";
    to.prepare_cached(sql)?.execute(params![found.row, signed(version), body])?;
    if !found.live {
        let sql = "UPDATE documents SET kind = ?2, scope = ?3, key = ?4 WHERE id = ?1";
        to.prepare_cached(sql)?.execute(params![found.row, &*id.kind, &*id.scope, &*id.key])?;
    }
    Ok(())
}

/// Kind, scope and key as one text.
fn spelling(id: &DocumentId) -> String {
    format!("{}{SEPARATOR}{}{SEPARATOR}{}", id.kind, id.scope, id.key)
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
    let error = ErrorRecord::new(CONFLICT, Category::InvalidOperation, format!("{what}{by}."))
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
