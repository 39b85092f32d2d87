//! The replica's database where processes die, disks are full and stores are large, and what cmdlets read of it. The
//! processes are this test binary again, running `child`.

use crate::support::session::{Lab, s};
use reeve::replication::message::{Announce, FORMAT};
use reeve::replication::package::{self, End, Header};
use reeve::replication::status::StatusTable;
use reeve::replication::storage::{PackedDocument, ReplicaDb, ReplicaStore};
use reeve::replication::{Chain, Control, Held, PackageId, master, offline};
use reeve::store::{Change, Document, DocumentId, Expected, Grant, SqliteStore, Store};
use reeve::value::Value;
use serde_json::json;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

const PATH: &str = "REEVE_TEST_REPLICA";
const WORK: &str = "REEVE_TEST_REPLICA_WORK";
const DEPLOYMENT: &str = "d-1";
/// Documents of the packages that children apply.
const DOCUMENTS: u64 = 400;

fn chain(version: u64) -> Chain {
    Chain::default().next(version, b"test")
}

fn held(version: u64) -> Held {
    Held { epoch: 1, version, chain: chain(version) }
}

fn announce(from: Option<u64>, to: u64) -> Announce {
    let package = PackageId { epoch: 1, from, to };
    Announce { package, length: 0, unpacked: 0, hash: Chain::default(), from: from.map(held), to: held(to), body: None }
}

fn line<T: serde::Serialize>(value: &T) -> Vec<u8> {
    let mut line = serde_json::to_vec(value).unwrap();
    line.push(b'\n');
    line
}

/// An unpacked package that is made while it is read.
struct Made<I> {
    documents: I,
    count: u64,
    ready: Vec<u8>,
    over: bool,
}

fn made(announce: &Announce, documents: impl Iterator<Item = PackedDocument>) -> impl BufRead {
    let PackageId { epoch, from, to } = announce.package;
    let header = Header {
        format: FORMAT,
        deployment: DEPLOYMENT.into(),
        epoch,
        from,
        to,
        kind: announce.package.kind(),
        floor: from.is_none().then_some(to),
        chain_from: from.map(chain),
        chain_to: chain(to),
    };
    BufReader::new(Made { documents, count: 0, ready: line(&header), over: false })
}

impl<I: Iterator<Item = PackedDocument>> Read for Made<I> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.ready.is_empty() && !self.over {
            match self.documents.next() {
                Some(document) => {
                    self.count += 1;
                    document.write(&mut self.ready);
                }
                None => {
                    self.over = true;
                    self.ready = line(&End { count: self.count });
                }
            }
        }
        let count = self.ready.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.ready[..count]);
        self.ready.drain(..count);
        Ok(count)
    }
}

/// Every document as of a version: each names it.
fn all_at(version: u64, long: usize) -> impl Iterator<Item = PackedDocument> {
    (0..DOCUMENTS).map(move |n| PackedDocument {
        id: DocumentId::new("VoicePolicy", "Global", &format!("k{n}")),
        version,
        body: Some(json!({ "N": version, "Text": "x".repeat(long) }).to_string().into()),
    })
}

/// What stands beside what this process has in memory at most, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
    line.split_whitespace().next().and_then(|kib| kib.parse().ok()).unwrap_or(0)
}

/// What a child process does, and says of it.
#[test]
#[ignore = "started by the other tests as a process of its own"]
fn child() {
    let Some(path) = std::env::var_os(PATH) else { return };
    let mut db = ReplicaDb::open(Path::new(&path), DEPLOYMENT).unwrap();
    match std::env::var(WORK).unwrap().as_str() {
        "endless" => loop {
            let from = db.held().unwrap().map(|held| held.version);
            let to = from.unwrap_or(0) + 1;
            // A snapshot now and then.
            let announce = announce(from.filter(|_| !to.is_multiple_of(7)), to);
            db.apply(&announce, &mut made(&announce, all_at(to, 100))).unwrap();
            println!("applied {to}");
        },
        "until full" => {
            let mut error = None;
            while error.is_none() {
                let from = db.held().unwrap().map(|held| held.version);
                let to = from.unwrap_or(0) + 1;
                let announce = announce(from, to);
                let long = 100 * usize::try_from(to).unwrap();
                match db.apply(&announce, &mut made(&announce, all_at(to, long))) {
                    Ok(_) => println!("applied {to}"),
                    Err(failed) => error = Some(failed.id().to_string()),
                }
            }
            println!("failed {}", error.unwrap());
            println!("holds {}", db.held().unwrap().map_or(0, |held| held.version));
        }
        count => {
            let count: u64 = count.parse().unwrap();
            let body: Box<str> = json!({ "Text": "y".repeat(300) }).to_string().into();
            let documents = || {
                let body = body.clone();
                (1..=count).map(move |n| PackedDocument {
                    id: DocumentId::new("Many", "Global", &format!("k{n}")),
                    version: n,
                    body: Some(body.clone()),
                })
            };
            let announce = announce(None, count);
            let before = peak();
            db.apply(&announce, &mut made(&announce, documents())).unwrap();
            db.apply(&announce, &mut made(&announce, documents())).unwrap();
            println!("grown {}", peak() - before);
        }
    }
}

