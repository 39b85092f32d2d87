//! What a server is started with.

use crate::env::{Awake, Clock, SystemClock};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

/// How often the certificate is looked at: a comparison, and nobody waits for it.
const CHECKS: Duration = Duration::from_secs(60);

/// A master that is started again is back sooner.
const AWAY: Duration = Duration::from_secs(60);

/// What a server is started with.
pub struct Options {
    /// Where it listens; else what `host.toml` says, else what `addresses.toml` says of this computer if that is on
    /// loopback (a lab), else port 4443 of all addresses.
    pub listen: Option<SocketAddr>,
    /// A socket that is bound already takes the place of `listen`: of systemd, or of the lab.
    pub listener: Option<TcpListener>,
    /// Where health and metrics are shown without TLS; else what `host.toml` says, else nowhere.
    pub monitor: Option<SocketAddr>,
    /// A socket for it that is bound already.
    pub monitor_listener: Option<TcpListener>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// What sees when this process did not run.
    pub awake: Arc<Awake>,
    /// How often the certificate is looked at.
    pub checks: Duration,
    /// How long a replica may be away from the master before that is a failure of this server, and no mere warning.
    pub away: Duration,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            listen: None,
            listener: None,
            monitor: None,
            monitor_listener: None,
            clock: Arc::new(SystemClock),
            awake: Awake::watch(),
            checks: CHECKS,
            away: AWAY,
        }
    }
}
