//! What storage costs, with a thousand documents and with a million: a small change must cost the same.

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use reeve::replication::message::{Announce, FORMAT};
use reeve::replication::package::{End, Header};
use reeve::replication::storage::{PackedDocument, ReplicaDb};
use reeve::replication::{Chain, Held, PackageId};
use reeve::store::{Change, DocumentId, Expected, Grant, SqliteStore, Store};
use serde_json::json;
use std::hint::black_box;
use std::io::{BufReader, Read};

const DEPLOYMENT: &str = "bench";
const SIZES: [u64; 4] = [1_000, 10_000, 100_000, 1_000_000];

fn body(n: u64) -> serde_json::Value {
    json!({ "Identity": "Tag:Redmond", "AllowCallForwarding": true, "PstnUsages": ["Local", "Long Distance"], "N": n })
}

fn id(n: u64) -> DocumentId {
    DocumentId::new("VoicePolicy", &format!("Tag:P{n}"), "")
}

fn held(version: u64) -> Held {
    Held { epoch: 1, version, chain: Chain::default().next(version, b"bench") }
}

fn announce(from: Option<u64>, to: u64) -> Announce {
    let package = PackageId { epoch: 1, from, to };
    Announce { package, length: 0, unpacked: 0, hash: Chain::default(), from: from.map(held), to: held(to), body: None }
}

/// An unpacked package, made as it is read.
struct Lines<I> {
    documents: I,
    count: u64,
    ready: Vec<u8>,
    over: bool,
}

impl<I: Iterator<Item = PackedDocument>> Lines<I> {
    fn new(announce: &Announce, documents: I) -> Lines<I> {
        let PackageId { epoch, from, to } = announce.package;
        let kind = announce.package.kind();
        let (chain_from, chain_to) = (announce.from.map(|held| held.chain), announce.to.chain);
        let floor = from.is_none().then_some(to);
        let deployment = DEPLOYMENT.to_string();
        let header = Header { format: FORMAT, deployment, epoch, from, to, kind, floor, chain_from, chain_to };
        let mut ready = serde_json::to_vec(&header).expect("written");
        ready.push(b'\n');
        Lines { documents, count: 0, ready, over: false }
    }

    fn bytes(mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.read_to_end(&mut bytes).expect("read");
        bytes
    }
}

impl<I: Iterator<Item = PackedDocument>> Read for Lines<I> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.ready.is_empty() && !self.over {
            if let Some(document) = self.documents.next() {
                self.count += 1;
                document.write(&mut self.ready);
            } else {
                self.over = true;
                self.ready = serde_json::to_vec(&End { count: self.count })?;
                self.ready.push(b'\n');
            }
        }
        let count = self.ready.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.ready[..count]);
        self.ready.drain(..count);
        Ok(count)
    }
}

fn packed(n: u64, version: u64, text: &str) -> PackedDocument {
    PackedDocument { id: id(n), version, body: Some(text.into()) }
}

/// A delta of one document into a replica of many.
fn deltas(c: &mut Criterion) {
    let mut group = c.benchmark_group("replica: apply a delta of one document");
    group.sample_size(50);
    for size in SIZES {
        let folder = tempfile::tempdir().expect("a folder");
        let mut db = ReplicaDb::open(folder.path(), DEPLOYMENT).expect("opened");
        let full = announce(None, size);
        let text = body(1).to_string();
        let documents = (1..=size).map(|n| packed(n, n, &text));
        db.apply(&full, &mut BufReader::new(Lines::new(&full, documents))).expect("applied");
        let mut version = size;
        group.bench_function(format!("{size} documents"), |b| {
            b.iter_batched(
                || {
                    let delta = announce(Some(version), version + 1);
                    version += 1;
                    let document = packed(version * 7919 % size, version, &body(version).to_string());
                    let bytes = Lines::new(&delta, std::iter::once(document)).bytes();
                    (delta, bytes)
                },
                |(delta, bytes)| db.apply(&delta, &mut &*bytes).expect("applied"),
                // One after the other: each goes on where the last ended.
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

/// A change of one document in a store of many, and reading it for a package.
fn changes(c: &mut Criterion) {
    let grant = Grant::system("bench");
    for size in SIZES {
        let folder = tempfile::tempdir().expect("a folder");
        let store = SqliteStore::create(folder.path().join("cms.db")).expect("made");
        let change = |n: u64, text: u64| Change { id: id(n), expected: Expected::Any, body: Some(body(text)) };
        for from in (0..size).step_by(10_000) {
            let batch: Vec<Change> = (from..size.min(from + 10_000)).map(|n| change(n, n)).collect();
            store.commit(&grant, &batch).expect("committed");
        }
        let mut group = c.benchmark_group(format!("store of {size} documents"));
        group.sample_size(50);
        let mut n = 0;
        group.bench_function("commit one change", |b| {
            b.iter(|| {
                n += 1;
                store.commit(&grant, &[change(n * 7919 % size, n)]).expect("committed")
            });
        });
        let before = store.version().expect("read") - 1;
        group.bench_function("read_after of one change", |b| {
            b.iter(|| {
                let mut count = 0;
                let mut each = |document| {
                    count += 1;
                    black_box(document);
                    Ok(())
                };
                store.read_after(Some(before), &mut |_| Ok(()), &mut each).expect("read");
                assert_eq!(count, 1);
            });
        });
        group.finish();
    }
}

/// A snapshot of 1,000 documents of 1 KiB: into an empty replica, over another, over itself.
fn snapshots(c: &mut Criterion) {
    let mut group = c.benchmark_group("replica: apply a snapshot of 1 MB");
    group.sample_size(30);
    let bytes = |version: u64, salt: &str| {
        let text = json!({ "Text": salt.repeat(1000) }).to_string();
        let announce = announce(None, version);
        let bytes = Lines::new(&announce, (1..=1000).map(|n| packed(n, n, &text))).bytes();
        (announce, bytes)
    };
    let (first, first_bytes) = bytes(1000, "x");
    let (second, second_bytes) = bytes(1000, "y");
    group.bench_function("into an empty replica", |b| {
        b.iter_batched(
            || {
                let folder = tempfile::tempdir().expect("a folder");
                let db = ReplicaDb::open(folder.path(), DEPLOYMENT).expect("opened");
                (folder, db)
            },
            |(folder, mut db)| {
                db.apply(&first, &mut &*first_bytes).expect("applied");
                (folder, db)
            },
            BatchSize::PerIteration,
        );
    });
    let folder = tempfile::tempdir().expect("a folder");
    let mut db = ReplicaDb::open(folder.path(), DEPLOYMENT).expect("opened");
    let mut turn = false;
    group.bench_function("over another one", |b| {
        b.iter(|| {
            turn = !turn;
            let (announce, bytes) = if turn { (&first, &first_bytes) } else { (&second, &second_bytes) };
            db.apply(announce, &mut &**bytes).expect("applied")
        });
    });
    db.apply(&first, &mut &*first_bytes).expect("applied");
    group.bench_function("over itself", |b| b.iter(|| db.apply(&first, &mut &*first_bytes).expect("applied")));
    group.finish();
}

criterion_group!(benches, snapshots, deltas, changes);
criterion_main!(benches);
