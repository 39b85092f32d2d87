//! The folder of documents: files replaced and removed.

use crate::error::{Category, ErrorRecord};
use std::collections::HashSet;
use std::fs::{self, DirBuilder, File};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The folder's name beside the database.
pub(super) const FOLDER: &str = "documents";
/// What is being written, before it is renamed. No document's file begins with a dot.
const NEW: &str = ".new";

/// The folder of documents. One pass at a time writes it.
pub(super) struct Files<'a> {
    folder: PathBuf,
    /// Asked before each step: whether to stop there.
    stop: &'a dyn Fn() -> bool,
    /// Folders of kinds that are there.
    kinds: HashSet<String>,
    /// Files that were written.
    pub(super) written: u64,
}

impl<'a> Files<'a> {
    /// The folder in a replica's folder; it is made if it is not there.
    pub(super) fn open(replica: &Path, stop: &'a dyn Fn() -> bool) -> Result<Files<'a>, ErrorRecord> {
        let folder = replica.join(FOLDER);
        make(&folder).map_err(|error| failed(&folder, &error))?;
        Ok(Files { folder, stop, kinds: HashSet::new(), written: 0 })
    }

    /// Goes on, unless it is to stop.
    pub(super) fn check(&self) -> Result<(), ErrorRecord> {
        if (self.stop)() { Err(stopped()) } else { Ok(()) }
    }

    /// Puts a file's content in place, unless it is there already.
    pub(super) fn put(&mut self, name: &str, content: &[u8]) -> Result<(), ErrorRecord> {
        self.check()?;
        let path = self.folder.join(name);
        if holds(&path, content) {
            return Ok(());
        }
        if let Some((kind, _)) = name.split_once('/')
            && self.kinds.insert(kind.to_string())
        {
            let folder = self.folder.join(kind);
            make(&folder).map_err(|error| failed(&folder, &error))?;
        }
        let new = self.folder.join(NEW);
        let write = || -> std::io::Result<()> {
            let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
            file.write_all(content)
        };
        write().map_err(|error| failed(&new, &error))?;
        self.check()?;
        fs::rename(&new, &path).map_err(|error| failed(&path, &error))?;
        self.written += 1;
        Ok(())
    }

    /// Removes a file, if it is there, and its folder if it was the last.
    pub(super) fn remove(&mut self, name: &str) -> Result<(), ErrorRecord> {
        self.check()?;
        let path = self.folder.join(name);
        match fs::remove_file(&path) {
            Ok(()) => self.written += 1,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
            Err(error) => return Err(failed(&path, &error)),
        }
        if let (Some(folder), Some((kind, _))) = (path.parent(), name.split_once('/'))
            && fs::remove_dir(folder).is_ok()
        {
            self.kinds.remove(kind);
        }
        Ok(())
    }

    /// Removes every file whose name is not among the hashes given, and whatever else lies there.
    pub(super) fn sweep(&mut self, names: &HashSet<u64>) -> Result<(), ErrorRecord> {
        for folder in entries(&self.folder)? {
            if !self.folder.join(&folder).is_dir() || self.folder.join(&folder).is_symlink() {
                self.remove(&folder)?;
                continue;
            }
            for file in entries(&self.folder.join(&folder))? {
                let name = format!("{folder}/{file}");
                if names.contains(&hash(&name)) {
                    continue;
                }
                let path = self.folder.join(&name);
                if path.is_dir() && !path.is_symlink() {
                    self.check()?;
                    fs::remove_dir_all(&path).map_err(|error| failed(&path, &error))?;
                } else {
                    self.remove(&name)?;
                }
            }
            // An empty one goes; one that is in use stays.
            let _ = fs::remove_dir(self.folder.join(&folder));
        }
        self.kinds.clear();
        Ok(())
    }
}

/// A number for a name: eight bytes for each of a million documents, where the names would be a hundred megabytes.
pub(super) fn hash(name: &str) -> u64 {
    let hash = blake3::hash(name.as_bytes());
    let (start, _) = hash.as_bytes().split_first_chunk().unwrap_or((&[0; 8], &[]));
    u64::from_le_bytes(*start)
}

fn holds(path: &Path, content: &[u8]) -> bool {
    let long = fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file).map(|metadata| metadata.len());
    long == Some(content.len() as u64) && fs::read(path).is_ok_and(|there| there == content)
}

/// Makes a folder in one that is there: where the replica itself was deleted, it is not put back by its files.
fn make(folder: &Path) -> std::io::Result<()> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        made => made,
    }
}

/// The names in a folder. One that is no text is none of ours; its bytes that are not are lost, so it stays.
fn entries(folder: &Path) -> Result<Vec<String>, ErrorRecord> {
    let read = || -> std::io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(folder)? {
            names.extend(entry?.file_name().into_string());
        }
        Ok(names)
    };
    read().map_err(|error| failed(folder, &error))
}

pub(super) fn failed(path: &Path, error: &std::io::Error) -> ErrorRecord {
    let message = format!("'{}' cannot be written: {error}.", path.display());
    ErrorRecord::new("DocumentsNotWritten", Category::WriteError, message)
        .hint("See that its disk has room, and that the folder belongs to the server's user. It is tried again.")
}

fn stopped() -> ErrorRecord {
    ErrorRecord::new("DocumentsStopped", Category::OperationStopped, "The computer's server stops.")
        .hint("What is left is written when it starts.")
}
