//! Failover: a database goes over from the place where it was active to another.
//!
//! What is decided stands in state machines and pure functions, without I/O: [`choose`] which place is meant, whether a
//! place may serve, whether a failover would succeed, and the steps of one. `host` carries them out.

mod control;
mod placement;
mod state;
mod wish;

pub use control::{Condition, Control, Following, Lost, Order, Preflight, Report, StepReport};
pub use placement::{KIND as PLACEMENT, Placement, active_computer};
pub(crate) use state::ticks;
pub use state::{Feed, FeedState, PlaceAnswer, PlaceState, Source, Underway};
pub use wish::{Mode, Principal, SqlName, Wish};
