//! What has to be done so that the target's tree becomes as the source's: pure, from what both are.

use super::merkle;
use super::path::TreePath;
use super::row::{Content, Hash, Known, Row, Rows, children, drop_tree, move_tree, within};
use std::collections::{BTreeMap, HashMap, HashSet};

/// A step. The source makes operations of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// A folder or link is made, or a mode and time set.
    Put(TreePath, Row),
    /// Something is at another place now.
    Move(TreePath, TreePath),
    /// A file's content, of which the target may have parts in another file.
    File(TreePath, Row, Option<TreePath>),
    /// A file that the target has whole under another name.
    Copy(TreePath, Row, TreePath),
    /// Something goes.
    Delete(TreePath),
    /// What follows builds upon what came before.
    Barrier,
}

/// Plans. `base` is what the target has, `now` what the source has, `inodes` the inodes that the source's entries had
/// when they were synchronised last, `known` those they have now.
pub fn plan(base: &Rows, now: &Rows, inodes: &BTreeMap<TreePath, u64>, known: &BTreeMap<TreePath, Known>) -> Vec<Step> {
    let mut plan = Plan { target: base.clone(), now, steps: Vec::new() };
    plan.folders(inodes, known);
    plan.barrier();
    plan.files(inodes, known);
    plan.barrier();
    plan.make_way();
    plan.rest();
    plan.clear();
    plan.steps
}

struct Plan<'a> {
    /// What the target has after the steps so far.
    target: Rows,
    now: &'a Rows,
    steps: Vec<Step>,
}

