//! What a database at one of several places promises: copies are exact, going back is exact, only the active one decides.

use super::{Lab, by, chains, delete, lab, policy, rows, set};
use crate::audit::Query;
use crate::env::FixedClock;
use crate::error::{Category, ErrorRecord};
use crate::store::{Change, DocumentId, Expected, LogEntry, Placed, Position, Role, SqliteStore, Store};
use proptest::prelude::*;
use rusqlite::Connection;
use rusqlite::types::Value;
use serde_json::json;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// Makes a file what a program of schema 2 leaves behind.
pub(super) fn back_to_schema_2(old: &Connection) {
    old.execute_batch(
        "DROP INDEX history_version; ALTER TABLE history DROP COLUMN spelling; DROP TABLE epochs; DROP TABLE notes;
         ALTER TABLE store DROP COLUMN role; DELETE FROM refinery_schema_history WHERE version = 3;
         PRAGMA user_version = 2",
    )
    .unwrap();
}

/// All that two places of a database have in common: everything but role and notes.
pub(crate) fn dump(path: &Path) -> Vec<(String, Vec<Vec<Value>>)> {
    let connection = Connection::open(path).unwrap();
    let tables = [
        "SELECT only_row, epoch, version FROM store",
        "SELECT * FROM documents ORDER BY id",
        "SELECT * FROM history ORDER BY document, version",
        "SELECT * FROM audit ORDER BY sequence",
        "SELECT * FROM versions ORDER BY version",
        "SELECT * FROM epochs ORDER BY sequence",
    ];
    let read = |sql: &str| {
        let mut statement = connection.prepare(sql).unwrap();
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| (0..columns).map(|at| row.get(at)).collect()).unwrap();
        (sql.to_string(), rows.map(Result::unwrap).collect())
    };
    tables.into_iter().map(read).collect()
}

fn entries(store: &SqliteStore, after: u64) -> Vec<LogEntry> {
    let mut entries = Vec::new();
    store
        .entries_after(after, &mut |entry| {
            entries.push(entry);
            Ok(true)
        })
        .unwrap();
    entries
}

/// A database that follows, beside the one of a lab.
fn standby(lab: &Lab, name: &str) -> SqliteStore {
    let clock = Arc::new(FixedClock::at_unix_seconds(1_800_000_000));
    SqliteStore::create_standby(lab.path.with_file_name(name), clock).unwrap()
}

/// What a random history is made of.
#[derive(Clone, Debug)]
enum Deed {
    /// Changes of documents: which of them, spelt how, deleted or not.
    Commit(Vec<(u8, bool, bool)>),
    /// A denial.
    Record,
    /// A later epoch.
    Epoch,
    /// Another place takes over, so many versions on.
    Promote(u8, Vec<(u8, bool, bool)>),
}

fn deed() -> impl Strategy<Value = Deed> {
    let changes = || proptest::collection::vec((0..6u8, any::<bool>(), any::<bool>()), 0..5);
    prop_oneof![
        6 => changes().prop_map(Deed::Commit),
        1 => Just(Deed::Record),
        1 => Just(Deed::Epoch),
        1 => (0..4u8, changes()).prop_map(|(above, changes)| Deed::Promote(above, changes)),
    ]
}

fn changes(of: &[(u8, bool, bool)], n: usize) -> Vec<Change> {
    let mut seen = std::collections::BTreeMap::new();
    for (which, upper, gone) in of {
        let name = if *upper { format!("ZÜRICH {which}") } else { format!("Zürich {which}") };
        let body = (!gone).then(|| json!({ "N": n, "Which": which }));
        seen.insert(*which, Change { id: policy(&name), expected: Expected::Any, body });
    }
    // Not in the order of their names: what is made first is not what sorts first.
    seen.into_values().rev().collect()
}

