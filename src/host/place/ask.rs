//! Asking other computers about their places.

use crate::error::{Category, ErrorRecord};
use crate::failover::{PlaceAnswer, PlaceState};
use crate::host::node::Node;
use crate::net::http::Channel;
use crate::topology::Database;
use crate::value::same_name;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// How long a place may take to say how it is: who takes longer is as good as lost, and an administrator waits.
pub const PATIENCE: Duration = Duration::from_secs(2);
/// How long a place may take to carry out an order: a few commits on its disk.
pub const OBEYS: Duration = Duration::from_secs(10);

/// A connection to a computer.
///
/// # Errors
/// Those of connecting.
pub async fn channel(node: &Node, computer: &str) -> Result<Channel, ErrorRecord> {
    Channel::over_tls(node.asking()?.http(computer).await?).await
}

/// What a place says of itself; `None` where it is silent.
pub async fn heard(
    node: &Node,
    database: &Database,
    computer: &str,
    within: Duration,
) -> Option<Result<PlaceState, ErrorRecord>> {
    let path = format!("/v1/place/{database}");
    let asked = async { channel(node, computer).await?.get::<PlaceState>(&path).await };
    tokio::time::timeout(within, asked).await.ok()
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
    let mut answers: Vec<PlaceAnswer> =
        computers.iter().map(|computer| PlaceAnswer { computer: computer.clone(), state: Err(silent(computer, within)) }).collect();
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
    let asked = async { channel(node, computer).await?.post::<T>(path, what).await };
    tokio::time::timeout(within, asked).await.map_err(|_| silent(computer, within))?
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
