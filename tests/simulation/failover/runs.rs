//! Runs of seeds of failovers: a thousand in every test run, more when asked, one again when it failed.

use super::world::{Outcome, Tally, live};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Seeds of an ordinary run.
const SEEDS: u64 = 1_000;

fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a number, not '{text}'")))
}

/// Lives a seed's world through; a panic of the code under test is a failure as others are.
fn run(seed: u64, print: bool) -> Outcome {
    catch_unwind(AssertUnwindSafe(|| live(seed, print))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
        let failure = Some(format!("panicked: {}", text.unwrap_or("without a text")));
        Outcome { hash: 0, lines: 0, tally: Tally::default(), failure, tail: String::new() }
    })
}

/// What is said of a seed that failed: enough to see it again.
fn told(seed: u64, outcome: &Outcome, bug: Option<&str>) -> String {
    let planted = bug.map_or(String::new(), |bug| format!("REEVE_BUG={bug} "));
    let feature = if cfg!(feature = "planted-bugs") { "--features planted-bugs " } else { "" };
    format!(
        "seed {seed}: {}\n\nthe end of its trace ({} lines, hash {:016x}):\n{}\nthe whole of it:\n    \
         {planted}REEVE_SEED={seed} cargo test {feature}--test reeve simulation::failover::runs::replay -- --nocapture\n",
        outcome.failure.as_deref().unwrap_or("nothing is wrong"),
        outcome.lines,
        outcome.hash,
        outcome.tail,
    )
}

/// Rule: whoever fails over to whom, whatever crashes or is cut off meanwhile: never two places acknowledge in one epoch, a
/// planned failover loses nothing, another loses nothing beyond what its report says, and in the end one place serves and
/// all others are its copies.
#[test]
fn every_seed_ends_well() {
    let (first, count) = (setting("REEVE_FIRST_SEED").unwrap_or(0), setting("REEVE_SEEDS").unwrap_or(SEEDS));
    // An ordinary run leaves the other cores to the other tests.
    let threads = if count > SEEDS { std::thread::available_parallelism().map_or(1, usize::from) } else { 1 };
    let (next, begin) = (AtomicU64::new(first), Instant::now());
    let worker = || {
        let (mut tally, mut failed, mut lines) = (Tally::default(), Vec::new(), 0);
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= first + count || failed.len() >= 10 {
                return (tally, failed, lines);
            }
            let outcome = run(seed, false);
            tally.add(&outcome.tally);
            lines += outcome.lines;
            if outcome.failure.is_some() {
                failed.push((seed, outcome));
            }
        }
    };
    let (mut tally, mut failed, mut lines) = (Tally::default(), Vec::new(), 0);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        for worker in workers {
            let (of_one, failures, more) = worker.join().expect("a run catches panics");
            tally.add(&of_one);
            failed.extend(failures);
            lines += more;
        }
    });
    failed.sort_by_key(|(seed, _)| *seed);
    let seconds = begin.elapsed().as_secs_f64();
    println!("count: failover simulation: {count} seeds in {seconds:.1} s, {lines} lines of traces: {tally:?}");
    if let Some((seed, outcome)) = failed.first() {
        let seeds: Vec<_> = failed.iter().map(|(seed, outcome)| (seed, outcome.failure.as_deref())).collect();
        panic!("failed: {seeds:#?}\n\n{}", told(*seed, outcome, None));
    }
}

/// Rule: a seed determines its world: its trace is the same twice.
#[test]
fn a_seed_gives_the_same_trace_twice() {
    for seed in 0..25 {
        let (one, other) = (run(seed, false), run(seed, false));
        assert!(one.failure.is_none(), "{}", told(seed, &one, None));
        assert_eq!((one.hash, one.lines), (other.hash, other.lines), "seed {seed}");
        assert!(one.tally.acknowledged > 0, "seed {seed} did nothing");
    }
}

/// Shows a seed: `REEVE_SEED=7 cargo test --test reeve simulation::failover::runs::replay -- --nocapture`.
#[test]
fn replay() {
    let Some(seed) = setting("REEVE_SEED") else { return };
    #[cfg(feature = "planted-bugs")]
    planted::plant_named();
    let outcome = run(seed, true);
    println!("{:?}", outcome.tally);
    assert!(outcome.failure.is_none(), "{}", told(seed, &outcome, None));
}

/// Rule: the simulation finds what it is there to find.
#[cfg(feature = "planted-bugs")]
mod planted {
    use super::{Outcome, run, told};
    use reeve::failover::planted::{Bug, plant};

    /// Seeds in which a planted mistake must show.
    const WITHIN: u64 = 200;

    /// Plants the mistake that REEVE_BUG names.
    pub fn plant_named() {
        let Ok(name) = std::env::var("REEVE_BUG") else { return };
        let bug = Bug::ALL.into_iter().find(|bug| format!("{bug:?}") == name);
        assert!(bug.is_some(), "REEVE_BUG names none of {:?}", Bug::ALL);
        plant(bug);
    }

    fn with(bug: Bug, seed: u64) -> Outcome {
        plant(Some(bug));
        let outcome = run(seed, false);
        plant(None);
        outcome
    }

    fn is_found(bug: Bug) {
        let found = (0..WITHIN).map(|seed| (seed, with(bug, seed))).find(|(_, outcome)| outcome.failure.is_some());
        let Some((seed, first)) = found else { panic!("{bug:?} is not found in {WITHIN} seeds") };
        println!("{}", told(seed, &first, Some(&format!("{bug:?}"))));
        println!(
            "count: failover simulation: {bug:?} found by seed {seed}: {}",
            first.failure.as_deref().unwrap_or_default()
        );
        let again = with(bug, seed);
        assert_eq!((first.hash, first.failure), (again.hash, again.failure), "it does not replay");
        let without = run(seed, false);
        assert_eq!(without.failure, None, "seed {seed} fails without the mistake too");
    }

    #[test]
    fn an_epoch_of_anybody_is_found() {
        is_found(Bug::EpochOfAnybody);
    }

    #[test]
    fn a_newer_epoch_ignored_is_found() {
        is_found(Bug::NewerEpochIgnored);
    }

    #[test]
    fn serving_before_asking_is_found() {
        is_found(Bug::ServesBeforeAsking);
    }

    #[test]
    fn a_closing_not_kept_is_found() {
        is_found(Bug::ClosedNotKept);
    }

    #[test]
    fn a_list_of_what_is_not_lost_is_found() {
        is_found(Bug::LostUnsifted);
    }

    #[test]
    fn a_drain_unchecked_is_found() {
        is_found(Bug::DrainUnchecked);
    }

    #[test]
    fn an_uncertainty_unsaid_is_found() {
        is_found(Bug::UncertainUnsaid);
    }
}
