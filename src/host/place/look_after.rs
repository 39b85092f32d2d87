//! What the places of this computer say in its health and its metrics.

use super::{Places, authority};
use crate::deployment::offline;
use crate::failover::{Doubled, FeedState, Underway, ways_out};
use crate::host::metrics::number;
use crate::host::node::Node;
use crate::store::Placed;
use crate::topology::Database;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

/// How often they are looked at: whoever is told of it looks seldom more often.
const EVERY: Duration = Duration::from_secs(1);
/// Of so many rounds one looks whether the authority's key is here.
const KEYS: u64 = 30;
/// How long the store may be active nowhere before that is a failure: a planned failover takes less.
const NOWHERE: Duration = Duration::from_secs(10);

/// Looks after them until they end.
pub(super) async fn run(node: Weak<Node>, places: Weak<Places>) {
    let (mut led, mut round) = (Instant::now(), 0_u64);
    loop {
        let (Some(node), Some(places)) = (node.upgrade(), places.upgrade()) else { return };
        let looked = tokio::task::spawn_blocking(move || {
            let found = look(&node, &places);
            (node, places, found)
        });
        let Ok((node, places, found)) = looked.await else { return };
        if found.store.is_none() {
            led = Instant::now();
        }
        if round % KEYS == 0 && places.of(&Database::CentralMgmt).is_some() {
            authority::ensure(node.clone()).await;
        }
        round += 1;
        let lasts = led.elapsed() >= NOWHERE;
        let findings = &node.findings;
        findings.problem("Claimants", found.claimants);
        findings.problem("Store", found.store.filter(|_| lasts));
        findings.warning("Unsent", found.unsent);
        findings.warning("Mirror", found.mirror);
        findings.warning("Place", found.standby);
        drop((node, places));
        tokio::time::sleep(EVERY).await;
    }
}

/// No place says that it has the store.
const NOBODY: &str = "The Central Management store is active nowhere, as far as is known here. Start the computer that had \
                      it; if it is lost, fail the store over to a place that stands by.";

fn closed_for(node: &Node, database: &Database, closed: &Underway) -> String {
    let ways = node.known().map(|known| ways_out(&known.topology, database, closed)).unwrap_or_default();
    format!("The Central Management store takes no changes: it is closed. {} {}", closed.sentence(), ways.join(" "))
}

/// What was found, in sentences.
#[derive(Default)]
struct Found {
    /// Why the store takes changes nowhere, as far as is known here.
    store: Option<String>,
    claimants: Option<String>,
    unsent: Option<String>,
    mirror: Option<String>,
    standby: Option<String>,
}

fn look(node: &Arc<Node>, places: &Arc<Places>) -> Found {
    let mut found = Found::default();
    let (mut claimants, mut unsent, mut mirrors, mut standbys) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for place in places.all() {
        let (shared, database) = (&place.shared, place.database());
        let (name, called) = (database.to_string(), database.called());
        let Some(says) = shared.says.borrow().clone() else { continue };
        if *database == Database::CentralMgmt {
            found.store = match &says.closed {
                Some(closed) => Some(closed_for(node, database, closed)),
                // What is to be done where two have it stands beside it.
                None if says.double.is_some() => None,
                None => (!says.serves && says.follows.is_none()).then(|| NOBODY.to_string()),
            };
        }
        if let Some(double) = &says.double {
            let epoch = says.claim.epoch;
            claimants.push(format!(
                "{called} takes no changes here: {double} says that it takes them in this same epoch, {epoch}. {}",
                Doubled::ADVICE
            ));
        }
        if let Some(path) = offline::unsent(&node.directory().unsent(database)) {
            unsent.push(format!("Changes of {called} that nobody else has are in '{}'.", path.display()));
        }
        if says.serves {
            let rivals = shared.rivals.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            for (computer, epoch) in rivals.iter() {
                claimants.push(format!(
                    "Here {called} takes changes in epoch {}, and {computer} says that it does in epoch {epoch}.",
                    says.claim.epoch
                ));
            }
        }
        let feeds = if says.serves { shared.feeds.states() } else { Vec::new() };
        let at = feeds.first().and_then(|_| shared.open().ok()?.position().ok());
        let last = at.map_or(0, |position| position.sequence);
        for feed in feeds {
            let lag = number(last.saturating_sub(feed.sequence));
            metrics::gauge!("reeve_feed_lag_rows", "database" => name.clone(), "computer" => feed.computer.clone())
                .set(lag);
            if feed.synchronous {
                let synchronized = feed.state == FeedState::Synchronized;
                let value = if synchronized { 1.0 } else { 0.0 };
                metrics::gauge!("reeve_mirror_synchronized", "database" => name.clone()).set(value);
                if !synchronized {
                    mirrors
                        .push(format!("Changes of {called} are acknowledged without the mirror at {}.", feed.computer));
                }
            }
        }
        if let Some(error) = shared.following.error() {
            standbys.push(format!("The active place of {called} is not followed: {error}"));
        }
        let role = if says.serves { 1.0 } else { 0.0 };
        metrics::gauge!("reeve_place_role", "database" => name).set(role);
    }
    let joined = |texts: Vec<String>| (!texts.is_empty()).then(|| texts.join(" "));
    found.claimants = joined(claimants);
    found.unsent = joined(unsent);
    found.mirror = joined(mirrors);
    found.standby = joined(standbys);
    found
}
