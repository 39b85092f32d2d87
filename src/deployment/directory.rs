//! Where things lie in a host directory, and who holds it.

use super::lock::{self, Lock};
use super::manifest::Manifest;
use super::{STORE, failed, locate};
use crate::error::ErrorRecord;
use crate::topology::Database;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The socket in a host directory on which a running server takes sessions.
pub fn socket_of(directory: &Path) -> PathBuf {
    directory.join("reeve.sock")
}

/// How long a server waits for what is on its directory to end: longer than a command takes, or a process between
/// being forked and becoming another program; short enough for whoever forgot a session there.
const ENDING: Duration = Duration::from_secs(2);

/// A host directory of one computer, held by this value: beside others, or alone.
#[derive(Debug)]
pub struct HostDirectory {
    path: PathBuf,
    manifest: Manifest,
    /// Held as long as this value lives.
    _lock: Lock,
}

impl HostDirectory {
    /// Holds a host directory beside other sessions; of a lab, the one of the active store.
    ///
    /// # Errors
    /// `NoDeployment`, `DeploymentDamaged`, `DeploymentNewer`, `DeploymentUnreadable`; `DeploymentLocked` where a server
    /// runs on it.
    pub fn open(directory: &Path) -> Result<HostDirectory, ErrorRecord> {
        let path = locate(directory)?;
        let manifest = Manifest::read(&path)?;
        let lock = lock::shared(&path)?;
        Ok(HostDirectory { path, manifest, _lock: lock })
    }

    /// Holds a host directory alone, as a server does. A command that is just ending on it is waited for.
    ///
    /// # Errors
    /// Those of [`HostDirectory::open`]; `DeploymentLocked` where a session or another server is on it.
    pub fn hold(directory: &Path) -> Result<HostDirectory, ErrorRecord> {
        let path = locate(directory)?;
        // The hook is told of files in it, and runs elsewhere.
        let path = std::path::absolute(&path).unwrap_or(path);
        let manifest = Manifest::read(&path)?;
        let begun = Instant::now();
        let lock = loop {
            match lock::alone(&path)? {
                None if begun.elapsed() < ENDING => std::thread::sleep(ENDING / 100),
                taken => break taken,
            }
        };
        let lock = lock.ok_or_else(|| {
            failed("DeploymentLocked", format!("'{}' is in use by a session or another server.", path.display()))
                .hint("Leave the sessions on it; a server that runs on it is stopped with SIGTERM.")
        })?;
        Ok(HostDirectory { path, manifest, _lock: lock })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The deployment's id, the same on all its computers.
    pub fn deployment(&self) -> &str {
        &self.manifest.deployment
    }

    /// The name of the computer whose directory it is.
    pub fn computer(&self) -> &str {
        &self.manifest.computer
    }

    /// Whether it holds a store, active or not: its file is there.
    pub fn holds_store(&self) -> bool {
        self.store().exists()
    }

    /// Whether it was made with a store. Where the file is not there any more, it was lost.
    pub fn made_with_store(&self) -> bool {
        self.manifest.store
    }

    /// The store's file.
    pub fn store(&self) -> PathBuf {
        self.path.join(STORE)
    }

    /// The file of a database at this computer, whatever its role is here, and whether it is there or not.
    pub fn database(&self, database: &Database) -> PathBuf {
        match database {
            Database::CentralMgmt => self.store(),
            Database::Users(pool) => self.pool(pool).join("users.db"),
        }
    }

    /// The folder of a database.
    fn folder(&self, database: &Database) -> PathBuf {
        match database {
            Database::CentralMgmt => self.path.join("store"),
            Database::Users(pool) => self.pool(pool),
        }
    }

    /// The folder in which exports of a database are kept that were made before it went over.
    pub fn exports(&self, database: &Database) -> PathBuf {
        self.folder(database).join("exports")
    }

    /// The folder for changes of a database that nobody else has.
    pub fn unsent(&self, database: &Database) -> PathBuf {
        self.folder(database).join("unsent")
    }

    /// The folder of a pool's data: of the computer's own pool, or of the one that it stands by for.
    pub fn pool(&self, pool: &str) -> PathBuf {
        self.path.join("pools").join(pool.to_lowercase())
    }

    /// The tree of a pool's conference files.
    pub fn files(&self, pool: &str) -> PathBuf {
        self.pool(pool).join("files")
    }

    /// What is known of a pool's tree of files since it was synchronised last.
    pub fn files_index(&self, pool: &str) -> PathBuf {
        self.pool(pool).join("files.index")
    }

    /// How a pool's backup stands, as the computer that takes it knows.
    pub fn backup_status(&self, pool: &str) -> PathBuf {
        self.pool(pool).join("backup.json")
    }

    /// The file with the status of the replicas, beside the store.
    pub fn status(&self) -> PathBuf {
        self.path.join("store/status.db")
    }

    /// The folder of certificates and keys: `computer.crt`, `computer.key`, `ca.crt`, and `ca.key` where the store is.
    pub fn tls(&self) -> PathBuf {
        self.path.join("tls")
    }

    /// The folder of the replica: `replica.db`, `documents/`, `incoming/`.
    pub fn replica(&self) -> PathBuf {
        self.path.join("replica")
    }

    /// The addresses of the deployment's computers, where DNS shall not be asked.
    pub fn addresses(&self) -> PathBuf {
        self.path.join("addresses.toml")
    }

    /// The settings of this computer's server: hook, limits.
    pub fn settings(&self) -> PathBuf {
        self.path.join("host.toml")
    }

    /// The socket on which a running server takes sessions of this computer's users.
    pub fn socket(&self) -> PathBuf {
        socket_of(&self.path)
    }
}
