//! Which host directory a directory means.

use super::{lab, manifest};
use crate::error::ErrorRecord;
use std::path::{Path, PathBuf};

/// The host directory that `--dir` means: itself, or in a lab the one of the active store.
///
/// # Errors
/// `NoDeployment` where it is neither; `DeploymentDamaged`, `DeploymentNewer` of a lab.
pub fn locate(directory: &Path) -> Result<PathBuf, ErrorRecord> {
    if directory.join(manifest::FILE).exists() {
        return Ok(directory.to_path_buf());
    }
    match lab::active(directory)? {
        Some(host) => Ok(host),
        None => Err(manifest::no_deployment(directory)),
    }
}
