//! How much of its stack a thread has left: an overflow would end the process, so whoever calls itself looks here.
//!
//! It holds for debug and release builds alike, whatever a call takes in either.

use std::cell::Cell;

/// The part of a stack that is kept free for code which does not look: what Rhai takes for one expression of the
/// greatest depth, and for letting go of what is nested.
const KEPT: usize = 4;

thread_local! {
    /// The address below which the stack is low; 0 where nobody said how large it is.
    static LOWEST: Cell<usize> = const { Cell::new(0) };
}

fn here() -> usize {
    let local = 0_u8;
    std::ptr::from_ref(std::hint::black_box(&local)).addr()
}

/// Says how large the stack of this thread is, bytes; at its start.
pub fn begin(bytes: usize) {
    LOWEST.set(here().saturating_sub(bytes - bytes / KEPT));
}

/// Whether the stack is nearly used up. Stacks grow downwards wherever this program runs.
pub fn is_low() -> bool {
    here() < LOWEST.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deep(level: u64) -> u64 {
        if is_low() { level } else { std::hint::black_box(deep(level + 1)) }
    }

    #[test]
    fn recursion_ends_before_the_stack_does() {
        const SIZE: usize = 1 << 20;
        let ran = std::thread::Builder::new().stack_size(SIZE).spawn(|| {
            assert!(!is_low());
            begin(SIZE);
            deep(0)
        });
        let level = ran.unwrap().join().unwrap();
        assert!(level > 100, "{level}");
    }
}
