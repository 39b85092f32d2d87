//! Taking back the end of the log: documents, history, versions and epochs are then as they were after an earlier row.

use super::{Failure, SqliteStore, first, place, ship, signed};
use crate::error::ErrorRecord;
use crate::store::{LogEntry, Position};
use rusqlite::{Connection, params};

impl SqliteStore {
    /// Takes everything after a row back, all or nothing.
    pub(super) fn take_back(
        &self,
        to: u64,
        kept: &mut dyn FnMut(LogEntry) -> Result<(), ErrorRecord>,
    ) -> Result<Position, ErrorRecord> {
        self.write(|transaction| {
            place::standby(self, transaction)?;
            let before = place::position(transaction)?;
            if to >= before.sequence {
                return Ok(before);
            }
            let highest = place::highest_epoch(transaction)?;
            let sql = "SELECT version_after FROM audit WHERE sequence = ?1";
            let version: i64 = match to {
                0 => 0,
                _ => first(transaction, sql, [signed(to)], |row| row.get(0))?
                    .ok_or_else(|| self.broken(to, "it is missing here"))?,
            };
            self.entries(transaction, to, &mut |entry| kept(entry).map(|()| true))?;
            documents(transaction, version)?;
            cut(transaction, to, version)?;
            // Whom this place heard of stays heard of.
            place::hear(transaction, highest)?;
            Ok(place::position(transaction)?)
        })
    }
}

/// Puts all documents back to how they were at a version. One that came later was never there: not even a tombstone is
/// left.
fn documents(of: &Connection, version: i64) -> Result<(), Failure> {
    let mut changed = of.prepare_cached("SELECT id FROM documents WHERE version > ?1")?;
    let changed: Vec<i64> = changed.query_map([version], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let last = "SELECT version, body FROM history WHERE document = ?1 AND version <= ?2 ORDER BY version DESC LIMIT 1";
    for id in changed {
        let was = first(of, last, [id, version], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<String>>(1)?)))?;
        let since = "DELETE FROM history WHERE document = ?1 AND version >= ?2";
        let Some((version, body)) = was else {
            of.prepare_cached(since)?.execute([id, 0])?;
            of.prepare_cached("DELETE FROM documents WHERE id = ?1")?.execute([id])?;
            continue;
        };
        if let Some(spelling) = ship::spelt(of, id, version)? {
            let was = spelling.into_id();
            let sql = "UPDATE documents SET kind = ?2, scope = ?3, key = ?4 WHERE id = ?1";
            of.prepare_cached(sql)?.execute(params![id, &*was.kind, &*was.scope, &*was.key])?;
        }
        of.prepare_cached(since)?.execute([id, version])?;
        let sql = "UPDATE documents SET version = ?2, body = ?3 WHERE id = ?1";
        of.prepare_cached(sql)?.execute(params![id, version, body])?;
    }
    Ok(())
}

/// Cuts log, chain and epochs off.
fn cut(of: &Connection, to: u64, version: i64) -> rusqlite::Result<()> {
    for sql in ["DELETE FROM audit WHERE sequence > ?1", "DELETE FROM epochs WHERE sequence > ?1"] {
        of.prepare_cached(sql)?.execute([signed(to)])?;
    }
    of.prepare_cached("DELETE FROM versions WHERE version > ?1")?.execute([version])?;
    let epoch = place::epoch_at(of, to)?;
    of.prepare_cached("UPDATE store SET version = ?1, epoch = ?2")?.execute([version, signed(epoch)]).map(drop)
}
