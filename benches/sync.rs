//! File synchronisation beside rsync: 256 MB in 2,000 files, 1 % of it changed; bytes on the wire and time.
//!
//! Ours are two ends in two threads over a socket pair; all bytes that pass are counted. rsync is what is installed,
//! two processes over its own socket pair, with its delta algorithm (`--no-whole-file`) and its own count of both
//! directions: once as it is, once with `--fsync`, because ours makes every file durable before it takes its place. All
//! start from the same tree; medians of three turns.
//!
//!   cargo bench --bench sync            or benches/beside-rsync, which says what is missing first
//!   cargo bench --bench sync -- '4 KiB'  the cases of which the name has this alone
//!
//! `x` is bytes on the wire for each byte that changed. Goals: 1.05 for edits of 64 KiB, 1.15 of 4 KiB, 4.0 of 64 B; 1 KB on
//! the wire for a thousand files where nothing changed or only names did; no longer than rsync (each line says both: as
//! rsync does by default, and as durable as ours). A large file that is wholly replaced takes at most twice as long as a new
//! one.

use reeve::backup::files::{End, Options, Source, Target, Tree, drive};
use reeve::env::{FixedRandom, Random, SystemClock};
use reeve::error::{Category, ErrorRecord};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::fs::FileExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

const FILES: u64 = 2000;
const TOTAL: u64 = 256 << 20;
const CHANGED: u64 = TOTAL / 100;
const TURNS: usize = 3;
const LARGE: usize = 64 << 20;

struct Noise(u64);

impl Noise {
    fn bytes(&mut self, n: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(n + 8);
        while bytes.len() < n {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            bytes.extend_from_slice(&self.0.to_le_bytes());
        }
        bytes.truncate(n);
        bytes
    }
}

fn error(error: std::io::Error) -> ErrorRecord {
    ErrorRecord::new("Bench", Category::ConnectionError, error.to_string())
}

/// Drives an end over a stream.
fn run(end: &mut dyn End, stream: &UnixStream, wire: &AtomicU64) {
    let send = |message: bytes::Bytes| {
        wire.fetch_add(message.len() as u64 + 4, Ordering::Relaxed);
        let mut stream = stream;
        stream.write_all(&(message.len() as u32).to_le_bytes()).map_err(error)?;
        stream.write_all(&message).map_err(error)
    };
    let receive = || {
        let mut stream = stream;
        let mut length = [0; 4];
        stream.read_exact(&mut length).map_err(error)?;
        let mut message = vec![0; u32::from_le_bytes(length) as usize];
        stream.read_exact(&mut message).map_err(error)?;
        Ok(message.into())
    };
    drive(end, send, receive).expect("synchronised");
}

fn options() -> Options {
    Options { host: "bench".into(), clock: Arc::new(SystemClock), may_be_empty: false, counts: false }
}

/// Bytes on the wire and seconds.
fn ours(source: &Path, target: &Path, work: &Path) -> (u64, f64) {
    let wire = AtomicU64::new(0);
    let begin = Instant::now();
    let (one, two) = UnixStream::pair().expect("a pair");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let tree = Tree::open(source, &work.join("source.db"), options()).expect("opened");
            run(&mut Source::begin(tree).expect("scanned"), &one, &wire);
        });
        scope.spawn(|| {
            let tree = Tree::open(target, &work.join("target.db"), options()).expect("opened");
            run(&mut Target::begin(tree).expect("compared"), &two, &wire);
        });
    });
    (wire.into_inner(), begin.elapsed().as_secs_f64())
}

fn rsync(source: &Path, target: &Path, more: &[&str]) -> Option<(u64, f64)> {
    let begin = Instant::now();
    let output = Command::new("rsync")
        .args(["-a", "--delete", "--no-whole-file", "--stats", "--no-human-readable"])
        .args(more)
        .arg(format!("{}/", source.display()))
        .arg(format!("{}/", target.display()))
        .output()
        .ok()?;
    let seconds = begin.elapsed().as_secs_f64();
    assert!(output.status.success(), "rsync failed: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    let number = |name: &str| -> u64 {
        let line = text.lines().find(|line| line.starts_with(name)).expect("a line of rsync's");
        line.chars().filter(char::is_ascii_digit).collect::<String>().parse().expect("a number")
    };
    Some((number("Total bytes sent") + number("Total bytes received"), seconds))
}

