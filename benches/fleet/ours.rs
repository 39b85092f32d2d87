//! A `reeve serve` process that is the master, and replicas that share this process: each with a TLS connection, a
//! certificate and a database of its own.

use super::figures::{Figures, computed_millis, idle, settled_kib};
use super::{Failure, REST};
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

/// Policies of a kilobyte that the store is given: a megabyte.
const POLICIES: u64 = 1024;
/// Documents that are written in one change where the store is filled.
const AT_ONCE: usize = 20_000;

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
        max_depth: None,
        max_output: None,
    }
}

/// Makes `rounds` changes of `size` bytes before so many replicas of a store of so many documents (of a kilobyte each),
/// then forces `snapshots` snapshots.
pub async fn run(
    replicas: usize,
    rounds: usize,
    size: usize,
    snapshots: usize,
    documents: usize,
) -> Result<Figures, Failure> {
    let folder = tempfile::tempdir()?;
    let lab = lab::create_of(&folder.path().join("lab"), Some(topology(replicas)?))?;
    fill(&lab.host, documents as u64)?;
    let (server, address) = serve(&lab.host)?;
    let pid = server.0.id();
    let active = lab.host.file_name().ok_or("no host")?.to_string_lossy().into_owned();
    let (commands, mut done) = operator(lab.host.clone(), size);
    let mut figures = Figures::default();
    let before = settled_kib(pid).await;
    let (tell, mut told) = mpsc::unbounded_channel::<Told>();
    let mut agents = Vec::with_capacity(replicas);
    let hosts = lab.hosts()?;
    let start = Instant::now();
    for (computer, path) in hosts.iter().filter(|(computer, _)| computer.starts_with("bench-")) {
        agents.push(agent(computer, path, &active, &address, tell.clone())?);
    }
    let last = reports(&mut told, replicas, 0).await?;
    figures.time("first", last.duration_since(start));
    figures.number("memory_each", (settled_kib(pid).await - before) / replicas.max(1) as f64);
    idle(pid).await;
    let mut version = agents.first().and_then(|agent| agent.status().held).map_or(0, |held| held.version);
    let mut computed = (0.0, 0.0);
    for round in 0..=rounds {
        version += 1;
        let start = Instant::now();
        commands.send(Order::Change(round))?;
        let mut of_round = through(&mut told, replicas, version, start).await?;
        let ended = done.recv().await.ok_or("the operator ended")?;
        of_round.time("acknowledged", ended.duration_since(start));
        tokio::time::sleep(REST).await;
        if round == 0 {
            computed = (computed_millis(pid), computed_millis(std::process::id()));
        } else {
            figures.merge(of_round);
        }
    }
    let each = |from: f64, to: f64| (to - from) / rounds.max(1) as f64;
    figures.number("server_computed", each(computed.0, computed_millis(pid)));
    figures.number("replicas_computed", each(computed.1, computed_millis(std::process::id())));
    for _ in 0..snapshots {
        let start = Instant::now();
        let computed = computed_millis(pid) + computed_millis(std::process::id());
        commands.send(Order::Force)?;
        let last = reports(&mut told, replicas, version).await?;
        figures.time("snapshot", last.duration_since(start));
        let all = computed_millis(pid) + computed_millis(std::process::id()) - computed;
        figures.number("snapshot_computed", all);
        done.recv().await.ok_or("the operator ended")?;
    }
    figures.number("memory_after", (settled_kib(pid).await - before) / replicas.max(1) as f64);
    for agent in agents {
        agent.stop().await;
    }
    Ok(figures)
}

/// Waits until so many replicas have been told of a version, and have reported it.
async fn through(
    told: &mut mpsc::UnboundedReceiver<Told>,
    replicas: usize,
    version: u64,
    start: Instant,
) -> Result<Figures, Failure> {
    let mut figures = Figures::default();
    let (mut received, mut reported) = (0, 0);
    while received < replicas || reported < replicas {
        let (did, at) = tokio::time::timeout(PATIENCE, told.recv()).await?.ok_or("the replicas ended")?;
        match did {
            Moment::Announced(package) if package.to >= version => {
                received += 1;
                figures.time("delivered", at.duration_since(start));
            }
            Moment::Reported(held) if held.version >= version => {
                reported += 1;
                figures.time("reported", at.duration_since(start));
            }
            _ => {}
        }
    }
    Ok(figures)
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

/// Documents of a kilobyte each: as many policies as make a megabyte, and beyond them resources that no cmdlet of the
/// run reads, a hundred bytes each.
fn fill(host: &Path, documents: u64) -> Result<(), Failure> {
    let store = SqliteStore::open(HostDirectory::open(host)?.store())?;
    let grant = Grant::system("bench");
    let change = |n: u64| {
        let (kind, length) = if n < POLICIES { ("VoicePolicy", 1000) } else { ("Resource", 100) };
        Change {
            id: DocumentId::new(kind, &format!("Tag:Bench{n:04}"), ""),
            expected: Expected::Absent,
            body: Some(serde_json::json!({ "Description": text(n, length) })),
        }
    };
    for from in (0..documents).step_by(AT_ONCE) {
        let until = documents.min(from + AT_ONCE as u64);
        let changes: Vec<Change> = (from..until).map(change).collect();
        store.commit(&grant, &changes)?;
    }
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
        .args(["serve", "--with-parent", "--listen", "127.0.0.1:0", "--dir"])
        .arg(host)
        .stdin(Stdio::piped())
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
