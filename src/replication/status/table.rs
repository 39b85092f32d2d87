//! The file of the status table.

use crate::error::{Category, ErrorRecord};
use crate::replication::PackageKind;
use crate::replication::master::Row;
use crate::store::sqlite::{signed, unsigned};
use crate::store::{Chain, Held};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use std::fs::File;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// SQLite's `application_id` of status tables: "Rees".
const APPLICATION: i64 = 0x5265_6573;
/// The schema that this program writes.
const SCHEMA: i64 = 1;
/// How long a writer waits for another.
const BUSY: Duration = Duration::from_secs(5);

/// What the master keeps of itself. Times are ticks in coordinated universal time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Central {
    /// When its status was last written.
    pub updated: Option<i64>,
    /// When it was last seen at work.
    pub heartbeat: Option<i64>,
}

/// The status of the replicas, in `store/status.db`. Several processes may have it open.
pub struct StatusTable {
    connection: Connection,
    path: PathBuf,
}

impl StatusTable {
    /// Opens the table, or makes it. What is in it can be had again from the replicas: a damaged one is begun anew, and
    /// each replica gets a full snapshot.
    ///
    /// # Errors
    /// `StatusFailed`, `StatusNewer`.
    pub fn open(path: &Path) -> Result<StatusTable, ErrorRecord> {
        match connect(path) {
            Err(Trouble::Damaged(what)) => {
                tracing::warn!(file = %path.display(), what, "the status table is damaged and is begun anew");
                for end in ["", "-wal", "-shm"] {
                    // What is still there shows when it is opened again.
                    let _ = std::fs::remove_file(format!("{}{end}", path.display()));
                }
                connect(path)
            }
            other => other,
        }
        .map(|connection| StatusTable { connection, path: path.to_path_buf() })
        .map_err(|trouble| match trouble {
            Trouble::Record(error) => *error,
            Trouble::Damaged(what) => failed(path, &what),
        })
    }

    /// All rows, by name.
    ///
    /// # Errors
    /// `StatusFailed`.
    pub fn load_all(&self) -> Result<Vec<Row>, ErrorRecord> {
        let load = || -> rusqlite::Result<Vec<Row>> {
            let sql = "SELECT computer, epoch, version, chain, last_package_kind, last_status_report,
                       last_update_creation, last_contact, product, last_error, hook_error, not_after,
                       clock_skew_seconds FROM replicas ORDER BY name";
            let mut statement = self.connection.prepare_cached(sql)?;
            statement.query_map([], read)?.collect()
        };
        load().map_err(|e| self.failed(&e))
    }

    /// Writes rows, each in the place of the one of its computer, in one transaction. It need not be on the disk when
    /// this returns: what a power failure takes, the replicas say again.
    ///
    /// # Errors
    /// `StatusFailed`.
    pub fn write(&self, rows: &[Row]) -> Result<(), ErrorRecord> {
        let write = || -> rusqlite::Result<()> {
            let transaction = self.begin("NORMAL")?;
            {
                let sql = "INSERT OR REPLACE INTO replicas (name, computer, epoch, version, chain, last_package_kind,
                           last_status_report, last_update_creation, last_contact, product, last_error, hook_error,
                           not_after, clock_skew_seconds)
                           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
                let mut insert = transaction.prepare_cached(sql)?;
                for row in rows {
                    insert.execute(params![
                        row.computer.to_lowercase(),
                        &*row.computer,
                        row.held.map(|held| signed(held.epoch)),
                        row.held.map(|held| signed(held.version)),
                        row.held.map(|held| held.chain.0),
                        row.last_package_kind.map(PackageKind::name),
                        row.last_status_report,
                        row.last_update_creation,
                        row.last_contact,
                        row.product.as_deref(),
                        row.last_error.as_deref(),
                        row.hook_error.as_deref(),
                        row.not_after,
                        row.clock_skew_seconds,
                    ])?;
                }
            }
            transaction.commit()
        };
        write().map_err(|e| self.failed(&e))
    }

    /// Deletes the row of a computer, in any case of its name, or all rows: on the disk when it returns.
    ///
    /// # Errors
    /// `StatusFailed`.
    pub fn forget(&self, computer: Option<&str>) -> Result<(), ErrorRecord> {
        let forget = || -> rusqlite::Result<()> {
            let transaction = self.begin("FULL")?;
            match computer {
                Some(computer) => {
                    transaction.execute("DELETE FROM replicas WHERE name = ?1", [computer.to_lowercase()])?
                }
                None => transaction.execute("DELETE FROM replicas", [])?,
            };
            // A transaction that changes nothing does not wait for the disk, and rows that were deleted before may not
            // be on it yet.
            transaction.execute("UPDATE central SET forgotten = forgotten + 1", [])?;
            transaction.commit()
        };
        forget().map_err(|e| self.failed(&e))
    }

    /// What the master last said of itself.
    ///
    /// # Errors
    /// `StatusFailed`.
    pub fn central(&self) -> Result<Central, ErrorRecord> {
        let sql = "SELECT updated, heartbeat FROM central";
        let read = self
            .connection
            .query_row(sql, [], |row| Ok(Central { updated: row.get(0)?, heartbeat: row.get(1)? }))
            .optional();
        read.map(Option::unwrap_or_default).map_err(|e| self.failed(&e))
    }

    /// Keeps what the master says of itself; like rows, it need not be on the disk when this returns.
    ///
    /// # Errors
    /// `StatusFailed`.
    pub fn write_central(&self, central: Central) -> Result<(), ErrorRecord> {
        let write = || -> rusqlite::Result<()> {
            let transaction = self.begin("NORMAL")?;
            let values = params![central.updated, central.heartbeat];
            transaction.execute("UPDATE central SET updated = ?1, heartbeat = ?2", values)?;
            transaction.commit()
        };
        write().map_err(|e| self.failed(&e))
    }

    fn begin(&self, synchronous: &str) -> rusqlite::Result<Transaction<'_>> {
        self.connection.pragma_update(None, "synchronous", synchronous)?;
        Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)
    }

    fn failed(&self, error: &rusqlite::Error) -> ErrorRecord {
        failed(&self.path, &error.to_string())
    }
}

