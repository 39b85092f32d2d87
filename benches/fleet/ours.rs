//! A `reeve serve` process that is the master, and replicas that share this process: each with a TLS connection, a
//! certificate and a database of its own.

use super::Failure;
use super::figures::{Times, resident_kib};
use reeve::cli;
use reeve::cmdlet::pipeline::{self, Argument, Invocation, Stage};
use reeve::cmdlet::{NoBlocks, Session};
use reeve::deployment::{HostDirectory, lab};
use reeve::env::{SystemClock, SystemRandom};
use reeve::error::Span;
use reeve::net::{Addresses, Dialler, Identity, Pending};
use reeve::replication::driver::{Agent, AgentOptions, Finder, Moment};
use reeve::store::{Change, DocumentId, Expected, Grant, SqliteStore, Store};
use reeve::topology::{Topology, sample};
use reeve::value::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// How long one step may take before the bench gives up.
const PATIENCE: Duration = Duration::from_secs(120);
/// The site to which the replicas are added.
const SITE: &str = r#"<ClusterId SiteId="1" Number="1" />"#;

/// What the replicas took.
pub struct Outcome {
    /// From the start of a change until a replica has its package.
    pub delivered: Times,
    /// From the start of a change until a replica has applied it, on its disk, and reported.
    pub reported: Times,
    /// From the start of a change until its cmdlet ended.
    pub acknowledged: Times,
    /// From the command that forces a snapshot until the last replica has reported it.
    pub snapshot: Vec<Duration>,
    /// Bytes of the store's documents when the snapshots were made.
    pub snapshot_bytes: u64,
    /// Memory of the master for each connected replica, in KiB.
    pub memory_each_kib: f64,
}

/// What a replica came to, and when.
type Told = (Moment, Instant);

/// The replicas know the master's address.
struct NobodyElse;

impl Finder for NobodyElse {
    fn find(&self) -> Pending<Option<Arc<str>>> {
        Box::pin(std::future::ready(None))
    }
}

/// The master's process, ended with this value.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A session on the master's host directory; it finds the server's socket there.
fn options(directory: PathBuf) -> cli::Options {
    cli::Options {
        directory,
        directory_named: true,
        connect: None,
        certificate: None,
        user: None,
        output: cli::Output::Json,
        width: None,
        color: false,
        verbose: false,
        max_operations: None,
        time_limit: None,
    }
}

/// Makes `rounds` changes of `size` bytes before so many replicas, then forces `snapshots` snapshots of a 1 MB store.
pub async fn run(replicas: usize, rounds: usize, size: usize, snapshots: usize) -> Result<Outcome, Failure> {
    let folder = tempfile::tempdir()?;
    let lab = lab::create_of(&folder.path().join("lab"), Some(topology(replicas)?))?;
    fill(&lab.host)?;
    let (server, address) = serve(&lab.host)?;
    let active = lab.host.file_name().ok_or("no host")?.to_string_lossy().into_owned();
    let before = resident_kib(server.0.id());
    let (tell, mut told) = mpsc::unbounded_channel::<Told>();
    let mut agents = Vec::with_capacity(replicas);
    let hosts = lab.hosts()?;
    for (computer, path) in hosts.iter().filter(|(computer, _)| computer.starts_with("bench-")) {
        agents.push(agent(computer, path, &active, &address, tell.clone())?);
    }
    // The first snapshot of all.
    reports(&mut told, replicas, 0).await?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let memory_each_kib = resident_kib(server.0.id()).saturating_sub(before) as f64 / replicas.max(1) as f64;
    let mut outcome = Outcome {
        delivered: Times::default(),
        reported: Times::default(),
        acknowledged: Times::default(),
        snapshot: Vec::new(),
        snapshot_bytes: 0,
        memory_each_kib,
    };
    let socket = lab.host.clone();
    let (commands, mut done) = operator(socket, size);
    let mut version = agents.first().and_then(|agent| agent.status().held).map_or(0, |held| held.version);
    for round in 0..rounds {
        version += 1;
        let start = Instant::now();
        commands.send(Order::Change(round))?;
        let (mut received, mut reported) = (0, 0);
        while received < replicas || reported < replicas {
            let (did, at) = tokio::time::timeout(PATIENCE, told.recv()).await?.ok_or("the replicas ended")?;
            match did {
                Moment::Announced(package) if package.to >= version => {
                    received += 1;
                    outcome.delivered.add(at.duration_since(start));
                }
                Moment::Reported(held) if held.version >= version => {
                    reported += 1;
                    outcome.reported.add(at.duration_since(start));
                }
                _ => {}
            }
        }
        let ended = done.recv().await.ok_or("the operator ended")?;
        outcome.acknowledged.add(ended.duration_since(start));
    }
    for _ in 0..snapshots {
        let start = Instant::now();
        commands.send(Order::Force)?;
        let last = reports(&mut told, replicas, version).await?;
        outcome.snapshot.push(last.duration_since(start));
        done.recv().await.ok_or("the operator ended")?;
    }
    outcome.snapshot_bytes = BYTES;
    for agent in agents {
        agent.stop().await;
    }
    Ok(outcome)
}

