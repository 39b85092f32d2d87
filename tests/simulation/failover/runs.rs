//! Runs of seeds of failovers: a thousand in every test run, more when asked, one again when it failed.

use super::world::{Tally, live};
use crate::simulation::runner::{Outcome, Runner};

const RUNS: Runner<Tally> = Runner { module: "simulation::failover::runs", name: "failover simulation", live };

/// Rule: whoever fails over to whom, whatever crashes or is cut off meanwhile: never two places acknowledge in one epoch, a
/// planned failover loses nothing, another loses nothing beyond what its report says, and in the end one place serves and
/// all others are its copies.
#[test]
fn every_seed_ends_well() {
    RUNS.all();
}

/// Rule: a seed determines its world: its trace is the same twice.
#[test]
fn a_seed_gives_the_same_trace_twice() {
    RUNS.twice(|one: &Outcome<Tally>| one.tally.acknowledged > 0);
}

/// Shows a seed: `REEVE_SEED=7 cargo test --test reeve simulation::failover::runs::replay -- --nocapture`.
#[test]
fn replay() {
    #[cfg(feature = "planted-bugs")]
    reeve::failover::planted::plant(crate::simulation::runner::named_bug(&reeve::failover::planted::Bug::ALL));
    RUNS.replay();
}

/// Rule: the simulation finds what it is there to find.
#[cfg(feature = "planted-bugs")]
mod planted {
    use super::RUNS;
    use reeve::failover::planted::{Bug, plant};

    #[test]
    fn an_epoch_of_anybody_is_found() {
        RUNS.finds(Bug::EpochOfAnybody, plant);
    }

    #[test]
    fn a_newer_epoch_ignored_is_found() {
        RUNS.finds(Bug::NewerEpochIgnored, plant);
    }

    #[test]
    fn serving_before_asking_is_found() {
        RUNS.finds(Bug::ServesBeforeAsking, plant);
    }

    #[test]
    fn a_closing_not_kept_is_found() {
        RUNS.finds(Bug::ClosedNotKept, plant);
    }

    #[test]
    fn a_list_of_what_is_not_lost_is_found() {
        RUNS.finds(Bug::LostUnsifted, plant);
    }

    #[test]
    fn a_drain_unchecked_is_found() {
        RUNS.finds(Bug::DrainUnchecked, plant);
    }

    #[test]
    fn an_uncertainty_unsaid_is_found() {
        RUNS.finds(Bug::UncertainUnsaid, plant);
    }
}
