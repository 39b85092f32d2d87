//! Tests of what goes between two ends: who is let in, what each end learns, what a connection costs.

use super::http::{self, Answer, Body, Caller, Channel, Method};
use super::identity::{self, Material};
use super::*;
use crate::env::{Clock, FixedClock, SystemClock};
use crate::error::ErrorRecord;
use crate::value::TimeSpan;
use bytes::Bytes;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;

const SERVER: &str = "atl-cs-001.litwareinc.com";
const CLIENT: &str = "red-cs-001.litwareinc.com";
/// 2026-01-01.
const NOW: i64 = 1_767_225_600;
const HOUR: TimeSpan = TimeSpan { ticks: 3600 * 10_000_000 };
const DAY: TimeSpan = TimeSpan { ticks: 24 * 3600 * 10_000_000 };

fn hours(count: i64) -> TimeSpan {
    TimeSpan { ticks: count * HOUR.ticks }
}

fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::at_unix_seconds(NOW))
}

fn authority(clock: &dyn Clock) -> Authority {
    Authority::create("d1", clock).unwrap()
}

/// A certificate of an authority, for a computer or (`person:NAME`) a person, valid so long.
fn material(authority: &Authority, name: &str, lifetime: TimeSpan, clock: &dyn Clock) -> Material {
    let made = request::new(name).unwrap();
    let issued = match name.strip_prefix("person:") {
        Some(account) => authority.issue_person(account, &made.request, lifetime, clock),
        None => authority.issue_computer(name, &made.request, lifetime, clock),
    };
    Material::from_pem(&issued.unwrap().certificate, &made.key, authority.certificate()).unwrap()
}

/// What a test's server knows of certificates, and what it was told.
#[derive(Default)]
struct Known {
    refused: Mutex<Vec<(String, Refusal)>>,
    expired: Mutex<Vec<String>>,
}

impl Known {
    fn refuse(&self, name: &str, why: Refusal) {
        self.refused.lock().unwrap().push((name.into(), why));
    }
}

impl Acceptance for Known {
    fn check(&self, peer: &Peer) -> Result<(), Refusal> {
        match self.refused.lock().unwrap().iter().find(|(name, _)| name == peer.name.text()) {
            Some((_, why)) => Err(*why),
            None => Ok(()),
        }
    }

    fn expired(&self, peer: &Peer) {
        self.expired.lock().unwrap().push(peer.name.text().into());
    }
}

/// Answers a frame with itself and its own, and a request with who made it.
#[derive(Default)]
struct Echo {
    refused: Mutex<Vec<ErrorRecord>>,
    stop: Mutex<Option<watch::Receiver<bool>>>,
}

impl Handler for Echo {
    fn accepted(&self, accepted: Accepted) -> Pending<()> {
        let stop = self.stop.lock().unwrap().clone().unwrap();
        let Accepted { stream, peer, protocol, ends, .. } = accepted;
        match protocol {
            Protocol::Replica => Box::pin(async move {
                let (read, write) = tokio::io::split(stream);
                let mut reader = FrameReader::new(read, ends.clone());
                let mut writer = FrameWriter::new(write, ends);
                while let Ok(Some(frame)) = reader.read().await {
                    if writer.write(&frame).await.is_err() {
                        break;
                    }
                }
            }),
            Protocol::Http => {
                let caller = peer.map_or(Caller::Anonymous, Caller::Peer);
                Box::pin(http::serve_connection(stream, caller, ends, Arc::new(WhoAmI), stop))
            }
        }
    }

    fn refused(&self, _from: SocketAddr, error: ErrorRecord) {
        self.refused.lock().unwrap().push(error);
    }
}

struct WhoAmI;

impl http::Service for WhoAmI {
    fn call(&self, request: http::Request) -> Pending<Answer> {
        Box::pin(async move {
            match request.caller {
                Caller::Peer(peer) => Answer::json(peer.name.text()),
                Caller::Local { uid, .. } => Answer::json(&uid.to_string()),
                Caller::Anonymous => Answer::json("nobody"),
            }
        })
    }
}

/// A server that runs as long as this lives.
struct Server {
    address: SocketAddr,
    echo: Arc<Echo>,
    known: Arc<Known>,
    _stop: watch::Sender<bool>,
}

async fn serve(material: Material, clock: Arc<dyn Clock>) -> Server {
    serve_as(Identity::new(material), clock).await
}

async fn serve_as(identity: Arc<Identity>, clock: Arc<dyn Clock>) -> Server {
    let (echo, known) = (Arc::new(Echo::default()), Arc::new(Known::default()));
    let (stop, stopped) = watch::channel(false);
    *echo.stop.lock().unwrap() = Some(stopped.clone());
    let config = tls::server(identity, known.clone(), clock).unwrap();
    let listener = Listener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.address().unwrap();
    tokio::spawn(listener.serve(config, echo.clone(), stopped));
    Server { address, echo, known, _stop: stop }
}

