//! The backup service of this computer: what it takes it takes over the network, what it has it gives to who keeps it.

mod ask;
mod control;
mod documents;
mod files;
mod routes;
mod status;

pub use control::Central;
pub use routes::{answer, has};

use super::node::Node;
use super::view::with_store;
use crate::backup::service::{Driver, Duty, Key, Past, Plan, Record, Settings, Teller, Works, duty};
use crate::backup::{Extent, Module, SyncReport};
use crate::env::{Random, SystemRandom};
use crate::error::{Category, ErrorRecord};
use crate::net::Pending;
use crate::value::DateTime;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Semaphore, watch};

/// File trees that are given to others at once: each has a thread and reads a disk.
const GIVEN: usize = 8;

/// The backup service of a computer.
pub struct Backup {
    node: Arc<Node>,
    /// One at a time writes a file of status.
    writing: Mutex<()>,
    given: Arc<Semaphore>,
    /// At which version the last synchronisation left the standby of the store, and how many bytes its log had brought.
    fed: Mutex<Option<(u64, u64)>>,
    stop: watch::Receiver<bool>,
}

/// A running backup service.
#[derive(Clone)]
pub struct Running {
    backup: Arc<Backup>,
    driver: Arc<Driver>,
}

impl Running {
    /// What is known of the deployment is another now.
    pub fn look_again(&self) {
        self.driver.look_again();
    }
}

/// Starts the backup service; it ends with `stop`. Called within the runtime.
pub fn start(node: &Arc<Node>, stop: watch::Receiver<bool>) {
    let given = Arc::new(Semaphore::new(GIVEN));
    let backup = Arc::new(Backup {
        node: node.clone(),
        writing: Mutex::default(),
        fed: Mutex::default(),
        given,
        stop: stop.clone(),
    });
    let driver = Driver::start(backup.clone(), node.changes(), stop);
    node.set_backup(Some(Running { backup, driver }));
}

impl Works for Backup {
    fn plan(&self) -> Result<Plan, ErrorRecord> {
        let Some(known) = self.node.known() else { return Ok(Plan::default()) };
        let duties = duty::duties_of(&known.topology, &*known, self.node.computer());
        let settings = with_store(&self.node, |store| Settings::read(store, &known.topology))?;
        Ok(Plan { duties, settings: settings.unwrap_or_default() })
    }

    fn run(self: Arc<Self>, duty: Duty, extent: Extent, told: Teller) -> Pending<Result<SyncReport, ErrorRecord>> {
        Box::pin(async move {
            let begun = std::time::Instant::now();
            let mut report = match duty.module {
                Module::DataConf => files::take(&self, &duty, extent, told).await,
                Module::PresenceFocus => documents::take(&self, &duty, told).await,
                Module::CmsMaster => documents::follow(&self, &duty, told).await,
            }?;
            report.milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            Ok(report)
        })
    }

    fn now(&self) -> DateTime {
        self.node.clock().now()
    }

    #[allow(clippy::cast_precision_loss, reason = "any number of that size will do")]
    fn jitter(&self) -> f64 {
        SystemRandom.below(1 << 20) as f64 / f64::from(1 << 20)
    }

    fn recall(&self, key: &Key) -> Record {
        let mut past = Past::read(&self.node.directory().backup_status(&key.pool));
        past.0.remove(&key.module).unwrap_or_default()
    }

    fn keep(&self, key: &Key, record: &Record) -> Result<(), ErrorRecord> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        folder(&self.node.directory().pool(&key.pool))?;
        let path = self.node.directory().backup_status(&key.pool);
        let mut past = Past::read(&path);
        past.0.insert(key.module, record.clone());
        past.write(&path)
    }
}

/// Makes a folder that only the owner can read, where it is not there.
fn folder(path: &Path) -> Result<(), ErrorRecord> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|error| {
        let message = format!("The folder '{}' cannot be made: {error}.", path.display());
        ErrorRecord::new("BackupFolderNotMade", Category::WriteError, message)
            .hint("See whether the disk is full, and to whom the folder above it belongs.")
    })
}
