//! The audit log in the store's file.

use super::{SqliteStore, first, place, signed, unsigned};
use crate::audit::{AuditRow, Decision, Entry, Hash, Query, Verdict, Verifier, row_hash};
use crate::error::ErrorRecord;
use crate::store::Position;
use crate::value::{DateTime, DateTimeKind};
use rusqlite::{Connection, Row, Transaction, TransactionBehavior, params};

pub(super) const COLUMNS: &str = "sequence, time, principal, cmdlet, place, parameters, decision, through, outcome, changed, \
                       digest, version_before, version_after, previous, hash";

/// What the store adds to an entry.
pub(super) struct End {
    pub(super) changed: String,
    pub(super) digest: String,
    pub(super) before: u64,
    pub(super) after: u64,
}

/// The last row's number and hash; zeros of an empty log.
pub(super) fn last(of: &Connection) -> rusqlite::Result<(u64, Hash)> {
    let sql = "SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1";
    Ok(first(of, sql, [], |row| Ok((unsigned(row.get(0)?), Hash(row.get(1)?))))?.unwrap_or_default())
}

/// Appends a row, chained to the last, inside the transaction of the caller. Gives its number and hash.
pub(super) fn append(to: &Connection, entry: &Entry, time: DateTime, end: End) -> rusqlite::Result<(u64, Hash)> {
    let (sequence, previous) = last(to)?;
    let mut row = AuditRow {
        sequence: sequence + 1,
        time,
        principal: entry.principal.clone(),
        cmdlet: entry.cmdlet.clone(),
        place: entry.place.clone(),
        parameters: entry.parameters.to_string(),
        decision: entry.decision,
        through: entry.through.clone(),
        outcome: entry.outcome.clone(),
        changed: end.changed,
        digest: end.digest,
        version_before: end.before,
        version_after: end.after,
        previous,
        hash: Hash::default(),
    };
    row.hash = row_hash(&row);
    insert(to, &row)?;
    Ok((row.sequence, row.hash))
}

/// Writes a row as it is.
pub(super) fn insert(to: &Connection, row: &AuditRow) -> rusqlite::Result<()> {
    let sql = "INSERT INTO audit VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
    to.prepare_cached(sql)?.execute(params![
        signed(row.sequence),
        row.time.ticks,
        row.principal,
        row.cmdlet,
        row.place,
        row.parameters,
        row.decision.name(),
        row.through,
        row.outcome,
        row.changed,
        row.digest,
        signed(row.version_before),
        signed(row.version_after),
        row.previous.0,
        row.hash.0,
    ])?;
    Ok(())
}

/// Times are stored as ticks, always UTC.
pub(super) fn time(ticks: i64) -> DateTime {
    DateTime { ticks, kind: DateTimeKind::Utc }
}

/// A row of the log from [`COLUMNS`].
pub(super) fn read(row: &Row) -> rusqlite::Result<AuditRow> {
    let decision: String = row.get(6)?;
    let known = Decision::parse(&decision);
    Ok(AuditRow {
        sequence: unsigned(row.get(0)?),
        time: time(row.get(1)?),
        principal: row.get(2)?,
        cmdlet: row.get(3)?,
        place: row.get(4)?,
        parameters: row.get(5)?,
        decision: known.unwrap_or(Decision::Denied),
        through: row.get(7)?,
        outcome: row.get(8)?,
        changed: row.get(9)?,
        digest: row.get(10)?,
        version_before: unsigned(row.get(11)?),
        version_after: unsigned(row.get(12)?),
        previous: Hash(row.get(13)?),
        // A decision that is neither was tampered with: no hash fits it.
        hash: if known.is_some() { Hash(row.get(14)?) } else { Hash::default() },
    })
}

impl SqliteStore {
    /// Appends a row that no change goes with.
    pub(super) fn append_alone(&self, entry: &Entry) -> Result<(), ErrorRecord> {
        let position = self.write(|transaction| {
            let head = place::active(self, transaction)?;
            let end = End { changed: String::new(), digest: String::new(), before: head.version, after: head.version };
            let (sequence, hash) = append(transaction, entry, self.clock.now(), end)?;
            Ok(Position { epoch: head.epoch, sequence, hash, version: head.version, chain: head.chain })
        })?;
        self.pass(&position)
    }

    /// The rows of the log that a query asks for, the newest first, until `each` has enough.
    pub(super) fn read_log(&self, query: &Query, each: &mut dyn FnMut(AuditRow) -> bool) -> Result<(), ErrorRecord> {
        let since = query.since.map_or(i64::MIN, |time| time.ticks);
        let until = query.until.map_or(i64::MAX, |time| time.ticks);
        let decision = query.decision.map(Decision::name);
        let mut read_log = || -> rusqlite::Result<()> {
            let sql = format!(
                "SELECT {COLUMNS} FROM audit WHERE time >= ?1 AND time <= ?2 AND (?3 IS NULL OR decision = ?3)
                 ORDER BY sequence DESC"
            );
            let mut statement = self.connection.prepare_cached(&sql)?;
            let mut rows = statement.query(params![since, until, decision])?;
            while let Some(row) = rows.next()? {
                if !each(read(row)?) {
                    break;
                }
            }
            Ok(())
        };
        read_log().map_err(|e| self.failed(&e))
    }

    /// Walks the whole log.
    pub(super) fn verify_log(&self) -> Result<Verdict, ErrorRecord> {
        let verify_log = || -> rusqlite::Result<Verdict> {
            // One read transaction: the version and the log are of the same moment.
            let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Deferred)?;
            let version = unsigned(transaction.query_row("SELECT version FROM store", [], |row| row.get(0))?);
            let mut verifier = Verifier::default();
            let sql = format!("SELECT {COLUMNS} FROM audit ORDER BY sequence");
            let mut statement = transaction.prepare(&sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                verifier.row(&read(row)?);
                if verifier.is_over() {
                    break;
                }
            }
            Ok(verifier.finish(version))
        };
        verify_log().map_err(|e| self.failed(&e))
    }
}
