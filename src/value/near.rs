//! "Did you mean": the name nearest to a misspelt one.

/// The candidate nearest to `name`, in any case, if it is near enough to be meant.
pub fn nearest<'a, S: AsRef<str> + ?Sized + 'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a S>,
) -> Option<&'a str> {
    let whole: Vec<char> = name.to_lowercase().chars().collect();
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let candidate = candidate.as_ref();
        let other: Vec<char> = candidate.to_lowercase().chars().collect();
        // What tells computers of one domain apart stands before it.
        let domain = domain(&whole, &other);
        let (wanted, other) = (&whole[..whole.len() - domain], &other[..other.len() - domain]);
        let limit = match wanted.len() {
            0 => continue,
            1..=3 => 1,
            4..=7 => 2,
            n => (n / 3).min(6),
        };
        if other.len().abs_diff(wanted.len()) > limit {
            continue;
        }
        let found = distance(wanted, other);
        // What has no letter in common, the empty name among them, nobody meant.
        if found <= limit && found < wanted.len().max(other.len()) && best.is_none_or(|(least, _)| found < least) {
            best = Some((found, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// How many characters at the end of both are the same domain, with its dot; none where nothing else would be left.
fn domain(a: &[char], b: &[char]) -> usize {
    let same = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let dot = (1..=same).rev().find(|at| a[a.len() - at] == '.').unwrap_or(0);
    if dot == a.len() || dot == b.len() { 0 } else { dot }
}

/// Edits between two names; two neighbours that changed places are one edit.
fn distance(a: &[char], b: &[char]) -> usize {
    let width = b.len() + 1;
    let mut rows = [vec![0; width], (0..width).collect::<Vec<usize>>(), vec![0; width]];
    for i in 1..=a.len() {
        rows[2][0] = i;
        for j in 1..width {
            let change = usize::from(a[i - 1] != b[j - 1]);
            let mut cost = (rows[1][j] + 1).min(rows[2][j - 1] + 1).min(rows[1][j - 1] + change);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                cost = cost.min(rows[0][j - 2] + 1);
            }
            rows[2][j] = cost;
        }
        rows.rotate_left(1);
    }
    rows[1][b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_what_was_meant() {
        let names = ["", "y", "BackupSqlServerFqdn", "BackupMirrorSqlServerFqdn", "Force", "Identity", "WhatIf"];
        for (typed, meant) in [
            ("Forse", Some("Force")),
            ("identiy", Some("Identity")),
            ("BackupSqlServerFqnd", Some("BackupSqlServerFqdn")),
            ("whatfi", Some("WhatIf")),
            ("Quux", None),
            ("", None),
            ("x", None),
        ] {
            assert_eq!(nearest(typed, &names), meant, "{typed}");
        }
    }

    /// Rule: of computers of one domain the part before it must be near.
    #[test]
    fn a_domain_in_common_is_not_near() {
        let names = ["lon-pool.litwareinc.com", "dub-pool.litwareinc.com", "atl-cs-001.litwareinc.com"];
        for (typed, meant) in [
            ("nope.litwareinc.com", None),
            ("dub-sql-001.litwareinc.com", None),
            ("dub-poool.litwareinc.com", Some(1)),
            ("atl-cs-002.litwareinc.com", Some(2)),
            ("lon-pool.litwarinc.com", Some(0)),
        ] {
            assert_eq!(nearest(typed, &names), meant.map(|at: usize| names[at]), "{typed}");
        }
    }
}
