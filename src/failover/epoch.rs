//! Which epoch a place enters: one that no other place can enter.
//!
//! A place enters the smallest epoch above all that it knows of whose remainder by [`STRIDE`] is its ordinal. Two
//! administrators who let two places take over at once, each without knowing of the other, so enter two epochs, and the
//! higher one counts. The two may know different topologies, one with a place that the other has not heard of; so an
//! ordinal is not counted out among the places, but follows from the name of the computer alone. Two places of a database
//! whose names give the same ordinal, of which one deployment in hundreds of thousands has some, are told apart by their
//! order.
//!
//! An epoch is never entered twice by one place either: the highest epoch that it knows of is kept beside the database
//! (`PlaceRecord::highest_epoch`), where taking back the log does not take it back.

use super::planted;

/// Ordinals that there are: so many that the names of a database's four places hardly ever share one, and so few that
/// failovers never use up 63 bits. A round number: the last six digits of an epoch say whose it is.
pub const STRIDE: u64 = 1_000_000;

/// The ordinal of a computer among those that have a place of the database.
pub fn ordinal<'a>(computers: impl IntoIterator<Item = &'a str>, computer: &str) -> u64 {
    assigned(computers, computer, named)
}

/// The ordinal that a name gives.
fn named(name: &str) -> u64 {
    let hash = blake3::hash(name.as_bytes());
    let first = hash.as_bytes().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte));
    first % STRIDE
}

/// The first ordinal from the one that its name gives on that no computer before it in the order of names has.
fn assigned<'a>(computers: impl IntoIterator<Item = &'a str>, computer: &str, named: impl Fn(&str) -> u64) -> u64 {
    let computer = computer.to_lowercase();
    let mut before: Vec<String> =
        computers.into_iter().map(str::to_lowercase).filter(|name| *name < computer).collect();
    before.sort();
    before.dedup();
    let mut taken: Vec<u64> = Vec::with_capacity(before.len());
    let mut free = |name: &str| {
        // A topology names far fewer places than there are ordinals.
        let (first, tries) = (named(name), u64::try_from(taken.len()).unwrap_or(0));
        let mut candidates = (0..=tries).map(|more| (first + more) % STRIDE);
        let ordinal = candidates.find(|ordinal| !taken.contains(ordinal)).unwrap_or(first);
        taken.push(ordinal);
        ordinal
    };
    for name in &before {
        free(name);
    }
    free(&computer)
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
        for seen in (0..20).chain(STRIDE - 10..STRIDE + 10).chain(7 * STRIDE - 3..7 * STRIDE + 3) {
            for ordinal in [0, 1, 2, 9, 500_000, STRIDE - 1] {
                let epoch = next(seen, ordinal);
                assert!(epoch > seen && epoch <= seen + STRIDE, "{seen} {ordinal}: {epoch}");
                assert_eq!(*of.entry(epoch).or_insert(ordinal), ordinal, "{epoch}");
            }
        }
        assert_eq!(next(u64::MAX, 3), u64::MAX);
    }

    /// Rule: the order of the topology, upper case, a computer that is named twice, one that is added and one that is left
    /// out change nothing, however many there are.
    #[test]
    fn an_ordinal_depends_on_the_name_alone() {
        let one = ["b.example.net", "A.example.net", "c.example.net"];
        let other = ["c.EXAMPLE.net", "a.example.net", "B.example.net", "b.example.net"];
        let more: Vec<String> = (0..40).map(|number| format!("a{number}.example.net")).collect();
        for name in one {
            let own = ordinal(one, name);
            assert_eq!(own, ordinal(other, &name.to_uppercase()));
            assert_eq!(own, ordinal([name], name), "alone");
            assert_eq!(own, ordinal(more.iter().map(String::as_str).chain(one), name), "among many");
        }
        let mut all: Vec<u64> = more.iter().map(|name| ordinal(more.iter().map(String::as_str), name)).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), more.len());
    }

    /// Rule: places whose names give the same ordinal get different ones, each the same whoever asks.
    #[test]
    fn the_same_ordinal_is_given_once() {
        let names = ["a", "b", "c", "d"];
        let same = |name: &str| if name == "d" { 8 } else { 7 };
        let given: Vec<u64> = names.iter().map(|name| assigned(names, name, same)).collect();
        assert_eq!(given, [7, 8, 9, 10]);
        assert_eq!(assigned(["d", "c"], "d", same), 8, "nobody else wants it");
    }
}