/// Starts a child; `shell` is what a shell does before.
fn start(path: &Path, work: &str, shell: &str) -> Child {
    let binary = std::env::current_exe().unwrap();
    Command::new("/bin/sh")
        .args(["-c", &format!("{shell} exec \"$0\" \"$@\"")])
        .arg(binary)
        .args(["--exact", "replication::storage::child", "--ignored", "--nocapture", "--test-threads=1"])
        .env(PATH, path)
        .env(WORK, work)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// What a child says after a word.
fn said(child: &mut Child, word: &'static str) -> impl Iterator<Item = String> + use<> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    lines.filter_map(move |line| Some(line.rsplit_once(word)?.1.trim().to_string()))
}

fn documents(store: &dyn Store) -> Vec<Document> {
    let mut all = Vec::new();
    store
        .read_after(None, &mut |_| Ok(()), &mut |document| {
            all.push(document);
            Ok(())
        })
        .unwrap();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    all
}

/// Rule: whatever was reported is there after kill -9, and never a part of a package.
#[test]
fn a_replica_that_is_killed_holds_whole_packages() {
    let folder = tempfile::tempdir().unwrap();
    let mut reported = 0;
    for kill_after in [1, 6, 3, 12, 2] {
        let mut child = start(folder.path(), "endless", "");
        let last = said(&mut child, "applied ").take(kill_after).last().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        reported = reported.max(last.parse().unwrap());
        let db = ReplicaDb::open(folder.path(), DEPLOYMENT).unwrap();
        let held = db.held().unwrap().unwrap();
        assert!(held.version >= reported, "{held:?} after {reported}");
        assert_eq!(held.chain, chain(held.version));
        let all = documents(db.store());
        assert_eq!(all.len() as u64, DOCUMENTS);
        assert!(all.iter().all(|d| d.version == held.version && d.body.as_ref().unwrap()["N"] == held.version));
    }
}

/// Rule: where a file may not grow any more, what is held stays whole, and the error says that it is the disk.
#[test]
fn a_disk_that_is_full_leaves_what_is_held() {
    let folder = tempfile::tempdir().unwrap();
    // Blocks of 512 bytes; without the signal the write fails as it does on a disk without room.
    let mut child = start(folder.path(), "until full", "trap '' XFSZ; ulimit -f 4000;");
    let words: Vec<String> = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok).collect();
    assert!(child.wait().unwrap().success());
    let after = |word: &str| {
        let found = words.iter().rev().find_map(|line| Some(line.split_once(word)?.1));
        found.unwrap_or_default().trim().to_string()
    };
    assert!(["DiskFull", "Failed"].contains(&after("failed Replica").as_str()), "{words:?}");
    assert!(!after("applied").is_empty());
    assert_eq!(after("holds"), after("applied"));
    let mut db = ReplicaDb::open(folder.path(), DEPLOYMENT).unwrap();
    let version = db.held().unwrap().unwrap().version;
    assert_eq!(version.to_string(), after("applied"));
    assert!(documents(db.store()).iter().all(|d| d.version == version));
    // With room again the next package is applied.
    let next = announce(Some(version), version + 1);
    db.apply(&next, &mut made(&next, all_at(version + 1, 10_000))).unwrap();
}

/// Rule: the memory that a snapshot takes does not grow with it.
#[test]
fn a_large_snapshot_takes_little_memory() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = start(folder.path(), "100000", "");
    // To its end: a child whose words nobody hears ends with an error.
    let grown: u64 = said(&mut child, "grown ").last().unwrap().parse().unwrap();
    assert!(child.wait().unwrap().success());
    // The documents are 35 MB.
    assert!(grown < 12 * 1024, "{grown} KiB");
    let store = ReplicaStore::open(folder.path()).unwrap().unwrap();
    assert_eq!(store.list("Many").unwrap().len(), 100_000);
}

