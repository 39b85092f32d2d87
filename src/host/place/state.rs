//! What this computer says of its place of a database.

use crate::error::ErrorRecord;
use crate::failover::{PlaceState, RunRecord, Source};
use crate::host::node::Node;
use crate::store::{Placed, Position, SqliteStore};
use crate::topology::Database;
use std::path::{Path, PathBuf};

/// What this computer says of its place, read from the disk; on a thread that may wait.
///
/// # Errors
/// Those of the store.
pub fn state(node: &Node, database: &Database) -> Result<PlaceState, ErrorRecord> {
    let place = node.places().and_then(|places| places.of(database));
    let file = node.directory().database(database);
    let mut state = PlaceState {
        computer: node.computer().to_string(),
        database: database.to_string(),
        role: None,
        serves: false,
        position: Source::default(),
        highest_epoch: 0,
        follows: None,
        feed: None,
        last_contact: None,
        error: None,
        feeds: Vec::new(),
        underway: None,
        unsent: unsent(&node.directory().unsent(database)).map(|path| path.display().to_string()),
        free: free(node.directory().path()),
        size: size(&file),
        product: env!("CARGO_PKG_VERSION").to_string(),
        certificate_not_after: Some(node.identity().current().peer.not_after),
    };
    if file.exists() {
        // Before the machine has it, too: whoever is fenced by this answer must not be misled.
        let store = SqliteStore::open_with(&file, node.clock().clone())?;
        state.role = Some(store.role()?);
        state.position = source(&store.position()?);
        state.highest_epoch = store.highest_epoch()?;
        let run = store.note(RunRecord::NOTE)?.and_then(|note| serde_json::from_value::<RunRecord>(note).ok());
        state.underway = run.and_then(|run| run.underway());
    }
    if let Some(place) = place {
        let shared = &place.shared;
        if let Some(says) = shared.says.borrow().as_ref() {
            state.serves = says.serves;
            state.highest_epoch = state.highest_epoch.max(says.claim.highest_epoch);
            state.follows = says.follows.clone();
            state.underway = says.closed.clone().or(state.underway);
        }
        state.feeds = shared.feeds.states();
        shared.following.say(&mut state);
    }
    Ok(state)
}

/// A position as it travels.
pub fn source(position: &Position) -> Source {
    Source {
        epoch: position.epoch,
        sequence: position.sequence,
        hash: position.hash.to_string(),
        version: position.version,
        chain: position.chain.to_string(),
    }
}

/// The newest file with changes that nobody else has.
pub fn unsent(folder: &Path) -> Option<PathBuf> {
    let files = std::fs::read_dir(folder).ok()?.flatten().filter(|entry| entry.path().extension().is_some_and(|e| e == "json"));
    files.max_by_key(|entry| entry.metadata().and_then(|data| data.modified()).ok()).map(|entry| entry.path())
}

fn free(path: &Path) -> u64 {
    rustix::fs::statvfs(path).map_or(0, |disk| disk.f_bavail.saturating_mul(disk.f_frsize))
}

fn size(file: &Path) -> u64 {
    ["", "-wal"]
        .iter()
        .filter_map(|end| {
            let mut name = file.as_os_str().to_owned();
            name.push(end);
            std::fs::metadata(name).ok()
        })
        .map(|data| data.len())
        .sum()
}
