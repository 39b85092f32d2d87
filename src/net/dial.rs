//! Connections to other computers of the deployment.

use super::addresses::{self, Addresses};
use super::counted::Counted;
use super::fault::Ends;
use super::identity::Identity;
use super::peer::Peer;
use super::tls;
use super::token::JoinToken;
use super::verify::{Acceptance, Refusal};
use crate::env::Clock;
use crate::error::{Category, ErrorRecord};
use rustls::pki_types::ServerName;
use rustls::{CertificateError, ClientConfig};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// How long connecting may take, and then shaking hands, each: who does not answer in this time does not answer.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Makes connections in the name of one identity.
pub struct Dialler {
    identity: Arc<Identity>,
    addresses: Arc<Addresses>,
    replica: Arc<ClientConfig>,
    http: Arc<ClientConfig>,
    patience: Duration,
    /// What is known of certificates here, if anything.
    acceptance: Option<Arc<dyn Acceptance>>,
}

/// A connection on which both ends have proved themselves, as far as this end can know: the other one refuses a
/// certificate only when the first bytes are read.
pub struct Connection {
    /// The stream.
    pub stream: TlsStream<Counted>,
    /// The computer at the other end.
    pub peer: Peer,
    /// For messages.
    pub ends: Ends,
}

impl Dialler {
    /// Dials in the name of an identity, by an address book.
    ///
    /// # Errors
    /// `IdentityInvalid`.
    pub fn new(
        identity: Arc<Identity>,
        addresses: Arc<Addresses>,
        clock: Arc<dyn Clock>,
    ) -> Result<Dialler, ErrorRecord> {
        let replica = tls::client(identity.clone(), clock.clone(), tls::REPLICA)?;
        let http = tls::client(identity.clone(), clock, tls::HTTP2)?;
        Ok(Dialler { identity, addresses, replica, http, patience: PATIENCE, acceptance: None })
    }

    /// The same that talks to nobody whose certificate is known to be revoked. What is not known yet does not count: a
    /// computer learns of a new certificate of the master's from the master.
    #[must_use]
    pub fn refusing(mut self, acceptance: Arc<dyn Acceptance>) -> Dialler {
        self.acceptance = Some(acceptance);
        self
    }

    /// The same with another patience.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Dialler {
        self.patience = patience;
        self
    }

    /// Where a computer is dialled: `host:port`.
    ///
    /// # Errors
    /// `AddressesInvalid`.
    pub fn address(&self, fqdn: &str) -> Result<String, ErrorRecord> {
        self.addresses.reach(fqdn)
    }

    /// Connects to a computer's replica stream.
    ///
    /// # Errors
    /// `AddressesInvalid`, `HostUnreachable`, `CertificateRevoked`, and those of [`Ends::explain`].
    pub async fn replica(&self, fqdn: &str) -> Result<Connection, ErrorRecord> {
        self.connect(fqdn, self.replica.clone()).await
    }

    /// Connects to a computer for HTTP/2.
    ///
    /// # Errors
    /// Those of [`Dialler::replica`].
    pub async fn http(&self, fqdn: &str) -> Result<Connection, ErrorRecord> {
        self.connect(fqdn, self.http.clone()).await
    }

    async fn connect(&self, fqdn: &str, config: Arc<ClientConfig>) -> Result<Connection, ErrorRecord> {
        let address = self.addresses.reach(fqdn)?;
        let own = Some(Arc::new(self.identity.current().peer.clone()));
        let ends = Ends { other: format!("{fqdn} ({address})").into(), own };
        let connection = shake(&address, fqdn, config, ends, self.patience).await?;
        match self.acceptance.as_ref().map(|known| known.check(&connection.peer)) {
            Some(Err(Refusal::Revoked)) => Err(connection.ends.their_certificate(&CertificateError::Revoked)),
            _ => Ok(connection),
        }
    }
}

/// Connects as a newcomer that has a token and no certificate. The host is a name or an address, with or without port and
/// `https://`.
///
/// # Errors
/// Those of [`Dialler::replica`]; `CertificateUnknown` where the server's authority is not the token's.
pub async fn join(host: &str, token: &JoinToken, clock: Arc<dyn Clock>) -> Result<Connection, ErrorRecord> {
    let config = tls::newcomer(token, clock)?;
    let (name, address) = addresses::split(host);
    shake(&address, &name, config, Ends::with(host), PATIENCE).await
}

async fn shake(
    address: &str,
    name: &str,
    config: Arc<ClientConfig>,
    ends: Ends,
    patience: Duration,
) -> Result<Connection, ErrorRecord> {
    let name = ServerName::try_from(name.to_string()).map_err(|_| {
        ErrorRecord::new("NameInvalid", Category::InvalidArgument, format!("'{name}' is not the name of a computer."))
            .hint("Give its full name, as the topology has it.")
    })?;
    let stream = match timeout(patience, TcpStream::connect(address)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) if error.raw_os_error().is_none() => {
            return Err(ends.unreachable("its name has no address"));
        }
        Ok(Err(error)) => return Err(ends.explain(&error)),
        Err(_) => return Err(ends.explain(&io::ErrorKind::TimedOut.into())),
    };
    // A frame or a request is written as a whole: waiting for more would only delay it.
    let _ = stream.set_nodelay(true);
    let stream = match timeout(patience, TlsConnector::from(config).connect(name, Counted::new(stream))).await {
        Ok(stream) => stream.map_err(|error| ends.explain(&error))?,
        Err(_) => return Err(ends.explain(&io::ErrorKind::TimedOut.into())),
    };
    let certificate = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
    let peer = Peer::parse(certificate.map_or(&[][..], |certificate| certificate))?;
    Ok(Connection { stream, peer, ends })
}
