//! Two ends with real trees between which messages are carried, cut off, damaged and made up.

use super::message::{FileHead, Message, Operation};
use super::{End, Options, Report, Source, Target, Tree, TreePath};
use crate::env::{FixedClock, FixedRandom, Random};
use crate::error::ErrorRecord;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A tree with its index.
struct Side {
    folder: tempfile::TempDir,
}

impl Side {
    fn new() -> Side {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("tree")).unwrap();
        Side { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("tree").join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn edit(&self, name: &str, at: u64, bytes: &[u8]) {
        let mut file = File::options().write(true).open(self.path(name)).unwrap();
        file.seek(SeekFrom::Start(at)).unwrap();
        file.write_all(bytes).unwrap();
    }

    fn tree(&self) -> Tree {
        self.tree_with(false)
    }

    /// Believed in whatever it has, or as in a deployment.
    fn tree_with(&self, believed: bool) -> Tree {
        let clock = Arc::new(FixedClock::at_unix_seconds(1_700_000_000));
        let options = Options { host: "fs.example".into(), clock, may_be_empty: believed, counts: believed };
        Tree::open(&self.path(""), &self.folder.path().join("index.db"), options).unwrap()
    }

    fn source(&self) -> Source {
        Source::begin(self.tree_with(true)).unwrap()
    }

    fn target(&self) -> Target {
        Target::begin(self.tree_with(true)).unwrap()
    }

    /// Everything in the tree: kind, mode, time, content.
    fn all(&self) -> BTreeMap<Vec<u8>, String> {
        let mut found = BTreeMap::new();
        collect(&self.path(""), b"", &mut found);
        found
    }
}

fn collect(folder: &Path, prefix: &[u8], found: &mut BTreeMap<Vec<u8>, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = [prefix, entry.file_name().as_bytes()].concat();
        let meta = entry.path().symlink_metadata().unwrap();
        let about = format!("{:o} {}.{}", meta.mode() & 0o777, meta.mtime(), meta.mtime_nsec());
        if meta.is_dir() {
            found.insert(name.clone(), format!("folder {about}"));
            collect(&entry.path(), &[&name, &b"/"[..]].concat(), found);
        } else if meta.is_symlink() {
            let to = fs::read_link(entry.path()).unwrap();
            found.insert(name, format!("link {} {}.{}", to.display(), meta.mtime(), meta.mtime_nsec()));
        } else if meta.is_file() {
            let hash = blake3::hash(&fs::read(entry.path()).unwrap());
            found.insert(name, format!("file {about} {hash}"));
        } else {
            found.insert(name, "special".into());
        }
    }
}

/// Carries messages until both ends are finished. `limit`: so many messages and no more. True if it came to the end.
fn carry(source: &mut Source, target: &mut Target, limit: Option<u64>) -> Result<bool, ErrorRecord> {
    let mut left = limit.unwrap_or(u64::MAX);
    loop {
        let mut moved = false;
        while let Some(message) = source.next()? {
            if left == 0 {
                return Ok(false);
            }
            left -= 1;
            moved = true;
            target.receive(message)?;
        }
        while let Some(message) = target.next()? {
            if left == 0 {
                return Ok(false);
            }
            left -= 1;
            moved = true;
            source.receive(message)?;
        }
        if source.finished() && target.finished() {
            return Ok(true);
        }
        assert!(moved, "both ends wait for each other");
    }
}

fn sync(from: &Side, to: &Side) -> (Report, Report) {
    let (mut source, mut target) = (from.source(), to.target());
    assert!(carry(&mut source, &mut target, None).unwrap());
    assert_eq!(source.report().bytes_sent, target.report().bytes_received);
    assert_eq!(source.report().bytes_received, target.report().bytes_sent);
    (source.report(), target.report())
}

fn travelled(report: &Report) -> u64 {
    report.bytes_sent + report.bytes_received
}

fn noise(n: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut bytes = Vec::with_capacity(n + 8);
    while bytes.len() < n {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(n);
    bytes
}

/// Rule: everything follows: contents, modes, times, empty folders, names that are no text, links; hard links as
/// copies; what is special, or leads out, does not.
#[test]
fn everything_follows() {
    let (a, b) = (Side::new(), Side::new());
    a.write("d/deep/er/file", noise(100_000, 1));
    a.write("empty file", "");
    a.write("small", "x");
    fs::write(a.path("").join(OsStr::from_bytes(b"not \xff text")), "y").unwrap();
    fs::create_dir(a.path("empty")).unwrap();
    fs::hard_link(a.path("small"), a.path("hard")).unwrap();
    symlink("deep/er/file", a.path("d/link")).unwrap();
    symlink("nowhere", a.path("dangling")).unwrap();
    symlink("/etc/passwd", a.path("absolute")).unwrap();
    symlink("../../outside", a.path("d/outside")).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, a.path("pipe"), rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0)
        .unwrap();
    fs::set_permissions(a.path("small"), Permissions::from_mode(0o4640)).unwrap();
    fs::set_permissions(a.path("d"), Permissions::from_mode(0o750)).unwrap();
    let (report, _) = sync(&a, &b);
    let mut expected = a.all();
    for refused in ["absolute", "d/outside", "pipe"] {
        expected.remove(refused.as_bytes()).unwrap();
    }
    assert_eq!(b.all(), expected);
    assert_eq!(report.refused.count, 3);
    assert!(report.complete());
    assert_eq!(fs::metadata(b.path("small")).unwrap().mode() & 0o7777, 0o640, "rights are not given away");
    let (again, _) = sync(&a, &b);
    assert!(again.idle());
}

