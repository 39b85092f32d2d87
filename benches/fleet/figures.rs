//! Times and what is said of them.

use std::time::Duration;

/// Times of one kind, all rounds and replicas together.
#[derive(Default)]
pub struct Times(Vec<Duration>);

impl Times {
    /// Adds one.
    pub fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// A percentile (0 to 100) in milliseconds; nearest rank.
    pub fn percentile(&mut self, percent: f64) -> f64 {
        self.0.sort_unstable();
        let last = self.0.len().saturating_sub(1);
        let at = ((percent / 100.0 * self.0.len() as f64).ceil() as usize).saturating_sub(1).min(last);
        self.0.get(at).map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
    }

    /// `p50 p95 p99` in milliseconds.
    pub fn line(&mut self) -> String {
        let (a, b, c) = (self.percentile(50.0), self.percentile(95.0), self.percentile(99.0));
        format!("p50 {a:8.2} ms   p95 {b:8.2} ms   p99 {c:8.2} ms   n {}", self.0.len())
    }
}

/// Memory that a process holds, in KiB, as the kernel counts it.
pub fn resident_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or(0)
}
