//! What files and hook promise: the files are the documents, whatever happens; the hook hears of every change.

use super::hook::Hook;
use super::pass;
use super::worker::{Options, Worker};
use crate::replication::storage::ReplicaStore;
use crate::replication::storage::tests::{Package, document, open};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

/// Waits at most this long for what must come.
const LONG: Duration = Duration::from_secs(60);

/// All files below the documents' folder, with their contents.
fn files(replica: &Path) -> BTreeMap<String, serde_json::Value> {
    let root = replica.join("documents");
    let mut found = BTreeMap::new();
    for folder in fs::read_dir(&root).unwrap().flatten().filter(|entry| entry.path().is_dir()) {
        for file in fs::read_dir(folder.path()).unwrap().flatten() {
            let name = format!("{}/{}", folder.file_name().display(), file.file_name().display());
            found.insert(name, serde_json::from_slice(&fs::read(file.path()).unwrap()).unwrap());
        }
    }
    found
}

/// What the files must be, by the database.
fn wanted(replica: &Path) -> BTreeMap<String, serde_json::Value> {
    let store = ReplicaStore::open(replica).unwrap().unwrap();
    let documents = crate::store::Store::since(&store, 0).unwrap();
    let file = |d: crate::store::Document| {
        let epoch = 1;
        let (kind, scope, key) = (&*d.id.kind, &*d.id.scope, &*d.id.key);
        let body = d.body.unwrap();
        let content = serde_json::json!({
            "Kind": kind, "Scope": scope, "Key": key, "Version": d.version, "Epoch": epoch, "Body": body
        });
        (super::file_name(&d.id), content)
    };
    documents.into_iter().map(file).collect()
}

fn pass(replica: &Path, whole: bool, stop: &dyn Fn() -> bool) -> Result<u64, String> {
    let store = ReplicaStore::open(replica).unwrap().unwrap();
    pass::project(&store, replica, "boot", whole, stop).map(|(_, n)| n).map_err(|error| error.id().to_string())
}

/// Rule: files follow the documents: written, replaced, removed; what does not differ is left alone.
#[test]
fn files_follow_the_documents() {
    let folder = tempfile::tempdir().unwrap();
    let replica = folder.path();
    let mut db = open(replica);
    let many: Vec<_> = (1..=20).map(|n| document(&format!("k{n}"), n, Some("{\"N\":1}"))).collect();
    Package::new(1, None, 20, &many).apply(&mut db).unwrap();
    assert_eq!(pass(replica, false, &|| false), Ok(20));
    assert_eq!(files(replica), wanted(replica));
    assert_eq!(pass(replica, false, &|| false), Ok(0));
    assert_eq!(pass(replica, true, &|| false), Ok(0));
    let delta = [document("k3", 21, Some("{\"N\":2}")), document("k4", 21, None), document("K5", 21, Some("3"))];
    Package::new(1, Some(20), 21, &delta).apply(&mut db).unwrap();
    // One written, one removed; one comes with another spelling: one removed, one written.
    assert_eq!(pass(replica, false, &|| false), Ok(4));
    assert_eq!(files(replica), wanted(replica));
    assert!(files(replica).contains_key("VoicePolicy/Global,K5.json"));
    let mut rest = many.clone();
    rest.truncate(10);
    rest.extend(delta.iter().filter(|d| d.body.is_some()).cloned());
    rest.retain(|d| !["k3", "k4", "k5"].contains(&&*d.id.key) || d.version == 21);
    Package::new(1, None, 21, &rest).apply(&mut db).unwrap();
    assert_eq!(pass(replica, false, &|| false), Ok(10), "only what a snapshot leaves out");
    assert_eq!(files(replica), wanted(replica));
    Package::new(1, None, 22, &[]).apply(&mut db).unwrap();
    pass(replica, false, &|| false).unwrap();
    assert!(!replica.join("documents/VoicePolicy").exists());
}

