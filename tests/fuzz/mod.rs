//! What the fuzz targets found stays found: their corpus, and every text that once went wrong, are run again; and a
//! mutation loop that needs no nightly toolchain: `REEVE_FUZZ=binder REEVE_FUZZ_SECONDS=600 cargo test --test reeve
//! fuzz::for_a_while -- --ignored --nocapture`.

#[path = "../../fuzz/bodies/binder.rs"]
mod binder;
#[path = "../../fuzz/bodies/filter.rs"]
mod filter;
#[path = "../../fuzz/bodies/front_end.rs"]
mod front_end;

use crate::support::{lines, shared};
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// A target's name, and what it does with an input.
type Target = (&'static str, fn(&[u8]));

const TARGETS: [Target; 3] = [("front_end", front_end::run), ("binder", binder::run), ("filter", filter::run)];

fn folder(target: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target)
}

fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let Ok(entries) = std::fs::read_dir(folder(target)) else { return Vec::new() };
    let mut found: Vec<(String, Vec<u8>)> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            Some((path.file_name()?.to_string_lossy().into_owned(), std::fs::read(&path).ok()?))
        })
        .collect();
    found.sort();
    found
}

/// Runs on a thread with the stack that scripts have.
fn on_large_stack(run: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(run).expect("a thread");
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

/// Rule: nothing that was found once goes wrong again.
#[test]
fn the_corpus_goes_well() {
    on_large_stack(|| {
        for (target, run) in TARGETS {
            let inputs = corpus(target);
            assert!(!inputs.is_empty(), "{target} has no corpus");
            for (name, data) in &inputs {
                let done = catch_unwind(AssertUnwindSafe(|| run(data)));
                assert!(done.is_ok(), "fuzz/corpus/{target}/{name}: {:?}", String::from_utf8_lossy(data));
            }
            println!("count: fuzz: {} inputs of {target} go well", inputs.len());
        }
    });
}

/// Rule: no text of a random shape stops a target either; a second of each, from the same seed.
#[test]
fn random_inputs_go_well() {
    on_large_stack(|| {
        for (target, run) in TARGETS {
            let crashes = hunt(target, run, Duration::from_millis(700), 400, 7);
            assert!(crashes.is_empty(), "{target}: {crashes:?}");
        }
    });
}

#[test]
#[ignore = "runs for as long as it is told to"]
fn for_a_while() {
    let seconds = std::env::var("REEVE_FUZZ_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(60);
    let wanted = std::env::var("REEVE_FUZZ").unwrap_or_default();
    on_large_stack(move || {
        for (target, run) in TARGETS.iter().filter(|(name, _)| wanted.is_empty() || *name == wanted) {
            let seed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(1, |d| d.as_secs());
            let crashes = hunt(target, *run, Duration::from_secs(seconds), u64::MAX, seed);
            for (at, (message, input)) in crashes.iter().enumerate() {
                println!("{target} crash {at}: {message}\n{:?}", String::from_utf8_lossy(input));
                let _ = std::fs::write(std::env::temp_dir().join(format!("reeve-fuzz-{target}-{at}")), input);
            }
            assert!(crashes.is_empty(), "{} crashes of {target}", crashes.len());
        }
    });
}

/// Mutates what is known, for so long or so often; what went wrong, each message once.
fn hunt(target: &str, run: fn(&[u8]), time: Duration, most: u64, seed: u64) -> Vec<(String, Vec<u8>)> {
    let mut pool: Vec<Vec<u8>> = corpus(target).into_iter().map(|(_, data)| data).collect();
    pool.extend(seeds(target));
    if pool.is_empty() {
        pool.push(Vec::new());
    }
    let mut random = Random(seed | 1);
    let (start, mut runs, mut crashes, mut seen) = (Instant::now(), 0_u64, Vec::new(), HashSet::new());
    std::panic::set_hook(Box::new(|_| {}));
    while start.elapsed() < time && runs < most && crashes.len() < 20 {
        runs += 1;
        let input = mutated(&pool, &mut random);
        let began = Instant::now();
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| run(&input))) {
            let message = panic.downcast_ref::<String>().cloned();
            let message =
                message.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_string())).unwrap_or_default();
            let short: String = message.chars().take(60).collect();
            if seen.insert(short) {
                crashes.push((message, smaller(run, input)));
            }
        } else if began.elapsed() > Duration::from_secs(5) {
            crashes.push(("it takes more than five seconds".to_string(), input));
        } else if random.below(50) == 0 && input.len() < 400 && pool.len() < 5000 {
            // Without coverage, what went well now and then becomes a start of its own.
            pool.push(input);
        }
    }
    let _ = std::panic::take_hook();
    println!("fuzz: {target}: {runs} inputs in {:.0} s, {} went wrong", start.elapsed().as_secs_f64(), crashes.len());
    crashes
}

