//! A replica read as a store: what `-LocalStore` reads.

use super::{FILE, failure, heal};
use crate::audit;
use crate::error::{Category, ErrorRecord};
use crate::store::sqlite::{SEPARATOR, connection, first, name, signed, unsigned};
use crate::store::{Chain, Change, Document, DocumentId, Grant, Head, Held, Store};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, Row, Transaction, TransactionBehavior, params};
use std::path::{Path, PathBuf};

/// Pages that a connection keeps in memory, in KiB: a thousand replicas may live in one process.
const CACHE: i64 = 512;

/// A replica's database, opened to be read. What is applied meanwhile is seen by the next call.
pub struct ReplicaStore {
    connection: Connection,
    path: PathBuf,
}

/// Makes a replica hold nothing, on the disk when it returns, so that it gets a full snapshot, which mends whatever
/// differs. The highest epoch stays: it must not go back. Whoever has the database open, its server too, sees it with
/// the next call. One that is damaged is left to its server, which begins it anew.
///
/// # Errors
/// Those of the disk.
pub fn discard(folder: &Path) -> Result<(), ErrorRecord> {
    let store = match ReplicaStore::open(folder) {
        Err(error) if error.id() == "ReplicaDamaged" => return Ok(()),
        store => store?,
    };
    let Some(store) = store else { return Ok(()) };
    let sql = "UPDATE state SET epoch = 0, version = 0, chain = NULL, projected = 0,
               package_epoch = NULL, package_from = NULL, package_to = NULL, applied_on = NULL";
    store.connection.execute(sql, []).map(drop).map_err(|e| store.failed(&e))
}

/// A connection to a database that is there.
pub(super) fn connect(path: &Path) -> Result<Connection, ErrorRecord> {
    let _place = heal::PLACE.read().unwrap_or_else(std::sync::PoisonError::into_inner);
    let open = || -> rusqlite::Result<Connection> {
        let connection = connection(path)?;
        connection.pragma_update(None, "cache_size", -CACHE)?;
        // Opens the log too, so that both are of the same moment.
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))?;
        Ok(connection)
    };
    open().map_err(|e| failure::record(path, &e))
}

/// The row of the state, or of a part of it.
pub(super) fn state<T>(
    connection: &Connection,
    sql: &str,
    read: impl FnOnce(&Row) -> rusqlite::Result<T>,
) -> rusqlite::Result<Option<T>> {
    first(connection, sql, [], read)
}

impl ReplicaStore {
    /// Opens the replica of a folder; `None` where there is none, or it has held nothing yet.
    ///
    /// # Errors
    /// `ReplicaDamaged`, `ReplicaUnreachable`, `ReplicaLocked`.
    pub fn open(folder: &Path) -> Result<Option<ReplicaStore>, ErrorRecord> {
        let path = folder.join(FILE);
        if !path.exists() {
            return Ok(None);
        }
        let store = ReplicaStore::over(connect(&path)?, path);
        // Whoever closes a file last writes its log into it and removes the log by its name. A reader does not: the
        // file may have been set aside meanwhile, and the name be another's.
        let leave = store.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
        leave.map_err(|e| store.failed(&e))?;
        let made: i64 = store
            .connection
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
            .map_err(|e| store.failed(&e))?;
        let holds = made > 0 && store.held()?.is_some();
        Ok(holds.then_some(store))
    }

    pub(super) fn over(connection: Connection, path: PathBuf) -> ReplicaStore {
        ReplicaStore { connection, path }
    }

    /// What it holds; `None` before the first snapshot.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn held(&self) -> Result<Option<Held>, ErrorRecord> {
        let sql = "SELECT epoch, version, chain FROM state WHERE chain IS NOT NULL";
        state(&self.connection, sql, |row| {
            Ok(Held { epoch: unsigned(row.get(0)?), version: unsigned(row.get(1)?), chain: Chain(row.get(2)?) })
        })
        .map_err(|e| self.failed(&e))
    }

    pub(in crate::replication) fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(super) fn replace(&mut self, connection: Connection) -> Connection {
        std::mem::replace(&mut self.connection, connection)
    }

    pub(in crate::replication) fn failed(&self, error: &rusqlite::Error) -> ErrorRecord {
        failure::record(&self.path, error)
    }

    fn documents(&self, sql: &str, parameters: impl rusqlite::Params) -> Result<Vec<Document>, ErrorRecord> {
        let mut documents = Vec::new();
        self.each(sql, parameters, &mut |document| {
            documents.push(document);
            Ok(())
        })?;
        Ok(documents)
    }

    fn each(
        &self,
        sql: &str,
        parameters: impl rusqlite::Params,
        each: &mut dyn FnMut(Document) -> Result<(), ErrorRecord>,
    ) -> Result<(), ErrorRecord> {
        let failed = |e: rusqlite::Error| self.failed(&e);
        let mut statement = self.connection.prepare_cached(sql).map_err(failed)?;
        let mut rows = statement.query(parameters).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            each(self.document(row)?)?;
        }
        Ok(())
    }

    /// A document from kind, scope, key, version, body.
    fn document(&self, row: &Row) -> Result<Document, ErrorRecord> {
        let text = |at: usize| row.get_ref(at).and_then(|v| v.as_str().map_err(Into::into));
        let read = || -> rusqlite::Result<_> {
            Ok((DocumentId::new(text(0)?, text(1)?, text(2)?), unsigned(row.get(3)?), text(4)?))
        };
        let (id, version, body) = read().map_err(|e| self.failed(&e))?;
        let body = serde_json::from_str(body)
            .map_err(|e| failure::damaged(&self.path, &format!("the document '{id}' is no JSON: {e}")))?;
        Ok(Document { id, version, body: Some(body) })
    }

    /// Where it is; all zeros before the first snapshot.
    fn place(&self) -> Result<Head, ErrorRecord> {
        let held = self.held()?.unwrap_or(Held { epoch: 0, version: 0, chain: Chain::default() });
        Ok(Head { epoch: held.epoch, version: held.version, chain: held.chain })
    }
}

