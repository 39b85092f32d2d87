//! The target's end: says what it has, takes what comes into the staging folder, and puts it into place at checkpoints.

use super::apply::{Batch, Doing};
use super::merkle;
use super::message::{
    FORMAT, FileHead, LARGEST_MESSAGE, Listed, MOST_NAMES, MOST_OPERATIONS, Message, Note, Operation, Partial, Reason,
};
use super::path::{TreePath, link_stays_inside};
use super::removals::Removals;
use super::report::Report;
use super::row::{Content, Hash, Row, Rows, children};
use super::staging::{Base, Fault, Staged, Staging};
use super::tree::{Counted, End, Tree};
use super::trouble::{self, protocol};
use crate::error::{Category, ErrorRecord};
use bytes::Bytes;
use std::collections::{BTreeSet, VecDeque};
use std::fs::File;

/// The end whose tree follows.
pub struct Target {
    pub(super) tree: Tree,
    pub(super) staging: Staging,
    counted: Counted,
    outbox: VecDeque<Bytes>,
    partials: Vec<Partial>,
    /// Somebody said hello.
    greeted: bool,
    /// Operations since the last checkpoint.
    operations: u64,
    checkpoint: u64,
    pub(super) batch: Batch,
    pub(super) removals: Removals,
    /// What was synchronised at places where somebody changed it here since.
    pub(super) astray: Rows,
    current: Option<Taking>,
    /// Folders whose time and mode are set at the end, because what is done in them changes both.
    pub(super) touched: BTreeSet<TreePath>,
    /// What the source is still to be told.
    pub(super) notes: Vec<(Note, Vec<u8>)>,
    #[cfg(test)]
    pub(super) fuse: Option<u64>,
}

/// A file that comes.
struct Taking {
    head: FileHead,
    operation: u64,
    /// `None`: it is of no use any more, the rest of it is ignored.
    staged: Option<Staged>,
}

impl Target {
    /// Begins: finishes what an interruption left half done, and looks whether the tree is still as it was
    /// synchronised.
    ///
    /// # Errors
    /// The tree or its index cannot be read or written.
    pub fn begin(tree: Tree) -> Result<Target, ErrorRecord> {
        let mut staging = Staging::open(&tree.disk).map_err(|e| trouble::io(e, "the staging folder"))?;
        let partials = staging.partials().map_err(|e| trouble::io(e, "the staging folder"))?;
        let mut target = Target {
            tree,
            staging,
            counted: Counted::default(),
            outbox: VecDeque::new(),
            partials,
            greeted: false,
            operations: 0,
            checkpoint: 0,
            batch: Batch::default(),
            removals: Removals::default(),
            astray: Rows::new(),
            current: None,
            touched: BTreeSet::new(),
            notes: Vec::new(),
            #[cfg(test)]
            fuse: None,
        };
        target.recover()?;
        target.compare()?;
        Ok(target)
    }

    /// Tells the source something about a name; what does not fit is only counted here.
    pub(super) fn note(&mut self, note: Note, name: Vec<u8>, remark: &str) {
        let report = &mut self.tree.report;
        let names = match note {
            Note::Conflict => &mut report.conflicts,
            Note::Diverged => &mut report.diverged,
            Note::Failed => &mut report.failed,
        };
        names.add(&name, remark);
        if self.notes.iter().filter(|(other, _)| *other == note).count() < MOST_NAMES {
            self.notes.push((note, name));
        }
    }

    fn hello(&mut self, format: u64) -> Result<(), ErrorRecord> {
        if format != FORMAT {
            let message = format!("the source speaks form {format} of the file synchronisation, this one {FORMAT}");
            return Err(ErrorRecord::new("FileSyncVersion", Category::InvalidOperation, message)
                .hint("use the same version of the program on both computers"));
        }
        if self.operations > 0 || self.current.is_some() {
            return Err(protocol("a greeting in the midst of operations"));
        }
        self.greeted = true;
        self.removals.forget();
        self.tree.report.rounds += 1;
        let root = merkle::root(&self.tree.index.rows);
        let partials = std::mem::take(&mut self.partials);
        self.send(&Message::Welcome { root, partials });
        Ok(())
    }

    fn send(&mut self, message: &Message) {
        self.outbox.push_back(message.encode());
    }

