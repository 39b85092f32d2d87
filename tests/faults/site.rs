//! Servers of some of a lab's computers in this process, which a test starts, stops and kills.

use super::MASTER;
use crate::host::fleet::{REEVE, wait};
use reeve::deployment::lab::{self, Lab};
use reeve::deployment::{HostDirectory, certificates};
use reeve::env::{Clock, SystemClock};
use reeve::host::{Options, Server};
use reeve::net::authority::COMPUTER_LIFETIME;
use reeve::net::identity::{self, Material};
use reeve::net::{Addresses, Authority, Dialler, Identity, request};
use reeve::replication::ReplicaState;
use reeve::store::{Change, DocumentId, Expected, Grant, SqliteStore, Store};
use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// A lab, and the servers of some of its computers.
pub struct Site {
    /// The servers end before the folder goes.
    servers: BTreeMap<String, Server>,
    pub lab: Lab,
    book: BTreeMap<String, SocketAddr>,
    folder: tempfile::TempDir,
}

impl Site {
    /// A lab in which these computers have addresses, and nothing runs.
    pub fn new(computers: &[&str]) -> Site {
        let folder = tempfile::tempdir().unwrap();
        let lab = lab::create(&folder.path().join("lab")).unwrap();
        // Free a moment later, and taken again at once.
        let bound: Vec<_> = computers.iter().map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let named = computers.iter().zip(&bound);
        let book: BTreeMap<_, _> =
            named.map(|(name, socket)| ((*name).to_string(), socket.local_addr().unwrap())).collect();
        let site = Site { servers: BTreeMap::new(), lab, book, folder };
        site.publish(&[]);
        site
    }

    /// The same with all of them started and up to date.
    pub fn up(computers: &[&str]) -> Site {
        let mut site = Site::new(computers);
        for computer in computers {
            site.start(computer);
        }
        site.up_to_date(computers);
        site
    }