/// Rule: a second synchronisation of a thousand files moves nothing, in less than 1 KiB, and reads no file again.
#[test]
fn nothing_changed_costs_nothing() {
    let (a, b) = (Side::new(), Side::new());
    for n in 0..1000 {
        a.write(&format!("d{}/f{n}", n % 30), format!("{n}"));
    }
    std::thread::sleep(std::time::Duration::from_millis(30)); // a file is believed only when its tick is over
    sync(&a, &b);
    let (report, other) = sync(&a, &b);
    assert!(report.idle() && other.idle());
    assert!(travelled(&report) < 256, "{}", travelled(&report));
    assert_eq!((report.hashed, other.hashed), (0, 0));
    assert_eq!(report.rounds, 1);
}

/// Rule: 4 KiB changed inside a file of 64 MiB, its new name, and its folder's new place each move less than 64 KiB.
#[test]
fn large_files_move_little() {
    let (a, b) = (Side::new(), Side::new());
    a.write("d/large", noise(64 << 20, 1));
    a.write("d/beside", "x");
    a.write("d/in/it", "y");
    sync(&a, &b);
    a.edit("d/large", 30_000_001, &noise(4096, 2));
    let (report, _) = sync(&a, &b);
    assert_eq!(a.all(), b.all());
    assert!(travelled(&report) < 5000, "changed: {}", travelled(&report));
    fs::rename(a.path("d/large"), a.path("d/great")).unwrap();
    let (report, _) = sync(&a, &b);
    assert!(travelled(&report) < 600, "renamed: {}", travelled(&report));
    assert_eq!((report.moved, report.created), (1, 0));
    fs::create_dir(a.path("new")).unwrap();
    fs::rename(a.path("d"), a.path("new/e")).unwrap();
    let (report, _) = sync(&a, &b);
    assert!(travelled(&report) < 600, "folder moved: {}", travelled(&report));
    assert_eq!((report.moved, report.created), (1, 0));
    fs::rename(a.path("new/e/great"), a.path("new/greater")).unwrap();
    a.edit("new/greater", 5, &noise(64, 3));
    let (report, _) = sync(&a, &b);
    assert!(travelled(&report) < 1200, "renamed and changed: {}", travelled(&report));
    assert_eq!(a.all(), b.all());
}

/// One change of a random sort.
fn change(side: &Side, random: &FixedRandom) {
    let all: Vec<Vec<u8>> = side.all().into_keys().collect();
    let pick = || {
        let name = all.get(random.below(all.len() as u64) as usize)?;
        Some(side.path("").join(std::ffi::OsString::from_vec(name.clone())))
    };
    let fresh = || {
        let parent = pick().filter(|p| p.is_dir() && !p.is_symlink()).unwrap_or_else(|| side.path(""));
        parent.join(["a", "b", "c", "d-e", "e.f", "\u{e4}"][random.below(6) as usize])
    };
    let content = || {
        let size = [0, 1, 100, 300, 5000, 200_000][random.below(6) as usize];
        noise(size, random.below(20) + 1)
    };
    let old = pick();
    match (random.below(12), old) {
        (0 | 1, _) => drop(fs::write(fresh(), content())),
        (2, _) => drop(fs::create_dir(fresh())),
        (3, Some(p)) if p.is_file() && !p.is_symlink() => {
            let mut bytes = fs::read(&p).unwrap();
            let at = random.below(bytes.len() as u64 + 1) as usize;
            match random.below(4) {
                0 => bytes.splice(at..at, noise(50, random.below(99))).for_each(drop),
                1 => bytes.truncate(at),
                2 => bytes.extend(noise(500, random.below(99))),
                _ => drop(bytes.drain(at..bytes.len().min(at + 77))),
            }
            fs::write(&p, bytes).unwrap();
        }
        (4 | 5, Some(p)) => drop(fs::rename(p, fresh())),
        (6, Some(p)) if p.is_dir() && !p.is_symlink() => drop(fs::remove_dir_all(p)),
        (6 | 7, Some(p)) => drop(fs::remove_file(p)),
        (8, Some(p)) if !p.is_symlink() => {
            fs::set_permissions(p, Permissions::from_mode(0o700 | random.below(0o100) as u32)).unwrap();
        }
        (9, _) => drop(symlink(["a", "b/c", "e.f"][random.below(3) as usize], fresh())),
        (10, Some(p)) if p.is_file() => drop(fs::copy(p, fresh())),
        (11, Some(p)) if p.is_file() && !p.is_symlink() => {
            // Two files exchange their names.
            if let Some(q) = pick().filter(|q| q.is_file() && !q.is_symlink()) {
                let aside = side.folder.path().join("aside");
                fs::rename(&p, &aside).unwrap();
                drop(fs::rename(&q, &p));
                drop(fs::rename(&aside, &q));
            }
        }
        _ => {}
    }
}

