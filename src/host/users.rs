//! Users' documents over the network: `POST /v1/users/<pool>`, answered where the pool's user store is active, asked by
//! the Central Management server for somebody who may.

use super::known::{HEARS_WITHIN, Known, LOOKS_EVERY};
use super::node::Node;
use super::place::ask;
use super::refusal;
use super::view::with_store;
use crate::audit::{Decision, Entry};
use crate::backup::log::WAITS_AT_MOST;
use crate::config::Reader;
use crate::error::{Category, ErrorRecord};
use crate::failover::active_computer;
use crate::net::PeerName;
use crate::net::http::{Answer, Body, Caller, LineSender, Lines, Method, Request, fault};
use crate::pools::{self, Control, DocumentChange, Order, PoolState, Query, UserDocument};
use crate::store::{Grant, SqliteStore, Store};
use crate::topology::{self, Database};
use crate::value::same_name;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;

/// Where it is asked.
const PATH: &str = "/v1/users/";
/// Largest question, in bytes: some changes, each of a document that is bounded.
const LARGEST_ASK: usize = 4 << 20;

/// How long a change may take: the pool's state may have to be heard of first, then it waits for the user store's mirror;
/// and the disk.
const CHANGES: Duration = HEARS_WITHIN.saturating_add(WAITS_AT_MOST).saturating_add(Duration::from_secs(5));

/// What is asked.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
enum Ask {
    /// Documents.
    Documents(Query),
    /// Changes of documents, all or none, with the leave of who gave the order.
    Change {
        /// The changes.
        changes: Vec<DocumentChange>,
        /// Whose leave.
        entry: Entry,
    },
}

/// What is answered, line by line; the last one is no document.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
enum Line {
    /// A document.
    Document(UserDocument),
    /// All was said, or done; the version of the user store.
    Done(u64),
    /// It failed.
    Error(Json),
}

/// Whether a path is answered by [`answer`].
pub fn has(method: &Method, path: &str) -> bool {
    *method == Method::POST && path.strip_prefix(PATH).is_some_and(|pool| !pool.is_empty())
}

/// Answers a request.
pub async fn answer(node: Arc<Node>, request: Request) -> Answer {
    refusal::answered(answered(node, request).await)
}

async fn answered(node: Arc<Node>, request: Request) -> Result<Answer, ErrorRecord> {
    let pool = request.path.strip_prefix(PATH).unwrap_or_default().to_string();
    let from = keeper(&request.caller, node.known().as_deref())?;
    let ask: Ask = request.body.json_within(LARGEST_ASK).await?;
    let (sender, body) = Body::lines();
    tokio::task::spawn_blocking(move || {
        let done = match ask {
            Ask::Documents(query) => tell(&node, &pool, &query, &sender),
            Ask::Change { changes, entry } => {
                tracing::info!(from, pool, by = entry.principal, "documents of users change");
                change(&node, &pool, &Order { changes, entry })
            }
        };
        let last = match done {
            Ok(version) => Line::Done(version),
            Err(error) => Line::Error(serde_json::from_slice(&fault::to_json(&error)).unwrap_or_default()),
        };
        // Who is gone needs no last word.
        if sender.send_blocking(&last).is_ok() {
            let _ = sender.finish_blocking();
        }
    });
    Ok(Answer::lines(body))
}

/// The computer that asks: one that decides for the deployment.
fn keeper(caller: &Caller, known: Option<&Known>) -> Result<String, ErrorRecord> {
    let Caller::Peer(peer) = caller else { return Err(no_computer()) };
    let PeerName::Computer(computer) = &peer.name else { return Err(no_computer()) };
    let known = known.ok_or_else(|| {
        let message = "This computer does not know the topology yet.";
        ErrorRecord::new("NotReady", Category::ResourceUnavailable, message).hint("Try again in a moment.")
    })?;
    if known.keepers.iter().any(|keeper| same_name(keeper, computer)) {
        return Ok(computer.clone());
    }
    let message = format!(
        "{computer} has no place of the Central Management store, as far as is known here, so decides on nobody."
    );
    Err(ErrorRecord::new("NotKeeper", Category::PermissionDenied, message)
        .hint("Get-CsService -CentralManagement names the places; see whether this replica is up to date."))
}

