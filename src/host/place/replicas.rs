//! What the replicas hold, asked of each computer itself: the active store may be gone.

use super::{ask, removed};
use crate::error::ErrorRecord;
use crate::failover::{Lost, ReplicaFact, Source};
use crate::host::node::Node;
use crate::net::http::Channel;
use crate::replication::driver::Answer;
use crate::replication::storage::ReplicaStore;
use crate::store::Store;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Replicas that are asked at a time: each costs a handshake.
const AT_ONCE: usize = 64;
/// How long a replica that is connected may take to get what the active store had: less than it may take to answer.
const COMES: Duration = Duration::from_millis(1500);
/// Between two questions to one that is on its way.
const AGAIN: Duration = Duration::from_millis(20);
/// Most documents that one replica tells of: what is lost is listed, and beyond this counted.
pub(super) const MOST: usize = 10_000;

/// Documents of this computer's replica that changed after a version.
///
/// # Errors
/// Those of the replica.
pub fn after(node: &Node, version: u64) -> Result<Vec<Lost>, ErrorRecord> {
    let Some(store) = ReplicaStore::open(&node.directory().replica())? else { return Ok(Vec::new()) };
    let documents = store.since(version)?;
    let lost = documents.into_iter().take(MOST).map(|document| Lost {
        version: document.version,
        document: document.id.to_string(),
        deleted: document.body.is_none(),
        body: document.body,
        seen_at: node.computer().to_string(),
    });
    Ok(lost.collect())
}

/// Asks what each replica holds; of those beyond `after`, the documents too. `active` is where the active store stands, as
/// far as is known.
pub async fn facts(node: &Arc<Node>, active: Option<&Source>, after: Option<u64>) -> Vec<ReplicaFact> {
    let Some(known) = node.known() else { return Vec::new() };
    let computers: Vec<String> = known.topology.replicas().map(|computer| computer.fqdn.clone()).collect();
    let mut facts: Vec<ReplicaFact> = Vec::with_capacity(computers.len());
    let (mut asked, mut computers) = (JoinSet::new(), computers.into_iter());
    loop {
        for computer in computers.by_ref().take(AT_ONCE.saturating_sub(asked.len())) {
            asked.spawn(fact(node.clone(), computer, active.cloned(), after));
        }
        let Some(fact) = asked.join_next().await else { break };
        facts.extend(fact.ok());
    }
    if let Some(after) = after {
        removed::add(node, &mut facts, active, after).await;
    }
    facts.sort_by_key(|fact| fact.computer.to_lowercase());
    facts
}

/// Whether a replica is on its way to where the active store stood.
fn comes(answer: &Answer, active: &Source) -> bool {
    answer.connected && answer.epoch == Some(active.epoch) && answer.version_held < Some(active.version)
}

/// What a replica holds once it is where the active store stood, or does not get there soon; and what it has beyond.
async fn holds(
    channel: &Channel,
    mut answer: Answer,
    active: Option<&Source>,
    after: Option<u64>,
) -> Result<(Answer, Vec<Lost>), ErrorRecord> {
    // While changes are made a replica is always a moment behind: what matters is that it gets there.
    let begun = Instant::now();
    while active.is_some_and(|active| comes(&answer, active)) && begun.elapsed() < COMES {
        tokio::time::sleep(AGAIN).await;
        answer = channel.get::<Answer>("/v1/probe").await?;
    }
    let beyond = after.filter(|after| answer.version_held.is_some_and(|held| held > *after));
    let documents = match beyond {
        Some(version) => channel.get::<Vec<Lost>>(&format!("/v1/replica/after?version={version}")).await?,
        None => Vec::new(),
    };
    Ok((answer, documents))
}

async fn fact(node: Arc<Node>, computer: String, active: Option<Source>, after: Option<u64>) -> ReplicaFact {
    let mut fact = ReplicaFact { computer: computer.clone(), ..ReplicaFact::default() };
    let begun = Instant::now();
    let asked = async {
        let channel = ask::channel(&node, &computer).await?;
        let answer = channel.get::<Answer>("/v1/probe").await?;
        Ok::<_, ErrorRecord>((channel, answer))
    };
    // Who answers at all gets all the time for the rest.
    let held = match ask::within(&node, &computer, ask::PATIENCE, asked).await {
        Some(Ok((channel, answer))) => {
            let left = ask::PATIENCE.saturating_sub(begun.elapsed());
            tokio::time::timeout(left, holds(&channel, answer, active.as_ref(), after)).await.ok()
        }
        Some(Err(error)) => Some(Err(error)),
        None => None,
    };
    match held {
        Some(Ok((answer, documents))) => {
            fact.answered = true;
            (fact.version, fact.epoch, fact.after) = (answer.version_held, answer.epoch, documents);
            let at = |active: Source| fact.epoch == Some(active.epoch) && fact.version >= Some(active.version);
            fact.up_to_date = active.is_some_and(at);
            if !fact.up_to_date {
                fact.reason = answer.last_error.or_else(|| (!answer.connected).then(|| "It is not connected.".into()));
            }
        }
        Some(Err(error)) => fact.reason = Some(error.to_string()),
        None => fact.reason = Some("It did not answer within 2 seconds.".into()),
    }
    fact
}