/// Takes away what the crash does not need.
fn smaller(run: fn(&[u8]), mut input: Vec<u8>) -> Vec<u8> {
    let mut step = input.len() / 2;
    while step > 0 {
        let mut at = 0;
        while at + step <= input.len() {
            let mut shorter = input.clone();
            shorter.drain(at..at + step);
            if catch_unwind(AssertUnwindSafe(|| run(&shorter))).is_err() { input = shorter } else { at += step }
        }
        step /= 2;
    }
    input
}

/// Texts that are known to mean something.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let mut texts: Vec<Vec<u8>> = Vec::new();
    if target != "front_end" {
        return texts;
    }
    for (file, field) in
        [("oracle/semantics.jsonl", "code"), ("oracle/parse.jsonl", "source"), ("oracle/binding.jsonl", "code")]
    {
        let Some(path) = shared(file) else { continue };
        for (at, line) in lines(&path).iter().enumerate() {
            let text = line[field].as_str().unwrap_or_default();
            texts.push([&[u8::from(at % 3 != 0)], text.as_bytes()].concat());
        }
    }
    texts
}

const WORDS: &[&str] = &[
    "$(",
    "@(",
    "@{",
    "${",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "\"",
    "'",
    "`",
    "\n",
    ";",
    "|",
    "||",
    "&&",
    "&",
    "$_",
    "$x.",
    "::",
    "..",
    "-eq ",
    " -and ",
    "-not ",
    "!",
    "++",
    "--",
    "=",
    "+=",
    "?",
    ":",
    ",",
    "@\"\n",
    "\n\"@",
    "#",
    "<#",
    "#>",
    "if (",
    "else ",
    "foreach (",
    "switch (",
    "function f {",
    "param(",
    "try {",
    "catch {",
    "return ",
    "break",
    "[int]",
    "Get-CsUser ",
    "| Where-Object {",
    "| % ",
    "-Name:",
    "1..3",
    "0x1F",
    "1kb",
    "2>&1",
    ">",
    "let a = ",
    "fn f(x) {",
    "|x| ",
    "=> ",
    "#{",
    "\u{2013}",
    "\u{201c}",
    "é",
    "\0",
    "-like '*",
    "-eq $null -or ",
    "(&(a=b)",
    "*)",
    "DisplayName",
    "LineURI -ne ",
    "process {",
    "begin {",
    ".ForEach{",
    "$a, $b = ",
    "[ref]$",
    ". {",
    "%",
    "/",
    "*",
    "-f ",
    "-is [",
];

fn mutated(pool: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut data = pool[random.below(pool.len())].clone();
    for _ in 0..=random.below(4) {
        let at = random.below(data.len() + 1);
        match random.below(8) {
            0 if !data.is_empty() => drop(data.remove(at.min(data.len() - 1))),
            1 => data.insert(at, (random.next() & 0xFF) as u8),
            2 | 3 => drop(data.splice(at..at, WORDS[random.below(WORDS.len())].bytes())),
            4 => {
                let end = (at + random.below(20)).min(data.len());
                data.drain(at..end);
            }
            5 => {
                let other = &pool[random.below(pool.len())];
                let from = random.below(other.len() + 1);
                let to = (from + random.below(40)).min(other.len());
                drop(data.splice(at..at, other[from..to].to_vec()));
            }
            6 if !data.is_empty() => {
                let end = (at + random.below(30)).min(data.len());
                let piece = data[at.min(end)..end].to_vec();
                drop(data.splice(at..at, piece));
            }
            _ if !data.is_empty() => {
                let at = at.min(data.len() - 1);
                data[at] ^= 1 << random.below(8);
            }
            _ => {}
        }
    }
    data.truncate(4096);
    data
}

/// xorshift: the same inputs from the same seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, count: usize) -> usize {
        (self.next() % count.max(1) as u64) as usize
    }
}
