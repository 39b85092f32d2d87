//! The database of a replica: opened, applied to, healed.

use super::fill::Fill;
use super::reader::{self, ReplicaStore};
use super::{FILE, apply, failure, heal};
use crate::env::{Clock, SystemClock};
use crate::error::ErrorRecord;
use crate::replication::message::Announce;
use crate::replication::{PackageId, PackageKind};
use crate::store::Held;
use crate::store::sqlite::{signed, unsigned};
use crate::value::{DateTime, DateTimeKind};
use rusqlite::{Connection, params};
use std::fs::{DirBuilder, File};
use std::io::BufRead;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The schema that this program writes.
const SCHEMA: i64 = 1;
/// SQLite's `application_id` of our replicas: "Reer".
const APPLICATION: i64 = 0x5265_6572;

/// The package that was applied last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastPackage {
    /// Its name.
    pub package: PackageId,
    /// When it was applied, by this computer's clock.
    pub applied_on: DateTime,
}

/// The database of a replica: `replica.db` in the replica's folder, WAL, every package on the disk before it is
/// reported. Only the server of its computer writes it.
pub struct ReplicaDb {
    store: ReplicaStore,
    folder: PathBuf,
    deployment: String,
    clock: Arc<dyn Clock>,
    /// The highest epoch seen, as kept in both places.
    highest: u64,
    /// Device and number of the database's file.
    file: Option<(u64, u64)>,
}

impl ReplicaDb {
    /// Opens the replica of a folder, or makes it. A damaged one, or one of another deployment, is set aside and begun
    /// anew: it holds nothing then, and a full snapshot heals it.
    ///
    /// # Errors
    /// `ReplicaUnreachable`, `ReplicaLocked`, `ReplicaNewer`, `ReplicaDiskFull`, `ReplicaFailed`.
    pub fn open(folder: &Path, deployment: &str) -> Result<ReplicaDb, ErrorRecord> {
        ReplicaDb::open_with(folder, deployment, Arc::new(SystemClock))
    }

    /// The same with a clock of one's own.
    ///
    /// # Errors
    /// Those of [`ReplicaDb::open`].
    pub fn open_with(folder: &Path, deployment: &str, clock: Arc<dyn Clock>) -> Result<ReplicaDb, ErrorRecord> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|e| failure::system(folder, &e))?;
        let connection = match connect(folder, deployment) {
            Err(error) if error.id() == "ReplicaDamaged" => renew(folder, deployment, &*clock, &error)?,
            connection => connection?,
        };
        let mut db = ReplicaDb {
            store: ReplicaStore::over(connection, folder.join(FILE)),
            folder: folder.to_path_buf(),
            deployment: deployment.to_string(),
            clock,
            highest: 0,
            file: number(folder),
        };
        db.highest = heal::epoch(folder).max(db.kept_epoch()?);
        Ok(db)
    }

    /// The folder that it is in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What it holds; `None` before the first snapshot.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn held(&self) -> Result<Option<Held>, ErrorRecord> {
        self.store.held()
    }

    /// The highest epoch that it ever saw; 0 before the first.
    pub fn highest_epoch(&self) -> u64 {
        self.highest
    }

    /// Remembers that an epoch has begun, on the disk when it returns. It never goes back: an earlier one changes
    /// nothing. Gives the highest.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn raise_epoch(&mut self, epoch: u64) -> Result<u64, ErrorRecord> {
        if epoch > self.highest {
            heal::keep_epoch(&self.folder, epoch)?;
            self.highest = epoch;
            let sql = "UPDATE state SET highest_epoch = ?1 WHERE highest_epoch < ?1";
            self.store.connection().execute(sql, [signed(epoch)]).map_err(|e| self.store.failed(&e))?;
        }
        Ok(self.highest)
    }

    /// The package that was applied last, if one was.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn last_package(&self) -> Result<Option<LastPackage>, ErrorRecord> {
        let sql = "SELECT package_epoch, package_from, package_to, applied_on FROM state WHERE package_to IS NOT NULL";
        reader::state(self.store.connection(), sql, |row| {
            let package = PackageId {
                epoch: unsigned(row.get(0)?),
                from: row.get::<_, Option<i64>>(1)?.map(unsigned),
                to: unsigned(row.get(2)?),
            };
            Ok(LastPackage { package, applied_on: DateTime { ticks: row.get(3)?, kind: DateTimeKind::Utc } })
        })
        .map_err(|e| self.store.failed(&e))
    }

    /// What stands in the way of documents or hook, as it was when it was last tried.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn trouble(&self) -> Result<Option<String>, ErrorRecord> {
        let sql = "SELECT coalesce(projection_error, hook_error) FROM state";
        reader::state(self.store.connection(), sql, |row| row.get(0))
            .map(Option::flatten)
            .map_err(|e| self.store.failed(&e))
    }

    /// Applies an unpacked package, in one transaction that is on the disk when this returns. Gives what is held then.
    /// On an error nothing was changed, but for `ReplicaDamaged`: then the database was set aside, and holds nothing.
    ///
    /// # Errors
    /// Those of [`apply`](super::apply()): `PackageStale`, `PackageCorrupt`, `PackageForeign`, `PackageNewer`,
    /// `ReplicaDiskFull`, `ReplicaDamaged`, `ReplicaFailed`.
    pub fn apply(&mut self, announce: &Announce, package: &mut dyn BufRead) -> Result<Held, ErrorRecord> {
        self.see_whether_it_is_there()?;
        let now = self.clock.now();
        let mut fill = Fill::new(&self.store, &self.folder, &self.deployment, self.highest, now, announce);
        let applied = apply::apply(&mut fill, announce, package);
        self.highest = fill.highest();
        if announce.package.kind() == PackageKind::Full {
            // Its pages are of no use to the next delta, and a thousand replicas may share a process. Where this fails
            // they go when others need the room.
            let _ = self.store.connection().execute_batch("PRAGMA shrink_memory");
        }
        if let Err(error) = &applied
            && error.id() == "ReplicaDamaged"
        {
            self.begin_anew(error)?;
        }
        applied
    }

    /// A file that was deleted under its name could still be written, and what was written be nowhere: it is begun anew.
    fn see_whether_it_is_there(&mut self) -> Result<(), ErrorRecord> {
        let there = number(&self.folder);
        if there.is_some() && there == self.file {
            return Ok(());
        }
        let made = match DirBuilder::new().mode(0o700).create(&self.folder) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        };
        // Not the folders above it: where those are gone the computer's directory is, and is not to come back.
        made.map_err(|error| failure::system(&self.folder, &error))?;
        let error = failure::damaged(&self.folder.join(FILE), "its file was taken away while the server had it open");
        self.begin_anew(&error)?;
        Err(error)
    }

    fn begin_anew(&mut self, why: &ErrorRecord) -> Result<(), ErrorRecord> {
        // The file must be closed before it moves: whoever closes it last removes its log by its name.
        let none = Connection::open_in_memory().map_err(|e| self.store.failed(&e))?;
        drop(self.store.replace(none));
        let connection = renew(&self.folder, &self.deployment, &*self.clock, why)?;
        drop(self.store.replace(connection));
        self.file = number(&self.folder);
        // What was kept beside a file that is gone may be gone with it.
        if self.highest > heal::epoch(&self.folder) {
            heal::keep_epoch(&self.folder, self.highest)?;
        }
        Ok(())
    }

    /// It as a store to read from.
    pub fn store(&self) -> &ReplicaStore {
        &self.store
    }

    fn kept_epoch(&self) -> Result<u64, ErrorRecord> {
        let kept = reader::state(self.store.connection(), "SELECT highest_epoch FROM state", |row| row.get(0));
        kept.map(|epoch| epoch.map_or(0, unsigned)).map_err(|e| self.store.failed(&e))
    }
}

