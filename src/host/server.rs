//! A running server: started, asked, stopped.

use super::health::Health;
use super::node::Node;
use super::options::Options;
use crate::deployment::HostDirectory;
use crate::error::{Category, ErrorRecord};
use std::net::SocketAddr;
use std::sync::Arc;

/// A running server. When it is dropped it ends at once, as by kill -9; [`Server::stop`] ends it gracefully.
pub struct Server {
    node: Arc<Node>,
    address: SocketAddr,
    monitor: Option<SocketAddr>,
}

impl Server {
    /// Starts the server of a computer; it listens when this returns.
    ///
    /// # Errors
    /// `AddressInUse`, `SettingsInvalid`, `AddressesInvalid`, `CertificateExpired`, those of the store.
    pub fn start(directory: HostDirectory, options: Options) -> Result<Server, ErrorRecord> {
        let _ = Node::new(directory, options.clock)?;
        Err(ErrorRecord::new("NotImplemented", Category::NotImplemented, "The server is being built."))
    }

    /// What its parts share.
    pub fn node(&self) -> &Arc<Node> {
        &self.node
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it shows health and metrics without TLS.
    pub fn monitor(&self) -> Option<SocketAddr> {
        self.monitor
    }

    /// Whether it does what it is there for.
    pub fn health(&self) -> Health {
        self.node.health()
    }

    /// Ends it gracefully: takes no more, tells the replicas, gives running calls 10 seconds, and puts everything on
    /// the disk.
    pub fn stop(self) {}
}