    fn list(&mut self, folders: Vec<TreePath>) {
        let hashes = merkle::folders(&self.tree.index.rows);
        for folder in folders {
            let (mut entries, mut size) = (Vec::new(), 0);
            let mut full = Vec::new();
            for (path, row) in children(&self.tree.index.rows, &folder) {
                let link = if let Content::Link { to } = &row.content { to.len() } else { 0 };
                size += path.name().len() + link + 128;
                if size > LARGEST_MESSAGE / 2 {
                    full.push(std::mem::take(&mut entries));
                    size = 0;
                }
                let below = hashes.get(path).copied().unwrap_or_default();
                entries.push(Listed { name: path.name().to_vec(), row: row.clone(), below });
            }
            for entries in full {
                self.send(&Message::Listing { folder: folder.clone(), last: false, entries });
            }
            self.send(&Message::Listing { folder, last: true, entries });
        }
    }

    fn operation(&mut self, operation: Operation) -> Result<(), ErrorRecord> {
        if self.current.is_some()
            && !matches!(operation, Operation::Copy(..) | Operation::Data(_) | Operation::End | Operation::Abort)
        {
            return Err(protocol("a file has no end"));
        }
        match operation {
            Operation::Folder(path, mode, mtime) => {
                self.takes(Doing::Folder(path, Row { mode, mtime, content: Content::Folder }))
            }
            Operation::Move(from, to) => self.takes(Doing::Move(from, to)),
            Operation::Link(path, mtime, to) => {
                if !link_stays_inside(path.depth().saturating_sub(1), &to) {
                    return Err(protocol(format!("the link '{path}' leads out of the tree")));
                }
                self.takes(Doing::Link(path, Row { mode: 0, mtime, content: Content::Link { to } }))
            }
            Operation::Meta(path, mode, mtime) => self.takes(Doing::Meta(path, mode, mtime)),
            Operation::Delete(path) => self.takes(Doing::Delete(path)),
            Operation::File(head) => self.begin_file(*head),
            Operation::Copy(skip, length) => self.take(|staged| staged.copy(skip, length)),
            Operation::Data(bytes) => self.take(|staged| staged.data(&bytes)),
            Operation::End => self.end_file(),
            Operation::Abort => {
                let taking = self.current.take().ok_or_else(|| protocol("the end of no file"))?;
                self.forget(taking.staged)
            }
            Operation::Checkpoint(number, last) => {
                if number != self.checkpoint + 1 {
                    return Err(protocol("a checkpoint is missing"));
                }
                self.checkpoint = number;
                self.operations = 0;
                let failures = self.settle(last)?;
                let root = last.then(|| merkle::root(&self.tree.index.rows));
                let notes = std::mem::take(&mut self.notes);
                self.send(&Message::Committed { number, failures, notes, root });
                Ok(())
            }
        }
    }

    /// Counts an operation.
    fn number(&mut self) -> Result<u64, ErrorRecord> {
        let number = self.operations;
        self.operations += 1;
        if self.operations > MOST_OPERATIONS as u64 {
            return Err(protocol("more operations than there may be between checkpoints"));
        }
        Ok(number)
    }

    fn takes(&mut self, doing: Doing) -> Result<(), ErrorRecord> {
        let number = self.number()?;
        self.batch.doings.push((number, doing));
        Ok(())
    }

    fn begin_file(&mut self, head: FileHead) -> Result<(), ErrorRecord> {
        let operation = self.number()?;
        let base = match &head.base {
            None => Ok(None),
            Some(path) => match self.base(path) {
                None => Err(()),
                Some((file, size, hash)) => Ok(Some(Base { file, size, signature: self.tree.index.signature(&hash)? })),
            },
        };
        let staged = match base {
            Ok(base) => self.staging.begin(&head, base).map_err(|e| trouble::io(e, "a file in the staging folder"))?,
            Err(()) => None,
        };
        if staged.is_none() {
            self.batch.failures.push((operation, Reason::Base));
        }
        self.current = Some(Taking { head, operation, staged });
        Ok(())
    }

    /// Opens what parts are copied from: as it was synchronised, or not at all. A move in this batch, that is not
    /// made yet, is seen through.
    fn base(&self, path: &TreePath) -> Option<(File, u64, Hash)> {
        let mut at = path.clone();
        for (_, doing) in self.batch.doings.iter().rev() {
            if let Doing::Move(from, to) = doing
                && at.is_within(to)
            {
                at = at.rebase(to, from);
            }
        }
        let (file, seen) = self.tree.disk.read(&at).ok()?;
        let known = self.tree.index.known.get(&at)?;
        let (size, hash) = self.tree.index.rows.get(&at).and_then(Row::file)?;
        let intact = super::apply::is_stamp(&seen, known) && known.hash == *hash;
        intact.then_some((file, size, *hash))
    }

