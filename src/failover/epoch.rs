//! Which epoch a place enters: one that no other place can enter.
//!
//! A place enters the smallest epoch above all that it knows of whose remainder by [`STRIDE`] is its ordinal: the index of
//! its computer among the computers of all places of the database, in lower case and sorted. Two administrators who let
//! two places take over at once, each without knowing of the other, so enter two epochs, and the higher one counts.
//! An epoch is never entered twice by one place either: the highest epoch that it knows of is kept beside the database
//! (`PlaceRecord::highest_epoch`), where taking back the log does not take it back.

use super::planted;
use crate::value::same_name;

/// Places that a database can have; the topology gives it four at most.
pub const STRIDE: u64 = 8;

/// The ordinal of a computer among those that have a place of the database; `None` where it is none of them.
pub fn ordinal<'a>(computers: impl IntoIterator<Item = &'a str>, computer: &str) -> Option<u64> {
    let mut sorted: Vec<String> = computers.into_iter().map(str::to_lowercase).collect();
    sorted.sort();
    sorted.dedup();
    let at = sorted.iter().position(|other| same_name(other, computer))?;
    u64::try_from(at).ok().filter(|at| *at < STRIDE)
}

/// The smallest epoch above `seen` that a place of this ordinal may enter.
pub fn next(seen: u64, ordinal: u64) -> u64 {
    if planted::is(planted::Bug::EpochOfAnybody) {
        return seen.saturating_add(1);
    }
    let ordinal = ordinal % STRIDE;
    // A count of failovers never comes near the end of 64 bits; if it did, entering would be refused as over.
    let above = seen.saturating_add(1);
    above.saturating_add((STRIDE + ordinal - above % STRIDE) % STRIDE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// Rule: whatever each place has seen, no epoch can be entered at two of them, and it is above all seen, by little.
    #[test]
    fn an_epoch_is_of_one_place() {
        let mut of = BTreeMap::new();
        for seen in 0..200 {
            for ordinal in 0..STRIDE {
                let epoch = next(seen, ordinal);
                assert!(epoch > seen && epoch <= seen + STRIDE, "{seen} {ordinal}: {epoch}");
                assert_eq!(*of.entry(epoch).or_insert(ordinal), ordinal, "{epoch}");
            }
        }
        assert_eq!(next(u64::MAX, 3), u64::MAX);
    }

    /// Rule: the order of the topology, upper case and a computer that is named twice change nothing.
    #[test]
    fn an_ordinal_depends_on_the_names_alone() {
        let one = ["b.example.net", "A.example.net", "c.example.net"];
        let other = ["c.EXAMPLE.net", "a.example.net", "B.example.net", "b.example.net"];
        for name in one {
            assert_eq!(ordinal(one, name), ordinal(other, name));
        }
        assert_eq!(ordinal(one, "A.EXAMPLE.NET"), Some(0));
        assert_eq!(ordinal(one, "d.example.net"), None);
    }
}
