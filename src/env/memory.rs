//! How much memory the process has, and whether it has grown past what it may: so that a script that keeps everything
//! ends with an error, not with the end of the process. A process that grows goes on with large pages.

use super::allocator;
use rustix::process::{Resource, getrlimit};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Bytes that were given; 0 where the machine decides.
static GIVEN: AtomicU64 = AtomicU64::new(0);
static EXCEEDED: AtomicBool = AtomicBool::new(false);
/// Bytes beyond which the process is too large; 0 before anybody asked.
static ALLOWED: AtomicU64 = AtomicU64::new(0);

/// Bytes beyond which large pages are asked for, and again each time that so much came to it, for there may be new
/// mappings. A small process would only become larger by them.
const LARGE: u64 = 64 << 20;
/// Bytes beyond which they are asked for next.
static NEXT: AtomicU64 = AtomicU64::new(LARGE);
/// Bytes of a mapping for which large pages are worth asking: the allocator's are larger by far.
const WORTH_IT: u64 = 32 << 20;

/// Says how large the process may become, in place of half of what the machine gives.
pub fn allow(bytes: Option<u64>) {
    GIVEN.store(bytes.unwrap_or(0), Ordering::Relaxed);
}

/// Whether the process was too large when it was last looked at.
pub fn exceeded() -> bool {
    EXCEEDED.load(Ordering::Relaxed)
}

/// A run begins: what an earlier one left behind does not count against it.
pub fn begin() {
    if exceeded() {
        if let (Some(limit), Some(now)) = (limit(), resident()) {
            ALLOWED.store(limit.max(now.saturating_add(limit / 4)), Ordering::Relaxed);
        }
        EXCEEDED.store(false, Ordering::Relaxed);
    }
}

/// Looks how large the process is; whether it is worth looking again soon.
pub fn look() -> bool {
    allocator::give_back();
    let allowed = match ALLOWED.load(Ordering::Relaxed) {
        0 => {
            let limit = limit().unwrap_or(u64::MAX);
            ALLOWED.store(limit, Ordering::Relaxed);
            limit
        }
        allowed => allowed,
    };
    let Some(now) = resident() else { return false };
    use_large_pages(now);
    if now > allowed {
        EXCEEDED.store(true, Ordering::Relaxed);
    }
    now > allowed / 2
}

/// Bytes that the process may take: those that were given, else half of what the machine, its control group, and the limits of the process give.
/// `None` where the system does not tell.
fn limit() -> Option<u64> {
    let given = GIVEN.load(Ordering::Relaxed);
    if given > 0 {
        return Some(given);
    }
    let read = |file: &str| std::fs::read_to_string(file).ok();
    let machine = read("/proc/meminfo").and_then(|text| {
        let kilobytes = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
        kilobytes.trim().trim_end_matches("kB").trim().parse::<u64>().ok()?.checked_mul(1024)
    });
    let group = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
    let group = group.iter().find_map(|file| read(file)?.trim().parse::<u64>().ok());
    let all = [machine, group, getrlimit(Resource::As).current, getrlimit(Resource::Data).current];
    all.into_iter().flatten().min().map(|bytes| bytes / 2)
}

/// Bytes of memory that the process takes now.
fn resident() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split(' ').nth(1)?.parse().ok()?;
    pages.checked_mul(u64::try_from(rustix::param::page_size()).ok()?)
}

/// Asks for large pages (`MADV_HUGEPAGE`) in the large mappings of a process that has grown to so many bytes: a page of
/// 2 MiB takes one fault in place of 512, and the end of a process of a gigabyte some milliseconds in place of 85.
fn use_large_pages(now: u64) {
    if now < NEXT.load(Ordering::Relaxed) {
        return;
    }
    NEXT.store(now.saturating_add(LARGE), Ordering::Relaxed);
    let Ok(maps) = std::fs::read_to_string("/proc/self/maps") else { return };
    for (start, length) in maps.lines().filter_map(private_memory).filter(|(_, length)| *length as u64 >= WORTH_IT) {
        let start = std::ptr::with_exposed_provenance_mut(start);
        #[allow(unsafe_code, reason = "the system takes the advice by address alone")]
        // SAFETY: the advice changes no content; where the mapping is gone meanwhile, or another one is there, it is
        // advice for that one, or an error.
        let _ = unsafe { rustix::mm::madvise(start, length, rustix::mm::Advice::LinuxHugepage) };
    }
}

/// Start and length in bytes of a line of `/proc/self/maps` (proc(5)), where it is memory of this process alone that no
/// file is behind.
fn private_memory(line: &str) -> Option<(usize, usize)> {
    let mut words = line.split_ascii_whitespace();
    let (start, end) = words.next()?.split_once('-')?;
    if words.next()? != "rw-p" || words.nth(2)? != "0" || words.next().is_some_and(|name| name != "[heap]") {
        return None;
    }
    let (start, end) = (usize::from_str_radix(start, 16).ok()?, usize::from_str_radix(end, 16).ok()?);
    Some((start, end.checked_sub(start)?))
}

#[cfg(test)]
mod tests {
    use super::private_memory;

    /// Rule: large pages are asked for in memory of the process alone, never for files, shared memory or its first stack.
    #[test]
    fn lines_of_maps() {
        for (line, found) in [
            ("7f0000000000-7f0040000000 rw-p 00000000 00:00 0 ", Some((0x7f00_0000_0000, 1 << 30))),
            ("55d000000000-55d002000000 rw-p 00000000 00:00 0          [heap]", Some((0x55d0_0000_0000, 32 << 20))),
            ("7ffd00000000-7ffd00800000 rw-p 00000000 00:00 0          [stack]", None),
            ("7f0000000000-7f0040000000 rw-s 00000000 00:05 77         /memfd:x (deleted)", None),
            ("7f0000000000-7f0040000000 rw-p 00001000 fe:00 4711       /lib/libc.so.6", None),
            ("7f0000000000-7f0040000000 r-xp 00000000 00:00 0 ", None),
            ("nonsense", None),
            ("", None),
        ] {
            assert_eq!(private_memory(line), found, "{line}");
        }
    }
}