impl Server {
    fn dialler(&self, material: Material, clock: Arc<dyn Clock>) -> Dialler {
        let book = [SERVER, "other.litwareinc.com"].map(|name| (name.to_string(), self.address.to_string()));
        Dialler::new(Identity::new(material), Arc::new(Addresses::fixed(book)), clock).unwrap()
    }

    /// What the server noted, as ids.
    async fn noted(&self, count: usize) -> Vec<String> {
        for _ in 0..500 {
            if self.echo.refused.lock().unwrap().len() >= count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.echo.refused.lock().unwrap().iter().map(|error| error.id().to_string()).collect()
    }
}

/// Connects, sends a frame and reads the answer.
async fn frames(dialler: &Dialler, fqdn: &str) -> Result<Frame, ErrorRecord> {
    let connection = dialler.replica(fqdn).await?;
    let (read, write) = tokio::io::split(connection.stream);
    let mut reader = FrameReader::new(read, connection.ends.clone());
    let mut writer = FrameWriter::new(write, connection.ends.clone());
    let frame = Frame { kind: 7, epoch: 3, head: Bytes::from_static(b"{}"), body: Bytes::from_static(b"body") };
    writer.write(&frame).await?;
    let read = reader.read().await?;
    read.ok_or_else(|| ErrorRecord::new("Ended", crate::error::Category::NotSpecified, "It ended."))
}

/// Connects for HTTP/2 and asks who the caller is.
async fn ask(dialler: &Dialler, fqdn: &str) -> Result<String, ErrorRecord> {
    Channel::over_tls(dialler.http(fqdn).await?).await?.get("/").await
}

fn id<T: std::fmt::Debug>(result: Result<T, ErrorRecord>) -> String {
    match result {
        Ok(value) => format!("fine: {value:?}"),
        Err(error) => {
            assert!(!error.hints().is_empty(), "{error:?} says not what to do");
            error.id().to_string()
        }
    }
}

/// The certificate of a material with its key, over a changed encoding.
fn forged(authority: &Authority, clock: &dyn Clock) -> Material {
    let made = request::new(CLIENT).unwrap();
    let issued = authority.issue_computer(CLIENT, &made.request, DAY, clock).unwrap();
    let mut der = CertificateDer::from_pem_slice(issued.certificate.as_bytes()).unwrap().to_vec();
    // Claims another's name: the signature covers it.
    let places: Vec<usize> = (0..der.len()).filter(|at| der[*at..].starts_with(b"red-cs-001")).collect();
    assert!(!places.is_empty());
    for at in places {
        der[at..at + 10].copy_from_slice(b"red-cs-002");
    }
    let block = pem(&der);
    Material::from_pem(&block, &made.key, authority.certificate()).unwrap()
}

fn pem(der: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::from("-----BEGIN CERTIFICATE-----\n");
    for (row, chunk) in der.chunks(3).enumerate() {
        let bits = chunk.iter().chain([&0, &0]).take(3).fold(0u32, |bits, byte| (bits << 8) | u32::from(*byte));
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place)) as usize & 63];
            text.push(if place <= chunk.len() { char::from(digit) } else { '=' });
        }
        if row % 16 == 15 {
            text.push('\n');
        }
    }
    text + "\n-----END CERTIFICATE-----\n"
}

