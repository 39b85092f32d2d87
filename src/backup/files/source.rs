//! The source's end: scans its tree, finds out what the target has, says what to do, and remembers what became durable.

use super::blocks::Signature;
use super::guard;
use super::merkle;
use super::message::{
    FORMAT, Listed, MOST_FOLDERS, MOST_OPERATIONS, Message, Note, Operation, Partial, Reason, Writer,
};
use super::path::TreePath;
use super::plan::{Step, plan};
use super::report::Report;
use super::row::{Content, Hash, MOST_ENTRIES, Mutation, Row, Rows, within};
use super::scan::{CHUNK, scan};
use super::sending::{Sending, head};
use super::tree::{Counted, End, Tree};
use super::trouble::{self, protocol};
use crate::error::ErrorRecord;
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};

/// Bytes of operations after which a message is sent: well below what a message may have.
pub(super) const FULL: usize = 64 * 1024;
/// Bytes of files after which a checkpoint is made: what an interruption can cost.
const BETWEEN_CHECKPOINTS: u64 = 64 << 20;
/// Checkpoints that may be under way: one is made durable while the next is prepared.
const UNDER_WAY: usize = 2;
/// Times that both ends go over their trees before what is left waits for the next synchronisation.
const ROUNDS: u32 = 4;

/// The end whose tree is followed.
pub struct Source {
    pub(super) tree: Tree,
    state: State,
    counted: Counted,
    /// What the target has, while it is asked.
    learned: Rows,
    asked: BTreeSet<TreePath>,
    to_ask: Vec<TreePath>,
    listing: Vec<Listed>,
    pub(super) partials: Vec<Partial>,
    pub(super) now: Rows,
    pub(super) steps: VecDeque<Step>,
    writer: Writer,
    /// Messages that are full.
    outbox: VecDeque<Bytes>,
    /// Operations since the last checkpoint, and the bytes of their files.
    pub(super) operations: u64,
    pub(super) concerned: u64,
    /// What each of them will have changed.
    pub(super) pending: Vec<Pending>,
    /// The same of checkpoints that are not acknowledged.
    pub(super) under_way: VecDeque<UnderWay>,
    checkpoint: u64,
    pub(super) current: Option<Sending>,
    /// Files whose differences did not do: they are sent whole.
    pub(super) whole: HashSet<TreePath>,
    pub(super) tries: BTreeMap<TreePath, u32>,
    pub(super) failed: bool,
    pub(super) buffer: Vec<u8>,
}

pub(super) struct UnderWay {
    number: u64,
    last: bool,
    pub(super) pending: Vec<Pending>,
}

/// What an operation will have changed when it is durable.
pub(super) struct Pending {
    pub operation: u64,
    pub mutation: Mutation,
    pub signature: Option<(Hash, Signature)>,
    /// Content was sent or copied for it.
    pub content: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Begin,
    Welcome,
    Listings,
    Working,
    Waiting,
    Finishing,
    Done,
}

impl Source {
    /// Begins a synchronisation: scans the tree.
    ///
    /// # Errors
    /// The tree or its index cannot be read; `FileSyncSourceEmpty`: nothing is left of a tree that held files, which
    /// looks like a disk that is not mounted (unless the tree may be empty).
    pub fn begin(tree: Tree) -> Result<Source, ErrorRecord> {
        let mut source = Source {
            tree,
            state: State::Begin,
            counted: Counted::default(),
            learned: Rows::new(),
            asked: BTreeSet::new(),
            to_ask: Vec::new(),
            listing: Vec::new(),
            partials: Vec::new(),
            now: Rows::new(),
            steps: VecDeque::new(),
            writer: Writer::default(),
            outbox: VecDeque::new(),
            operations: 0,
            concerned: 0,
            pending: Vec::new(),
            under_way: VecDeque::new(),
            checkpoint: 0,
            current: None,
            whole: HashSet::new(),
            tries: BTreeMap::new(),
            failed: false,
            buffer: vec![0; CHUNK],
        };
        source.look()?;
        Ok(source)
    }

