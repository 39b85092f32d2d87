//! TLS 1.3 as this program speaks it: its own authority, its own clock, no sessions kept.

use super::identity::Identity;
use super::peer;
use super::token::JoinToken;
use super::verify::{Acceptance, Clients, Servers, Trust};
use crate::env::Clock;
use crate::error::{Category, ErrorRecord};
use rustls::client::{ResolvesClientCert, Resumption};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::UnixTime;
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::time_provider::TimeProvider;
use rustls::version::TLS13;
use rustls::{ClientConfig, RootCertStore, ServerConfig, SignatureScheme};
use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// The application protocol of the replica stream.
pub const REPLICA: &[u8] = b"reeve-replica/1";
/// The application protocol of everything else.
pub const HTTP2: &[u8] = b"h2";

static PROVIDER: LazyLock<Arc<CryptoProvider>> = LazyLock::new(|| Arc::new(rustls::crypto::ring::default_provider()));

/// What a server speaks TLS with. Clients' certificates are asked for; whether one is needed, the handler decides.
///
/// # Errors
/// `IdentityInvalid` where the authority's certificate is none.
pub fn server(
    identity: Arc<Identity>,
    acceptance: Arc<dyn Acceptance>,
    clock: Arc<dyn Clock>,
) -> Result<Arc<ServerConfig>, ErrorRecord> {
    let roots = Arc::new(roots(&identity)?);
    let clients = Clients::new(roots, PROVIDER.clone(), acceptance).map_err(|error| invalid(&error))?;
    let mut config = ServerConfig::builder_with_details(PROVIDER.clone(), Arc::new(Time(clock)))
        .with_protocol_versions(&[&TLS13])
        .map_err(|error| invalid(&error.to_string()))?
        .with_client_cert_verifier(Arc::new(clients))
        .with_cert_resolver(Arc::new(Own(identity)));
    config.alpn_protocols = vec![REPLICA.to_vec(), HTTP2.to_vec()];
    // Nothing is kept for sessions that are taken up again: a revoked certificate must not come in by one.
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.max_early_data_size = 0;
    Ok(Arc::new(config))
}

/// What a client that proves itself speaks TLS with.
///
/// # Errors
/// `IdentityInvalid` where the authority's certificate is none.
pub fn client(
    identity: Arc<Identity>,
    clock: Arc<dyn Clock>,
    protocol: &[u8],
) -> Result<Arc<ClientConfig>, ErrorRecord> {
    let servers = Servers::new(Trust::Authority(roots(&identity)?), &PROVIDER);
    let mut config = ClientConfig::builder_with_details(PROVIDER.clone(), Arc::new(Time(clock)))
        .with_protocol_versions(&[&TLS13])
        .map_err(|error| invalid(&error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(servers))
        .with_client_cert_resolver(Arc::new(Own(identity)));
    finish(&mut config, protocol);
    Ok(Arc::new(config))
}

/// What a newcomer speaks TLS with: it has no certificate yet, and trusts the authority whose hash its token holds.
///
/// # Errors
/// `IdentityInvalid` where the library refuses.
pub fn newcomer(token: &JoinToken, clock: Arc<dyn Clock>) -> Result<Arc<ClientConfig>, ErrorRecord> {
    let servers = Servers::new(Trust::Hash(*token.ca()), &PROVIDER);
    let mut config = ClientConfig::builder_with_details(PROVIDER.clone(), Arc::new(Time(clock)))
        .with_protocol_versions(&[&TLS13])
        .map_err(|error| invalid(&error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(servers))
        .with_no_client_auth();
    finish(&mut config, HTTP2);
    Ok(Arc::new(config))
}

fn finish(config: &mut ClientConfig, protocol: &[u8]) {
    config.alpn_protocols = vec![protocol.to_vec()];
    config.resumption = Resumption::disabled();
    config.enable_early_data = false;
}

/// Random bytes of the system.
pub(super) fn random<const N: usize>() -> Result<[u8; N], ErrorRecord> {
    let mut bytes = [0; N];
    PROVIDER.secure_random.fill(&mut bytes).map_err(|_| {
        ErrorRecord::new("CertificateNotMade", Category::DeviceError, "The system gives no random numbers.")
    })?;
    Ok(bytes)
}

fn roots(identity: &Identity) -> Result<RootCertStore, ErrorRecord> {
    let mut roots = RootCertStore::empty();
    roots.add(identity.current().ca.clone()).map_err(|error| invalid(&error.to_string()))?;
    Ok(roots)
}

fn invalid(why: &str) -> ErrorRecord {
    let message = format!("The authority's certificate cannot be used: {why}.");
    ErrorRecord::new("IdentityInvalid", Category::SecurityError, message)
        .hint("Take ca.crt from another computer of the deployment.")
}

/// The certificate as it is now.
struct Own(Arc<Identity>);

impl fmt::Debug for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Own")
    }
}

impl ResolvesServerCert for Own {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.current().as_server.clone())
    }
}

impl ResolvesClientCert for Own {
    fn resolve(&self, _hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(self.0.current().as_client.clone())
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// The clock that was handed in, as TLS asks for it.
struct Time(Arc<dyn Clock>);

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Time")
    }
}

impl TimeProvider for Time {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(peer::unix_seconds(self.0.now())).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}
