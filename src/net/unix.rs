//! The unix socket on which a running server takes this computer's users.

use super::fault::Ends;
use super::http::Caller;
use crate::error::{Category, ErrorRecord};
use std::fs::{self, File, Permissions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};
use tokio::net::{UnixListener, UnixStream};

/// Longest path that the kernel takes for a socket, in bytes, with room for the zero at its end.
const LONGEST: usize = 100;

/// Listens at a path, for its owner alone. What a killed server left there is removed: who binds holds the directory.
///
/// # Errors
/// `AddressUnavailable`.
pub fn bind(path: &Path) -> Result<UnixListener, ErrorRecord> {
    let bound = || -> io::Result<UnixListener> {
        match fs::symlink_metadata(path) {
            Ok(data) if data.file_type().is_socket() => fs::remove_file(path)?,
            Ok(_) => return Err(io::Error::new(io::ErrorKind::AlreadyExists, "another file is in its place")),
            Err(_) => {}
        }
        let (short, _folder) = short(path)?;
        let listener = UnixListener::bind(short)?;
        fs::set_permissions(path, Permissions::from_mode(0o600))?;
        Ok(listener)
    };
    bound().map_err(|error| {
        let message = format!("Sessions cannot be taken on '{}': {error}.", path.display());
        ErrorRecord::new("AddressUnavailable", Category::ResourceUnavailable, message)
            .hint("See who owns the folder, and whether a file of that name is in the way.")
    })
}

/// Connects to the server that listens at a path.
///
/// # Errors
/// `HostUnreachable` where none does.
pub async fn connect(path: &Path) -> Result<(UnixStream, Ends), ErrorRecord> {
    let ends = Ends::with(path.display().to_string());
    let connected = async {
        let (short, _folder) = short(path)?;
        UnixStream::connect(short).await
    };
    match connected.await {
        Ok(stream) => Ok((stream, ends)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(ends.unreachable("no server runs on it")),
        Err(error) => Err(ends.explain(&error)),
    }
}

/// Whether a server listens at a path.
pub fn answers(path: &Path) -> bool {
    let connected = || -> io::Result<()> {
        let (short, _folder) = short(path)?;
        std::os::unix::net::UnixStream::connect(short).map(drop)
    };
    path.exists() && connected().is_ok()
}

/// Who is at the other end, as the kernel says.
///
/// # Errors
/// `ConnectionLost`.
pub fn caller(stream: &UnixStream) -> Result<Caller, ErrorRecord> {
    let user = stream.peer_cred().map_err(|error| Ends::with("a local session").explain(&error))?;
    Ok(Caller::Local { uid: user.uid(), gid: user.gid() })
}

/// A path that the kernel takes, and the folder that has to stay open as long as it is used.
fn short(path: &Path) -> io::Result<(PathBuf, Option<File>)> {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    if path.as_os_str().len() < LONGEST {
        return Ok((path.to_path_buf(), None));
    }
    let folder = File::open(parent)?;
    Ok((PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd())).join(name), Some(folder)))
}
