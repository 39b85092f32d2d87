//! Small files of certificates and keys: read up to a bound, written for their owner alone.

use crate::env::file;
use crate::error::{Category, ErrorRecord};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Largest file of certificates, keys or addresses that is read, in bytes: 10,000 addresses fit well.
pub const LARGEST: u64 = 1 << 20;

/// The text of a small file.
pub fn read(path: &Path, id: &'static str) -> Result<String, ErrorRecord> {
    let failed = |what: String| {
        ErrorRecord::new(id, Category::OpenError, format!("'{}' could not be read: {what}.", path.display()))
            .hint("See whether the file is there and who owns it.")
    };
    let bytes = file::read(path, LARGEST).map_err(|error| failed(error.to_string()))?;
    String::from_utf8(bytes).map_err(|_| failed("it is not text".into()))
}

/// Writes a file as a whole, readable by its owner alone: beside its place, onto the disk, then renamed.
pub fn write(path: &Path, text: &str) -> Result<(), ErrorRecord> {
    whole(path, text).map_err(|error| not_written(path, &error))
}

/// Removes a file.
pub fn remove(path: &Path) -> Result<(), ErrorRecord> {
    let removed = fs::remove_file(path).and_then(|()| File::open(folder(path))?.sync_all());
    removed.map_err(|error| not_written(path, &error))
}

fn not_written(path: &Path, error: &io::Error) -> ErrorRecord {
    let message = format!("'{}' could not be written: {error}.", path.display());
    ErrorRecord::new("CertificateNotWritten", Category::WriteError, message)
        .hint("Look at the space on the disk and at who owns the folder.")
}

/// The folder in which a file lies.
fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn whole(path: &Path, text: &str) -> io::Result<()> {
    let folder = folder(path);
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let name = path.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?.to_string_lossy();
    let beside = folder.join(format!(".{name}.new"));
    // What a killed process left there is removed: it might have had other rights.
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    File::open(folder)?.sync_all()
}
