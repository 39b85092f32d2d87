//! Which removals would be lost: a replica keeps no tombstones, so what it no longer has is told by what it still has.

use super::ask;
use super::replicas::MOST;
use crate::error::ErrorRecord;
use crate::failover::{self, Lost, ReplicaFact, Source};
use crate::host::node::Node;
use crate::replication::storage::ReplicaStore;
use crate::store::{DocumentId, SqliteStore, Store};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

/// How long it may take: with the two seconds that a silent replica takes less than the whole question may.
const WITHIN: Duration = Duration::from_millis(400);

/// Names of the documents of this computer's replica that did not change after a version.
///
/// # Errors
/// Those of the replica.
pub fn names(node: &Node, version: u64) -> Result<Vec<String>, ErrorRecord> {
    match ReplicaStore::open(&node.directory().replica())? {
        Some(store) => live(&store, version).map(|ids| ids.iter().map(name).collect()),
        None => Ok(Vec::new()),
    }
}

fn name(id: &DocumentId) -> String {
    id.to_string().to_lowercase()
}

/// The documents that a store has and that did not change after a version.
fn live(store: &dyn Store, version: u64) -> Result<Vec<DocumentId>, ErrorRecord> {
    let mut ids = Vec::new();
    store.read_after(None, &mut |_| Ok(()), &mut |document| {
        if document.version <= version && document.body.is_some() {
            ids.push(document.id);
        }
        Ok(())
    })?;
    Ok(ids)
}

/// Adds to what the replica that is furthest ahead has beyond `after` what it no longer has, and this computer's store
/// still has. Only where that store stands at `after`; else it is another's question. What cannot be found out in time is
/// left out.
pub async fn add(node: &Arc<Node>, facts: &mut [ReplicaFact], active: Option<&Source>, after: u64) {
    // Whoever says what cannot be is asked for nothing more.
    let credible = |fact: &&mut ReplicaFact| active.is_none_or(|at| failover::credible(fact, at.epoch, at.version));
    let ahead = facts.iter_mut().filter(|fact| fact.answered && fact.version.is_some_and(|version| version > after));
    let ahead = ahead.filter(credible);
    let Some(fact) = ahead.max_by_key(|fact| (fact.epoch, fact.version)) else { return };
    // Beyond that it does not tell all that changed.
    if fact.after.len() >= MOST {
        return;
    }
    let computer = fact.computer.clone();
    let has = async {
        if computer.eq_ignore_ascii_case(node.computer()) {
            let node = node.clone();
            return tokio::task::spawn_blocking(move || names(&node, after)).await.ok()?.ok();
        }
        let channel = ask::channel(node, &computer).await.ok()?;
        channel.get::<Vec<String>>(&format!("/v1/replica/names?version={after}")).await.ok()
    };
    let own = node.clone();
    let had = tokio::task::spawn_blocking(move || {
        let store = SqliteStore::open_with(own.directory().store(), own.clock().clone())?;
        if store.version()? == after { live(&store, after).map(Some) } else { Ok::<_, ErrorRecord>(None) }
    });
    let both = async { (has.await, had.await.ok().and_then(Result::ok).flatten()) };
    let Ok((Some(has), Some(had))) = tokio::time::timeout(WITHIN, both).await else { return };
    let changed = fact.after.iter().map(|lost| lost.document.to_lowercase());
    let has: HashSet<String> = has.into_iter().chain(changed).collect();
    let gone = had.into_iter().filter(|id| !has.contains(&name(id)));
    fact.after.extend(gone.take(MOST).map(|id| Lost {
        version: fact.version.unwrap_or(after),
        document: id.to_string(),
        deleted: true,
        body: None,
        seen_at: computer.clone(),
    }));
}
