//! Goes through a tree on the disk: what is there, in a fixed order, contents hashed only where they may have changed.

use super::disk::{Disk, Seen, folder_at, look_at, read_at};
use super::path::{STAGING, TreePath, link_stays_inside};
use super::report::Report;
use super::row::{Content, Hash, Known, MOST_ENTRIES, Row, Rows, Stamp};
use super::trouble;
use crate::error::ErrorRecord;
use rustix::fs::{Dir, FileType};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::time::{SystemTime, UNIX_EPOCH};

/// How often a file is read again that changes while it is read.
pub const TRIES: u32 = 3;
/// Bytes that are read at once.
pub(super) const CHUNK: usize = 256 * 1024;
/// Nanoseconds within which two changes may bear the same time: the coarsest tick of Linux's clock is 10 ms.
const TICK: i64 = 20_000_000;

/// What a scan found.
#[derive(Default)]
pub struct Found {
    /// The entries that can be synchronised.
    pub rows: Rows,
    /// What is known of each, folders too.
    pub known: BTreeMap<TreePath, Known>,
    /// Places that could not be read, or not consistently: nothing is known of them or below them, so they are to be
    /// left as they are.
    pub unknown: Vec<TreePath>,
}

/// Scans a tree. `known` is what the last scan found: a file of which the system says the same is not read again.
/// `hashed` says which files are worth reading; the others are left out of the rows.
///
/// # Errors
/// The root cannot be read; `FileSyncLimit`: there are too many entries.
pub fn scan(
    disk: &Disk,
    known: &BTreeMap<TreePath, Known>,
    hashed: &dyn Fn(&TreePath) -> bool,
    report: &mut Report,
) -> Result<Found, ErrorRecord> {
    let mut scan = Scan { disk, known, hashed, report, found: Found::default(), buffer: vec![0; CHUNK] };
    let root = disk.folder(&TreePath::root()).map_err(|e| trouble::io(e, "the root of the file tree"))?;
    scan.folder(&TreePath::root(), &root).map_err(|fault| match fault {
        Fault::Stop(error) => error,
        Fault::Skip(error) => trouble::io(error, "the root of the file tree"),
    })?;
    Ok(scan.found)
}

struct Scan<'a> {
    disk: &'a Disk,
    known: &'a BTreeMap<TreePath, Known>,
    hashed: &'a dyn Fn(&TreePath) -> bool,
    report: &'a mut Report,
    found: Found,
    buffer: Vec<u8>,
}

enum Fault {
    /// This entry cannot be read.
    Skip(io::Error),
    /// The scan cannot go on.
    Stop(ErrorRecord),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        Fault::Skip(error)
    }
}

