//! How much memory the process has, and whether it has grown past what it may: so that a script that keeps everything
//! ends with an error, not with the end of the process.

use rustix::process::{Resource, getrlimit};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Bytes that were given; 0 where the machine decides.
static GIVEN: AtomicU64 = AtomicU64::new(0);
static EXCEEDED: AtomicBool = AtomicBool::new(false);
/// Bytes beyond which the process is too large; 0 before anybody asked.
static ALLOWED: AtomicU64 = AtomicU64::new(0);

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
    let allowed = match ALLOWED.load(Ordering::Relaxed) {
        0 => {
            let limit = limit().unwrap_or(u64::MAX);
            ALLOWED.store(limit, Ordering::Relaxed);
            limit
        }
        allowed => allowed,
    };
    let Some(now) = resident() else { return false };
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