/// Waits until so many replicas have reported a version; when the last one did.
async fn reports(told: &mut mpsc::UnboundedReceiver<Told>, replicas: usize, version: u64) -> Result<Instant, Failure> {
    let (mut reported, mut last) = (0, Instant::now());
    while reported < replicas {
        let (did, at) = tokio::time::timeout(PATIENCE, told.recv()).await?.ok_or("the replicas ended")?;
        if matches!(did, Moment::Reported(held) if held.version >= version) {
            reported += 1;
            last = at;
        }
    }
    Ok(last)
}

/// The sample with a pool of so many more computers.
fn topology(replicas: usize) -> Result<Topology, Failure> {
    let machines: String = (1..=replicas)
        .map(|n| format!(r#"<Machine OrdinalInCluster="{n}" Fqdn="bench-{n:04}.litwareinc.com" />"#))
        .collect();
    let cluster = format!(
        r#"<Cluster RequiresReplication="true" RequiresSetup="true" Fqdn="bench-pool.litwareinc.com">
        <ClusterId SiteId="1" Number="90" />{machines}</Cluster></Clusters>"#
    );
    debug_assert!(sample::LITWAREINC.contains(SITE));
    Ok(Topology::parse(&sample::LITWAREINC.replacen("</Clusters>", &cluster, 1))?)
}

/// Bytes of the documents that are added to the store.
const BYTES: u64 = 1 << 20;

/// A megabyte of documents of a kilobyte each; all of them policies.
fn fill(host: &Path) -> Result<(), Failure> {
    let store = SqliteStore::open(HostDirectory::open(host)?.store())?;
    let change = |n: u64| Change {
        id: DocumentId::new("VoicePolicy", &format!("Tag:Bench{n:04}"), ""),
        expected: Expected::Absent,
        body: Some(serde_json::json!({ "Description": text(n, 1000) })),
    };
    let changes: Vec<Change> = (0..BYTES / 1024).map(change).collect();
    store.commit(&Grant::system("bench"), &changes)?;
    Ok(())
}

/// Text that does not compress to nothing.
fn text(seed: u64, length: usize) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    let mut bytes = vec![0; length];
    hasher.finalize_xof().fill(&mut bytes);
    bytes.iter().map(|byte| char::from(b'a' + byte % 26)).collect()
}

fn serve(host: &Path) -> Result<(Server, String), Failure> {
    let mut process = Command::new(env!("CARGO_BIN_EXE_reeve"))
        .args(["serve", "--listen", "127.0.0.1:0", "--dir"])
        .arg(host)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .env_clear()
        .spawn()?;
    let stdout = process.stdout.take().ok_or("no output")?;
    let server = Server(process);
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line)?;
    let address = line.trim().rsplit(' ').next().ok_or("no address")?.to_string();
    Ok((server, address))
}

fn agent(
    computer: &str,
    path: &Path,
    active: &str,
    address: &str,
    tell: mpsc::UnboundedSender<Told>,
) -> Result<Agent, Failure> {
    let clock = Arc::new(SystemClock);
    let identity = Identity::load_folder(&path.join("tls"))?;
    let addresses = Addresses::fixed([(active.to_string(), address.to_string())]);
    let dialler = Dialler::new(identity, Arc::new(addresses), clock.clone())?;
    let deployment = HostDirectory::open(path)?.deployment().to_string();
    let active = active.to_string();
    let options = AgentOptions {
        deployment,
        computer: computer.to_string(),
        product: env!("CARGO_PKG_VERSION").to_string(),
        folder: path.join("replica"),
        dialler: Arc::new(dialler),
        clock,
        random: Arc::new(SystemRandom),
        active: Arc::new(move || Some(active.clone())),
        finder: Arc::new(NobodyElse),
        applied: Arc::new(|_| {}),
    };
    Ok(Agent::start_before(
        options,
        Arc::new(move |moment| {
            let _ = tell.send((moment, Instant::now()));
        }),
    )?)
}

/// What the administrator does.
enum Order {
    Change(usize),
    Force,
}

/// An administrator with a session on the master, on a thread of its own, as a script is.
fn operator(host: PathBuf, size: usize) -> (std::sync::mpsc::Sender<Order>, mpsc::Receiver<Instant>) {
    let (orders, taken) = std::sync::mpsc::channel::<Order>();
    let (ended, done) = mpsc::channel(16);
    std::thread::spawn(move || {
        let shell = cli::open(&options(host));
        let session = shell.session();
        for order in taken {
            let result = match order {
                Order::Change(round) => {
                    let description = Value::str(text(round as u64, size));
                    let identity = Value::str("Tag:Bench0000");
                    command(session, "Set-CsVoicePolicy", &[("Identity", identity), ("Description", description)])
                }
                Order::Force => command(session, "Invoke-CsManagementStoreReplication", &[]),
            };
            if let Err(error) = result {
                return eprintln!("fleet: {error}");
            }
            if ended.blocking_send(Instant::now()).is_err() {
                return;
            }
        }
    });
    (orders, done)
}

fn command(session: &Session, name: &str, arguments: &[(&str, Value)]) -> Result<(), String> {
    let named = |(name, value): &(&str, Value)| Argument::Named {
        name: (*name).into(),
        value: Some(value.clone()),
        span: Span::default(),
    };
    let arguments = arguments.iter().map(named).collect();
    let invocation = Invocation { name: name.into(), arguments, ..Invocation::default() };
    let stages = vec![Stage::Command(invocation)];
    pipeline::run(session, &NoBlocks, None, stages, &mut |_| Ok(())).map_err(|halt| format!("{halt:?}"))
}
