//! The only door to what is not deterministic: the clock and randomness. Tests hand in their own.

mod awake;
mod clock;
pub mod file;
pub mod memory;
mod random;

pub use awake::Awake;
pub use clock::{Clock, FixedClock, SystemClock};
pub use random::{FixedRandom, Random, SystemRandom};
