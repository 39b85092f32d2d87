//! The program's allocator: mimalloc, and for the largest blocks the system itself, which makes a block grow without
//! copying it. A text or an array that grows by doubling would else be copied while nobody looks whether to stop, into
//! memory of which the system clears each page first: a tenth of a second for 100 MB.

use mimalloc::MiMalloc;
use rustix::mm::{MapFlags, MremapFlags, ProtFlags, mmap_anonymous, mremap, munmap};
use std::alloc::{GlobalAlloc, Layout};
use std::ptr::null_mut;

/// Bytes from which on a block is the system's: where to copy it takes longer than some milliseconds. Smaller ones come
/// and go too often for a call of the system each time.
const BIG: usize = 8 << 20;
/// Bytes of a large page: blocks of whole ones are put where large pages fit, and move in large steps.
const LARGE_PAGE: usize = 2 << 20;
/// What the system's blocks are aligned to at least.
const PAGE: usize = 4096;

/// mimalloc for all that is small, the system for what is big.
#[derive(Clone, Copy, Debug)]
pub struct Allocator;

fn is_big(layout: &Layout) -> bool {
    layout.size() >= BIG && layout.align() <= PAGE
}

/// Bytes of the mapping for a block; none for one that fills the address space.
fn length(size: usize) -> Option<usize> {
    size.checked_next_multiple_of(LARGE_PAGE)
}

/// A new block of zeroes; null where there is no memory.
fn map(size: usize) -> *mut u8 {
    let Some(length) = length(size) else { return null_mut() };
    let protection = ProtFlags::READ | ProtFlags::WRITE;
    #[allow(unsafe_code, reason = "memory of the system is had by address alone")]
    // SAFETY: a new mapping, at a place that the system chooses.
    let mapped = unsafe { mmap_anonymous(null_mut(), length, protection, MapFlags::PRIVATE) };
    mapped.map_or(null_mut(), <*mut _>::cast)
}

#[allow(
    unsafe_code,
    reason = "an allocator is unsafe to write; what is big is told by the layout alone, at each call alike"
)]
// SAFETY: a block is the system's or mimalloc's by its layout, which the caller gives unchanged. Blocks of the system
// begin at a page, and are as long as was asked for.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if is_big(&layout) {
            return map(layout.size());
        }
        // SAFETY: the caller's promise.
        unsafe { MiMalloc.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if is_big(&layout) {
            return map(layout.size());
        }
        // SAFETY: the caller's promise.
        unsafe { MiMalloc.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        match length(layout.size()).filter(|_| is_big(&layout)) {
            // SAFETY: it is one of ours, of this length, and the caller's no longer. Nothing can be done where the
            // system does not take it back.
            Some(length) => drop(unsafe { munmap(block.cast(), length) }),
            // SAFETY: the caller's promise; it came from there.
            None => unsafe { MiMalloc.dealloc(block, layout) },
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller promises that the size suits the alignment.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        match (is_big(&layout), is_big(&wanted)) {
            // SAFETY: the caller's promise; it came from there.
            (false, false) => unsafe { MiMalloc.realloc(block, layout, size) },
            (true, true) => {
                let (Some(old), Some(new)) = (length(layout.size()), length(size)) else { return null_mut() };
                if old == new {
                    return block;
                }
                // SAFETY: it is one of ours, of this length; who holds it gets the new address.
                let moved = unsafe { mremap(block.cast(), old, new, MremapFlags::MAYMOVE) };
                moved.map_or(null_mut(), <*mut _>::cast)
            }
            // SAFETY: two blocks, each at least as long as what is copied, and the old one by its own layout.
            _ => unsafe {
                let new = self.alloc(wanted);
                if !new.is_null() {
                    std::ptr::copy_nonoverlapping(block, new, size.min(layout.size()));
                    self.dealloc(block, layout);
                }
                new
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rule: a block keeps its content however it grows and shrinks, over the border to the system's and back; what is
    /// asked for as zeroes is.
    #[test]
    #[allow(unsafe_code, reason = "an allocator is called as the standard library does")]
    fn blocks_keep_their_content() {
        let pattern = |at: usize| (at * 31 % 251) as u8;
        for align in [1, 64, PAGE, 4 * PAGE] {
            let mut size = 1 << 20;
            let mut layout = Layout::from_size_align(size, align).unwrap();
            // SAFETY: each block is used within its layout, and given back by its last one.
            unsafe {
                let mut block = Allocator.alloc(layout);
                (0..size).for_each(|at| block.add(at).write(pattern(at)));
                for next in [BIG - 1, BIG, BIG + 1, 3 * BIG, 5 * BIG + 7, BIG + 5, BIG - 1, 1 << 16] {
                    block = Allocator.realloc(block, layout, next);
                    assert!(!block.is_null() && block.addr().is_multiple_of(align), "{next} {align}");
                    let kept = size.min(next);
                    assert!((0..kept).step_by(97).all(|at| block.add(at).read() == pattern(at)), "{next} {align}");
                    (kept..next).for_each(|at| block.add(at).write(pattern(at)));
                    size = next;
                    layout = Layout::from_size_align(size, align).unwrap();
                }
                Allocator.dealloc(block, layout);
                let layout = Layout::from_size_align(2 * BIG, align).unwrap();
                let zeroes = Allocator.alloc_zeroed(layout);
                assert!((0..2 * BIG).step_by(511).all(|at| zeroes.add(at).read() == 0));
                Allocator.dealloc(zeroes, layout);
            }
        }
    }
}