fn act(store: &SqliteStore, deed: &Deed, n: usize) {
    let epoch = store.epoch().unwrap();
    match deed {
        Deed::Commit(of) => drop(store.commit(&by("admin"), &changes(of, n)).unwrap()),
        Deed::Record => store.record(&by("nobody").entry("AccessDenied")).unwrap(),
        Deed::Epoch => store.set_epoch(&by("admin"), epoch + 3).unwrap(),
        Deed::Promote(above, of) => {
            let above = store.version().unwrap() + u64::from(*above);
            store.promote(&by("admin"), epoch + 1, above, &changes(of, n)).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, max_shrink_iters: 200, ..ProptestConfig::default() })]

    /// Rule: whatever a history was made of, a copy of its log is the same database; taken back to any row it is what it
    /// was at that row, and brought up again it is the whole once more.
    #[test]
    fn a_copy_is_exact_and_so_is_going_back(deeds in proptest::collection::vec(deed(), 1..16), at in any::<prop::sample::Index>()) {
        let lab = lab();
        let copy = standby(&lab, "copy.db");
        let mut moments = vec![(0, dump(&lab.path))];
        for (n, deed) in deeds.iter().enumerate() {
            act(&lab.store, deed, n);
            moments.push((lab.store.position().unwrap().sequence, dump(&lab.path)));
        }
        let all = entries(&lab.store, 0);
        for batch in all.chunks(3) {
            copy.apply(batch).unwrap();
        }
        prop_assert_eq!(dump(copy.path()), dump(&lab.path));
        prop_assert_eq!(copy.position().unwrap(), lab.store.position().unwrap());
        prop_assert_eq!(copy.verify_audit().unwrap().fault, None);
        let (to, then) = &moments[at.index(moments.len())];
        let mut kept = Vec::new();
        copy.rewind(*to, &mut |entry| { kept.push(entry); Ok(()) }).unwrap();
        prop_assert_eq!(&dump(copy.path()), then);
        prop_assert_eq!(&kept[..], &all[usize::try_from(*to).unwrap()..]);
        prop_assert_eq!(copy.highest_epoch().unwrap(), lab.store.epoch().unwrap());
        copy.apply(&kept).unwrap();
        prop_assert_eq!(dump(copy.path()), dump(&lab.path));
        // A third place is fed by the copy.
        let third = standby(&lab, "third.db");
        third.apply(&entries(&copy, 0)).unwrap();
        prop_assert_eq!(dump(third.path()), dump(&lab.path));
    }
}

/// Rule: only the active place takes changes, epochs and rows of its own; a refusal leaves no trace.
#[test]
fn who_is_not_active_takes_no_changes() {
    for role in [Role::Closed, Role::Standby] {
        let lab = lab();
        lab.store.commit(&by("admin"), &[set("A", 1, Expected::Any)]).unwrap();
        lab.store.set_role(role).unwrap();
        let before = dump(&lab.path);
        let refused = [
            lab.store.commit(&by("admin"), &[set("A", 2, Expected::Any)]).map(drop),
            lab.store.commit(&by("admin"), &[set("A", 2, Expected::Absent)]).map(drop),
            lab.store.set_epoch(&by("admin"), 9),
            lab.store.record(&by("nobody").entry("AccessDenied")),
        ];
        for refusal in refused {
            assert_eq!(refusal.unwrap_err().id(), "StoreNotActive", "{role:?}");
        }
        assert_eq!(dump(&lab.path), before);
        // Another connection sees the role too.
        let again = SqliteStore::open(&lab.path).unwrap();
        assert_eq!(again.role().unwrap(), role);
        again.set_role(Role::Active).unwrap();
        lab.store.commit(&by("admin"), &[set("A", 2, Expected::Any)]).unwrap();
    }
}