fn files(source: &Path) -> Vec<PathBuf> {
    let folders = fs::read_dir(source).expect("read").map(|f| f.expect("an entry").path());
    let mut all: Vec<PathBuf> =
        folders.flat_map(|folder| fs::read_dir(folder).expect("read").map(|f| f.expect("an entry").path())).collect();
    all.sort();
    all
}

/// Overwrites so many bytes in pieces of `size`, at random places.
fn edits(source: &Path, size: u64, random: &FixedRandom, noise: &mut Noise) -> u64 {
    let open: Vec<(File, u64)> = files(source)
        .iter()
        .map(|p| File::options().write(true).open(p).expect("opened"))
        .map(|f| (f.metadata().expect("known").len(), f))
        .map(|(n, f)| (f, n))
        .filter(|(_, n)| *n >= size)
        .collect();
    let mut done = 0;
    while done + size <= CHANGED {
        let (file, length) = &open[random.below(open.len() as u64) as usize];
        file.write_all_at(&noise.bytes(size as usize), random.below(length - size + 1)).expect("written");
        done += size;
    }
    done
}

fn append(source: &Path, random: &FixedRandom, noise: &mut Noise) -> u64 {
    let all = files(source);
    for _ in 0..CHANGED / 4096 {
        let path = &all[random.below(all.len() as u64) as usize];
        File::options().append(true).open(path).and_then(|mut f| f.write_all(&noise.bytes(4096))).expect("appended");
    }
    CHANGED / 4096 * 4096
}

fn rename(source: &Path, random: &FixedRandom) -> u64 {
    let all = files(source);
    for n in 0..FILES / 100 {
        let from = &all[(n * 100 + random.below(100)) as usize % all.len()];
        let to = source.join(format!("room-{:02}/renamed-{:06}.pptx", random.below(40), random.below(1_000_000)));
        fs::rename(from, to).expect("renamed");
    }
    0
}

fn move_folder(source: &Path, turn: usize) -> u64 {
    let from = if turn == 0 { "room-07".into() } else { format!("hall-{}", turn - 1) };
    fs::rename(source.join(from), source.join(format!("hall-{turn}"))).expect("moved");
    0
}

/// One large file: new, and then with a content that is wholly another, in which everything is searched for what is old.
fn replaced(source: &Path, target: &Path, work: &Path, noise: &mut Noise) {
    let large = source.join("large.bin");
    let times = [(); 3].map(|()| {
        let took = |content: Vec<u8>| {
            fs::write(&large, content).expect("written");
            ours(source, target, work).1
        };
        let times = (took(noise.bytes(LARGE)), took(noise.bytes(LARGE)));
        fs::remove_file(&large).expect("removed");
        ours(source, target, work);
        times
    });
    let (new, other) = (median(times.map(|one| one.0).to_vec()), median(times.map(|one| one.1).to_vec()));
    let said = if other <= 2.0 * new { "met" } else { "MISSED" };
    println!(
        "{} MB in one file: new {new:.3} s, wholly replaced {other:.3} s; goal, twice as long: {said}",
        LARGE >> 20
    );
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Whether the goals of a case are met: bytes, time beside rsync, time beside rsync that makes files durable too.
fn goals(case: &str, bytes: f64, changed: f64, seconds: f64, other: f64, durable: f64) -> String {
    let said = |met: bool| if met { "met" } else { "MISSED" };
    let most = match case {
        "64 KiB edits" => Some(1.05 * changed),
        "4 KiB edits" => Some(1.15 * changed),
        "64 B edits" => Some(4.0 * changed),
        "nothing" | "20 renames" | "folder moved" => Some(1024.0 * FILES as f64 / 1000.0),
        _ => None,
    };
    let bytes = most.map_or("-", |most| said(bytes <= most));
    format!("bytes {bytes}, time {}, durable {}", said(seconds <= other), said(seconds <= durable))
}

/// Cores, and how busy the machine is: what else it does is in the times.
fn machine() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: Vec<&str> = load.split(' ').take(3).collect();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{cores} cores, load average {}", load.join(" "))
}

