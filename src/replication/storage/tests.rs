//! What a replica promises: whole packages or nothing, only those that fit, an epoch that never goes back, and that it
//! heals itself.

use super::{FILE, PackedDocument, ReplicaDb, ReplicaStore, discard};
use crate::env::FixedClock;
use crate::replication::PackageId;
use crate::replication::message::{Announce, FORMAT};
use crate::replication::package::{End, Header};
use crate::store::{Chain, DocumentId, Grant, Held, Store};
use std::path::Path;
use std::sync::Arc;

const DEPLOYMENT: &str = "d-1";

pub(in crate::replication) fn chain(version: u64) -> Chain {
    Chain::default().next(version, b"test")
}

pub(in crate::replication) fn held(epoch: u64, version: u64) -> Held {
    Held { epoch, version, chain: chain(version) }
}

pub(in crate::replication) fn document(key: &str, version: u64, body: Option<&str>) -> PackedDocument {
    PackedDocument { id: DocumentId::new("VoicePolicy", "Global", key), version, body: body.map(Into::into) }
}

/// A package with its announcement.
pub(in crate::replication) struct Package {
    pub(in crate::replication) announce: Announce,
    pub(in crate::replication) header: Header,
    documents: Vec<PackedDocument>,
}

impl Package {
    pub(in crate::replication) fn new(epoch: u64, from: Option<u64>, to: u64, documents: &[PackedDocument]) -> Package {
        let package = PackageId { epoch, from, to };
        let announce = Announce {
            package,
            length: 0,
            unpacked: 0,
            hash: Chain::default(),
            from: from.map(|from| held(epoch, from)),
            to: held(epoch, to),
            body: None,
        };
        let header = Header {
            format: FORMAT,
            deployment: DEPLOYMENT.into(),
            epoch,
            from,
            to,
            kind: package.kind(),
            floor: from.is_none().then_some(to),
            chain_from: from.map(chain),
            chain_to: chain(to),
        };
        Package { announce, header, documents: documents.to_vec() }
    }

    pub(in crate::replication) fn bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec(&self.header).unwrap();
        bytes.push(b'\n');
        self.documents.iter().for_each(|document| document.write(&mut bytes));
        bytes.extend(serde_json::to_vec(&End { count: self.documents.len() as u64 }).unwrap());
        bytes.push(b'\n');
        bytes
    }

    pub(in crate::replication) fn apply(&self, to: &mut ReplicaDb) -> Result<Held, String> {
        to.apply(&self.announce, &mut &*self.bytes()).map_err(|error| error.id().to_string())
    }
}

pub(in crate::replication) fn open(folder: &Path) -> ReplicaDb {
    let clock = Arc::new(FixedClock::at_unix_seconds(1_700_000_000));
    ReplicaDb::open_with(folder, DEPLOYMENT, clock).unwrap()
}

/// Keys, versions and bodies of all documents.
pub(in crate::replication) fn all(db: &ReplicaDb) -> Vec<(String, u64, String)> {
    let mut found = Vec::new();
    db.store()
        .read_after(None, &mut |_| Ok(()), &mut |document| {
            let body = document.body.map(|body| body.to_string()).unwrap_or_default();
            found.push((document.id.key.to_string(), document.version, body));
            Ok(())
        })
        .unwrap();
    found.sort();
    found
}

fn row(key: &str, version: u64, body: &str) -> (String, u64, String) {
    (key.into(), version, body.into())
}

/// Rule: a snapshot, then deltas with changes and tombstones, lead to what the store has; all outlasts a restart.
#[test]
fn snapshots_and_deltas_lead_to_the_stores_documents() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = open(folder.path());
    assert_eq!((db.held().unwrap(), db.highest_epoch()), (None, 0));
    assert!(ReplicaStore::open(folder.path()).unwrap().is_none());
    let full = Package::new(1, None, 5, &[document("a", 1, Some("{\"N\":1}")), document("b", 5, Some("{\"N\":2}"))]);
    assert_eq!(full.apply(&mut db).unwrap(), held(1, 5));
    let delta = [document("a", 6, None), document("c", 7, Some("[1.50,null]")), document("never", 7, None)];
    Package::new(1, Some(5), 7, &delta).apply(&mut db).unwrap();
    drop(db);
    let db = open(folder.path());
    assert_eq!(db.held().unwrap(), Some(held(1, 7)));
    assert_eq!(all(&db), [row("b", 5, "{\"N\":2}"), row("c", 7, "[1.5,null]")]);
    let last = db.last_package().unwrap().unwrap();
    assert_eq!(last.package, PackageId { epoch: 1, from: Some(5), to: 7 });
    assert_eq!(last.applied_on, crate::env::Clock::now(&FixedClock::at_unix_seconds(1_700_000_000)));
}