/// Rule: only a standby is written to from elsewhere, and only what follows its last row, whole and unaltered.
#[test]
fn what_does_not_follow_is_refused() {
    let lab = lab();
    for n in 0..4 {
        lab.store.commit(&by("admin"), &[set("A", n, Expected::Any)]).unwrap();
    }
    lab.store.set_epoch(&by("admin"), 2).unwrap();
    let all = entries(&lab.store, 0);
    assert_eq!(lab.store.apply(&all[..1]).unwrap_err().id(), "StoreNotStandby");
    assert_eq!(lab.store.rewind(0, &mut |_| Ok(())).unwrap_err().id(), "StoreNotStandby");
    let copy = standby(&lab, "copy.db");
    copy.apply(&all[..2]).unwrap();
    let before = dump(copy.path());
    let altered = |at: usize, alter: &dyn Fn(&mut LogEntry)| {
        let mut some = all[2..].to_vec();
        alter(&mut some[at]);
        some
    };
    let cases: [(&str, Vec<LogEntry>); 9] = [
        ("again", all[1..].to_vec()),
        ("a gap", all[3..].to_vec()),
        ("altered", altered(0, &|entry| entry.row.principal = "nobody".into())),
        ("altered later", altered(1, &|entry| entry.row.outcome = "Nothing".into())),
        ("another version", altered(0, &|entry| entry.documents[0].version = 9)),
        ("documents of no change", altered(2, &|entry| entry.documents = all[0].documents.clone())),
        ("an epoch from nowhere", altered(0, &|entry| entry.epoch = 5)),
        ("another epoch", altered(2, &|entry| entry.epoch = 7)),
        ("an epoch that is over", altered(0, &|entry| entry.epoch = 0)),
    ];
    for (what, some) in cases {
        assert_eq!(copy.apply(&some).unwrap_err().id(), "LogBroken", "{what}");
        assert_eq!(dump(copy.path()), before, "{what}");
    }
    copy.apply(&all[2..]).unwrap();
    assert_eq!(dump(copy.path()), dump(&lab.path));
}

/// Rule: who takes a store over is active in the later epoch, above every version named, with the changes; role, epoch
/// and changes come together or not at all; the log stays whole, and replicas read on from what they hold.
#[test]
fn taking_over_is_one_step() {
    let lab = lab();
    lab.store.commit(&by("admin"), &[set("A", 1, Expected::Any), set("B", 1, Expected::Any)]).unwrap();
    let copy = standby(&lab, "copy.db");
    copy.apply(&entries(&lab.store, 0)).unwrap();
    let conflict = copy.promote(&by("admin"), 2, 40, &[set("A", 2, Expected::Absent)]).unwrap_err();
    assert_eq!(conflict.id(), "StoreConflict");
    assert_eq!((copy.role().unwrap(), copy.epoch().unwrap()), (Role::Standby, 1));
    let position = copy.promote(&by("admin"), 2, 40, &[set("A", 2, Expected::Any)]).unwrap();
    assert_eq!((position.epoch, position.version, position.sequence), (2, 41, 2));
    assert_eq!(position, copy.position().unwrap());
    assert_eq!(copy.role().unwrap(), Role::Active);
    for epoch in [1, 2] {
        assert_eq!(copy.promote(&by("admin"), epoch, 0, &[]).unwrap_err().id(), "EpochOver");
    }
    assert_eq!(copy.promote(&by("admin"), 3, u64::MAX, &[]).unwrap_err().id(), "VersionTooHigh");
    assert_eq!(copy.promote(&by("admin"), u64::MAX, 0, &[]).unwrap_err().id(), "EpochOver");
    // What never was has no chain; what follows goes on by one.
    assert_eq!((copy.chain(2).unwrap(), copy.chain(40).unwrap()), (None, None));
    assert_eq!(copy.commit(&by("admin"), &[set("C", 1, Expected::Any)]).unwrap(), 42);
    assert_eq!(copy.promote(&by("admin"), 3, 0, &[]).unwrap().version, 43);
    assert_eq!(copy.verify_audit().unwrap().fault, None);
    let log = rows(&copy, &Query::default());
    assert_eq!(log[0].changed, "epoch 2 to 3");
    assert_eq!(log[2].changed, "epoch 1 to 2\nVoicePolicy Tag:A");
    let mut after = Vec::new();
    copy.read_after(Some(1), &mut |_| Ok(()), &mut |document| {
        after.push((document.id.scope.to_string(), document.version));
        Ok(())
    })
    .unwrap();
    assert_eq!(after, [("Tag:A".to_string(), 41), ("Tag:C".to_string(), 42)]);
}

