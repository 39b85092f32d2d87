//! Packages of a simulated world: made and opened by the product's own code.

use bytes::Bytes;
use reeve::error::ErrorRecord;
use reeve::replication::Chain;
use reeve::replication::message::Announce;
use reeve::replication::storage::PackedDocument;
use reeve::store::{Held, Store};

/// The deployment's id.
pub const DEPLOYMENT: &str = "simulated";

/// What a package is read as.
pub type Documents = std::vec::IntoIter<Result<PackedDocument, ErrorRecord>>;

pub fn make(store: &dyn Store, from: Option<u64>, inline: u64) -> Result<(Announce, Bytes), ErrorRecord> {
    let head = store.head()?;
    let mut unpacked = Vec::new();
    store.read_after(from, &mut |_| Ok(()), &mut |document| {
        PackedDocument::of(&document).write(&mut unpacked);
        Ok(())
    })?;
    let bytes = Bytes::from(unpacked);
    let held = |version| -> Result<Option<Held>, ErrorRecord> {
        Ok(store.chain(version)?.map(|chain| Held { epoch: head.epoch, version, chain }))
    };
    let announce = Announce {
        package: reeve::replication::PackageId { epoch: head.epoch, from, to: head.version },
        length: bytes.len() as u64,
        unpacked: bytes.len() as u64,
        hash: Chain(*blake3::hash(&bytes).as_bytes()),
        from: match from {
            Some(version) => held(version)?,
            None => None,
        },
        to: head.held(),
        body: (bytes.len() as u64 <= inline).then(|| bytes.clone()),
    };
    Ok((announce, bytes))
}

pub fn open(bytes: &[u8], announce: &Announce) -> Result<Documents, ErrorRecord> {
    use reeve::error::Category;
    if Chain(*blake3::hash(bytes).as_bytes()) != announce.hash {
        return Err(ErrorRecord::new("PackageCorrupt", Category::InvalidData, "Not what was announced."));
    }
    let text = String::from_utf8_lossy(bytes);
    Ok(text.lines().map(PackedDocument::parse).collect::<Vec<_>>().into_iter())
}
