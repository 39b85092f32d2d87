//! What systemd is told: that the server is ready, that it stops.

use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// Tells whoever started the process, if it asked for it (`NOTIFY_SOCKET`): `READY=1`, `STOPPING=1`.
pub fn tell(state: &str) {
    let Some(place) = std::env::var_os("NOTIFY_SOCKET") else { return };
    let told = || -> std::io::Result<()> {
        let address = match place.as_bytes().strip_prefix(b"@") {
            Some(name) => SocketAddr::from_abstract_name(name)?,
            None => SocketAddr::from_pathname(&place)?,
        };
        UnixDatagram::unbound()?.send_to_addr(state.as_bytes(), &address).map(drop)
    };
    if let Err(error) = told() {
        tracing::warn!(%error, state, "the service manager cannot be told");
    }
}
