//! The database at this place: its role, its epochs, where its log stands, and what it keeps for itself.

use super::commit::Found;
use super::{Failure, SqliteStore, chain, failure, first, log, signed, unsigned};
use crate::audit::Hash;
use crate::error::{Category, ErrorRecord};
use crate::store::{Change, Grant, Head, LogEntry, MIRRORED, Placed, Position, Role};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

/// The note with the highest epoch that was heard of.
const HIGHEST_EPOCH: &str = "HighestEpoch";

/// Where the store is, if it takes changes here.
pub(super) fn active(store: &SqliteStore, transaction: &Connection) -> Result<Head, Failure> {
    match role(store, transaction)? {
        Role::Active if store.alone && mirrored(transaction)? => Err(unasked(store).into()),
        Role::Active => Ok(chain::head(transaction)?),
        role => {
            let message = format!("The store '{}' takes no changes: here it is {}.", store.path.display(), role.name());
            let hint = match role {
                Role::Closed => "It is going over to another place, and nothing was changed: try again in a moment.",
                _ => "Make the change at the place where it is active.",
            };
            Err(ErrorRecord::new("StoreNotActive", Category::ResourceUnavailable, message).hint(hint).into())
        }
    }
}

/// Whether a mirror may be certain that nothing is acknowledged without it.
fn mirrored(connection: &Connection) -> rusqlite::Result<bool> {
    first(connection, "SELECT 1 FROM notes WHERE name = ?1", [MIRRORED], |_| Ok(())).map(|found| found.is_some())
}

fn unasked(store: &SqliteStore) -> ErrorRecord {
    let message = format!(
        "The store '{}' has a mirror, without which nothing is acknowledged, and no server runs here that asks it. Nothing \
         was changed.",
        store.path.display()
    );
    ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, message)
        .hint("Start the server (reeve serve --dir DIR, or reeve lab), and make the change then.")
}

/// Nothing, if the store follows another place.
pub(super) fn standby(store: &SqliteStore, transaction: &Connection) -> Result<(), Failure> {
    match role(store, transaction)? {
        Role::Standby => Ok(()),
        role => {
            let message = format!(
                "The store '{}' takes nothing over from another place: here it is {}.",
                store.path.display(),
                role.name()
            );
            Err(ErrorRecord::new("StoreNotStandby", Category::InvalidOperation, message)
                .hint("Only a database that stands by is written to from another place.")
                .into())
        }
    }
}

fn role(store: &SqliteStore, connection: &Connection) -> Result<Role, Failure> {
    let text: String = connection.prepare_cached("SELECT role FROM store")?.query_row([], |row| row.get(0))?;
    Role::parse(&text)
        .ok_or_else(|| failure::damaged(&store.path, &format!("'{text}' is no role of a database")).into())
}

pub(super) fn write_role(to: &Connection, role: Role) -> rusqlite::Result<()> {
    to.prepare_cached("UPDATE store SET role = ?1")?.execute([role.name()]).map(drop)
}

/// Refuses an epoch that is not after the present one.
pub(super) fn later(now: &Head, epoch: u64) -> Result<(), ErrorRecord> {
    if epoch > now.epoch && i64::try_from(epoch).is_ok() { Ok(()) } else { Err(epoch_over(now.epoch, epoch)) }
}

pub(super) fn epoch_over(now: u64, epoch: u64) -> ErrorRecord {
    let message = format!("The store is in epoch {now}, and epochs do not go back to {epoch}.");
    ErrorRecord::new("EpochOver", Category::InvalidOperation, message)
        .hint("Another host has taken the store over; take the epoch from it.")
}

/// How the row with which an epoch begins says so: the hash of the row covers it.
pub(super) fn epoch_text(from: u64, to: u64) -> String {
    format!("epoch {from} to {to}")
}

/// A row of the log has begun an epoch.
pub(super) fn begin_epoch(to: &Connection, sequence: u64, epoch: u64) -> rusqlite::Result<()> {
    let sql = "INSERT INTO epochs (sequence, epoch) VALUES (?1, ?2)";
    to.prepare_cached(sql)?.execute([signed(sequence), signed(epoch)])?;
    to.prepare_cached("UPDATE store SET epoch = ?1")?.execute([signed(epoch)]).map(drop)
}

/// The epoch in which a row was written.
pub(super) fn epoch_at(connection: &Connection, sequence: u64) -> rusqlite::Result<u64> {
    let sql = "SELECT epoch FROM epochs WHERE sequence <= ?1 ORDER BY sequence DESC LIMIT 1";
    Ok(first(connection, sql, [signed(sequence)], |row| row.get(0).map(unsigned))?.unwrap_or(1))
}