    fn look(&mut self) -> Result<(), ErrorRecord> {
        let report = &mut self.tree.report;
        // Each round looks again; what the last one said is counted once.
        (report.looked_at, report.failed, report.refused) = Default::default();
        report.rounds += 1;
        let mut found = scan(&self.tree.disk, &self.tree.index.known, &|_| true, report)?;
        let empty = found.rows.is_empty() && found.unknown.is_empty();
        if empty && !self.tree.index.rows.is_empty() && !self.tree.options.may_be_empty {
            return Err(guard::empty(self.tree.index.rows.len()));
        }
        self.tree.moved_inodes = self.tree.index.known.iter().map(|(p, k)| (p.clone(), k.stamp.inode)).collect();
        // Of what could not be read nothing new is known.
        for place in &found.unknown {
            let old: Vec<_> = within(&self.tree.index.known, place).map(|(p, k)| (p.clone(), *k)).collect();
            found.known.extend(old);
        }
        self.tree.index.saw(found.known)?;
        self.now = found.rows;
        self.tree.unknown = found.unknown;
        Ok(())
    }

    /// What is synchronised becomes the base of the plan.
    fn plan(&mut self) -> Result<(), ErrorRecord> {
        for place in std::mem::take(&mut self.tree.unknown) {
            super::row::drop_tree(&mut self.now, &place);
            let old: Vec<_> = within(&self.tree.index.rows, &place).map(|(p, r)| (p.clone(), r.clone())).collect();
            self.now.extend(old);
        }
        self.tree.index.settle()?;
        let index = &self.tree.index;
        self.steps = plan(&index.rows, &self.now, &self.tree.moved_inodes, &index.known).into();
        self.state = State::Working;
        self.failed = false;
        if self.steps.is_empty() {
            self.sign_what_is_not()?;
            self.state = State::Finishing;
        }
        Ok(())
    }

    fn welcome(&mut self, root: Hash, partials: Vec<Partial>) -> Result<(), ErrorRecord> {
        self.partials = partials;
        if root == merkle::root(&self.tree.index.rows) {
            return self.plan();
        }
        self.learned = Rows::new();
        if root == merkle::root(&Rows::new()) {
            return self.learned_all();
        }
        self.to_ask = vec![TreePath::root()];
        self.asked.clear();
        self.state = State::Listings;
        Ok(())
    }

    fn listing(&mut self, folder: TreePath, last: bool, entries: Vec<Listed>) -> Result<(), ErrorRecord> {
        if !self.asked.contains(&folder) {
            return Err(protocol("a listing that nobody asked for"));
        }
        self.listing.extend(entries);
        if self.listing.len() + self.learned.len() > MOST_ENTRIES {
            return Err(trouble::too_many("entries of the target's tree", MOST_ENTRIES));
        }
        if !last {
            return Ok(());
        }
        self.asked.remove(&folder);
        let own = merkle::folders(&self.tree.index.rows);
        for entry in std::mem::take(&mut self.listing) {
            let Some(path) = folder.join(&entry.name) else { return Err(protocol("a name that is none")) };
            if entry.row.is_folder() {
                let same =
                    self.tree.index.rows.get(&path).is_some_and(Row::is_folder) && own.get(&path) == Some(&entry.below);
                if same {
                    let below = within(&self.tree.index.rows, &path).map(|(p, r)| (p.clone(), r.clone()));
                    self.learned.extend(below);
                } else {
                    self.to_ask.push(path.clone());
                }
            }
            self.learned.insert(path, entry.row);
        }
        if self.asked.is_empty() && self.to_ask.is_empty() { self.learned_all() } else { Ok(()) }
    }

    fn learned_all(&mut self) -> Result<(), ErrorRecord> {
        let learned = std::mem::take(&mut self.learned);
        // Before it is remembered as if it had been synchronised.
        let remembers = self.tree.index.remembers();
        guard::believes(&self.now, &self.tree.unknown, &learned, remembers, &self.tree.options)?;
        self.tree.index.replace(learned)?;
        self.plan()
    }

