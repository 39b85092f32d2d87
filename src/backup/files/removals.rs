//! Removals wait for the last checkpoint: only then can be seen whether anything is left of the tree. A source sees to it
//! itself that it does not empty a copy; an older or a faulty one might not, and what it takes away in parts is not seen in
//! any of them.

use super::apply::Doing;
use super::path::TreePath;
use super::row::{Rows, within};
use std::collections::{BTreeMap, BTreeSet};

/// The number of an operation that was acknowledged with an earlier checkpoint.
pub(super) const EARLIER: u64 = u64::MAX;

/// What is to go.
#[derive(Default)]
pub(super) struct Removals {
    /// Never more than the tree has entries.
    waiting: BTreeSet<TreePath>,
}

impl Removals {
    /// What is to be done at a checkpoint: of removals those alone that make room for what comes, and at the last one all.
    pub fn sift(&mut self, doings: Vec<(u64, Doing)>, rows: &Rows, last: bool) -> Vec<(u64, Doing)> {
        if last {
            let waiting = std::mem::take(&mut self.waiting);
            return earlier(waiting).chain(doings).collect();
        }
        let mut now: Vec<(u64, Doing)> = earlier(self.in_the_way(&doings)).collect();
        // From the last to the first, with the places that those behind it need.
        let (mut needed, mut moved) = (BTreeMap::<TreePath, ()>::new(), BTreeSet::new());
        let mut stays = Vec::with_capacity(doings.len());
        for (number, doing) in doings.into_iter().rev() {
            match &doing {
                Doing::Delete(path)
                    if within(&needed, path).next().is_none()
                        && !path.ancestors().any(|above| moved.contains(&above)) =>
                {
                    if rows.contains_key(path) {
                        self.waiting.insert(path.clone());
                    } else {
                        stays.push((number, doing));
                    }
                }
                _ => {
                    if let Doing::Move(from, to) = &doing {
                        moved.extend([from.clone(), to.clone()]);
                    }
                    needed.extend(doing.places().map(|path| (path.clone(), ())));
                    stays.push((number, doing));
                }
            }
        }
        now.extend(stays.into_iter().rev());
        now
    }

    /// Takes out of what waits what lies where something is done.
    fn in_the_way(&mut self, doings: &[(u64, Doing)]) -> BTreeSet<TreePath> {
        let mut found = BTreeSet::new();
        for (_, doing) in doings {
            match doing {
                Doing::Delete(_) => {}
                // A folder goes with all that is in it.
                Doing::Move(from, to) => {
                    let there = |path: &&TreePath| path.is_within(from) || path.is_within(to) || to.is_within(path);
                    found.extend(self.waiting.iter().filter(there).cloned());
                }
                _ => {
                    let places = doing.places().flat_map(|path| path.ancestors().chain([path.clone()]));
                    found.extend(places.filter(|path| self.waiting.contains(path)));
                }
            }
        }
        self.waiting.retain(|path| !found.contains(path));
        found
    }

    /// The source begins anew: it says again what is to go.
    pub fn forget(&mut self) {
        self.waiting.clear();
    }
}

fn earlier(paths: BTreeSet<TreePath>) -> impl Iterator<Item = (u64, Doing)> {
    paths.into_iter().map(|path| (EARLIER, Doing::Delete(path)))
}

#[cfg(test)]
mod tests {
    use super::super::row::{Content, Row};
    use super::*;

    fn path(text: &str) -> TreePath {
        TreePath::parse(text.as_bytes()).unwrap()
    }

    fn row() -> Row {
        Row { mode: 0o755, mtime: 1, content: Content::Folder }
    }

    /// `-a` goes, `+a` is made, `a>b` moves.
    fn doings(text: &str) -> Vec<(u64, Doing)> {
        let one = |word: &str| match (word.split_at(1), word.split_once('>')) {
            (_, Some((from, to))) => Doing::Move(path(from), path(to)),
            (("-", name), _) => Doing::Delete(path(name)),
            ((_, name), _) => Doing::Folder(path(name), row()),
        };
        text.split_whitespace().map(one).zip(0..).map(|(doing, number)| (number, doing)).collect()
    }

    fn shown(doings: &[(u64, Doing)]) -> String {
        let one = |(_, doing): &(u64, Doing)| match doing {
            Doing::Delete(path) => format!("-{path}"),
            Doing::Move(from, to) => format!("{from}>{to}"),
            Doing::Folder(path, _) => format!("+{path}"),
            _ => "?".into(),
        };
        doings.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    /// Rule: what only goes waits for the last checkpoint; what gives way to something else goes before that; in no other
    /// order than was said.
    #[test]
    fn what_waits() {
        let rows: Rows = ["a", "b", "d", "d/x", "e"].map(|name| (path(name), row())).into();
        for (batches, expected) in [
            (&["-a -b", ""][..], &["", "-a -b"][..]),
            (&["-a +c", "-b"], &["+c", "-a -b"]),
            (&["-a", "+a/b", ""], &["", "-a +a/b", ""]),
            (&["-a +a", "-b"], &["-a +a", "-b"]),
            (&["-d", "+d/x/y", ""], &["", "-d +d/x/y", ""]),
            (&["-d/x", "d>e", "-a"], &["", "-d/x d>e", "-a"]),
            (&["-d/x d>e", ""], &["-d/x d>e", ""]),
            (&["-d/x", "+d", ""], &["", "+d", "-d/x"]),
            (&["-none", "-a"], &["-none", "-a"]),
            (&["a>c -c", ""], &["a>c -c", ""]),
        ] {
            let mut removals = Removals::default();
            let all = batches.len();
            for (at, (batch, expected)) in batches.iter().zip(expected).enumerate() {
                let now = removals.sift(doings(batch), &rows, at + 1 == all);
                assert_eq!(shown(&now), *expected, "{batches:?}");
            }
        }
    }
}
