//! The backup service of a computer: which modules of which pools it takes, when, and how they are.
//!
//! The computer that takes a pool's data drives: it knows from its replica what it is there for ([`duty`]), begins a
//! synchronisation every SyncInterval ([`schedule`]), one of a module at a time and a bounded number at once ([`driver`]),
//! keeps what came of it ([`record`]) and says how it is ([`state`]). What a synchronisation does is the caller's
//! ([`driver::Works`]).

pub mod driver;
pub mod duty;
pub mod record;
pub mod schedule;
pub mod settings;
pub mod state;

#[cfg(test)]
mod tests;

pub use driver::{Driver, Looked, Phase, Plan, Teller, Ticket, Works};
pub use duty::{Duty, Key, Part, Situation};
pub use record::{Past, Record};
pub use settings::Settings;
pub use state::{Left, judge};
