//! A host directory: what belongs to one computer of a deployment, how it is made, found and opened.
//!
//! ```text
//! DIR/                  0700, one computer's
//!   reeve.json          format, the deployment's id, the computer's name, what it holds; its presence makes DIR one
//!   lock                whoever has DIR open holds it shared; who needs it alone holds it exclusively
//!   active.json         which computer was the active master when this one last heard
//!   addresses.toml      where the others listen, where DNS shall not be asked
//!   host.toml           the settings of its server
//!   tls/                certificates and keys (see [`tls`])
//!   store/cms.db        the Central Management store, on each computer where it has a place
//!   store/exports/      the store as it was before it went over to this computer
//!   store/unsent/       changes that nobody else has, of a store that came back after it had gone over
//!   pools/<pool>/       data of a pool: of the computer's own, or of the one that it stands by for
//!   replica/            the replica, its documents as files
//!   reeve.sock          where a running server takes sessions of this computer
//! ```
//!
//! Every file is 0600. The owner of `reeve.json` is the administrator of an embedded deployment: who may read and
//! write the files needs no leave from us. Both a host directory and a lab are built under another name, beside their
//! place or inside it where it is there already, and what makes them one is put in place last: a run that is killed
//! leaves no half deployment, and what it leaves the next one sweeps away.
//!
//! A lab is a directory of host directories, one for each computer of the sample (see [`lab`]).

mod active;
pub mod certificates;
mod directory;
mod export;
mod init;
pub mod issue;
pub mod join_tokens;
pub mod lab;
mod locate;
mod lock;
mod make;
mod manifest;
pub mod newcomer;
pub mod offline;
mod pool_data;
pub mod settings;
pub mod standing;
#[cfg(test)]
mod tests;
pub mod tls;
mod when;

pub use active::Active;
pub use directory::{HostDirectory, socket_of};
pub use export::export;
pub use init::{Made, Options, init};
pub use locate::locate;
pub use settings::Settings;

use crate::env::{Clock, SystemClock};
use crate::error::{Category, ErrorRecord};
use crate::replication::Control;
use crate::replication::storage::{self, ReplicaStore, no_replica};
use crate::store::{SqliteStore, Store};
use crate::topology::{self, Topology};
use crate::{backup, failover, pools};
use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

/// The store's file in a host directory.
const STORE: &str = "store/cms.db";

/// An open host directory.
pub struct Deployment {
    /// Held as long as the deployment is open.
    directory: Arc<HostDirectory>,
    store: Box<dyn Store>,
    topology: RefCell<Option<Cached>>,
    /// Replication as the server that runs here does it; `None` where none runs.
    control: Option<Arc<dyn Control>>,
    /// Failover and backup as the server that runs here does them.
    failover: Option<Arc<dyn failover::Control>>,
    backup: Option<Arc<dyn backup::Control>>,
    /// The user stores of pools, as the server that runs here reaches them.
    users: Option<Arc<dyn pools::Control>>,
    /// It as the replica has it, with the number of the file.
    local: RefCell<Option<(u64, Rc<Deployment>)>>,
    /// The replica is all that this computer has.
    replica: bool,
    /// What is known is read from the replica.
    from_replica: bool,
}

struct Cached {
    store_version: u64,
    document_version: u64,
    topology: Rc<Topology>,
}

impl Deployment {
    /// Opens a host directory, or the one of the active store in a lab.
    ///
    /// # Errors
    /// `NoDeployment`, `DeploymentDamaged`, `DeploymentNewer`, `DeploymentLocked`, `DeploymentUnreadable`; those of
    /// the store (`StoreDamaged`, `StoreNewer`, `StoreLocked`); those of [`Deployment::of`].
    pub fn open(directory: &Path) -> Result<Deployment, ErrorRecord> {
        Deployment::open_with(directory, Arc::new(SystemClock))
    }

    /// The same with the clock that the audit log goes by.
    ///
    /// # Errors
    /// Those of [`Deployment::open`].
    pub fn open_with(directory: &Path, clock: Arc<dyn Clock>) -> Result<Deployment, ErrorRecord> {
        Deployment::of(Arc::new(HostDirectory::open(directory)?), clock)
    }

