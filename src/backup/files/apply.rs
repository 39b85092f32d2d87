//! Puts into place what a target has taken since the last checkpoint, and what an interruption left half done.

use super::blocks::Signature;
use super::disk::{Seen, gone};
use super::guard;
use super::message::{Note, Reason};
use super::path::{TreePath, conflict_name};
use super::plan::links_allow;
use super::removals::EARLIER;
use super::row::{Content, Hash, Known, Mutation, Row, within};
use super::scan::{CHUNK, hash_of};
use super::target::Target;
use super::trouble;
use crate::error::ErrorRecord;
use rustix::fs::FileType;
use rustix::io::Errno;
use std::collections::BTreeSet;
use std::io;

/// Staged files, or folders, that are made durable one by one; of more the whole file system is, in one go.
const ONE_BY_ONE: usize = 16;

/// What is said of a file that somebody changed here, and of which the source has none any more.
const STAYS: &str = "the source deleted or moved it, and it was changed here: what is here stays";

/// What is done at the next checkpoint.
#[derive(Default)]
pub(super) struct Batch {
    /// Operations with their numbers.
    pub doings: Vec<(u64, Doing)>,
    /// Operations that failed already.
    pub failures: Vec<(u64, Reason)>,
}

/// An operation that waits for its checkpoint.
pub(super) enum Doing {
    Folder(TreePath, Row),
    /// A staged file gets its place.
    Place(TreePath, Row, Vec<u8>, Option<Signature>),
    Link(TreePath, Row),
    Move(TreePath, TreePath),
    Meta(TreePath, u32, i64),
    Delete(TreePath),
}

impl Doing {
    /// What it changes, as far as that must be known after an interruption: a mode or time that was set is found and
    /// set back.
    fn intent(&self) -> Option<Mutation> {
        Some(match self {
            Doing::Folder(path, row) | Doing::Place(path, row, ..) | Doing::Link(path, row) => {
                Mutation::Put(path.clone(), row.clone())
            }
            Doing::Move(from, to) => Mutation::Move(from.clone(), to.clone()),
            Doing::Delete(path) => Mutation::Drop(path.clone()),
            Doing::Meta(..) => return None,
        })
    }
}

/// Why an operation is not done.
enum Halt {
    /// It alone.
    Not(Reason),
    /// The whole synchronisation.
    Stop(ErrorRecord),
}

impl From<ErrorRecord> for Halt {
    fn from(error: ErrorRecord) -> Halt {
        Halt::Stop(error)
    }
}

impl From<io::Error> for Halt {
    fn from(error: io::Error) -> Halt {
        let fatal = [Errno::IO, Errno::ROFS, Errno::NOSPC, Errno::DQUOT, Errno::MFILE, Errno::NFILE, Errno::NOMEM];
        if gone(&error) {
            Halt::Not(Reason::Base)
        } else if fatal.iter().any(|e| Some(e.raw_os_error()) == error.raw_os_error()) {
            Halt::Stop(trouble::io(error, "the target's file tree"))
        } else {
            Halt::Not(Reason::Refused)
        }
    }
}

/// Whether a file is the one that was looked at, unchanged.
pub(super) fn is_stamp(seen: &Seen, known: &Known) -> bool {
    seen.kind == FileType::RegularFile && seen.stamp == known.stamp
}