/// Rule: a bad certificate of a client is refused, and both ends learn the same reason, over frames and over HTTP.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_certificates_of_clients_are_refused_and_both_ends_know_why() {
    let clock = clock();
    let ours = authority(&*clock);
    let foreign = Authority::create("d2", &*clock).unwrap();
    let namesake = Authority::create("d1", &*clock).unwrap();
    let future = FixedClock::at_unix_seconds(NOW + 30 * 24 * 3600);
    let past = FixedClock::at_unix_seconds(NOW - 30 * 24 * 3600);
    // What is shown, what the deployment says of it; the id at the client, the id at the server.
    type Case = (&'static str, Material, Option<Refusal>, &'static str, &'static str);
    let with_ca = |mut material: Material, ca: &Authority| {
        // Whoever forges trusts the real server, of course.
        material.ca = CertificateDer::from_pem_slice(ca.certificate().as_bytes()).unwrap();
        material
    };
    let cases: Vec<Case> = vec![
        ("expired", material(&ours, CLIENT, DAY, &past), None, "CertificateExpired", "CertificateExpired"),
        ("not yet valid", material(&ours, CLIENT, DAY, &future), None, "CertificateExpired", "CertificateNotYetValid"),
        (
            "revoked",
            material(&ours, "a.x", DAY, &*clock),
            Some(Refusal::Revoked),
            "CertificateRevoked",
            "CertificateRevoked",
        ),
        (
            "unknown serial",
            material(&ours, "b.x", DAY, &*clock),
            Some(Refusal::Unknown),
            "CertificateUnknown",
            "CertificateUnknown",
        ),
        ("removed", material(&ours, "c.x", DAY, &*clock), Some(Refusal::Removed), "ComputerRemoved", "ComputerRemoved"),
        (
            "person revoked",
            material(&ours, "person:ken", DAY, &*clock),
            Some(Refusal::Removed),
            "AccessDenied",
            "ComputerRemoved",
        ),
        (
            "foreign",
            with_ca(material(&foreign, CLIENT, DAY, &*clock), &ours),
            None,
            "CertificateUnknown",
            "CertificateUnknown",
        ),
        (
            "foreign, same name of authority",
            with_ca(material(&namesake, CLIENT, DAY, &*clock), &ours),
            None,
            "CertificateInvalid",
            "CertificateInvalid",
        ),
        ("forged", forged(&ours, &*clock), None, "CertificateInvalid", "CertificateInvalid"),
    ];
    for (what, shown, refusal, at_client, at_server) in cases {
        let server = serve(material(&ours, SERVER, DAY, &*clock), clock.clone()).await;
        if let Some(why) = refusal {
            server.known.refuse(shown.peer.name.text(), why);
        }
        // The client's own clock must not matter: it does not judge its own certificate.
        let name = shown.peer.name.text().to_string();
        let dialler = server.dialler(shown, clock.clone());
        assert_eq!(id(frames(&dialler, SERVER).await), at_client, "{what}, frames");
        assert_eq!(id(ask(&dialler, SERVER).await), at_client, "{what}, http");
        assert_eq!(server.noted(2).await, [at_server; 2], "{what}");
        let expired: &[String] = if what == "expired" { &[name.clone(), name] } else { &[] };
        assert_eq!(*server.known.expired.lock().unwrap(), expired, "{what}");
    }
}

/// Rule: a client goes on with nobody but the computer that it dialled, proved by its own deployment's authority.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_certificates_of_servers_are_refused() {
    let clock = clock();
    let ours = authority(&*clock);
    let foreign = Authority::create("d2", &*clock).unwrap();
    let future = FixedClock::at_unix_seconds(NOW + 30 * 24 * 3600);
    let past = FixedClock::at_unix_seconds(NOW - 30 * 24 * 3600);
    let cases = [
        ("fine", material(&ours, SERVER, DAY, &*clock), SERVER, "fine"),
        ("fine, in other case", material(&ours, &SERVER.to_uppercase(), DAY, &*clock), SERVER, "fine"),
        ("other name", material(&ours, SERVER, DAY, &*clock), "other.litwareinc.com", "NameMismatch"),
        ("a person's", material(&ours, "person:ken", DAY, &*clock), SERVER, "CertificateInvalid"),
        ("foreign", material(&foreign, SERVER, DAY, &*clock), SERVER, "CertificateUnknown"),
        ("expired", material(&ours, SERVER, DAY, &past), SERVER, "CertificateExpired"),
        ("not yet valid", material(&ours, SERVER, DAY, &future), SERVER, "CertificateNotYetValid"),
    ];
    for (what, shown, dialled, expected) in cases {
        let server = serve(shown, clock.clone()).await;
        let dialler = server.dialler(material(&ours, CLIENT, DAY, &*clock), clock.clone());
        let found = id(frames(&dialler, dialled).await);
        assert!(found.starts_with(expected), "{what}: {found}");
        let found = id(ask(&dialler, dialled).await);
        assert!(found.starts_with(expected), "{what}: {found}");
    }
}

/// Rule: a client talks to nobody whose certificate it knows to be revoked; one that it does not know yet will do, since
/// it learns of it from there.
#[tokio::test]
async fn a_server_that_is_known_to_be_revoked_is_refused() {
    let clock = clock();
    let ours = authority(&*clock);
    let server = serve(material(&ours, SERVER, DAY, &*clock), clock.clone()).await;
    for (why, expected) in [(Refusal::Revoked, "CertificateRevoked"), (Refusal::Unknown, "fine")] {
        let known = Arc::new(Known::default());
        known.refuse(SERVER, why);
        let dialler = server.dialler(material(&ours, CLIENT, DAY, &*clock), clock.clone()).refusing(known);
        let found = id(frames(&dialler, SERVER).await);
        assert!(found.starts_with(expected), "{why:?}: {found}");
    }
}

/// Rule: an hour's difference between clocks stops nobody, days do.
#[tokio::test]
async fn clocks_may_differ_by_an_hour() {
    for (ahead, expected) in [(-1, "fine"), (1, "fine"), (-24 * 9, "CertificateNotYetValid")] {
        let (here, there) = (clock(), clock());
        there.advance(hours(ahead));
        let ours = authority(&*here);
        let server = serve(material(&ours, SERVER, DAY, &*here), here.clone()).await;
        let dialler = server.dialler(material(&ours, CLIENT, DAY, &*here), there);
        let found = id(frames(&dialler, SERVER).await);
        assert!(found.starts_with(expected), "{ahead}: {found}");
    }
}

