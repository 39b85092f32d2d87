//! The log on its way from one place to another: entries are read where it is written, and taken over where it is copied.

use super::commit::{advance, find, put};
use super::{Failure, SqliteStore, log, name, place, signed};
use crate::audit::{AuditRow, Hash, row_hash};
use crate::error::{Category, ErrorRecord};
use crate::store::{Document, LogEntry, Position};
use rusqlite::{Connection, params};

/// The documents that were changed at a version, as they were then, in the order in which they were first made. A version
/// that is not the last one of a document stands in its history; so may how it was spelt then, there or further up.
const CHANGED_AT: &str = "
    SELECT kind, scope, key, version, body, id FROM documents WHERE version = ?1
    UNION ALL
    SELECT d.kind, d.scope, d.key, h.version, h.body, d.id FROM history h JOIN documents d ON d.id = h.document
    WHERE h.version = ?1 ORDER BY 6";
const SPELT: &str = "SELECT spelling FROM history WHERE document = ?1 AND version >= ?2 AND spelling IS NOT NULL
                     ORDER BY version LIMIT 1";

impl SqliteStore {
    /// Entries after a row.
    pub(super) fn entries(
        &self,
        connection: &Connection,
        sequence: u64,
        each: &mut dyn FnMut(LogEntry) -> Result<bool, ErrorRecord>,
    ) -> Result<(), Failure> {
        let sql = format!("SELECT {} FROM audit WHERE sequence > ?1 ORDER BY sequence", log::COLUMNS);
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query([signed(sequence)])?;
        while let Some(row) = rows.next()? {
            let row = log::read(row)?;
            let documents =
                if row.version_after > row.version_before { self.changed_at(connection, &row)? } else { Vec::new() };
            let epoch = place::epoch_at(connection, row.sequence)?;
            if !each(LogEntry { row, epoch, documents })? {
                break;
            }
        }
        Ok(())
    }

    fn changed_at(&self, connection: &Connection, row: &AuditRow) -> Result<Vec<Document>, Failure> {
        let mut statement = connection.prepare_cached(CHANGED_AT)?;
        let mut rows = statement.query([signed(row.version_after)])?;
        let mut documents = Vec::new();
        while let Some(row) = rows.next()? {
            let mut document = self.document(row)?;
            if let Some(spelling) = spelt(connection, row.get(5)?, row.get(3)?)? {
                document.id = spelling.into_id();
            }
            documents.push(document);
        }
        Ok(documents)
    }

    /// Takes entries over, all or none.
    pub(super) fn take(&self, entries: &[LogEntry]) -> Result<Position, ErrorRecord> {
        self.write(|transaction| {
            place::standby(self, transaction)?;
            let mut position = place::position(transaction)?;
            for entry in entries {
                if let Some(why) = fault(&position, entry) {
                    return Err(self.broken(entry.row.sequence, why).into());
                }
                self.take_one(transaction, &mut position, entry)?;
            }
            Ok(position)
        })
    }

    fn take_one(&self, to: &Connection, position: &mut Position, entry: &LogEntry) -> Result<(), Failure> {
        let row = &entry.row;
        for document in &entry.documents {
            let name = name(&document.id);
            let found = find(to, &name)?;
            if found.as_ref().is_some_and(|found| found.is_at(document.version)) {
                return Err(self.broken(row.sequence, "it changes what was changed later").into());
            }
            let body = document.body.as_ref().map(serde_json::Value::to_string);
            put(to, found.as_ref(), &document.id, &name, document.version, body.as_deref())?;
        }
        if row.version_after > row.version_before {
            position.chain = advance(to, row.version_before, row.version_after, &row.digest)?;
        }
        log::insert(to, row)?;
        if entry.epoch > position.epoch {
            place::begin_epoch(to, row.sequence, entry.epoch)?;
        }
        let (epoch, sequence, version) = (entry.epoch, row.sequence, row.version_after);
        *position = Position { epoch, sequence, hash: row.hash, version, chain: position.chain };
        Ok(())
    }

    pub(super) fn broken(&self, sequence: u64, why: &str) -> ErrorRecord {
        let message = format!("Row {sequence} cannot be taken over into the store '{}': {why}.", self.path.display());
        ErrorRecord::new("LogBroken", Category::InvalidData, message)
            .hint("Nothing was changed. See whether the log of the place that it came from is whole.")
    }
}

/// Why an entry does not follow a position, if it does not.
fn fault(position: &Position, entry: &LogEntry) -> Option<&'static str> {
    let row = &entry.row;
    let moved = row.version_after > row.version_before;
    if row.sequence != position.sequence + 1 || row.previous != position.hash {
        Some("it does not follow the last row here")
    } else if row.hash == Hash::default() || row_hash(row) != row.hash {
        Some("it is not as it was written")
    } else if row.version_before != position.version || row.version_after < row.version_before {
        Some("it begins at another version")
    } else if i64::try_from(row.version_after).is_err() || i64::try_from(entry.epoch).is_err() {
        Some("its numbers are too large")
    } else if entry.epoch < position.epoch {
        Some("its epoch is over")
    } else if entry.epoch > position.epoch
        && row.changed.lines().next() != Some(&*place::epoch_text(position.epoch, entry.epoch))
    {
        Some("it does not say that it begins an epoch")
    } else if entry.documents.iter().any(|document| !moved || document.version != row.version_after) {
        Some("it brings documents of another version")
    } else {
        None
    }
}

/// How a document was spelt at a version, where that was otherwise than it is now.
pub(super) fn spelt(connection: &Connection, document: i64, version: i64) -> rusqlite::Result<Option<Spelling>> {
    super::first(connection, SPELT, params![document, version], |row| row.get(0).map(Spelling))
}

/// Kind, scope and key as one text.
pub(super) struct Spelling(String);

impl Spelling {
    /// As an id.
    pub(super) fn into_id(self) -> crate::store::DocumentId {
        let mut parts = self.0.splitn(3, super::SEPARATOR);
        let mut part = || parts.next().unwrap_or_default();
        let (kind, scope, key) = (part(), part(), part());
        crate::store::DocumentId::new(kind, scope, key)
    }
}
