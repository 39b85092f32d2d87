//! Asking other computers about their places.

use crate::error::{Category, ErrorRecord};
use crate::failover::{PlaceAnswer, PlaceState};
use crate::host::node::Node;
use crate::net::http::Channel;
use crate::topology::Database;
use crate::value::same_name;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// How long a place may take to say how it is: who takes longer is as good as lost, and an administrator waits.
pub const PATIENCE: Duration = Duration::from_secs(2);
/// How long a place may take to carry out an order: a few commits on its disk.
pub const OBEYS: Duration = Duration::from_secs(10);

/// How long one that was just silent may take when it is asked again: a failover asks its places several times, and each
/// time an administrator and all who write wait. One that is back answers within it, and counts as silent no more.
const AT_ONCE: Duration = Duration::from_millis(100);
/// How long one that was silent is asked so briefly, before it gets all the time again: longer than places go without asking
/// each other, so that a failover finds known who is silent.
const REMEMBERED: Duration = Duration::from_secs(15);

/// Connections to other computers that are kept: places ask each other again and again. As many as there are computers
/// with a place of something at most.
#[derive(Default)]
pub struct Channels {
    kept: Mutex<HashMap<String, Arc<Channel>>>,
    /// Who was silent, and since when: of those that were asked, so no more than there are computers.
    silent: Mutex<HashMap<String, Instant>>,
}

impl Channels {
    fn kept(&self) -> MutexGuard<'_, HashMap<String, Arc<Channel>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn silent(&self) -> MutexGuard<'_, HashMap<String, Instant>> {
        self.silent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long a computer may take to answer: so long, and less where it was silent just now.
    fn patience(&self, computer: &str, within: Duration) -> Duration {
        let silent = self.silent().get(&computer.to_lowercase()).is_some_and(|at| at.elapsed() < REMEMBERED);
        if silent { within.min(AT_ONCE) } else { within }
    }

    /// Whether it answered, having had so long.
    fn answered(&self, computer: &str, answered: bool, had: Duration) {
        let mut silent = self.silent();
        match answered {
            true => drop(silent.remove(&computer.to_lowercase())),
            // Who was asked in haste is silent since it was asked with patience.
            false if had > AT_ONCE => drop(silent.insert(computer.to_lowercase(), Instant::now())),
            false => {}
        }
    }

    fn take(&self, computer: &str) -> Option<Arc<Channel>> {
        self.kept().get(&computer.to_lowercase()).filter(|channel| !channel.is_closed()).cloned()
    }

    fn keep(&self, computer: &str, channel: Arc<Channel>) {
        self.kept().insert(computer.to_lowercase(), channel);
    }

    fn forget(&self, computer: &str) {
        self.kept().remove(&computer.to_lowercase());
    }
}

/// A connection to a computer, for one conversation.
///
/// # Errors
/// Those of connecting.
pub async fn channel(node: &Node, computer: &str) -> Result<Channel, ErrorRecord> {
    Channel::over_tls(node.asking()?.http(computer).await?).await
}

/// Has a computer asked, whatever it is; `None` where it is silent. Who was silent just now gets less time than is given.
pub async fn within<T>(node: &Node, computer: &str, within: Duration, asking: impl Future<Output = T>) -> Option<T> {
    let patience = node.channels.patience(computer, within);
    let answer = tokio::time::timeout(patience, asking).await.ok();
    node.channels.answered(computer, answer.is_some(), patience);
    answer
}

/// Asks over the connection that is kept, or over a new one; `None` where the computer is silent. What is asked may be
/// asked twice: the connection that was kept may have been dead.
async fn asked<T, F: Future<Output = Result<T, ErrorRecord>>>(
    node: &Node,
    computer: &str,
    within: Duration,
    ask: impl Fn(Arc<Channel>) -> F,
) -> Option<Result<T, ErrorRecord>> {
    let asking = async {
        if let Some(channel) = node.channels.take(computer) {
            match ask(channel.clone()).await {
                // The connection is well: the answer is what it is.
                answer if answer.is_ok() || !channel.is_closed() => return answer,
                _ => node.channels.forget(computer),
            }
        }
        let channel = Arc::new(channel(node, computer).await?);
        let answer = ask(channel.clone()).await;
        node.channels.keep(computer, channel);
        answer
    };
    let answer = self::within(node, computer, within, asking).await;
    if answer.is_none() {
        node.channels.forget(computer);
    }
    answer
}

/// What a place says of itself; `None` where it is silent.
pub async fn heard(
    node: &Node,
    database: &Database,
    computer: &str,
    within: Duration,
) -> Option<Result<PlaceState, ErrorRecord>> {
    let path = format!("/v1/place/{database}");
    let path = &path;
    asked(node, computer, within, |channel| async move { channel.get::<PlaceState>(path).await }).await
}

/// What a place says of itself.
///
/// # Errors
/// Those of connecting, and what it answers; `HostUnreachable` where it is silent.
pub async fn place(
    node: &Node,
    database: &Database,
    computer: &str,
    within: Duration,
) -> Result<PlaceState, ErrorRecord> {
    heard(node, database, computer, within).await.unwrap_or_else(|| Err(silent(computer, within)))
}

/// What these places say of themselves, in the order of the names.
pub async fn places(
    node: &Arc<Node>,
    database: &Database,
    computers: Vec<String>,
    within: Duration,
) -> Vec<PlaceAnswer> {
    let mut asked = JoinSet::new();
    for (at, computer) in computers.iter().enumerate() {
        let (node, database, computer) = (node.clone(), database.clone(), computer.clone());
        asked.spawn(async move { (at, place(&node, &database, &computer, within).await) });
    }
    let mut answers: Vec<PlaceAnswer> = computers
        .iter()
        .map(|computer| PlaceAnswer { computer: computer.clone(), state: Err(silent(computer, within)) })
        .collect();
    while let Some(answer) = asked.join_next().await {
        if let Ok((at, state)) = answer
            && let Some(answer) = answers.get_mut(at)
        {
            answer.state = state;
        }
    }
    answers
}

/// Sends something to a computer, and takes what it answers.
///
/// # Errors
/// Those of connecting, and what it answers; `HostUnreachable` where it is silent.
pub async fn post<T: DeserializeOwned>(
    node: &Node,
    computer: &str,
    path: &str,
    what: &(impl Serialize + ?Sized + Sync),
    within: Duration,
) -> Result<T, ErrorRecord> {
    let answer = asked(node, computer, within, |channel| async move { channel.post::<T>(path, what).await }).await;
    answer.unwrap_or_else(|| Err(silent(computer, within)))
}

/// The other places of a database, as far as this computer knows.
pub fn others(node: &Node, database: &Database) -> Vec<String> {
    let places = node.known().map(|known| known.places_of(database)).unwrap_or_default();
    places.into_iter().filter(|name| !same_name(name, node.computer())).collect()
}

fn silent(computer: &str, within: Duration) -> ErrorRecord {
    let message = format!("{computer} did not answer within {} seconds.", within.as_secs());
    ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, message)
        .hint("See whether its server runs, and whether it can be reached from here.")
}
