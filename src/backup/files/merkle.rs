//! The hash tree over what was last synchronised: two ends that have the same root have the same tree.

use super::path::TreePath;
use super::row::{Content, Hash, Row, Rows};
use std::collections::BTreeMap;

/// The hash of every folder, the root's under the empty path. It covers names, kinds, contents, modes and times of all
/// that lies in it, not the folder's own name, mode and time.
pub fn folders(rows: &Rows) -> BTreeMap<TreePath, Hash> {
    fold(rows, |hasher, row| {
        hasher.update(&row.mode.to_le_bytes());
        hasher.update(&row.mtime.to_le_bytes());
    })
}

/// As [`folders`], over names and contents alone: by it a folder is known again that was copied or moved.
pub fn shapes(rows: &Rows) -> BTreeMap<TreePath, Hash> {
    fold(rows, |_, _| {})
}

/// The root's hash.
pub fn root(rows: &Rows) -> Hash {
    folders(rows).remove(&TreePath::root()).unwrap_or_default()
}

/// Goes through the entries in order, with a hasher for every folder that is open.
fn fold(rows: &Rows, about: impl Fn(&mut blake3::Hasher, &Row)) -> BTreeMap<TreePath, Hash> {
    let mut done = BTreeMap::new();
    let mut open: Vec<(TreePath, blake3::Hasher)> = vec![(TreePath::root(), blake3::Hasher::new())];
    fn close(open: &mut Vec<(TreePath, blake3::Hasher)>, done: &mut BTreeMap<TreePath, Hash>) {
        if let Some((path, hasher)) = open.pop() {
            let hash: Hash = hasher.finalize().into();
            if let Some((_, above)) = open.last_mut() {
                above.update(&hash);
            }
            done.insert(path, hash);
        }
    }
    for (path, row) in rows {
        while open.len() > 1 && !open.last().is_some_and(|(folder, _)| path.is_within(folder)) {
            close(&mut open, &mut done);
        }
        let Some((_, hasher)) = open.last_mut() else { break };
        let name = path.name();
        hasher.update(&(name.len() as u32).to_le_bytes());
        hasher.update(name);
        about(hasher, row);
        match &row.content {
            Content::Folder => {
                hasher.update(&[0]);
                open.push((path.clone(), blake3::Hasher::new()));
            }
            Content::File { size, hash } => {
                hasher.update(&[1]);
                hasher.update(&size.to_le_bytes());
                hasher.update(hash);
            }
            Content::Link { to } => {
                hasher.update(&[2]);
                hasher.update(&(to.len() as u32).to_le_bytes());
                hasher.update(to);
            }
        }
    }
    while !open.is_empty() {
        close(&mut open, &mut done);
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(entries: &[(&str, Option<u8>, i64)]) -> Rows {
        let entry = |(path, byte, mtime): &(&str, Option<u8>, i64)| {
            let content = byte.map_or(Content::Folder, |b| Content::File { size: 1, hash: [b; 32] });
            (TreePath::parse(path.as_bytes()).unwrap(), Row { mode: 0o644, mtime: *mtime, content })
        };
        entries.iter().map(entry).collect()
    }

    /// Rule: every difference shows at the root, and nowhere where there is none.
    #[test]
    fn a_difference_shows_on_the_way_to_it_alone() {
        let one = rows(&[("a", None, 1), ("a/x", Some(1), 1), ("b", None, 1), ("b/y", Some(2), 1)]);
        let two = rows(&[("a", None, 1), ("a/x", Some(1), 1), ("b", None, 1), ("b/y", Some(3), 1)]);
        let (one, two) = (folders(&one), folders(&two));
        let different: Vec<String> = one.iter().filter(|(p, h)| two[*p] != **h).map(|(p, _)| p.to_string()).collect();
        assert_eq!(different, [".", "b"]);
    }

    /// Rule: where an entry lies matters: an empty folder beside a file is not a folder with the file.
    #[test]
    fn nesting_counts() {
        let trees = [
            rows(&[]),
            rows(&[("a", None, 1)]),
            rows(&[("a", None, 1), ("b", Some(1), 1)]),
            rows(&[("a", None, 1), ("a/b", Some(1), 1)]),
            rows(&[("a", None, 2), ("a/b", Some(1), 1)]),
            rows(&[("a", None, 1), ("a/b", None, 1), ("a/b/b", Some(1), 1)]),
        ];
        let mut roots: Vec<Hash> = trees.iter().map(root).collect();
        roots.sort();
        roots.dedup();
        assert_eq!(roots.len(), trees.len());
        assert_eq!(shapes(&trees[3])[&TreePath::root()], shapes(&trees[4])[&TreePath::root()]);
    }
}