/// Rule: what somebody altered, added or removed is as it was after all files are looked at.
#[test]
fn a_whole_pass_mends_what_was_altered() {
    let folder = tempfile::tempdir().unwrap();
    let replica = folder.path();
    let documents = [document("a", 1, Some("{}")), document("b", 1, Some("{}")), document("c", 1, Some("{}"))];
    Package::new(1, None, 1, &documents).apply(&mut open(replica)).unwrap();
    pass(replica, false, &|| false).unwrap();
    let place = replica.join("documents");
    fs::write(place.join("VoicePolicy/Global,a.json"), "x").unwrap();
    fs::remove_file(place.join("VoicePolicy/Global,b.json")).unwrap();
    fs::write(place.join("VoicePolicy/other.json"), "x").unwrap();
    fs::create_dir_all(place.join("Foreign/deep")).unwrap();
    fs::write(place.join("Foreign/deep/file"), "x").unwrap();
    fs::write(place.join("stray"), "x").unwrap();
    pass(replica, true, &|| false).unwrap();
    assert_eq!(files(replica), wanted(replica));
    assert!(!place.join("Foreign").exists() && !place.join("stray").exists());
    // A folder that is gone is seen without looking at all files.
    fs::remove_dir_all(&place).unwrap();
    pass(replica, false, &|| false).unwrap();
    assert_eq!(files(replica), wanted(replica));
}

/// Rule: a crash at any point only repeats work.
#[test]
fn a_crash_at_any_point_only_repeats_work() {
    let first = [document("a", 1, Some("1")), document("b", 2, Some("2")), document("c", 3, Some("3"))];
    let delta =
        [document("a", 4, None), document("b", 4, Some("4")), document("C", 4, Some("5")), document("d", 4, None)];
    for point in 0.. {
        let folder = tempfile::tempdir().unwrap();
        let replica = folder.path();
        let mut db = open(replica);
        let left = Cell::new(point);
        let crash = || {
            let now = left.get();
            left.set(now - 1);
            now <= 0
        };
        let mut crashed = false;
        Package::new(1, None, 3, &first).apply(&mut db).unwrap();
        crashed |= pass(replica, false, &crash).is_err();
        Package::new(1, Some(3), 4, &delta).apply(&mut db).unwrap();
        crashed |= pass(replica, false, &crash).is_err();
        pass(replica, false, &|| false).unwrap();
        assert_eq!(files(replica), wanted(replica), "crashed at {point}");
        if !crashed {
            assert!(point > 8, "{point}");
            break;
        }
    }
}

fn script(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    path.display().to_string()
}

/// A worker, and what it reports.
fn worker(folder: &Path, hook: Option<Hook>) -> (Worker, mpsc::Receiver<Option<String>>) {
    let (tell, told) = mpsc::channel();
    let options = Options { directory: folder.to_path_buf(), replica: folder.join("replica"), hook, executable: None };
    let report = move |error: Option<String>| drop(tell.send(error));
    (Worker::start(options, report).unwrap(), told)
}

/// The id of the next report; empty where all went well.
fn next(told: &mpsc::Receiver<Option<String>>) -> String {
    let error = told.recv_timeout(LONG).expect("a report in time");
    error.map_or(String::new(), |error| error.split(':').next().unwrap_or_default().to_string())
}

