//! Who is let in: the authority's signature first, then what the deployment knows of the certificate.

use super::peer::{self, Peer, PeerName};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{ParsedCertificate, WebPkiClientVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, OtherError, RootCertStore, SignatureScheme,
};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Why a genuine certificate is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It was revoked.
    Revoked,
    /// Its serial number is not known here.
    Unknown,
    /// The computer is not in the topology.
    Removed,
}

impl Refusal {
    /// Its error id.
    pub fn id(self) -> &'static str {
        match self {
            Refusal::Revoked => "CertificateRevoked",
            Refusal::Unknown => "CertificateUnknown",
            Refusal::Removed => "ComputerRemoved",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refusal::Revoked => "the certificate was revoked",
            Refusal::Unknown => "the certificate's serial number is not known",
            Refusal::Removed => "the computer is not in the topology",
        })
    }
}

impl std::error::Error for Refusal {}

/// What the deployment knows of certificates. Called in the handshake: it must answer at once.
pub trait Acceptance: Send + Sync {
    /// Whether a certificate that the authority signed, and that is valid now, is let in.
    ///
    /// # Errors
    /// Why it is not.
    fn check(&self, peer: &Peer) -> Result<(), Refusal>;

    /// A certificate of ours that has expired was shown, and is refused. Whoever shows it has not proved yet that it is
    /// its own.
    fn expired(&self, _peer: &Peer) {}

    /// A certificate was shown that [`Acceptance::check`] refused. Whoever shows it has not proved yet that it is its own.
    fn refused(&self, _peer: &Peer, _why: Refusal) {}
}

/// Lets in whatever the authority signed.
#[derive(Clone, Copy, Debug, Default)]
pub struct AcceptAll;

impl Acceptance for AcceptAll {
    fn check(&self, _peer: &Peer) -> Result<(), Refusal> {
        Ok(())
    }
}

/// Of clients, at the server.
pub(super) struct Clients {
    chain: Arc<dyn ClientCertVerifier>,
    acceptance: Arc<dyn Acceptance>,
}

impl Clients {
    pub(super) fn new(
        roots: Arc<RootCertStore>,
        provider: Arc<CryptoProvider>,
        acceptance: Arc<dyn Acceptance>,
    ) -> Result<Clients, String> {
        let chain = WebPkiClientVerifier::builder_with_provider(roots, provider)
            .clear_root_hint_subjects()
            .allow_unauthenticated()
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Clients { chain, acceptance })
    }
}

impl fmt::Debug for Clients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clients")
    }
}

impl ClientCertVerifier for Clients {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        // The authority signs by itself; what else a client sends is not looked at.
        let verified = match self.chain.verify_client_cert(end_entity, &[], now) {
            Ok(verified) => verified,
            Err(error) => {
                if is_expired(&error)
                    && let Ok(peer) = Peer::parse(end_entity)
                    && self.chain.verify_client_cert(end_entity, &[], last_moment(&peer)).is_ok()
                {
                    self.acceptance.expired(&peer);
                }
                return Err(error);
            }
        };
        let peer = Peer::parse(end_entity).map_err(|_| CertificateError::BadEncoding)?;
        let checked = self.acceptance.check(&peer);
        if let Err(why) = checked {
            self.acceptance.refused(&peer, why);
        }
        match checked {
            Ok(()) => Ok(verified),
            Err(Refusal::Revoked) => Err(CertificateError::Revoked.into()),
            Err(Refusal::Removed) => Err(CertificateError::ApplicationVerificationFailure.into()),
            Err(refusal @ Refusal::Unknown) => Err(CertificateError::Other(OtherError(Arc::new(refusal))).into()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}

/// Which authority a client trusts.
pub(super) enum Trust {
    /// This one.
    Authority(RootCertStore),
    /// The one, sent by the server, whose certificate has this hash (blake3).
    Hash([u8; 32]),
}

/// Of the server, at a client.
pub(super) struct Servers {
    trust: Trust,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Servers {
    pub(super) fn new(trust: Trust, provider: &CryptoProvider) -> Servers {
        Servers { trust, algorithms: provider.signature_verification_algorithms }
    }
}

impl fmt::Debug for Servers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Servers")
    }
}

impl ServerCertVerifier for Servers {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let found;
        let roots = match &self.trust {
            Trust::Authority(roots) => roots,
            Trust::Hash(hash) => {
                // Compared in constant time, though nothing here is secret.
                let ca = intermediates.iter().find(|ca| blake3::hash(ca) == blake3::Hash::from_bytes(*hash));
                let mut roots = RootCertStore::empty();
                roots.add(ca.ok_or(CertificateError::UnknownIssuer)?.clone())?;
                found = roots;
                &found
            }
        };
        let certificate = ParsedCertificate::try_from(end_entity)?;
        verify_server_cert_signed_by_trust_anchor(&certificate, roots, &[], now, self.algorithms.all)?;
        let peer = Peer::parse(end_entity).map_err(|_| CertificateError::BadEncoding)?;
        let is_it = match (&peer.name, server_name) {
            (PeerName::Computer(name), ServerName::DnsName(dialled)) => name.eq_ignore_ascii_case(dialled.as_ref()),
            // A newcomer that was given an address and no name: any computer of the deployment will do.
            (PeerName::Computer(_), ServerName::IpAddress(_)) => matches!(self.trust, Trust::Hash(_)),
            _ => false,
        };
        if is_it {
            return Ok(ServerCertVerified::assertion());
        }
        let presented = vec![peer.name.text().to_string()];
        Err(CertificateError::NotValidForNameContext { expected: server_name.to_owned(), presented }.into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

fn is_expired(error: &Error) -> bool {
    matches!(error, Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }))
}

/// The last moment at which a certificate was valid.
fn last_moment(peer: &Peer) -> UnixTime {
    let seconds = u64::try_from(peer::unix_seconds(peer.not_after)).unwrap_or(0);
    UnixTime::since_unix_epoch(Duration::from_secs(seconds))
}