/// Rule: the server knows who asks, by the certificate alone; without one the caller is nobody.
#[tokio::test]
async fn the_caller_is_whom_the_certificate_names() {
    let clock = clock();
    let ours = authority(&*clock);
    let server = serve(material(&ours, SERVER, DAY, &*clock), clock.clone()).await;
    for (name, expected) in [(CLIENT, CLIENT), ("person:ken myer", "ken myer"), ("person:Zoë", "Zoë")] {
        let dialler = server.dialler(material(&ours, name, DAY, &*clock), clock.clone());
        assert_eq!(ask(&dialler, SERVER).await.unwrap(), expected);
    }
    let token = JoinToken::new(ours.hash()).unwrap();
    for host in [server.address.to_string(), format!("https://localhost:{}/", server.address.port())] {
        let joined = dial::join(&host, &token, clock.clone()).await;
        if host.contains("localhost") {
            // A name that was given is checked, too.
            assert_eq!(id(joined.map(|connection| connection.peer)), "NameMismatch");
            continue;
        }
        let joined = joined.unwrap();
        assert_eq!(joined.peer.computer(), Some(SERVER));
        let channel = Channel::over_tls(joined).await.unwrap();
        assert_eq!(channel.get::<String>("/").await.unwrap(), "nobody");
    }
}

/// Rule: a newcomer trusts the authority of its token, and no other.
#[tokio::test]
async fn a_newcomer_trusts_its_tokens_authority_alone() {
    let clock = clock();
    let (ours, foreign) = (authority(&*clock), authority(&*clock));
    let server = serve(material(&ours, SERVER, DAY, &*clock), clock.clone()).await;
    let token = JoinToken::new(foreign.hash()).unwrap();
    let joined = dial::join(&server.address.to_string(), &token, clock.clone()).await;
    assert_eq!(id(joined.map(|connection| connection.peer)), "CertificateUnknown");
}

/// Rule: a renewed certificate is used by the next handshake, on both ends, without a restart; connections go on.
#[tokio::test]
async fn certificates_are_replaced_while_connections_stand() {
    let clock = clock();
    let ours = authority(&*clock);
    let there = Identity::new(material(&ours, SERVER, DAY, &*clock));
    let server = serve_as(there.clone(), clock.clone()).await;
    let here = Identity::new(material(&ours, CLIENT, DAY, &*clock));
    let book = Arc::new(Addresses::fixed([(SERVER.to_string(), server.address.to_string())]));
    let dialler = Dialler::new(here.clone(), book, clock.clone()).unwrap();
    let standing = Channel::over_tls(dialler.http(SERVER).await.unwrap()).await.unwrap();
    assert_eq!(standing.get::<String>("/").await.unwrap(), CLIENT);
    let before = standing.peer().unwrap().serial.clone();
    clock.advance(hours(17));
    assert!(there.current().needs_renewal(clock.now()) && here.current().needs_renewal(clock.now()));
    there.replace(material(&ours, SERVER, DAY, &*clock)).unwrap();
    here.replace(material(&ours, CLIENT, DAY, &*clock)).unwrap();
    assert!(!there.current().needs_renewal(clock.now()));
    clock.advance(hours(17));
    assert_eq!(standing.get::<String>("/").await.unwrap(), CLIENT);
    let connection = dialler.http(SERVER).await.unwrap();
    assert_ne!(connection.peer.serial, before);
    assert!(frames(&dialler, SERVER).await.is_ok());
    // Neither another's certificate nor another authority's takes its place.
    assert_eq!(id(here.replace(material(&ours, SERVER, DAY, &*clock))), "IdentityInvalid");
    let foreign = Authority::create("d2", &*clock).unwrap();
    assert_eq!(id(here.replace(material(&foreign, CLIENT, DAY, &*clock))), "IdentityInvalid");
}

/// Rule: who is not there is unreachable, and the error says why.
#[tokio::test]
async fn who_is_not_there_is_unreachable() {
    let clock = clock();
    let ours = authority(&*clock);
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let refused = free.local_addr().unwrap().to_string();
    drop(free);
    // Takes connections and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let book = [
        ("refused.x", refused, "nobody listens"),
        ("silent.x", silent.local_addr().unwrap().to_string(), "in time"),
        ("nameless.x", "no-such-host.invalid:1".to_string(), "no address"),
    ];
    let entries = book.iter().map(|(name, address, _)| (name.to_string(), address.clone()));
    let addresses = Arc::new(Addresses::fixed(entries));
    let dialler = Dialler::new(Identity::new(material(&ours, CLIENT, DAY, &*clock)), addresses, clock.clone())
        .unwrap()
        .with_patience(Duration::from_millis(500));
    for (name, _, why) in &book {
        let error = dialler.replica(name).await.map(|connection| connection.peer).unwrap_err();
        assert_eq!(error.id(), "HostUnreachable", "{name}");
        assert!(error.message().contains(name), "{error:?}");
        if *name != "nameless.x" {
            assert!(error.message().contains(why), "{error:?}");
        }
    }
    assert_eq!(id(dialler.replica("not a name").await.map(|connection| connection.peer)), "NameInvalid");
}

