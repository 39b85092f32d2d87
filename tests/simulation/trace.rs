//! What happened in a simulated world, line by line: the hash of all of it, and the last lines.

use std::collections::VecDeque;
use std::fmt::{Arguments, Write};

/// Lines that a failing seed shows.
const TAIL: usize = 60;

/// A trace. Two runs of one seed have the same hash, or the world is not deterministic.
#[derive(Debug)]
pub struct Trace {
    hash: u64,
    lines: u64,
    tail: VecDeque<String>,
    print: bool,
}

impl Trace {
    pub fn new(print: bool) -> Trace {
        Trace { hash: 0xCBF2_9CE4_8422_2325, lines: 0, tail: VecDeque::with_capacity(TAIL), print }
    }

    /// Adds a line; `time` in microseconds since the world began.
    pub fn line(&mut self, time: u64, what: Arguments) {
        let mut line = if self.tail.len() < TAIL { String::new() } else { self.tail.pop_front().unwrap_or_default() };
        line.clear();
        // Writing to a String cannot fail.
        let _ = write!(line, "{:>5}.{:06} ", time / 1_000_000, time % 1_000_000);
        let _ = line.write_fmt(what);
        for byte in line.as_bytes() {
            self.hash = (self.hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
        self.lines += 1;
        if self.print {
            println!("{line}");
        }
        self.tail.push_back(line);
    }

    /// The hash of all lines (FNV-1a).
    pub fn hash(&self) -> u64 {
        self.hash
    }

    pub fn lines(&self) -> u64 {
        self.lines
    }

    pub fn tail(&self) -> String {
        self.tail.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
    }
}
