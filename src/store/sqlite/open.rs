//! Making and opening a store's file, and bringing an older one up to date.

use super::{SqliteStore, chain, failure};
use crate::env::{Clock, SystemClock};
use crate::error::{Category, ErrorRecord};
use crate::store::{Placed, Role};
use rusqlite::{Connection, OpenFlags};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

mod embedded {
    refinery::embed_migrations!("src/store/migrations");
}

/// The schema that this program writes: the number of its last migration.
const SCHEMA: i64 = 3;
/// The schema since which every version has its chain.
const CHAINED: i64 = 2;
/// SQLite's `application_id` of our files: "Reev".
const APPLICATION: i64 = 0x5265_6576;
/// How long a writer waits for another, and an opener for one that recovers.
const BUSY: Duration = Duration::from_secs(5);

impl SqliteStore {
    /// Makes a store in a file that is not there yet.
    ///
    /// # Errors
    /// `StoreExists`, and `StoreUnreachable` where the file cannot be written.
    pub fn create(path: impl AsRef<Path>) -> Result<SqliteStore, ErrorRecord> {
        SqliteStore::create_with(path, Arc::new(SystemClock))
    }

    /// Makes a store whose audit log goes by the clock given.
    ///
    /// # Errors
    /// Those of [`SqliteStore::create`].
    pub fn create_with(path: impl AsRef<Path>, clock: Arc<dyn Clock>) -> Result<SqliteStore, ErrorRecord> {
        let path = path.as_ref();
        match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                return Err(exists(path));
            }
            Err(error) => return Err(unreachable(path, &error)),
        }
        let connection = connect(path)?;
        migrate(connection, path)?;
        SqliteStore::open_with(path, clock)
    }

    /// Makes an empty database that follows another place: made beside and renamed, so that nobody finds half of it, or
    /// one that takes changes.
    ///
    /// # Errors
    /// Those of [`SqliteStore::create`].
    pub fn create_standby(path: impl AsRef<Path>, clock: Arc<dyn Clock>) -> Result<SqliteStore, ErrorRecord> {
        // Two that make the same one would work in the same file beside. Another process is kept out by the host
        // directory's lock.
        static MAKING: Mutex<()> = Mutex::new(());
        let _making = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
        let path = path.as_ref();
        if path.exists() {
            return Err(exists(path));
        }
        let mut beside = path.as_os_str().to_owned();
        beside.push(".new");
        let beside = Path::new(&beside);
        // What a killed process left behind.
        for end in ["", "-wal", "-shm", "-journal"] {
            let mut left = beside.as_os_str().to_owned();
            left.push(end);
            match std::fs::remove_file(Path::new(&left)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(unreachable(beside, &error)),
                _ => {}
            }
        }
        let store = SqliteStore::create_with(beside, clock.clone())?;
        store.set_role(Role::Standby)?;
        // Whoever closes it last writes its log into it, and takes the log away.
        store.connection.close().map_err(|(_, e)| failure::record(beside, &e))?;
        // A link, unlike a renaming, replaces nothing.
        let placed = std::fs::hard_link(beside, path).and_then(|()| std::fs::remove_file(beside));
        match placed {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                // Somebody else was faster; what was made beside is removed with the next attempt at the latest.
                let _ = std::fs::remove_file(beside);
                return Err(exists(path));
            }
            placed => placed.map_err(|error| unreachable(path, &error))?,
        }
        if let Some(folder) = path.parent() {
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            let synced = std::fs::File::open(folder).and_then(|folder| folder.sync_all());
            synced.map_err(|error| unreachable(path, &error))?;
        }
        SqliteStore::open_with(path, clock)
    }

    /// A store that lives only as long as this value, for tests and for trying things out.
    ///
    /// # Errors
    /// `StoreFailed` where there is no memory for it.
    pub fn in_memory() -> Result<SqliteStore, ErrorRecord> {
        let path = Path::new(":memory:");
        let mut connection = Connection::open_in_memory().map_err(|e| failure::record(path, &e))?;
        run_migrations(&mut connection, path)?;
        Ok(SqliteStore::over(connection, path, Arc::new(SystemClock)))
    }

    /// Opens a store, and brings an older one up to date first.
    ///
    /// # Errors
    /// `StoreUnreachable` where there is no such file, `StoreDamaged`, `StoreNewer`, `StoreLocked`.
    pub fn open(path: impl AsRef<Path>) -> Result<SqliteStore, ErrorRecord> {
        SqliteStore::open_with(path, Arc::new(SystemClock))
    }

    /// Opens a store whose audit log goes by the clock given.
    ///
    /// # Errors
    /// Those of [`SqliteStore::open`].
    pub fn open_with(path: impl AsRef<Path>, clock: Arc<dyn Clock>) -> Result<SqliteStore, ErrorRecord> {
        let path = path.as_ref();
        let metadata = std::fs::metadata(path).map_err(|error| unreachable(path, &error))?;
        if metadata.len() == 0 {
            return Err(failure::damaged(path, "the file is empty"));
        }
        let mut connection = connect(path)?;
        if pragma(&connection, path, "application_id")? != APPLICATION {
            return Err(failure::damaged(path, "it is a database, but no store of ours"));
        }
        let found = pragma(&connection, path, "user_version")?;
        if found > SCHEMA {
            return Err(failure::newer(path, found, SCHEMA));
        }
        if found < SCHEMA {
            migrate(connection, path)?;
            connection = connect(path)?;
        }
        Ok(SqliteStore::over(connection, path, clock))
    }
}

