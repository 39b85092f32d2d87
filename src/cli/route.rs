//! How a session comes to its deployment: in process on a host directory, through the socket of a server on this
//! computer, or over TLS with a person's certificate.

use super::session::Options;
use super::way::{Reach, Way};
use crate::cmdlet::remote::{HttpLink, Lines, Link};
use crate::cmdlet::run::Side;
use crate::deployment::{self, lab};
use crate::env::SystemClock;
use crate::error::{Category, ErrorRecord};
use crate::net::http::Channel;
use crate::net::identity::{Host, Material};
use crate::net::{Addresses, Dialler, Identity, Pending, addresses, unix};
use crate::value::same_name;
use serde_json::Value as Json;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The link that the options name; `None` where the session works in process. What keeps a link from being made is said
/// when it is first used.
pub fn find(options: &Options) -> Option<Arc<dyn Link>> {
    let made = match over_tls(options) {
        Ok(Some(link)) => Ok(Some(link)),
        Ok(None) => over_socket(options),
        Err(error) => Err(error),
    };
    match made {
        Ok(link) => link.map(|link| Arc::new(link) as Arc<dyn Link>),
        Err(error) => Some(Arc::new(NoLink(error))),
    }
}

/// What `--connect`, or a certificate alone, asks for.
fn over_tls(options: &Options) -> Result<Option<HttpLink>, ErrorRecord> {
    let person = match (&options.certificate, &options.connect) {
        (Some(file), _) => Person::read(file)?,
        (None, Some(host)) => return Err(certificate_required(host)),
        (None, None) => return Ok(None),
    };
    let first = match &options.connect {
        Some(host) => vec![person.host(host)],
        None if options.directory_named => return Ok(None),
        None if person.material.hosts.is_empty() => return Err(no_host()),
        None => person.material.hosts.clone(),
    };
    HttpLink::new(Arc::new(Way::by(Tls { person, first })), false).map(Some)
}

/// The server that runs on the directory: of a lab the one of the active store first, else any.
fn over_socket(options: &Options) -> Result<Option<HttpLink>, ErrorRecord> {
    let (mut hosts, lab) = match lab::hosts(&options.directory) {
        Ok(Some(hosts)) => (hosts, Some(options.directory.clone())),
        // What is wrong with the directory, opening it says.
        Ok(None) | Err(_) => (vec![options.directory.clone()], None),
    };
    let Some(first) = hosts.iter().position(|host| unix::answers(&deployment::socket_of(host))) else {
        return Ok(None);
    };
    hosts.swap(0, first);
    let person = options.certificate.as_deref().map(Person::read).transpose()?;
    HttpLink::new(Arc::new(Way::by(Local { hosts, lab, person })), false).map(Some)
}

/// A link that cannot be made.
struct NoLink(ErrorRecord);

impl Link for NoLink {
    fn call(&self, _side: Side, _fresh: bool) -> Result<Lines, ErrorRecord> {
        Err(self.0.clone())
    }

    fn get(&self, _path: &str) -> Result<Json, ErrorRecord> {
        Err(self.0.clone())
    }
}

/// A person's certificate with its key.
#[derive(Clone)]
struct Person {
    identity: Arc<Identity>,
    material: Arc<Material>,
}

impl Person {
    fn read(file: &Path) -> Result<Person, ErrorRecord> {
        let identity = Identity::load_bundle(file)?;
        Ok(Person { material: identity.current(), identity })
    }

    /// A host as somebody wrote it, by the name that its certificate has.
    fn host(&self, written: &str) -> Host {
        let (fqdn, address) = addresses::split(written);
        let listed = |host: &&Host| host.address == address || same_name(&host.fqdn, &fqdn);
        match self.material.hosts.iter().find(listed) {
            // A name alone is found where the bundle has it; a port that is written counts.
            Some(host) if written.contains(':') => Host { fqdn: host.fqdn.clone(), address },
            Some(host) => host.clone(),
            None => Host { fqdn, address },
        }
    }

    async fn dial(&self, host: &Host) -> Result<Channel, ErrorRecord> {
        let book = Arc::new(Addresses::fixed([(host.fqdn.clone(), host.address.clone())]));
        let dialler = Dialler::new(self.identity.clone(), book, Arc::new(SystemClock))?;
        Channel::over_tls(dialler.http(&host.fqdn).await?).await
    }
}

/// Over TLS, to hosts that the person knows.
#[derive(Clone)]
struct Tls {
    person: Person,
    first: Vec<Host>,
}