/// Rule: the chains of a store that leapt over versions are the same when they are made again from its log.
#[test]
fn chains_are_made_again_across_a_leap() {
    let lab = lab();
    lab.store.commit(&by("admin"), &[set("A", 1, Expected::Any)]).unwrap();
    lab.store.promote(&by("admin"), 2, 7, &[]).unwrap();
    lab.store.commit(&by("admin"), &[set("A", 2, Expected::Any)]).unwrap();
    let before = dump(&lab.path);
    super::super::chain::fill(&lab.store.connection).unwrap();
    assert_eq!(dump(&lab.path), before);
}

/// Rule: an epoch that was heard of is not forgotten, and nobody takes over in an earlier one.
#[test]
fn the_highest_epoch_stays() {
    let lab = lab();
    let copy = standby(&lab, "copy.db");
    assert_eq!(copy.hear_epoch(9).unwrap(), 9);
    assert_eq!(copy.hear_epoch(4).unwrap(), 9);
    assert_eq!(copy.promote(&by("admin"), 8, 0, &[]).unwrap_err().id(), "EpochOver");
    copy.promote(&by("admin"), 9, 0, &[]).unwrap();
    assert_eq!((copy.highest_epoch().unwrap(), copy.epoch().unwrap()), (9, 9));
}

/// Rule: a database of the schema before opens as an active one, with its epochs, and is copied like any other.
#[test]
fn a_store_of_schema_2_becomes_one_with_a_place() {
    let lab = lab();
    lab.store.commit(&by("admin"), &[set("A", 1, Expected::Any)]).unwrap();
    lab.store.set_epoch(&by("admin"), 4).unwrap();
    lab.store.commit(&by("admin"), &[delete("A", Expected::Any)]).unwrap();
    lab.store.set_epoch(&by("admin"), 12).unwrap();
    lab.store.commit(&by("admin"), &[set("A", 3, Expected::Any)]).unwrap();
    let (before, chained) = (dump(&lab.path), chains(&lab.store));
    drop(lab.store);
    back_to_schema_2(&Connection::open(&lab.path).unwrap());
    let store = SqliteStore::open(&lab.path).unwrap();
    assert_eq!(dump(&lab.path), before);
    assert_eq!((store.role().unwrap(), chains(&store)), (Role::Active, chained));
    assert_eq!(entries(&store, 0).iter().map(|entry| entry.epoch).collect::<Vec<_>>(), [1, 4, 4, 12, 12]);
    let copy = SqliteStore::create_standby(lab.path.with_file_name("copy.db"), lab.clock.clone()).unwrap();
    copy.apply(&entries(&store, 0)).unwrap();
    assert_eq!(dump(copy.path()), dump(&lab.path));
}

/// Rule: a standby is made whole or not at all, over what a killed process left, and never over a store that is there.
#[test]
fn a_standby_is_made_beside_and_replaces_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    std::fs::write(folder.path().join("store.db.new"), b"half").unwrap();
    std::fs::write(folder.path().join("store.db.new-wal"), b"half").unwrap();
    let clock = Arc::new(FixedClock::at_unix_seconds(0));
    let made = SqliteStore::create_standby(&path, clock.clone()).unwrap();
    assert_eq!((made.role().unwrap(), made.version().unwrap()), (Role::Standby, 0));
    assert_eq!(made.position().unwrap().sequence, 0);
    made.keep_note("Step", Some(&json!({ "N": 1 }))).unwrap();
    assert_eq!(SqliteStore::create_standby(&path, clock).err().unwrap().id(), "StoreExists");
    assert_eq!(made.note("Step").unwrap(), Some(json!({ "N": 1 })));
    made.keep_note("Step", None).unwrap();
    assert_eq!((made.note("Step").unwrap(), made.hash_at(1).unwrap()), (None, None));
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let names = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(
        names
            .into_iter()
            .all(|name| name.to_string_lossy().starts_with("store.db") && !name.to_string_lossy().contains("new"))
    );
}