/// Rule: somebody who does not speak TLS, or the wrong protocol, is refused; the server goes on.
#[tokio::test]
async fn strangers_are_refused_and_the_server_goes_on() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let clock = clock();
    let ours = authority(&*clock);
    let server = serve(material(&ours, SERVER, DAY, &*clock), clock.clone()).await;
    let mut stranger = tokio::net::TcpStream::connect(server.address).await.unwrap();
    stranger.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut rest = Vec::new();
    let _ = stranger.read_to_end(&mut rest).await;
    assert_eq!(server.noted(1).await, ["ConnectionBroken"]);
    let config = tls::client(Identity::new(material(&ours, CLIENT, DAY, &*clock)), clock.clone(), b"smtp").unwrap();
    let stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
    let name = rustls::pki_types::ServerName::try_from(SERVER).unwrap();
    let error = tokio_rustls::TlsConnector::from(config).connect(name, stream).await.unwrap_err();
    assert_eq!(Ends::with("x").explain(&error).id(), "ProtocolUnknown");
    let dialler = server.dialler(material(&ours, CLIENT, DAY, &*clock), clock.clone());
    assert!(frames(&dialler, SERVER).await.is_ok());
}

/// Rule: nobody without a certificate fills the server: so many are let in at a time, and the rest are told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guests_are_bounded() {
    let clock = clock();
    let ours = authority(&*clock);
    let server = serve(material(&ours, SERVER, DAY, &*clock), clock.clone()).await;
    let token = JoinToken::new(ours.hash()).unwrap();
    let mut held = Vec::new();
    for _ in 0..65 {
        let joined = dial::join(&server.address.to_string(), &token, clock.clone()).await.unwrap();
        held.push(Channel::over_tls(joined).await);
    }
    assert_eq!(server.noted(1).await, ["TooManyGuests"]);
    let dialler = server.dialler(material(&ours, CLIENT, DAY, &*clock), clock.clone());
    assert!(frames(&dialler, SERVER).await.is_ok());
}

/// Rule: many who connect and say nothing do not keep the others out: they are given up sooner the more they are.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silent_connections_keep_nobody_out() {
    let clock = clock();
    let ours = authority(&*clock);
    let server = serve(material(&ours, SERVER, DAY, &*clock), clock.clone()).await;
    let mut silent = Vec::new();
    // As many as handshakes may be under way, and more.
    for _ in 0..400 {
        silent.push(tokio::net::TcpStream::connect(server.address).await.unwrap());
    }
    // While half of them would still be waited for if they were few.
    let dialler = server.dialler(material(&ours, CLIENT, DAY, &*clock), clock.clone());
    let within = tokio::time::timeout(Duration::from_secs(8), frames(&dialler, SERVER)).await;
    assert!(within.expect("it comes in before the first are given up").is_ok());
}