    pub(super) fn put(&mut self, operation: &Operation) {
        self.writer.put(operation);
        if self.writer.len() >= FULL {
            self.outbox.push_back(self.writer.take());
        }
    }

    /// Counts an operation that changes something.
    fn counts(&mut self, mutation: Mutation, content: bool) {
        self.pending.push(Pending { operation: self.operations, mutation, signature: None, content });
        self.operations += 1;
    }

    /// Goes on: true if something was written.
    fn work(&mut self) -> Result<(), ErrorRecord> {
        if self.current.is_some() {
            return self.send_more();
        }
        let many = self.operations as usize + 2 >= MOST_OPERATIONS || self.concerned >= BETWEEN_CHECKPOINTS;
        let Some(step) = (if many { Some(Step::Barrier) } else { self.steps.pop_front() }) else {
            self.make_checkpoint(true);
            self.state = State::Waiting;
            return Ok(());
        };
        match step {
            Step::Barrier if self.operations > 0 => self.make_checkpoint(false),
            Step::Barrier => {}
            Step::Put(path, row) => {
                self.put(&match &row.content {
                    Content::Folder if !self.tree.index.rows.contains_key(&path) => {
                        Operation::Folder(path.clone(), row.mode, row.mtime)
                    }
                    Content::Link { to } => Operation::Link(path.clone(), row.mtime, to.clone()),
                    _ => Operation::Meta(path.clone(), row.mode, row.mtime),
                });
                self.tree.report.touched += 1;
                self.counts(Mutation::Put(path, row), false);
            }
            Step::Move(from, to) => {
                let bytes = within(&self.tree.index.rows, &from).filter_map(|(_, r)| r.file()).map(|(s, _)| s).sum();
                self.put(&Operation::Move(from.clone(), to.clone()));
                self.tree.report.moved += 1;
                self.saved(bytes, bytes);
                self.counts(Mutation::Move(from, to), false);
            }
            Step::Delete(path) => {
                self.put(&Operation::Delete(path.clone()));
                self.tree.report.deleted += within(&self.tree.index.rows, &path).count().max(1) as u64;
                self.counts(Mutation::Drop(path), false);
            }
            Step::Copy(path, row, from) => {
                let Some((size, _)) = row.file() else { return Ok(()) };
                let head = head(&path, &row, Some(from), 0);
                for operation in [Operation::File(Box::new(head)), Operation::Copy(0, size), Operation::End] {
                    self.put(&operation);
                }
                self.tree.report.copied += 1;
                self.saved(size, size);
                self.concerned += size;
                self.counts(Mutation::Put(path, row), true);
            }
            Step::File(path, row, base) => self.begin_file(path, row, base)?,
        }
        Ok(())
    }

    pub(super) fn saved(&mut self, concerned: u64, saved: u64) {
        self.tree.report.bytes_concerned += concerned;
        self.tree.report.bytes_saved += saved;
    }

    fn make_checkpoint(&mut self, last: bool) {
        self.checkpoint += 1;
        self.put(&Operation::Checkpoint(self.checkpoint, last));
        let pending = std::mem::take(&mut self.pending);
        self.under_way.push_back(UnderWay { number: self.checkpoint, last, pending });
        (self.operations, self.concerned) = (0, 0);
    }

