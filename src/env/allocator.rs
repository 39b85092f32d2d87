//! The program's allocator: mimalloc, and for the largest blocks the system itself, which makes a block grow without
//! copying it. A text or an array that grows by doubling would else be copied while nobody looks whether to stop, into
//! memory of which the system clears each page first: a tenth of a second for 100 MB.

use mimalloc::MiMalloc;
use rustix::mm::{MapFlags, MremapFlags, ProtFlags, mmap_anonymous, mremap, munmap};
use std::alloc::{GlobalAlloc, Layout};
use std::ptr::{null_mut, with_exposed_provenance_mut};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};

/// Bytes from which on a block is the system's: where to copy it takes longer than some milliseconds. Smaller ones come
/// and go too often for a call of the system each time.
const BIG: usize = 8 << 20;
/// Bytes of a large page: blocks of whole ones are put where large pages fit, and move in large steps.
const LARGE_PAGE: usize = 2 << 20;
/// What the system's blocks are aligned to at least.
const PAGE: usize = 4096;

/// Bytes of blocks that were given back and are kept: a loop that makes a large text each time shall not have the system
/// clear new pages for it each time.
const MOST_KEPT: usize = 128 << 20;
/// How often it is looked, without one being wanted, before the system gets them: a second.
const LOOKS: u32 = 20;

/// The blocks that are kept: address and, in the bits that a page's address leaves free, how many large pages. 0 is none.
static KEPT: [AtomicUsize; 8] = [const { AtomicUsize::new(0) }; 8];
static BYTES_KEPT: AtomicUsize = AtomicUsize::new(0);
static WANTED: AtomicBool = AtomicBool::new(false);
static LOOKED: AtomicU32 = AtomicU32::new(0);

/// Keeps a mapping for the next who wants one; `false` if there are enough.
fn keep(block: *mut u8, length: usize) -> bool {
    if BYTES_KEPT.fetch_add(length, Ordering::Relaxed).saturating_add(length) <= MOST_KEPT {
        let packed = block.expose_provenance() | (length / LARGE_PAGE);
        let free = |slot: &AtomicUsize| slot.compare_exchange(0, packed, Ordering::AcqRel, Ordering::Relaxed).is_ok();
        if KEPT.iter().any(free) {
            WANTED.store(true, Ordering::Relaxed);
            return true;
        }
    }
    BYTES_KEPT.fetch_sub(length, Ordering::Relaxed);
    false
}

/// What is kept at a place, with its length, which is the caller's from now on.
fn taken(slot: &AtomicUsize, suits: impl Fn(usize) -> bool) -> Option<(*mut u8, usize)> {
    let packed = slot.load(Ordering::Acquire);
    let length = packed % PAGE * LARGE_PAGE;
    if packed == 0 || !suits(length) {
        return None;
    }
    slot.compare_exchange(packed, 0, Ordering::AcqRel, Ordering::Relaxed).ok()?;
    BYTES_KEPT.fetch_sub(length, Ordering::Relaxed);
    Some((with_exposed_provenance_mut(packed - packed % PAGE), length))
}

/// A mapping of this length out of those that are kept; one of another length is made to fit.
fn kept(length: usize) -> Option<*mut u8> {
    let exact = KEPT.iter().find_map(|slot| taken(slot, |has| has == length));
    let (block, has) = exact.or_else(|| KEPT.iter().find_map(|slot| taken(slot, |_| true)))?;
    WANTED.store(true, Ordering::Relaxed);
    if has == length {
        return Some(block);
    }
    #[allow(unsafe_code, reason = "memory of the system is had by address alone")]
    // SAFETY: nobody else has this mapping; it is of this length.
    match unsafe { mremap(block.cast(), has, length, MremapFlags::MAYMOVE) } {
        Ok(moved) => Some(moved.cast()),
        Err(_) => {
            unmap(block, has);
            None
        }
    }
}

/// Gives back to the system what is kept, where nobody wanted any of it for a second. Whoever watches the memory calls
/// it, each time that it looks.
pub fn give_back() {
    if WANTED.swap(false, Ordering::Relaxed) {
        LOOKED.store(0, Ordering::Relaxed);
    } else if BYTES_KEPT.load(Ordering::Relaxed) > 0 && LOOKED.fetch_add(1, Ordering::Relaxed) >= LOOKS {
        KEPT.iter().filter_map(|slot| taken(slot, |_| true)).for_each(|(block, length)| unmap(block, length));
    }
}

fn unmap(block: *mut u8, length: usize) {
    #[allow(unsafe_code, reason = "memory of the system is had by address alone")]
    // SAFETY: it is a mapping of ours, of this length, that nobody holds any more. Nothing can be done where the system
    // does not take it back.
    let _ = unsafe { munmap(block.cast(), length) };
}

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
            return length(layout.size()).and_then(kept).unwrap_or_else(|| map(layout.size()));
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
            Some(length) if keep(block, length) => {}
            Some(length) => unmap(block, length),
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
    /// asked for as zeroes is, also where blocks that were given back are kept.
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
                // What was given back is not taken for zeroes.
                let zeroes = Allocator.alloc_zeroed(layout);
                assert!((0..2 * BIG).step_by(511).all(|at| zeroes.add(at).read() == 0));
                Allocator.dealloc(zeroes, layout);
            }
        }
    }

    /// Rule: threads that make and give back large blocks at once never get the same one; what nobody wants goes.
    #[test]
    #[allow(unsafe_code, reason = "an allocator is called as the standard library does")]
    fn blocks_are_kept_for_the_next() {
        let work = |mark: u8| {
            for round in 1..60 {
                let layout = Layout::from_size_align(BIG + round % 3 * LARGE_PAGE, 1).unwrap();
                // SAFETY: the block is used within its layout, and given back by it.
                unsafe {
                    let block = Allocator.alloc(layout);
                    (0..layout.size()).step_by(PAGE).for_each(|at| block.add(at).write(mark));
                    assert!((0..layout.size()).step_by(PAGE).all(|at| block.add(at).read() == mark));
                    Allocator.dealloc(block, layout);
                }
            }
        };
        std::thread::scope(|scope| (0..4).for_each(|mark| drop(scope.spawn(move || work(mark)))));
        assert!(BYTES_KEPT.load(Ordering::Relaxed) <= MOST_KEPT);
    }
}