fn read(row: &rusqlite::Row) -> rusqlite::Result<Row> {
    let chain: Option<[u8; 32]> = row.get(3)?;
    let (epoch, version) = (row.get::<_, Option<i64>>(1)?, row.get::<_, Option<i64>>(2)?);
    let held = epoch.zip(version).zip(chain).map(|((epoch, version), chain)| Held {
        epoch: unsigned(epoch),
        version: unsigned(version),
        chain: Chain(chain),
    });
    let kind: Option<String> = row.get(4)?;
    let text = |at: usize| row.get::<_, Option<String>>(at);
    Ok(Row {
        computer: row.get::<_, String>(0)?.into(),
        held,
        last_package_kind: [PackageKind::Full, PackageKind::Delta]
            .into_iter()
            .find(|known| kind.as_deref() == Some(known.name())),
        last_status_report: row.get(5)?,
        last_update_creation: row.get(6)?,
        last_contact: row.get(7)?,
        product: text(8)?.map(Into::into),
        last_error: text(9)?.map(Into::into),
        hook_error: text(10)?.map(Into::into),
        not_after: row.get(11)?,
        clock_skew_seconds: row.get(12)?,
    })
}

/// Why a table could not be opened.
enum Trouble {
    Damaged(String),
    Record(Box<ErrorRecord>),
}

fn connect(path: &Path) -> Result<Connection, Trouble> {
    File::options()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
        .map_err(|error| Trouble::Record(Box::new(failed(path, &error.to_string()))))?;
    let trouble = |error: rusqlite::Error| match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => {
            Trouble::Damaged(error.to_string())
        }
        _ => Trouble::Record(Box::new(failed(path, &error.to_string()))),
    };
    let connection = Connection::open(path).map_err(trouble)?;
    connection.busy_timeout(BUSY).map_err(trouble)?;
    let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(trouble);
    let (application, schema) = (pragma("application_id")?, pragma("user_version")?);
    if application != APPLICATION && (application, schema) != (0, 0) {
        return Err(Trouble::Damaged("it is a database, but no status table of ours".into()));
    }
    if schema > SCHEMA {
        let message = format!("'{}' was written by a newer program.", path.display());
        let error = ErrorRecord::new("StatusNewer", Category::ResourceUnavailable, message)
            .hint("Use the newer program, or remove the file: the replicas report anew then.");
        return Err(Trouble::Record(Box::new(error)));
    }
    if schema < SCHEMA {
        make(&connection).map_err(trouble)?;
    }
    Ok(connection)
}

fn make(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    // Whoever made it while we waited has made it whole.
    transaction.execute_batch(include_str!("schema.sql"))?;
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", SCHEMA)?;
    transaction.commit()
}

fn failed(path: &Path, what: &str) -> ErrorRecord {
    let message = format!("The status table '{}' cannot be read or written: {what}.", path.display());
    ErrorRecord::new("StatusFailed", Category::ResourceUnavailable, message)
        .hint("See that its disk is well and has room. It may be removed: the replicas report anew then.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(computer: &str, version: u64) -> Row {
        let mut row = Row::new(computer.into());
        row.held = Some(Held { epoch: 2, version, chain: Chain([7; 32]) });
        row.last_package_kind = Some(PackageKind::Delta);
        row.last_status_report = Some(638_000_000_000_000_000);
        row.product = Some("0.1.0".into());
        row.last_error = Some("ReplicaDiskFull: full".into());
        row.clock_skew_seconds = Some(-3600);
        row
    }

    /// Rule: what was written is there after it is opened again; a name is one in any case.
    #[test]
    fn rows_are_kept_and_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("status.db");
        let table = StatusTable::open(&path).unwrap();
        table.write(&[row("B.contoso.net", 1), Row::new("a.contoso.net".into())]).unwrap();
        table.write(&[row("b.contoso.net", 2)]).unwrap();
        table.write_central(Central { updated: Some(5), heartbeat: Some(6) }).unwrap();
        drop(table);
        let table = StatusTable::open(&path).unwrap();
        assert_eq!(table.load_all().unwrap(), [Row::new("a.contoso.net".into()), row("b.contoso.net", 2)]);
        assert_eq!(table.central().unwrap(), Central { updated: Some(5), heartbeat: Some(6) });
    }

    #[test]
    fn one_row_or_all_are_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let table = StatusTable::open(&folder.path().join("status.db")).unwrap();
        table.write(&[row("a", 1), row("b", 1), row("c", 1)]).unwrap();
        table.forget(Some("B")).unwrap();
        let left: Vec<String> = table.load_all().unwrap().iter().map(|row| row.computer.to_string()).collect();
        assert_eq!(left, ["a", "c"]);
        table.forget(None).unwrap();
        assert!(table.load_all().unwrap().is_empty());
    }

    /// Rule: a damaged table costs a full snapshot, never the server.
    #[test]
    fn a_damaged_table_is_begun_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("status.db");
        std::fs::write(&path, b"this is no database at all".repeat(400)).unwrap();
        assert!(StatusTable::open(&path).unwrap().load_all().unwrap().is_empty());
    }
}