fn no_computer() -> ErrorRecord {
    let message = "Only a computer that keeps the Central Management store may ask this, by its certificate.";
    ErrorRecord::new("ComputerCertificateRequired", Category::PermissionDenied, message)
}

/// The user store of a pool where it is active: here.
fn open(node: &Node, pool: &str) -> Result<SqliteStore, ErrorRecord> {
    let database = Database::users(pool);
    let place = node.places().and_then(|places| places.of(&database));
    if let Some(place) = place
        && place.serves()
    {
        return place.open();
    }
    if let Some(error) = node.closed(&database, "StoreNotActive") {
        return Err(error.target(pool));
    }
    let message = format!("The user store of {pool} is not active on {}.", node.computer());
    let error = ErrorRecord::new("StoreNotActive", Category::ResourceUnavailable, message).target(pool);
    let active = node.known().and_then(|known| known.active_of(&database).map(str::to_string));
    Err(match active {
        Some(active) if same_name(&active, node.computer()) => error
            .hint("It has just been started, or asks the other places of the user store first: try again in a moment.")
            .hint("Get-CsBackupServiceStatus and the health of this computer say what keeps it."),
        Some(active) => error.hint(format!("As far as is known here it is active on {active}.")),
        None => error.hint("Get-CsService -UserDatabase names the places of user stores."),
    })
}

/// Sends documents; gives the version of the user store.
fn tell(node: &Node, pool: &str, query: &Query, to: &LineSender) -> Result<u64, ErrorRecord> {
    let store = open(node, pool)?;
    pools::list(&store, query, &mut |document| to.send_blocking(&Line::Document(document)).map(|()| true))?;
    store.version()
}

/// Makes changes, as far as the pool's state lets them.
fn change(node: &Node, pool: &str, order: &Order) -> Result<u64, ErrorRecord> {
    if order.entry.decision != Decision::Allowed {
        let message = "The order says itself that it was not allowed.";
        return Err(ErrorRecord::new("RequestInvalid", Category::InvalidArgument, message));
    }
    let begun = Instant::now();
    let state = loop {
        let state = with_store(node, |store| {
            let (topology, _) = topology::load(store)?;
            PoolState::of(&Reader { store, topology: &topology }, pool)
        })?;
        let state = state.filter(|state| state.is_resiliency());
        if state.is_none() || begun.elapsed() >= HEARS_WITHIN {
            break state;
        }
        std::thread::sleep(LOOKS_EVERY);
    };
    if let Some(state) = state {
        let message = format!("The pool {pool} is {}: nothing that lasts can be changed.", state.name());
        return Err(ErrorRecord::new("PoolReadOnly", Category::ResourceUnavailable, message)
            .target(pool)
            .hint("Wait until the failover is over, or finish it by running it again."));
    }
    let store = open(node, pool)?;
    pools::change(&store, &Grant::relayed(order.entry.clone()), &order.changes)
}

/// The user stores of pools, as a server reaches them.
pub struct Users {
    node: Weak<Node>,
    runtime: Handle,
}

impl Users {
    /// Of a node whose connections run on this runtime.
    pub fn new(node: &Arc<Node>, runtime: Handle) -> Users {
        Users { node: Arc::downgrade(node), runtime }
    }

    fn node(&self) -> Result<Arc<Node>, ErrorRecord> {
        self.node.upgrade().ok_or_else(|| {
            ErrorRecord::new("ServerStopping", Category::ResourceUnavailable, "The server is being stopped.")
        })
    }

    /// Does something at the computer that serves a pool's users: where the configuration says, and where that one does
    /// not serve them, where they are served: it may not have been written down yet.
    fn where_served<T>(
        &self,
        node: &Arc<Node>,
        pool: &str,
        act: &mut dyn FnMut(&str) -> Result<T, ErrorRecord>,
    ) -> Result<T, ErrorRecord> {
        let keeper = keeper_of(node, pool)?;
        let refused = match act(&keeper) {
            // Refused before anything was said or done.
            Err(error) if error.id() == "StoreNotActive" => error,
            other => return other,
        };
        let database = Database::users(pool);
        let others = node.known().map(|known| known.places_of(&database)).unwrap_or_default();
        let others = others.into_iter().filter(|name| !same_name(name, &keeper)).collect();
        let answers = self.runtime.block_on(ask::places(node, &database, others, ask::PATIENCE));
        let serving = answers.into_iter().filter_map(|answer| answer.state.ok()).filter(|state| state.serves);
        match serving.max_by_key(|state| state.position.epoch) {
            Some(state) => act(&state.computer),
            None => Err(refused),
        }
    }