/// Rule: the hook is told what changed since it last succeeded, with the files in place; a failure is reported, kept,
/// and it runs again with the next change or after a restart.
#[test]
fn the_hook_hears_of_every_change_until_it_has_succeeded() {
    let folder = tempfile::tempdir().unwrap();
    let replica = folder.path().join("replica");
    let mut db = open(&replica);
    let log = folder.path().join("log");
    let text = "{ echo \"$REEVE_VERSION $REEVE_EPOCH\"; sort \"$REEVE_CHANGED\"; ls \"$REEVE_DOCUMENTS/VoicePolicy\"; } \
                >> log; if [ -e fail ]; then echo no luck; exit 3; fi";
    let hook = Hook::new(&script(folder.path(), "hook", text), LONG);
    let logged = || fs::read_to_string(&log).unwrap_or_default().replace('\t', " ");
    fs::write(folder.path().join("fail"), "").unwrap();
    Package::new(1, None, 2, &[document("a", 1, Some("1")), document("b", 2, Some("2"))]).apply(&mut db).unwrap();
    let (worker_1, told) = worker(folder.path(), Some(hook.clone()));
    assert_eq!(next(&told), "HookFailed");
    assert!(db.trouble().unwrap().unwrap().contains("no luck"));
    let (a, b) = ("VoicePolicy/Global,a.json", "VoicePolicy/Global,b.json");
    assert_eq!(logged(), format!("2 1\nwritten {a}\nwritten {b}\nGlobal,a.json\nGlobal,b.json\n"));
    // Nothing changed: it is not run again.
    worker_1.changed(2);
    assert_eq!(next(&told), "HookFailed");
    drop(worker_1);
    fs::remove_file(&log).unwrap();
    Package::new(1, Some(2), 3, &[document("a", 3, None)]).apply(&mut db).unwrap();
    fs::remove_file(folder.path().join("fail")).unwrap();
    let (worker_2, told) = worker(folder.path(), Some(hook.clone()));
    assert_eq!(next(&told), "");
    assert_eq!(logged(), format!("3 1\nremoved {a}\nwritten {b}\nGlobal,b.json\n"));
    assert_eq!(db.trouble().unwrap(), None);
    drop(worker_2);
    fs::remove_file(&log).unwrap();
    // It has succeeded: a restart does not run it, and a snapshot that changes nothing does not either.
    let (worker_3, told) = worker(folder.path(), Some(hook));
    assert_eq!(next(&told), "");
    Package::new(1, None, 3, &[document("b", 2, Some("2"))]).apply(&mut db).unwrap();
    worker_3.changed(3);
    assert_eq!(next(&told), "");
    assert_eq!(logged(), "");
}

/// Rule: a hook that takes too long is ended with all that it started, one that says too much or is not there is no
/// harm; each has its own error.
#[test]
fn a_hook_is_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    Package::new(1, None, 1, &[document("a", 1, Some("1"))]).apply(&mut open(&place.join("replica"))).unwrap();
    let slow = script(place, "slow", "sleep 600 & echo $! > child; wait");
    let loud = script(place, "loud", "yes | head -c 3000000; exit 1");
    let leaves = script(place, "leaves", "sleep 600 & echo $! > left; exit 0");
    fs::write(place.join("plain"), "no program").unwrap();
    for (command, limit, id) in [
        ("nowhere", LONG, "HookNotFound"),
        ("plain", LONG, "HookNotFound"),
        (slow.as_str(), Duration::from_secs(1), "HookTimedOut"),
        (loud.as_str(), LONG, "HookFailed"),
        ("'/bin/sh' -c 'exit 7'", LONG, "HookFailed"),
        (leaves.as_str(), LONG, ""),
    ] {
        let (_worker, told) = worker(place, Some(Hook::new(command, limit)));
        assert_eq!(next(&told), id, "{command}");
    }
    let pid = |file: &str| fs::read_to_string(place.join(file)).unwrap().trim().to_string();
    // A process that was killed may still be waited for by whoever adopted it.
    let gone = |pid: &str| {
        let state = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        state.is_empty() || state.contains(") Z ")
    };
    let killed = pid("child");
    assert!((0..600).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        gone(&killed)
    }));
    let left = pid("left").parse().ok().and_then(rustix::process::Pid::from_raw).unwrap();
    rustix::process::kill_process(left, rustix::process::Signal::KILL).unwrap();
}

/// Rule: the end of the server ends a running hook; it runs again when the server starts.
#[test]
fn a_hook_that_was_ended_with_the_server_runs_again() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    Package::new(1, None, 1, &[document("a", 1, Some("1"))]).apply(&mut open(&place.join("replica"))).unwrap();
    let command = script(place, "hook", "touch began; [ -e quick ] || sleep 600");
    let (first, _told) = worker(place, Some(Hook::new(&command, LONG)));
    assert!((0..6000).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        place.join("began").exists()
    }));
    drop(first);
    fs::write(place.join("quick"), "").unwrap();
    let (_second, told) = worker(place, Some(Hook::new(&command, LONG)));
    assert_eq!(next(&told), "");
}