    fn committed(
        &mut self,
        number: u64,
        failures: &[(u64, Reason)],
        notes: Vec<(Note, Vec<u8>)>,
        root: Option<Hash>,
    ) -> Result<(), ErrorRecord> {
        let Some(done) = self.under_way.pop_front().filter(|done| done.number == number) else {
            return Err(protocol("an acknowledgement of what is not under way"));
        };
        for (note, name) in notes {
            let report = &mut self.tree.report;
            match note {
                Note::Conflict => report.conflicts.add(&name, "changed at the target, where it is kept"),
                Note::Diverged => report.diverged.add(&name, "changed at the target"),
                Note::Failed => report.failed.add(&name, "refused by the target's system"),
            }
        }
        let failed: BTreeMap<u64, Reason> = failures.iter().copied().collect();
        self.tree.index.begin()?;
        for Pending { operation, mutation, signature, content } in done.pending {
            let Some(reason) = failed.get(&operation) else {
                self.tree.index.apply(&mutation, false)?;
                if let Some((hash, signature)) = signature {
                    self.tree.index.sign(&hash, &signature)?;
                }
                continue;
            };
            if let Mutation::Put(path, _) = &mutation
                && *reason != Reason::Refused
                && content
            {
                self.tree.report.retried.add(&path.to_bytes(), "it did not arrive whole");
                self.whole.insert(path.clone());
            }
            self.failed |= *reason != Reason::Refused;
        }
        self.tree.index.commit()?;
        if !done.last {
            return Ok(());
        }
        let same = root == Some(merkle::root(&self.tree.index.rows));
        let again = (self.failed || !same) && self.tree.report.rounds < ROUNDS;
        if again {
            self.look()?;
            self.state = State::Begin;
            return Ok(());
        }
        if self.failed || !same {
            self.tree.report.failed.add(b".", "the trees are not the same yet; the next turn goes on");
        }
        self.sign_what_is_not()?;
        self.state = State::Finishing;
        Ok(())
    }

    /// Content that the target had already, or whose acknowledgement was lost, gets its signature now.
    fn sign_what_is_not(&mut self) -> Result<(), ErrorRecord> {
        self.tree.sign()
    }
}

impl End for Source {
    fn next(&mut self) -> Result<Option<Bytes>, ErrorRecord> {
        if let Some(message) = self.outbox.pop_front() {
            return Ok(Some(self.counted.sent(message)));
        }
        let message = match self.state {
            State::Begin => {
                self.state = State::Welcome;
                Message::Hello { format: FORMAT, root: merkle::root(&self.tree.index.rows) }.encode()
            }
            State::Listings if !self.to_ask.is_empty() && self.asked.is_empty() => {
                let rest = self.to_ask.split_off(self.to_ask.len().min(MOST_FOLDERS / 4));
                let now = std::mem::replace(&mut self.to_ask, rest);
                self.asked = now.iter().cloned().collect();
                Message::Ask(now).encode()
            }
            State::Working | State::Waiting => {
                while self.state == State::Working && self.outbox.is_empty() && self.under_way.len() < UNDER_WAY {
                    self.work()?;
                }
                match self.outbox.pop_front() {
                    Some(message) => message,
                    None if self.writer.len() == 0 => return Ok(None),
                    None => self.writer.take(),
                }
            }
            State::Finishing => {
                self.state = State::Done;
                Message::Finish.encode()
            }
            State::Welcome | State::Listings | State::Done => return Ok(None),
        };
        Ok(Some(self.counted.sent(message)))
    }

    fn receive(&mut self, message: Bytes) -> Result<(), ErrorRecord> {
        self.counted.received(&message);
        match (Message::decode(&message)?, self.state) {
            (Message::Welcome { root, partials }, State::Welcome) => self.welcome(root, partials),
            (Message::Listing { folder, last, entries }, State::Listings) => self.listing(folder, last, entries),
            (Message::Committed { number, failures, notes, root }, State::Working | State::Waiting) => {
                self.committed(number, &failures, notes, root)
            }
            (Message::Finished, State::Done) => {
                self.counted.finished = true;
                Ok(())
            }
            (Message::Refused(id, message), _) => Err(super::tree::refused(&id, &message)),
            (_, state) => Err(protocol(format!("a message that does not belong here ({state:?})"))),
        }
    }

    fn finished(&self) -> bool {
        self.counted.finished
    }

    fn report(&self) -> Report {
        self.counted.fill(&self.tree.report)
    }
}
