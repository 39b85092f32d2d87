//! What all parts of one computer's server share.

use super::health::{Findings, Health};
use crate::deployment::{Addresses, Deployment, HostDirectory, Settings};
use crate::env::Clock;
use crate::error::ErrorRecord;
use crate::replication::Control;
use std::sync::{Arc, PoisonError, RwLock};

/// What all parts of one computer's server share. It is handed around in an `Arc`.
pub struct Node {
    directory: Arc<HostDirectory>,
    settings: Settings,
    addresses: Addresses,
    clock: Arc<dyn Clock>,
    /// What stands in the way.
    pub findings: Findings,
    /// Replication while the active store's services run here.
    control: RwLock<Option<Arc<dyn Control>>>,
}

impl Node {
    /// The node of a host directory that is held alone.
    ///
    /// # Errors
    /// `SettingsInvalid`.
    pub fn new(directory: HostDirectory, clock: Arc<dyn Clock>) -> Result<Node, ErrorRecord> {
        Ok(Node {
            settings: Settings::read(&directory)?,
            addresses: Addresses::of(&directory),
            directory: Arc::new(directory),
            clock,
            findings: Findings::default(),
            control: RwLock::new(None),
        })
    }

    /// The host directory.
    pub fn directory(&self) -> &Arc<HostDirectory> {
        &self.directory
    }

    /// The computer's name.
    pub fn computer(&self) -> &str {
        self.directory.computer()
    }

    /// Its settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Where the others listen.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Its clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Replication, while this computer is the active master.
    pub fn control(&self) -> Option<Arc<dyn Control>> {
        self.control.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The master's services begin or end here.
    pub(super) fn set_control(&self, control: Option<Arc<dyn Control>>) {
        *self.control.write().unwrap_or_else(PoisonError::into_inner) = control;
    }

    /// Whether the active master runs here.
    pub fn is_active(&self) -> bool {
        self.control.read().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// A connection of its own to the store, with replication where it runs here; for one thread, as every deployment.
    ///
    /// # Errors
    /// `HostUnreachable` where this computer holds no store; those of the store.
    pub fn deployment(&self) -> Result<Deployment, ErrorRecord> {
        let deployment = Deployment::of(self.directory.clone(), self.clock.clone())?;
        Ok(deployment.controlled_by(self.control()))
    }

    /// Whether it does what it is there for.
    pub fn health(&self) -> Health {
        self.findings.health(self.computer())
    }
}
