//! Failover: a database goes over from the place where it was active to another.
//!
//! What is decided stands in state machines and pure functions, without I/O: [`choose`] which place is meant, whether a
//! place may serve, whether a failover would succeed, and the steps of one. `host` carries them out.

mod choose;
mod claims;
mod control;
mod ends;
pub mod epoch;
mod facts;
mod forms;
mod losses;
mod page;
mod place;
mod placement;
#[cfg(feature = "planted-bugs")]
pub mod planted;
#[cfg(not(feature = "planted-bugs"))]
mod planted;
mod preflight;
mod run;
mod state;
#[cfg(test)]
mod tests;
mod underway;
mod wish;

pub use choose::{Choice, Known, Unfinished, choose, choose_for};
pub use claims::{Doubled, claimant, doubled, unheard};
pub use control::{Condition, Control, Following, Lost, Order, Preflight, Report, StepReport};
pub use ends::End;
pub use facts::{Facts, ReplicaFact, credible};
pub use forms::ways_out;
pub use page::{page_of_failed, page_of_preflight, page_of_report};
pub use place::{Claim, Place, PlaceEffect, PlaceEvent, PlaceOrder, PlaceRecord, Reply};
pub use placement::{KIND as PLACEMENT, Placement, active_computer};
pub use preflight::preflight;
pub use run::{Run, RunEffect, RunEvent, RunRecord, Seen, Stage, Waits, Work};
pub(crate) use state::ticks;
pub use state::{Feed, FeedState, Ordered, PlaceAnswer, PlaceState, Source, Underway, Unreported, moment};
pub use wish::{Mode, Principal, SqlName, Wish};
