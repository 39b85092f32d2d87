//! Master and replicas at work, in one process, over loopback and TLS.

use super::*;
use crate::env::{FixedRandom, SystemClock};
use crate::error::ErrorRecord;
use crate::net::identity::Material;
use crate::net::listen::{Accepted, Handler, Listener};
use crate::net::verify::AcceptAll;
use crate::net::{Addresses, Authority, Dialler, FrameReader, FrameWriter, Identity, Pending, request, tls};
use crate::replication::coding;
use crate::replication::control::{Control, ReplicaState};
use crate::replication::message::{Announce, INLINE, ToMaster, ToReplica};
use crate::replication::package;
use crate::replication::replica::Status;
use crate::replication::storage::ReplicaDb;
use crate::replication::{Chain, Held, PackageId, PackageKind};
use crate::store::{Change, DocumentId, Expected, Grant, SqliteStore, Store};
use crate::value::TimeSpan;
use bytes::Bytes;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

const MASTER: &str = "m.example.com";
/// Far longer than anything here takes: a test that waits so long has failed.
const LONG: Duration = Duration::from_secs(60);

fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

/// A deployment: its authority, its folder, where its master listens.
struct World {
    authority: Authority,
    folder: tempfile::TempDir,
    addresses: Mutex<Vec<(String, String)>>,
}

impl World {
    fn new() -> World {
        let world = World {
            authority: Authority::create("d", &SystemClock).unwrap(),
            folder: tempfile::tempdir().unwrap(),
            addresses: Mutex::default(),
        };
        let store = SqliteStore::create(world.path("cms.db")).unwrap();
        change(&store, "first", 100);
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn store(&self) -> SqliteStore {
        SqliteStore::open(self.path("cms.db")).unwrap()
    }

    fn identity(&self, name: &str) -> Arc<Identity> {
        let made = request::new(name).unwrap();
        let day = TimeSpan { ticks: 24 * 3600 * 10_000_000 };
        let issued = self.authority.issue_computer(name, &made.request, day, &SystemClock).unwrap();
        Identity::new(Material::from_pem(&issued.certificate, &made.key, self.authority.certificate()).unwrap())
    }

    fn dialler(&self, name: &str) -> Arc<Dialler> {
        let addresses = Addresses::fixed(lock(&self.addresses).clone());
        Arc::new(Dialler::new(self.identity(name), Arc::new(addresses), clock()).unwrap())
    }

    /// Whoever dials the master is given to a handler from now on.
    async fn listen(&self, handler: Arc<dyn Handler>) -> watch::Sender<bool> {
        let address = lock(&self.addresses).iter().find(|(name, _)| name == MASTER).map(|(_, address)| address.clone());
        let listener = Listener::bind(address.as_deref().unwrap_or("127.0.0.1:0")).await.unwrap();
        let address: SocketAddr = listener.address().unwrap();
        *lock(&self.addresses) = vec![(MASTER.into(), address.to_string())];
        let config = tls::server(self.identity(MASTER), Arc::new(AcceptAll), clock()).unwrap();
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(listener.serve(config, handler, stopped));
        stop
    }

    fn hub(&self, replicas: &[&str]) -> Arc<Hub> {
        let path = self.path("cms.db");
        let options = HubOptions {
            deployment: "d".into(),
            pool: "pool.example.com".into(),
            store: Arc::new(move || Ok(Box::new(SqliteStore::open(&path)?))),
            status: self.path("status.db"),
            spool: self.folder.path().to_path_buf(),
            replicas: replicas.iter().map(|name| (*name).into()).collect(),
            clock: clock(),
            dialler: None,
        };
        Arc::new(Hub::start(options).unwrap())
    }

    fn agent(&self, name: &str) -> Agent {
        let options = AgentOptions {
            deployment: "d".into(),
            computer: name.into(),
            product: "test".into(),
            folder: self.path(name),
            dialler: self.dialler(name),
            clock: clock(),
            random: Arc::new(FixedRandom::new(1)),
            active: Arc::new(|| Some(MASTER.into())),
            finder: Arc::new(Nobody),
            applied: Arc::new(|_| ()),
        };
        Agent::start(options).unwrap()
    }

    /// What a replica's database has is what the store has.
    fn assert_equal(&self, name: &str) {
        let db = ReplicaDb::open(&self.path(name), "d").unwrap();
        assert_eq!(db.store().list("Policy").unwrap(), self.store().list("Policy").unwrap());
    }
}

fn change(store: &SqliteStore, key: &str, size: usize) -> u64 {
    // What does not compress, so that sizes are what they are.
    let mut noise = vec![0; size];
    blake3::Hasher::new().update(key.as_bytes()).finalize_xof().fill(&mut noise);
    let noise: String = noise.iter().map(|byte| format!("{byte:02x}")).collect();
    let id = DocumentId::new("Policy", "Global", key);
    let body = Some(serde_json::json!({ "Noise": noise }));
    store.commit(&Grant::system("test"), &[Change { id, expected: Expected::Any, body }]).unwrap()
}

struct Nobody;

impl Finder for Nobody {
    fn find(&self) -> Pending<Option<Arc<str>>> {
        Box::pin(async { None })
    }
}

/// Gives replicas to a hub.
struct ToHub(Arc<Hub>);

impl Handler for ToHub {
    fn accepted(&self, accepted: Accepted) -> Pending<()> {
        let hub = self.0.clone();
        Box::pin(async move { hub.serve(accepted).await })
    }

