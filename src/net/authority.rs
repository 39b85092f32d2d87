//! The deployment's own certificate authority. What it signs, its caller decides.

use super::{files, peer, request};
use crate::env::Clock;
use crate::error::{Category, ErrorRecord};
use crate::value::{DateTime, TimeSpan};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType, SerialNumber,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::path::Path;
use std::time::Duration;

/// Its certificate, in a folder.
pub const CERTIFICATE: &str = "ca.crt";
/// Its private key, in the folder of the computers that hold the store.
pub const KEY: &str = "ca.key";

/// How long a computer's certificate is valid, if nothing else is said.
pub const COMPUTER_LIFETIME: TimeSpan = days(90);
/// How long a person's certificate is valid, if nothing else is said.
pub const PERSON_LIFETIME: TimeSpan = days(365);
/// How long the authority's own certificate is valid.
pub const AUTHORITY_LIFETIME: TimeSpan = days(20 * 365);
/// By how much the beginning of validity is put back: clocks differ.
pub const BACKDATED: TimeSpan = TimeSpan { ticks: 2 * 3600 * SECOND };

const SECOND: i64 = 10_000_000;

const fn days(days: i64) -> TimeSpan {
    TimeSpan { ticks: days * 24 * 3600 * SECOND }
}

/// The authority, with its private key.
pub struct Authority {
    certificate: String,
    der: CertificateDer<'static>,
    not_after: DateTime,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate that was issued, and what the store shall know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// The certificate (PEM).
    pub certificate: String,
    /// Its serial number, hexadecimal digits in upper case.
    pub serial: String,
    /// Its thumbprint; see [`super::Peer`].
    pub thumbprint: String,
    /// From when it is valid.
    pub not_before: DateTime,
    /// Until when it is valid.
    pub not_after: DateTime,
}

impl Authority {
    /// A new authority for a deployment, with a new key.
    ///
    /// # Errors
    /// `CertificateNotMade` where the system gives no randomness.
    pub fn create(deployment: &str, clock: &dyn Clock) -> Result<Authority, ErrorRecord> {
        let key = KeyPair::generate().map_err(|error| failed(&error))?;
        let mut params = CertificateParams::default();
        params.distinguished_name = name(&format!("Reeve authority {deployment}"));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.serial_number = Some(SerialNumber::from_slice(&random()?));
        let now = peer::unix_seconds(clock.now());
        dates(&mut params, now - seconds(BACKDATED), now + seconds(AUTHORITY_LIFETIME));
        let certificate = params.self_signed(&key).map_err(|error| failed(&error))?;
        Authority::of(certificate.pem(), key)
    }

    /// The authority whose certificate and key lie in a folder.
    ///
    /// # Errors
    /// `AuthorityUnreadable` where they cannot be read or do not belong together.
    pub fn load(folder: &Path) -> Result<Authority, ErrorRecord> {
        let certificate = files::read(&folder.join(CERTIFICATE), UNREADABLE)?;
        let key = files::read(&folder.join(KEY), UNREADABLE).map_err(|error| {
            error.hint("The authority's key lies in the host directories of the computers that hold the store.")
        })?;
        Authority::from_pem(certificate, &key)
    }

    /// The authority of a certificate and its key (PEM).
    ///
    /// # Errors
    /// `AuthorityUnreadable` where they cannot be read or do not belong together.
    pub fn from_pem(certificate: String, key: &str) -> Result<Authority, ErrorRecord> {
        // The library's error may show what it read: it is not passed on.
        let key = KeyPair::from_pem(key).map_err(|_| unreadable("its key is none"))?;
        let authority = Authority::of(certificate, key)?;
        let own = x509_parser::parse_x509_certificate(&authority.der).map_err(|_| unreadable("it is none"))?.1;
        if own.public_key().subject_public_key.data != authority.issuer.key().public_key_raw() {
            return Err(unreadable("certificate and key do not belong together"));
        }
        Ok(authority)
    }

    fn of(certificate: String, key: KeyPair) -> Result<Authority, ErrorRecord> {
        let der = CertificateDer::from_pem_slice(certificate.as_bytes()).map_err(|_| unreadable("it is none"))?;
        let issuer = Issuer::from_ca_cert_der(&der, key).map_err(|_| unreadable("it is none of an authority"))?;
        let parsed = x509_parser::parse_x509_certificate(&der).map_err(|_| unreadable("it is none"))?.1;
        let not_after = peer::at(parsed.validity().not_after.timestamp());
        Ok(Authority { certificate, der, not_after, issuer })
    }

    /// Writes certificate and key into a folder, readable by their owner alone.
    ///
    /// # Errors
    /// `CertificateNotWritten`.
    pub fn save(&self, folder: &Path) -> Result<(), ErrorRecord> {
        files::write(&folder.join(KEY), &self.issuer.key().serialize_pem())?;
        files::write(&folder.join(CERTIFICATE), &self.certificate)
    }

