//! Packages of a simulated world: made and opened by the product's own code.

use super::store::ModelStore;
use reeve::error::ErrorRecord;
use reeve::replication::message::Announce;
use reeve::replication::package::{Package, Unpacking, build, open};
use std::sync::Arc;

/// The deployment's id.
pub const DEPLOYMENT: &str = "simulated";

/// A package, and how it is announced in a world whose small packages travel inside up to a length of its own.
pub fn make(store: &ModelStore, from: Option<u64>, inline: u64) -> Result<(Package, Arc<Announce>), ErrorRecord> {
    // No package of a simulated world is so large that it needs a file.
    let package = build(store, DEPLOYMENT, from, &std::env::temp_dir())?;
    let mut announce = package.announce().clone();
    if announce.length > inline {
        Arc::make_mut(&mut announce).body = None;
    }
    Ok((package, announce))
}

/// Unpacks a package as it travelled.
pub fn unpack<'a>(bytes: &'a [u8], announce: &Announce) -> Result<Unpacking<&'a [u8]>, ErrorRecord> {
    open(bytes, announce)
}
