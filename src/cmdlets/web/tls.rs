//! TLS with servers of the world: their certificates are held against the authorities that this computer trusts.
//!
//! Those of the system, not a list of the program's own: an organisation's authority is known there and nowhere else.

use crate::error::{Category, ErrorRecord};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::sync::{Arc, LazyLock, OnceLock};

static PROVIDER: LazyLock<Arc<CryptoProvider>> = LazyLock::new(|| Arc::new(ring::default_provider()));

/// How TLS is spoken; `unchecked` takes any certificate.
///
/// # Errors
/// `WebCmdletCertificateException` where the system trusts nobody.
pub(super) fn config(unchecked: bool) -> Result<Arc<ClientConfig>, ErrorRecord> {
    // The system's authorities are read once: it takes some tens of milliseconds.
    static CHECKED: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    let wrong = |problem: rustls::Error| failed(&problem.to_string());
    let builder = ClientConfig::builder_with_provider(PROVIDER.clone()).with_safe_default_protocol_versions();
    let builder = builder.map_err(wrong)?;
    if unchecked {
        let any = Arc::new(Anybody(PROVIDER.clone()));
        return Ok(Arc::new(builder.dangerous().with_custom_certificate_verifier(any).with_no_client_auth()));
    }
    if let Some(known) = CHECKED.get() {
        return Ok(known.clone());
    }
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let why = found.errors.first().map_or_else(|| "none was found".to_string(), ToString::to_string);
        return Err(failed(&format!("this computer trusts no authority ({why})")));
    }
    let made = Arc::new(builder.with_root_certificates(roots).with_no_client_auth());
    Ok(CHECKED.get_or_init(|| made).clone())
}

fn failed(why: &str) -> ErrorRecord {
    let message = format!("No certificate can be checked: {why}.");
    ErrorRecord::new("WebCmdletCertificateException", Category::SecurityError, message)
        .hint("Install the system's package of certificates, or name a file of them in SSL_CERT_FILE.")
}

/// Takes any certificate, as -SkipCertificateCheck asks; signatures are checked nevertheless.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