    /// Opens the store of a host directory that is held already. On a computer where no store is active it is its replica,
    /// for what concerns this computer alone: see [`Deployment::decides`].
    ///
    /// # Errors
    /// Those of the store and the replica; `HostUnreachable` for a computer that holds neither. A change is refused with it
    /// where a mirror would have to know of it, which only a server asks.
    pub fn of(directory: Arc<HostDirectory>, clock: Arc<dyn Clock>) -> Result<Deployment, ErrorRecord> {
        let store = match directory.holds_store() {
            true => Some(SqliteStore::open_with(directory.store(), clock.clone())?.without_server()),
            false => None,
        };
        let offline = Arc::new(offline::Offline::new(directory.clone(), clock));
        let counts = store.as_ref().map(|store| standing::counts(&directory, store)).transpose()?;
        let store = match (store, counts) {
            (Some(store), Some(true)) => {
                let deployment = Deployment::with(directory, Box::new(store), None);
                return Ok(deployment.with_services(Some(offline), None));
            }
            (store, _) => store,
        };
        let known: Box<dyn Store> = match (ReplicaStore::open(&directory.replica())?, store) {
            (Some(replica), _) => Box::new(replica),
            // A copy of the store says as much, until there is a replica.
            (None, Some(store)) if store.version()? > 0 => Box::new(store),
            (None, Some(_)) => return Err(no_store(directory.path(), directory.computer())),
            (None, None) if directory.made_with_store() => {
                return Err(damaged(directory.path(), "its store, store/cms.db, is not there"));
            }
            (None, None) => return Err(no_store(directory.path(), directory.computer())),
        };
        let deployment = Deployment::with(directory, known, None).with_services(Some(offline), None);
        Ok(Deployment { replica: true, ..deployment.read_from_replica() })
    }

    /// A deployment over a store that is open, with the replication of the server that runs here.
    pub fn with(directory: Arc<HostDirectory>, store: Box<dyn Store>, control: Option<Arc<dyn Control>>) -> Deployment {
        Deployment {
            directory,
            store,
            topology: RefCell::default(),
            control,
            failover: None,
            backup: None,
            users: None,
            local: RefCell::default(),
            replica: false,
            from_replica: false,
        }
    }

    /// The same with the replication of the server that runs here.
    #[must_use]
    pub fn controlled_by(mut self, control: Option<Arc<dyn Control>>) -> Deployment {
        self.control = control;
        self
    }

    /// The same with failover and backup of the server that runs here.
    #[must_use]
    pub fn with_services(
        mut self,
        failover: Option<Arc<dyn failover::Control>>,
        backup: Option<Arc<dyn backup::Control>>,
    ) -> Deployment {
        (self.failover, self.backup) = (failover, backup);
        self
    }

    /// The same with the user stores of pools, as the server that runs here reaches them.
    #[must_use]
    pub fn with_users(mut self, users: Option<Arc<dyn pools::Control>>) -> Deployment {
        self.users = users;
        self
    }

    /// The user stores of pools, as the server that runs here reaches them; `None` where none runs.
    pub fn users(&self) -> Option<&Arc<dyn pools::Control>> {
        self.users.as_ref()
    }

    /// Failover as the server that runs here does it; where none runs, as the files tell it: what can be known is answered,
    /// nothing is done.
    pub fn failover(&self) -> Option<&Arc<dyn failover::Control>> {
        self.failover.as_ref()
    }

    /// The backup service of the server that runs here; `None` where none runs.
    pub fn backup(&self) -> Option<&Arc<dyn backup::Control>> {
        self.backup.as_ref()
    }

    /// Whether it is decided here what the deployment is: not where there is only a replica.
    ///
    /// # Errors
    /// `HostUnreachable`, saying where the store is, if that is known.
    pub fn decides(&self) -> Result<(), ErrorRecord> {
        if self.replica { Err(no_store(self.directory.path(), self.directory.computer())) } else { Ok(()) }
    }

    /// Whether all that it knows is what a replica holds.
    pub fn is_replica(&self) -> bool {
        self.from_replica
    }

    /// The same, where the store given is the replica of a computer whose server runs.
    #[must_use]
    pub fn read_from_replica(self) -> Deployment {
        Deployment { from_replica: true, ..self }
    }

    /// Where it is.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The host directory.
    pub fn host(&self) -> &Arc<HostDirectory> {
        &self.directory
    }

    /// Replication as the server that runs here does it; `None` where none runs, and only the files are here.
    pub fn control(&self) -> Option<&Arc<dyn Control>> {
        self.control.as_ref()
    }

    /// The deployment's id, the same on all its computers.
    pub fn id(&self) -> &str {
        self.directory.deployment()
    }

    /// The name of the computer whose directory it is.
    pub fn computer(&self) -> &str {
        self.directory.computer()
    }

