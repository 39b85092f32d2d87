//! Runs of seeds, of whichever world: a thousand in every test run, more when asked, one again when it failed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Seeds of an ordinary run.
const SEEDS: u64 = 1_000;
/// Seeds in which a planted mistake must show.
#[cfg(feature = "planted-bugs")]
const WITHIN: u64 = 200;

/// Counts of what happened in a world, or in many.
pub trait Counts: Default + Send {
    /// Adds another's.
    fn count(&mut self, other: &Self);

    /// For people.
    fn shown(&self) -> String;
}

/// What became of a world.
#[derive(Clone, Debug)]
pub struct Outcome<T> {
    pub hash: u64,
    pub lines: u64,
    pub tally: T,
    pub failure: Option<String>,
    pub tail: String,
    /// How long the quiet took until all was right, in microseconds; 0 where that is not looked at.
    pub quiet: u64,
}

/// The worlds of a kind.
pub struct Runner<T: 'static> {
    /// The module with its tests, as cargo test takes it.
    pub module: &'static str,
    /// What it is called in counts.
    pub name: &'static str,
    /// Lives a seed's world through; shows its trace where that is asked for.
    pub live: fn(u64, bool) -> Outcome<T>,
}

/// A number from the environment.
pub fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a number, not '{text}'")))
}

impl<T: Counts> Runner<T> {
    /// Lives a seed's world through; a panic of the code under test is a failure as others are.
    pub fn run(&self, seed: u64, print: bool) -> Outcome<T> {
        catch_unwind(AssertUnwindSafe(|| (self.live)(seed, print))).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
            let failure = Some(format!("panicked: {}", text.unwrap_or("without a text")));
            Outcome { hash: 0, lines: 0, tally: T::default(), failure, tail: String::new(), quiet: 0 }
        })
    }

    /// What is said of a seed that failed: enough to see it again.
    pub fn told(&self, seed: u64, outcome: &Outcome<T>, bug: Option<&str>) -> String {
        let planted = bug.map_or(String::new(), |bug| format!("REEVE_BUG={bug} "));
        let feature = if cfg!(feature = "planted-bugs") { "--features planted-bugs " } else { "" };
        format!(
            "seed {seed}: {}\n\nthe end of its trace ({} lines, hash {:016x}):\n{}\nthe whole of it:\n    \
             {planted}REEVE_SEED={seed} cargo test {feature}--test reeve {}::replay -- --nocapture\n",
            outcome.failure.as_deref().unwrap_or("nothing is wrong"),
            outcome.lines,
            outcome.hash,
            outcome.tail,
            self.module,
        )
    }

    /// Lives the worlds of seeds until enough have failed; those that did.
    fn work(&self, next: &AtomicU64, end: u64) -> (T, Vec<(u64, Outcome<T>)>, u64, u64) {
        let (mut tally, mut failed, mut quiet, mut lines) = (T::default(), Vec::new(), 0, 0);
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= end || failed.len() >= 10 {
                return (tally, failed, quiet, lines);
            }
            let outcome = self.run(seed, false);
            tally.count(&outcome.tally);
            quiet = quiet.max(outcome.quiet);
            lines += outcome.lines;
            if outcome.failure.is_some() {
                failed.push((seed, outcome));
            }
        }
    }

    /// Every seed ends well.
    pub fn all(&self) {
        let (first, count) = (setting("REEVE_FIRST_SEED").unwrap_or(0), setting("REEVE_SEEDS").unwrap_or(SEEDS));
        // An ordinary run leaves the other cores to the other tests.
        let threads = if count > SEEDS { std::thread::available_parallelism().map_or(1, usize::from) } else { 1 };
        let (next, begin) = (AtomicU64::new(first), Instant::now());
        let (mut tally, mut failed, mut quiet, mut lines) = (T::default(), Vec::new(), 0, 0);
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| self.work(&next, first + count))).collect();
            for worker in workers {
                let (of_one, failures, longest, more) = worker.join().expect("a run catches panics");
                tally.count(&of_one);
                failed.extend(failures);
                quiet = quiet.max(longest);
                lines += more;
            }
        });
        failed.sort_by_key(|(seed, _)| *seed);
        let seconds = begin.elapsed().as_secs_f64();
        println!("{lines} lines of traces; the longest quiet until all was right: {} s", quiet / 1_000_000);
        let (name, each) = (self.name, count as f64 / seconds);
        println!("count: {name}: {count} seeds in {seconds:.1} s ({each:.0} a second): {}", tally.shown());
        if let Some((seed, outcome)) = failed.first() {
            let seeds: Vec<_> = failed.iter().map(|(seed, outcome)| (seed, outcome.failure.as_deref())).collect();
            panic!("failed: {seeds:#?}\n\n{}", self.told(*seed, outcome, None));
        }
    }

    /// A seed determines its world; `did`: something happened in it.
    pub fn twice(&self, did: fn(&Outcome<T>) -> bool) {
        for seed in 0..25 {
            let (one, other) = (self.run(seed, false), self.run(seed, false));
            assert!(one.failure.is_none(), "{}", self.told(seed, &one, None));
            assert_eq!((one.hash, one.lines), (other.hash, other.lines), "seed {seed}");
            assert!(did(&one), "seed {seed} did nothing");
        }
    }

    /// Shows the seed that REEVE_SEED names.
    pub fn replay(&self) {
        let Some(seed) = setting("REEVE_SEED") else { return };
        let outcome = self.run(seed, true);
        println!("{}", outcome.tally.shown());
        assert!(outcome.failure.is_none(), "{}", self.told(seed, &outcome, None));
    }
}

#[cfg(feature = "planted-bugs")]
impl<T: Counts> Runner<T> {
    fn with<B>(&self, bug: B, plant: fn(Option<B>), seed: u64) -> Outcome<T> {
        plant(Some(bug));
        let outcome = self.run(seed, false);
        plant(None);
        outcome
    }

    /// The simulation finds a planted mistake, in the same way twice, and nothing where it is not planted.
    pub fn finds<B: Copy + std::fmt::Debug>(&self, bug: B, plant: fn(Option<B>)) {
        let mut lived = (0..WITHIN).map(|seed| (seed, self.with(bug, plant, seed)));
        let found = lived.find(|(_, outcome)| outcome.failure.is_some());
        let Some((seed, first)) = found else { panic!("{bug:?} is not found in {WITHIN} seeds") };
        println!("{}", self.told(seed, &first, Some(&format!("{bug:?}"))));
        let failure = first.failure.as_deref().unwrap_or_default();
        println!("count: {}: {bug:?} found by seed {seed}: {failure}", self.name);
        let again = self.with(bug, plant, seed);
        assert_eq!((first.hash, first.failure), (again.hash, again.failure), "it does not replay");
        let without = self.run(seed, false);
        assert_eq!(without.failure, None, "seed {seed} fails without the mistake too");
    }
}

/// The mistake of these that REEVE_BUG names.
#[cfg(feature = "planted-bugs")]
pub fn named_bug<B: Copy + std::fmt::Debug>(all: &[B]) -> Option<B> {
    let name = std::env::var("REEVE_BUG").ok()?;
    let bug = all.iter().copied().find(|bug| format!("{bug:?}") == name);
    assert!(bug.is_some(), "REEVE_BUG names none of {all:?}");
    bug
}
