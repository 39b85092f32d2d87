//! What is known of one entry of a tree: what it holds, and by what its owner's system tells that it did not change.

use super::path::TreePath;
use std::collections::BTreeMap;

/// A blake3 hash.
pub type Hash = [u8; 32];

/// Entries that a tree may have: all of them are kept in memory while it is synchronised, about 200 bytes each.
pub const MOST_ENTRIES: usize = 1_000_000;
/// Bits of a mode that follow. Those that give rights away (setuid, setgid, sticky) stay behind.
pub const MODE: u32 = 0o777;

/// What an entry holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A folder.
    Folder,
    /// A file.
    File {
        /// Bytes.
        size: u64,
        /// Hash of all of them.
        hash: Hash,
    },
    /// A symbolic link.
    Link {
        /// Where it points to.
        to: Vec<u8>,
    },
}

/// An entry as both ends see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Permission bits; 0 for a link.
    pub mode: u32,
    /// When its content changed, nanoseconds since 1970.
    pub mtime: i64,
    /// What it holds.
    pub content: Content,
}

impl Row {
    /// Whether it is a folder.
    pub fn is_folder(&self) -> bool {
        self.content == Content::Folder
    }

    /// Size and hash of a file.
    pub fn file(&self) -> Option<(u64, &Hash)> {
        match &self.content {
            Content::File { size, hash } => Some((*size, hash)),
            _ => None,
        }
    }
}

/// By what one system tells that a file has not changed since it was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Inode.
    pub inode: u64,
    /// When the inode changed, nanoseconds since 1970. 0 if the file was looked at so soon after a change that the
    /// next would not show.
    pub ctime: i64,
    /// When the content changed, nanoseconds since 1970.
    pub mtime: i64,
    /// Bytes.
    pub size: u64,
}

/// What one end knows of its own copy of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// When it was looked at.
    pub stamp: Stamp,
    /// The hash of its content then; zeros for folders and links.
    pub hash: Hash,
}

/// The entries of a tree, without its root.
pub type Rows = BTreeMap<TreePath, Row>;

/// The entries at and below a place.
pub fn within<'a, V>(
    rows: &'a BTreeMap<TreePath, V>,
    place: &'a TreePath,
) -> impl Iterator<Item = (&'a TreePath, &'a V)> {
    rows.range(place.clone()..).take_while(move |(path, _)| path.is_within(place))
}

/// The entries directly in a folder. Jumps over what lies deeper.
pub fn children<'a, V>(
    rows: &'a BTreeMap<TreePath, V>,
    folder: &TreePath,
) -> impl Iterator<Item = (&'a TreePath, &'a V)> {
    let depth = folder.depth() + 1;
    let folder = folder.clone();
    within_owned(rows, folder).filter(move |(path, _)| path.depth() == depth)
}

fn within_owned<V>(rows: &BTreeMap<TreePath, V>, place: TreePath) -> impl Iterator<Item = (&TreePath, &V)> {
    rows.range(place.clone()..).take_while(move |(path, _)| path.is_within(&place))
}

/// Gives everything at and below `from` its place at `to`.
pub fn move_tree<V>(rows: &mut BTreeMap<TreePath, V>, from: &TreePath, to: &TreePath) {
    let paths: Vec<TreePath> = within(rows, from).map(|(path, _)| path.clone()).collect();
    for path in paths {
        if let Some(value) = rows.remove(&path) {
            rows.insert(path.rebase(from, to), value);
        }
    }
}

/// Removes everything at and below a place; how many entries that were.
pub fn drop_tree<V>(rows: &mut BTreeMap<TreePath, V>, place: &TreePath) -> usize {
    let paths: Vec<TreePath> = within(rows, place).map(|(path, _)| path.clone()).collect();
    for path in &paths {
        rows.remove(path);
    }
    paths.len()
}

/// A change of what is held to be synchronised. Both ends make the same ones in the same order.
#[derive(Clone, Debug, PartialEq)]
pub enum Mutation {
    /// An entry is as the row says.
    Put(TreePath, Row),
    /// What was at the first place, with all below it, is at the second.
    Move(TreePath, TreePath),
    /// Nothing is there, nor below it.
    Drop(TreePath),
}

impl Mutation {
    /// Makes the change.
    pub fn apply(&self, rows: &mut Rows) {
        match self {
            Mutation::Put(path, row) => {
                rows.insert(path.clone(), row.clone());
            }
            Mutation::Move(from, to) => {
                drop_tree(rows, to);
                move_tree(rows, from, to);
            }
            Mutation::Drop(path) => {
                drop_tree(rows, path);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_move_and_go_as_a_whole() {
        let path = |text: &str| TreePath::parse(text.as_bytes()).unwrap();
        let mut rows: BTreeMap<TreePath, u32> =
            ["a", "a/b", "a/b/c", "a-b", "z"].iter().map(|t| (path(t), 0)).collect();
        move_tree(&mut rows, &path("a"), &path("z/y"));
        let names: Vec<String> = rows.keys().map(ToString::to_string).collect();
        assert_eq!(names, ["a-b", "z", "z/y", "z/y/b", "z/y/b/c"]);
        assert_eq!(children(&rows, &path("z/y")).count(), 1);
        assert_eq!(children(&rows, &TreePath::root()).count(), 2);
        assert_eq!(drop_tree(&mut rows, &path("z")), 4);
        assert_eq!(rows.len(), 1);
    }
}
