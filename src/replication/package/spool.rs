//! Where a package's bytes go while it is made: memory, and a file when they grow.

use super::{Content, LARGEST};
use bytes::Bytes;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of a package that stay in memory; more go to a file.
const MEMORY: usize = 1 << 20;

/// Bytes on their way, counted and hashed.
pub(super) struct Spool {
    folder: PathBuf,
    memory: Vec<u8>,
    file: Option<BufWriter<File>>,
    hasher: blake3::Hasher,
    pub length: u64,
}

impl Spool {
    /// A file, if one is needed, is made in this folder, and has no name there when this returns.
    pub fn new(folder: &Path) -> Spool {
        let hasher = blake3::Hasher::new();
        Spool { folder: folder.to_path_buf(), memory: Vec::new(), file: None, hasher, length: 0 }
    }

    /// What was written, and its hash.
    pub fn finish(self) -> io::Result<(Content, blake3::Hash)> {
        let hash = self.hasher.finalize();
        let content = match self.file {
            Some(file) => Content::File(file.into_inner().map_err(io::IntoInnerError::into_error)?),
            None => Content::Memory(Bytes::from(self.memory)),
        };
        Ok((content, hash))
    }
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.length = self.length.saturating_add(bytes.len() as u64);
        if self.length > LARGEST {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        if self.file.is_none() && self.memory.len() + bytes.len() > MEMORY {
            let mut file = BufWriter::with_capacity(MEMORY / 4, nameless(&self.folder)?);
            file.write_all(&std::mem::take(&mut self.memory))?;
            self.file = Some(file);
        }
        match &mut self.file {
            Some(file) => file.write_all(bytes)?,
            None => self.memory.extend_from_slice(bytes),
        }
        self.hasher.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A file that goes when it is closed, whatever happens to the process.
fn nameless(folder: &Path) -> io::Result<File> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let name = format!(".package-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let path = folder.join(name);
    // One of the same name can only be left over from a process that died between the two calls.
    let file = File::options().read(true).write(true).create(true).truncate(true).mode(0o600).open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(file)
}