impl Scan<'_> {
    fn folder(&mut self, path: &TreePath, folder: &OwnedFd) -> Result<(), Fault> {
        // All names before any entry, sorted: the order of the system is not the same twice.
        let mut names = Vec::new();
        for entry in Dir::read_from(folder).map_err(io::Error::from)? {
            let entry = entry.map_err(io::Error::from)?;
            let name = entry.file_name().to_bytes();
            if name != b"." && name != b".." && !(path.is_root() && name == STAGING) {
                names.push(name.to_vec());
            }
            if names.len() + self.found.known.len() > MOST_ENTRIES {
                return Err(Fault::Stop(trouble::too_many("entries of a file tree", MOST_ENTRIES)));
            }
        }
        names.sort_unstable();
        for name in names {
            let Some(place) = path.join(&name) else {
                let whole = [&path.to_bytes()[..], b"/", &name].concat();
                self.report.refused.add(&whole, "its path is too long or too deep");
                continue;
            };
            match self.entry(&place, folder, &name) {
                Ok(()) => {}
                Err(Fault::Skip(error)) => {
                    self.report.failed.add(&place.to_bytes(), &error.to_string());
                    self.found.unknown.push(place);
                }
                Err(stop) => return Err(stop),
            }
        }
        Ok(())
    }

    fn entry(&mut self, place: &TreePath, folder: &OwnedFd, name: &[u8]) -> Result<(), Fault> {
        // It may have gone since its folder was read.
        let Some(seen) = look_at(folder, name)? else { return Ok(()) };
        self.report.looked_at += 1;
        let row = |content| Row { mode: seen.mode, mtime: seen.stamp.mtime, content };
        match seen.kind {
            FileType::Directory if seen.device != self.disk.device() => {
                self.report.refused.add(&place.to_bytes(), "another file system is mounted there");
                self.found.unknown.push(place.clone());
            }
            FileType::Directory => {
                let inside = folder_at(folder, name)?;
                self.found.rows.insert(place.clone(), row(Content::Folder));
                self.found.known.insert(place.clone(), Known { stamp: seen.stamp, hash: Hash::default() });
                self.folder(place, &inside)?;
            }
            FileType::RegularFile => {
                if !(self.hashed)(place) {
                    return Ok(());
                }
                let known = self.known.get(place);
                let (seen, known) = match known {
                    Some(known) if known.stamp == seen.stamp => (seen, *known),
                    _ => match read_steadily(folder, name, &mut self.buffer, place, self.report)? {
                        Some(read) => read,
                        None => {
                            self.report
                                .failed
                                .add(&place.to_bytes(), "it changes all the time; the next turn tries again");
                            self.found.unknown.push(place.clone());
                            return Ok(());
                        }
                    },
                };
                let content = Content::File { size: seen.stamp.size, hash: known.hash };
                self.found.known.insert(place.clone(), known);
                self.found.rows.insert(place.clone(), Row { mode: seen.mode, mtime: seen.stamp.mtime, content });
            }
            FileType::Symlink => {
                let to = rustix::fs::readlinkat(folder, name, Vec::new()).map_err(io::Error::from)?.into_bytes();
                if !link_stays_inside(place.depth() - 1, &to) {
                    self.report.refused.add(&place.to_bytes(), "a link that leads out of the tree");
                    return Ok(());
                }
                self.found.known.insert(place.clone(), Known { stamp: seen.stamp, hash: Hash::default() });
                self.found
                    .rows
                    .insert(place.clone(), Row { mode: 0, mtime: seen.stamp.mtime, content: Content::Link { to } });
            }
            _ => self.report.refused.add(&place.to_bytes(), "neither file nor folder nor link"),
        }
        Ok(())
    }
}

/// Reads and hashes a file that does not change meanwhile; `None` if it always does.
pub(super) fn read_steadily(
    folder: impl AsFd,
    name: &[u8],
    buffer: &mut [u8],
    place: &TreePath,
    report: &mut Report,
) -> io::Result<Option<(Seen, Known)>> {
    for turn in 0..TRIES {
        if turn > 0 {
            report.retried.add(&place.to_bytes(), "it changed while it was read");
        }
        let (mut file, before) = read_at(&folder, name)?;
        let hash = hash_of(&mut file, buffer)?;
        let after = Seen::from(rustix::fs::fstat(&file)?);
        let named = look_at(&folder, name)?;
        report.hashed += after.stamp.size;
        if before.stamp == after.stamp && named.is_some_and(|named| named.stamp == after.stamp) {
            return Ok(Some((after, Known { stamp: sure(after.stamp), hash })));
        }
    }
    Ok(None)
}

/// The hash of all the rest of a file.
pub(super) fn hash_of(file: &mut File, buffer: &mut [u8]) -> io::Result<Hash> {
    let mut hasher = blake3::Hasher::new();
    loop {
        match file.read(buffer)? {
            0 => return Ok(hasher.finalize().into()),
            read => hasher.update(&buffer[..read]),
        };
    }
}

/// A stamp by which a later change will show: one that was made in the same tick as the last change says nothing.
fn sure(stamp: Stamp) -> Stamp {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos() as i64);
    if now.saturating_sub(stamp.ctime.max(stamp.mtime)) < TICK { Stamp { ctime: 0, ..stamp } } else { stamp }
}
