//! Finding the last row that two logs have in common: near the end first, where it mostly is, then by halves of many.

use super::message::HASHES;
use crate::error::{Category, ErrorRecord};

/// Questions of one search, at most: each narrows what is left to a sixtieth, and a log has fewer than 2⁶³ rows.
const MOST: u32 = 16;

/// A search. Rows up to `low` are in both; the last common one is not after `high`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Search {
    low: u64,
    high: u64,
    asked: u32,
}

impl Search {
    /// In logs of so many rows each.
    pub(super) fn new(own: u64, other: u64) -> Search {
        Search { low: 0, high: own.min(other), asked: 0 }
    }

    /// The last common row, when nothing is left to ask.
    pub(super) fn common(&self) -> u64 {
        self.low
    }

    /// Takes what was compared.
    pub(super) fn learn(&mut self, common: u64, differs: Option<u64>) {
        self.low = self.low.max(common.min(self.high));
        if let Some(differs) = differs {
            self.high = self.high.min(differs.saturating_sub(1)).max(self.low);
        }
    }

    /// The rows to ask for next, the first of them first; `None` where the last common one is known.
    pub(super) fn next(&mut self) -> Result<Option<Vec<u64>>, ErrorRecord> {
        if self.low >= self.high {
            return Ok(None);
        }
        if self.asked == MOST {
            let message = "The other log changes while it is compared.";
            return Err(ErrorRecord::new("LogBroken", Category::InvalidData, message).hint("It is tried again."));
        }
        self.asked += 1;
        let span = self.high - self.low;
        let mut rows: Vec<u64> = if self.asked == 1 {
            // The end, and back from there by ever longer steps.
            (0..64u32)
                .map_while(|n| 1u64.checked_shl(n))
                .map(|step| step - 1)
                .take_while(|back| *back < span)
                .map(|back| self.high - back)
                .collect()
        } else {
            let parts = span.min(HASHES as u64);
            (1..=parts).map(|n| self.low + (u128::from(span) * u128::from(n) / u128::from(parts)) as u64).collect()
        };
        rows.sort_unstable();
        rows.dedup();
        rows.truncate(HASHES);
        Ok(Some(rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rule: the last common row is found, wherever it is, in a handful of questions.
    #[test]
    fn the_last_common_row_is_found() {
        for (own, other) in [(0, 5), (1, 1), (5, 9), (1_000, 700), (1_000_000, 999_999), (u64::MAX >> 2, u64::MAX >> 1)]
        {
            let most = u64::min(own, other);
            for common in [0, 1, 2, most / 3, most.saturating_sub(70), most.saturating_sub(1), most] {
                let common = common.min(most);
                let (mut search, mut questions) = (Search::new(own, other), 0);
                while let Some(rows) = search.next().unwrap() {
                    assert!(!rows.is_empty() && rows.len() <= HASHES);
                    questions += 1;
                    let agrees = rows.iter().copied().filter(|row| *row <= common).max().unwrap_or(0);
                    search.learn(agrees, rows.iter().copied().filter(|row| *row > common).min());
                }
                assert_eq!(search.common(), common, "{own} {other}");
                assert!(questions <= 13, "{questions} for {common} of {own} {other}");
            }
        }
    }
}
