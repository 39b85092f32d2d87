//! Packages written into SQLite: one transaction, prepared statements, bodies as they came.

use super::apply::Target;
use super::document::PackedDocument;
use super::heal;
use super::reader::ReplicaStore;
use super::walk::Walk;
use crate::error::ErrorRecord;
use crate::replication::PackageKind;
use crate::replication::message::Announce;
use crate::store::sqlite::{first, name, signed, unsigned};
use crate::store::{DocumentId, Held};
use crate::value::DateTime;
use rusqlite::{Connection, params};
use std::collections::HashMap;
use std::path::Path;

/// Documents that are removed at a time where a snapshot leaves them out.
const AT_ONCE: i64 = 1_000;

/// A package on its way into the database.
pub(super) struct Fill<'a> {
    store: &'a ReplicaStore,
    folder: &'a Path,
    deployment: &'a str,
    highest: u64,
    now: DateTime,
    epoch: u64,
    full: bool,
    /// The number of this package among those that were applied here.
    sequence: i64,
    /// Rows that the package put.
    seen: Rows,
    /// Goes through the rows beside a full snapshot.
    walk: Walk,
    /// There are rows of documents that went away, one of which may come back.
    removed: bool,
}

impl<'a> Fill<'a> {
    pub(super) fn new(
        store: &'a ReplicaStore,
        folder: &'a Path,
        deployment: &'a str,
        highest: u64,
        now: DateTime,
        announce: &Announce,
    ) -> Fill<'a> {
        let full = announce.package.kind() == PackageKind::Full;
        let epoch = announce.package.epoch;
        Fill {
            store,
            folder,
            deployment,
            highest,
            now,
            epoch,
            full,
            sequence: 0,
            seen: Rows::default(),
            walk: Walk::default(),
            removed: false,
        }
    }

    /// The highest epoch seen, this package's included if it was kept.
    pub(super) fn highest(&self) -> u64 {
        self.highest
    }

    fn connection(&self) -> &'a Connection {
        self.store.connection()
    }

    fn failed(&self, error: rusqlite::Error) -> ErrorRecord {
        self.store.failed(&error)
    }

    fn try_begin(&mut self) -> rusqlite::Result<()> {
        self.roll_back();
        let connection = self.connection();
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let sql = "SELECT sequence, EXISTS (SELECT 1 FROM removed) FROM state";
        let (sequence, removed): (i64, bool) =
            connection.prepare_cached(sql)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        (self.sequence, self.removed) = (sequence.saturating_add(1), removed);
        (self.seen, self.walk) = (Rows::default(), Walk::default());
        Ok(())
    }

    fn try_put(&mut self, document: &PackedDocument, body: &str) -> rusqlite::Result<()> {
        let connection = self.connection();
        let name = name(&document.id);
        let DocumentId { kind, scope, key } = &document.id;
        let version = signed(document.version);
        let found = self.find(document, &name, version, body)?;
        if !matches!(found, Some((_, true, true))) {
            self.walk.written();
        }
        let row = match found {
            Some((row, true, true)) => row,
            Some((row, spelt, _)) => {
                if !spelt {
                    // It went away and came back with other letters: the file of the old name goes.
                    self.gone(row)?;
                }
                let sql = "UPDATE documents SET kind = ?2, scope = ?3, key = ?4, version = ?5, epoch = ?6,
                           sequence = ?7, body = ?8 WHERE id = ?1";
                let values = params![row, &**kind, &**scope, &**key, version, signed(self.epoch), self.sequence, body];
                connection.prepare_cached(sql)?.execute(values)?;
                row
            }
            None => {
                let sql = "INSERT INTO documents (name, kind, scope, key, version, epoch, sequence, body)
                           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
                let values = params![name, &**kind, &**scope, &**key, version, signed(self.epoch), self.sequence, body];
                connection.prepare_cached(sql)?.execute(values)?;
                if self.removed {
                    connection.prepare_cached("DELETE FROM removed WHERE name = ?1")?.execute([&name])?;
                }
                connection.last_insert_rowid()
            }
        };
        if self.full {
            self.seen.insert(row);
        }
        Ok(())
    }

    /// The row of a document, whether it is spelt as it shall be, and whether version and body are those that it shall
    /// have.
    fn find(
        &mut self,
        document: &PackedDocument,
        name: &str,
        version: i64,
        body: &str,
    ) -> rusqlite::Result<Option<(i64, bool, bool)>> {
        let connection = self.connection();
        let DocumentId { kind, scope, key } = &document.id;
        if self.full
            && let Some(row) = self.walk.next(connection, name)?
        {
            let spelt = row.kind == **kind && row.scope == **scope && row.key == **key;
            return Ok(Some((row.id, spelt, row.version == version && row.body == body)));
        }
        let sql = "SELECT id, version, kind, scope, key, body FROM documents WHERE name = ?1";
        let found = first(connection, sql, [name], |row| {
            let same = |at: usize, text: &str| Ok::<_, rusqlite::Error>(row.get_ref(at)?.as_str()? == text);
            let spelt = same(2, kind)? && same(3, scope)? && same(4, key)?;
            Ok((row.get(0)?, spelt, row.get::<_, i64>(1)? == version && same(5, body)?))
        })?;
        if let Some((row, ..)) = found {
            self.walk.found(row);
        }
        Ok(found)
    }

    /// Removes the row of a document, and keeps that it went away until its file is gone too.
    fn forget(&mut self, row: i64) -> rusqlite::Result<()> {
        self.gone(row)?;
        self.connection().prepare_cached("DELETE FROM documents WHERE id = ?1")?.execute([row])?;
        Ok(())
    }

    fn gone(&mut self, row: i64) -> rusqlite::Result<()> {
        let sql = "INSERT OR REPLACE INTO removed (name, kind, scope, key, sequence)
                   SELECT name, kind, scope, key, ?2 FROM documents WHERE id = ?1";
        self.connection().prepare_cached(sql)?.execute([row, self.sequence])?;
        self.removed = true;
        Ok(())
    }

    fn try_remove_others(&mut self) -> rusqlite::Result<()> {
        let connection = self.connection();
        let all: i64 = connection.query_row("SELECT count(*) FROM documents", [], |row| row.get(0))?;
        if unsigned(all) == self.seen.count {
            return Ok(());
        }
        let mut after = i64::MIN;
        loop {
            let sql = "SELECT id FROM documents WHERE id > ?1 ORDER BY id LIMIT ?2";
            let rows: Vec<i64> = connection
                .prepare_cached(sql)?
                .query_map([after, AT_ONCE], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = *last;
            for row in rows {
                if !self.seen.has(row) {
                    self.forget(row)?;
                }
            }
        }
    }

    fn try_keep(&mut self, announce: &Announce) -> rusqlite::Result<()> {
        let sql = "UPDATE state SET highest_epoch = max(highest_epoch, ?1), epoch = ?2, version = ?3, chain = ?4,
                   package_epoch = ?5, package_from = ?6, package_to = ?7, applied_on = ?8, sequence = ?9";
        let (to, package) = (announce.to, announce.package);
        self.connection().prepare_cached(sql)?.execute(params![
            signed(self.highest),
            signed(to.epoch),
            signed(to.version),
            to.chain.0,
            signed(package.epoch),
            package.from.map(signed),
            signed(package.to),
            self.now.ticks,
            self.sequence,
        ])?;
        Ok(())
    }
}