    fn refused(&self, _from: SocketAddr, _error: ErrorRecord) {}
}

/// Hands connections to the test.
struct ToTest(mpsc::Sender<Accepted>);

impl Handler for ToTest {
    fn accepted(&self, accepted: Accepted) -> Pending<()> {
        let to = self.0.clone();
        Box::pin(async move { drop(to.send(accepted).await) })
    }

    fn refused(&self, _from: SocketAddr, _error: ErrorRecord) {}
}

/// Waits until the states are as wanted.
async fn until(control: &Arc<dyn Control>, what: &str, wanted: impl Fn(&[ReplicaState]) -> bool) -> Vec<ReplicaState> {
    let started = Instant::now();
    loop {
        let states = control.replicas().unwrap();
        if wanted(&states) {
            return states;
        }
        assert!(started.elapsed() < LONG, "{what}: {states:#?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn status(agent: &Agent, what: &str, wanted: impl Fn(&Status) -> bool) -> Status {
    let mut watch = agent.watch();
    let status = timeout(LONG, watch.wait_for(|status| wanted(status))).await;
    status.unwrap_or_else(|_| panic!("{what}: {:?}", agent.status())).unwrap().clone()
}

fn all_up_to_date(states: &[ReplicaState]) -> bool {
    states.iter().all(|state| state.up_to_date)
}

/// Rule: a change reaches all as a delta; who is forced gets everything, and nobody else does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_reaches_all_and_a_full_snapshot_the_forced_one() {
    let world = World::new();
    let names = ["a.example.com", "b.example.com", "c.example.com"];
    let hub = world.hub(&names);
    let _listening = world.listen(Arc::new(ToHub(hub.clone()))).await;
    let agents = names.map(|name| world.agent(name));
    let control = hub.control();
    let states = until(&control, "joined", all_up_to_date).await;
    assert!(states.iter().all(|state| state.last_package_kind == Some(PackageKind::Full) && state.connected));

    let mut store = world.store();
    store.on_commit(hub.on_commit());
    let version = change(&store, "second", 100);
    let states = until(&control, "changed", all_up_to_date).await;
    for state in &states {
        assert_eq!((state.last_package_kind, state.version_held), (Some(PackageKind::Delta), Some(version)));
        assert_eq!((state.product_version.as_deref(), state.reason.as_deref()), (Some("test"), None));
    }

    control.forget(Some("B.example.com")).unwrap();
    let states = until(&control, "forced", all_up_to_date).await;
    let kinds: Vec<_> = states.iter().map(|state| state.last_package_kind.unwrap()).collect();
    assert_eq!(kinds, [PackageKind::Delta, PackageKind::Full, PackageKind::Delta]);

    // A package of many chunks.
    change(&store, "large", 2_000_000);
    until(&control, "large", all_up_to_date).await;
    for agent in agents {
        agent.stop().await;
    }
    names.iter().for_each(|name| world.assert_equal(name));
    hub.stop();
}

/// Rule: a replica that reads nothing keeps no other waiting.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_reads_nothing_delays_no_other() {
    let world = World::new();
    let names = ["a.example.com", "slow.example.com"];
    let hub = world.hub(&names);
    let _listening = world.listen(Arc::new(ToHub(hub.clone()))).await;
    let mut store = world.store();
    store.on_commit(hub.on_commit());
    change(&store, "large", 3_000_000);

    let connection = world.dialler("slow.example.com").replica(MASTER).await.unwrap();
    let (_unread, writer) = tokio::io::split(connection.stream);
    let mut writer = FrameWriter::new(writer, connection.ends);
    let hello = crate::replication::message::Hello {
        format: 1,
        deployment: "d".into(),
        computer: "slow.example.com".into(),
        product: "test".into(),
        held: None,
        clock: 0,
        hook_error: None,
    };
    writer.write(&coding::to_master(1, &ToMaster::Hello(Box::new(hello))).unwrap()).await.unwrap();
    let control = hub.control();
    let waits = |states: &[ReplicaState]| states.iter().any(|state| state.bytes_behind.is_some());
    let states = until(&control, "announced", waits).await;
    let slow = states.iter().find(|state| state.connected).unwrap();
    let head = control.central().unwrap();
    let package = PackageId { epoch: head.epoch.unwrap(), from: None, to: head.version.unwrap() };
    assert!(slow.bytes_behind.unwrap() > INLINE);
    for _ in 0..20 {
        let fetch = ToMaster::Fetch { package, offset: 0 };
        writer.write(&coding::to_master(1, &fetch).unwrap()).await.unwrap();
    }

    let agent = world.agent("a.example.com");
    for n in 0..20 {
        change(&store, &format!("k{n}"), 1_000);
    }
    let states = until(&control, "the other", |states| states.iter().any(|state| state.up_to_date)).await;
    let slow = states.iter().find(|state| state.replica_fqdn == "slow.example.com").unwrap();
    assert!(slow.reason.as_deref().unwrap().contains("has not reported"));
    agent.stop().await;
    world.assert_equal("a.example.com");
}

/// Rule: the master may be restarted in the middle of a transfer: it makes the same package again, and the transfer goes
/// on where it was.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transfer_outlasts_a_restart_of_the_master() {
    let world = World::new();
    change(&world.store(), "large", 1_000_000);
    let (to, mut connections) = mpsc::channel(4);
    let listening = world.listen(Arc::new(ToTest(to))).await;
    let agent = world.agent("a.example.com");

