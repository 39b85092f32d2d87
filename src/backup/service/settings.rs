//! What administrators set for the backup service.

use super::super::module::Module;
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
    /// What fits one batch of a module: changes, or bytes of files.
    pub fn batch(&self, module: Module) -> u64 {
        match module {
            Module::PresenceFocus => self.user_batches,
            Module::CmsMaster => self.cms_batches,
            Module::DataConf => self.package,
        }
    }
}
