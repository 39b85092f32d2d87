//! The only door to what is not deterministic: the clock and randomness, which tests hand in; and what a run may take of
//! the machine.

pub mod allocator;
mod awake;
pub mod bounds;
mod clock;
pub mod file;
pub mod folder;
pub mod memory;
mod random;
pub mod shown;
pub mod stack;
pub mod text;
pub mod users;

pub use awake::Awake;
pub use clock::{Clock, FixedClock, SystemClock};
pub use random::{FixedRandom, Random, SystemRandom};