impl Plan<'_> {
    fn barrier(&mut self) {
        if !self.steps.is_empty() && self.steps.last() != Some(&Step::Barrier) {
            self.steps.push(Step::Barrier);
        }
    }

    /// Whether something is at the source what the target has there: same place, both folders or both not.
    fn stays(&self, path: &TreePath) -> bool {
        match (self.now.get(path), self.target.get(path)) {
            (Some(new), Some(old)) => new.is_folder() == old.is_folder(),
            _ => false,
        }
    }

    /// Makes the folders above a place where they are missing; false if something else is in the way.
    fn way_to(&mut self, path: &TreePath) -> bool {
        let above: Vec<TreePath> = path.ancestors().collect();
        let free =
            |p: &TreePath| self.target.get(p).is_none_or(Row::is_folder) && self.now.get(p).is_some_and(Row::is_folder);
        if !above.iter().all(free) {
            return false;
        }
        for folder in above {
            if !self.target.contains_key(&folder)
                && let Some(row) = self.now.get(&folder)
            {
                self.put(folder, row.clone());
            }
        }
        true
    }

    fn put(&mut self, path: TreePath, row: Row) {
        self.target.insert(path.clone(), row.clone());
        self.steps.push(Step::Put(path, row));
    }

    fn move_to(&mut self, from: TreePath, to: TreePath) {
        drop_tree(&mut self.target, &to);
        move_tree(&mut self.target, &from, &to);
        self.steps.push(Step::Move(from, to));
    }

    /// Folders that are at another place now: by their inode, or by all that is in them.
    fn folders(&mut self, inodes: &BTreeMap<TreePath, u64>, known: &BTreeMap<TreePath, Known>) {
        let added: Vec<TreePath> = folders_of(self.now).filter(|p| !self.target.contains_key(*p)).cloned().collect();
        let vanished: Vec<TreePath> =
            folders_of(&self.target).filter(|p| !self.now.contains_key(*p)).cloned().collect();
        if added.is_empty() || vanished.is_empty() {
            return;
        }
        let by_inode: HashMap<u64, &TreePath> = vanished.iter().filter_map(|p| Some((*inodes.get(p)?, p))).collect();
        let (old_shapes, new_shapes) = (merkle::shapes(&self.target), merkle::shapes(self.now));
        let mut by_shape: HashMap<&Hash, &TreePath> = HashMap::new();
        for path in &vanished {
            if let Some(shape) = old_shapes.get(path)
                && children(&self.target, path).next().is_some()
            {
                by_shape.entry(shape).or_insert(path);
            }
        }
        let mut moved: Vec<(TreePath, TreePath)> = Vec::new();
        for to in added {
            if self.target.contains_key(&to) {
                continue; // it came with the folder above it
            }
            let same_inode = known.get(&to).and_then(|k| by_inode.get(&k.stamp.inode));
            let same_shape = new_shapes.get(&to).and_then(|shape| by_shape.get(shape));
            for (from, certain) in same_inode.map(|p| (p, false)).into_iter().chain(same_shape.map(|p| (p, true))) {
                // Where it is now, after the moves so far.
                let from = moved.iter().fold(
                    (*from).clone(),
                    |at, (old, new)| {
                        if at.is_within(old) { at.rebase(old, new) } else { at }
                    },
                );
                let there = self.target.get(&from).is_some_and(Row::is_folder) && !self.now.contains_key(&from);
                if !there
                    || to.is_within(&from)
                    || !(certain || self.alike(&from, &to))
                    || !self.links_allow(&from, &to)
                {
                    continue;
                }
                if self.way_to(&to) {
                    moved.push((from.clone(), to.clone()));
                    self.move_to(from, to.clone());
                }
                break;
            }
        }
    }

    /// Whether half of a folder's names are in another: an inode alone may belong to a new folder.
    fn alike(&self, old: &TreePath, new: &TreePath) -> bool {
        let names: HashSet<&[u8]> = children(self.now, new).map(|(p, _)| p.name()).collect();
        let (mut all, mut same) = (0, 0);
        for (path, _) in children(&self.target, old) {
            all += 1;
            same += usize::from(names.contains(path.name()));
        }
        same * 2 >= all && (same > 0 || names.is_empty())
    }

    /// Whether the links in a folder lead to places inside the tree after it has moved, too.
    fn links_allow(&self, from: &TreePath, to: &TreePath) -> bool {
        links_allow(&self.target, from, to)
    }

    /// Files that are at another place now, or that the target can copy from another.
    fn files(&mut self, inodes: &BTreeMap<TreePath, u64>, known: &BTreeMap<TreePath, Known>) {
        let new = |(path, row): &(&TreePath, &Row)| {
            let old = self.target.get(*path).and_then(Row::file);
            row.file().is_some_and(|(size, hash)| size > 0 && old.is_none_or(|(_, old)| old != hash))
        };
        let wanted: Vec<(TreePath, Row)> =
            self.now.iter().filter(new).map(|(path, row)| (path.clone(), row.clone())).collect();
        if wanted.is_empty() {
            return;
        }
        let before = self.target.clone();
        let mut gone: HashMap<Hash, Vec<TreePath>> = HashMap::new();
        let mut gone_inode: HashMap<u64, TreePath> = HashMap::new();
        let mut all: HashMap<Hash, TreePath> = HashMap::new();
        // Backwards, so that the first is taken first.
        for (path, row) in before.iter().rev() {
            let Some((_, hash)) = row.file() else { continue };
            all.insert(*hash, path.clone());
            if !self.now.contains_key(path) {
                gone.entry(*hash).or_default().push(path.clone());
                if let Some(inode) = inodes.get(path) {
                    gone_inode.insert(*inode, path.clone());
                }
            }
        }
        let mut taken: HashSet<TreePath> = HashSet::new();
        let mut later: Vec<(TreePath, Row)> = Vec::new();
        for (to, row) in wanted {
            let Some((_, hash)) = row.file() else { continue };
            let fits = self.target.get(&to).is_none_or(|old| !old.is_folder());
            if !fits || !all.contains_key(hash) || !self.way_to(&to) {
                later.push((to, row));
                continue;
            }
            if let Some(from) = gone.get_mut(hash).and_then(Vec::pop) {
                taken.insert(from.clone());
                self.move_to(from, to);
            } else if let Some(from) = all.get(hash) {
                self.target.insert(to.clone(), row.clone());
                self.steps.push(Step::Copy(to, row, from.clone()));
            }
        }
        // Moved and changed at once: its inode tells.
        for (to, _) in later {
            let Some(from) = known.get(&to).and_then(|k| gone_inode.get(&k.stamp.inode)) else { continue };
            if !taken.contains(from) && !self.target.contains_key(&to) && self.way_to(&to) {
                taken.insert(from.clone());
                self.move_to(from.clone(), to);
            }
        }
    }

    /// Where a folder takes the place of a file, or a file that of a folder, the old one must go first.
    fn make_way(&mut self) {
        let paths: Vec<TreePath> =
            self.target.keys().filter(|path| self.now.contains_key(*path) && !self.stays(path)).cloned().collect();
        for path in paths {
            if drop_tree(&mut self.target, &path) > 0 {
                self.steps.push(Step::Delete(path));
            }
        }
        self.barrier();
    }

    /// Everything that is new or different, folders before what is in them.
    fn rest(&mut self) {
        let mut folders = Vec::new();
        for (path, row) in self.now {
            let old = self.target.get(path);
            if old == Some(row) {
                continue;
            }
            match (&row.content, old.map(|old| &old.content)) {
                // The time of a folder changes with what is put into it: it is set at the end.
                (Content::Folder, Some(Content::Folder)) => folders.push((path.clone(), row.clone())),
                (Content::File { hash, .. }, Some(Content::File { hash: old, .. })) if hash == old => {
                    self.steps.push(Step::Put(path.clone(), row.clone()));
                }
                (Content::File { .. }, old) => {
                    let base = matches!(old, Some(Content::File { .. })).then(|| path.clone());
                    self.steps.push(Step::File(path.clone(), row.clone(), base));
                }
                _ => self.steps.push(Step::Put(path.clone(), row.clone())),
            }
        }
        let mut last: Option<TreePath> = None;
        for path in self.target.keys().filter(|path| !self.now.contains_key(*path)) {
            if !last.as_ref().is_some_and(|last| path.is_within(last)) {
                self.steps.push(Step::Delete(path.clone()));
                last = Some(path.clone());
            }
        }
        self.steps.extend(folders.into_iter().map(|(path, row)| Step::Put(path, row)));
    }

    /// No barrier where nothing follows.
    fn clear(&mut self) {
        while self.steps.last() == Some(&Step::Barrier) {
            self.steps.pop();
        }
    }
}