/// Rule: after each synchronisation the trees are the same, whatever was done to the source.
#[test]
fn random_trees_follow() {
    for seed in 0..20 {
        let random = FixedRandom::new(seed);
        let (a, b) = (Side::new(), Side::new());
        for turn in 0..6 {
            (0..random.below(25)).for_each(|_| change(&a, &random));
            let (report, _) = sync(&a, &b);
            assert_eq!(a.all(), b.all(), "seed {seed}, turn {turn}");
            assert!(report.complete() && report.conflicts.is_empty() && report.diverged.is_empty(), "{report:?}");
            let (report, _) = sync(&a, &b);
            assert!(report.idle(), "seed {seed}, turn {turn}: {report:?}");
        }
    }
}

/// Rule: an interruption after any message loses nothing, and the next synchronisation goes on; nothing that is at
/// the target is taken for somebody else's.
#[test]
fn interrupted_after_any_message() {
    for seed in 0..4 {
        let random = FixedRandom::new(100 + seed);
        let (a, b) = (Side::new(), Side::new());
        for turn in 0..3 {
            (0..30).for_each(|_| change(&a, &random));
            let mut limit = 0;
            loop {
                let (mut source, mut target) = (a.source(), b.target());
                let done = carry(&mut source, &mut target, Some(limit)).unwrap();
                let report = source.report();
                assert!(report.conflicts.is_empty() && target.report().diverged.is_empty(), "seed {seed} at {limit}");
                if done {
                    break;
                }
                if random.below(4) == 0 {
                    change(&a, &random);
                }
                limit += 1;
            }
            assert_eq!(a.all(), b.all(), "seed {seed}, turn {turn}");
        }
    }
}

/// Rule: a target that is killed at any step of a checkpoint leaves files that are the old or the new, and goes on.
#[test]
fn killed_at_any_step_of_a_checkpoint() {
    for seed in 0..2 {
        let random = FixedRandom::new(200 + seed);
        let (a, b) = (Side::new(), Side::new());
        (0..20).for_each(|_| change(&a, &random));
        sync(&a, &b);
        for fuse in 0..90 {
            change(&a, &random);
            change(&a, &random);
            let (mut source, mut target) = (a.source(), b.target());
            target.fuse = Some(fuse % 30);
            match carry(&mut source, &mut target, None) {
                Ok(_) => {}
                Err(error) => assert_eq!(error.id(), "Killed"),
            }
            drop((source, target));
            if fuse % 3 == 0 {
                let (report, other) = sync(&a, &b);
                assert_eq!(a.all(), b.all(), "seed {seed}, fuse {fuse}");
                assert!(
                    report.conflicts.is_empty() && other.diverged.is_empty(),
                    "seed {seed}, fuse {fuse}: {report:?}"
                );
            }
        }
    }
}

/// Rule: bytes that are lost or changed on the way end the synchronisation with an error, or do no harm.
#[test]
fn damaged_on_the_way() {
    for seed in 0..60 {
        let random = FixedRandom::new(300 + seed);
        let (a, b) = (Side::new(), Side::new());
        (0..20).for_each(|_| change(&a, &random));
        let (mut source, mut target) = (a.source(), b.target());
        let mut left = random.below(8);
        let mut hurt = |message: Bytes| {
            left = left.wrapping_sub(1);
            if left != 0 {
                return message;
            }
            let at = random.below(message.len() as u64) as usize;
            let mut bytes = message.to_vec();
            if random.below(2) == 0 {
                bytes.truncate(at)
            } else {
                bytes[at] ^= 1 << random.below(8)
            }
            bytes.into()
        };
        let mut run = || -> Result<(), ErrorRecord> {
            for _ in 0..10_000 {
                while let Some(message) = source.next()? {
                    target.receive(hurt(message))?;
                }
                while let Some(message) = target.next()? {
                    source.receive(hurt(message))?;
                }
            }
            Ok(())
        };
        drop(run());
        drop((source, target));
        let (source, target) = (a.source(), b.target());
        let (mut source, mut target) = (source, target);
        assert!(carry(&mut source, &mut target, None).unwrap(), "seed {seed}");
        for (name, about) in a.all() {
            assert_eq!(b.all().get(&name), Some(&about), "seed {seed}: {}", String::from_utf8_lossy(&name));
        }
    }
}