/// Rule: what a full snapshot does not name is gone after it, whatever was held.
#[test]
fn a_snapshot_takes_the_place_of_all_that_was_held() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = open(folder.path());
    let many: Vec<_> = (1..=3000).map(|n| document(&format!("k{n}"), n, Some("{}"))).collect();
    Package::new(1, None, 3000, &many).apply(&mut db).unwrap();
    assert_eq!(all(&db).len(), 3000);
    // Of another history too: an older version of a promoted store, the same version with another body.
    let other =
        [document("k1", 1, Some("{\"Other\":1}")), document("K7", 7, Some("{}")), document("new", 9, Some("1"))];
    Package::new(2, None, 9, &other).apply(&mut db).unwrap();
    assert_eq!(all(&db), [row("K7", 7, "{}"), row("k1", 1, "{\"Other\":1}"), row("new", 9, "1")]);
    Package::new(2, None, 9, &[]).apply(&mut db).unwrap();
    assert!(all(&db).is_empty());
}

/// Rule: a package that does not fit changes nothing.
#[test]
fn what_does_not_fit_is_refused_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = open(folder.path());
    let doc = |version| [document("x", version, Some("{\"N\":1}"))];
    Package::new(2, None, 5, &[document("a", 1, Some("{}"))]).apply(&mut db).unwrap();
    let before = all(&db);
    let good = Package::new(2, Some(5), 6, &doc(6));
    let altered = |alter: &dyn Fn(&mut Package)| {
        let mut package = Package::new(2, Some(5), 6, &doc(6));
        alter(&mut package);
        package
    };
    let full = |epoch, documents: &[PackedDocument]| Package::new(epoch, None, 6, documents);
    for (what, package, id) in [
        ("an older epoch", Package::new(1, Some(5), 6, &doc(6)), "PackageStale"),
        ("an older epoch's snapshot", full(1, &doc(6)), "PackageStale"),
        ("a gap", Package::new(2, Some(6), 7, &doc(7)), "PackageStale"),
        ("from before", Package::new(2, Some(4), 6, &doc(6)), "PackageStale"),
        ("another chain", altered(&|p| p.announce.from.as_mut().unwrap().chain = chain(99)), "PackageStale"),
        ("another end", altered(&|p| p.announce.to.chain = chain(99)), "PackageCorrupt"),
        ("another name", altered(&|p| p.header.to = 7), "PackageCorrupt"),
        ("another kind", altered(&|p| p.header.floor = Some(6)), "PackageCorrupt"),
        ("another deployment", altered(&|p| p.header.deployment = "d-2".into()), "PackageForeign"),
        ("a newer form", altered(&|p| p.header.format = 99), "PackageNewer"),
        ("a version before", altered(&|p| p.documents = doc(5).to_vec()), "PackageCorrupt"),
        ("a version after", altered(&|p| p.documents = doc(7).to_vec()), "PackageCorrupt"),
        ("a tombstone in a snapshot", full(2, &[document("x", 6, None)]), "PackageCorrupt"),
    ] {
        assert_eq!(package.apply(&mut db).unwrap_err(), id, "{what}");
        assert_eq!((db.held().unwrap(), all(&db)), (Some(held(2, 5)), before.clone()), "{what}");
    }
    good.apply(&mut db).unwrap();
    assert_eq!(good.apply(&mut db).unwrap_err(), "PackageStale", "twice");
}