impl Target for Fill<'_> {
    fn begin(&mut self) -> Result<(), ErrorRecord> {
        self.try_begin().map_err(|e| self.failed(e))
    }

    fn deployment(&self) -> &str {
        self.deployment
    }

    fn held(&mut self) -> Result<Option<Held>, ErrorRecord> {
        self.store.held()
    }

    fn highest_epoch(&mut self) -> Result<u64, ErrorRecord> {
        Ok(self.highest)
    }

    fn put(&mut self, document: &PackedDocument) -> Result<(), ErrorRecord> {
        match &document.body {
            Some(body) => self.try_put(document, body).map_err(|e| self.failed(e)),
            None => self.remove(&document.id),
        }
    }

    fn remove(&mut self, id: &DocumentId) -> Result<(), ErrorRecord> {
        let row = first(self.connection(), "SELECT id FROM documents WHERE name = ?1", [name(id)], |row| row.get(0));
        match row.map_err(|e| self.failed(e))? {
            Some(row) => self.forget(row).map_err(|e| self.failed(e)),
            None => Ok(()),
        }
    }

    fn remove_others(&mut self) -> Result<(), ErrorRecord> {
        self.try_remove_others().map_err(|e| self.failed(e))
    }

    fn keep(&mut self, announce: &Announce) -> Result<(), ErrorRecord> {
        if announce.package.epoch > self.highest {
            // Before the transaction ends: an epoch that was seen is seen, whatever becomes of the package.
            heal::keep_epoch(self.folder, announce.package.epoch)?;
            self.highest = announce.package.epoch;
        }
        self.try_keep(announce).map_err(|e| self.failed(e))
    }

    fn commit(&mut self, _durable: bool) -> Result<(), ErrorRecord> {
        // The connection's commits are always durable (`synchronous = FULL`).
        let commit = || self.connection().prepare_cached("COMMIT")?.execute([]);
        commit().map(drop).map_err(|e| self.failed(e))
    }

    fn roll_back(&mut self) {
        if !self.connection().is_autocommit() {
            // Where this fails, the transaction ends with the connection, or before the next one begins.
            let _ = self.connection().execute_batch("ROLLBACK");
        }
    }
}

/// A set of row ids: numbers that lie close together cost a bit each.
#[derive(Default)]
struct Rows {
    words: HashMap<i64, u64>,
    count: u64,
}

impl Rows {
    fn insert(&mut self, row: i64) {
        let word = self.words.entry(row >> 6).or_default();
        let bit = 1 << (row & 63);
        self.count += u64::from(*word & bit == 0);
        *word |= bit;
    }

    fn has(&self, row: i64) -> bool {
        self.words.get(&(row >> 6)).is_some_and(|word| word & (1 << (row & 63)) != 0)
    }
}