/// Rule: what has arrived of a large file before an interruption does not travel again.
#[test]
fn a_large_file_is_gone_on_with() {
    let (a, b) = (Side::new(), Side::new());
    a.write("large", noise(8 << 20, 1));
    let (mut source, mut target) = (a.source(), b.target());
    assert!(!carry(&mut source, &mut target, Some(100)).unwrap());
    let before = source.report().bytes_sent;
    drop((source, target));
    let (report, _) = sync(&a, &b);
    assert_eq!(a.all(), b.all());
    assert!(before > 5 << 20);
    assert!(report.bytes_sent < (8 << 20) - before + 200_000, "{} after {before}", report.bytes_sent);
    assert!(!b.path(".reeve-staging").exists());
    // And when it is another content meanwhile, what is there of the old one is of no use, and does no harm.
    a.write("other", noise(8 << 20, 2));
    let (mut source, mut target) = (a.source(), b.target());
    assert!(!carry(&mut source, &mut target, Some(50)).unwrap());
    drop((source, target));
    a.write("other", noise(8 << 20, 3));
    sync(&a, &b);
    assert_eq!(a.all(), b.all());
    assert!(!b.path(".reeve-staging").exists());
}

/// Rule: what was changed at the target is never lost: it is kept beside, and said so; what the source has is there.
#[test]
fn conflicts_keep_both() {
    type Change = fn(&Side);
    let nothing: Change = |_| {};
    let change_b: Change = |s| s.write("d/f", "changed at the target");
    // What the source does, what happens at the target; conflicts, diverged; what the target's text is kept as.
    let kept = "d/f.conflict-20231114T221320Z-fs.example";
    type Case<'a> = (&'a str, Change, Change, u64, u64, Option<&'a str>);
    let cases: Vec<Case<'_>> = vec![
        ("target changed", nothing, change_b, 1, 1, Some(kept)),
        ("both changed", |s| s.write("d/f", "changed at the source"), change_b, 1, 1, Some(kept)),
        ("both made it the same", |s| s.write("d/f", "changed at the target"), change_b, 0, 1, Some("d/f")),
        ("source deleted", |s| fs::remove_file(s.path("d/f")).unwrap(), change_b, 0, 1, Some("d/f")),
        ("source deleted the folder", |s| fs::remove_dir_all(s.path("d")).unwrap(), change_b, 0, 1, Some("d/f")),
        ("source moved", |s| fs::rename(s.path("d/f"), s.path("g")).unwrap(), change_b, 0, 1, Some("d/f")),
        ("target deleted", nothing, |s| fs::remove_file(s.path("d/f")).unwrap(), 0, 1, None),
        (
            "both deleted",
            |s| fs::remove_file(s.path("d/f")).unwrap(),
            |s| fs::remove_file(s.path("d/f")).unwrap(),
            0,
            1,
            None,
        ),
        (
            "target touched",
            nothing,
            |s| fs::set_permissions(s.path("d/f"), Permissions::from_mode(0o600)).unwrap(),
            0,
            0,
            None,
        ),
        ("both added", |s| s.write("d/new", "one"), |s| s.write("d/new", "two"), 1, 0, None),
        ("both added the same", |s| s.write("d/new", "one"), |s| s.write("d/new", "one"), 0, 0, None),
        ("target added", nothing, |s| s.write("d/mine", "mine"), 0, 0, Some("d/mine")),
        (
            "a folder in a file's place",
            nothing,
            |s| {
                fs::remove_file(s.path("d/f")).unwrap();
                s.write("d/f/inside", "mine");
            },
            1,
            1,
            Some("d/f.conflict-20231114T221320Z-fs.example/inside"),
        ),
        (
            "a link in a folder's place",
            nothing,
            |s| {
                fs::remove_dir_all(s.path("d")).unwrap();
                symlink("/tmp", s.path("d")).unwrap();
            },
            1,
            1,
            None,
        ),
    ];
    for (name, at_source, at_target, conflicts, diverged, keeps) in cases {
        let (a, b) = (Side::new(), Side::new());
        a.write("d/f", "original");
        a.write("other", "other");
        sync(&a, &b);
        at_source(&a);
        at_target(&b);
        let before = keeps.map(|_| ());
        let (report, _) = sync(&a, &b);
        assert_eq!((report.conflicts.count, report.diverged.count), (conflicts, diverged), "{name}: {report:?}");
        for (path, about) in a.all() {
            let path = String::from_utf8(path).unwrap();
            // A folder with something of the target's in it keeps its own time.
            assert!(b.all()[path.as_bytes()] == about || a.path(&path).is_dir(), "{name}: {path}");
        }
        if let (Some(()), Some(keeps)) = (before, keeps) {
            let text = fs::read_to_string(b.path(keeps)).unwrap_or_else(|e| panic!("{name}: {keeps}: {e}"));
            assert!(text.contains("target") || text == "mine", "{name}");
        }
        let (again, _) = sync(&a, &b);
        assert!(again.conflicts.is_empty() && again.diverged.is_empty(), "{name}: {again:?}");
    }
}