    /// Asks another computer; the lines of its answer.
    fn ask(&self, node: &Node, computer: &str, pool: &str, what: &Ask) -> Result<Lines, Unsaid> {
        let body = serde_json::to_vec(what).map_err(|error| {
            ErrorRecord::new("RequestInvalid", Category::InvalidArgument, format!("It cannot be written: {error}."))
        })?;
        if body.len() > LARGEST_ASK {
            let message = format!("The changes have {} bytes, and {LARGEST_ASK} can be made at once.", body.len());
            return Err(ErrorRecord::new("RequestInvalid", Category::LimitsExceeded, message).into());
        }
        let within = ask::OBEYS;
        let late = |_| silent(computer, within);
        self.runtime.block_on(async {
            let channel = tokio::time::timeout(within, ask::channel(node, computer)).await.map_err(late)??;
            let path = format!("{PATH}{pool}");
            let asking = channel.request(Method::POST, &path, Body::whole(body));
            let answer = tokio::time::timeout(within, asking).await.map_err(late).flatten().map_err(Unsaid::Heard)?;
            Ok(tokio::time::timeout(within, answer.accepted()).await.map_err(late).flatten()?)
        })
    }

    fn next(&self, computer: &str, lines: &mut Lines, within: Duration) -> Result<Line, Unsaid> {
        self.runtime.block_on(next(computer, lines, within))
    }
}

/// The next line of an answer.
async fn next(computer: &str, lines: &mut Lines, within: Duration) -> Result<Line, Unsaid> {
    let late = || silent(computer, within);
    let line = tokio::time::timeout(within, lines.next_value::<Line>()).await.map_err(|_| late()).flatten();
    match line.map_err(Unsaid::Heard)? {
        Some(Line::Error(error)) => {
            let refused = fault::from_json(error.to_string().as_bytes());
            Err(refused.map_or_else(|| Unsaid::Heard(late()), Unsaid::Not))
        }
        Some(line) => Ok(line),
        None => Err(Unsaid::Heard(late())),
    }
}

/// Why nothing was said.
#[derive(Debug)]
enum Unsaid {
    /// It was not heard, or was refused.
    Not(ErrorRecord),
    /// It may have been heard, and done.
    Heard(ErrorRecord),
}

impl From<ErrorRecord> for Unsaid {
    fn from(error: ErrorRecord) -> Unsaid {
        Unsaid::Not(error)
    }
}

impl From<Unsaid> for ErrorRecord {
    fn from(unsaid: Unsaid) -> ErrorRecord {
        match unsaid {
            Unsaid::Not(error) | Unsaid::Heard(error) => error,
        }
    }
}

impl Unsaid {
    /// Of a change: that it may have been made is said.
    fn of_change(self) -> ErrorRecord {
        match self {
            Unsaid::Not(error) => error,
            Unsaid::Heard(error) => {
                let message = format!("The change may have been made, and may not: {}", error.message());
                let known = ErrorRecord::new(error.id().to_owned(), error.category(), message)
                    .hint("See what is there (Get-CsUserDocument) before it is made again.");
                error.hints().iter().cloned().fold(known, ErrorRecord::hint)
            }
        }
    }
}

/// The computer at which a pool's user store is active, as the configuration says now.
fn keeper_of(node: &Node, pool: &str) -> Result<String, ErrorRecord> {
    let database = Database::users(pool);
    let found = with_store(node, |store| {
        let (topology, _) = topology::load(store)?;
        topology.require_database(&database)?;
        active_computer(store, &topology, &database)
    })?;
    found.flatten().ok_or_else(|| {
        let message = format!("{} does not know where the users of {pool} are kept.", node.computer());
        ErrorRecord::new("NotReady", Category::ResourceUnavailable, message).target(pool)
    })
}