/// Rule: a folder and a bundle give back what was written, for their owner alone; a renewal that was killed in its midst
/// is finished, whatever it had written.
#[test]
fn identities_survive_a_kill_while_they_are_written() {
    use std::os::unix::fs::PermissionsExt;
    let clock = clock();
    let ours = authority(&*clock);
    let folder = tempfile::tempdir().unwrap();
    let tls = folder.path().join("tls");
    let make = || {
        let made = request::new(CLIENT).unwrap();
        (ours.issue_computer(CLIENT, &made.request, DAY, &*clock).unwrap(), made.key)
    };
    let (first, key) = make();
    identity::write_folder(&tls, &first.certificate, &key, ours.certificate()).unwrap();
    ours.save(&tls).unwrap();
    assert_eq!(Material::read_folder(&tls).unwrap().peer.serial, first.serial);
    for entry in std::fs::read_dir(&tls).unwrap() {
        let mode = entry.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert_eq!(std::fs::metadata(&tls).unwrap().permissions().mode() & 0o777, 0o700);
    let (second, key) = make();
    let text = identity::bundle(&second.certificate, &key, ours.certificate(), &[]);
    std::fs::write(tls.join("computer.next"), &text).unwrap();
    std::fs::write(tls.join("computer.key"), &key).unwrap();
    assert_eq!(Material::read_folder(&tls).unwrap().peer.serial, second.serial);
    assert!(!tls.join("computer.next").exists());
    assert_eq!(Material::read_folder(&tls).unwrap().peer.serial, second.serial);
    // A key of another certificate.
    std::fs::write(tls.join("computer.key"), make().1).unwrap();
    assert_eq!(id(Material::read_folder(&tls).map(|material| material.peer)), "IdentityInvalid");
    std::fs::remove_file(tls.join("computer.key")).unwrap();
    assert_eq!(Material::read_folder(&tls).map(|material| material.peer).unwrap_err().id(), "IdentityUnreadable");
    // What the authority saved signs on.
    let again = Authority::load(&tls).unwrap();
    assert_eq!(again.hash(), ours.hash());
    assert_eq!(material(&again, CLIENT, DAY, &*clock).ca_hash(), ours.hash());
}

#[test]
fn a_persons_bundle_gives_back_what_was_written() {
    let clock = clock();
    let ours = authority(&*clock);
    let made = request::new("ken").unwrap();
    let issued = ours.issue_person("ken", &made.request, DAY, &*clock).unwrap();
    let hosts = [identity::Host { fqdn: SERVER.into(), address: "127.0.0.1:4443".into() }];
    let text = identity::bundle(&issued.certificate, &made.key, ours.certificate(), &hosts);
    let read = Material::parse_bundle(&text).unwrap();
    assert_eq!((read.peer.person(), read.hosts.as_slice()), (Some("ken"), &hosts[..]));
    assert_eq!((&read.peer.serial, &read.peer.thumbprint), (&issued.serial, &issued.thumbprint));
    assert_eq!((read.peer.not_before, read.peer.not_after), (issued.not_before, issued.not_after));
    for broken in [
        "",
        "# host: x",
        text.replace("PRIVATE", "PUBLIC").as_str(),
        text.replace("CERTIFICATE", "X").as_str(),
        text.replace("# host: ", "# host: more ").as_str(),
        &text[..text.len() / 2],
    ] {
        let error = Material::parse_bundle(broken).map(|material| material.peer).unwrap_err();
        assert_eq!(error.id(), "IdentityInvalid");
        assert!(!error.message().contains("MII"), "{error:?}");
    }
}

/// Rule: the authority goes by what it is told, takes nothing but the key out of a request, and only from whoever has
/// its private part.
#[test]
fn requests_give_nothing_but_their_key() {
    let clock = clock();
    let ours = authority(&*clock);
    let made = request::new("somebody-else.litwareinc.com").unwrap();
    let issued = ours.issue_computer(CLIENT, &made.request, DAY, &*clock).unwrap();
    let material = Material::from_pem(&issued.certificate, &made.key, ours.certificate()).unwrap();
    assert_eq!(material.peer.computer(), Some(CLIENT));
    assert!(!issued.certificate.contains("somebody"));
    assert_eq!(issued.serial.len(), 32);
    assert_eq!(issued.not_before.ticks, clock.now().ticks - hours(2).ticks);
    assert_eq!(issued.not_after.ticks, clock.now().ticks + DAY.ticks);
    // Changed after it was signed: any byte of it.
    let mut lines: Vec<String> = made.request.lines().map(str::to_string).collect();
    let middle = lines.len() / 2;
    let changed = if lines[middle].starts_with('A') { "B" } else { "A" };
    lines[middle].replace_range(..1, changed);
    let huge = made.request.repeat(100);
    for broken in ["", "x", lines.join("\n").as_str(), huge.as_str(), ours.certificate(), made.key.as_str()] {
        let error = ours.issue_computer(CLIENT, broken, DAY, &*clock).unwrap_err();
        assert_eq!(error.id(), "CertificateRequestInvalid");
    }
    for name in ["", "a\nb", "ü.x", "x".repeat(300).as_str()] {
        assert_eq!(id(ours.issue_computer(name, &made.request, DAY, &*clock)), "CertificateNotMade");
    }
    // Nothing outlives the authority.
    let long = TimeSpan { ticks: DAY.ticks * 365 * 100 };
    let issued = ours.issue_computer(CLIENT, &made.request, long, &*clock).unwrap();
    assert_eq!(issued.not_after.ticks, clock.now().ticks + authority::AUTHORITY_LIFETIME.ticks);
}

#[test]
fn an_authority_whose_files_do_not_fit_is_refused() {
    let clock = clock();
    let (one, two) = (authority(&*clock), authority(&*clock));
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(id(Authority::load(folder.path()).map(|_| ())), "AuthorityUnreadable");
    one.save(folder.path()).unwrap();
    let key = std::fs::read_to_string(folder.path().join("ca.key")).unwrap();
    two.save(folder.path()).unwrap();
    assert!(Authority::load(folder.path()).is_ok());
    for text in [key.as_str(), "", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
        std::fs::write(folder.path().join("ca.key"), text).unwrap();
        assert_eq!(id(Authority::load(folder.path()).map(|_| ())), "AuthorityUnreadable");
    }
}

/// Connections of the measurement.
const MEASURED: usize = 500;

fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    text.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * rustix::param::page_size() as u64
}

