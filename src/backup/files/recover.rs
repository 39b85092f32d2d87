//! How a target begins: what an interruption left half done is finished, and what somebody else did to the tree since
//! is found.

use super::message::Note;
use super::path::TreePath;
use super::row::{Content, Hash, Mutation, Row, within};
use super::scan::scan;
use super::target::Target;
use super::trouble;
use crate::error::ErrorRecord;
use rustix::fs::FileType;
use std::io;

impl Target {
    /// Finds out which of the changes that were under way when the last synchronisation was interrupted were made.
    pub(super) fn recover(&mut self) -> Result<(), ErrorRecord> {
        let intended = self.tree.index.intended()?;
        if intended.is_empty() {
            return Ok(());
        }
        let failure = |e: io::Error| trouble::io(e, "finishing an interrupted synchronisation");
        self.tree.index.begin()?;
        for mutation in intended {
            match &mutation {
                Mutation::Put(path, row) => {
                    if !self.is_there(path, row).map_err(failure)? {
                        continue;
                    }
                    self.tree.index.apply(&mutation, true)?;
                    self.remember(path, row.file().map_or(Hash::default(), |(_, hash)| *hash))?;
                }
                Mutation::Move(from, to) => {
                    let inode = self.tree.index.known.get(from).map(|known| known.stamp.inode);
                    let there = self.tree.disk.look(to).map_err(failure)?;
                    let made = there.is_some_and(|seen| Some(seen.stamp.inode) == inode)
                        && self
                            .tree
                            .disk
                            .look(from)
                            .map_err(failure)?
                            .is_none_or(|seen| Some(seen.stamp.inode) != inode);
                    if !made {
                        continue;
                    }
                    let hash = self.tree.index.rows.get(from).and_then(Row::file).map_or(Hash::default(), |(_, h)| *h);
                    self.tree.index.apply(&mutation, true)?;
                    self.remember(to, hash)?;
                }
                Mutation::Drop(path) => {
                    let below: Vec<TreePath> = within(&self.tree.index.rows, path).map(|(p, _)| p.clone()).collect();
                    for place in below {
                        if self.tree.disk.look(&place).map_err(failure)?.is_none() {
                            self.tree.index.apply(&Mutation::Drop(place), true)?;
                        }
                    }
                }
            }
        }
        self.tree.disk.sync_all().map_err(failure)?;
        self.tree.index.commit()
    }

    /// Whether a place holds what a row says, whatever its mode and time.
    fn is_there(&self, path: &TreePath, row: &Row) -> io::Result<bool> {
        let Some(seen) = self.tree.disk.look(path)? else { return Ok(false) };
        Ok(match &row.content {
            Content::Folder => seen.kind == FileType::Directory,
            Content::File { size, hash } => {
                seen.kind == FileType::RegularFile && seen.stamp.size == *size && self.hash(path)? == *hash
            }
            Content::Link { to } => seen.kind == FileType::Symlink && self.tree.disk.link(path)? == *to,
        })
    }

    /// Looks whether the tree is still as it was synchronised. What somebody changed or removed is no longer held to
    /// be synchronised, so that the source sends it again; other modes and times are set back.
    pub(super) fn compare(&mut self) -> Result<(), ErrorRecord> {
        let rows = &self.tree.index.rows;
        let wanted = |path: &TreePath| rows.get(path).is_some_and(|row| row.file().is_some());
        let mut found = scan(&self.tree.disk, &self.tree.index.known, &wanted, &mut self.tree.report)?;
        // What a folder's mode keeps us from reading is not gone.
        for place in &found.unknown {
            let same = within(rows, place).map(|(path, row)| (path.clone(), row.clone()));
            found.rows.extend(same);
            let known = within(&self.tree.index.known, place).map(|(path, known)| (path.clone(), *known));
            found.known.extend(known);
        }
        let mut lost: Vec<TreePath> = Vec::new();
        let mut other: Vec<(TreePath, Row)> = Vec::new();
        for (path, row) in rows {
            if lost.last().is_some_and(|above| path.is_within(above)) {
                continue;
            }
            match found.rows.get(path) {
                Some(seen) if seen.content == row.content => {
                    if seen != row {
                        other.push((path.clone(), row.clone()));
                    }
                }
                _ => lost.push(path.clone()),
            }
        }
        self.tree.index.saw(found.known)?;
        if lost.is_empty() && other.is_empty() {
            return Ok(());
        }
        self.tree.index.begin()?;
        for path in lost {
            self.note(Note::Diverged, path.to_bytes(), "it was changed or removed here");
            let before: Vec<_> = within(&self.tree.index.rows, &path).map(|(p, r)| (p.clone(), r.clone())).collect();
            self.astray.extend(before);
            self.tree.index.apply(&Mutation::Drop(path), true)?;
        }
        // Folders after what is in them.
        for (path, row) in other.into_iter().rev() {
            match self.tree.disk.set(&path, row.mode, row.mtime) {
                Ok(()) => self.remember(&path, row.file().map_or(Hash::default(), |(_, hash)| *hash))?,
                Err(error) => self.tree.report.failed.add(&path.to_bytes(), &error.to_string()),
            }
        }
        self.tree.index.commit()
    }
}