fn silent(computer: &str, within: Duration) -> ErrorRecord {
    let message = format!("{computer}, which keeps the users, did not answer within {} seconds.", within.as_secs());
    ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, message)
        .hint("See whether its server runs, and whether it can be reached from here.")
        .hint("A pool that is lost is failed over with Invoke-CsPoolFailOver -DisasterMode.")
}

impl Control for Users {
    fn documents(
        &self,
        pool: &str,
        query: &Query,
        each: &mut dyn FnMut(UserDocument) -> Result<bool, ErrorRecord>,
    ) -> Result<(), ErrorRecord> {
        let node = self.node()?;
        self.where_served(&node, pool, &mut |keeper| {
            if same_name(keeper, node.computer()) {
                return pools::list(&open(&node, pool)?, query, each);
            }
            let mut lines = self.ask(&node, keeper, pool, &Ask::Documents(query.clone()))?;
            loop {
                match self.next(keeper, &mut lines, ask::OBEYS)? {
                    Line::Document(document) => {
                        if !each(document)? {
                            return Ok(());
                        }
                    }
                    _ => return Ok(()),
                }
            }
        })
    }

    fn change(&self, pool: &str, order: &Order) -> Result<u64, ErrorRecord> {
        let node = self.node()?;
        self.where_served(&node, pool, &mut |keeper| {
            if same_name(keeper, node.computer()) {
                return change(&node, pool, order);
            }
            let ask = Ask::Change { changes: order.changes.clone(), entry: order.entry.clone() };
            let answer = self.ask(&node, keeper, pool, &ask);
            match answer.and_then(|mut lines| self.next(keeper, &mut lines, CHANGES)).map_err(Unsaid::of_change)? {
                Line::Done(version) => Ok(version),
                _ => Err(Unsaid::Heard(silent(keeper, CHANGES)).of_change()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Pending;
    use crate::net::fault::Ends;
    use crate::net::http::{Channel, Service, serve_connection};
    use std::sync::Mutex;
    use tokio::sync::watch;

    /// Answers with what it was given, and then says nothing until it is dropped.
    struct Says(Arc<Mutex<Vec<LineSender>>>, Option<Line>);

    impl Service for Says {
        fn call(&self, _request: Request) -> Pending<Answer> {
            let (sender, body) = Body::lines();
            let line = self.1.as_ref().map(|line| serde_json::to_value(line).unwrap());
            let held = self.0.clone();
            Box::pin(async move {
                if let Some(line) = line {
                    sender.send(&line).await.unwrap();
                }
                held.lock().unwrap().push(sender);
                Answer::lines(body)
            })
        }
    }

    /// Rule: of a change that nobody answers it is said that it may have been made; of one that was refused it is not. A
    /// change is waited for longer than the store may wait for its mirror.
    #[tokio::test]
    async fn a_change_may_have_been_made() {
        let refusal = ErrorRecord::new("PoolReadOnly", Category::ResourceUnavailable, "Not now.");
        let refused = Line::Error(serde_json::from_slice(&fault::to_json(&refusal)).unwrap());
        for (line, id, may) in [(None, "HostUnreachable", true), (Some(refused), "PoolReadOnly", false)] {
            let (near, far) = tokio::io::duplex(64 << 10);
            let (_runs, stop) = watch::channel(false);
            let says = Arc::new(Says(Arc::default(), line));
            let caller = Caller::Local { uid: 0, gid: 0 };
            tokio::spawn(serve_connection(far, caller, Ends::with("a server"), says, stop));
            let channel = Channel::over(near, Ends::with("a keeper"), None).await.unwrap();
            let answer = channel.request(Method::POST, "/v1/users/p", Body::empty()).await.unwrap();
            let mut lines = answer.accepted().await.unwrap();
            // Whoever is silent is so for ever; whoever answers has all the time.
            let within = if may { Duration::from_millis(20) } else { CHANGES };
            let error = next("a keeper", &mut lines, within).await.err().unwrap().of_change();
            assert_eq!(error.id(), id);
            assert_eq!(error.hints().iter().any(|hint| hint.contains("Get-CsUserDocument")), may, "{error:?}");
        }
        assert!(CHANGES > HEARS_WITHIN + WAITS_AT_MOST);
    }
}