/// Rule: a package that was cut anywhere, or goes on, is not applied.
#[test]
fn a_package_that_is_cut_anywhere_is_corrupt() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = open(folder.path());
    let package = Package::new(1, None, 2, &[document("a", 1, Some("{\"N\":1}")), document("b", 2, Some("{}"))]);
    let bytes = package.bytes();
    for end in 0..bytes.len() {
        let error = db.apply(&package.announce, &mut &bytes[..end]).unwrap_err();
        assert_eq!((error.id(), db.held().unwrap()), ("PackageCorrupt", None), "{end}");
    }
    let longer = [bytes.as_slice(), b"x"].concat();
    assert_eq!(db.apply(&package.announce, &mut &*longer).unwrap_err().id(), "PackageCorrupt");
    assert_eq!(db.apply(&package.announce, &mut &b"\xff\xfe\n"[..]).unwrap_err().id(), "PackageCorrupt");
    assert!(all(&db).is_empty());
    package.apply(&mut db).unwrap();
}

/// Rule: the highest epoch never goes back, even where the database was lost.
#[test]
fn the_epoch_never_goes_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = open(folder.path());
    assert_eq!(db.raise_epoch(7).unwrap(), 7);
    assert_eq!(db.raise_epoch(3).unwrap(), 7);
    drop(db);
    std::fs::write(folder.path().join(FILE), b"no database at all".repeat(1000)).unwrap();
    let mut db = open(folder.path());
    assert_eq!((db.highest_epoch(), db.held().unwrap()), (7, None));
    assert_eq!(Package::new(6, None, 1, &[]).apply(&mut db).unwrap_err(), "PackageStale");
    Package::new(8, None, 1, &[]).apply(&mut db).unwrap();
    assert_eq!(db.highest_epoch(), 8);
    drop(db);
    std::fs::remove_file(folder.path().join("epoch")).unwrap();
    assert_eq!(open(folder.path()).highest_epoch(), 8);
}

/// Rule: a disk without room changes nothing, and when it has room the same package is applied.
#[test]
fn a_full_disk_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = open(folder.path());
    Package::new(1, None, 1, &[document("a", 1, Some("{}"))]).apply(&mut db).unwrap();
    let limit = |db: &ReplicaDb, pages: i64| {
        db.store().connection().pragma_update(None, "max_page_count", pages).unwrap();
    };
    limit(&db, 20);
    let body = format!("\"{}\"", "x".repeat(3000));
    let many: Vec<_> = (2..200).map(|n| document(&format!("k{n}"), n, Some(&body))).collect();
    let large = Package::new(1, Some(1), 199, &many);
    assert_eq!(large.apply(&mut db).unwrap_err(), "ReplicaDiskFull");
    assert_eq!((db.held().unwrap(), all(&db)), (Some(held(1, 1)), vec![row("a", 1, "{}")]));
    limit(&db, 1_000_000);
    assert_eq!(large.apply(&mut db).unwrap(), held(1, 199));
}

/// Rule: a damaged replica is set aside and begun anew, when it is opened and while it is in use; a snapshot heals it.
#[test]
fn a_damaged_replica_heals_itself() {
    let folder = tempfile::tempdir().unwrap();
    let many: Vec<_> = (1..500).map(|n| document(&format!("k{n}"), n, Some("{\"Some\":\"Text\"}"))).collect();
    let full = Package::new(1, None, 499, &many);
    let mut db = open(folder.path());
    full.apply(&mut db).unwrap();
    drop(db);
    let path = folder.path().join(FILE);
    let mut bytes = std::fs::read(&path).unwrap();
    // The first page, with schema and state's root, is well; the rest is not.
    let pages = bytes.len() / 4096;
    assert!(pages > 10, "{pages}");
    bytes[4 * 4096..].fill(0x5a);
    std::fs::write(&path, bytes).unwrap();
    let mut db = open(folder.path());
    let reader = ReplicaStore::open(folder.path()).ok().flatten();
    let mut healed = false;
    for _ in 0..2 {
        match full.apply(&mut db) {
            Ok(_) => healed = true,
            Err(id) => {
                assert_eq!(id, "ReplicaDamaged");
                assert_eq!(db.held().unwrap(), None);
            }
        }
    }
    // Who had the old file open does not harm the new one.
    drop(reader);
    assert!(healed);
    assert_eq!(all(&db).len(), 499);
    drop(db);
    assert_eq!(all(&open(folder.path())).len(), 499);
    let aside = std::fs::read_dir(folder.path()).unwrap().flatten();
    assert!(aside.into_iter().any(|e| e.file_name().to_string_lossy().starts_with("replica.db.damaged-")));
}

