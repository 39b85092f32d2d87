//! What a computer or a person proves itself with: certificate, key, and the authority's certificate. It can be replaced
//! while connections stand.

use super::files;
use super::peer::Peer;
use crate::error::{Category, ErrorRecord};
use crate::value::{DateTime, TimeSpan};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

/// A computer's certificate, in a folder.
pub const CERTIFICATE: &str = "computer.crt";
/// A computer's private key, in a folder.
pub const KEY: &str = "computer.key";
/// All of them in one file, while they are written.
const NEXT: &str = "computer.next";
/// Begins the lines of a bundle that name hosts.
const HOST: &str = "# host:";

/// Certificate, key, and the authority's certificate, as they are at one time.
pub struct Material {
    /// Whom the certificate names, and until when.
    pub peer: Peer,
    /// The authority's certificate.
    pub ca: CertificateDer<'static>,
    /// Hosts that a bundle names, with their addresses.
    pub hosts: Vec<Host>,
    /// What a server shows: the authority's certificate travels along, for a newcomer that knows it by its hash alone.
    pub(super) as_server: Arc<CertifiedKey>,
    /// What a client shows: its own certificate alone, which the server keeps as long as the connection stands.
    pub(super) as_client: Arc<CertifiedKey>,
}

/// A host of the deployment, as a person's bundle names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// The computer's name.
    pub fqdn: String,
    /// Its address, `host:port`.
    pub address: String,
}

/// What one proves oneself with; shared by the server and all clients of a process.
pub struct Identity {
    current: RwLock<Arc<Material>>,
}

impl Material {
    /// From the texts (PEM) of certificate, private key and the authority's certificate.
    ///
    /// # Errors
    /// `IdentityInvalid` where they cannot be read or do not belong together.
    pub fn from_pem(certificate: &str, key: &str, ca: &str) -> Result<Material, ErrorRecord> {
        let own =
            CertificateDer::from_pem_slice(certificate.as_bytes()).map_err(|_| invalid("it holds no certificate"))?;
        let ca = CertificateDer::from_pem_slice(ca.as_bytes())
            .map_err(|_| invalid("the authority's certificate is missing"))?;
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|_| invalid("it holds no private key"))?;
        let peer = Peer::parse(&own)?;
        let key = rustls::crypto::ring::sign::any_supported_type(&key)
            .map_err(|_| invalid("its private key is of an unknown kind"))?;
        let as_client = CertifiedKey::new(vec![own.clone()], key.clone());
        as_client.keys_match().map_err(|_| invalid("certificate and private key do not belong together"))?;
        let as_server = Arc::new(CertifiedKey::new(vec![own, ca.clone()], key));
        Ok(Material { peer, ca, hosts: Vec::new(), as_server, as_client: Arc::new(as_client) })
    }

    /// A computer's, from a folder. A renewal that a kill left half written is finished.
    ///
    /// # Errors
    /// `IdentityUnreadable`, `IdentityInvalid`.
    pub fn read_folder(folder: &Path) -> Result<Material, ErrorRecord> {
        let read = |name: &str| files::read(&folder.join(name), UNREADABLE);
        let next = folder.join(NEXT);
        if next.exists() {
            let text = files::read(&next, UNREADABLE)?;
            let material = Material::parse_bundle(&text)?;
            spread(folder, &text)?;
            return Ok(material);
        }
        let certificate = read(CERTIFICATE)?;
        Material::from_pem(&certificate, &read(KEY)?, &read(super::authority::CERTIFICATE)?)
            .map_err(|error| error.hint(format!("The files are in '{}'.", folder.display())))
    }

    /// A person's, from one file: certificate, private key, the authority's certificate, and lines `# host: FQDN ADDRESS`.
    ///
    /// # Errors
    /// `IdentityUnreadable`, `IdentityInvalid`.
    pub fn read_bundle(file: &Path) -> Result<Material, ErrorRecord> {
        let text = files::read(file, UNREADABLE)?;
        Material::parse_bundle(&text).map_err(|error| error.hint(format!("The file is '{}'.", file.display())))
    }

    /// What a bundle's text holds.
    ///
    /// # Errors
    /// `IdentityInvalid`.
    pub fn parse_bundle(text: &str) -> Result<Material, ErrorRecord> {
        let certificates = pem_blocks(text, "CERTIFICATE");
        let [own, ca] = certificates.as_slice() else {
            return Err(invalid("it does not hold two certificates, its own and the authority's"));
        };
        let mut material = Material::from_pem(own, text, ca)?;
        for line in text.lines().filter_map(|line| line.strip_prefix(HOST)) {
            let mut words = line.split_whitespace();
            let (Some(fqdn), Some(address), None) = (words.next(), words.next(), words.next()) else {
                return Err(invalid("a line '# host:' does not have a name and an address"));
            };
            material.hosts.push(Host { fqdn: fqdn.into(), address: address.into() });
        }
        Ok(material)
    }

    /// Whether two thirds of its life are over, or it does not fit the clock at all.
    pub fn needs_renewal(&self, now: DateTime) -> bool {
        let life = self.peer.not_after.ticks.saturating_sub(self.peer.not_before.ticks);
        now.ticks >= self.peer.not_before.ticks.saturating_add(life / 3 * 2)
    }

    /// How long it is still valid; negative when it has expired.
    pub fn remaining(&self, now: DateTime) -> TimeSpan {
        TimeSpan { ticks: self.peer.not_after.ticks.saturating_sub(now.ticks) }
    }

    /// blake3 of the authority's certificate.
    pub fn ca_hash(&self) -> [u8; 32] {
        *blake3::hash(&self.ca).as_bytes()
    }
}