/// What an idle replica's connection costs the server: run with `--ignored`. The clients live in a process of their own.
#[test]
#[ignore = "a measurement, for people"]
fn memory_of_an_idle_connection() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(SystemClock);
        let ours = authority(&*clock);
        ours.save(folder.path()).unwrap();
        let server = serve(material(&ours, SERVER, DAY, &*clock), clock.clone()).await;
        println!("TlsStream {}", size_of::<tokio_rustls::server::TlsStream<tokio::net::TcpStream>>());
        println!("Accepted {} reader {}", size_of::<Accepted>(), size_of::<FrameReader<tokio::net::TcpStream>>());
        for round in 0..2 {
            // The first round warms up what is allocated once.
            let before = resident();
            let mut child = tokio::process::Command::new(std::env::current_exe().unwrap())
                .args(["--ignored", "--exact", "net::tests::many_clients", "--nocapture"])
                .env("REEVE_MEASURED_ADDRESS", server.address.to_string())
                .env("REEVE_MEASURED_FOLDER", folder.path())
                .stdin(std::process::Stdio::piped())
                .spawn()
                .unwrap();
            let ready = folder.path().join("ready");
            while !ready.exists() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            std::fs::remove_file(&ready).unwrap();
            let after = resident();
            println!("round {round}: {} bytes a connection", (after.saturating_sub(before)) / MEASURED as u64);
            drop(child.stdin.take());
            child.wait().await.unwrap();
        }
    });
}

/// The other half of the measurement; does nothing by itself.
#[test]
#[ignore = "the clients of a measurement"]
fn many_clients() {
    let (Ok(address), Ok(folder)) = (std::env::var("REEVE_MEASURED_ADDRESS"), std::env::var("REEVE_MEASURED_FOLDER"))
    else {
        return;
    };
    let folder = std::path::PathBuf::from(folder);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let clock = Arc::new(SystemClock);
        let ours = Authority::load(&folder).unwrap();
        let addresses = Arc::new(Addresses::fixed([(SERVER.to_string(), address)]));
        let identity = Identity::new(material(&ours, CLIENT, DAY, &*clock));
        let dialler = Dialler::new(identity, addresses, clock).unwrap();
        let mut held = Vec::new();
        for _ in 0..MEASURED {
            let connection = dialler.replica(SERVER).await.unwrap();
            let (read, write) = tokio::io::split(connection.stream);
            let mut reader = FrameReader::new(read, connection.ends.clone());
            let mut writer = FrameWriter::new(write, connection.ends.clone());
            // A package of 200 KB has come and gone on each.
            let body = Bytes::from(vec![7; std::env::var("REEVE_BODY").map_or(200_000, |n| n.parse().unwrap())]);
            let frame = Frame { kind: 7, epoch: 3, head: Bytes::from_static(b"{}"), body };
            let (sent, got) = tokio::join!(writer.write(&frame), reader.read());
            sent.unwrap();
            assert_eq!(got.unwrap().unwrap(), frame);
            held.push((reader, writer));
        }
        std::fs::write(folder.join("ready"), "").unwrap();
        tokio::task::spawn_blocking(|| std::io::read_to_string(std::io::stdin())).await.unwrap().unwrap();
    });
}

/// Rule: lines are streamed both ways at once, each side as fast as the other takes them; a sender that is dropped does
/// not look like an end.
mod streaming {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// `/echo` gives lines back as they come, `/flood` sends without end, `/cut` ends in the midst.
    #[derive(Default)]
    struct Streams {
        sent: Arc<AtomicUsize>,
        gone: Arc<tokio::sync::Notify>,
    }

    impl http::Service for Streams {
        fn call(&self, mut request: http::Request) -> Pending<Answer> {
            let (sent, gone) = (self.sent.clone(), self.gone.clone());
            Box::pin(async move {
                let (sender, body) = Body::lines();
                match request.path.as_str() {
                    "/echo" => tokio::spawn(async move {
                        while let Ok(Some(line)) = request.body.next().await {
                            sender.send_line([&line[..], b"\n"].concat().into()).await.unwrap();
                        }
                        sender.finish().await.unwrap();
                    }),
                    "/flood" => tokio::spawn(async move {
                        let line = "x".repeat(10_000);
                        while sender.send(&line).await.is_ok() {
                            sent.fetch_add(line.len(), Ordering::SeqCst);
                        }
                        gone.notify_one();
                    }),
                    "/cut" => tokio::spawn(async move {
                        sender.send("one").await.unwrap();
                        drop(sender);
                    }),
                    "/wait" => {
                        let _guard = OnDrop(gone);
                        std::future::pending::<()>().await;
                        unreachable!("nothing ends it but its caller")
                    }
                    _ => {
                        let hint = "Ask for something else.";
                        let error = ErrorRecord::new("NotThere", crate::error::Category::ObjectNotFound, "Not there.");
                        return Answer::error(&error.hint(hint));
                    }
                };
                Answer::lines(body)
            })
        }
    }

    struct OnDrop(Arc<tokio::sync::Notify>);

    impl Drop for OnDrop {
        fn drop(&mut self) {
            self.0.notify_one();
        }
    }

    struct Served {
        channel: Channel,
        streams: Arc<Streams>,
        _stop: watch::Sender<bool>,
        _folder: tempfile::TempDir,
    }

