//! What a store promises: conflicts are found, all or nothing, history stays, the log shows who.

pub(crate) mod place;

use super::{SqliteStore, failure};
use crate::audit::{AuditRow, Decision, Entry, Query};
use crate::env::FixedClock;
use crate::store::{Chain, Change, DocumentId, Expected, Grant, Store};
use crate::value::TimeSpan;
use rusqlite::Connection;
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

struct Lab {
    _dir: TempDir,
    path: PathBuf,
    clock: Arc<FixedClock>,
    store: SqliteStore,
}

fn lab() -> Lab {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store.db");
    let clock = Arc::new(FixedClock::at_unix_seconds(1_700_000_000));
    let store = SqliteStore::create_with(&path, clock.clone()).unwrap();
    Lab { _dir: dir, path, clock, store }
}

fn policy(name: &str) -> DocumentId {
    DocumentId::new("VoicePolicy", &format!("Tag:{name}"), "")
}

fn set(name: &str, n: i64, expected: Expected) -> Change {
    Change { id: policy(name), expected, body: Some(json!({ "N": n })) }
}

fn delete(name: &str, expected: Expected) -> Change {
    Change { id: policy(name), expected, body: None }
}

fn by(principal: &str) -> Grant {
    Grant::decided(Entry {
        principal: principal.into(),
        cmdlet: "Set-CsVoicePolicy".into(),
        place: "Global".into(),
        parameters: json!({ "Identity": "x" }),
        decision: Decision::Allowed,
        through: "CsVoiceAdministrator".into(),
        outcome: String::new(),
    })
}

fn rows(store: &SqliteStore, query: &Query) -> Vec<AuditRow> {
    let mut rows = Vec::new();
    store
        .audit(query, &mut |row| {
            rows.push(row);
            true
        })
        .unwrap();
    rows
}

#[test]
fn a_new_store_is_at_version_0_of_epoch_1() {
    let lab = lab();
    assert_eq!((lab.store.version().unwrap(), lab.store.epoch().unwrap()), (0, 1));
    assert!(lab.store.list("VoicePolicy").unwrap().is_empty());
    assert_eq!(SqliteStore::create(&lab.path).err().unwrap().id(), "StoreExists");
}

#[test]
fn a_commit_of_several_changes_is_one_version() {
    let lab = lab();
    let grant = by("admin");
    let version = lab.store.commit(&grant, &[set("B", 1, Expected::Absent), set("A", 2, Expected::Any)]).unwrap();
    assert_eq!(version, 1);
    let all = lab.store.list("voicepolicy").unwrap();
    assert_eq!(all.iter().map(|d| (&*d.id.scope, d.version)).collect::<Vec<_>>(), [("Tag:A", 1), ("Tag:B", 1)]);
    assert_eq!(lab.store.commit(&grant, &[set("A", 3, Expected::Version(1))]).unwrap(), 2);
    assert_eq!(lab.store.version().unwrap(), 2);
}

#[test]
fn names_are_found_in_any_case_and_keep_their_spelling() {
    let lab = lab();
    lab.store.commit(&by("admin"), &[set("Zürich", 1, Expected::Any)]).unwrap();
    let again = Change { id: policy("ZÜRICH"), expected: Expected::Version(1), body: Some(json!(2)) };
    lab.store.commit(&by("admin"), &[again]).unwrap();
    let found = lab.store.get(&policy("zürich")).unwrap().unwrap();
    assert_eq!((&*found.id.scope, found.version, found.body), ("Tag:Zürich", 2, Some(json!(2))));
}

#[test]
fn kinds_whose_names_begin_alike_are_kept_apart() {
    let lab = lab();
    let other =
        |kind: &str| Change { id: DocumentId::new(kind, "Global", ""), expected: Expected::Any, body: Some(json!(1)) };
    lab.store.commit(&by("admin"), &[other("Voice"), other("VoicePolicy"), other("Voice Policy")]).unwrap();
    assert_eq!(lab.store.list("Voice").unwrap().len(), 1);
}

