//! Names inside a tree: bytes, not text, and never a way out of the tree.

use std::fmt;
use std::sync::Arc;

/// Bytes that a name of one entry may have: what Linux file systems take.
pub const LONGEST_NAME: usize = 255;
/// Bytes that a whole path may have: what the system's calls take, less a little for our own staging folder.
pub const LONGEST_PATH: usize = 4000;
/// Folders inside folders: each open one costs a file descriptor while a tree is read.
pub const DEEPEST: usize = 100;
/// The folder, at the root of a tree, in which files are written before they take their place. It is never part of
/// what is synchronised.
pub const STAGING: &[u8] = b".reeve-staging";

/// A place in a tree, relative to its root; the root itself is empty.
///
/// Components are kept with a NUL between them (no name can hold one), so that the order of the bytes is the order in
/// which a tree is walked: a folder, all that is in it, then its next neighbour.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TreePath(Arc<[u8]>);

impl TreePath {
    /// The root of a tree.
    pub fn root() -> TreePath {
        TreePath(Arc::from(&[][..]))
    }

    /// A path that came from outside, components separated by `/`. `None` if it is not the plain name of a place
    /// inside a tree: absolute, with `.` or `..` or an empty component, with NUL, too long, too deep, or in the
    /// staging folder.
    pub fn parse(text: &[u8]) -> Option<TreePath> {
        if text.is_empty() || text.len() > LONGEST_PATH {
            return None;
        }
        let mut depth = 0;
        for name in text.split(|b| *b == b'/') {
            depth += 1;
            if !plain_name(name) {
                return None;
            }
        }
        if depth > DEEPEST || text.split(|b| *b == b'/').next() == Some(STAGING) {
            return None;
        }
        Some(TreePath(text.iter().map(|b| if *b == b'/' { 0 } else { *b }).collect()))
    }

    /// As it is kept in the index, components separated by NUL.
    pub(super) fn stored(&self) -> &[u8] {
        &self.0
    }

    /// From what the index keeps.
    pub(super) fn from_stored(bytes: &[u8]) -> TreePath {
        TreePath(bytes.into())
    }

    /// Its bytes with `/` between components, as the system's calls and messages take it.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().map(|b| if *b == 0 { b'/' } else { *b }).collect()
    }

    /// Whether it is the root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// An entry of this folder. The name must be a plain one; `None` if not, or if the path became too long or deep.
    pub fn join(&self, name: &[u8]) -> Option<TreePath> {
        if !plain_name(name) || self.0.len() + name.len() + 1 > LONGEST_PATH || self.depth() >= DEEPEST {
            return None;
        }
        if self.is_root() {
            return (name != STAGING).then(|| TreePath(name.into()));
        }
        let mut bytes = Vec::with_capacity(self.0.len() + name.len() + 1);
        bytes.extend_from_slice(&self.0);
        bytes.push(0);
        bytes.extend_from_slice(name);
        Some(TreePath(bytes.into()))
    }

    /// The folder that holds it; `None` for the root.
    pub fn parent(&self) -> Option<TreePath> {
        if self.is_root() {
            return None;
        }
        Some(match self.0.iter().rposition(|b| *b == 0) {
            Some(at) => TreePath(self.0[..at].into()),
            None => TreePath::root(),
        })
    }

    /// Its last component; empty for the root.
    pub fn name(&self) -> &[u8] {
        match self.0.iter().rposition(|b| *b == 0) {
            Some(at) => &self.0[at + 1..],
            None => &self.0,
        }
    }

    /// How many components it has.
    pub fn depth(&self) -> usize {
        if self.is_root() { 0 } else { 1 + self.0.iter().filter(|b| **b == 0).count() }
    }

    /// Whether it is `folder` or lies anywhere inside it.
    pub fn is_within(&self, folder: &TreePath) -> bool {
        folder.is_root()
            || (self.0.starts_with(&folder.0) && (self.0.len() == folder.0.len() || self.0[folder.0.len()] == 0))
    }

    /// The same place after `from`, in which it lies, became `to`.
    pub fn rebase(&self, from: &TreePath, to: &TreePath) -> TreePath {
        let mut bytes = to.0.to_vec();
        bytes.extend_from_slice(&self.0[from.0.len().min(self.0.len())..]);
        TreePath(bytes.into())
    }

    /// The folders in which it lies, the outermost first, without the root and without itself.
    pub fn ancestors(&self) -> impl Iterator<Item = TreePath> + '_ {
        self.0.iter().enumerate().filter(|(_, b)| **b == 0).map(|(at, _)| TreePath(self.0[..at].into()))
    }
}

impl fmt::Display for TreePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_root() {
            return f.write_str(".");
        }
        // A name may hold anything; control characters must not reach a terminal.
        for c in String::from_utf8_lossy(&self.to_bytes()).chars() {
            if c.is_control() { write!(f, "{}", c.escape_default())? } else { write!(f, "{c}")? }
        }
        Ok(())
    }
}

