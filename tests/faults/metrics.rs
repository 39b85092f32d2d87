//! What is measured.

use super::{DUBLIN, MASTER};
use crate::host::fleet::{Fleet, get, wait};
use reeve::host::metrics;

/// Rule: everything that `/metrics` describes is there, on the master or on a replica, once something was changed.
#[test]
fn what_is_described_is_counted() {
    let mut fleet = Fleet::new();
    fleet.launch(&[MASTER, DUBLIN]);
    fleet.up_to_date(&[MASTER, DUBLIN]);
    fleet.shell("New-CsVoicePolicy -Identity Counted | Out-Null");
    let has = |host: &str, name: &str| {
        let (_, text) = get(&fleet.host(host), "/metrics").unwrap();
        text.lines().any(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '{', '_'])))
    };
    // The sample's store has no mirror.
    for name in metrics::names().filter(|name| *name != "reeve_mirror_synchronized") {
        let place = if name.contains("replica_") || name.contains("appl") { DUBLIN } else { MASTER };
        wait(&format!("{name} at {place}"), || has(place, name));
    }
    let (_, text) = get(&fleet.host(DUBLIN), "/metrics").unwrap();
    assert!(text.contains("reeve_packages_applied_total{kind=\"Full\"} 1"), "{text}");
    wait("the change was a delta", || {
        get(&fleet.host(DUBLIN), "/metrics").unwrap().1.contains("reeve_packages_applied_total{kind=\"Delta\"}")
    });
}