impl Target {
    /// Makes everything since the last checkpoint durable; the operations that could not be done.
    pub(super) fn settle(&mut self, last: bool) -> Result<Vec<(u64, Reason)>, ErrorRecord> {
        let Batch { doings, mut failures } = std::mem::take(&mut self.batch);
        let doings = self.removals.sift(doings, &self.tree.index.rows, last);
        let failure = |e: io::Error| trouble::io(e, "making the target's file tree durable");
        let staged: Vec<&[u8]> = doings
            .iter()
            .filter_map(|(_, d)| if let Doing::Place(_, _, name, _) = d { Some(&name[..]) } else { None })
            .collect();
        if last {
            guard::leaves_something(&doings, &self.tree.index.rows, &self.tree.options)?;
        }
        self.step()?;
        let each = |name: &&[u8]| self.staging.sync(name);
        // Whose owner may not read it cannot be opened again; then all is made durable.
        if staged.len() > ONE_BY_ONE || staged.iter().try_for_each(each).is_err() {
            self.tree.disk.sync_all().map_err(failure)?;
        }
        let intents: Vec<Mutation> = doings.iter().filter_map(|(_, doing)| doing.intent()).collect();
        if !intents.is_empty() {
            self.tree.index.intend(&intents)?;
        }
        self.step()?;
        self.tree.index.begin()?;
        let mut folders: BTreeSet<TreePath> = BTreeSet::new();
        for (number, doing) in doings {
            self.step()?;
            for path in doing.places() {
                folders.extend(path.parent());
            }
            let name = doing.places().next().map(TreePath::to_bytes);
            match self.act(doing) {
                Ok(()) => {}
                Err(Halt::Not(reason)) => {
                    if let (Reason::Refused, Some(name)) = (reason, name) {
                        self.note(Note::Failed, name, "the system refused it");
                    }
                    // Of what was acknowledged before the source knows by the roots of the trees.
                    if number != EARLIER {
                        failures.push((number, reason));
                    }
                }
                Err(Halt::Stop(error)) => return Err(error),
            }
        }
        if last {
            self.set_folders()?;
        }
        self.step()?;
        let each = |folder: &TreePath| match self.tree.disk.sync_folder(folder) {
            Err(error) if gone(&error) => Ok(()),
            done => done,
        };
        if folders.len() > ONE_BY_ONE {
            self.tree.disk.sync_all().map_err(failure)?;
        } else {
            folders.iter().try_for_each(each).map_err(failure)?;
        }
        self.step()?;
        self.tree.index.commit()?;
        self.step()?;
        failures.sort_unstable_by_key(|(number, _)| *number);
        Ok(failures)
    }

    /// Gives the folders in which something was done their times and modes.
    fn set_folders(&mut self) -> Result<(), ErrorRecord> {
        for folder in std::mem::take(&mut self.touched).into_iter().rev() {
            let Some(row) = self.tree.index.rows.get(&folder).filter(|row| row.is_folder()) else { continue };
            match self.tree.disk.set(&folder, row.mode, row.mtime) {
                Ok(()) => {}
                Err(error) if gone(&error) => {}
                Err(error) => return Err(trouble::io(error, &format!("mode and time of '{folder}'"))),
            }
            self.remember(&folder, Hash::default())?;
        }
        Ok(())
    }

    fn act(&mut self, doing: Doing) -> Result<(), Halt> {
        match doing {
            Doing::Folder(path, row) => self.make_folder(&path, row),
            Doing::Place(path, row, name, signature) => {
                let done = self.place(&path, &row, &name);
                match (&done, signature, row.file()) {
                    (Ok(()), Some(signature), Some((_, hash))) => self.tree.index.sign(hash, &signature)?,
                    (Err(_), ..) => self.staging.remove(&name)?,
                    _ => {}
                }
                done
            }
            Doing::Link(path, row) => self.link(&path, row),
            Doing::Move(from, to) => self.move_to(&from, &to),
            Doing::Meta(path, mode, mtime) => self.meta(&path, mode, mtime),
            Doing::Delete(path) => self.delete(&path),
        }
    }

    fn make_folder(&mut self, path: &TreePath, row: Row) -> Result<(), Halt> {
        self.enter_parent(path)?;
        let seen = self.tree.disk.look(path)?;
        if !seen.is_some_and(|seen| seen.kind == FileType::Directory) {
            self.make_room(path, Some(&row.content))?;
            self.tree.disk.make_folder(path)?;
            self.tree.report.touched += 1;
        }
        self.touched.insert(path.clone());
        self.tree.index.apply(&Mutation::Put(path.clone(), row), true)?;
        Ok(self.remember(path, Hash::default())?)
    }

    fn place(&mut self, path: &TreePath, row: &Row, name: &[u8]) -> Result<(), Halt> {
        let Some((size, hash)) = row.file() else { return Err(Halt::Not(Reason::Base)) };
        self.enter_parent(path)?;
        let fresh = self.make_room(path, Some(&row.content))?;
        let replaced = if self.staging.releases() && !fresh { self.tree.disk.hold(path) } else { None };
        self.tree.disk.rename_from(self.staging.folder(), name, path, fresh)?;
        replaced.into_iter().for_each(|file| self.staging.release(file));
        let report = &mut self.tree.report;
        if fresh {
            report.created += 1
        } else {
            report.changed += 1
        }
        report.bytes_concerned += size;
        self.tree.index.apply(&Mutation::Put(path.clone(), row.clone()), true)?;
        Ok(self.remember(path, *hash)?)
    }

