//! Runs of seeds: a thousand in every test run, more when asked, one again when it failed.

use super::runner::{Outcome, Runner};
use super::tally::Tally;
use super::world::live;

const RUNS: Runner<Tally> = Runner { module: "simulation::runs", name: "simulation", live };

/// Rule: whatever crashes, gets lost, comes late, twice or out of order: every replica ends equal to the store, no
/// acknowledged change is lost, and at no time anybody sees what never was.
#[test]
fn every_seed_ends_well() {
    RUNS.all();
}

/// Rule: a seed determines its world: its trace is the same twice.
#[test]
fn a_seed_gives_the_same_trace_twice() {
    RUNS.twice(|one: &Outcome<Tally>| one.lines > 10);
}

/// Shows a seed: `REEVE_SEED=7 cargo test --test reeve simulation::runs::replay -- --nocapture`.
#[test]
fn replay() {
    #[cfg(feature = "planted-bugs")]
    reeve::replication::planted::plant(super::runner::named_bug(&reeve::replication::planted::Bug::ALL));
    RUNS.replay();
}

/// Rule: the simulation finds what it is there to find.
#[cfg(feature = "planted-bugs")]
mod planted {
    use super::RUNS;
    use reeve::replication::planted::{Bug, plant};

    #[test]
    fn a_skipped_fsync_is_found() {
        RUNS.finds(Bug::SkippedFsync, plant);
    }

    #[test]
    fn a_delta_applied_twice_is_found() {
        RUNS.finds(Bug::DeltaAppliedTwice, plant);
    }

    #[test]
    fn a_report_before_durability_is_found() {
        RUNS.finds(Bug::ReportBeforeDurability, plant);
    }

    #[test]
    fn an_older_epoch_accepted_is_found() {
        RUNS.finds(Bug::OlderEpochAccepted, plant);
    }

    #[test]
    fn a_tombstone_dropped_is_found() {
        RUNS.finds(Bug::TombstoneDropped, plant);
    }

    #[test]
    fn a_snapshot_without_its_floor_is_found() {
        RUNS.finds(Bug::SnapshotWithoutFloor, plant);
    }
}
