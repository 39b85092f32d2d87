//! How a session comes to its deployment: in process on a host directory, through the socket of a server on this
//! computer, or over TLS with a person's certificate.

use super::session::Options;
use crate::cmdlet::remote::{Dial, HttpLink, Lines, Link};
use crate::cmdlet::run::Side;
use crate::deployment::{self, lab};
use crate::env::SystemClock;
use crate::error::{Category, ErrorRecord};
use crate::net::http::Channel;
use crate::net::identity::{Host, Material};
use crate::net::{Addresses, Dialler, Identity, Pending, addresses, unix};
use crate::value::same_name;
use serde::Deserialize;
use serde_json::Value as Json;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

/// The link that the options name; `None` where the session works in process. What keeps a link from being made is said
/// when it is first used.
pub fn find(options: &Options) -> Option<Rc<dyn Link>> {
    let made = match over_tls(options) {
        Ok(Some(link)) => Ok(Some(link)),
        Ok(None) => over_socket(options),
        Err(error) => Err(error),
    };
    match made {
        Ok(link) => link.map(|link| Rc::new(link) as Rc<dyn Link>),
        Err(error) => Some(Rc::new(NoLink(error))),
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
    HttpLink::new(Arc::new(Tls { person, first }), false).map(Some)
}

/// The server that runs on the directory: of a lab the one of the active store first, else any.
fn over_socket(options: &Options) -> Result<Option<HttpLink>, ErrorRecord> {
    let hosts = match lab::hosts(&options.directory) {
        Ok(Some(hosts)) => hosts,
        // What is wrong with the directory, opening it says.
        Ok(None) | Err(_) => vec![options.directory.clone()],
    };
    let sockets: Vec<PathBuf> = hosts.iter().map(|host| deployment::socket_of(host)).collect();
    let Some(socket) = sockets.iter().find(|socket| unix::answers(socket)).cloned() else { return Ok(None) };
    let person = options.certificate.as_deref().map(Person::read).transpose()?;
    HttpLink::new(Arc::new(Local { socket, hosts, person }), false).map(Some)
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

/// What a server says of where the active store is.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Where {
    computer: String,
    active: Option<String>,
    address: Option<String>,
}

impl Where {
    async fn ask(channel: &Channel) -> Result<Where, ErrorRecord> {
        channel.get("/v1/where").await
    }

    /// The active computer, if it is another than the one that was asked.
    fn elsewhere(self) -> Result<Option<Host>, ErrorRecord> {
        match (self.active, self.address) {
            (Some(active), _) if same_name(&active, &self.computer) => Ok(None),
            (Some(fqdn), address) => {
                let address = address.unwrap_or_else(|| format!("{fqdn}:{}", addresses::PORT));
                Ok(Some(Host { fqdn, address }))
            }
            (None, _) => {
                let message = format!("{} does not know yet which computer holds the active store.", self.computer);
                Err(ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, message)
                    .hint("Its replica learns it from the active server; see whether that one runs."))
            }
        }
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

    /// The first of several that answers.
    async fn dial_any(&self, hosts: &[Host]) -> Result<Channel, ErrorRecord> {
        let mut failed = None;
        for host in hosts {
            match self.dial(host).await {
                Ok(channel) => return Ok(channel),
                Err(error) => failed = Some(error),
            }
        }
        Err(failed.unwrap_or_else(no_host))
    }
}

/// Over TLS: to a host, and on to the one that it names.
struct Tls {
    person: Person,
    first: Vec<Host>,
}

impl Dial for Tls {
    fn dial(&self, side: Side) -> Pending<Result<Channel, ErrorRecord>> {
        let (person, first) = (self.person.clone(), self.first.clone());
        Box::pin(async move {
            let channel = person.dial_any(&first).await?;
            if side != Side::Server {
                return Ok(channel);
            }
            match Where::ask(&channel).await?.elsewhere()? {
                Some(active) => person.dial(&active).await,
                None => Ok(channel),
            }
        })
    }
}

/// Through a socket of this computer, and from there to the active store's server: through its socket in a lab, else
/// with a certificate.
struct Local {
    socket: PathBuf,
    /// The host directories of the lab.
    hosts: Vec<PathBuf>,
    person: Option<Person>,
}

impl Dial for Local {
    fn dial(&self, side: Side) -> Pending<Result<Channel, ErrorRecord>> {
        let (socket, hosts, person) = (self.socket.clone(), self.hosts.clone(), self.person.clone());
        Box::pin(async move {
            let channel = Channel::over_unix(&socket).await?;
            if side != Side::Server {
                return Ok(channel);
            }
            let Some(active) = Where::ask(&channel).await?.elsewhere()? else { return Ok(channel) };
            let is_active = |host: &&PathBuf| {
                host.file_name().and_then(|name| name.to_str()).is_some_and(|n| same_name(n, &active.fqdn))
            };
            match (hosts.iter().find(is_active), person) {
                (Some(host), _) => Channel::over_unix(&deployment::socket_of(host)).await,
                (None, Some(person)) => person.dial(&active).await,
                (None, None) => Err(certificate_required(&active.fqdn)),
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

fn no_host() -> ErrorRecord {
    let message = "The certificate's file names no host, so it is not known which one to talk to.";
    ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, message)
        .hint("Name one with --connect HOST[:PORT], or REEVE_CONNECT.")
}
