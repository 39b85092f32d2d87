//! What a server answers over HTTP, and whom.

use super::calls::Calls;
use super::node::Node;
use super::renewal::{self, interrupted};
use super::{backup, join, metrics, place, users};
use crate::deployment::issue;
use crate::error::{Category, ErrorRecord};
use crate::net::http::{Answer, Caller, Method, Request, Service, StatusCode};
use crate::net::{Authority, PeerName, Pending};
use crate::value::same_name;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Largest request for a certificate, in bytes: it holds a few texts, and strangers send it.
const LARGEST_ASK: usize = 64 << 10;

/// Which computer is active, as this one knows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Where {
    /// The computer that answers.
    pub computer: String,
    /// The deployment.
    pub deployment: String,
    /// The active master.
    pub active: Option<String>,
    /// Where it listens.
    pub address: Option<String>,
    /// Its epoch; 0 where it is not known.
    pub epoch: u64,
    /// The computers that may hold the store.
    #[serde(default)]
    pub keepers: Vec<Keeper>,
}

/// A computer that may hold the store, as another one knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Keeper {
    /// The computer.
    pub computer: String,
    /// Where it listens, where that is known.
    pub address: Option<String>,
    /// It holds the active store.
    pub active: bool,
}

/// Through which door a request comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// TLS.
    Tls,
    /// The socket in the host directory.
    Local,
    /// The port for scrapers, on this computer.
    Monitor,
}

/// Answers requests that come through a door.
pub struct Routes {
    node: Arc<Node>,
    calls: Calls,
    door: Door,
}

impl Routes {
    /// Those of a node.
    pub fn new(node: Arc<Node>, calls: Calls, door: Door) -> Arc<Routes> {
        Arc::new(Routes { node, calls, door })
    }
}

impl Service for Routes {
    fn call(&self, request: Request) -> Pending<Answer> {
        let (node, calls, door) = (self.node.clone(), self.calls.clone(), self.door);
        Box::pin(async move {
            let known = door != Door::Tls || request.caller != Caller::Anonymous;
            match (&request.method, request.path.as_str()) {
                (&Method::GET, "/healthz") => health(node, known).await,
                (&Method::GET, "/metrics") if known => measured(node).await,
                (_, _) if door == Door::Monitor => missing(&request),
                // A newcomer has nothing but its token yet; what it learns here it could not use without one.
                (&Method::GET, "/v1/where") => Answer::json(&located(&node)),
                (&Method::POST, "/v1/join") => match request.body.json_within(LARGEST_ASK).await {
                    Ok(ask) => answer(join::admit(node, ask).await),
                    Err(error) => Answer::error(&error),
                },
                (&Method::POST, "/v1/certificate") => answer(renew(node, request).await),
                (&Method::GET, "/v1/probe") if known => Answer::json(&node.probe()),
                (method, path) if door == Door::Tls && place::routes::has(method, path) => {
                    place::routes::answer(node, request).await
                }
                (_, path) if door == Door::Tls && backup::has(path) => backup::answer(&node, request).await,
                (method, path) if door == Door::Tls && users::has(method, path) => users::answer(node, request).await,
                (_, path) if Calls::has(path) => calls.answer(request).await,
                (_, "/metrics" | "/v1/probe") => Answer::error(&unknown()),
                _ => missing(&request),
            }
        })
    }
}

fn answer<T: Serialize>(result: Result<T, ErrorRecord>) -> Answer {
    match result {
        Ok(value) => Answer::json(&value),
        Err(error) => {
            tracing::warn!(id = error.id(), "refused: {}", error.message());
            Answer::error(&error)
        }
    }
}

/// Everybody may know whether it is well; why not, whoever is known here.
async fn health(node: Arc<Node>, known: bool) -> Answer {
    // What it says of the replicas is compared with the store, and a disk may let wait.
    let health = match tokio::task::spawn_blocking(move || node.health()).await {
        Ok(health) => health,
        Err(error) => return Answer::error(&interrupted(&error)),
    };
    let status = if health.healthy { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body =
        if known { Answer::json(&health) } else { Answer::json(&serde_json::json!({ "Healthy": health.healthy })) };
    Answer { status, ..body }
}

async fn measured(node: Arc<Node>) -> Answer {
    let healthy = match tokio::task::spawn_blocking(move || node.health().healthy).await {
        Ok(healthy) => healthy,
        Err(error) => return Answer::error(&interrupted(&error)),
    };
    ::metrics::gauge!("reeve_healthy").set(if healthy { 1.0 } else { 0.0 });
    Answer::text(StatusCode::OK, metrics::render())
}

fn located(node: &Node) -> Where {
    let active = node.active();
    let is_active = |computer: &str| active.as_ref().is_some_and(|active| same_name(&active.computer, computer));
    let keeper = |computer: String| Keeper {
        address: node.addresses().of(&computer).ok(),
        active: is_active(&computer),
        computer,
    };
    Where {
        keepers: node.known().map(|known| known.keepers.clone()).unwrap_or_default().into_iter().map(keeper).collect(),
        computer: node.computer().to_string(),
        deployment: node.directory().deployment().to_string(),
        address: active.as_ref().and_then(|active| node.addresses().of(&active.computer).ok()),
        epoch: active.as_ref().map_or(0, |active| active.epoch),
        active: active.map(|active| active.computer),
    }
}

/// Another certificate for a computer that shows one.
async fn renew(node: Arc<Node>, request: Request) -> Result<renewal::Given, ErrorRecord> {
    let Caller::Peer(peer) = request.caller else { return Err(unknown()) };
    if !matches!(peer.name, PeerName::Computer(_)) {
        return Err(unknown());
    }
    node.check_active()?;
    let ask: renewal::Ask = request.body.json_within(LARGEST_ASK).await?;
    let renewed = tokio::task::spawn_blocking(move || {
        let authority = Authority::load(&node.directory().tls())?;
        let issued = issue::renew(node.deployment()?.store(), &authority, &peer, &ask.request, &**node.clock())?;
        tracing::info!(computer = %peer.name, serial = issued.serial, "certificate renewed for a computer");
        Ok(renewal::Given { certificate: issued.certificate })
    });
    renewed.await.map_err(|error| interrupted(&error))?
}

fn unknown() -> ErrorRecord {
    ErrorRecord::new("CertificateMissing", Category::PermissionDenied, "This needs a certificate of the deployment.")
}

fn missing(request: &Request) -> Answer {
    Answer::text(StatusCode::NOT_FOUND, format!("There is nothing at {} {}.\n", request.method, request.path))
}
