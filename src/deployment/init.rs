//! Making a deployment: a host directory with a store that holds a topology.

use super::manifest::{self, FORMAT, Manifest};
use super::{Active, STORE, damaged, make, settings, tls};
use crate::env::{Random, SystemClock, SystemRandom};
use crate::error::{Category, ErrorRecord};
use crate::net::Authority;
use crate::people::groundwork;
use crate::store::{Change, Expected, Grant, SqliteStore, Store};
use crate::topology::{self, Topology, sample};
use std::path::Path;

/// What a deployment is made from.
#[derive(Debug, Default)]
pub struct Options {
    /// The topology; the sample if `None`.
    pub topology: Option<Topology>,
    /// The computer whose directory it is; the one that holds the active store if `None`.
    pub computer: Option<String>,
}

/// What was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The deployment's id.
    pub deployment: String,
    /// The computer whose directory it is.
    pub computer: String,
    /// What is odd about the topology.
    pub warnings: Vec<String>,
}

/// Makes the host directory of the computer that holds the store. It is there as a whole or not at all.
///
/// # Errors
/// `DeploymentExists` and `DirectoryNotEmpty` where something is there, `DeploymentNotMade` where it cannot be
/// written, `ComputerNotFound`, `NoActiveStore` where the topology does not say which computer it is.
pub fn init(directory: &Path, options: Options) -> Result<Made, ErrorRecord> {
    vacant(directory)?;
    let topology = match options.topology {
        Some(topology) => topology,
        None => Topology::parse(sample::LITWAREINC)?,
    };
    let computer = match &options.computer {
        Some(name) => topology.computer(name)?.fqdn.clone(),
        None => active_computer(&topology)?,
    };
    let deployment = SystemRandom.uuid().to_string();
    make::make(directory, |place| {
        let authority = Authority::create(&deployment, &SystemClock)?;
        let certificate = tls::equip(place, &computer, &authority, &SystemClock)?;
        tls::keep_authority(place, &authority)?;
        let store = store(place)?;
        seed(&store, &topology, &deployment, &computer, vec![certificate])?;
        let active = Active { computer: computer.clone(), epoch: store.epoch()? };
        host(place, &deployment, &computer, true, &active)
    })?;
    Ok(Made { deployment, computer, warnings: topology.warnings().to_vec() })
}

/// Refuses a place where something is.
pub(super) fn vacant(directory: &Path) -> Result<(), ErrorRecord> {
    if directory.join(manifest::FILE).exists() || super::lab::is_lab(directory) {
        let message = format!("There is a deployment in '{}' already.", directory.display());
        return Err(ErrorRecord::new("DeploymentExists", Category::ResourceExists, message)
            .hint("Use it with --dir, or name another directory."));
    }
    make::clear_unfinished(directory)?;
    if make::is_empty(directory)? { Ok(()) } else { Err(make::not_empty(directory)) }
}

/// The computer that holds the active store.
pub(super) fn active_computer(topology: &Topology) -> Result<String, ErrorRecord> {
    topology.active_store().map(|place| place.sql.computer).ok_or_else(|| {
        let message = "The topology does not say which computer holds the active Central Management store.";
        let error = ErrorRecord::new("NoActiveStore", Category::InvalidData, message);
        match topology.replicas().next().or_else(|| topology.computers().next()) {
            Some(computer) => error.hint(format!("Say which: --computer {}, for example.", computer.fqdn)),
            None => error.hint("It names no computer at all."),
        }
    })
}

/// The store of a host directory that is being made.
pub(super) fn store(place: &Path) -> Result<SqliteStore, ErrorRecord> {
    let path = place.join(STORE);
    let folder = path.parent().unwrap_or(place);
    make::directory(folder).map_err(|error| make::not_made(folder, &error))?;
    let store = SqliteStore::create(&path)?;
    make::only_owner(folder).map_err(|error| make::not_made(folder, &error))?;
    Ok(store)
}

/// What every deployment begins with: its topology, the certificates of its computers, and a directory with the groups
/// that hold the predefined roles.
pub(super) fn seed(
    store: &dyn Store,
    topology: &Topology,
    deployment: &str,
    computer: &str,
    certificates: Vec<Change>,
) -> Result<(), ErrorRecord> {
    let mut changes = vec![topology::change(topology, Expected::Absent)];
    changes.extend(certificates);
    changes.extend(groundwork::changes(topology, deployment, computer)?);
    commit(store, "initialisation", &changes)
}

/// A change of a store that nobody has a session on yet.
pub(super) fn commit(store: &dyn Store, reason: &str, changes: &[Change]) -> Result<(), ErrorRecord> {
    store.commit(&Grant::system(reason), changes).map(drop)
}

/// What a host directory says of itself, written last.
pub(super) fn host(
    place: &Path,
    deployment: &str,
    computer: &str,
    store: bool,
    active: &Active,
) -> Result<(), ErrorRecord> {
    active.write_in(place)?;
    tls::file(&place.join("host.toml"), settings::TEXT)?;
    if !place.join("addresses.toml").exists() {
        super::write_addresses(place, &[])?;
    }
    let manifest =
        Manifest { format: FORMAT, deployment: deployment.to_string(), computer: computer.to_string(), store };
    let path = place.join(manifest::FILE);
    // A directory without a store can be made again at any time; losing it to a power failure costs nothing.
    manifest::write_json(&path, &manifest, store).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => damaged(place, "it is made twice at once"),
        _ => make::not_made(&path, &error),
    })
}
