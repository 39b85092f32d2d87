//! What the backup service answers: files to who keeps them, status and orders to the keepers of the store.

use super::{files, status};
use crate::backup::service::{Key, Phase, Ticket};
use crate::backup::{Extent, Module, ModuleStatus, SyncProgress, SyncReport};
use crate::error::{Category, ErrorRecord};
use crate::host::known::{HEARS_WITHIN, LOOKS_EVERY};
use crate::host::node::Node;
use crate::host::refusal;
use crate::net::PeerName;
use crate::net::http::{Answer, Body, Caller, LineSender, Method, Request, fault};
use crate::value::same_name;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// How often a line goes out though nothing is new: so that who waits knows that somebody works.
const HEARTBEAT: Duration = Duration::from_secs(2);

/// A line of the answer to an order.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) enum Line {
    /// How far it is.
    Progress(SyncProgress),
    /// It is done.
    Report(SyncReport),
    /// It failed: an error record as answers carry them.
    Error(serde_json::Value),
}

/// What a computer says of a pool's modules.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Statuses {
    /// Those that it takes.
    pub modules: Vec<ModuleStatus>,
}

/// Whether a path is answered here.
pub fn has(path: &str) -> bool {
    path.starts_with("/v1/files/") || path.starts_with("/v1/backup/")
}

/// Answers a request.
pub async fn answer(node: &Arc<Node>, request: Request) -> Answer {
    refusal::answered(answered(node, request).await)
}

async fn answered(node: &Arc<Node>, request: Request) -> Result<Answer, ErrorRecord> {
    let running = node.backup().ok_or_else(not_ready)?;
    let path = request.path.clone();
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    match (&request.method, parts.as_slice()) {
        (&Method::POST, ["v1", "files", pool]) => files::give(&running, (*pool).to_string(), request).await,
        (&Method::GET, ["v1", "backup", pool]) => {
            keeper(node, &request.caller)?;
            let modules = status::of(&running, pool).await;
            Ok(Answer::json(&Statuses { modules }))
        }
        (&Method::POST, ["v1", "backup", pool, module]) => {
            let by = keeper(node, &request.caller)?;
            let named = Module::named(module)?;
            let [module] = named.as_slice() else { return Err(missing(&request)) };
            let how = request.query.as_deref();
            let (extent, failover) = (Extent::asked(how), how == Some("failover"));
            tracing::info!(pool, module = module.name(), ?extent, failover, by, "synchronisation asked for");
            let key = Key::new(pool, *module);
            let begun = tokio::time::Instant::now();
            let ticket = loop {
                match running.driver.ask(&key, extent, failover) {
                    // Whoever asks may know already that a failover is over, or under way, of which this computer hears
                    // in a moment.
                    Err(error)
                        if matches!(error.id(), "FailoverUnderway" | "BackupNotReady")
                            && begun.elapsed() < HEARS_WITHIN =>
                    {
                        tokio::time::sleep(LOOKS_EVERY).await;
                    }
                    other => break other?,
                }
            };
            Ok(order(ticket))
        }
        _ => Err(missing(&request)),
    }
}

/// Begins what was asked for, and tells how far it is until it is over. Who goes away ends it, if nobody else waits.
fn order(mut ticket: Ticket) -> Answer {
    let (to, body) = Body::lines();
    tokio::spawn(async move {
        let telling = async {
            loop {
                let line = match ticket.phase() {
                    Phase::Waiting => {
                        Line::Progress(SyncProgress { what: "Waiting for its turn".into(), percent: None })
                    }
                    Phase::Running(progress) => Line::Progress(progress),
                    Phase::Done(done) => return tell_end(to, done).await,
                };
                if to.send(&line).await.is_err() {
                    return;
                }
                let changed = tokio::select! {
                    changed = ticket.changed() => changed,
                    () = tokio::time::sleep(HEARTBEAT) => Ok(()),
                    () = to.closed() => return,
                };
                if let Err(error) = changed {
                    return tell_end(to, Err(error)).await;
                }
            }
        };
        telling.await;
    });
    Answer::lines(body)
}

async fn tell_end(to: LineSender, done: Result<SyncReport, ErrorRecord>) {
    let line = match done {
        Ok(report) => Line::Report(report),
        Err(error) => Line::Error(serde_json::from_slice(&fault::to_json(&error)).unwrap_or_default()),
    };
    if to.send(&line).await.is_ok() {
        // It may have gone; then there is nobody to tell.
        let _ = to.finish().await;
    }
}

/// The computer that asks.
///
/// # Errors
/// `ComputerCertificateRequired`.
pub(super) fn computer(caller: &Caller) -> Result<String, ErrorRecord> {
    match caller {
        Caller::Peer(peer) => match &peer.name {
            PeerName::Computer(name) => Ok(name.clone()),
            PeerName::Person(_) => Err(no_computer()),
        },
        Caller::Local { .. } | Caller::Anonymous => Err(no_computer()),
    }
}

/// The keeper of the store that asks: it decides on cmdlets, and has asked whether the person may.
fn keeper(node: &Node, caller: &Caller) -> Result<String, ErrorRecord> {
    let name = computer(caller)?;
    let known = node.known().ok_or_else(not_ready)?;
    if known.keepers.iter().any(|keeper| same_name(keeper, &name)) {
        return Ok(name);
    }
    let message = format!("{name} is no place of the Central Management store, as far as is known here.");
    Err(ErrorRecord::new("NotKeeper", Category::PermissionDenied, message)
        .hint("Only the Central Management server orders a synchronisation: Invoke-CsBackupServiceSync."))
}

fn no_computer() -> ErrorRecord {
    let message = "Only a computer of the deployment may ask this, by its certificate.";
    ErrorRecord::new("ComputerCertificateRequired", Category::PermissionDenied, message)
        .hint("Invoke-CsBackupServiceSync and Get-CsBackupServiceStatus ask it for you.")
}

/// This computer knows nothing yet.
pub(super) fn not_ready() -> ErrorRecord {
    let message = "This computer does not know the topology yet.";
    ErrorRecord::new("NotReady", Category::ResourceUnavailable, message).hint("Try again in a moment.")
}

fn missing(request: &Request) -> ErrorRecord {
    let message = format!("There is nothing to {} at {}.", request.method, request.path);
    ErrorRecord::new("NotFound", Category::ObjectNotFound, message)
}
