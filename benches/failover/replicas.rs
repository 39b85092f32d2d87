//! Replicas that share this process: each with a TLS connection, a certificate, a database and a listener of its own, on
//! which it tells what it holds.

use super::{ATLANTA, Failure, REDMOND};
use reeve::deployment::HostDirectory;
use reeve::deployment::lab::Lab;
use reeve::env::{SystemClock, SystemRandom};
use reeve::error::ErrorRecord;
use reeve::net::http::{Answer, Caller, Method, Request, Service, StatusCode, serve_connection};
use reeve::net::{Acceptance, Accepted, Addresses, Dialler, Handler, Identity, Listener, Peer, Pending, Refusal, tls};
use reeve::replication::driver::{self, Agent, AgentOptions, AskOthers};
use reeve::replication::replica::Status;
use reeve::topology::{Topology, sample};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::watch;

/// The site to which the replicas are added.
const SITE: &str = r#"<ClusterId SiteId="1" Number="1" />"#;
/// Begins their names.
const BEGINS: &str = "bench-";
/// Pools of the sample whose computers hold no replica here: they are not started.
const LEFT_OUT: [&str; 3] = ["atl-edge-001.litwareinc.com", "dub-pool.litwareinc.com", "lon-pool.litwareinc.com"];

/// The sample with a pool of so many more computers; of its own only the two places of the store hold replicas.
pub fn topology(count: usize) -> Result<Topology, Failure> {
    let machine = |n| format!(r#"<Machine OrdinalInCluster="{n}" Fqdn="{BEGINS}{n:04}.litwareinc.com" />"#);
    let machines: String = (1..=count).map(machine).collect();
    let cluster = format!(
        r#"<Cluster RequiresReplication="true" RequiresSetup="true" Fqdn="bench-pool.litwareinc.com">
        <ClusterId SiteId="1" Number="90" />{machines}</Cluster></Clusters>"#
    );
    debug_assert!(sample::LITWAREINC.contains(SITE));
    let mut text = sample::LITWAREINC.replacen("</Clusters>", &cluster, 1);
    for pool in LEFT_OUT {
        let of = |needs: bool| format!(r#"RequiresReplication="{needs}" RequiresSetup="true" Fqdn="{pool}""#);
        text = text.replace(&of(true), &of(false));
    }
    let topology = Topology::parse(&text)?;
    if topology.replicas().count() != count + 2 {
        return Err(format!("{} replicas instead of {}", topology.replicas().count(), count + 2).into());
    }
    Ok(topology)
}

/// A listener for each, so that the others can be told where it is before it starts.
pub async fn listeners(lab: &Lab) -> Result<Vec<(String, Listener)>, Failure> {
    let mut listeners = Vec::new();
    for (computer, _) in lab.hosts()?.into_iter().filter(|(computer, _)| computer.starts_with(BEGINS)) {
        listeners.push((computer, Listener::bind("127.0.0.1:0").await?));
    }
    Ok(listeners)
}

/// The replicas, running.
pub struct Replicas {
    agents: Vec<Agent>,
    stop: watch::Sender<bool>,
}

impl Replicas {
    /// Starts them.
    pub async fn start(lab: &Lab, listeners: Vec<(String, Listener)>) -> Result<Replicas, Failure> {
        let (stop, stopped) = watch::channel(false);
        let addresses = Arc::new(Addresses::fixed(lab.addresses()?));
        let mut agents = Vec::new();
        for (computer, listener) in listeners {
            let path = lab.directory.join("hosts").join(&computer);
            let identity = Identity::load_folder(&path.join("tls"))?;
            let agent = agent(&computer, &path, identity.clone(), addresses.clone())?;
            let door = Door { tells: Arc::new(Tells { computer, status: agent.watch() }), stop: stopped.clone() };
            let config = tls::server(identity, Arc::new(Everybody), Arc::new(SystemClock))?;
            tokio::spawn(listener.serve(config, Arc::new(door), stopped.clone()));
            agents.push(agent);
        }
        Ok(Replicas { agents, stop })
    }

    /// Ends them.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        for agent in self.agents {
            agent.stop().await;
        }
    }
}

fn agent(computer: &str, path: &Path, identity: Arc<Identity>, addresses: Arc<Addresses>) -> Result<Agent, Failure> {
    let clock = Arc::new(SystemClock);
    let dialler = Arc::new(Dialler::new(identity, addresses, clock.clone())?);
    let places = || vec![ATLANTA.to_string(), REDMOND.to_string()];
    Ok(Agent::start(AgentOptions {
        deployment: HostDirectory::open(path)?.deployment().to_string(),
        computer: computer.to_string(),
        product: env!("CARGO_PKG_VERSION").to_string(),
        folder: path.join("replica"),
        dialler: dialler.clone(),
        clock,
        random: Arc::new(SystemRandom),
        // Whom it takes for the active one at first; then it asks.
        active: Arc::new(|| Some(ATLANTA.to_string())),
        finder: Arc::new(AskOthers::new(dialler, Arc::new(places))),
        applied: Arc::new(|_| {}),
    })?)
}

/// Whoever the authority vouches for is let in.
struct Everybody;

impl Acceptance for Everybody {
    fn check(&self, _: &Peer) -> Result<(), Refusal> {
        Ok(())
    }
}

/// What a replica's computer tells.
struct Tells {
    computer: String,
    status: watch::Receiver<Status>,
}

impl Service for Tells {
    fn call(&self, request: Request) -> Pending<Answer> {
        let status = self.status.borrow().clone();
        let probe = driver::Answer {
            computer: self.computer.clone(),
            product: env!("CARGO_PKG_VERSION").to_string(),
            connected: status.connected,
            master: status.master.as_deref().map(str::to_owned),
            version_held: status.held.map(|held| held.version),
            epoch: status.held.map(|held| held.epoch),
            highest_epoch: status.highest_epoch,
            last_error: status.error.map(|(id, message)| format!("{id}: {message}")),
            ..driver::Answer::default()
        };
        Box::pin(async move {
            match (&request.method, request.path.as_str()) {
                (&Method::GET, "/v1/probe") => Answer::json(&probe),
                // Nothing is lost in a drill of time: what it has the next master has.
                (&Method::GET, "/v1/replica/after") => Answer::json(&serde_json::json!([])),
                _ => Answer::text(StatusCode::NOT_FOUND, "There is nothing here.".to_string()),
            }
        })
    }
}

struct Door {
    tells: Arc<Tells>,
    stop: watch::Receiver<bool>,
}

impl Handler for Door {
    fn accepted(&self, accepted: Accepted) -> Pending<()> {
        let (tells, stop) = (self.tells.clone(), self.stop.clone());
        let caller = accepted.peer.map_or(Caller::Anonymous, Caller::Peer);
        Box::pin(serve_connection(accepted.stream, caller, accepted.ends, tells, stop))
    }

    fn refused(&self, _: SocketAddr, _: ErrorRecord) {}
}