    fn link(&mut self, path: &TreePath, row: Row) -> Result<(), Halt> {
        let Content::Link { to } = &row.content else { return Err(Halt::Not(Reason::Base)) };
        self.enter_parent(path)?;
        let name = self.staging.fresh_name();
        self.staging.remove(&name)?;
        self.tree.disk.make_link(self.staging.folder(), &name, to, row.mtime)?;
        let fresh = self.make_room(path, Some(&row.content))?;
        self.tree.disk.rename_from(self.staging.folder(), &name, path, fresh)?;
        self.tree.report.touched += 1;
        self.tree.index.apply(&Mutation::Put(path.clone(), row), true)?;
        Ok(self.remember(path, Hash::default())?)
    }

    fn move_to(&mut self, from: &TreePath, to: &TreePath) -> Result<(), Halt> {
        let Some(row) = self.tree.index.rows.get(from).cloned() else { return Err(Halt::Not(Reason::Base)) };
        if to.is_within(from) || from.is_within(to) || !links_allow(&self.tree.index.rows, from, to) {
            return Err(Halt::Not(Reason::Base));
        }
        if !self.intact(from)? {
            return self.diverged(from);
        }
        self.enter_parent(from)?;
        self.enter_parent(to)?;
        let fresh = self.make_room(to, None)?;
        self.tree.disk.rename(from, to, fresh)?;
        self.tree.report.moved += 1;
        self.tree.index.apply(&Mutation::Move(from.clone(), to.clone()), true)?;
        let moved: Vec<TreePath> = self.touched.iter().filter(|p| p.is_within(from)).cloned().collect();
        for path in moved {
            self.touched.remove(&path);
            self.touched.insert(path.rebase(from, to));
        }
        Ok(self.remember(to, row.file().map_or(Hash::default(), |(_, hash)| *hash))?)
    }

    fn meta(&mut self, path: &TreePath, mode: u32, mtime: i64) -> Result<(), Halt> {
        let Some(row) = self.tree.index.rows.get(path) else { return Err(Halt::Not(Reason::Base)) };
        let mode = if matches!(row.content, Content::Link { .. }) { 0 } else { mode };
        let row = Row { mode, mtime, content: row.content.clone() };
        let hash = row.file().map_or(Hash::default(), |(_, hash)| *hash);
        if row.is_folder() {
            self.touched.insert(path.clone());
        } else {
            if !self.intact(path)? {
                return self.diverged(path);
            }
            self.tree.disk.set(path, mode, mtime)?;
        }
        self.tree.report.touched += 1;
        self.tree.index.apply(&Mutation::Put(path.clone(), row), true)?;
        Ok(self.remember(path, hash)?)
    }

    fn delete(&mut self, path: &TreePath) -> Result<(), Halt> {
        let below: Vec<(TreePath, bool)> =
            within(&self.tree.index.rows, path).map(|(p, row)| (p.clone(), row.is_folder())).collect();
        for (place, is_folder) in below.into_iter().rev() {
            if is_folder {
                self.enter_parent(&place)?;
                match self.tree.disk.remove_folder(&place) {
                    Ok(()) => self.tree.report.deleted += 1,
                    // Something is in it that was never synchronised, and stays.
                    Err(error) if left_in_it(&error) || gone(&error) => {}
                    Err(error) => return Err(error.into()),
                }
            } else if self.intact(&place)? {
                self.enter_parent(&place)?;
                self.tree.disk.remove(&place)?;
                self.tree.report.deleted += 1;
            } else if self.tree.disk.look(&place)?.is_some() {
                self.tree.report.stayed.add(&place.to_bytes(), STAYS);
            }
        }
        self.touched.retain(|place| !place.is_within(path));
        Ok(self.tree.index.apply(&Mutation::Drop(path.clone()), true)?)
    }

    /// Whether what is at a place is still what was synchronised.
    fn intact(&self, path: &TreePath) -> io::Result<bool> {
        let index = &self.tree.index;
        let (Some(row), Some(seen)) = (index.rows.get(path), self.tree.disk.look(path)?) else { return Ok(false) };
        Ok(match &row.content {
            Content::Folder => seen.kind == FileType::Directory,
            Content::File { hash, .. } => {
                index.known.get(path).is_some_and(|known| is_stamp(&seen, known) && known.hash == *hash)
            }
            Content::Link { to } => seen.kind == FileType::Symlink && self.tree.disk.link(path)? == *to,
        })
    }

    /// What is there is not what was synchronised: it is forgotten, so that the source sends it again.
    fn diverged(&mut self, path: &TreePath) -> Result<(), Halt> {
        self.note(Note::Diverged, path.to_bytes(), "it was changed here meanwhile");
        self.tree.index.apply(&Mutation::Drop(path.clone()), true)?;
        Err(Halt::Not(Reason::Base))
    }