/// A connection with our settings to a database that is there: what is committed is on the disk. It reads nothing of the
/// file yet.
pub(crate) fn connection(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(32);
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

fn connect(path: &Path) -> Result<Connection, ErrorRecord> {
    connection(path).map_err(|e| failure::record(path, &e))
}

fn pragma(connection: &Connection, path: &Path, name: &str) -> Result<i64, ErrorRecord> {
    connection.pragma_query_value(None, name, |row| row.get(0)).map_err(|e| failure::record(path, &e))
}

/// Runs the migrations that are missing. The file is held alone meanwhile, so that of two processes one waits and then
/// finds the work done.
fn migrate(mut connection: Connection, path: &Path) -> Result<(), ErrorRecord> {
    let failed = |e: rusqlite::Error| failure::record(path, &e);
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE").map_err(failed)?;
    // A write takes the lock, and this locking mode keeps it until the connection is closed.
    connection.execute_batch("BEGIN EXCLUSIVE; COMMIT").map_err(failed)?;
    let runner = embedded::migrations::runner().set_grouped(true);
    let failed_migration =
        |e: refinery::Error| failure::damaged(path, &format!("its schema cannot be brought up: {e}"));
    runner.run(&mut connection).map_err(failed_migration)?;
    connection.pragma_update(None, "application_id", APPLICATION).map_err(failed)?;
    if pragma(&connection, path, "user_version")? < CHAINED {
        chain::fill(&connection).map_err(failed)?;
    }
    // The number of the schema comes last: whoever is killed before begins again.
    connection.pragma_update(None, "user_version", SCHEMA).map_err(failed)?;
    connection.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
    connection.close().map_err(|(_, e)| failure::record(path, &e))
}

fn run_migrations(connection: &mut Connection, path: &Path) -> Result<(), ErrorRecord> {
    let runner = embedded::migrations::runner().set_grouped(true);
    let failed = |e: refinery::Error| failure::damaged(path, &format!("its schema cannot be brought up: {e}"));
    runner.run(connection).map(|_| ()).map_err(failed)
}

fn exists(path: &Path) -> ErrorRecord {
    let message = format!("There is a store at '{}' already.", path.display());
    ErrorRecord::new("StoreExists", Category::ResourceExists, message).hint("Open it, or name another place.")
}

fn unreachable(path: &Path, error: &std::io::Error) -> ErrorRecord {
    let message = format!("The store '{}' cannot be opened: {error}.", path.display());
    ErrorRecord::new("StoreUnreachable", Category::ResourceUnavailable, message)
        .hint("See that the file is there, and that you may read and write it.")
}
