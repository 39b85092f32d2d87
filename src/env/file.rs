//! Files that users name: read up to a size, because a device or a pipe may go on for ever.

use super::bounds;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

/// Largest file that cmdlets take as a whole, in bytes.
pub const LARGEST: u64 = 1 << 30;

/// Bytes between two looks at whether somebody wants them still.
const PIECE: u64 = 4 << 20;

/// How long somebody who waits for a pipe or a device is deaf to Ctrl-C.
const LOOK: Duration = Duration::from_millis(10);

/// The bytes of a file of at most `most` bytes.
///
/// # Errors
/// Those of the system; `FileTooLarge` where there is more; `Other` where what runs is stopped meanwhile.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    if std::fs::metadata(path)?.is_file() {
        return read_from(File::open(path)?, most, stopped);
    }
    // A pipe or a device may let one wait for ever, already when it is opened: another thread waits, which is left to
    // itself when nobody wants to know any more.
    let (done, waiting) = mpsc::channel();
    let (path, still_wanted) = (path.to_path_buf(), mpsc::channel::<()>());
    let (wanted, listens) = still_wanted;
    std::thread::Builder::new().name("reader".into()).spawn(move || {
        let wants = move || listens.try_recv() != Err(mpsc::TryRecvError::Disconnected);
        let read = File::open(&path).and_then(|file| read_from(file, most, || if wants() { Ok(()) } else { ended() }));
        // Nobody waits for it any more, or it is taken.
        let _ = done.send(read);
    })?;
    loop {
        match waiting.recv_timeout(LOOK) {
            Ok(read) => {
                drop(wanted);
                return read;
            }
            Err(RecvTimeoutError::Timeout) => stopped()?,
            Err(RecvTimeoutError::Disconnected) => return ended(),
        }
    }
}

fn ended<T>() -> io::Result<T> {
    Err(io::Error::other("reading it was stopped"))
}

fn stopped() -> io::Result<()> {
    if bounds::reason_now().is_some() { ended() } else { Ok(()) }
}

fn read_from(mut from: impl Read, most: u64, go_on: impl Fn() -> io::Result<()>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        go_on()?;
        let left = most.saturating_add(1).saturating_sub(bytes.len() as u64);
        if (&mut from).take(left.min(PIECE)).read_to_end(&mut bytes)? == 0 {
            break;
        }
    }
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
