//! A running server: started, asked, stopped.

use super::calls::{Calls, Limits};
use super::connections::Connections;
use super::health::Health;
use super::node::Node;
use super::options::Options;
use super::place::Places;
use super::routes::{Door, Routes};
use super::services::Services;
use super::{metrics, renewal};
use crate::deployment::HostDirectory;
use crate::error::{Category, ErrorRecord};
use crate::net::addresses::PORT;
use crate::net::http::{Caller, serve_connection, serve_plain};
use crate::net::{Acceptance, Accepted, Ends, Handler, Listener, Pending, Protocol, tls, unix};
use std::net::{Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::{Semaphore, watch};

/// Threads that carry the network: it waits far more than it computes, and what computes or waits for a disk has threads
/// of its own.
const THREADS: usize = 2;
/// How long running calls are given at a graceful stop.
const CALLS: Duration = Duration::from_secs(10);
/// How long connections are given to say their last then.
const GRACE: Duration = Duration::from_secs(2);
/// How long a replica that is no longer let in may take to be told.
const TOLD: Duration = Duration::from_secs(3);
/// Connections of the monitoring port at a time: a scraper has one.
const MONITORS: usize = 16;
/// Connections of the local socket at a time; each session has one or two.
const SESSIONS: usize = 512;

/// A running server. When it is dropped it ends at once, as by kill -9; [`Server::stop`] ends it gracefully.
pub struct Server {
    node: Arc<Node>,
    address: SocketAddr,
    monitor: Option<SocketAddr>,
    services: Arc<Services>,
    calls: Calls,
    connections: Arc<Connections>,
    stop: watch::Sender<bool>,
    /// `None` once it was stopped.
    runtime: Option<Runtime>,
}

impl Server {
    /// Starts the server of a computer; it listens when this returns.
    ///
    /// # Errors
    /// `AddressUnavailable`, `SettingsInvalid`, `AddressesInvalid`, `CertificateMissing`, `IdentityUnreadable`,
    /// `IdentityInvalid`; those of the store.
    pub fn start(directory: HostDirectory, options: Options) -> Result<Server, ErrorRecord> {
        metrics::start();
        let node = Arc::new(Node::new(directory, options.clock.clone(), options.awake, options.away)?);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("net")
            .enable_all()
            .build()
            .map_err(|error| {
                let message = format!("The server's threads cannot be started: {error}.");
                ErrorRecord::new("ServerNotStarted", Category::ResourceUnavailable, message)
            })?;
        let (stop, stopped) = watch::channel(false);
        let connections: Arc<Connections> = Arc::default();
        let services = Services::new(node.clone(), connections.clone());
        let (opens, decides) = (node.clone(), node.clone());
        let open = Arc::new(move || opens.deployment());
        // Before anything can be opened: what is opened knows them.
        let places = runtime.block_on(async { Places::new(&node) });
        node.set_places(Some(places));
        let calls = Calls::new(open, Arc::new(move || decides.check_active()), Limits::default());
        node.count_generations(calls.generation());
        let (address, monitor) = runtime.block_on(async {
            let (listener, monitor) =
                listeners(&node, options.listener, options.listen, options.monitor_listener, options.monitor).await?;
            let address = listener.address()?;
            node.addresses().listens(node.computer(), address);
            let local = unix::bind(&node.directory().socket())?;
            // Before anybody is let in it is known who may be.
            let looked = services.look().await;
            node.findings.problem("Services", looked.err().map(|error| error.to_string()));
            let monitored = monitor.as_ref().map(|monitor| monitor.local_addr()).transpose().ok().flatten();
            let config = tls::server(node.identity().clone(), node.doorkeeper.clone(), node.clock().clone())?;
            let door = Arc::new(Entrance {
                node: node.clone(),
                routes: Routes::new(node.clone(), calls.clone(), Door::Tls),
                services: services.clone(),
                connections: connections.clone(),
                stop: stopped.clone(),
            });
            tokio::spawn(listener.serve(config, door, stopped.clone()));
            let routes = Routes::new(node.clone(), calls.clone(), Door::Local);
            tokio::spawn(take_local(routes, local, connections.clone(), stopped.clone()));
            if let Some(monitor) = monitor {
                let routes = Routes::new(node.clone(), calls.clone(), Door::Monitor);
                tokio::spawn(take_monitor(routes, monitor, stopped.clone()));
            }
            super::backup::start(&node, stopped.clone());
            tokio::spawn(services.clone().follow(stopped.clone()));
            tokio::spawn(renewal::run(node.clone(), options.checks));
            Ok::<_, ErrorRecord>((address, monitored))
        })?;
        tracing::info!(computer = node.computer(), %address, "serving");
        Ok(Server { node, address, monitor, services, calls, connections, stop, runtime: Some(runtime) })
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
    pub fn stop(mut self) {
        let Some(runtime) = self.runtime.take() else { return };
        let _ = self.stop.send(true);
        runtime.block_on(async {
            // The calls first: they ask the services, and what they still change goes out to the replicas.
            self.calls.stop(CALLS).await;
            self.services.stop().await;
            if let Some(places) = self.node.places() {
                places.end().await;
            }
            self.node.set_places(None);
            self.node.set_backup(None);
            if tokio::time::timeout(GRACE, self.connections.drain()).await.is_err() {
                tracing::warn!("connections that were still busy are cut");
            }
        });
        // Whoever still waits for a disk is not waited for longer than a disk should take.
        runtime.shutdown_timeout(Duration::from_secs(1));
        // Services that were being looked at may have begun once more in between; now nobody is left to begin them, and
        // without this they would keep the node, and it the directory.
        self.node.forget_services();
        let _ = std::fs::remove_file(self.node.directory().socket());
        tracing::info!("stopped");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // What it knows of its services knows it too: without this neither would go, nor let go of the directory.
            self.node.forget_services();
            runtime.shutdown_background();
        }
    }
}

/// Binds what is not bound yet.
async fn listeners(
    node: &Node,
    inherited: Option<std::net::TcpListener>,
    listen: Option<SocketAddr>,
    monitor_inherited: Option<std::net::TcpListener>,
    monitor: Option<SocketAddr>,
) -> Result<(Listener, Option<tokio::net::TcpListener>), ErrorRecord> {
    let listener = match inherited {
        Some(socket) => Listener::from_std(socket)?,
        None => Listener::bind(&address(node, listen)?.to_string()).await?,
    };
    let unavailable = |what: &str, error: std::io::Error| {
        let message = format!("Health and metrics cannot be shown on {what}: {error}.");
        ErrorRecord::new("AddressUnavailable", Category::ResourceUnavailable, message)
            .hint("Give another address or port (--monitor), or stop what uses it.")
    };
    let monitor = match (monitor_inherited, monitor.or(node.settings().monitor)) {
        (Some(socket), _) => {
            let made = socket.set_nonblocking(true).and_then(|()| tokio::net::TcpListener::from_std(socket));
            Some(made.map_err(|error| unavailable("the inherited socket", error))?)
        }
        (None, Some(address)) => {
            let made = tokio::net::TcpListener::bind(address).await;
            Some(made.map_err(|error| unavailable(&address.to_string(), error))?)
        }
        (None, None) => None,
    };
    Ok((listener, monitor))
}

/// Where to listen: see [`Options::listen`].
fn address(node: &Node, listen: Option<SocketAddr>) -> Result<SocketAddr, ErrorRecord> {
    if let Some(address) = listen.or(node.settings().listen) {
        return Ok(address);
    }
    let own = node.addresses().of(node.computer())?;
    let own = own.parse::<SocketAddr>().ok().filter(|address| address.ip().is_loopback());
    Ok(own.unwrap_or(SocketAddr::from((Ipv6Addr::UNSPECIFIED, PORT))))
}

/// Takes what comes in over TLS.
struct Entrance {
    node: Arc<Node>,
    routes: Arc<Routes>,
    services: Arc<Services>,
    connections: Arc<Connections>,
    stop: watch::Receiver<bool>,
}

impl Handler for Entrance {
    fn accepted(&self, accepted: Accepted) -> Pending<()> {
        let Some(connection) = self.connections.enter(accepted.peer.clone()) else {
            tracing::warn!(from = %accepted.from, "refused: too many connections");
            return Box::pin(async {});
        };
        // Once more, now that it is among those that are cut: a revocation may have come since the handshake looked.
        if let Some(peer) = &accepted.peer
            && let Err(refusal) = self.node.doorkeeper.check(peer)
        {
            tracing::warn!(name = %peer.name, serial = peer.serial, %refusal, "connection cut");
            return Box::pin(async {});
        }
        let (services, stop) = (self.services.clone(), self.stop.clone());
        let expels = self.services.clone();
        let is_replica = accepted.protocol == Protocol::Replica;
        let mut work: Pending<()> = match accepted.protocol {
            Protocol::Replica => {
                let accepted = Box::new(accepted);
                Box::pin(async move { services.replica(accepted).await })
            }
            Protocol::Http => {
                let caller = accepted.peer.map_or(Caller::Anonymous, Caller::Peer);
                Box::pin(serve_connection(accepted.stream, caller, accepted.ends, self.routes.clone(), stop))
            }
        };
        Box::pin(async move {
            let why = tokio::select! {
                () = &mut work => return,
                why = connection.cut() => why,
            };
            // A replica is told first; whoever does not listen is cut all the same. On the heap, because it is seldom: a
            // connection's task stays small.
            let telling = async {
                if let Some(peer) = connection.peer().filter(|_| is_replica)
                    && expels.expel(&peer, why).await
                {
                    let _ = tokio::time::timeout(TOLD, work).await;
                }
            };
            Box::pin(telling).await;
        })
    }

    fn refused(&self, from: SocketAddr, error: ErrorRecord) {
        ::metrics::counter!("reeve_handshakes_refused_total", "error" => error.id().to_string()).increment(1);
        tracing::warn!(%from, id = error.id(), "refused: {}", error.message());
    }
}

/// Takes sessions of this computer's users.
async fn take_local(
    routes: Arc<Routes>,
    listener: tokio::net::UnixListener,
    connections: Arc<Connections>,
    mut stop: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(SESSIONS));
    loop {
        let accepted = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            // Out of descriptors, for a moment.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let (Ok(place), Some(connection)) = (places.clone().try_acquire_owned(), connections.enter(None)) else {
            tracing::warn!("refused: too many local sessions");
            continue;
        };
        let Ok(caller) = unix::caller(&stream) else { continue };
        let (routes, stop) = (routes.clone(), stop.clone());
        tokio::spawn(async move {
            serve_connection(stream, caller, Ends::with("a local session"), routes, stop).await;
            drop((connection, place));
        });
    }
}

/// Takes scrapers.
async fn take_monitor(routes: Arc<Routes>, listener: tokio::net::TcpListener, mut stop: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(MONITORS));
    loop {
        let accepted = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            accepted = listener.accept() => accepted,
        };
        let (Ok((stream, from)), Ok(place)) = (accepted, places.clone().try_acquire_owned()) else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let (routes, stop) = (routes.clone(), stop.clone());
        tokio::spawn(async move {
            serve_plain(stream, Ends::with(from.to_string()), routes, stop).await;
            drop(place);
        });
    }
}