    /// Tells all where all are, some of them where they are not.
    pub fn publish(&self, otherwise: &[(&str, SocketAddr)]) {
        let mut book = self.book.clone();
        book.extend(otherwise.iter().map(|(name, address)| ((*name).to_string(), *address)));
        let book: Vec<_> = book.into_iter().map(|(name, address)| (name, address.to_string())).collect();
        self.lab.publish(&book).unwrap();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn host(&self, computer: &str) -> PathBuf {
        self.lab.directory.join("hosts").join(computer)
    }

    pub fn address(&self, computer: &str) -> SocketAddr {
        self.book[computer]
    }

    /// Starts a server where the others find it.
    pub fn start(&mut self, computer: &str) {
        self.start_with(computer, |options| options);
    }

    pub fn start_with(&mut self, computer: &str, with: impl Fn(Options) -> Options) {
        let directory = self.host(computer);
        let server = serve(directory, self.book[computer], with);
        self.servers.insert(computer.to_string(), server);
    }

    /// Starts one of a directory beside the lab.
    pub fn start_beside(&mut self, computer: &str, name: &str) {
        let server = serve(self.path(name), "127.0.0.1:0".parse().unwrap(), |options| options);
        self.servers.insert(computer.to_string(), server);
    }

    pub fn stop(&mut self, computer: &str) {
        self.servers.remove(computer).unwrap().stop();
    }

    /// Ends it as kill -9 does.
    pub fn kill(&mut self, computer: &str) {
        drop(self.servers.remove(computer).unwrap());
    }

    pub fn server(&self, computer: &str) -> &Server {
        &self.servers[computer]
    }

    /// What the master says of a replica.
    pub fn state(&self, computer: &str) -> Option<ReplicaState> {
        let states = self.servers.get(MASTER)?.node().control()?.replicas().ok()?;
        states.into_iter().find(|state| state.replica_fqdn == computer)
    }

    /// Waits until the master says of a replica what is wanted.
    #[track_caller]
    pub fn until(&self, computer: &str, what: &str, wanted: impl Fn(&ReplicaState) -> bool) -> ReplicaState {
        let mut last = None;
        let start = std::time::Instant::now();
        loop {
            if let Some(state) = self.state(computer) {
                if wanted(&state) {
                    return state;
                }
                last = Some(state);
            }
            assert!(start.elapsed() < crate::host::fleet::PATIENCE, "{computer}, in vain: {what}\n{last:#?}");
            crate::host::fleet::pause();
        }
    }

    /// Waits until the last error of a replica has an id.
    #[track_caller]
    pub fn last_error(&self, computer: &str, id: &str) -> ReplicaState {
        let begins = format!("{id}: ");
        self.until(computer, id, |state| state.last_error.as_ref().is_some_and(|error| error.starts_with(&begins)))
    }

    #[track_caller]
    pub fn up_to_date(&self, computers: &[&str]) {
        for computer in computers {
            self.until(computer, "up to date", |state| state.up_to_date && state.connected);
        }
    }

    /// Waits until a server's health names an error in the way of its replica.
    #[track_caller]
    pub fn complains(&self, computer: &str, id: &str) {
        wait(&format!("{computer} complains of {id}"), || {
            let health = self.server(computer).health();
            let said = health.reasons.get("Replica").or_else(|| health.warnings.get("Replica"));
            said.is_some_and(|text| text.contains(id))
        });
    }

    /// Makes a change of about so many bytes that do not compress well; gives its version.
    pub fn change(&self, name: &str, bytes: usize) -> u64 {
        match self.servers.get(MASTER) {
            Some(server) => commit(server.node().deployment().unwrap().store(), name, bytes),
            None => commit(&self.store(), name, bytes),
        }
    }

    /// The store, while the master's server does not run.
    pub fn store(&self) -> SqliteStore {
        SqliteStore::open(self.lab.host.join("store/cms.db")).unwrap()
    }

    pub fn authority(&self) -> Authority {
        Authority::load(&self.lab.host.join("tls")).unwrap()
    }

    /// A certificate for a computer, which the store does not know, in place of the one that it has.
    pub fn equip(&self, computer: &str, signer: &Authority, clock: &dyn Clock) {
        let made = request::new(computer).unwrap();
        let issued = signer.issue_computer(computer, &made.request, COMPUTER_LIFETIME, clock).unwrap();
        let folder = self.host(computer).join("tls");
        let ca = std::fs::read_to_string(folder.join("ca.crt")).unwrap();
        identity::write_folder(&folder, &issued.certificate, &made.key, &ca).unwrap();
    }

    /// What connects with a computer's own certificate.
    pub fn dialler(&self, computer: &str) -> Dialler {
        let material = Material::read_folder(&self.host(computer).join("tls")).unwrap();
        self.dialler_of(material)
    }

    pub fn dialler_of(&self, material: Material) -> Dialler {
        let book = self.book.iter().map(|(name, address)| (name.clone(), address.to_string()));
        Dialler::new(Identity::new(material), Arc::new(Addresses::fixed(book)), Arc::new(SystemClock)).unwrap()
    }

    /// The serial numbers of a computer's certificates.
    pub fn serials(&self, computer: &str) -> Vec<String> {
        let store = self.server(MASTER).node().deployment().unwrap();
        let known = certificates::of(store.store(), certificates::Holder::Computer, computer).unwrap();
        known.into_iter().map(|certificate| certificate.serial).collect()
    }

    /// Runs a text on the lab.
    #[track_caller]
    pub fn shell(&self, text: &str) -> String {
        let ran = self.run(&["--dir", self.lab.directory.to_str().unwrap(), "-c", text]);
        let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        assert!(ran.status.success(), "{text}:\n{out}\n{err}");
        out.into_owned()
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs it, and gives exit code and all that it said.
    pub fn said(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let ran = self.run(arguments);
        let text = [ran.stdout, ran.stderr].concat();
        (ran.status.code(), String::from_utf8_lossy(&text).into_owned())
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(REEVE);
        command.args(arguments).current_dir(self.folder.path()).env_clear().stdin(Stdio::null());
        command.env("HOME", self.folder.path()).env("TMPDIR", self.folder.path());
        command
    }

    /// The file with a certificate of a person, who has these hosts to talk to.
    pub fn person(&self, name: &str, hosts: &[&str]) -> String {
        let file = format!("{name}.pem");
        self.shell(&format!("New-CsClientCertificate -Identity {name} -Path {file} | Out-Null"));
        let path = self.path(&file);
        let text = std::fs::read_to_string(&path).unwrap();
        let part = |label: &str| {
            let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
            let blocks = text.split(&begin).skip(1).map(|rest| rest.split(&end).next().unwrap());
            blocks.map(|block| format!("{begin}{block}{end}\n")).collect::<Vec<_>>()
        };
        let (certificates, keys) = (part("CERTIFICATE"), part("PRIVATE KEY"));
        let hosts: Vec<_> = hosts
            .iter()
            .map(|host| identity::Host { fqdn: (*host).into(), address: self.address(host).to_string() })
            .collect();
        let bundle = identity::bundle(&certificates[0], &keys[0], &certificates[1], &hosts);
        std::fs::remove_file(&path).unwrap();
        identity::write_bundle(&path, &bundle).unwrap();
        file
    }
}

fn serve(directory: PathBuf, address: SocketAddr, with: impl Fn(Options) -> Options) -> Server {
    let mut started = None;
    wait("directory and address are free", || {
        let Ok(held) = HostDirectory::hold(&directory) else { return false };
        let options = with(Options { listen: Some(address), checks: Duration::from_millis(50), ..Options::default() });
        match Server::start(held, options) {
            Ok(server) => started = Some(server),
            Err(error) => assert_eq!(error.id(), "AddressUnavailable", "{}", error.message()),
        }
        started.is_some()
    });
    started.unwrap()
}

/// Makes a change in a store.
pub fn commit(store: &dyn Store, name: &str, bytes: usize) -> u64 {
    let mut noise = vec![0; bytes / 2];
    blake3::Hasher::new().update(name.as_bytes()).finalize_xof().fill(&mut noise);
    let noise: String = noise.iter().map(|byte| format!("{byte:02x}")).collect();
    let id = DocumentId::new("Noise", "Global", name);
    let body = Some(serde_json::json!({ "Noise": noise }));
    store.commit(&Grant::system("test"), &[Change { id, expected: Expected::Any, body }]).unwrap()
}