    /// Its store.
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// It as this computer's replica has it: for reading, without replication. Opened at its first use.
    ///
    /// # Errors
    /// `NoReplica` where the computer holds none, or it has held nothing yet; `ReplicaDamaged` and what else keeps it
    /// from opening.
    pub fn local(&self) -> Result<Rc<Deployment>, ErrorRecord> {
        use std::os::unix::fs::MetadataExt;
        let mut local = self.local.borrow_mut();
        // A replica that was damaged is another file now.
        let file = self.directory.replica().join(storage::FILE).metadata().map_or(0, |metadata| metadata.ino());
        if let Some((opened, deployment)) = &*local
            && *opened == file
        {
            return Ok(deployment.clone());
        }
        let store = self.local_store()?;
        let deployment = Rc::new(Deployment::with(self.directory.clone(), Box::new(store), None));
        *local = Some((file, deployment.clone()));
        Ok(deployment)
    }

    /// The replica of this computer, for reading.
    ///
    /// # Errors
    /// Those of [`Deployment::local`].
    pub fn local_store(&self) -> Result<ReplicaStore, ErrorRecord> {
        let store = ReplicaStore::open(&self.directory.replica())?;
        store.ok_or_else(|| no_replica(self.directory.computer()))
    }

    /// The user of the operating system that owns the files: an administrator here.
    ///
    /// # Errors
    /// `DeploymentUnreadable`.
    pub fn owner_uid(&self) -> Result<u32, ErrorRecord> {
        use std::os::unix::fs::MetadataExt;
        let path = self.directory.path().join(manifest::FILE);
        path.metadata().map(|metadata| metadata.uid()).map_err(|error| unreadable(&path, &error))
    }

    /// The topology as the store has it now; read again only when it changed.
    ///
    /// # Errors
    /// `TopologyMissing`, and those of the store.
    pub fn topology(&self) -> Result<Rc<Topology>, ErrorRecord> {
        let store_version = self.store.version()?;
        let mut cached = self.topology.borrow_mut();
        if let Some(cached) = cached.as_mut() {
            if cached.store_version == store_version {
                return Ok(cached.topology.clone());
            }
            let now = self.store.get(&topology::document_id())?.map_or(0, |document| document.version);
            if now == cached.document_version {
                cached.store_version = store_version;
                return Ok(cached.topology.clone());
            }
        }
        let (topology, document_version) = topology::load(self.store())?;
        let topology = Rc::new(topology);
        *cached = Some(Cached { store_version, document_version, topology: topology.clone() });
        Ok(topology)
    }
}

/// Makes the folder of a file, for its owner alone, with those that it is in.
///
/// # Errors
/// `DeploymentNotMade`.
pub fn folder_of(file: &Path) -> Result<(), ErrorRecord> {
    let Some(folder) = file.parent() else { return Ok(()) };
    make::folders(folder).map_err(|error| make::not_made(folder, &error))
}

/// Puts the address book into a host directory, in the place of the one that is there.
fn write_addresses(place: &Path, addresses: &[(String, String)]) -> Result<(), ErrorRecord> {
    let book = crate::net::addresses::text(addresses.iter().map(|(name, address)| (name.as_str(), address.as_str())));
    let beside = place.join(".addresses.toml.new");
    tls::file(&beside, &format!("{ADDRESSES_HEAD}{book}"))?;
    let path = place.join("addresses.toml");
    std::fs::rename(&beside, &path).map_err(|error| make::not_made(&path, &error))
}

/// What an address book says of itself.
const ADDRESSES_HEAD: &str = "# Where computers of the deployment listen, where DNS shall not be asked:\n\
                              # \"computer.example.net\" = \"192.0.2.7:4443\"\n";

fn failed(id: &'static str, message: String) -> ErrorRecord {
    ErrorRecord::new(id, Category::ResourceUnavailable, message)
}

fn damaged(directory: &Path, what: &str) -> ErrorRecord {
    failed("DeploymentDamaged", format!("The deployment in '{}' is damaged: {what}.", directory.display()))
        .hint("Put the directory back from a backup, or make another deployment with reeve init DIR.")
}

fn unreadable(path: &Path, error: &std::io::Error) -> ErrorRecord {
    failed("DeploymentUnreadable", format!("'{}' cannot be read: {error}.", path.display()))
        .hint("The files belong to whoever made the deployment; run reeve as that user.")
}

fn no_store(directory: &Path, computer: &str) -> ErrorRecord {
    let message = format!("{computer} holds no Central Management store, and the host that does cannot be reached.");
    let error = failed("HostUnreachable", message);
    match lab::active_beside(directory) {
        Some(active) => error.hint(format!("In this lab it is in '{}'.", active.display())),
        None => error
            .hint(
                "Name the directory of the host that holds the active store, or talk to it: --connect, --certificate.",
            )
            .hint("What this computer itself holds: -LocalStore, on the cmdlets that have it."),
    }
}