/// Rule: what the target changed alone is not called a change of both sides; what the source deleted or moved away and the
/// target changed stays, and that is said, once.
#[test]
fn what_became_of_a_change_at_the_target() {
    type Case = (&'static str, fn(&Side), &'static str);
    let cases: [Case; 7] = [
        ("target alone", |_| {}, "it was changed here alone"),
        ("both", |s| s.write("d/f", "changed at the source"), "both sides changed it"),
        ("deleted", |s| fs::remove_file(s.path("d/f")).unwrap(), "the source deleted or moved it"),
        ("deleted the folder", |s| fs::remove_dir_all(s.path("d")).unwrap(), "the source deleted or moved it"),
        ("moved", |s| fs::rename(s.path("d/f"), s.path("g")).unwrap(), "the source deleted or moved it"),
        ("the same", |s| s.write("d/f", "changed at the target"), ""),
        // Nothing else is to be done then.
        ("deleted from the root", |s| fs::remove_file(s.path("f")).unwrap(), "the source deleted or moved it"),
    ];
    for (name, at_source, remark) in cases {
        let (a, b) = (Side::new(), Side::new());
        let file = if name.ends_with("root") { "f" } else { "d/f" };
        a.write(file, "original");
        a.write("other", "other");
        sync(&a, &b);
        at_source(&a);
        b.write(file, "changed at the target");
        let (_, report) = sync(&a, &b);
        let said = [&report.conflicts, &report.stayed].map(|names| names.first.clone()).concat();
        match remark {
            "" => assert!(said.is_empty(), "{name}: {said:?}"),
            _ => assert!(said.len() == 1 && said[0].1.starts_with(remark), "{name}: {said:?}"),
        }
        let (_, again) = sync(&a, &b);
        assert!(again.conflicts.is_empty() && again.stayed.is_empty(), "{name}: {again:?}");
    }
}

/// Rule: a file that changes between the scan and the sending is taken again, as a whole, or left and named.
#[test]
fn files_that_change_meanwhile() {
    let (a, b) = (Side::new(), Side::new());
    a.write("busy", noise(500_000, 1));
    a.write("gone", noise(100, 1));
    a.write("quiet", "quiet");
    let (mut source, mut target) = (a.source(), b.target());
    a.write("busy", noise(400_000, 2));
    fs::remove_file(a.path("gone")).unwrap();
    assert!(carry(&mut source, &mut target, None).unwrap());
    assert_eq!(a.all(), b.all());
    assert!(source.report().retried.count >= 1);
    drop((source, target));
    // While it is under way.
    a.write("busy", noise(3_000_000, 3));
    let (mut source, mut target) = (a.source(), b.target());
    for _ in 0..5 {
        while let Some(message) = target.next().unwrap() {
            source.receive(message).unwrap();
        }
        target.receive(source.next().unwrap().unwrap()).unwrap();
    }
    a.edit("busy", 10, b"changed");
    assert!(carry(&mut source, &mut target, None).unwrap());
    assert_eq!(a.all(), b.all());
    assert!(source.report().retried.count >= 1 && source.report().complete());
}

/// Rule: an index that is lost at either end costs bytes, not files.
#[test]
fn a_lost_index_is_made_again() {
    for (lose_source, lose_target) in [(true, false), (false, true), (true, true)] {
        let (a, b) = (Side::new(), Side::new());
        let random = FixedRandom::new(5);
        (0..40).for_each(|_| change(&a, &random));
        sync(&a, &b);
        for side in [&a, &b].into_iter().zip([lose_source, lose_target]).filter(|(_, lose)| *lose).map(|(s, _)| s) {
            for name in ["index.db", "index.db-wal"] {
                drop(fs::remove_file(side.folder.path().join(name)));
            }
        }
        (0..5).for_each(|_| change(&a, &random));
        let (report, _) = sync(&a, &b);
        assert!(report.complete() && report.conflicts.count <= 5, "{report:?}");
        for (path, about) in a.all() {
            assert_eq!(b.all()[&path].split(' ').next(), about.split(' ').next());
            assert_eq!(b.all()[&path].split(' ').nth(3), about.split(' ').nth(3));
        }
    }
}

/// Rule: the same two trees can be synchronised in the other direction, and only what changed there travels.
#[test]
fn the_direction_can_be_turned() {
    let (a, b) = (Side::new(), Side::new());
    a.write("large", noise(2 << 20, 1));
    a.write("small", "small");
    sync(&a, &b);
    b.edit("large", 1_000_000, &noise(64, 2));
    b.write("more", "more");
    let (report, _) = sync(&b, &a);
    assert_eq!(a.all(), b.all());
    assert!(travelled(&report) < 1500, "{}", travelled(&report));
    assert!(report.conflicts.is_empty() && report.diverged.is_empty());
    let (report, _) = sync(&a, &b);
    assert!(report.idle());
}

/// Rule: a source that lost everything does not empty the target unasked.
#[test]
fn an_empty_source_is_not_believed() {
    let (a, b) = (Side::new(), Side::new());
    a.write("d/f", "x");
    sync(&a, &b);
    fs::remove_dir_all(a.path("d")).unwrap();
    assert_eq!(Source::begin(a.tree_with(false)).err().unwrap().id(), "FileSyncSourceEmpty");
    assert!(b.path("d/f").exists());
    sync(&a, &b);
    assert!(!b.path("d").exists());
}

