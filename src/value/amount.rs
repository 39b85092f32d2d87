//! Numbers of things, as people say them.

/// A number with the name of what is counted: `1 file`, `2 files`.
pub fn amount(number: u64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::amount;

    /// Rule: one thing has no plural.
    #[test]
    fn one_and_many() {
        for (number, said) in [(0, "0 files"), (1, "1 file"), (2, "2 files")] {
            assert_eq!(amount(number, "file"), said);
        }
    }
}