    /// Its own name, as the certificates that it signed give it.
    pub fn name(&self) -> String {
        let own = x509_parser::parse_x509_certificate(&self.der).ok().map(|(_, own)| own);
        let name =
            own.as_ref().and_then(|own| own.subject().iter_common_name().next()?.as_str().ok().map(str::to_string));
        name.unwrap_or_default()
    }

    /// Its key (PEM), for a computer that is to hold it too; nobody else.
    pub fn key(&self) -> String {
        self.issuer.key().serialize_pem()
    }

    /// Its certificate (PEM).
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// blake3 of its certificate (DER), by which a newcomer knows it.
    pub fn hash(&self) -> [u8; 32] {
        *blake3::hash(&self.der).as_bytes()
    }

    /// A certificate for a computer over the public key of a request (PEM), whatever name the request has.
    ///
    /// # Errors
    /// `CertificateRequestInvalid`; `CertificateNotMade` for a name that no certificate can hold.
    pub fn issue_computer(
        &self,
        fqdn: &str,
        request: &str,
        lifetime: TimeSpan,
        clock: &dyn Clock,
    ) -> Result<Issued, ErrorRecord> {
        let dns = fqdn.to_string().try_into().map_err(|_| bad_name(fqdn))?;
        let usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        self.issue(fqdn, SanType::DnsName(dns), usages, request, lifetime, clock)
    }

    /// A certificate for a person (account name) over the public key of a request (PEM), whatever name the request has.
    ///
    /// # Errors
    /// `CertificateRequestInvalid`; `CertificateNotMade` for a name that no certificate can hold.
    pub fn issue_person(
        &self,
        account: &str,
        request: &str,
        lifetime: TimeSpan,
        clock: &dyn Clock,
    ) -> Result<Issued, ErrorRecord> {
        let uri = peer::person_uri(account).try_into().map_err(|_| bad_name(account))?;
        let usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.issue(account, SanType::URI(uri), usages, request, lifetime, clock)
    }

    fn issue(
        &self,
        subject: &str,
        san: SanType,
        usages: Vec<ExtendedKeyUsagePurpose>,
        request: &str,
        lifetime: TimeSpan,
        clock: &dyn Clock,
    ) -> Result<Issued, ErrorRecord> {
        if subject.is_empty() || subject.len() > LONGEST_NAME || subject.chars().any(char::is_control) {
            return Err(bad_name(subject));
        }
        let key = request::public_key(request)?;
        let now = peer::unix_seconds(clock.now());
        // What outlives the authority nobody would accept.
        let end = now.saturating_add(seconds(lifetime)).min(peer::unix_seconds(self.not_after));
        let serial = random()?;
        let mut params = CertificateParams::default();
        params.distinguished_name = name(subject);
        params.subject_alt_names = vec![san];
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = usages;
        params.serial_number = Some(SerialNumber::from_slice(&serial));
        dates(&mut params, now - seconds(BACKDATED), end);
        let certificate = params.signed_by(&key, &self.issuer).map_err(|error| failed(&error))?;
        Ok(Issued {
            certificate: certificate.pem(),
            serial: peer::serial(&serial),
            thumbprint: peer::thumbprint(certificate.der()),
            not_before: peer::at(now - seconds(BACKDATED)),
            not_after: peer::at(end),
        })
    }
}

const UNREADABLE: &str = "AuthorityUnreadable";

/// Longest name in a certificate, in bytes: DNS allows 253.
const LONGEST_NAME: usize = 253;

/// 128 random bits, of which the first two make the number positive and its length the same.
fn random() -> Result<[u8; 16], ErrorRecord> {
    let mut bytes = super::tls::random::<16>()?;
    bytes[0] = (bytes[0] & 0x7f) | 0x40;
    Ok(bytes)
}

fn name(common: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common);
    name
}

fn seconds(span: TimeSpan) -> i64 {
    span.ticks / SECOND
}

/// Sets from when until when it is valid, in seconds after 1970; what is before is taken as 1970.
fn dates(params: &mut CertificateParams, from: i64, until: i64) {
    let after = |seconds: i64| Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    params.not_before = rcgen::date_time_ymd(1970, 1, 1) + after(from);
    params.not_after = rcgen::date_time_ymd(1970, 1, 1) + after(until);
}

pub(super) fn failed(error: &rcgen::Error) -> ErrorRecord {
    ErrorRecord::new(
        "CertificateNotMade",
        Category::InvalidResult,
        format!("The certificate could not be made: {error}."),
    )
}

fn bad_name(name: &str) -> ErrorRecord {
    let message = format!("A certificate cannot hold the name '{name}'.");
    ErrorRecord::new("CertificateNotMade", Category::InvalidArgument, message)
        .hint("A computer's name has letters, digits, hyphens and dots, 253 at most.")
}

fn unreadable(why: &str) -> ErrorRecord {
    let message = format!("The certificate authority cannot be used: {why}.");
    ErrorRecord::new(UNREADABLE, Category::SecurityError, message)
        .hint("Restore ca.crt and ca.key in the folder 'tls' from a backup; both are needed.")
}
