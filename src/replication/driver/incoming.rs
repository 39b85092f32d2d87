//! Packages that are being fetched, in `incoming/` of the replica's folder: one file, whose name says which package and
//! whose length says how much of it is there.

use crate::error::{Category, ErrorRecord};
use crate::replication::id::{Chain, PackageId};
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The folder of packages that are being fetched.
#[derive(Clone, Debug)]
pub(super) struct Incoming {
    folder: PathBuf,
}

impl Incoming {
    /// The folder in a replica's folder, made if it is not there.
    pub fn open(replica: &Path) -> Result<Incoming, ErrorRecord> {
        let folder = replica.join("incoming");
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        made.map_err(|error| failed(&folder, &error))?;
        Ok(Incoming { folder })
    }

    /// A package that was begun, and how much of it is there. All else is removed.
    pub fn begun(&self) -> Option<(PackageId, Chain, u64)> {
        let mut found = None;
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let package = name.to_str().and_then(parse);
            let length = entry.metadata().ok().filter(fs::Metadata::is_file).map(|metadata| metadata.len());
            match (package, length) {
                (Some((package, hash)), Some(length)) if found.is_none() && length > 0 => {
                    found = Some((package, hash, length));
                }
                // What cannot be removed is in nobody's way.
                _ => drop(fs::remove_file(entry.path())),
            }
        }
        found
    }

    /// Adds bytes at an offset that the file has reached.
    pub fn write(&self, package: PackageId, hash: Chain, offset: u64, bytes: &[u8]) -> Result<(), ErrorRecord> {
        if offset == 0 {
            // The folder may have been taken away; the computer's directory is not ours to make again.
            for folder in [self.folder.parent(), Some(&self.folder)].into_iter().flatten() {
                if !folder.is_dir() {
                    let made = DirBuilder::new().mode(0o700).create(folder);
                    made.map_err(|error| unreachable(folder, &error))?;
                }
            }
            self.discard()?;
        }
        let path = self.path(package, hash);
        let write = || {
            let file = File::options().write(true).create(offset == 0).truncate(false).mode(0o600).open(&path)?;
            if file.metadata()?.len() < offset {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "it is shorter than it was"));
            }
            file.set_len(offset)?;
            file.write_all_at(bytes, offset)
        };
        write().map_err(|error| failed(&path, &error))
    }

    /// The file of a package.
    pub fn read(&self, package: PackageId, hash: Chain) -> Result<File, ErrorRecord> {
        let path = self.path(package, hash);
        File::open(&path).map_err(|error| failed(&path, &error))
    }

    /// Removes whatever is there.
    pub fn discard(&self) -> Result<(), ErrorRecord> {
        let remove = || -> io::Result<()> {
            for entry in fs::read_dir(&self.folder)? {
                fs::remove_file(entry?.path())?;
            }
            Ok(())
        };
        remove().map_err(|error| failed(&self.folder, &error))
    }

    fn path(&self, package: PackageId, hash: Chain) -> PathBuf {
        let PackageId { epoch, from, to } = package;
        let from = from.map_or("full".to_owned(), |from| from.to_string());
        self.folder.join(format!("{epoch}-{from}-{to}-{hash}.part"))
    }
}

fn parse(name: &str) -> Option<(PackageId, Chain)> {
    let mut parts = name.strip_suffix(".part")?.split('-');
    let epoch = parts.next()?.parse().ok()?;
    let from = match parts.next()? {
        "full" => None,
        from => Some(from.parse().ok()?),
    };
    let to = parts.next()?.parse().ok()?;
    let hash = Chain::parse(parts.next()?)?;
    parts.next().is_none().then_some((PackageId { epoch, from, to }, hash))
}

fn failed(path: &Path, error: &io::Error) -> ErrorRecord {
    let message = format!("'{}' cannot be read or written: {error}.", path.display());
    match error.kind() {
        // The last is what a limit on the size of files gives: no room either.
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            ErrorRecord::new("ReplicaDiskFull", Category::ResourceUnavailable, message)
                .hint("Make room on its disk; the package is fetched again then.")
        }
        io::ErrorKind::InvalidData | io::ErrorKind::NotFound => {
            ErrorRecord::new("PackageCorrupt", Category::InvalidData, message).hint("The package is fetched again.")
        }
        _ => unreachable(path, error),
    }
}

fn unreachable(path: &Path, error: &io::Error) -> ErrorRecord {
    let message = format!("'{}' cannot be read or written: {error}.", path.display());
    ErrorRecord::new("ReplicaUnreachable", Category::WriteError, message)
        .hint("See that the server's user may write the replica's folder.")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rule: what was begun is found again after a restart, with the length that is there, and all else goes.
    #[test]
    fn what_was_begun_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let incoming = Incoming::open(folder.path()).unwrap();
        for from in [None, Some(3)] {
            let package = PackageId { epoch: 2, from, to: 9 };
            let hash = Chain([7; 32]);
            incoming.write(package, hash, 0, b"abc").unwrap();
            incoming.write(package, hash, 3, b"def").unwrap();
            // A write that was cut off is written over.
            incoming.write(package, hash, 4, b"XY").unwrap();
            fs::write(folder.path().join("incoming/strange"), "x").unwrap();
            assert_eq!(incoming.begun(), Some((package, hash, 6)));
            assert_eq!(fs::read_dir(folder.path().join("incoming")).unwrap().count(), 1);
            assert_eq!(io::read_to_string(incoming.read(package, hash).unwrap()).unwrap(), "abcdXY");
        }
        incoming.discard().unwrap();
        assert_eq!(incoming.begun(), None);
        let lost = incoming.write(PackageId { epoch: 1, from: None, to: 1 }, Chain::default(), 5, b"x");
        assert_eq!(lost.unwrap_err().id(), "PackageCorrupt");
    }
}
