//! The socket in the host directory, on which a server takes sessions of this computer's users.

use crate::error::{Category, ErrorRecord};
use std::fs::{File, Permissions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

/// Binds the socket. What a server that was killed left there is removed: the caller holds the directory alone.
///
/// # Errors
/// `SocketNotBound`.
pub fn bind(path: &Path) -> Result<UnixListener, ErrorRecord> {
    let bound = || -> io::Result<UnixListener> {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let (_folder, short) = short(path)?;
        let listener = UnixListener::bind(&short)?;
        std::fs::set_permissions(path, Permissions::from_mode(0o600))?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    };
    bound().map_err(|error| {
        let message = format!("The socket '{}' cannot be made: {error}.", path.display());
        ErrorRecord::new("SocketNotBound", Category::ResourceUnavailable, message)
    })
}

/// Connects to the socket of a server, however long its path is.
///
/// # Errors
/// Those of the system: `NotFound` and `ConnectionRefused` where no server runs.
pub fn connect(path: &Path) -> io::Result<UnixStream> {
    let (_folder, short) = short(path)?;
    UnixStream::connect(short)
}

/// A path that fits into an address of a socket (108 bytes), good as long as the folder is open.
fn short(path: &Path) -> io::Result<(File, PathBuf)> {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::Error::from(io::ErrorKind::InvalidInput));
    };
    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    let folder = File::open(parent)?;
    let short = PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd())).join(name);
    Ok((folder, short))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};

    #[test]
    fn a_long_path_and_a_stale_socket_are_no_obstacle() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("d".repeat(120)).join("e".repeat(120));
        std::fs::create_dir_all(&deep).unwrap();
        let path = deep.join("reeve.sock");
        assert_eq!(connect(&path).unwrap_err().kind(), io::ErrorKind::NotFound);
        drop(bind(&path).unwrap());
        assert_eq!(connect(&path).unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
        let listener = bind(&path).unwrap();
        listener.set_nonblocking(false).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let mut client = connect(&path).unwrap();
        let (mut server, _) = listener.accept().unwrap();
        client.write_all(b"x").unwrap();
        let mut read = [0];
        server.read_exact(&mut read).unwrap();
        assert_eq!(&read, b"x");
    }
}
