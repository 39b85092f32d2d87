//! The store when processes die or meet on one file. The processes are this test binary again, running `child`.

mod model;

use reeve::store::{Change, DocumentId, Expected, Grant, SqliteStore, Store};
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

const PATH: &str = "REEVE_TEST_STORE";
const WORK: &str = "REEVE_TEST_WORK";

fn id(name: &str) -> DocumentId {
    DocumentId::new("VoicePolicy", &format!("Tag:{name}"), "")
}

fn start(path: &Path, work: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "store::child", "--ignored", "--nocapture", "--test-threads=1"])
        .env(PATH, path)
        .env(WORK, work)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// What a child process does: changes documents, and says after each which version was acknowledged.
#[test]
#[ignore = "started by the other tests as a process of its own"]
fn child() {
    let Some(path) = std::env::var_os(PATH) else { return };
    let work = std::env::var(WORK).unwrap();
    let store = SqliteStore::open(path).unwrap();
    let grant = Grant::system("test");
    match work.as_str() {
        "endless" => {
            for n in 0_u64.. {
                let pair =
                    ["A", "B"].map(|name| Change { id: id(name), expected: Expected::Any, body: Some(json!(n)) });
                println!("version {}", store.commit(&grant, &pair).unwrap());
            }
        }
        rounds => {
            let rounds: u64 = rounds.parse().unwrap();
            for _ in 0..rounds {
                loop {
                    let seen = store.get(&id("Count")).unwrap();
                    let n = seen.as_ref().and_then(|d| d.body.as_ref()?.as_u64()).unwrap_or(0);
                    let expected = seen.map_or(Expected::Absent, |d| Expected::Version(d.version));
                    let change = Change { id: id("Count"), expected, body: Some(json!(n + 1)) };
                    match store.commit(&grant, &[change]) {
                        Ok(_) => break,
                        Err(error) => assert_eq!(error.id(), "StoreConflict"),
                    }
                }
            }
        }
    }
}

#[test]
fn a_killed_writer_loses_nothing_that_was_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store.db");
    drop(SqliteStore::create(&path).unwrap());
    for kill_after in [1, 17, 60] {
        let mut child = start(&path, "endless");
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let versions = lines.filter_map(|line| line.rsplit_once("version ")?.1.parse::<u64>().ok());
        let acknowledged = versions.take(kill_after).last().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();

        let store = SqliteStore::open(&path).unwrap();
        assert!(store.version().unwrap() >= acknowledged);
        let [a, b] = ["A", "B"].map(|name| store.get(&id(name)).unwrap().unwrap());
        assert_eq!((a.version, &a.body), (b.version, &b.body), "half a change");
        assert_eq!(store.verify_audit().unwrap().fault, None);
    }
}

#[test]
fn two_processes_on_one_file_lose_no_change() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store.db");
    let store = SqliteStore::create(&path).unwrap();
    let children = [start(&path, "40"), start(&path, "40")];
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(store.get(&id("Count")).unwrap().unwrap().body, Some(json!(80)));
    assert_eq!(store.version().unwrap(), 80);
    assert_eq!(store.verify_audit().unwrap().fault, None);
}