/// What becomes of a synchronisation as a deployment makes it: the id of what ended it. Both sides hold the same then.
fn ended(a: &Side, b: &Side) -> Option<String> {
    let mut source = match Source::begin(a.tree()) {
        Ok(source) => source,
        Err(error) => return Some(error.id().to_owned()),
    };
    let ended = carry(&mut source, &mut Target::begin(b.tree()).unwrap(), None);
    ended.err().map(|error| error.id().to_owned())
}

/// What is in a tree, but for the folder of what is under way.
fn shown(side: &Side) -> BTreeMap<Vec<u8>, String> {
    let mut all = side.all();
    all.retain(|name, _| !name.starts_with(b".reeve"));
    all
}

fn lose(side: &Side, names: &[&str]) {
    for name in names {
        let path = side.folder.path().join(name);
        if path.is_dir() {
            fs::remove_dir_all(&path).unwrap();
            fs::create_dir(&path).unwrap();
        } else {
            fs::remove_file(path).unwrap();
        }
    }
}

/// Rule: a source that lost its disk with its index, or its disk before everything is compared anew, changes nothing at
/// the copy, however often it tries.
#[test]
fn a_lost_disk_does_not_empty_the_copy() {
    let (a, b) = (Side::new(), Side::new());
    a.write("d/f", "x");
    a.write("g", "y");
    assert_eq!(ended(&a, &b), None);
    let copy = shown(&b);
    // Not mounted, and a full synchronisation is ordered.
    lose(&a, &["tree"]);
    for _ in 0..2 {
        a.tree().forget().unwrap();
        assert_eq!(ended(&a, &b).as_deref(), Some("FileSyncSourceEmpty"));
        assert_eq!(shown(&b), copy);
    }
    // A new computer under the old name.
    lose(&a, &["index.db"]);
    for _ in 0..2 {
        assert_eq!(ended(&a, &b).as_deref(), Some("FileSyncSourceEmpty"));
        assert_eq!(shown(&b), copy);
    }
    // It has served since: what it has is not what the copy has.
    a.write("new", "z");
    for _ in 0..2 {
        assert_eq!(ended(&a, &b).as_deref(), Some("FileSyncSourceNew"));
        assert_eq!(shown(&b), copy);
    }
    a.tree().forget().unwrap();
    assert_eq!(ended(&a, &b).as_deref(), Some("FileSyncSourceNew"), "to compare anew is not to say which side counts");
    // Somebody says that it counts, and from then on it does.
    sync(&a, &b);
    assert_eq!(shown(&b), shown(&a));
    a.write("new", "changed");
    a.write("newer", "z");
    assert_eq!(ended(&a, &b), None);
    assert_eq!(shown(&b), shown(&a));
}

/// Rule: where a source that remembers nothing has all that the copy has, it may add to it; an older content is no less a
/// loss than none. Where the copy counts, it goes the other way, and both go on as before.
#[test]
fn a_source_without_memory_may_add() {
    let (a, b) = (Side::new(), Side::new());
    a.write("d/f", "x");
    assert_eq!(ended(&a, &b), None);
    lose(&a, &["index.db"]);
    a.write("d/g", "new");
    assert_eq!(ended(&a, &b), None);
    assert_eq!(shown(&b), shown(&a));
    lose(&a, &["index.db"]);
    a.write("d/g", "old");
    assert_eq!(ended(&a, &b).as_deref(), Some("FileSyncSourceNew"));
    assert_eq!(fs::read(b.path("d/g")).unwrap(), b"new");
    lose(&a, &["tree"]);
    assert_eq!(ended(&b, &a), None, "what the copy has comes back");
    fs::remove_file(a.path("d/f")).unwrap();
    assert_eq!(ended(&a, &b), None);
    assert!(shown(&b) == shown(&a) && !b.path("d/f").exists());
}

/// Rule: a target does not let itself be emptied, whatever its source believes; what gives way to something else may go.
#[test]
fn a_target_is_not_emptied() {
    let (a, b) = (Side::new(), Side::new());
    a.write("d/f", "x");
    a.write("g", "y");
    sync(&a, &b);
    lose(&a, &["tree"]);
    let copy = shown(&b);
    let ended = carry(&mut a.source(), &mut Target::begin(b.tree()).unwrap(), None);
    assert_eq!(ended.unwrap_err().id(), "FileSyncSourceEmpty");
    assert_eq!(shown(&b), copy);
    a.write("d", "a file where a folder was");
    carry(&mut a.source(), &mut Target::begin(b.tree()).unwrap(), None).unwrap();
    assert_eq!(shown(&b), shown(&a));
}

