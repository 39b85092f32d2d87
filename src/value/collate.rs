//! The order of strings: the root collation of the Unicode collation algorithm, as PowerShell compares without a
//! culture. Texts of printable ASCII take a fast path whose table the collator itself has made.

use icu_collator::options::{CollatorOptions, Strength};
use icu_collator::{Collator, CollatorBorrowed, CollatorPreferences};
use std::cmp::Ordering;
use std::sync::LazyLock;

static WITHOUT_CASE: LazyLock<Option<CollatorBorrowed<'static>>> = LazyLock::new(|| make(Strength::Secondary));
static WITH_CASE: LazyLock<Option<CollatorBorrowed<'static>>> = LazyLock::new(|| make(Strength::Tertiary));

fn make(strength: Strength) -> Option<CollatorBorrowed<'static>> {
    let mut options = CollatorOptions::default();
    options.strength = Some(strength);
    Collator::try_new(CollatorPreferences::default(), options).ok()
}

/// The place of each printable ASCII character; letters share theirs in both cases, 0 is a character that the fast
/// path does not take.
static RANKS: LazyLock<[u8; 128]> = LazyLock::new(|| {
    let mut ranks = [0; 128];
    let mut characters: Vec<char> = (' '..='~').filter(|c| !c.is_ascii_uppercase()).collect();
    characters.sort_by(|a, b| by_collator(&a.to_string(), &b.to_string(), false));
    for (place, character) in (1..).zip(characters) {
        ranks[character as usize] = place;
        ranks[character.to_ascii_uppercase() as usize] = place;
    }
    ranks
});

fn by_collator(a: &str, b: &str, case_sensitive: bool) -> Ordering {
    match if case_sensitive { &*WITH_CASE } else { &*WITHOUT_CASE } {
        Some(collator) => collator.compare(a, b),
        // The data are compiled in, so this does not happen; an order by code points is better than none.
        None if case_sensitive => a.cmp(b),
        None => a.to_lowercase().cmp(&b.to_lowercase()),
    }
}

/// The order of two strings.
pub fn compare(a: &str, b: &str, case_sensitive: bool) -> Ordering {
    let printable = |text: &str| text.bytes().all(|b| (b' '..=b'~').contains(&b));
    if !printable(a) || !printable(b) {
        return by_collator(a, b, case_sensitive);
    }
    let ranks = &*RANKS;
    let mut order = Ordering::Equal;
    for (x, y) in a.bytes().zip(b.bytes()) {
        // Every byte is below 128 here.
        order = ranks[x as usize & 127].cmp(&ranks[y as usize & 127]);
        if order.is_ne() {
            break;
        }
    }
    let order = order.then(a.len().cmp(&b.len()));
    if order.is_ne() || !case_sensitive {
        return order;
    }
    // The small letter comes first, where nothing but case differs.
    a.bytes()
        .zip(b.bytes())
        .find(|(x, y)| x != y)
        .map_or(Ordering::Equal, |(x, _)| if x.is_ascii_lowercase() { Ordering::Less } else { Ordering::Greater })
}

/// Appends what orders a text without regard to case, byte by byte; `false` for one that has more than printable ASCII,
/// which leaves part of it appended.
pub fn append_key(key: &mut Vec<u8>, text: &str) -> bool {
    let ranks = &*RANKS;
    text.bytes().all(|byte| match ranks.get(usize::from(byte)) {
        Some(rank @ 1..) => {
            key.push(*rank);
            true
        }
        _ => false,
    })
}

/// Whether two strings are equal.
pub fn equal(a: &str, b: &str, case_sensitive: bool) -> bool {
    a == b || compare(a, b, case_sensitive).is_eq()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_orders() {
        for (a, b) in [("a-b", "a.b"), ("a_b", "a-b"), ("a-", "a1"), ("a1", "ab"), ("a", "B"), ("a b", "a_b")] {
            assert_eq!(compare(a, b, false), Ordering::Less, "{a} {b}");
        }
        assert_eq!(compare("a", "A", true), Ordering::Less);
        assert!(equal("É", "é", false) && !equal("É", "é", true) && !equal("e", "é", false));
    }

    #[test]
    fn the_fast_path_agrees_with_the_collator() {
        let characters: Vec<char> = (' '..='~').collect();
        let mut words: Vec<String> = characters.iter().map(char::to_string).collect();
        for (at, c) in characters.iter().enumerate() {
            words.push(format!("a{c}"));
            words.push(format!("{c}{}", characters[(at * 7) % characters.len()]));
            words.push(format!("B{c}{}", characters[(at * 31) % characters.len()]));
        }
        for a in &words {
            for b in &words {
                for case in [false, true] {
                    assert_eq!(compare(a, b, case), by_collator(a, b, case), "{a:?} {b:?} {case}");
                }
                let (mut of_a, mut of_b) = (Vec::new(), Vec::new());
                assert!(append_key(&mut of_a, a) && append_key(&mut of_b, b));
                assert_eq!(of_a.cmp(&of_b), compare(a, b, false), "{a:?} {b:?}");
            }
        }
    }
}
