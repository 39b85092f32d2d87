//! Servers are killed at any moment: nothing that was acknowledged is lost, doubled or out of order.

use super::fleet::Fleet;
use super::{DUBLIN, LONDON, MASTER};
use reeve::deployment::Deployment;
use reeve::env::{FixedRandom, Random};
use reeve::replication::storage::ReplicaStore;
use reeve::store::{Document, Store};
use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;

/// Changes that are to be acknowledged, and how many one session tries to make.
const CHANGES: usize = 200;
const AT_ONCE: usize = 10;

/// Rule: 200 changes while master and replicas are killed at random: every acknowledged change is in every replica,
/// replicas equal the store, and the store's versions and audit log have neither gap nor break.
#[test]
fn killed_at_random_nothing_is_lost() {
    let mut fleet = Fleet::new();
    let all = [MASTER, DUBLIN, LONDON];
    fleet.launch(&all);
    fleet.up_to_date(&all);
    let random = FixedRandom::new(0x5EED);
    let mut acknowledged: Vec<String> = Vec::new();
    let mut run = 0;
    while acknowledged.len() < CHANGES {
        run += 1;
        assert!(run < 10 * CHANGES / AT_ONCE, "only {} changes were acknowledged", acknowledged.len());
        let text = format!(
            "foreach ($n in 1..{AT_ONCE}) {{ New-CsVoicePolicy -Identity \"R{run}x$n\" -ErrorAction Stop | Out-Null; \"R{run}x$n\" }}"
        );
        let lab = fleet.lab.directory.to_str().unwrap().to_string();
        let session =
            fleet.command(&["--dir", &lab, "-c", &text]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let victim = match random.below(4) {
            0 => Some(MASTER),
            1 => Some(DUBLIN),
            2 => Some(LONDON),
            _ => None,
        };
        if let Some(victim) = victim {
            // Somewhere in the life of the session; where, does not matter.
            std::thread::sleep(Duration::from_millis(random.below(250)));
            fleet.kill(victim);
        }
        let ran = session.wait_with_output().unwrap();
        let out = String::from_utf8(ran.stdout).unwrap();
        let prefix = format!("R{run}x");
        acknowledged.extend(out.lines().map(str::trim).filter(|line| line.starts_with(&prefix)).map(str::to_string));
        if let Some(victim) = victim {
            fleet.start(victim);
        }
    }
    fleet.up_to_date(&all);
    for computer in all {
        fleet.kill(computer);
    }

    let deployment = Deployment::open(&fleet.lab.host).unwrap();
    let store = deployment.store();
    let kept = documents(store);
    for name in &acknowledged {
        assert!(
            kept.contains_key(&format!("VoicePolicy|Tag:{name}|").to_lowercase()),
            "{name} was acknowledged and is lost"
        );
    }
    for computer in all {
        let replica = ReplicaStore::open(&fleet.host(computer).join("replica")).unwrap().unwrap();
        assert_eq!(replica.head().unwrap(), store.head().unwrap(), "{computer}");
        assert_eq!(documents(&replica), kept, "{computer} differs from the store");
    }
    assert!(store.verify_audit().is_ok());
    let mut versions = Vec::new();
    let mut each = |row: reeve::audit::AuditRow| {
        if row.version_after > row.version_before {
            versions.push((row.version_before, row.version_after));
        }
        true
    };
    store.audit(&reeve::audit::Query::default(), &mut each).unwrap();
    versions.reverse();
    for (at, (before, after)) in versions.iter().enumerate() {
        assert_eq!((*before, *after), (at as u64, at as u64 + 1), "the log has a gap");
    }
    assert_eq!(versions.len() as u64, store.version().unwrap());
}

/// Everything that a store has, by name.
fn documents(store: &dyn Store) -> BTreeMap<String, (u64, Option<serde_json::Value>)> {
    let mut all = BTreeMap::new();
    let mut each = |document: Document| {
        let id = &document.id;
        let name = format!("{}|{}|{}", id.kind, id.scope, id.key).to_lowercase();
        assert!(all.insert(name, (document.version, document.body)).is_none(), "doubled");
        Ok(())
    };
    store.read_after(None, &mut |_| Ok(()), &mut each).unwrap();
    all
}