    fn take(&mut self, work: impl FnOnce(&mut Staged) -> Result<(), Fault>) -> Result<(), ErrorRecord> {
        let taking = self.current.as_mut().ok_or_else(|| protocol("content of no file"))?;
        let Some(staged) = &mut taking.staged else { return Ok(()) };
        match work(staged) {
            Ok(()) => Ok(()),
            Err(Fault::Wrong) => {
                self.batch.failures.push((taking.operation, Reason::Hash));
                let staged = taking.staged.take();
                self.forget(staged)
            }
            Err(Fault::System(error)) => {
                let what = format!("'{}' in the staging folder", taking.head.path);
                let staged = taking.staged.take();
                self.forget(staged)?;
                Err(trouble::io(error, &what))
            }
        }
    }

    fn end_file(&mut self) -> Result<(), ErrorRecord> {
        let Taking { head, operation, staged } = self.current.take().ok_or_else(|| protocol("the end of no file"))?;
        let Some(staged) = staged else { return Ok(()) };
        let name = staged.name.clone();
        match self.staging.complete(staged, &head) {
            Ok((name, signature)) => {
                let content = Content::File { size: head.size, hash: head.hash };
                let row = Row { mode: head.mode, mtime: head.mtime, content };
                self.batch.doings.push((operation, Doing::Place(head.path, row, name, signature)));
                Ok(())
            }
            Err(fault) => {
                self.staging.remove(&name).map_err(|e| trouble::io(e, "the staging folder"))?;
                match fault {
                    Fault::Wrong => {
                        self.batch.failures.push((operation, Reason::Hash));
                        Ok(())
                    }
                    Fault::System(error) => Err(trouble::io(error, &format!("'{}' in the staging folder", head.path))),
                }
            }
        }
    }

    fn forget(&mut self, staged: Option<Staged>) -> Result<(), ErrorRecord> {
        let Some(staged) = staged else { return Ok(()) };
        self.staging.remove(&staged.name).map_err(|e| trouble::io(e, "the staging folder"))
    }

    fn finish(&mut self) -> Result<(), ErrorRecord> {
        self.stays().map_err(|e| trouble::io(e, "what was changed here"))?;
        self.tree.sign()?;
        let closed = Staging::open(&self.tree.disk)
            .and_then(|new| std::mem::replace(&mut self.staging, new).close(&self.tree.disk));
        closed.map_err(|e| trouble::io(e, "the staging folder"))?;
        self.send(&Message::Finished);
        self.counted.finished = true;
        Ok(())
    }

    #[cfg(test)]
    pub(super) fn step(&mut self) -> Result<(), ErrorRecord> {
        if let Some(fuse) = &mut self.fuse {
            if *fuse == 0 {
                return Err(ErrorRecord::new("Killed", Category::OperationStopped, "killed by the test"));
            }
            *fuse -= 1;
        }
        Ok(())
    }

    /// A place at which a test may end the process.
    #[cfg(not(test))]
    #[allow(clippy::unused_self, clippy::unnecessary_wraps, reason = "the test's form of it does both")]
    pub(super) fn step(&mut self) -> Result<(), ErrorRecord> {
        Ok(())
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        // What has arrived of the file under way is gone on with next time; without it it is sent again.
        if let Some(Taking { staged: Some(staged), .. }) = &mut self.current
            && staged.keep().is_err()
        {
            tracing::debug!("what has arrived of a file could not be kept");
        }
    }
}

impl End for Target {
    fn next(&mut self) -> Result<Option<Bytes>, ErrorRecord> {
        Ok(self.outbox.pop_front().map(|message| self.counted.sent(message)))
    }

    fn receive(&mut self, message: Bytes) -> Result<(), ErrorRecord> {
        self.counted.received(&message);
        match Message::decode(&message)? {
            _ if self.counted.finished => Err(protocol("a message after the last")),
            Message::Hello { format, .. } => self.hello(format),
            Message::Refused(id, message) => Err(super::tree::refused(&id, &message)),
            _ if !self.greeted => Err(protocol("a message before the greeting")),
            Message::Ask(folders) => {
                self.list(folders);
                Ok(())
            }
            Message::Operations(operations) => operations.into_iter().try_for_each(|o| self.operation(o)),
            Message::Finish if self.operations == 0 && self.current.is_none() => self.finish(),
            _ => Err(protocol("a message that does not belong here")),
        }
    }

    fn finished(&self) -> bool {
        self.counted.finished && self.outbox.is_empty()
    }

    fn report(&self) -> Report {
        self.counted.fill(&self.tree.report)
    }
}
