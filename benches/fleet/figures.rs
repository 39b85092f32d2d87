//! Figures: measured, merged over passes, said.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Quantities by name, each with all its measurements: times in milliseconds, memory in KiB.
#[derive(Default)]
pub struct Figures(BTreeMap<String, Vec<f64>>);

impl Figures {
    /// Adds a time.
    pub fn time(&mut self, name: &str, time: Duration) {
        self.number(name, time.as_secs_f64() * 1000.0);
    }

    /// Adds a number.
    pub fn number(&mut self, name: &str, number: f64) {
        self.0.entry(name.to_owned()).or_default().push(number);
    }

    /// Adds what another pass measured.
    pub fn merge(&mut self, other: Figures) {
        for (name, mut values) in other.0 {
            self.0.entry(name).or_default().append(&mut values);
        }
    }

    /// The percentile (0 to 100) of a quantity, nearest rank; not a number where it was not measured.
    pub fn percentile(&self, name: &str, percent: f64) -> f64 {
        let mut values = self.0.get(name).cloned().unwrap_or_default();
        values.sort_unstable_by(f64::total_cmp);
        let rank = (percent / 100.0 * values.len() as f64).ceil() as usize;
        let last = values.len().saturating_sub(1);
        values.get(rank.saturating_sub(1).min(last)).copied().unwrap_or(f64::NAN)
    }

    /// The median.
    pub fn median(&self, name: &str) -> f64 {
        self.percentile(name, 50.0)
    }

    /// The largest.
    pub fn most(&self, name: &str) -> f64 {
        self.percentile(name, 100.0)
    }

    /// For a process to hand to the one that started it: a line a quantity.
    pub fn write(&self) -> String {
        let line = |(name, values): (&String, &Vec<f64>)| {
            let values: String = values.iter().map(|value| format!(" {value}")).collect();
            format!("{name}{values}\n")
        };
        self.0.iter().map(line).collect()
    }

    /// What [`Figures::write`] wrote.
    pub fn read(text: &str) -> Figures {
        let mut figures = Figures::default();
        for line in text.lines() {
            let mut words = line.split(' ');
            let name = words.next().unwrap_or_default();
            for value in words.filter_map(|word| word.parse().ok()) {
                figures.number(name, value);
            }
        }
        figures
    }

    /// All of it for a reader.
    pub fn show(&self) -> String {
        let line = |(name, values): (&String, &Vec<f64>)| {
            let [a, b, c] = [50.0, 95.0, 99.0].map(|percent| self.percentile(name, percent));
            format!("{name:24} p50 {a:10.2}   p95 {b:10.2}   p99 {c:10.2}   n {}\n", values.len())
        };
        self.0.iter().map(line).collect()
    }
}

/// Memory that a process holds, in KiB, as the kernel counts it: its resident pages, shared ones included.
pub fn resident_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or(0)
}

/// The same when it has settled: unchanged for two seconds, or after fifteen. The process is only waited for; nobody
/// tells its allocator to give memory back.
pub async fn settled_kib(pid: u32) -> f64 {
    let start = Instant::now();
    let (mut last, mut since) = (resident_kib(pid), Instant::now());
    while since.elapsed() < Duration::from_secs(2) && start.elapsed() < Duration::from_secs(15) {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let now = resident_kib(pid);
        if now != last {
            (last, since) = (now, Instant::now());
        }
    }
    last as f64
}

/// Waits until a process has little to do (a tenth of a core), a minute and a half at most: a server that has just been
/// filled still writes the files of its own replica.
pub async fn idle(pid: u32) {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(90) {
        let before = computed_millis(pid);
        tokio::time::sleep(Duration::from_millis(500)).await;
        if computed_millis(pid) - before <= 50.0 {
            return;
        }
    }
}

/// Milliseconds of computing that a process has used; threads of it that ended included.
pub fn computed_millis(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: u64 = after_name.split(' ').skip(12).take(2).filter_map(|word| word.parse::<u64>().ok()).sum();
    // The kernel's unit for user space is a hundredth of a second on every platform of ours.
    ticks as f64 * 10.0
}