impl Identity {
    /// From what was read.
    pub fn new(material: Material) -> Arc<Identity> {
        Arc::new(Identity { current: RwLock::new(Arc::new(material)) })
    }

    /// A computer's, from a folder.
    ///
    /// # Errors
    /// Those of [`Material::read_folder`].
    pub fn load_folder(folder: &Path) -> Result<Arc<Identity>, ErrorRecord> {
        Material::read_folder(folder).map(Identity::new)
    }

    /// A person's, from one file.
    ///
    /// # Errors
    /// Those of [`Material::read_bundle`].
    pub fn load_bundle(file: &Path) -> Result<Arc<Identity>, ErrorRecord> {
        Material::read_bundle(file).map(Identity::new)
    }

    /// What it is now.
    pub fn current(&self) -> Arc<Material> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts a renewed certificate in place: handshakes from now on use it, connections that stand go on.
    ///
    /// # Errors
    /// `IdentityInvalid` where it names somebody else or comes from another authority.
    pub fn replace(&self, material: Material) -> Result<(), ErrorRecord> {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if current.ca != material.ca {
            return Err(invalid("it comes from another authority"));
        }
        if current.peer.name != material.peer.name {
            return Err(invalid("it names somebody else"));
        }
        *current = Arc::new(material);
        Ok(())
    }
}

/// Writes a computer's certificate, key and the authority's certificate (PEM) into a folder, for its owner alone. They
/// belong together: all are written to one file first, so that a kill leaves the old ones or the new ones.
///
/// # Errors
/// `CertificateNotWritten`; `IdentityInvalid` where they do not belong together.
pub fn write_folder(folder: &Path, certificate: &str, key: &str, ca: &str) -> Result<(), ErrorRecord> {
    let text = bundle(certificate, key, ca, &[]);
    Material::parse_bundle(&text)?;
    files::write(&folder.join(NEXT), &text)?;
    spread(folder, &text)
}

/// Writes the parts of a bundle to their files, and removes it.
fn spread(folder: &Path, text: &str) -> Result<(), ErrorRecord> {
    let certificates = pem_blocks(text, "CERTIFICATE");
    let key = pem_blocks(text, "PRIVATE KEY");
    let ([own, ca], [key]) = (certificates.as_slice(), key.as_slice()) else {
        return Err(invalid("it does not hold two certificates and one private key"));
    };
    for (name, part) in [(super::authority::CERTIFICATE, ca), (KEY, key), (CERTIFICATE, own)] {
        files::write(&folder.join(name), &format!("{part}\n"))?;
    }
    files::remove(&folder.join(NEXT))
}

/// The text of a person's bundle.
pub fn bundle(certificate: &str, key: &str, ca: &str, hosts: &[Host]) -> String {
    let mut text = String::new();
    for host in hosts {
        text.push_str(&format!("{HOST} {} {}\n", host.fqdn, host.address));
    }
    for part in [certificate, key, ca] {
        text.push_str(part.trim());
        text.push('\n');
    }
    text
}

/// Writes a person's bundle, for its owner alone.
///
/// # Errors
/// `CertificateNotWritten`.
pub fn write_bundle(file: &Path, text: &str) -> Result<(), ErrorRecord> {
    files::write(file, text)
}

/// The blocks of a text that begin with a label.
fn pem_blocks<'a>(text: &'a str, label: &str) -> Vec<&'a str> {
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, from)) = rest.find(&begin).and_then(|at| rest.split_at_checked(at)) {
        let Some((block, after)) = from.find(&end).and_then(|at| from.split_at_checked(at + end.len())) else { break };
        found.push(block);
        rest = after;
    }
    found
}

const UNREADABLE: &str = "IdentityUnreadable";

fn invalid(why: &str) -> ErrorRecord {
    ErrorRecord::new("IdentityInvalid", Category::SecurityError, format!("The certificate cannot be used: {why}."))
        .hint("Take the files as they were issued, or have a new certificate issued.")
}