/// Rule: by deltas of any length, or by a snapshot at any time, a replica comes to what the store has.
#[test]
fn every_way_leads_to_what_the_store_has() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::create(folder.path().join("cms.db")).unwrap();
    let open = |name: &str| ReplicaDb::open(&folder.path().join(name), DEPLOYMENT).unwrap();
    let mut replicas = [("each", 1, open("each")), ("some", 7, open("some")), ("forced", 5, open("forced"))];
    // A row of numbers that jump about, the same in every run.
    let mut seed = 7_u64;
    let mut number = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    for round in 1..=60_u64 {
        let mut changes: Vec<Change> = Vec::new();
        for _ in 0..=number(4) {
            let id = DocumentId::new("VoicePolicy", &format!("Tag:P{}", number(12)), "");
            let body = (number(3) > 0).then(|| json!({ "N": number(1000), "Odd": ["ö\n\"", null, 1.5] }));
            if changes.iter().all(|change| change.id != id) {
                changes.push(Change { id, expected: Expected::Any, body });
            }
        }
        store.commit(&Grant::system("test"), &changes).unwrap();
        for (name, every, db) in &mut replicas {
            let held = db.held().unwrap();
            if round % *every != 0 || held.is_some_and(|held| held.version == store.version().unwrap()) {
                continue;
            }
            let from = held.map(|held| held.version).filter(|_| *name != "forced");
            let package = package::build(&store, DEPLOYMENT, from, folder.path()).unwrap();
            let announce = package.announce();
            let mut unpacked = package::open(&announce.body.as_ref().unwrap()[..], announce).unwrap();
            assert_eq!(db.apply(announce, &mut unpacked).unwrap(), store.head().unwrap().held());
            assert_eq!(documents(db.store()), documents(&store), "{name} at {round}");
        }
    }
}

fn fill_replica(lab: &Lab) {
    let deployment = lab.session.deployment().unwrap();
    let folder = deployment.host().replica();
    let mut db = ReplicaDb::open(&folder, deployment.id()).unwrap();
    let package = package::build(deployment.store(), deployment.id(), None, &folder).unwrap();
    let announce = package.announce();
    db.apply(announce, &mut package::open(&announce.body.as_ref().unwrap()[..], announce).unwrap()).unwrap();
}

/// Rule: -LocalStore reads what this computer's replica holds, not the store; without one it says so.
#[test]
fn local_store_reads_the_replica() {
    let lab = Lab::new();
    let local = ("LocalStore", Value::Bool(true));
    assert_eq!(lab.fails("Get-CsVoicePolicy", std::slice::from_ref(&local)), "NoReplica");
    lab.ok("New-CsVoicePolicy", &[("Identity", s("Old"))]);
    fill_replica(&lab);
    lab.ok("New-CsVoicePolicy", &[("Identity", s("New"))]);
    let count = |parameters: &[(&str, Value)]| lab.ok("Get-CsVoicePolicy", parameters).len();
    assert_eq!(count(&[]), count(std::slice::from_ref(&local)) + 1);
    let outcome = lab.run(&[("Get-CsTopology", std::slice::from_ref(&local))]);
    assert!(outcome.errors.is_empty() && outcome.said.is_empty(), "{outcome:?}");
    assert_eq!(outcome.objects.len(), 1);
    fill_replica(&lab);
    assert_eq!(count(&[]), count(&[local]));
}

/// Rule: without a server the status is what its table says, and says why a replica is not up to date; to forget is
/// possible, to probe is not.
#[test]
fn without_a_server_the_status_is_read_from_its_table() {
    let lab = Lab::new();
    let deployment = lab.session.deployment().unwrap();
    let topology = deployment.topology().unwrap();
    let control = || offline(&deployment.host().status(), deployment.store(), &topology).unwrap();
    assert!(control().replicas().unwrap().iter().all(|state| !state.up_to_date && state.reason.is_some()));
    control().forget(None).unwrap();
    let names: Vec<String> = topology.replicas().map(|computer| computer.fqdn.clone()).collect();
    let head = deployment.store().head().unwrap();
    let row = |name: &str, version: u64| {
        let mut row = master::Row::new(name.into());
        row.held = Some(Held { version, ..head.held() });
        row
    };
    let table = StatusTable::open(&deployment.host().status()).unwrap();
    let rows = [row(&names[0].to_uppercase(), head.version), row(&names[1], 0), row("gone.contoso.net", head.version)];
    table.write(&rows).unwrap();
    let states = control().replicas().unwrap();
    let state = |name: &str| states.iter().find(|state| state.replica_fqdn == name).unwrap();
    assert!(state(&names[0]).up_to_date && state(&names[0]).reason.is_none());
    assert_eq!(state(&names[1]).versions_behind, Some(head.version));
    let central = control().central().unwrap();
    assert_eq!((central.version, central.epoch), (Some(head.version), Some(1)));
    assert_eq!(central.deleted_replicas, ["gone.contoso.net"]);
    assert_eq!(central.active_replicas.len(), states.len());
    control().forget(Some(&names[0])).unwrap();
    assert!(control().replicas().unwrap().iter().all(|state| !state.up_to_date));
    assert_eq!(control().probe(&names[0]).unwrap_err().id(), "NoServer");
}
