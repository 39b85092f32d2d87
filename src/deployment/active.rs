//! `active.json`: which computer was the active master when this one last heard of it. A computer goes by its replica
//! once it has one; this is where it begins.

use super::HostDirectory;
use super::manifest::{self, FORMAT};
use crate::error::ErrorRecord;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Its name.
pub(super) const FILE: &str = "active.json";

/// The active master, as a computer knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Active {
    /// Its name.
    pub computer: String,
    /// The epoch of its store.
    pub epoch: u64,
}

impl Active {
    /// What a host directory says; `None` where an older program made it, or where it cannot be read: it is a hint.
    pub fn read(host: &HostDirectory) -> Option<Active> {
        let value = manifest::read_json(host.path(), FILE).ok().flatten()?;
        serde_json::from_value(value).ok()
    }

    /// Puts it into a host directory.
    ///
    /// # Errors
    /// `DeploymentNotMade` where it cannot be written.
    pub fn write(&self, host: &HostDirectory) -> Result<(), ErrorRecord> {
        self.write_in(host.path())
    }

    /// The same into a directory that is being made.
    pub(super) fn write_in(&self, place: &Path) -> Result<(), ErrorRecord> {
        let text = serde_json::json!({ "Format": FORMAT, "Computer": self.computer, "Epoch": self.epoch });
        let beside = place.join(format!(".{FILE}.new"));
        super::tls::file(&beside, &format!("{text}\n"))?;
        let path = place.join(FILE);
        std::fs::rename(&beside, &path).map_err(|error| super::make::not_made(&path, &error))
    }
}