#[test]
fn a_stale_change_is_refused_and_named() {
    let lab = lab();
    lab.store.commit(&by("admin"), &[set("A", 1, Expected::Any)]).unwrap();
    lab.store.commit(&by("voice"), &[set("A", 2, Expected::Version(1))]).unwrap();
    let error = lab.store.commit(&by("admin"), &[set("A", 3, Expected::Version(1))]).unwrap_err();
    assert_eq!(error.id(), "StoreConflict");
    for part in ["version 1", "version 2", "voice", "Set-CsVoicePolicy", "2023-11-14 22:13:20Z"] {
        assert!(error.message().contains(part), "{part} in {}", error.message());
    }
    assert_eq!(lab.store.get(&policy("A")).unwrap().unwrap().body, Some(json!({ "N": 2 })));
    let attempt = &rows(&lab.store, &Query::default())[0];
    assert_eq!((&*attempt.outcome, attempt.version_before, attempt.version_after), ("StoreConflict", 2, 2));
}

#[test]
fn what_is_expected_decides() {
    let cases: [(&str, Expected, bool); 7] = [
        ("live", Expected::Any, true),
        ("live", Expected::Absent, false),
        ("live", Expected::Version(1), true),
        ("live", Expected::Version(7), false),
        ("gone", Expected::Absent, true),
        ("gone", Expected::Version(2), false),
        ("never", Expected::Version(1), false),
    ];
    for (name, expected, fits) in cases {
        let lab = lab();
        lab.store.commit(&by("admin"), &[set("live", 1, Expected::Any), set("gone", 1, Expected::Any)]).unwrap();
        lab.store.commit(&by("admin"), &[delete("gone", Expected::Any)]).unwrap();
        let result = lab.store.commit(&by("admin"), &[set(name, 9, expected)]);
        assert_eq!(result.is_ok(), fits, "{name} {expected:?}: {result:?}");
    }
}

#[test]
fn a_commit_is_all_or_nothing() {
    let lab = lab();
    lab.store.commit(&by("admin"), &[set("A", 1, Expected::Any)]).unwrap();
    let both = [set("B", 1, Expected::Absent), set("A", 2, Expected::Absent)];
    assert_eq!(lab.store.commit(&by("admin"), &both).unwrap_err().id(), "StoreConflict");
    assert!(lab.store.get(&policy("B")).unwrap().is_none());
    assert_eq!(lab.store.version().unwrap(), 1);
    let twice = [set("C", 1, Expected::Any), set("c", 2, Expected::Any)];
    assert_eq!(lab.store.commit(&by("admin"), &twice).unwrap_err().id(), "DuplicateChange");
    assert!(lab.store.get(&policy("C")).unwrap().is_none());
}

#[test]
fn a_deletion_leaves_a_tombstone_and_its_history() {
    let lab = lab();
    let grant = by("admin");
    lab.store.commit(&grant, &[set("A", 1, Expected::Any)]).unwrap();
    lab.store.commit(&grant, &[set("A", 2, Expected::Any)]).unwrap();
    lab.store.commit(&grant, &[delete("A", Expected::Version(2))]).unwrap();
    assert!(lab.store.get(&policy("A")).unwrap().is_none());
    assert!(lab.store.list("VoicePolicy").unwrap().is_empty());
    let since = lab.store.since(2).unwrap();
    assert_eq!(since.iter().map(|d| (d.version, d.body.clone())).collect::<Vec<_>>(), [(3, None)]);
    lab.store.commit(&grant, &[set("A", 4, Expected::Absent)]).unwrap();
    let history = lab.store.history(&policy("a")).unwrap();
    let bodies: Vec<_> = history.iter().map(|d| (d.version, d.body.as_ref().map(|b| b["N"].clone()))).collect();
    assert_eq!(bodies, [(4, Some(json!(4))), (3, None), (2, Some(json!(2))), (1, Some(json!(1)))]);
}

#[test]
fn deleting_what_is_not_there_changes_nothing() {
    let lab = lab();
    assert_eq!(lab.store.commit(&by("admin"), &[delete("A", Expected::Any)]).unwrap(), 0);
    assert_eq!(lab.store.commit(&by("admin"), &[]).unwrap(), 0);
    assert!(rows(&lab.store, &Query::default()).is_empty());
}

#[test]
fn since_gives_each_document_once_as_it_is_now() {
    let lab = lab();
    for n in 0..5 {
        lab.store.commit(&by("admin"), &[set("A", n, Expected::Any)]).unwrap();
    }
    lab.store.commit(&by("admin"), &[set("B", 0, Expected::Any)]).unwrap();
    assert_eq!(lab.store.since(0).unwrap().iter().map(|d| d.version).collect::<Vec<_>>(), [5, 6]);
    assert!(lab.store.since(6).unwrap().is_empty());
}

