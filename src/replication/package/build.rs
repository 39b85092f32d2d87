//! Packages made from a store, in one reading of it.

use super::spool::Spool;
use super::{End, Header, LARGEST_UNPACKED, Package};
use crate::error::{Category, ErrorRecord};
use crate::replication::id::{Chain, PackageId};
use crate::replication::message::{Announce, FORMAT, INLINE};
#[cfg(feature = "planted-bugs")]
use crate::replication::planted::{self, Bug};
use crate::replication::storage::PackedDocument;
use crate::store::{Head, Held, Store};
use std::cell::RefCell;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

/// zstd's level: higher ones gain little on lines of JSON, and cost much.
const LEVEL: i32 = 3;
/// Bytes that are gathered before compressing begins: a package that is no larger is compressed at once, with tables of
/// its own size. What it is made of alone decides, so its bytes are always the same.
const GATHERED: usize = 128 * 1024;

/// Makes the package of what changed after a version, or with `None` of all. It goes by the state of one moment; what
/// it needs of memory does not grow with the store. A file, if one is needed, is made in `folder`, nameless.
///
/// # Errors
/// `VersionUnknown` where the store has not been at that version, or is not past it; `PackageTooLarge`;
/// `PackageNotWritten` where the file fails; those of the store.
pub fn build(store: &dyn Store, deployment: &str, from: Option<u64>, folder: &Path) -> Result<Package, ErrorRecord> {
    // What the store has been at it stays at: this may be asked before the reading begins.
    let chain_from = match from {
        Some(version) => Some(store.chain(version)?.ok_or_else(|| unknown(version))?),
        None => None,
    };
    let lines =
        RefCell::new(Lines { packer: Packer::Gathering(Vec::new(), Spool::new(folder)), unpacked: 0, count: 0 });
    let mut at = None;
    let mut line = Vec::new();
    let mut begin = |head: &Head| {
        if let Some(version) = from.filter(|version| *version >= head.version) {
            return Err(unknown(version));
        }
        at = Some(*head);
        lines.borrow_mut().write(&json(&header(head, deployment, from, chain_from)))
    };
    let mut each = |document| {
        let document = PackedDocument::of(&document);
        if document.body.is_none() && tombstones_are_dropped() {
            return Ok(());
        }
        line.clear();
        document.write(&mut line);
        let mut lines = lines.borrow_mut();
        lines.count += 1;
        lines.write(&line)
    };
    store.read_after(from, &mut begin, &mut each)?;
    let mut lines = lines.into_inner();
    let head = at.ok_or_else(|| not_written(&io::Error::other("the store told nothing of itself")))?;
    let end = json(&End { count: lines.count });
    lines.write(&end)?;
    let unpacked = lines.unpacked;
    let spool = lines.packer.finish().map_err(|error| not_written(&error))?;
    let length = spool.length;
    let (content, hash) = spool.finish().map_err(|error| not_written(&error))?;
    let body = match &content {
        super::Content::Memory(bytes) if length <= INLINE => Some(bytes.clone()),
        _ => None,
    };
    let epoch = head.epoch;
    let announce = Announce {
        package: PackageId { epoch, from, to: head.version },
        length,
        unpacked,
        hash: Chain(*hash.as_bytes()),
        from: from.zip(chain_from).map(|(version, chain)| Held { epoch, version, chain }),
        to: head.held(),
        body,
    };
    Ok(Package { announce: Arc::new(announce), content })
}

fn header(head: &Head, deployment: &str, from: Option<u64>, chain_from: Option<Chain>) -> Header {
    let package = PackageId { epoch: head.epoch, from, to: head.version };
    Header {
        format: FORMAT,
        deployment: deployment.to_owned(),
        epoch: head.epoch,
        from,
        to: head.version,
        kind: package.kind(),
        floor: if from.is_none() && !floors_are_left_out() { Some(head.version) } else { None },
        chain_from,
        chain_to: head.chain,
    }
}

/// Lines, counted, on their way to the packer.
struct Lines {
    packer: Packer,
    unpacked: u64,
    count: u64,
}

impl Lines {
    fn write(&mut self, line: &[u8]) -> Result<(), ErrorRecord> {
        self.unpacked = self.unpacked.saturating_add(line.len() as u64);
        if self.unpacked > LARGEST_UNPACKED {
            return Err(not_written(&io::ErrorKind::FileTooLarge.into()));
        }
        self.packer.write(line).map_err(|error| not_written(&error))
    }
}

/// Compresses: what is small at once, what is large as it comes.
enum Packer {
    Gathering(Vec<u8>, Spool),
    Streaming(zstd::stream::write::Encoder<'static, Spool>),
    /// An error ended it.
    Broken,
}

impl Packer {
    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        if let Packer::Gathering(gathered, _) = self
            && gathered.len() + line.len() <= GATHERED
        {
            gathered.extend_from_slice(line);
            return Ok(());
        }
        *self = match std::mem::replace(self, Packer::Broken) {
            Packer::Gathering(gathered, spool) => {
                let mut encoder = zstd::stream::write::Encoder::new(spool, LEVEL)?;
                encoder.write_all(&gathered)?;
                Packer::Streaming(encoder)
            }
            streaming => streaming,
        };
        match self {
            Packer::Streaming(encoder) => encoder.write_all(line),
            Packer::Gathering(..) | Packer::Broken => Err(io::Error::other("it was broken off")),
        }
    }

    fn finish(self) -> io::Result<Spool> {
        match self {
            Packer::Gathering(gathered, mut spool) => {
                spool.write_all(&zstd::bulk::compress(&gathered, LEVEL)?)?;
                Ok(spool)
            }
            Packer::Streaming(encoder) => encoder.finish(),
            Packer::Broken => Err(io::Error::other("it was broken off")),
        }
    }
}

/// A line of JSON. What is written here are numbers and plain texts, which always can be.
fn json<T: serde::Serialize>(value: &T) -> Vec<u8> {
    let mut line = serde_json::to_vec(value).unwrap_or_default();
    line.push(b'\n');
    line
}

#[cfg(feature = "planted-bugs")]
fn tombstones_are_dropped() -> bool {
    planted::is(Bug::TombstoneDropped)
}

#[cfg(not(feature = "planted-bugs"))]
fn tombstones_are_dropped() -> bool {
    false
}

#[cfg(feature = "planted-bugs")]
fn floors_are_left_out() -> bool {
    planted::is(Bug::SnapshotWithoutFloor)
}

#[cfg(not(feature = "planted-bugs"))]
fn floors_are_left_out() -> bool {
    false
}

fn unknown(version: u64) -> ErrorRecord {
    let message = format!("The store has nothing that goes on from version {version}.");
    ErrorRecord::new("VersionUnknown", Category::ObjectNotFound, message).hint("A full snapshot takes its place.")
}

fn not_written(error: &io::Error) -> ErrorRecord {
    if error.kind() == io::ErrorKind::FileTooLarge {
        let message =
            format!("A package would be larger than {} bytes, or {LARGEST_UNPACKED} unpacked.", super::LARGEST);
        return ErrorRecord::new("PackageTooLarge", Category::LimitsExceeded, message)
            .hint("The store has grown past what a snapshot carries; remove what is not needed.");
    }
    let message = format!("A package cannot be written: {error}.");
    ErrorRecord::new("PackageNotWritten", Category::WriteError, message)
        .hint("See whether the disk of the store has room.")
}