/// Device and number of the database's file in a folder; `None` where there is none.
fn number(folder: &Path) -> Option<(u64, u64)> {
    folder.join(FILE).metadata().ok().map(|data| (data.dev(), data.ino()))
}

/// Sets a database aside and begins anew.
fn renew(folder: &Path, deployment: &str, clock: &dyn Clock, why: &ErrorRecord) -> Result<Connection, ErrorRecord> {
    let aside = heal::set_aside(folder, clock)?;
    tracing::warn!(
        error = why.message(),
        aside = %aside.display(),
        "the replica is begun anew and fetches a full snapshot"
    );
    connect(folder, deployment)
}

/// Opens the database of a folder for writing, or makes it.
fn connect(folder: &Path, deployment: &str) -> Result<Connection, ErrorRecord> {
    let path = folder.join(FILE);
    // Made by us, so that it and the log beside it are for their owner alone.
    File::options().append(true).create(true).mode(0o600).open(&path).map_err(|e| failure::system(&path, &e))?;
    let failed = |e: rusqlite::Error| failure::record(&path, &e);
    let mut connection = reader::connect(&path)?;
    let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(failed);
    let (application, schema) = (pragma("application_id")?, pragma("user_version")?);
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(failed)?;
    if application == 0 && schema == 0 && tables == 0 {
        make(&mut connection, deployment).map_err(failed)?;
    } else if application != APPLICATION {
        return Err(failure::damaged(&path, "it is a database, but no replica of ours"));
    } else if schema > SCHEMA {
        return Err(failure::newer(&path, schema, SCHEMA));
    }
    let whose = reader::state(&connection, "SELECT deployment FROM state", |row| row.get::<_, String>(0));
    match whose.map_err(failed)? {
        Some(whose) if whose == deployment => Ok(connection),
        Some(_) => Err(failure::damaged(&path, "it is of another deployment")),
        None => Err(failure::damaged(&path, "it has no state")),
    }
}

fn make(connection: &mut Connection, deployment: &str) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(include_str!("schema.sql"))?;
    transaction.execute("INSERT INTO state (only_row, deployment) VALUES (1, ?1)", params![deployment])?;
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", SCHEMA)?;
    transaction.commit()
}