#[test]
fn every_change_has_its_row_in_the_log() {
    let lab = lab();
    lab.store.commit(&by("admin"), &[set("A", 1, Expected::Any), set("B", 1, Expected::Any)]).unwrap();
    lab.clock.advance(TimeSpan { ticks: 600_000_000 });
    let later = lab.store.clock().now();
    lab.store.commit(&by("voice"), &[delete("A", Expected::Any)]).unwrap();
    let log = rows(&lab.store, &Query::default());
    assert_eq!(log.len(), 2);
    assert_eq!((&*log[0].principal, log[0].version_before, log[0].version_after), ("voice", 1, 2));
    assert_eq!(log[0].changed, "VoicePolicy Tag:A (deleted)");
    assert_eq!(log[1].changed.lines().count(), 2);
    assert_eq!(log[1].parameters, r#"{"Identity":"x"}"#);
    assert_eq!(rows(&lab.store, &Query { since: Some(later), ..Query::default() }).len(), 1);
    assert!(rows(&lab.store, &Query { decision: Some(Decision::Denied), ..Query::default() }).is_empty());
}

#[test]
fn the_chain_shows_what_was_altered() {
    let cases = [
        ("UPDATE audit SET principal = 'nobody' WHERE sequence = 2", Some(2)),
        ("UPDATE audit SET decision = 'Maybe' WHERE sequence = 3", Some(3)),
        ("UPDATE audit SET time = time + 1 WHERE sequence = 1", Some(1)),
        ("DELETE FROM audit WHERE sequence = 2", Some(3)),
        ("DELETE FROM audit WHERE sequence = 4", Some(4)),
        ("UPDATE audit SET sequence = sequence + 10 WHERE sequence = 4", Some(14)),
        ("SELECT 1", None),
    ];
    for (sql, fault) in cases {
        let lab = lab();
        for n in 0..4 {
            lab.store.commit(&by("admin"), &[set("A", n, Expected::Any)]).unwrap();
        }
        let other = Connection::open(&lab.path).unwrap();
        other.execute_batch(sql).unwrap();
        let verdict = lab.store.verify_audit().unwrap();
        assert_eq!(verdict.fault.as_ref().map(|f| f.sequence), fault, "{sql}: {verdict:?}");
    }
}

#[test]
fn what_was_acknowledged_is_there_after_reopening() {
    let lab = lab();
    lab.store.commit(&by("admin"), &[set("A", 1, Expected::Any)]).unwrap();
    // A copy of the files as they lie now is what a killed process leaves behind.
    let copy = tempfile::tempdir().unwrap();
    for end in ["", "-wal"] {
        let from = format!("{}{end}", lab.path.display());
        std::fs::copy(from, copy.path().join(format!("store.db{end}"))).unwrap();
    }
    let left = SqliteStore::open(copy.path().join("store.db")).unwrap();
    assert_eq!(left.get(&policy("A")).unwrap().unwrap().version, 1);
    let path = lab.path.clone();
    drop(lab.store);
    let again = SqliteStore::open(&path).unwrap();
    assert_eq!(again.get(&policy("A")).unwrap().unwrap().version, 1);
    assert_eq!(again.verify_audit().unwrap().fault, None);
}

#[test]
fn files_that_are_no_store_are_named_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let text = file("text.db", &b"this is no database at all, it is a text ".repeat(100));
    let empty = file("empty.db", b"");
    let foreign = dir.path().join("foreign.db");
    Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    for path in [&text, &empty, &foreign] {
        let before = std::fs::read(path).unwrap();
        assert_eq!(SqliteStore::open(path).err().unwrap().id(), "StoreDamaged", "{}", path.display());
        assert_eq!(std::fs::read(path).unwrap(), before);
    }
    assert_eq!(SqliteStore::open(dir.path().join("none.db")).err().unwrap().id(), "StoreUnreachable");
}

#[test]
fn a_store_with_a_torn_page_is_damaged() {
    let lab = lab();
    for n in 0..200 {
        lab.store.commit(&by("admin"), &[set(&format!("P{n}"), n, Expected::Any)]).unwrap();
    }
    let path = lab.path.clone();
    drop(lab.store);
    let mut bytes = std::fs::read(&path).unwrap();
    let from = 4096.min(bytes.len());
    bytes[from..].fill(0x5a);
    std::fs::write(&path, bytes).unwrap();
    let error = SqliteStore::open(&path).and_then(|s| s.list("VoicePolicy").map(|_| ())).unwrap_err();
    assert_eq!(error.id(), "StoreDamaged");
}

