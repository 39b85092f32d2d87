//! Where the store is, by version, epoch and chain, and reading from there on.

use super::{SqliteStore, first, signed, unsigned};
use crate::error::ErrorRecord;
use crate::store::{Chain, Document, Head};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

/// The chain at a version; version 0 has the chain of nothing. `None` where the store has not been at it.
pub(super) fn at(connection: &Connection, version: u64) -> rusqlite::Result<Option<Chain>> {
    if version == 0 {
        return Ok(Some(Chain::default()));
    }
    let sql = "SELECT chain FROM versions WHERE version = ?1";
    first(connection, sql, [signed(version)], |row| row.get(0).map(Chain))
}

/// Writes the chain of a new version, inside the transaction of the change.
pub(super) fn append(to: &Connection, before: u64, after: u64, digest: &str) -> rusqlite::Result<Chain> {
    let last = at(to, before)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    let next = last.next(after, digest.as_bytes());
    let sql = "INSERT INTO versions (version, chain) VALUES (?1, ?2)";
    to.prepare_cached(sql)?.execute(params![signed(after), next.0])?;
    Ok(next)
}

/// Fills the chains of all versions from the audit log: a store that an older program wrote has none. A version whose
/// row is missing there, because somebody removed it, is chained with no digest: every version that was has its chain.
/// Versions that a row leaps over, as one does with which a place takes a store over, never were.
pub(super) fn fill(connection: &Connection) -> rusqlite::Result<()> {
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    let head = unsigned(transaction.query_row("SELECT version FROM store", [], |row| row.get(0))?);
    let (mut version, mut chain) = (0, Chain::default());
    transaction.execute("DELETE FROM versions", [])?;
    {
        let mut insert = transaction.prepare("INSERT INTO versions (version, chain) VALUES (?1, ?2)")?;
        let mut advance = |version: u64, digest: &str| {
            chain = chain.next(version, digest.as_bytes());
            insert.execute(params![signed(version), chain.0]).map(drop)
        };
        let sql = "SELECT version_after, digest, version_before FROM audit
                   WHERE version_after > version_before ORDER BY version_after";
        let mut statement = transaction.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let made = unsigned(row.get(0)?).min(head);
            let before = unsigned(row.get(2)?).min(head);
            while version < before {
                version += 1;
                advance(version, "")?;
            }
            if version < made {
                version = made;
                advance(version, row.get_ref(1)?.as_str()?)?;
            }
        }
        while version < head {
            version += 1;
            advance(version, "")?;
        }
    }
    transaction.commit()
}

pub(super) fn head(connection: &Connection) -> rusqlite::Result<Head> {
    let sql = "SELECT epoch, version FROM store";
    let read = connection.prepare_cached(sql)?.query_row([], |row| Ok((unsigned(row.get(0)?), unsigned(row.get(1)?))));
    let (epoch, version) = read?;
    let chain = at(connection, version)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    Ok(Head { epoch, version, chain })
}

impl SqliteStore {
    /// Epoch, version and chain of one moment.
    pub(super) fn read_head(&self) -> Result<Head, ErrorRecord> {
        let read = || {
            let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Deferred)?;
            head(&transaction)
        };
        read().map_err(|e| self.failed(&e))
    }

    /// Hands out documents as of one moment, one at a time.
    pub(super) fn stream(
        &self,
        after: Option<u64>,
        begin: &mut dyn FnMut(&Head) -> Result<(), ErrorRecord>,
        each: &mut dyn FnMut(Document) -> Result<(), ErrorRecord>,
    ) -> Result<(), ErrorRecord> {
        let transaction =
            Transaction::new_unchecked(&self.connection, TransactionBehavior::Deferred).map_err(|e| self.failed(&e))?;
        begin(&head(&transaction).map_err(|e| self.failed(&e))?)?;
        // By version and then as they were first made: the order of the index, so that nothing is sorted.
        let sql = match after {
            Some(_) => "SELECT kind, scope, key, version, body FROM documents WHERE version > ?1 ORDER BY version, id",
            None => {
                "SELECT kind, scope, key, version, body FROM documents
                 WHERE version > ?1 AND body IS NOT NULL ORDER BY version, id"
            }
        };
        let mut statement = transaction.prepare_cached(sql).map_err(|e| self.failed(&e))?;
        let mut rows = statement.query([signed(after.unwrap_or(0))]).map_err(|e| self.failed(&e))?;
        while let Some(row) = rows.next().map_err(|e| self.failed(&e))? {
            each(self.document(row)?)?;
        }
        Ok(())
    }
}
