//! Starting a server with a socket that is bound, as systemd does: LISTEN_FDS of them, from descriptor 3 on.
//!
//! No connection is lost while the server starts, and no port between choosing and binding.

use rustix::io::{FdFlags, fcntl_setfd};
use std::fs::File;
use std::io;
use std::mem::ManuallyDrop;
use std::net::TcpListener;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};

/// The descriptor that is handed over.
const FIRST: RawFd = 3;

/// Starts a process with a socket that is bound. Once the command is dropped, this process has none of it.
///
/// # Errors
/// Those of starting a process.
#[allow(unsafe_code, reason = "between fork and exec a descriptor gets its number; Command has no other door")]
pub fn spawn_with(command: &mut Command, listener: TcpListener) -> io::Result<Child> {
    // As long as the number is taken here, nothing that starting opens for itself gets it.
    let taken = File::open("/dev/null")?;
    command.env("LISTEN_FDS", "1").env_remove("LISTEN_PID").env_remove("LISTEN_FDNAMES");
    let place = move || -> io::Result<()> {
        if listener.as_raw_fd() == FIRST {
            return Ok(fcntl_setfd(&listener, FdFlags::empty())?);
        }
        // SAFETY: in the child this number is nobody's yet, and it is never closed by this value.
        let mut target = ManuallyDrop::new(unsafe { OwnedFd::from_raw_fd(FIRST) });
        Ok(rustix::io::dup2(&listener, &mut target)?)
    };
    // SAFETY: it makes system calls alone, allocates nothing and takes no lock, as between fork and exec it must be.
    let child = unsafe { command.pre_exec(place) }.spawn();
    drop(taken);
    child
}
