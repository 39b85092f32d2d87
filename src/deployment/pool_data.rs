//! What the lab's pools own: a user store and a file store for each pool, at the computers that the topology names.

use super::make;
use crate::error::ErrorRecord;
use crate::people::Directory;
use crate::pools::conference::{self, Amount};
use crate::pools::sample;
use crate::store::{SqliteStore, Store};
use crate::topology::{Database, Topology};
use crate::value::same_name;
use std::path::{Path, PathBuf};

/// The folder of pools' data in a host directory.
const POOLS: &str = "pools";

/// Gives the pools that home users what they own, in the host directories of the computers that keep it. A pool of which
/// anything is there already, at any of its places, is left alone: what is missing of it was lost.
///
/// # Errors
/// Those of the stores; `DeploymentNotMade`.
pub(super) fn equip(
    cms: &dyn Store,
    topology: &Topology,
    host_of: &dyn Fn(&str) -> PathBuf,
) -> Result<(), ErrorRecord> {
    let directory = Directory::load(cms)?;
    for places in topology.databases() {
        let Database::Users(pool) = &places.database else { continue };
        let files = topology.file_store(pool);
        let folder = |computer: &str| host_of(computer).join(POOLS).join(pool);
        let known = places.computers().chain(files).any(|computer| folder(computer).exists());
        if known || sample::homed(&directory, pool).is_empty() || !host_of(&places.primary.computer).is_dir() {
            continue;
        }
        let keeper = places.primary.computer.as_str();
        let whole = files.is_some_and(|files| same_name(files, keeper));
        make_folder(&folder(keeper), |place| {
            users(place, &directory, pool)?;
            if whole { content(place, &directory, pool) } else { Ok(()) }
        })?;
        if let Some(computer) = files.filter(|computer| !whole && host_of(computer).is_dir()) {
            make_folder(&folder(computer), |place| content(place, &directory, pool))?;
        }
    }
    Ok(())
}

/// Makes a pool's folder whole or not at all.
fn make_folder(place: &Path, fill: impl FnOnce(&Path) -> Result<(), ErrorRecord>) -> Result<(), ErrorRecord> {
    let failed = |error: std::io::Error| make::not_made(place, &error);
    let (Some(pools), Some(name)) = (place.parent(), place.file_name()) else { return Ok(()) };
    if !pools.is_dir() {
        make::directory(pools).map_err(failed)?;
    }
    let making = pools.join(format!(".making-{}", name.to_string_lossy()));
    if making.is_dir() {
        std::fs::remove_dir_all(&making).map_err(failed)?;
    }
    make::directory(&making).map_err(failed)?;
    fill(&making)?;
    std::fs::rename(&making, place).map_err(failed)
}

fn users(place: &Path, directory: &Directory, pool: &str) -> Result<(), ErrorRecord> {
    let store = SqliteStore::create(place.join("users.db"))?;
    make::only_owner(place).map_err(|error| make::not_made(place, &error))?;
    sample::seed(&store, directory, pool)
}

fn content(place: &Path, directory: &Directory, pool: &str) -> Result<(), ErrorRecord> {
    let amount = Amount::default();
    let conferences = conference::conferences(&sample::homed(directory, pool), amount);
    let written = conference::write(&place.join("files"), &conferences, amount);
    written.map(drop).map_err(|error| make::not_made(place, &error))
}