#[test]
fn a_store_of_a_newer_program_is_left_alone() {
    let lab = lab();
    Connection::open(&lab.path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert_eq!(SqliteStore::open(&lab.path).err().unwrap().id(), "StoreNewer");
}

#[test]
fn a_store_that_another_holds_is_locked() {
    let lab = lab();
    let other = Connection::open(&lab.path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    lab.store.connection.busy_timeout(std::time::Duration::from_millis(10)).unwrap();
    let error = lab.store.commit(&by("admin"), &[set("A", 1, Expected::Any)]).unwrap_err();
    assert_eq!(error.id(), "StoreLocked");
    // Readers do not wait for a writer.
    assert_eq!(lab.store.version().unwrap(), 0);
}

#[test]
fn writers_of_two_connections_lose_nothing() {
    let lab = lab();
    let each = 50;
    let conflicts: Vec<u64> = std::thread::scope(|scope| {
        let work = |who: &'static str| {
            let path = lab.path.clone();
            scope.spawn(move || {
                let store = SqliteStore::open(&path).unwrap();
                let mut conflicts = 0;
                for _ in 0..each {
                    loop {
                        let seen = store.get(&policy("Count")).unwrap();
                        let n = seen.as_ref().and_then(|d| d.body.as_ref()?["N"].as_i64()).unwrap_or(0);
                        let expected = seen.map_or(Expected::Absent, |d| Expected::Version(d.version));
                        match store.commit(&by(who), &[set("Count", n + 1, expected)]) {
                            Ok(_) => break,
                            Err(error) => assert_eq!(error.id(), "StoreConflict"),
                        }
                        conflicts += 1;
                    }
                }
                conflicts
            })
        };
        let threads = [work("a"), work("b")];
        threads.map(|thread| thread.join().unwrap()).to_vec()
    });
    let count = lab.store.get(&policy("Count")).unwrap().unwrap();
    assert_eq!(count.body, Some(json!({ "N": 2 * each })));
    assert_eq!(lab.store.version().unwrap(), 2 * each as u64);
    let log = rows(&lab.store, &Query::default());
    assert_eq!(log.len() as u64, 2 * each as u64 + conflicts.iter().sum::<u64>());
    assert_eq!(lab.store.verify_audit().unwrap().fault, None);
}

#[test]
fn two_processes_that_make_the_schema_at_once_do_it_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store.db");
    let made: Vec<bool> = std::thread::scope(|scope| {
        let make = || scope.spawn(|| SqliteStore::create(&path).is_ok());
        [make(), make(), make()].map(|thread| thread.join().unwrap()).to_vec()
    });
    assert_eq!(made.iter().filter(|ok| **ok).count(), 1);
    assert_eq!(SqliteStore::open(&path).unwrap().version().unwrap(), 0);
}

/// The chain of a store at each of its versions.
fn chains(store: &SqliteStore) -> Vec<Chain> {
    (0..=store.version().unwrap()).map(|version| store.chain(version).unwrap().unwrap()).collect()
}

/// Rule: each version has a chain of its own, which two stores share exactly as far as their histories agree.
#[test]
fn chains_tell_where_histories_part() {
    let (one, two) = (lab(), lab());
    for store in [&one.store, &two.store] {
        store.commit(&by("admin"), &[set("A", 1, Expected::Any), set("B", 1, Expected::Any)]).unwrap();
        store.commit(&by("other"), &[delete("B", Expected::Any)]).unwrap();
    }
    one.store.commit(&by("admin"), &[set("A", 2, Expected::Any)]).unwrap();
    two.store.commit(&by("admin"), &[set("A", 3, Expected::Any)]).unwrap();
    let (one_chains, two_chains) = (chains(&one.store), chains(&two.store));
    assert_eq!(one_chains[..3], two_chains[..3]);
    assert_ne!(one_chains[3], two_chains[3]);
    assert_eq!(one_chains[0], Chain::default());
    let head = one.store.head().unwrap();
    assert_eq!((head.epoch, head.version, head.chain), (1, 3, one_chains[3]));
    assert_eq!(one.store.chain(4).unwrap(), None);
}

