//! A change a second with one writer: the store beside plain SQLite at the same durability.

use criterion::{Criterion, criterion_group, criterion_main};
use reeve::store::{Change, DocumentId, Expected, Grant, SqliteStore, Store};
use rusqlite::{Connection, params};
use serde_json::json;
use std::hint::black_box;

fn body(n: u64) -> serde_json::Value {
    json!({ "Identity": "Tag:Redmond", "AllowCallForwarding": true, "PstnUsages": ["Local", "Long Distance"], "N": n })
}

fn changes(c: &mut Criterion) {
    let mut group = c.benchmark_group("one change");
    group.sample_size(50);

    let dir = tempfile::tempdir().expect("a directory");
    let store = SqliteStore::create(dir.path().join("store.db")).expect("made");
    let grant = Grant::system("bench");
    let mut n = 0;
    group.bench_function("store: document, history, audit row", |b| {
        b.iter(|| {
            n += 1;
            let id = DocumentId::new("VoicePolicy", &format!("Tag:P{}", n % 1000), "");
            let change = Change { id, expected: Expected::Any, body: Some(body(n)) };
            store.commit(&grant, &[change]).expect("committed")
        });
    });

    let plain = Connection::open(dir.path().join("plain.db")).expect("opened");
    plain.pragma_update(None, "journal_mode", "WAL").expect("set");
    plain.pragma_update(None, "synchronous", "FULL").expect("set");
    plain.execute_batch("CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT)").expect("made");
    group.bench_function("plain SQLite: one row", |b| {
        b.iter(|| {
            n += 1;
            let text = body(n).to_string();
            let mut statement = plain.prepare_cached("INSERT OR REPLACE INTO t VALUES (?1, ?2)").expect("prepared");
            statement.execute(params![n as i64 % 1000, text]).expect("inserted")
        });
    });
    group.finish();
}

fn reads(c: &mut Criterion) {
    for count in [1_000_u64, 1_000_000] {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("store.db");
        let store = SqliteStore::create(&path).expect("made");
        let change = |n: u64| Change {
            id: DocumentId::new(if n.is_multiple_of(1000) { "Few" } else { "Many" }, &format!("Tag:{n}"), ""),
            expected: Expected::Absent,
            body: Some(body(n)),
        };
        for from in (0..count).step_by(10_000) {
            let batch: Vec<Change> = (from..count.min(from + 10_000)).map(change).collect();
            store.commit(&Grant::system("bench"), &batch).expect("committed");
        }
        let last = store.version().expect("read");
        store.commit(&Grant::system("bench"), &[change(count + 1)]).expect("committed");
        let id = DocumentId::new("Many", &format!("Tag:{}", count / 2 + 1), "");
        let mut group = c.benchmark_group(format!("{count} documents"));
        group.bench_function("get", |b| b.iter(|| black_box(store.get(&id).expect("read"))));
        group.bench_function("since", |b| b.iter(|| black_box(store.since(last).expect("read"))));
        group.bench_function("open and read the version", |b| {
            b.iter(|| SqliteStore::open(&path).expect("opened").version().expect("read"));
        });
        group.finish();
    }
}

criterion_group!(benches, changes, reads);
criterion_main!(benches);