impl Reach for Tls {
    fn contacts(&self) -> Vec<Host> {
        self.first.clone()
    }

    fn others(&self) -> Vec<Host> {
        self.person.material.hosts.clone()
    }

    fn connect(&self, host: &Host) -> Pending<Result<Channel, ErrorRecord>> {
        let (person, host) = (self.person.clone(), host.clone());
        Box::pin(async move { person.dial(&host).await })
    }
}

/// Through a socket of this computer, and from there to the active store's server: through its socket in a lab, else
/// with a certificate.
#[derive(Clone)]
struct Local {
    /// The host directories of the lab, the one to talk to first; or the one that was named.
    hosts: Vec<PathBuf>,
    /// The lab.
    lab: Option<PathBuf>,
    person: Option<Person>,
}

impl Local {
    fn name(host: &Path) -> String {
        host.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// Its address is the way to it: the host directory.
    fn contact(host: &Path) -> Host {
        Host { fqdn: Local::name(host), address: host.to_string_lossy().into_owned() }
    }
}

impl Reach for Local {
    fn contacts(&self) -> Vec<Host> {
        self.hosts.iter().take(1).map(|host| Local::contact(host)).collect()
    }

    fn others(&self) -> Vec<Host> {
        self.hosts.iter().skip(1).map(|host| Local::contact(host)).collect()
    }

    fn alone(&self, computer: &str) -> Option<String> {
        let directory = self.hosts.iter().find(|host| same_name(&Local::name(host), computer))?;
        self.lab.is_some().then(|| format!("reeve --dir {}", directory.display()))
    }

    fn connect(&self, host: &Host) -> Pending<Result<Channel, ErrorRecord>> {
        let directory = self.hosts.iter().find(|directory| {
            directory.to_string_lossy() == host.address || same_name(&Local::name(directory), &host.fqdn)
        });
        let socket = directory.map(|directory| deployment::socket_of(directory));
        let (person, lab, host) = (self.person.clone(), self.lab.clone(), host.clone());
        Box::pin(async move {
            match (socket, person, lab) {
                (Some(socket), ..) => Channel::over_unix(&socket).await,
                (None, Some(person), _) => person.dial(&host).await,
                (None, None, Some(lab)) => Err(not_in_lab(&lab, &host.fqdn)),
                (None, None, None) => Err(certificate_required(&host.fqdn)),
            }
        })
    }
}

fn certificate_required(host: &str) -> ErrorRecord {
    let message = format!("{host} decides on this, and to talk to it takes a person's certificate.");
    ErrorRecord::new("ClientCertificateRequired", Category::PermissionDenied, message)
        .hint("Name the file of one: --certificate FILE, or REEVE_CERTIFICATE.")
        .hint(format!("New-CsClientCertificate makes one; on {host} itself its host directory will do: --dir DIR."))
}

/// A lab has the directories of all its computers: one that is not there was taken away, and no certificate brings it
/// back.
fn not_in_lab(lab: &Path, host: &str) -> ErrorRecord {
    let place = lab::place(lab, host);
    let message = format!(
        "{host} has the active store, as far as the other computers of the lab know, and '{}' is not there: it was moved away.",
        place.display()
    );
    ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, message)
        .hint("Put the directory back, and start its server.")
        .hint("If it is lost: Invoke-CsManagementServerFailover -WhatIf says where the store can go.")
        .hint("If it is a computer outside the lab: --certificate FILE, or REEVE_CERTIFICATE, reaches it.")
}

fn no_host() -> ErrorRecord {
    let message = "The certificate's file names no host, so it is not known which one to talk to.";
    ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, message)
        .hint("Name one with --connect HOST[:PORT], or REEVE_CONNECT.")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rule: in a lab a computer whose directory was moved away cannot be reached; elsewhere one that is not on this
    /// computer takes a certificate.
    #[test]
    fn a_computer_that_is_not_here() {
        let host = Host { fqdn: "atl-cs-001.litwareinc.com".into(), address: "127.0.0.1:1".into() };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        for (lab, id) in [(Some("lab"), "HostUnreachable"), (None, "ClientCertificateRequired")] {
            let hosts = vec![PathBuf::from("lab/hosts/redmond-cs-001.litwareinc.com")];
            let local = Local { hosts, lab: lab.map(PathBuf::from), person: None };
            let error = runtime.block_on(local.connect(&host)).err().unwrap();
            assert_eq!(error.id(), id);
        }
    }
}
