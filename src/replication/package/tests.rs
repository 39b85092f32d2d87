//! Packages are made and opened.

use super::*;
use crate::replication::storage::ReplicaDb;
use crate::store::{Change, DocumentId, Expected, Grant, SqliteStore, Store};
use std::io::Read;

fn change(store: &SqliteStore, key: &str, body: Option<serde_json::Value>) {
    let id = DocumentId::new("Policy", "Global", key);
    let change = Change { id, expected: Expected::Any, body };
    store.commit(&Grant::system("test"), &[change]).unwrap();
}

/// A store with some documents, one of them gone.
fn store() -> SqliteStore {
    let store = SqliteStore::in_memory().unwrap();
    for n in 0..20 {
        change(&store, &format!("k{n}"), Some(serde_json::json!({"N": n, "Text": "a text of some length"})));
    }
    change(&store, "k3", None);
    store
}

fn bytes(package: &Package) -> Vec<u8> {
    let mut all = Vec::new();
    while (all.len() as u64) < package.announce().length {
        let left = package.announce().length - all.len() as u64;
        let piece = package.read(all.len() as u64, u32::try_from(left).unwrap().min(70_000)).unwrap();
        all.extend_from_slice(&piece);
    }
    all
}

/// Rule: the same store gives the same bytes, whenever it is asked.
#[test]
fn a_package_is_the_same_whenever_it_is_made() {
    let (store, folder) = (store(), tempfile::tempdir().unwrap());
    for from in [None, Some(0), Some(15), Some(20)] {
        let [one, two] = [(); 2].map(|()| build(&store, "d", from, folder.path()).unwrap());
        assert_eq!(one.announce(), two.announce());
        assert_eq!(bytes(&one), bytes(&two));
        let head = store.head().unwrap();
        assert_eq!(one.announce().to, head.held());
        assert_eq!(one.announce().from.map(|from| from.version), from);
    }
    assert_eq!(build(&store, "d", Some(21), folder.path()).unwrap_err().id(), "VersionUnknown");
    assert_eq!(build(&store, "d", Some(99), folder.path()).unwrap_err().id(), "VersionUnknown");
}

/// Rule: what is applied is what the store has, full or delta; deletions travel in deltas.
#[test]
fn what_is_applied_is_what_the_store_has() {
    let (store, folder) = (store(), tempfile::tempdir().unwrap());
    let mut db = ReplicaDb::open(folder.path(), "d").unwrap();
    let apply = |db: &mut ReplicaDb, from| {
        let package = build(&store, "d", from, folder.path()).unwrap();
        let bytes = bytes(&package);
        let mut unpacked = open(&bytes[..], package.announce()).unwrap();
        db.apply(package.announce(), &mut unpacked).unwrap()
    };
    let held = apply(&mut db, None);
    assert_eq!(db.store().list("Policy").unwrap(), store.list("Policy").unwrap());
    change(&store, "k4", None);
    change(&store, "k5", Some(serde_json::json!({"N": 1.50})));
    apply(&mut db, Some(held.version));
    assert_eq!(db.store().list("Policy").unwrap(), store.list("Policy").unwrap());
    assert_eq!(db.store().list("Policy").unwrap().len(), 18);
}

/// Rule: a large package lies in a file without a name, and reads the same.
#[test]
fn a_large_package_is_spooled() {
    let (store, folder) = (SqliteStore::in_memory().unwrap(), tempfile::tempdir().unwrap());
    // What does not compress.
    let noise = |seed: u64| {
        let mut reader = blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof();
        let mut bytes = vec![0; 300_000];
        reader.fill(&mut bytes);
        bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    for seed in 0..6 {
        change(&store, &format!("k{seed}"), Some(serde_json::json!({ "Noise": noise(seed) })));
    }
    let package = build(&store, "d", None, folder.path()).unwrap();
    assert!(package.in_memory().is_none() && package.announce().body.is_none());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let bytes = bytes(&package);
    assert_eq!(blake3::hash(&bytes).as_bytes(), &package.announce().hash.0);
    let mut text = String::new();
    open(&bytes[..], package.announce()).unwrap().read_to_string(&mut text).unwrap();
    assert_eq!((text.len() as u64, text.lines().count()), (package.announce().unpacked, 8));
    assert_eq!(package.read(package.announce().length, 1).unwrap_err().id(), "PackageUnreadable");
}

/// Rule: bytes that are cut, longer, changed or unpack to something else than announced never come to their end.
#[test]
fn bytes_that_are_not_those_announced_are_refused() {
    let (store, folder) = (store(), tempfile::tempdir().unwrap());
    let package = build(&store, "d", None, folder.path()).unwrap();
    let (good, announce) = (bytes(&package), (**package.announce()).clone());
    let ends = |bytes: &[u8], announce: &Announce| {
        open(bytes, announce).is_ok_and(|mut unpacked| unpacked.read_to_end(&mut Vec::new()).is_ok())
    };
    assert!(ends(&good, &announce));
    for cut in [0, 1, good.len() / 2, good.len() - 1] {
        assert!(!ends(&good[..cut], &announce), "{cut}");
    }
    assert!(!ends(&[&good[..], b"x"].concat(), &announce));
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert!(!ends(&bad, &announce), "{at}");
    }
    for unpacked in [announce.unpacked - 1, announce.unpacked + 1] {
        assert!(!ends(&good, &Announce { unpacked, ..announce.clone() }));
    }
}

/// Rule: the cache is bounded; the package that was used longest ago gives way.
#[test]
fn the_cache_is_bounded() {
    let package = |to: u64, size: usize| {
        let (store, folder) = (store(), tempfile::tempdir().unwrap());
        let announce = (**build(&store, "d", None, folder.path()).unwrap().announce()).clone();
        let package = crate::replication::PackageId { to, ..announce.package };
        let announce = Arc::new(Announce { package, ..announce });
        Arc::new(Package { announce, content: Content::Memory(vec![0; size].into()) })
    };
    let mut cache = Cache::default();
    let id = |to| package(to, 0).announce().package;
    for to in 1..=3 {
        cache.put(package(to, 20 << 20));
    }
    assert!(cache.get(id(1)).is_some());
    cache.put(package(4, 20 << 20));
    let there: Vec<_> = (1..=4).filter(|to| cache.get(id(*to)).is_some()).collect();
    assert_eq!(there, [1, 3, 4]);
}
