//! Randomness: the system's, and a sequence that a test can repeat.

use std::sync::atomic::{AtomicU64, Ordering};

/// Gives what nobody can foresee, or what a test wants.
pub trait Random: Send + Sync {
    /// A unique identifier (version 4).
    fn uuid(&self) -> uuid::Uuid;
    /// A number from 0 up to, and not including, `below`; 0 if `below` is 0.
    fn below(&self, below: u64) -> u64 {
        if below == 0 { 0 } else { self.uuid().as_u64_pair().1 % below }
    }
}

/// The randomness of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn uuid(&self) -> uuid::Uuid {
        uuid::Uuid::new_v4()
    }
}

/// The same sequence for the same seed.
#[derive(Debug)]
pub struct FixedRandom {
    state: AtomicU64,
}

impl FixedRandom {
    /// A sequence from a seed.
    pub fn new(seed: u64) -> FixedRandom {
        FixedRandom { state: AtomicU64::new(seed) }
    }

    /// A step of SplitMix64: every state gives another number.
    fn next(&self) -> u64 {
        const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
        let mut z = self.state.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

impl Random for FixedRandom {
    fn uuid(&self) -> uuid::Uuid {
        let bytes = (u128::from(self.next()) << 64) | u128::from(self.next());
        uuid::Builder::from_random_bytes(bytes.to_be_bytes()).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_its_sequence() {
        let (a, b) = (FixedRandom::new(7), FixedRandom::new(7));
        let first = a.uuid();
        assert_eq!(first, b.uuid());
        assert_ne!(first, a.uuid());
        assert_eq!(first.get_version_num(), 4);
        assert!((0..100).all(|_| a.below(3) < 3));
        assert_eq!(a.below(0), 0);
    }
}
