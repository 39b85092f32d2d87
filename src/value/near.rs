//! "Did you mean": the name nearest to a misspelt one.

/// The candidate nearest to `name`, in any case, if it is near enough to be meant.
pub fn nearest<'a, S: AsRef<str> + ?Sized + 'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a S>,
) -> Option<&'a str> {
    let wanted: Vec<char> = name.to_lowercase().chars().collect();
    let limit = match wanted.len() {
        0 => return None,
        1..=3 => 1,
        4..=7 => 2,
        n => (n / 3).min(6),
    };
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let candidate = candidate.as_ref();
        let other: Vec<char> = candidate.to_lowercase().chars().collect();
        if other.len().abs_diff(wanted.len()) > limit {
            continue;
        }
        let found = distance(&wanted, &other);
        // What has no letter in common, the empty name among them, nobody meant.
        if found <= limit && found < wanted.len().max(other.len()) && best.is_none_or(|(least, _)| found < least) {
            best = Some((found, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
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
}
