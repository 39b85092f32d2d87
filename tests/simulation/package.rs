//! Packages of a simulated world: made and opened by the product's own code.

use bytes::Bytes;
use reeve::error::{Category, ErrorRecord};
use reeve::replication::message::{Announce, FORMAT};
use reeve::replication::package::{End, Header};
use reeve::replication::storage::PackedDocument;
use reeve::replication::{Chain, PackageId};
use reeve::store::{Held, Store};
use std::io::Cursor;

/// The deployment's id.
pub const DEPLOYMENT: &str = "simulated";

pub fn make(store: &dyn Store, from: Option<u64>, inline: u64) -> Result<(Announce, Bytes), ErrorRecord> {
    let head = store.head()?;
    let held = match from {
        None => None,
        Some(version) => {
            let chain = store.chain(version)?;
            let missing = || ErrorRecord::new("NoSuchVersion", Category::ObjectNotFound, "The store was not at it.");
            Some(Held { epoch: head.epoch, version, chain: chain.ok_or_else(missing)? })
        }
    };
    let package = PackageId { epoch: head.epoch, from, to: head.version };
    let header = Header {
        format: FORMAT,
        deployment: DEPLOYMENT.to_owned(),
        epoch: head.epoch,
        from,
        to: head.version,
        kind: package.kind(),
        floor: from.is_none().then_some(head.version),
        chain_from: held.map(|held| held.chain),
        chain_to: head.chain,
    };
    #[cfg(feature = "planted-bugs")]
    let header = Header {
        floor: header
            .floor
            .filter(|_| !reeve::replication::planted::is(reeve::replication::planted::Bug::SnapshotWithoutFloor)),
        ..header
    };
    let mut unpacked = serde_json::to_vec(&header).unwrap();
    unpacked.push(b'\n');
    let mut count = 0;
    store.read_after(from, &mut |_| Ok(()), &mut |document| {
        #[cfg(feature = "planted-bugs")]
        if document.body.is_none()
            && reeve::replication::planted::is(reeve::replication::planted::Bug::TombstoneDropped)
        {
            return Ok(());
        }
        count += 1;
        PackedDocument::of(&document).write(&mut unpacked);
        Ok(())
    })?;
    unpacked.extend(serde_json::to_vec(&End { count }).unwrap());
    unpacked.push(b'\n');
    let bytes = Bytes::from(zstd::bulk::compress(&unpacked, 3).unwrap());
    let announce = Announce {
        package,
        length: bytes.len() as u64,
        unpacked: unpacked.len() as u64,
        hash: Chain(*blake3::hash(&bytes).as_bytes()),
        from: held,
        to: head.held(),
        body: (bytes.len() as u64 <= inline).then(|| bytes.clone()),
    };
    Ok((announce, bytes))
}

pub fn open(bytes: &[u8], announce: &Announce) -> Result<Cursor<Vec<u8>>, ErrorRecord> {
    let corrupt = |what: &str| ErrorRecord::new("PackageCorrupt", Category::InvalidData, what);
    if Chain(*blake3::hash(bytes).as_bytes()) != announce.hash {
        return Err(corrupt("Not what was announced."));
    }
    let unpacked = zstd::bulk::decompress(bytes, announce.unpacked as usize);
    unpacked.map(Cursor::new).map_err(|_| corrupt("Not compressed."))
}