/// Rule: a target is not emptied in parts either; where something is left all goes, in however many parts it was said.
#[test]
fn a_target_is_not_emptied_in_parts() {
    let names: Vec<String> = (0..12).map(|n| format!("f{n:02}")).collect();
    for left in [0, 1] {
        let (a, b) = (Side::new(), Side::new());
        names.iter().for_each(|name| a.write(name, "x"));
        sync(&a, &b);
        let before = shown(&b);
        let clock = Arc::new(FixedClock::at_unix_seconds(1_700_000_000));
        let options = Options { host: "fs.example".into(), clock, may_be_empty: false, counts: true };
        let tree = Tree::open(&b.path(""), &b.folder.path().join("index.db"), options).unwrap();
        let mut target = Target::begin(tree).unwrap();
        target.receive(Message::Hello { format: 1, root: [0; 32] }.encode()).unwrap();
        let gone = names.len() - left;
        let mut ended = Ok(());
        for (part, names) in names[..gone].chunks(4).enumerate() {
            let last = (part + 1) * 4 >= gone;
            let delete = |name: &String| Operation::Delete(TreePath::parse(name.as_bytes()).unwrap());
            let check = Operation::Checkpoint(part as u64 + 1, last);
            let operations = names.iter().map(delete).chain([check]).collect();
            ended = target.receive(Message::Operations(operations).encode());
            assert!(last || ended.is_ok() && shown(&b) == before, "{ended:?}");
        }
        match left {
            0 => {
                assert_eq!(ended.unwrap_err().id(), "FileSyncSourceEmpty");
                assert_eq!(shown(&b), before);
            }
            _ => {
                ended.unwrap();
                assert_eq!(shown(&b).len(), left);
            }
        }
    }
}

/// Rule: two synchronisations of one tree do not run at the same time.
#[test]
fn one_at_a_time() {
    let a = Side::new();
    let first = a.tree();
    let clock = Arc::new(FixedClock::at_unix_seconds(0));
    let options = Options { host: "h".into(), clock, may_be_empty: false, counts: false };
    let second = Tree::open(&a.path(""), &a.folder.path().join("index.db"), options);
    assert_eq!(second.err().unwrap().id(), "FileSyncBusy");
    drop(first);
    drop(a.tree());
}

/// Rule: whatever a hostile source says, nothing is written outside the tree, and nothing inside that is not a whole
/// file with the announced hash.
#[test]
fn hostile_sources() {
    let path = |text: &str| TreePath::parse(text.as_bytes()).unwrap();
    let head = |name: &str, content: &[u8]| {
        Operation::File(Box::new(FileHead {
            path: path(name),
            mode: 0o644,
            mtime: 0,
            size: content.len() as u64,
            hash: blake3::hash(content).into(),
            base: None,
            resume: 0,
        }))
    };
    let based = |name: &str, base: &str, size: u64, resume: u64| {
        let (path, base) = (path(name), Some(path(base)));
        Operation::File(Box::new(FileHead { path, mode: 0o644, mtime: 0, size, hash: [1; 32], base, resume }))
    };
    let data = |bytes: &'static [u8]| Operation::Data(Bytes::from_static(bytes));
    let check = Operation::Checkpoint(1, true);
    // What it says; the error that ends it, or none if it is only not done.
    let cases: Vec<(&str, Vec<Operation>, Option<&str>)> = vec![
        ("another hash", vec![head("x", b"abc"), data(b"abd"), Operation::End, check.clone()], None),
        ("too short", vec![head("x", b"abc"), data(b"ab"), Operation::End, check.clone()], None),
        ("too long", vec![head("x", b"abc"), data(b"abcd"), data(b"e"), Operation::End, check.clone()], None),
        ("no parent", vec![head("no/x", b"abc"), data(b"abc"), Operation::End, check.clone()], None),
        ("below a file", vec![head("f/x", b"abc"), data(b"abc"), Operation::End, check.clone()], None),
        ("through a link", vec![head("link/x", b"abc"), data(b"abc"), Operation::End, check.clone()], None),
        ("through a foreign link", vec![head("way/x", b"abc"), data(b"abc"), Operation::End, check.clone()], None),
        ("a folder in a foreign link", vec![Operation::Folder(path("way/x"), 0, 0), check.clone()], None),
        ("delete through a foreign link", vec![Operation::Delete(path("way/secret")), check.clone()], None),
        ("move from a foreign link", vec![Operation::Move(path("way/secret"), path("x")), check.clone()], None),
        (
            "base of a foreign link",
            vec![based("x", "way/secret", 5, 0), Operation::Copy(0, 5), Operation::End, check.clone()],
            None,
        ),
        (
            "copy before the beginning",
            vec![based("x", "f", 5, 0), Operation::Copy(-5, 5), Operation::End, check.clone()],
            None,
        ),
        (
            "copy past the end",
            vec![based("x", "f", 5_000_000, 0), Operation::Copy(0, 5_000_000), Operation::End, check.clone()],
            None,
        ),
        (
            "copy far away",
            vec![based("x", "f", 5, 0), Operation::Copy(i64::MAX, 5), Operation::End, check.clone()],
            None,
        ),
        (
            "copy very much",
            vec![based("x", "f", 5, 0), Operation::Copy(0, u64::MAX), Operation::End, check.clone()],
            None,
        ),
        ("go on with nothing", vec![based("x", "f", 5, 5), Operation::End, check.clone()], None),
        ("move into itself", vec![Operation::Move(path("d"), path("d/e")), check.clone()], None),
        ("move over the parent", vec![Operation::Move(path("d/in"), path("d")), check.clone()], None),
        ("move so that a link leads out", vec![Operation::Move(path("d/in"), path("in")), check.clone()], None),
        ("link that leads out", vec![Operation::Link(path("x"), 0, b"/etc".to_vec())], Some("FileSyncProtocol")),
        ("link that climbs", vec![Operation::Link(path("d/x"), 0, b"../../x".to_vec())], Some("FileSyncProtocol")),
        ("content of nothing", vec![data(b"abc")], Some("FileSyncProtocol")),
        ("end of nothing", vec![Operation::End], Some("FileSyncProtocol")),
        ("a file in a file", vec![head("x", b"abc"), head("y", b"abc")], Some("FileSyncProtocol")),
        ("a checkpoint in a file", vec![head("x", b"abc"), check.clone()], Some("FileSyncProtocol")),
        ("another checkpoint", vec![Operation::Checkpoint(7, true)], Some("FileSyncProtocol")),
        ("too many", vec![Operation::Delete(path("no")); 4097], Some("FileSyncProtocol")),
    ];
    for (name, operations, error) in cases {
        let (a, b, outside) = (Side::new(), Side::new(), tempfile::tempdir().unwrap());
        a.write("f", noise(1000, 1));
        a.write("d/in/file", "file");
        symlink("d", a.path("link")).unwrap();
        symlink("../../f", a.path("d/in/up")).unwrap();
        sync(&a, &b);
        fs::write(outside.path().join("secret"), "12345").unwrap();
        symlink(outside.path(), b.path("way")).unwrap();
        let before = b.all();
        let mut target = b.target();
        target.receive(Message::Hello { format: 1, root: [0; 32] }.encode()).unwrap();
        let done = operations.chunks(2000).try_for_each(|o| target.receive(Message::Operations(o.to_vec()).encode()));
        assert_eq!(done.err().map(|e| e.id().to_owned()).as_deref(), error, "{name}");
        drop(target);
        drop(b.target()); // sets times of folders right
        drop(fs::remove_dir_all(b.path(".reeve-staging")));
        assert_eq!(b.all(), before, "{name}");
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1, "{name}");
        assert_eq!(fs::read(outside.path().join("secret")).unwrap(), b"12345", "{name}");
    }
}