/// Rule: of several that make the same standby at once one does, and nobody finds half of it or one that takes changes.
#[test]
fn a_standby_is_made_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let make = || SqliteStore::create_standby(&path, Arc::new(FixedClock::at_unix_seconds(0))).is_ok();
    let made = std::thread::scope(|scope| {
        let looks = scope.spawn(|| {
            while !path.exists() {
                std::thread::yield_now();
            }
            SqliteStore::open(&path).unwrap().role().unwrap()
        });
        let makers: Vec<_> = (0..4).map(|_| scope.spawn(make)).collect();
        assert_eq!(looks.join().unwrap(), Role::Standby);
        makers.into_iter().map(|maker| usize::from(maker.join().unwrap())).sum::<usize>()
    });
    assert_eq!(made, 1);
}

/// Rule: each row passes the gate when it is on the disk here and before anybody is told; what the gate refuses is
/// written, and not acknowledged.
#[test]
fn a_gate_stands_between_the_disk_and_the_acknowledgement() {
    let mut lab = lab();
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let (one, two) = (seen.clone(), seen.clone());
    let path = lab.path.clone();
    lab.store.on_commit(Arc::new(move |version| one.lock().unwrap().push(format!("told {version}"))));
    lab.store.gate(Arc::new(move |position: &Position| {
        // Another connection finds it there.
        assert_eq!(SqliteStore::open(&path).unwrap().position().unwrap(), *position);
        two.lock().unwrap().push(format!("row {}", position.sequence));
        let over = || ErrorRecord::new("EpochOver", Category::InvalidOperation, "over");
        if position.sequence == 4 { Err(over()) } else { Ok(()) }
    }));
    lab.store.commit(&by("admin"), &[set("A", 1, Expected::Any)]).unwrap();
    lab.store.record(&by("nobody").entry("AccessDenied")).unwrap();
    lab.store.commit(&by("admin"), &[delete("none", Expected::Any)]).unwrap();
    lab.store.set_epoch(&by("admin"), 2).unwrap();
    let over = lab.store.commit(&by("admin"), &[set("A", 2, Expected::Any)]).unwrap_err();
    assert_eq!(over.id(), "EpochOver");
    assert_eq!(lab.store.get(&policy("A")).unwrap().unwrap().version, 2);
    assert_eq!(*seen.lock().unwrap(), ["row 1", "told 1", "row 2", "row 3", "row 4"]);
}

/// Rule: when what is kept cannot be kept, nothing is taken back.
#[test]
fn nothing_goes_that_was_not_kept() {
    let lab = lab();
    for n in 0..3 {
        lab.store.commit(&by("admin"), &[set("A", n, Expected::Any)]).unwrap();
    }
    lab.store.set_role(Role::Standby).unwrap();
    let before = dump(&lab.path);
    let mut count = 0;
    let failed = lab.store.rewind(1, &mut |_| {
        count += 1;
        if count == 2 { Err(ErrorRecord::new("DiskFull", Category::ResourceUnavailable, "full")) } else { Ok(()) }
    });
    assert_eq!(failed.unwrap_err().id(), "DiskFull");
    assert_eq!(dump(&lab.path), before);
    assert_eq!(lab.store.rewind(99, &mut |_| Ok(())).unwrap().sequence, 3);
    assert_eq!(lab.store.rewind(0, &mut |_| Ok(())).unwrap().version, 0);
    assert!(lab.store.get(&DocumentId::new("VoicePolicy", "Tag:A", "")).unwrap().is_none());
}
