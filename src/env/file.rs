//! Files that users name: read up to a size, because a device or a pipe may go on for ever.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Largest file that cmdlets take as a whole, in bytes.
pub const LARGEST: u64 = 1 << 30;

/// The bytes of a file of at most `most` bytes.
///
/// # Errors
/// Those of the system; `FileTooLarge` where there is more.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it has more than {most} bytes")));
    }
    Ok(bytes)
}

/// Tries whether a file can be written, and leaves what is there as it is: one that was not there is not there afterwards.
///
/// # Errors
/// Those of the system.
pub fn try_out(path: &Path) -> io::Result<()> {
    let missing = std::fs::symlink_metadata(path).is_err();
    std::fs::OpenOptions::new().append(true).create(true).open(path)?;
    if missing { std::fs::remove_file(path) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_is_not_read_to_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        std::fs::write(&path, "12345").unwrap();
        assert_eq!(read(&path, 5).unwrap(), b"12345");
        assert_eq!(read(&path, 4).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        if cfg!(target_os = "linux") {
            assert_eq!(read(Path::new("/dev/zero"), 1000).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        }
    }
}
