//! The listener: it shakes hands, a bounded number at a time, and hands over who came in.

use super::fault::Ends;
use super::peer::Peer;
use super::{Pending, tls};
use crate::error::{Category, ErrorRecord};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustls::ServerConfig;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Handshakes under way at the same time: each takes memory and a signature, and strangers begin them.
const HANDSHAKES: usize = 256;
/// How long a handshake may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The same where half of all that may be under way are: who says nothing must not keep the others out for long.
const HURRY: Duration = Duration::from_secs(1);
/// Connections without a certificate at the same time: newcomers, and who asks for the health.
const GUESTS: usize = 64;
/// How long a refused client may take to read why.
const LINGER: Duration = Duration::from_secs(1);
/// Bytes of a refused client that are read away, so that it can read why.
const LINGER_BYTES: u64 = 64 * 1024;

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// The replica stream.
    Replica,
    /// HTTP/2.
    Http,
}

/// A connection that came in.
pub struct Accepted {
    /// The stream. On the heap: it is large, and every future that it goes through would keep room for it.
    pub stream: Box<TlsStream<TcpStream>>,
    /// Who it is; `None` where no certificate was shown.
    pub peer: Option<Peer>,
    /// From where.
    pub from: SocketAddr,
    /// What for.
    pub protocol: Protocol,
    /// For messages.
    pub ends: Ends,
}

/// Takes connections.
pub trait Handler: Send + Sync + 'static {
    /// A connection came in; what it needs from now on runs in a task of its own.
    fn accepted(&self, accepted: Accepted) -> Pending<()>;

    /// A handshake failed; the error says why.
    fn refused(&self, from: SocketAddr, error: ErrorRecord);
}

/// A socket on which connections come in.
pub struct Listener {
    tcp: TcpListener,
}

impl Listener {
    /// Binds an address; port 0 takes a free one.
    ///
    /// # Errors
    /// `AddressUnavailable`.
    pub async fn bind(address: &str) -> Result<Listener, ErrorRecord> {
        TcpListener::bind(address).await.map(|tcp| Listener { tcp }).map_err(|error| unavailable(address, &error))
    }

    /// Takes over a socket that listens already.
    ///
    /// # Errors
    /// `AddressUnavailable`.
    pub fn from_std(socket: std::net::TcpListener) -> Result<Listener, ErrorRecord> {
        let made = socket.set_nonblocking(true).and_then(|()| TcpListener::from_std(socket));
        made.map(|tcp| Listener { tcp }).map_err(|error| unavailable("the inherited socket", &error))
    }

    /// Where it listens.
    ///
    /// # Errors
    /// `AddressUnavailable`.
    pub fn address(&self) -> Result<SocketAddr, ErrorRecord> {
        self.tcp.local_addr().map_err(|error| unavailable("the socket", &error))
    }

    /// Serves until `stop` becomes true or its sender is dropped; connections that stand are the handler's.
    pub async fn serve(self, config: Arc<ServerConfig>, handler: Arc<dyn Handler>, mut stop: watch::Receiver<bool>) {
        let acceptor = TlsAcceptor::from(config);
        let slots = Arc::new(Semaphore::new(HANDSHAKES));
        let guests = Arc::new(Semaphore::new(GUESTS));
        loop {
            let slot = tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                slot = slots.clone().acquire_owned() => slot,
            };
            let accepted = tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                accepted = self.tcp.accept() => accepted,
            };
            match accepted {
                Ok((stream, from)) => {
                    let (acceptor, handler, guests) = (acceptor.clone(), handler.clone(), guests.clone());
                    let patience = if slots.available_permits() < HANDSHAKES / 2 { HURRY } else { PATIENCE };
                    tokio::spawn(async move {
                        let _slot = slot;
                        match shake(acceptor, stream, from, patience).await {
                            Ok(accepted) => hand_over(accepted, &*handler, guests),
                            Err(error) => handler.refused(from, error),
                        }
                    });
                }
                // Out of descriptors, or the client is gone already: others may still come in.
                Err(_) => sleep(Duration::from_millis(50)).await,
            }
        }
    }
}