fn main() {
    if std::env::args().any(|a| a == "--list" || a == "--test") {
        return;
    }
    println!("{}", machine());
    let work =
        tempfile::tempdir_in(std::env::var_os("REEVE_BENCH_DIR").unwrap_or_else(|| "/tmp".into())).expect("made");
    let (source, target, other) = (work.path().join("source"), work.path().join("ours"), work.path().join("rsync"));
    let durable = work.path().join("rsync-fsync");
    for folder in [&source, &target, &other, &durable] {
        fs::create_dir(folder).expect("made");
    }
    let (random, mut noise) = (FixedRandom::new(1), Noise(0x1234_5678_9ABC_DEF1));
    for n in 0..FILES {
        let folder = source.join(format!("room-{:02}", n % 40));
        fs::create_dir_all(&folder).expect("made");
        let size = 16_384 + random.below(2 * (TOTAL / FILES - 16_384));
        fs::write(folder.join(format!("document-{n:04}.pptx")), noise.bytes(size as usize)).expect("written");
    }
    let settle = || {
        Command::new("sync").status().expect("sync");
        std::thread::sleep(std::time::Duration::from_millis(30));
    };
    settle();
    let first = ours(&source, &target, work.path());
    settle();
    let beside = rsync(&source, &other, &[]);
    rsync(&source, &durable, &[]);
    println!("first: ours {:.3} s, {} bytes; rsync {beside:?}", first.1, first.0);
    println!(
        "{:<16} {:>10} {:>12} {:>12} {:>9} {:>9} {:>8} {:>8} {:>8}   goals",
        "1 % changed", "changed", "ours bytes", "rsync bytes", "ours x", "rsync x", "ours s", "rsync s", "--fsync"
    );
    let cases = ["nothing", "64 KiB edits", "4 KiB edits", "64 B edits", "4 KiB appends", "20 renames", "folder moved"];
    let wanted: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let is_wanted = |case: &str| wanted.is_empty() || wanted.iter().any(|name| case.contains(name.as_str()));
    for case in cases.into_iter().filter(|case| is_wanted(case)) {
        let mut table: [Vec<f64>; 6] = Default::default();
        for turn in 0..TURNS {
            let changed = match case {
                "64 KiB edits" => edits(&source, 65_536, &random, &mut noise),
                "4 KiB edits" => edits(&source, 4096, &random, &mut noise),
                "64 B edits" => edits(&source, 64, &random, &mut noise),
                "4 KiB appends" => append(&source, &random, &mut noise),
                "20 renames" => rename(&source, &random),
                "folder moved" => move_folder(&source, turn),
                _ => 0,
            };
            settle();
            let (bytes, seconds) = ours(&source, &target, work.path());
            settle();
            let (other_bytes, other_seconds) = rsync(&source, &other, &[]).unwrap_or((0, f64::NAN));
            settle();
            let durable_seconds = rsync(&source, &durable, &["--fsync"]).map_or(f64::NAN, |(_, seconds)| seconds);
            for (column, value) in table.iter_mut().zip([
                changed as f64,
                bytes as f64,
                other_bytes as f64,
                seconds,
                other_seconds,
                durable_seconds,
            ]) {
                column.push(value);
            }
        }
        let [changed, bytes, other_bytes, seconds, other_seconds, durable] = table.map(median);
        let ratio = |bytes: f64| if changed > 0.0 { format!("{:.3}", bytes / changed) } else { "-".into() };
        println!(
            "{case:<16} {changed:>10} {bytes:>12} {other_bytes:>12} {:>9} {:>9} {seconds:>8.3} {other_seconds:>8.3} {durable:>8.3}   {}",
            ratio(bytes),
            ratio(other_bytes),
            goals(case, bytes, changed, seconds, other_seconds, durable)
        );
    }
    if is_wanted("replaced") {
        replaced(&source, &target, work.path(), &mut noise);
    }
    println!("{}", machine());
    let same = Command::new("diff").arg("-r").arg(&source).arg(&target).status().expect("diff");
    assert!(same.success(), "the trees differ");
}
