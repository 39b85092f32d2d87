//! `reeve.json`: what a host directory says of itself.

use super::{damaged, failed, unreadable};
use crate::error::ErrorRecord;
use serde::{Deserialize, Serialize};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Its name.
pub(super) const FILE: &str = "reeve.json";
/// The format of host directories and labs that this program makes.
pub(super) const FORMAT: u64 = 1;

/// What a host directory says of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Manifest {
    /// The format of the directory.
    pub format: u64,
    /// The deployment's id.
    pub deployment: String,
    /// The name of the computer.
    pub computer: String,
    /// Whether it was made with a store; it may have got one since.
    pub store: bool,
}

impl Manifest {
    /// Reads the one of a directory.
    pub fn read(directory: &Path) -> Result<Manifest, ErrorRecord> {
        let value = read_json(directory, FILE)?.ok_or_else(|| no_deployment(directory))?;
        serde_json::from_value(value)
            .map_err(|error| damaged(directory, &format!("{FILE} is not as it should be: {error}")))
    }
}

/// Reads a file of a directory that holds an object with a `Format`; `None` where it is not there.
pub(super) fn read_json(directory: &Path, name: &str) -> Result<Option<serde_json::Value>, ErrorRecord> {
    let path = directory.join(name);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(error) if error.kind() == ErrorKind::InvalidData => {
            return Err(damaged(directory, &format!("{name} is no text")));
        }
        Err(error) => return Err(unreadable(&path, &error)),
    };
    let value: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| damaged(directory, &format!("{name} is no JSON: {error}")))?;
    match value.get("Format").and_then(serde_json::Value::as_u64) {
        Some(FORMAT) => Ok(Some(value)),
        Some(newer) if newer > FORMAT => {
            let message = format!(
                "The deployment in '{}' has format {newer}; this program reads up to {FORMAT}.",
                directory.display()
            );
            Err(failed("DeploymentNewer", message).hint("Use the version of reeve that made it, or a later one."))
        }
        _ => Err(damaged(directory, &format!("{name} names no format"))),
    }
}

/// Writes a file for its owner alone.
pub(super) fn write_json(path: &Path, value: &impl Serialize, durable: bool) -> std::io::Result<()> {
    let mut text = serde_json::to_vec_pretty(value)?;
    text.push(b'\n');
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(&text)?;
    if durable { file.sync_all() } else { Ok(()) }
}

/// There is none, and how one is made.
pub(super) fn no_deployment(directory: &Path) -> ErrorRecord {
    failed("NoDeployment", format!("There is no deployment in '{}'.", directory.display()))
        .hint("Make one with reeve init DIR, try things out with reeve lab, or name another directory with --dir.")
}