const ALL: &str = "SELECT kind, scope, key, version, body FROM documents";

/// A replica holds documents as they are: no tombstones, no history, no audit log.
impl Store for ReplicaStore {
    fn version(&self) -> Result<u64, ErrorRecord> {
        self.place().map(|head| head.version)
    }

    fn epoch(&self) -> Result<u64, ErrorRecord> {
        self.place().map(|head| head.epoch)
    }

    fn get(&self, id: &DocumentId) -> Result<Option<Document>, ErrorRecord> {
        Ok(self.documents(&format!("{ALL} WHERE name = ?1"), params![name(id)])?.pop())
    }

    fn list(&self, kind: &str) -> Result<Vec<Document>, ErrorRecord> {
        let kind = kind.to_lowercase();
        let sql = format!("{ALL} WHERE name > ?1 AND name < ?2 ORDER BY name");
        // The character after the separator ends the range of names that begin with it.
        self.documents(&sql, params![format!("{kind}{SEPARATOR}"), format!("{kind} ")])
    }

    fn since(&self, version: u64) -> Result<Vec<Document>, ErrorRecord> {
        self.documents(&format!("{ALL} WHERE version > ?1 ORDER BY version, name"), params![signed(version)])
    }

    fn history(&self, id: &DocumentId) -> Result<Vec<Document>, ErrorRecord> {
        self.get(id).map(|document| document.into_iter().collect())
    }

    fn commit(&self, _grant: &Grant, _changes: &[Change]) -> Result<u64, ErrorRecord> {
        Err(read_only(&self.path))
    }

    fn head(&self) -> Result<Head, ErrorRecord> {
        self.place()
    }

    fn chain(&self, version: u64) -> Result<Option<Chain>, ErrorRecord> {
        let head = self.place()?;
        Ok((head.version == version).then_some(head.chain))
    }

    fn read_after(
        &self,
        after: Option<u64>,
        begin: &mut dyn FnMut(&Head) -> Result<(), ErrorRecord>,
        each: &mut dyn FnMut(Document) -> Result<(), ErrorRecord>,
    ) -> Result<(), ErrorRecord> {
        let _moment =
            Transaction::new_unchecked(&self.connection, TransactionBehavior::Deferred).map_err(|e| self.failed(&e))?;
        begin(&self.place()?)?;
        self.each(&format!("{ALL} WHERE version > ?1 ORDER BY version, id"), [signed(after.unwrap_or(0))], each)
    }

    fn set_epoch(&self, _grant: &Grant, _epoch: u64) -> Result<(), ErrorRecord> {
        Err(read_only(&self.path))
    }

    fn record(&self, _entry: &audit::Entry) -> Result<(), ErrorRecord> {
        Err(read_only(&self.path))
    }

    fn audit(&self, _query: &audit::Query, _each: &mut dyn FnMut(audit::AuditRow) -> bool) -> Result<(), ErrorRecord> {
        Err(no_log(&self.path))
    }

    fn verify_audit(&self) -> Result<audit::Verdict, ErrorRecord> {
        Err(no_log(&self.path))
    }
}

fn read_only(path: &Path) -> ErrorRecord {
    let message = format!("The replica '{}' is a copy, and cannot be changed.", path.display());
    ErrorRecord::new("ReplicaIsReadOnly", Category::InvalidOperation, message)
        .hint("Leave out -LocalStore: changes are made in the Central Management store, and come here by replication.")
}

fn no_log(path: &Path) -> ErrorRecord {
    let message = format!("The replica '{}' has no audit log.", path.display());
    ErrorRecord::new("ReplicaHasNoLog", Category::InvalidOperation, message)
        .hint("Leave out -LocalStore: the log is kept with the Central Management store.")
}