/// Where the log stands.
pub(super) fn position(connection: &Connection) -> rusqlite::Result<Position> {
    let Head { epoch, version, chain } = chain::head(connection)?;
    let (sequence, hash) = log::last(connection)?;
    Ok(Position { epoch, sequence, hash, version, chain })
}

/// The highest epoch that this place was in or heard of.
pub(super) fn highest_epoch(connection: &Connection) -> rusqlite::Result<u64> {
    let sql = "SELECT max(epoch, coalesce((SELECT CAST(body AS INTEGER) FROM notes WHERE name = ?1), 0)) FROM store";
    connection.prepare_cached(sql)?.query_row([HIGHEST_EPOCH], |row| row.get(0)).map(unsigned)
}

/// Keeps the highest epoch in mind.
pub(super) fn hear(to: &Connection, epoch: u64) -> rusqlite::Result<()> {
    write_note(to, HIGHEST_EPOCH, Some(&signed(epoch).to_string()))
}

fn write_note(to: &Connection, name: &str, note: Option<&str>) -> rusqlite::Result<()> {
    match note {
        Some(note) => {
            let sql = "INSERT INTO notes (name, body) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET body = ?2";
            to.prepare_cached(sql)?.execute(params![name, note]).map(drop)
        }
        None => to.prepare_cached("DELETE FROM notes WHERE name = ?1")?.execute([name]).map(drop),
    }
}

impl Found {
    /// Whether it was changed at a version or later.
    pub(super) fn is_at(&self, version: u64) -> bool {
        self.version >= version
    }
}

impl SqliteStore {
    /// Reads as of one moment.
    pub(super) fn read<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T, Failure>) -> Result<T, ErrorRecord> {
        let read = || {
            let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Deferred)?;
            work(&transaction)
        };
        read().map_err(|failure| match failure {
            Failure::Engine(error) => self.failed(&error),
            Failure::Said(error) => error,
        })
    }
}

impl Placed for SqliteStore {
    fn role(&self) -> Result<Role, ErrorRecord> {
        self.read(|transaction| role(self, transaction))
    }

    fn set_role(&self, role: Role) -> Result<(), ErrorRecord> {
        self.write(|transaction| Ok(write_role(transaction, role)?))
    }

    fn position(&self) -> Result<Position, ErrorRecord> {
        self.read(|transaction| Ok(position(transaction)?))
    }

    fn hash_at(&self, sequence: u64) -> Result<Option<Hash>, ErrorRecord> {
        if sequence == 0 {
            return Ok(Some(Hash::default()));
        }
        let sql = "SELECT hash FROM audit WHERE sequence = ?1";
        first(&self.connection, sql, [signed(sequence)], |row| row.get(0).map(Hash)).map_err(|e| self.failed(&e))
    }

    fn entries_after(
        &self,
        sequence: u64,
        each: &mut dyn FnMut(LogEntry) -> Result<bool, ErrorRecord>,
    ) -> Result<(), ErrorRecord> {
        self.read(|transaction| self.entries(transaction, sequence, each))
    }

    fn apply(&self, entries: &[LogEntry]) -> Result<Position, ErrorRecord> {
        self.take(entries)
    }

    fn rewind(
        &self,
        to: u64,
        kept: &mut dyn FnMut(LogEntry) -> Result<(), ErrorRecord>,
    ) -> Result<Position, ErrorRecord> {
        self.take_back(to, kept)
    }

    fn promote(&self, grant: &Grant, epoch: u64, above: u64, changes: &[Change]) -> Result<Position, ErrorRecord> {
        self.take_over(grant, epoch, above, changes)
    }

    fn keep_note(&self, name: &str, note: Option<&serde_json::Value>) -> Result<(), ErrorRecord> {
        let text = note.map(serde_json::Value::to_string);
        self.write(|transaction| Ok(write_note(transaction, name, text.as_deref())?))
    }

    fn note(&self, name: &str) -> Result<Option<serde_json::Value>, ErrorRecord> {
        let sql = "SELECT body FROM notes WHERE name = ?1";
        let text = first(&self.connection, sql, [name], |row| row.get::<_, String>(0)).map_err(|e| self.failed(&e))?;
        let damaged = |e| failure::damaged(&self.path, &format!("the note '{name}' is no JSON: {e}"));
        text.map(|text| serde_json::from_str(&text)).transpose().map_err(damaged)
    }

    fn highest_epoch(&self) -> Result<u64, ErrorRecord> {
        self.read(|transaction| Ok(highest_epoch(transaction)?))
    }

    fn hear_epoch(&self, epoch: u64) -> Result<u64, ErrorRecord> {
        self.write(|transaction| {
            let highest = highest_epoch(transaction)?;
            if epoch > highest {
                hear(transaction, epoch)?;
            }
            Ok(highest.max(epoch))
        })
    }
}