/// Rule: a store of an older program has the same chains after it is opened as if they had been kept from the start.
#[test]
fn a_store_of_an_older_program_gets_its_chains() {
    let lab = lab();
    for n in 0..5 {
        lab.store.commit(&by("admin"), &[set("A", n, Expected::Any)]).unwrap();
        lab.store.record(&by("nobody").entry("AccessDenied")).unwrap();
    }
    let before = chains(&lab.store);
    drop(lab.store);
    let old = Connection::open(&lab.path).unwrap();
    place::back_to_schema_2(&old);
    old.execute_batch("DROP TABLE versions; DELETE FROM refinery_schema_history WHERE version = 2").unwrap();
    old.pragma_update(None, "user_version", 1).unwrap();
    drop(old);
    let store = SqliteStore::open(&lab.path).unwrap();
    assert_eq!(chains(&store), before);
    store.commit(&by("admin"), &[set("A", 9, Expected::Any)]).unwrap();
    assert_eq!(chains(&store).len(), 7);
}

/// Rule: what is read after a version is each document once, tombstones included; everything is without them; all of
/// the moment in which the reading began.
#[test]
fn reading_after_a_version_is_of_one_moment() {
    let lab = lab();
    lab.store.commit(&by("admin"), &[set("A", 1, Expected::Any), set("B", 1, Expected::Any)]).unwrap();
    lab.store.commit(&by("admin"), &[delete("A", Expected::Any), set("C", 1, Expected::Any)]).unwrap();
    lab.store.commit(&by("admin"), &[set("B", 2, Expected::Any)]).unwrap();
    let other = SqliteStore::open(&lab.path).unwrap();
    let read = |after: Option<u64>| {
        let (mut version, mut names) = (0, Vec::new());
        lab.store
            .read_after(
                after,
                &mut |head| {
                    version = head.version;
                    other.commit(&by("admin"), &[set("D", 1, Expected::Any)]).map(drop)
                },
                &mut |document| {
                    let gone = if document.body.is_none() { "-" } else { "" };
                    names.push(format!("{gone}{}@{}", &document.id.scope[4..], document.version));
                    Ok(())
                },
            )
            .unwrap();
        other.commit(&by("admin"), &[delete("D", Expected::Any)]).unwrap();
        (version, names.join(" "))
    };
    assert_eq!(read(None), (3, "C@2 B@3".into()));
    assert_eq!(read(Some(1)), (5, "-A@2 C@2 B@3 -D@5".into()));
    assert_eq!(read(Some(7)), (7, String::new()));
    let refused = lab.store.read_after(None, &mut |_| Ok(()), &mut |_| Err(failure::damaged(&lab.path, "enough")));
    assert_eq!(refused.unwrap_err().id(), "StoreDamaged");
    // The transaction of what was given up is over.
    lab.store.commit(&by("admin"), &[set("E", 1, Expected::Any)]).unwrap();
}

/// Rule: an epoch never goes back, outlasts a restart, and has its row in the log.
#[test]
fn epochs_only_go_up() {
    let lab = lab();
    lab.store.commit(&by("admin"), &[set("A", 1, Expected::Any)]).unwrap();
    lab.store.set_epoch(&by("admin"), 4).unwrap();
    lab.store.set_epoch(&by("admin"), 4).unwrap();
    assert_eq!(lab.store.set_epoch(&by("admin"), 3).unwrap_err().id(), "EpochOver");
    let store = SqliteStore::open(&lab.path).unwrap();
    assert_eq!((store.epoch().unwrap(), store.version().unwrap()), (4, 1));
    assert_eq!(rows(&store, &Query::default())[0].changed, "epoch 1 to 4");
    assert_eq!(rows(&store, &Query::default()).len(), 2);
    assert!(store.verify_audit().unwrap().fault.is_none());
}

/// Rule: who asked is told of each change when it is made, of nothing else.
#[test]
fn changes_are_told_when_they_are_made() {
    let mut lab = lab();
    let told = Arc::new(std::sync::Mutex::new(Vec::new()));
    let keep = told.clone();
    lab.store.on_commit(Arc::new(move |version| keep.lock().unwrap().push(version)));
    lab.store.commit(&by("admin"), &[set("A", 1, Expected::Any)]).unwrap();
    lab.store.commit(&by("admin"), &[delete("none", Expected::Any)]).unwrap();
    lab.store.commit(&by("admin"), &[set("A", 1, Expected::Absent)]).unwrap_err();
    lab.store.commit(&by("admin"), &[set("A", 2, Expected::Any)]).unwrap();
    assert_eq!(*told.lock().unwrap(), [1, 2]);
}