    // A master that sends the first pieces and dies.
    let made = package::build(&world.store(), "d", None, world.folder.path()).unwrap();
    let announce = made.announce().clone();
    let mut line = Line::of(timeout(LONG, connections.recv()).await.unwrap().unwrap());
    assert!(matches!(line.hear().await, ToMaster::Hello(_)));
    line.say(1, ToReplica::Welcome { version: 2 }).await;
    line.say(1, ToReplica::Announce(announce.clone())).await;
    assert_eq!(line.hear().await, ToMaster::Fetch { package: announce.package, offset: 0 });
    for offset in [0, 65_536] {
        let bytes = made.read(offset, 65_536).unwrap();
        line.say(1, ToReplica::Chunk { package: announce.package, offset, bytes }).await;
    }
    let incoming = world.path("a.example.com").join("incoming");
    let started = Instant::now();
    while world_bytes(&incoming) < 131_072 {
        assert!(started.elapsed() < LONG);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(line);

    // The next life of it, and of the replica.
    agent.stop().await;
    let agent = world.agent("a.example.com");
    let mut line = Line::of(timeout(LONG, connections.recv()).await.unwrap().unwrap());
    assert!(matches!(line.hear().await, ToMaster::Hello(_)));
    line.say(1, ToReplica::Welcome { version: 2 }).await;
    let again = package::build(&world.store(), "d", None, world.folder.path()).unwrap();
    assert_eq!(again.announce(), &announce);
    line.say(1, ToReplica::Announce(again.announce().clone())).await;
    assert_eq!(line.hear().await, ToMaster::Fetch { package: announce.package, offset: 131_072 });
    drop(line);
    listening.send_replace(true);
    drop(connections);

    let hub = world.hub(&["a.example.com"]);
    let _listening = loop {
        // The socket of the former one is being closed.
        let address = lock(&world.addresses)[0].1.clone();
        if tokio::net::TcpListener::bind(address).await.is_ok() {
            break world.listen(Arc::new(ToHub(hub.clone()))).await;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    until(&hub.control(), "resumed", all_up_to_date).await;
    agent.stop().await;
    world.assert_equal("a.example.com");
}

fn world_bytes(folder: &Path) -> u64 {
    std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.metadata().unwrap().len()).sum()
}

/// A master that the test plays.
struct Line {
    reader: FrameReader<tokio::io::ReadHalf<Box<tokio_rustls::server::TlsStream<tokio::net::TcpStream>>>>,
    writer: FrameWriter<tokio::io::WriteHalf<Box<tokio_rustls::server::TlsStream<tokio::net::TcpStream>>>>,
}

impl Line {
    fn of(accepted: Accepted) -> Line {
        let (reader, writer) = tokio::io::split(accepted.stream);
        let ends = accepted.ends;
        Line { reader: FrameReader::new(reader, ends.clone()), writer: FrameWriter::new(writer, ends) }
    }

    async fn say(&mut self, epoch: u64, message: ToReplica) {
        // The other end may have hung up already.
        let _ = self.writer.write(&coding::to_replica(epoch, &message).unwrap()).await;
    }

    async fn hear(&mut self) -> ToMaster {
        let frame = timeout(LONG, self.reader.read()).await.unwrap().unwrap().unwrap();
        coding::from_replica(&frame).unwrap()
    }

    /// The error that it is told of, of what else comes.
    async fn failure(&mut self) -> String {
        loop {
            if let ToMaster::Failed { id, .. } = self.hear().await {
                return id;
            }
        }
    }
}

/// Rule: a package that is corrupt, cut off, too large, out of order or comes again, and a master of an older epoch, are
/// refused with their ids, and what is held stays.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_packages_are_refused_and_nothing_is_lost() {
    let world = World::new();
    let (to, mut connections) = mpsc::channel(4);
    let _listening = world.listen(Arc::new(ToTest(to))).await;
    let agent = world.agent("a.example.com");
    let store = world.store();
    let first = package::build(&store, "d", None, world.folder.path()).unwrap();
    let good = |from| {
        let made = package::build(&store, "d", from, world.folder.path()).unwrap();
        (**made.announce()).clone()
    };
    let mut line = Line::of(timeout(LONG, connections.recv()).await.unwrap().unwrap());
    line.hear().await;
    line.say(1, ToReplica::Welcome { version: 1 }).await;
    line.say(1, ToReplica::Announce(first.announce().clone())).await;
    let held: Held = match line.hear().await {
        ToMaster::Report(report) => report.held,
        other => panic!("{other:?}"),
    };
    drop(line);
    change(&store, "second", 100);
    let delta = good(Some(1));
    let body = delta.body.clone().unwrap();
    let mut flipped = body.to_vec();
    flipped[body.len() / 2] ^= 1;
    let with = |change: &dyn Fn(&mut Announce)| {
        let mut announce = delta.clone();
        change(&mut announce);
        announce
    };
    // A package of one chunk that is to be fetched, and what comes for it.
    let fetched = |bytes: Bytes, offset: u64| Some((bytes, offset));
    let apart = |announce: Announce| Announce { body: None, ..announce };
    let cases = [
        (1, with(&|a| a.body = Some(Bytes::from(flipped.clone()))), None, "PackageCorrupt"),
        (1, with(&|a| a.hash = Chain([9; 32])), None, "PackageCorrupt"),
        (1, with(&|a| a.unpacked -= 1), None, "PackageCorrupt"),
        (1, with(&|a| a.body = Some(body.slice(1..))), None, "PackageTruncated"),
        (1, apart(with(&|a| a.length = 1 << 40)), None, "PackageTooLarge"),
        (1, apart(delta.clone()), fetched(body.slice(1..), 1), "PackageReordered"),
        (1, apart(with(&|a| a.length -= 1)), fetched(body.clone(), 0), "PackageTooLarge"),
        (1, (**first.announce()).clone(), None, ""),
        (1, with(&|a| a.from = Some(Held { chain: Chain([9; 32]), ..held })), None, "PackageDoesNotFit"),
        (0, delta.clone(), None, "EpochOver"),
    ];
    for (epoch, announce, chunk, id) in cases {
        let mut line = Line::of(timeout(LONG, connections.recv()).await.unwrap().unwrap());
        assert!(matches!(line.hear().await, ToMaster::Hello(_)));
        if epoch > 0 {
            line.say(epoch, ToReplica::Welcome { version: 2 }).await;
        }
        let package = announce.package;
        line.say(epoch, ToReplica::Announce(Arc::new(announce))).await;
        if let Some((bytes, offset)) = chunk {
            line.say(epoch, ToReplica::Chunk { package, offset, bytes }).await;
        }
        if id.is_empty() {
            // What is held may come again as a whole: it is the same.
            assert!(matches!(line.hear().await, ToMaster::Report(report) if report.held == held));
        } else {
            assert_eq!(line.failure().await, id);
            status(&agent, id, |status| status.error.as_ref().is_some_and(|(error, _)| error == id)).await;
        }
        assert_eq!(agent.status().held, Some(held));
    }
    // One that comes again when it is applied, and after all of it the good one is still taken.
    let mut line = Line::of(timeout(LONG, connections.recv()).await.unwrap().unwrap());
    line.hear().await;
    line.say(1, ToReplica::Welcome { version: 2 }).await;
    line.say(1, ToReplica::Announce(Arc::new(delta.clone()))).await;
    assert!(matches!(line.hear().await, ToMaster::Report(report) if report.held == delta.to));
    line.say(1, ToReplica::Announce(Arc::new(delta.clone()))).await;
    assert_eq!(line.failure().await, "PackageReplayed");
    agent.stop().await;
    world.assert_equal("a.example.com");
}

/// Rule: a deleted status is deleted on the disk; a master that is restarted still sends everything.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_status_outlasts_a_restart() {
    let world = World::new();
    let names = ["a.example.com"];
    let hub = world.hub(&names);
    let listening = world.listen(Arc::new(ToHub(hub.clone()))).await;
    let agent = world.agent(names[0]);
    until(&hub.control(), "joined", all_up_to_date).await;
    agent.stop().await;
    hub.stop();
    listening.send_replace(true);
    drop(hub);

    let hub = world.hub(&names);
    let state = hub.control().replicas().unwrap().remove(0);
    assert_eq!((state.up_to_date, state.connected, state.version_held), (true, false, Some(1)));
    assert_eq!(state.last_package_kind, Some(PackageKind::Full));
    hub.control().forget(None).unwrap();
    drop(hub);
    let state = world.hub(&names).control().replicas().unwrap().remove(0);
    assert_eq!((state.up_to_date, state.version_held), (false, None));
    assert!(state.reason.is_some());
}
