//! The store in one SQLite file: WAL, every commit on the disk before it is acknowledged.

mod chain;
mod commit;
mod failure;
mod log;
mod open;
mod place;
mod rewind;
mod ship;

#[cfg(test)]
pub(crate) mod tests;

use super::{Chain, Change, Document, DocumentId, Grant, Head, Position, Store};
use crate::audit;
use crate::env::Clock;
use crate::error::ErrorRecord;
pub(crate) use open::connection;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Parts of a document's name; a unit separator occurs in no name.
pub(crate) const SEPARATOR: char = '\u{1f}';

/// A store in one SQLite file. Several processes may have it open: readers do not wait, writers wait for each other.
pub struct SqliteStore {
    connection: Connection,
    clock: Arc<dyn Clock>,
    path: PathBuf,
    /// Is told the version after each change that this connection makes.
    committed: Option<Arc<dyn Fn(u64) + Send + Sync>>,
    /// What holds a change's acknowledgement back, if something does.
    gate: Option<Arc<Gate>>,
    /// No server is there that would ask a mirror.
    alone: bool,
}

/// Holds the acknowledgement of what was written back, until it is where it shall be too.
pub type Gate = dyn Fn(&Position) -> Result<(), ErrorRecord> + Send + Sync;

/// What ended a transaction: an error of the engine, or one that is said already.
enum Failure {
    Engine(rusqlite::Error),
    Said(ErrorRecord),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Failure {
        Failure::Engine(error)
    }
}

impl From<ErrorRecord> for Failure {
    fn from(error: ErrorRecord) -> Failure {
        Failure::Said(error)
    }
}

impl SqliteStore {
    /// Tells of each change that is made through this value, when it is on the disk: the version after it. What other
    /// connections to the same file change is not told. It is called on the thread of the change and must be quick.
    pub fn on_commit(&mut self, told: Arc<dyn Fn(u64) + Send + Sync>) {
        self.committed = Some(told);
    }

    /// Passes each row of the log that is written through this value, with a change or without, by a gate: after it is on
    /// the disk here, before anybody is told of it. It is called on the thread of the change and may wait. Where it gives
    /// an error the caller gets that instead of an acknowledgement; what was written stays written.
    pub fn gate(&mut self, gate: Arc<Gate>) {
        self.gate = Some(gate);
    }

    /// For who has the files alone, and no server that asks a mirror: where one may be certain that nothing is acknowledged
    /// without it, nothing is changed.
    #[must_use]
    pub fn without_server(mut self) -> SqliteStore {
        self.alone = true;
        self
    }

    /// Where its file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The clock of its audit log.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    fn over(connection: Connection, path: &Path, clock: Arc<dyn Clock>) -> SqliteStore {
        SqliteStore { connection, clock, path: path.to_path_buf(), committed: None, gate: None, alone: false }
    }

    /// Does work in one transaction that writes: two writers queue here, and what is read in it cannot change before it
    /// is written.
    fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T, Failure>) -> Result<T, ErrorRecord> {
        self.try_write(work).map_err(|failure| match failure {
            Failure::Engine(error) => self.failed(&error),
            Failure::Said(error) => error,
        })
    }

    fn try_write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T, Failure>) -> Result<T, Failure> {
        let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?;
        let done = work(&transaction)?;
        transaction.commit()?;
        Ok(done)
    }

    fn pass(&self, position: &Position) -> Result<(), ErrorRecord> {
        self.gate.as_ref().map_or(Ok(()), |gate| gate(position))
    }

    fn failed(&self, error: &rusqlite::Error) -> ErrorRecord {
        failure::record(&self.path, error)
    }

    /// Rows of a query as documents.
    fn documents(&self, sql: &str, parameters: impl rusqlite::Params) -> Result<Vec<Document>, ErrorRecord> {
        let mut statement = self.connection.prepare_cached(sql).map_err(|e| self.failed(&e))?;
        let mut rows = statement.query(parameters).map_err(|e| self.failed(&e))?;
        let mut documents = Vec::new();
        while let Some(row) = rows.next().map_err(|e| self.failed(&e))? {
            documents.push(self.document(row)?);
        }
        Ok(documents)
    }

    /// A document from kind, scope, key, version, body.
    fn document(&self, row: &Row) -> Result<Document, ErrorRecord> {
        let text = |at: usize| row.get_ref(at).and_then(|v| v.as_str().map_err(Into::into));
        let read = || -> Result<(DocumentId, i64, Option<String>), rusqlite::Error> {
            Ok((DocumentId::new(text(0)?, text(1)?, text(2)?), row.get(3)?, row.get(4)?))
        };
        let (id, version, body) = read().map_err(|e| self.failed(&e))?;
        let body = body.map(|text| serde_json::from_str(&text)).transpose();
        let body = body.map_err(|e| failure::damaged(&self.path, &format!("the document '{id}' is no JSON: {e}")))?;
        Ok(Document { id, version: unsigned(version), body })
    }

    fn number(&self, sql: &str) -> Result<u64, ErrorRecord> {
        let query = || self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0));
        query().map(unsigned).map_err(|e| self.failed(&e))
    }
}