/// Rule: the replica of another deployment is not taken for ours.
#[test]
fn a_replica_of_another_deployment_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    Package::new(1, None, 1, &[document("a", 1, Some("{}"))]).apply(&mut open(folder.path())).unwrap();
    assert_eq!(ReplicaDb::open(folder.path(), "d-2").unwrap().held().unwrap(), None);
}

/// Rule: a forced snapshot of what is held already writes no document anew, so that it costs little.
#[test]
fn a_snapshot_of_what_is_held_writes_no_document() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = open(folder.path());
    let many: Vec<_> = (1..500).map(|n| document(&format!("k{n}"), n, Some("{\"Some\":\"Text\"}"))).collect();
    let full = Package::new(1, None, 499, &many);
    full.apply(&mut db).unwrap();
    let changed = |db: &ReplicaDb| -> i64 {
        let sql = "SELECT count(*) FROM documents WHERE sequence = (SELECT sequence FROM state)";
        db.store().connection().query_row(sql, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(changed(&db), 499);
    full.apply(&mut db).unwrap();
    assert_eq!(changed(&db), 0);
    assert_eq!(all(&db).len(), 499);
}

/// Rule: a replica is read as a store, and not written as one.
#[test]
fn a_replica_is_a_store_for_reading() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = open(folder.path());
    Package::new(1, None, 2, &[document("a", 1, Some("{}")), document("B", 2, Some("{}"))]).apply(&mut db).unwrap();
    let store = ReplicaStore::open(folder.path()).unwrap().unwrap();
    assert_eq!((store.version().unwrap(), store.epoch().unwrap()), (2, 1));
    assert_eq!(store.chain(2).unwrap(), Some(chain(2)));
    assert_eq!(store.list("voicepolicy").unwrap().len(), 2);
    assert_eq!(&*store.get(&DocumentId::new("VOICEPOLICY", "global", "b")).unwrap().unwrap().id.key, "B");
    assert_eq!(store.commit(&Grant::system("test"), &[]).unwrap_err().id(), "ReplicaIsReadOnly");
    assert_eq!(store.set_epoch(&Grant::system("test"), 9).unwrap_err().id(), "ReplicaIsReadOnly");
    // What is applied meanwhile is seen at once.
    Package::new(1, Some(2), 3, &[document("a", 3, None)]).apply(&mut db).unwrap();
    assert_eq!((store.version().unwrap(), store.list("VoicePolicy").unwrap().len()), (3, 1));
}

/// Rule: a replica that is discarded holds nothing, for its running server too, refuses deltas and takes a snapshot; it
/// knows its epoch still.
#[test]
fn a_discarded_replica_takes_a_snapshot() {
    let folder = tempfile::tempdir().unwrap();
    discard(folder.path()).unwrap();
    let mut db = open(folder.path());
    Package::new(3, None, 2, &[document("a", 1, Some("1")), document("b", 2, Some("2"))]).apply(&mut db).unwrap();
    discard(folder.path()).unwrap();
    assert_eq!((db.held().unwrap(), db.last_package().unwrap()), (None, None));
    assert!(ReplicaStore::open(folder.path()).unwrap().is_none());
    assert_eq!(Package::new(3, Some(2), 3, &[]).apply(&mut db).unwrap_err(), "PackageStale");
    drop(db);
    let mut db = open(folder.path());
    assert_eq!(Package::new(2, None, 3, &[]).apply(&mut db).unwrap_err(), "PackageStale");
    Package::new(3, None, 3, &[document("b", 2, Some("2"))]).apply(&mut db).unwrap();
    assert_eq!(all(&db), [row("b", 2, "2")]);
}
