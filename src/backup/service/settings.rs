//! What administrators set for the backup service.

use super::super::module::Module;
use crate::config::{self, Identity, Reader};
use crate::error::ErrorRecord;
use crate::store::Store;
use crate::topology::Topology;
use crate::value::timespan;
use std::time::Duration;

/// The settings, as BackupServiceConfiguration has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How often a module is synchronised.
    pub interval: Duration,
    /// Synchronisations at once.
    pub concurrent: usize,
    /// Changes of the Central Management store that one synchronisation is expected to take.
    pub cms_batches: u64,
    /// The same of a user store.
    pub user_batches: u64,
    /// Bytes of files that one synchronisation is expected to take.
    pub package: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            interval: Duration::from_secs(120),
            concurrent: 10,
            cms_batches: 500,
            user_batches: 500,
            package: 102_400 << 10,
        }
    }
}

impl Settings {
    /// Those that a store has.
    ///
    /// # Errors
    /// Those of the store.
    pub fn read(store: &dyn Store, topology: &Topology) -> Result<Settings, ErrorRecord> {
        let otherwise = Settings::default();
        let named = |source: &&config::Source| source.family == "BackupServiceConfiguration";
        let Some(source) = config::sources().iter().find(named) else { return Ok(otherwise) };
        let reader = Reader { store, topology };
        let Some(item) = reader.find(source.family(), &Identity::Global)? else { return Ok(otherwise) };
        let number = |name: &str| item.get(name).as_u64().filter(|n| *n > 0);
        let interval = item.get("SyncInterval").as_str().and_then(timespan::parse);
        let interval = interval.and_then(|span| u64::try_from(span.ticks).ok()).filter(|ticks| *ticks > 0);
        let concurrent = number("MaxConcurrentCalls").and_then(|n| usize::try_from(n).ok());
        Ok(Settings {
            interval: interval.map_or(otherwise.interval, |ticks| Duration::from_nanos(ticks.saturating_mul(100))),
            concurrent: concurrent.unwrap_or(otherwise.concurrent),
            cms_batches: number("MaxBatchesPerCmsSync").unwrap_or(otherwise.cms_batches),
            user_batches: number("MaxBatchesPerUserStoreSync").unwrap_or(otherwise.user_batches),
            package: number("MaxDataConfPackageSizeKB").map_or(otherwise.package, |kb| kb.saturating_mul(1024)),
        })
    }

    /// What fits one batch of a module: changes, or bytes of files.
    pub fn batch(&self, module: Module) -> u64 {
        match module {
            Module::PresenceFocus => self.user_batches,
            Module::CmsMaster => self.cms_batches,
            Module::DataConf => self.package,
        }
    }
}