impl Store for SqliteStore {
    fn version(&self) -> Result<u64, ErrorRecord> {
        self.number("SELECT version FROM store")
    }

    fn epoch(&self) -> Result<u64, ErrorRecord> {
        self.number("SELECT epoch FROM store")
    }

    fn get(&self, id: &DocumentId) -> Result<Option<Document>, ErrorRecord> {
        let sql = "SELECT kind, scope, key, version, body FROM documents WHERE name = ?1 AND body IS NOT NULL";
        Ok(self.documents(sql, params![name(id)])?.pop())
    }

    fn list(&self, kind: &str) -> Result<Vec<Document>, ErrorRecord> {
        let sql = "SELECT kind, scope, key, version, body FROM documents
                   WHERE name > ?1 AND name < ?2 AND body IS NOT NULL ORDER BY name";
        let kind = kind.to_lowercase();
        // The character after the separator ends the range of names that begin with it.
        self.documents(sql, params![format!("{kind}{SEPARATOR}"), format!("{kind} ")])
    }

    fn since(&self, version: u64) -> Result<Vec<Document>, ErrorRecord> {
        let sql = "SELECT kind, scope, key, version, body FROM documents WHERE version > ?1 ORDER BY version, name";
        self.documents(sql, params![signed(version)])
    }

    fn history(&self, id: &DocumentId) -> Result<Vec<Document>, ErrorRecord> {
        let sql = "SELECT kind, scope, key, version, body FROM documents WHERE name = ?1
                   UNION ALL
                   SELECT d.kind, d.scope, d.key, h.version, h.body
                   FROM documents d JOIN history h ON h.document = d.id WHERE d.name = ?1
                   ORDER BY 4 DESC";
        self.documents(sql, params![name(id)])
    }

    fn commit(&self, grant: &Grant, changes: &[Change]) -> Result<u64, ErrorRecord> {
        self.make(grant, changes)
    }

    fn head(&self) -> Result<Head, ErrorRecord> {
        self.read_head()
    }

    fn chain(&self, version: u64) -> Result<Option<Chain>, ErrorRecord> {
        chain::at(&self.connection, version).map_err(|e| self.failed(&e))
    }

    fn read_after(
        &self,
        after: Option<u64>,
        begin: &mut dyn FnMut(&Head) -> Result<(), ErrorRecord>,
        each: &mut dyn FnMut(Document) -> Result<(), ErrorRecord>,
    ) -> Result<(), ErrorRecord> {
        self.stream(after, begin, each)
    }

    fn set_epoch(&self, grant: &Grant, epoch: u64) -> Result<(), ErrorRecord> {
        self.enter(grant, epoch)
    }

    fn record(&self, entry: &audit::Entry) -> Result<(), ErrorRecord> {
        self.append_alone(entry)
    }

    fn audit(&self, query: &audit::Query, each: &mut dyn FnMut(audit::AuditRow) -> bool) -> Result<(), ErrorRecord> {
        self.read_log(query, each)
    }

    fn verify_audit(&self) -> Result<audit::Verdict, ErrorRecord> {
        self.verify_log()
    }
}

/// What a document is found by: kind, scope and key in lower case.
pub(crate) fn name(id: &DocumentId) -> String {
    let mut name = String::with_capacity(id.kind.len() + id.scope.len() + id.key.len() + 2);
    for (i, part) in [&id.kind, &id.scope, &id.key].into_iter().enumerate() {
        if i > 0 {
            name.push(SEPARATOR);
        }
        if part.is_ascii() {
            name.extend(part.chars().map(|c| c.to_ascii_lowercase()));
        } else {
            name.push_str(&part.to_lowercase());
        }
    }
    name
}

/// SQLite's integers are signed; versions stay below 2⁶³.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// The row that a query gives, if it gives one.
pub(crate) fn first<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl rusqlite::Params,
    read: impl FnOnce(&Row) -> rusqlite::Result<T>,
) -> rusqlite::Result<Option<T>> {
    connection.prepare_cached(sql)?.query_row(parameters, read).optional()
}