/// Whether the links at and below a place lead to places inside the tree from another place too.
pub(super) fn links_allow(rows: &Rows, from: &TreePath, to: &TreePath) -> bool {
    within(rows, from).all(|(path, row)| match &row.content {
        Content::Link { to: target } => {
            super::path::link_stays_inside(path.rebase(from, to).depth().saturating_sub(1), target)
        }
        _ => true,
    })
}

fn folders_of(rows: &Rows) -> impl Iterator<Item = &TreePath> {
    rows.iter().filter(|(_, row)| row.is_folder()).map(|(path, _)| path)
}

#[cfg(test)]
mod tests {
    use super::super::row::Stamp;
    use super::*;

    fn path(text: &str) -> TreePath {
        TreePath::parse(text.as_bytes()).unwrap()
    }

    /// Entries `name` (a folder) or `name=c` (a file with that content), with an inode after `@`.
    fn tree(text: &str) -> (Rows, BTreeMap<TreePath, u64>, BTreeMap<TreePath, Known>) {
        let (mut rows, mut inodes, mut known) = (Rows::new(), BTreeMap::new(), BTreeMap::new());
        for entry in text.split_whitespace() {
            let (entry, inode) = entry.split_once('@').map_or((entry, None), |(e, i)| (e, i.parse().ok()));
            let (name, content) = match entry.split_once('=') {
                Some((name, byte)) => (name, Content::File { size: 9, hash: [byte.as_bytes()[0]; 32] }),
                None => (entry, Content::Folder),
            };
            rows.insert(path(name), Row { mode: 0o755, mtime: 1, content });
            if let Some(inode) = inode {
                let stamp = Stamp { inode, ctime: 0, mtime: 0, size: 0 };
                inodes.insert(path(name), inode);
                known.insert(path(name), Known { stamp, hash: Hash::default() });
            }
        }
        (rows, inodes, known)
    }

    fn shown(steps: &[Step]) -> String {
        let show = |step: &Step| match step {
            Step::Put(p, _) => format!("put {p}"),
            Step::Move(a, b) => format!("move {a} {b}"),
            Step::File(p, _, None) => format!("send {p}"),
            Step::File(p, _, Some(base)) => format!("send {p} by {base}"),
            Step::Copy(p, _, from) => format!("copy {from} {p}"),
            Step::Delete(p) => format!("delete {p}"),
            Step::Barrier => "|".into(),
        };
        steps.iter().map(show).collect::<Vec<_>>().join(", ")
    }

    /// Rule: what the target has under another name does not travel; deletes come last; folders before their entries.
    #[test]
    fn plans() {
        for (base, now, expected) in [
            ("a=1", "a=1", ""),
            ("", "d d/a=1", "put d, send d/a"),
            ("a=1", "a=2", "send a by a"),
            ("a=1", "b=1", "move a b"),
            ("a=1", "a=1 b=1", "copy a b"),
            ("a=1", "d d/b=1", "put d, move a d/b"),
            ("a=1 b=2", "a=2 b=1", "copy b a, copy a b"),
            ("l=1 l1=2 l2=3", "l=4 l1=1 l2=2", "copy l l1, copy l1 l2, |, send l by l"),
            ("a=1 b=2", "b=1", "move a b"),
            ("d d/a=1 d/b=2", "e e/a=1 e/b=2", "move d e"),
            ("d@5 d/a=1 d/b=2", "e@5 e/a=1 e/b=3", "move d e, |, send e/b by e/b"),
            ("d@5 d/a=1", "e@5 e/x=9", "put e, send e/x, delete d"),
            ("d d/s d/s/a=1", "e e/s e/s/a=1", "move d e"),
            ("d d/a=1", "d n n/d n/d/a=1", "put n, put n/d, move d/a n/d/a"),
            ("d@1 d/a=1", "n n/d@1 n/d/a=1", "put n, move d n/d"),
            ("a=1", "a a/b=2", "delete a, |, put a, send a/b"),
            ("a a/b=2", "a=1", "delete a, |, send a"),
            ("a=1", "a a/b=1", "delete a, |, put a, send a/b"),
            ("a=1", "", "delete a"),
            ("d d/a=1 d/e", "", "delete d"),
            ("d d/a=1 d-x=2", "d", "delete d/a, delete d-x"),
        ] {
            let ((base, inodes, _), (now, _, known)) = (tree(base), tree(now));
            assert_eq!(shown(&plan(&base, &now, &inodes, &known)), expected);
        }
    }

    /// Rule: a file that was renamed and changed is known by its inode, so that only its change travels.
    #[test]
    fn moved_and_changed() {
        let ((base, _, _), (now, ..)) = (tree("a=1"), tree("b=2"));
        let stamp = Stamp { inode: 7, ctime: 0, mtime: 0, size: 0 };
        let known = [(path("b"), Known { stamp, hash: [0; 32] })].into();
        let steps = plan(&base, &now, &[(path("a"), 7)].into(), &known);
        assert_eq!(shown(&steps), "move a b, |, send b by b");
    }
}