    /// Over a unix socket whose path is longer than the kernel takes.
    async fn served() -> Served {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("x".repeat(120));
        std::fs::create_dir(&deep).unwrap();
        let path = deep.join("reeve.sock");
        assert_eq!(id(Channel::over_unix(&path).await), "HostUnreachable");
        // What a killed server left behind.
        drop(unix::bind(&path).unwrap());
        assert_eq!(id(Channel::over_unix(&path).await), "HostUnreachable");
        let listener = unix::bind(&path).unwrap();
        let streams = Arc::new(Streams::default());
        let (stop, stopped) = watch::channel(false);
        let service = streams.clone();
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let caller = unix::caller(&stream).unwrap();
            assert!(matches!(caller, Caller::Local { uid, .. } if uid == rustix::process::getuid().as_raw()));
            http::serve_connection(stream, caller, Ends::with("session"), service, stopped).await;
        });
        let channel = Channel::over_unix(&path).await.unwrap();
        Served { channel, streams, _stop: stop, _folder: folder }
    }

    #[tokio::test]
    async fn lines_go_both_ways_at_once() {
        let served = served().await;
        let (sender, body) = Body::lines();
        let response = served.channel.request(Method::POST, "/echo", body).await.unwrap();
        let mut lines = response.accepted().await.unwrap();
        let long = "ü".repeat(1 << 20);
        for text in ["", "one", "two\nlines", &long] {
            sender.send(text).await.unwrap();
            assert_eq!(lines.next_value::<String>().await.unwrap().as_deref(), Some(text));
        }
        sender.finish().await.unwrap();
        assert!(lines.next().await.unwrap().is_none());
        assert!(lines.next().await.unwrap().is_none());
    }

    #[tokio::test]
    async fn whoever_does_not_read_slows_the_sender_and_stops_no_other_stream() {
        let served = served().await;
        let mut unread = Vec::new();
        for _ in 0..63 {
            unread.push(served.channel.request(Method::GET, "/flood", Body::empty()).await.unwrap());
        }
        // Until nothing moves any more: the other streams go on all the while.
        let mut before = usize::MAX;
        while before != served.streams.sent.load(Ordering::SeqCst) {
            before = served.streams.sent.load(Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(100)).await;
            let error = served.channel.get::<String>("/nothing").await.unwrap_err();
            assert_eq!((error.id(), error.hints().len()), ("NotThere", 1));
        }
        let most = 63 * 700_000;
        assert!(before < most, "{before} bytes were sent that nobody read");
        unread.truncate(1);
        let mut lines = unread.remove(0).accepted().await.unwrap();
        for _ in 0..1000 {
            assert_eq!(lines.next().await.unwrap().unwrap().len(), 10_002);
        }
        drop(lines);
        served.streams.gone.notified().await;
    }

    #[tokio::test]
    async fn a_sender_that_is_dropped_is_no_end() {
        let served = served().await;
        // A reset may overtake what was sent before it, never look like an end.
        for _ in 0..20 {
            let error = match served.channel.request(Method::GET, "/cut", Body::empty()).await {
                Ok(response) => response.body.whole().await.unwrap_err(),
                Err(error) => error,
            };
            assert_eq!(error.id(), "ConnectionLost");
        }
    }

    #[tokio::test]
    async fn a_client_that_goes_away_ends_what_runs_for_it() {
        let served = served().await;
        let Served { channel, streams, .. } = served;
        let waiting =
            tokio::time::timeout(Duration::from_millis(200), channel.request(Method::GET, "/wait", Body::empty()));
        assert!(waiting.await.is_err());
        streams.gone.notified().await;
        let flood = channel.request(Method::GET, "/flood", Body::empty()).await.unwrap();
        drop((channel, flood));
        streams.gone.notified().await;
    }

    #[tokio::test]
    async fn a_line_without_end_is_refused() {
        let served = served().await;
        let (sender, body) = Body::lines();
        let response = served.channel.request(Method::POST, "/echo", body).await.unwrap();
        let too_long = Bytes::from(vec![b'x'; http::LONGEST_LINE + 1]);
        assert_eq!(id(sender.send_line(too_long).await), "LineTooLong");
        drop((response, sender));
        let flood = served.channel.request(Method::GET, "/flood", Body::empty()).await.unwrap();
        assert_eq!(id(flood.body.whole().await), "LineTooLong");
    }
}

/// Rule: a request to a server that says nothing, not even that it is there, ends with an error that says so.
#[tokio::test]
async fn a_request_to_a_silent_server_ends() {
    let (near, _far) = tokio::io::duplex(64 * 1024);
    let channel = Channel::over(near, fault::Ends::with("x"), None).await.unwrap();
    let error = tokio::time::timeout(Duration::from_secs(60), channel.get::<String>("/")).await;
    assert_eq!(error.expect("it is bounded").unwrap_err().id(), "ConnectionLost");
}
