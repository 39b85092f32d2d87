//! What a computer answers others about its places of databases.
//!
//! ```text
//! GET  /v1/place/<database>           how the place is here
//! POST /v1/place/<database>           an order of the target of a failover: close, open again, follow
//! POST /v1/log/<database>             the log, for a place that follows
//! POST /v1/failover                   an administrator's order, to the computer that takes the database over
//! POST /v1/failover/heard             whoever gave it had the report
//! GET  /v1/replica/after?version=N    documents that this computer's replica has beyond a version
//! GET  /v1/replica/names?version=N    names of the others
//! POST /v1/authority                  the authority's key, for a new place of the store
//! ```

use super::control::{self, HEARD, Heard, Line, Ordered};
use super::keeper::{Question, keeper};
use super::orders::Travelling;
use super::{authority, removed, replicas, state};
use crate::error::{Category, ErrorRecord};
use crate::failover::PlaceState;
use crate::host::node::Node;
use crate::host::refusal;
use crate::host::renewal::interrupted;
use crate::net::http::{Answer, Body, Method, Request};
use crate::topology::Database;
use crate::value::same_name;
use std::sync::Arc;
use tokio::sync::mpsc;

/// What a replica has and did not change.
const NAMES: &str = "/v1/replica/names";
/// Largest order, in bytes: some names, and the parameters of a cmdlet.
const LARGEST_ORDER: usize = 1 << 20;
/// Steps of a failover that wait to be sent: it has a dozen.
const STEPS: usize = 64;

/// What a request asks, and of which database; `None` for what is not asked here.
fn question(method: &Method, path: &str) -> Option<(Question, Option<Database>)> {
    let of = |question, name: &str| Some((question, Some(Database::parse(name)?)));
    let store = Some(Database::CentralMgmt);
    if let Some(name) = path.strip_prefix("/v1/place/") {
        return match *method {
            Method::GET => of(Question::Place, name),
            Method::POST => of(Question::Order, name),
            _ => None,
        };
    }
    if let Some(name) = path.strip_prefix("/v1/log/") {
        return if *method == Method::POST { of(Question::Log, name) } else { None };
    }
    match (method, path) {
        // Its body says of which.
        (&Method::POST, "/v1/failover" | HEARD) => Some((Question::Failover, None)),
        (&Method::GET, "/v1/replica/after" | NAMES) => Some((Question::After, store)),
        (&Method::POST, "/v1/authority") => Some((Question::Authority, store)),
        _ => None,
    }
}

/// Whether a path is answered by [`answer`].
pub fn has(method: &Method, path: &str) -> bool {
    question(method, path).is_some()
}

/// Answers a request.
pub async fn answer(node: Arc<Node>, request: Request) -> Answer {
    refusal::answered(answered(node, request).await)
}

async fn answered(node: Arc<Node>, request: Request) -> Result<Answer, ErrorRecord> {
    let Some((question, database)) = question(&request.method, &request.path) else {
        let message = format!("There is nothing to {} at {}.", request.method, request.path);
        return Err(ErrorRecord::new("NotFound", Category::ObjectNotFound, message));
    };
    let known = node.known();
    let may = |database: &Database| keeper(question, &request.caller, database, known.as_deref());
    match (question, database) {
        (Question::Place, Some(database)) => {
            may(&database)?;
            Ok(Answer::json(&read(node, database).await?))
        }
        (Question::Order, Some(database)) => {
            let from = may(&database)?;
            let order: Travelling = request.body.json_within(LARGEST_ORDER).await?;
            if order.giver().is_some_and(|giver| !same_name(giver, &from)) {
                let message = format!("{from} gives an order that is another computer's to give.");
                return Err(ErrorRecord::new("NotKeeper", Category::PermissionDenied, message));
            }
            let place =
                node.places().and_then(|places| places.of(&database)).ok_or_else(|| no_place(&node, &database))?;
            place.order(order.into(), None).await?;
            Ok(Answer::json(&read(node, database).await?))
        }
        (Question::Log, Some(database)) => {
            let from = may(&database)?;
            let place =
                node.places().and_then(|places| places.of(&database)).ok_or_else(|| no_place(&node, &database))?;
            Ok(place.feeds().serve(&from, request).await)
        }
        (Question::After, _) => {
            may(&Database::CentralMgmt)?;
            let version = version(request.query.as_deref()).ok_or_else(|| {
                ErrorRecord::new("RequestInvalid", Category::InvalidArgument, "Which version? ?version=N.")
            })?;
            if request.path == NAMES {
                let read = tokio::task::spawn_blocking(move || removed::names(&node, version));
                return Ok(Answer::json(&read.await.map_err(|error| interrupted(&error))??));
            }
            let read = tokio::task::spawn_blocking(move || replicas::after(&node, version));
            Ok(Answer::json(&read.await.map_err(|error| interrupted(&error))??))
        }
        (Question::Authority, _) => {
            let from = may(&Database::CentralMgmt)?;
            let given = authority::give(node).await?;
            tracing::info!(computer = from, "a place of the store got the authority's key");
            Ok(Answer::json(&given))
        }
        // Of which database it is stands in the body; who has no place of any database learns nothing by sending one.
        (Question::Failover, _) => {
            let caller = request.caller.clone();
            if request.path == HEARD {
                let heard: Heard = request.body.json_within(LARGEST_ORDER).await?;
                let database = Database::parse(&heard.database).unwrap_or(Database::CentralMgmt);
                keeper(question, &caller, &database, known.as_deref())?;
                return control::heard_here(&node, heard).await.map(|()| Answer::json(&()));
            }
            let ordered: Ordered = request.body.json_within(LARGEST_ORDER).await?;
            let order = ordered.order()?;
            let from = keeper(question, &caller, &order.database, known.as_deref())?;
            tracing::info!(from, database = %order.database, by = order.entry.principal, "a failover is ordered");
            let (told, mut lines) = mpsc::channel::<Line>(STEPS);
            tokio::spawn(control::run_here(node, order, told));
            let (sender, body) = Body::lines();
            tokio::spawn(async move {
                while let Some(line) = lines.recv().await {
                    if sender.send(&line).await.is_err() {
                        // It goes on without anybody to tell.
                        return;
                    }
                }
                let _ = sender.finish().await;
            });
            Ok(Answer::lines(body))
        }
        (Question::Place | Question::Order | Question::Log, None) => Err(no_place(&node, &Database::CentralMgmt)),
    }
}

/// How the place is; whoever speaks of a newer epoch meanwhile is heard by the machine itself.
async fn read(node: Arc<Node>, database: Database) -> Result<PlaceState, ErrorRecord> {
    let read = tokio::task::spawn_blocking(move || state::state(&node, &database));
    read.await.map_err(|error| interrupted(&error))?
}

fn version(query: Option<&str>) -> Option<u64> {
    query?.split('&').find_map(|part| part.strip_prefix("version=")?.parse().ok())
}

fn no_place(node: &Node, database: &Database) -> ErrorRecord {
    let message = format!("{} keeps no place of {}, as far as it knows.", node.computer(), database.called());
    ErrorRecord::new("NoPlace", Category::ObjectNotFound, message)
        .hint("See whether its replica is up to date: it learns its places from the topology.")
}