impl fmt::Debug for TreePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

fn plain_name(name: &[u8]) -> bool {
    !name.is_empty()
        && name.len() <= LONGEST_NAME
        && name != b"."
        && name != b".."
        && !name.iter().any(|b| *b == 0 || *b == b'/')
}

/// Whether a symbolic link in `folder` that points to `to` can only lead to a place inside the tree.
///
/// `..` is allowed at the beginning alone, and not above the root: after a name it could climb out through another
/// link. As all links of the tree keep this rule, so does every chain of them.
pub fn link_stays_inside(folder_depth: usize, to: &[u8]) -> bool {
    if to.is_empty() || to.len() > LONGEST_PATH || to[0] == b'/' || to.contains(&0) {
        return false;
    }
    let (mut up, mut down) = (0, false);
    for name in to.split(|b| *b == b'/') {
        match name {
            b"" | b"." => {}
            b".." if down => return false,
            b".." => up += 1,
            _ => {
                // The staging folder is nobody's business.
                if !down && up == folder_depth && name == STAGING {
                    return false;
                }
                down = true;
            }
        }
    }
    up <= folder_depth
}

/// The name under which a file is kept that would be overwritten though somebody else changed it. `time` is
/// `YYYYMMDDTHHMMSSZ`; `turn` counts from 0 and tells apart what arises in the same second.
pub fn conflict_name(name: &[u8], time: &str, host: &str, turn: u32) -> Vec<u8> {
    let mut tail = format!(".conflict-{time}-{host}").into_bytes();
    tail.truncate(LONGEST_NAME / 2);
    if turn > 0 {
        tail.extend_from_slice(format!("-{turn}").as_bytes());
    }
    let mut all = name[..name.len().min(LONGEST_NAME - tail.len())].to_vec();
    all.append(&mut tail);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> TreePath {
        TreePath::parse(text.as_bytes()).unwrap()
    }

    /// Rule: what is not the plain name of a place inside the tree is no path.
    #[test]
    fn ways_out_of_the_tree_are_no_paths() {
        let long = "x".repeat(256);
        let deep = vec!["d"; DEEPEST + 1].join("/");
        for wrong in ["", "/", "/etc", "a//b", "a/", ".", "..", "a/../b", "a/..", "./a", "a\0b", &long, &deep] {
            assert_eq!(TreePath::parse(wrong.as_bytes()), None, "{wrong:?}");
        }
        assert_eq!(TreePath::parse(STAGING), None);
        assert_eq!(TreePath::parse(b".reeve-staging/x"), None);
        assert_eq!(TreePath::root().join(STAGING), None);
        assert!(TreePath::parse(b"a/.reeve-staging").is_some(), "elsewhere it is a name like another");
        assert!(TreePath::parse(b"a/\xff\xfe").is_some());
        assert_eq!(path("a").join(b".."), None);
    }

    /// Rule: paths are ordered as a tree is walked.
    #[test]
    fn a_folder_comes_before_its_entries_and_they_before_its_neighbours() {
        let mut all = [path("a-b"), path("a/z"), path("a"), path("a.txt"), path("a/b/c"), path("a/b")];
        all.sort();
        let texts: Vec<String> = all.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["a", "a/b", "a/b/c", "a/z", "a-b", "a.txt"]);
    }

    #[test]
    fn places_are_found_and_moved() {
        let p = path("a/b/c");
        assert_eq!(p.parent(), Some(path("a/b")));
        assert_eq!(p.name(), b"c");
        assert_eq!(path("a").parent(), Some(TreePath::root()));
        assert!(p.is_within(&path("a")) && p.is_within(&p) && !path("ab").is_within(&path("a")));
        assert_eq!(p.rebase(&path("a/b"), &path("x")), path("x/c"));
        assert_eq!(p.ancestors().collect::<Vec<_>>(), [path("a"), path("a/b")]);
    }

    /// Rule: a link that could lead outside is refused, whatever the other links are.
    #[test]
    fn links_stay_inside() {
        for (depth, to, inside) in [
            (0, "a", true),
            (0, "a/b", true),
            (0, "..", false),
            (1, "../a", true),
            (1, "..", true),
            (1, "../..", false),
            (2, "../../a", true),
            (2, "a/../b", false),
            (2, "./../a", true),
            (0, "/etc/passwd", false),
            (0, "", false),
            (0, "a\0b", false),
            (0, ".reeve-staging/x", false),
            (1, "../.reeve-staging", false),
        ] {
            assert_eq!(link_stays_inside(depth, to.as_bytes()), inside, "{to:?} at {depth}");
        }
    }

    #[test]
    fn a_conflict_name_is_a_name() {
        let name = conflict_name(&[b'x'; 255], "20261121T170000Z", &"h".repeat(300), 12);
        assert!(plain_name(&name));
        assert_eq!(conflict_name(b"a.doc", "T", "h", 0), b"a.doc.conflict-T-h");
    }
}