/// The handler's work runs in a task of its own: that of the handshake took more memory, and ends.
fn hand_over(accepted: Accepted, handler: &dyn Handler, guests: Arc<Semaphore>) {
    if accepted.peer.is_some() {
        tokio::spawn(handler.accepted(accepted));
        return;
    }
    match guests.try_acquire_owned() {
        Ok(place) => {
            let task = handler.accepted(accepted);
            tokio::spawn(async move {
                let _place = place;
                task.await;
            });
        }
        Err(_) => {
            let why = "too many without a certificate are connected";
            handler.refused(accepted.from, accepted.ends.record("TooManyGuests", why, "Try again in a minute."));
        }
    }
}

async fn shake(
    acceptor: TlsAcceptor,
    stream: TcpStream,
    from: SocketAddr,
    patience: Duration,
) -> Result<Accepted, ErrorRecord> {
    let ends = Ends::with(from.to_string());
    // A frame or an answer is written as a whole: waiting for more would only delay it.
    let _ = stream.set_nodelay(true);
    let stream = match timeout(patience, acceptor.accept(stream).into_fallible()).await {
        Ok(Ok(stream)) => stream,
        Ok(Err((error, stream))) => {
            linger(stream).await;
            return Err(ends.explain(&error));
        }
        Err(_) => return Err(ends.explain(&io::ErrorKind::TimedOut.into())),
    };
    let tls = stream.get_ref().1;
    let peer = tls.peer_certificates().and_then(|chain| chain.first()).map(|certificate| Peer::parse(certificate));
    let peer = peer.transpose()?;
    let protocol = match tls.alpn_protocol() {
        Some(tls::REPLICA) => Protocol::Replica,
        Some(tls::HTTP2) => Protocol::Http,
        _ => return Err(ends.record("ProtocolUnknown", "it named no protocol", "Clients speak HTTP/2 (ALPN h2).")),
    };
    Ok(Accepted { stream: Box::new(stream), peer, from, protocol, ends })
}

/// Lets a refused client read the alert: what it still sends is read away, for closing with something unread would
/// reset the connection and lose the alert.
async fn linger(mut stream: TcpStream) {
    let _ = timeout(LINGER, async {
        let _ = stream.shutdown().await;
        let mut buffer = [0; 1024];
        let mut rest = (&mut stream).take(LINGER_BYTES);
        while rest.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
    })
    .await;
}

/// Raises the number of descriptors that this process may have open as far as the system lets it, and gives that number:
/// each connection takes one, and many systems begin with 1,024.
pub fn raise_descriptors() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    let now = if setrlimit(Resource::Nofile, raised).is_ok() { raised.current } else { limit.current };
    now.unwrap_or(u64::MAX)
}

/// Sockets that the parent handed over (LISTEN_FDS, from descriptor 3 on), as systemd does.
///
/// # Errors
/// `AddressUnavailable` where a descriptor is no listening TCP socket.
pub fn inherited() -> Result<Vec<std::net::TcpListener>, ErrorRecord> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u32>().ok());
    // Without LISTEN_PID they are for whoever gets them; with it, for that process alone.
    if number("LISTEN_PID").is_some_and(|pid| pid != std::process::id()) {
        return Ok(Vec::new());
    }
    // systemd hands over the sockets of one unit: a few.
    let count = number("LISTEN_FDS").unwrap_or(0).min(16);
    (0..count).map(|at| descriptor(3 + at)).collect()
}

fn descriptor(number: u32) -> Result<std::net::TcpListener, ErrorRecord> {
    let failed = |why: String| unavailable(&format!("descriptor {number}"), &io::Error::other(why));
    let number = i32::try_from(number).map_err(|error| failed(error.to_string()))?;
    #[allow(unsafe_code, reason = "a descriptor that the environment names can be had by its number alone")]
    // SAFETY: it is checked to be open before it is owned, and nobody else in this process knows of it.
    let socket = unsafe {
        rustix::io::fcntl_getfd(std::os::fd::BorrowedFd::borrow_raw(number))
            .map_err(|error| failed(error.to_string()))?;
        <std::net::TcpListener as std::os::fd::FromRawFd>::from_raw_fd(number)
    };
    // Children of this process must not inherit it.
    rustix::io::fcntl_setfd(&socket, rustix::io::FdFlags::CLOEXEC).map_err(|error| failed(error.to_string()))?;
    socket.local_addr().map_err(|error| failed(error.to_string()))?;
    Ok(socket)
}

fn unavailable(what: &str, error: &io::Error) -> ErrorRecord {
    let message = format!("Connections cannot be taken on {what}: {error}.");
    ErrorRecord::new("AddressUnavailable", Category::ResourceUnavailable, message)
        .hint("Give another address or port (--listen), or stop what uses it.")
}