    /// The folder of a place must be one that is synchronised, and be writable.
    fn enter_parent(&mut self, path: &TreePath) -> Result<(), Halt> {
        let Some(parent) = path.parent() else { return Err(Halt::Not(Reason::Base)) };
        if parent.is_root() {
            return Ok(());
        }
        let Some(row) = self.tree.index.rows.get(&parent).filter(|row| row.is_folder()) else {
            return Err(Halt::Not(Reason::Base));
        };
        if self.touched.insert(parent.clone()) && row.mode & 0o300 != 0o300 {
            self.tree.disk.set_mode(&parent, row.mode | 0o700)?;
        }
        Ok(())
    }

    /// Makes sure that nothing is lost when something takes a place: what nobody synchronised, or somebody changed, is
    /// kept under another name, unless it is the very content that is to come. True if nothing is there (any more).
    fn make_room(&mut self, path: &TreePath, wanted: Option<&Content>) -> Result<bool, Halt> {
        let Some(seen) = self.tree.disk.look(path)? else { return Ok(true) };
        if self.tree.index.rows.contains_key(path) && self.intact(path)? {
            // A folder must have gone before.
            return if seen.kind == FileType::Directory { Err(Halt::Not(Reason::Base)) } else { Ok(false) };
        }
        if let Some(Content::File { hash: wanted, .. }) = wanted
            && seen.kind == FileType::RegularFile
            && self.hash(path)? == *wanted
        {
            return Ok(false);
        }
        let parent = path.parent().unwrap_or_else(TreePath::root);
        // What comes is what was here before somebody changed it.
        let alone = wanted.is_some() && self.astray.get(path).map(|row| &row.content) == wanted;
        let remark = match alone {
            true => "it was changed here alone; what was here is kept under this name, and the source's is back",
            false => "both sides changed it; what was here is kept under this name",
        };
        let time = self.time();
        for turn in 0..1000 {
            let name = conflict_name(path.name(), &time, &self.host(), turn);
            let Some(kept) = parent.join(&name) else { break };
            match self.tree.disk.rename(path, &kept, true) {
                Ok(()) => {
                    self.note(Note::Conflict, kept.to_bytes(), remark);
                    self.tree.index.apply(&Mutation::Drop(path.clone()), true)?;
                    return Ok(true);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Halt::Not(Reason::Refused))
    }

    /// Finds what somebody changed here and the source deleted or moved away: it stays where it is.
    pub(super) fn stays(&mut self) -> io::Result<()> {
        for (path, row) in std::mem::take(&mut self.astray) {
            let gone = row.file().is_some() && !self.tree.index.rows.contains_key(&path);
            if gone && self.tree.disk.look(&path)?.is_some_and(|seen| seen.kind == FileType::RegularFile) {
                self.tree.report.stayed.add(&path.to_bytes(), STAYS);
            }
        }
        Ok(())
    }

    pub(super) fn hash(&self, path: &TreePath) -> io::Result<Hash> {
        hash_of(&mut self.tree.disk.read(path)?.0, &mut vec![0; CHUNK])
    }

    fn time(&self) -> String {
        const TICKS_TO_UNIX_EPOCH: i64 = 621_355_968_000_000_000;
        let seconds = (self.tree.options.clock.now().ticks - TICKS_TO_UNIX_EPOCH) / 10_000_000;
        jiff::Timestamp::from_second(seconds).unwrap_or_default().strftime("%Y%m%dT%H%M%SZ").to_string()
    }

    fn host(&self) -> String {
        let fit = |c: &char| c.is_ascii_alphanumeric() || *c == '-' || *c == '.';
        self.tree.options.host.chars().filter(fit).take(64).collect()
    }

    /// Remembers how this end's own copy looks now.
    pub(super) fn remember(&mut self, path: &TreePath, hash: Hash) -> Result<(), ErrorRecord> {
        let seen = self.tree.disk.look(path).map_err(|e| trouble::io(e, &format!("'{path}'")))?;
        match seen {
            Some(seen) => self.tree.index.remember(path, Known { stamp: seen.stamp, hash }),
            None => Ok(()),
        }
    }
}

impl Doing {
    /// The places that it changes.
    pub(super) fn places(&self) -> impl Iterator<Item = &TreePath> {
        let (one, two) = match self {
            Doing::Folder(path, _) | Doing::Place(path, ..) | Doing::Link(path, _) => (path, None),
            Doing::Meta(path, ..) | Doing::Delete(path) => (path, None),
            Doing::Move(from, to) => (from, Some(to)),
        };
        std::iter::once(one).chain(two)
    }
}

fn left_in_it(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists)
}