/// Rule: whatever a hostile target says, the source ends with an error and its tree is as it was.
#[test]
fn hostile_targets() {
    let listing = |folder: TreePath| Message::Listing { folder, last: true, entries: Vec::new() };
    let committed = |number| Message::Committed { number, failures: Vec::new(), notes: Vec::new(), root: None };
    let welcome = || Message::Welcome { root: [9; 32], partials: Vec::new() };
    let cases: Vec<(&str, Vec<Message>, &str)> = vec![
        ("a listing first", vec![listing(TreePath::root())], "FileSyncProtocol"),
        (
            "a folder that nobody asked for",
            vec![welcome(), listing(TreePath::parse(b"x").unwrap())],
            "FileSyncProtocol",
        ),
        ("welcome twice", vec![welcome(), welcome()], "FileSyncProtocol"),
        ("committed what was not sent", vec![welcome(), listing(TreePath::root()), committed(5)], "FileSyncProtocol"),
        ("the end at once", vec![Message::Finished], "FileSyncProtocol"),
        ("a source's message", vec![Message::Finish], "FileSyncProtocol"),
        ("refused", vec![Message::Refused("FileSyncDiskFull".into(), "full".into())], "FileSyncDiskFull"),
        ("refused oddly", vec![Message::Refused("\x1b[31m".into(), "\x1b[31m".into())], "FileSyncRefused"),
    ];
    for (name, messages, id) in cases {
        let a = Side::new();
        a.write("d/f", "x");
        let before = a.all();
        let mut source = a.source();
        let run = || -> Result<(), ErrorRecord> {
            for message in messages {
                while source.next()?.is_some() {}
                source.receive(message.encode())?;
            }
            Ok(())
        };
        assert_eq!({ run }().unwrap_err().id(), id, "{name}");
        assert_eq!(a.all(), before);
    }
}

/// Rule: a file that the source cannot read is named and left at the target as it is; so is all of such a folder.
#[test]
fn what_cannot_be_read_is_left() {
    if rustix::process::geteuid().is_root() {
        return; // whom nothing keeps from reading
    }
    let (a, b) = (Side::new(), Side::new());
    a.write("d/f", "x");
    a.write("g", "y");
    sync(&a, &b);
    fs::set_permissions(a.path("d"), Permissions::from_mode(0o000)).unwrap();
    a.write("g", "z");
    let (report, _) = sync(&a, &b);
    fs::set_permissions(a.path("d"), Permissions::from_mode(0o755)).unwrap();
    assert_eq!(report.failed.count, 1);
    assert_eq!(fs::read(b.path("d/f")).unwrap(), b"x");
    assert_eq!(fs::read(b.path("g")).unwrap(), b"z");
}
