//! The source's end: scans its tree, finds out what the target has, says what to do, and remembers what became durable.

use super::blocks::{Signature, Signer};
use super::delta::{Matcher, Piece};
use super::disk::Seen;
use super::merkle;
use super::message::{
    FORMAT, FileHead, Listed, MOST_FOLDERS, MOST_OPERATIONS, Message, Note, Operation, Partial, Reason, Writer,
};
use super::path::TreePath;
use super::plan::{Step, plan};
use super::report::Report;
use super::row::{Content, Hash, MOST_ENTRIES, Mutation, Row, Rows, within};
use super::scan::{CHUNK, TRIES, read_steadily, scan};
use super::trouble::{self, protocol};
use super::tree::{Counted, End, Tree};
use crate::error::{Category, ErrorRecord};
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

/// Bytes of operations after which a message is sent: well below what a message may have.
const FULL: usize = 64 * 1024;
/// Bytes of files after which a checkpoint is made: what an interruption can cost.
const BETWEEN_CHECKPOINTS: u64 = 64 << 20;
/// Checkpoints that may be under way: one is made durable while the next is prepared.
const UNDER_WAY: usize = 2;
/// Times that both ends go over their trees before what is left waits for the next synchronisation.
const ROUNDS: u32 = 4;

/// The end whose tree is followed.
pub struct Source {
    tree: Tree,
    state: State,
    counted: Counted,
    /// What the target has, while it is asked.
    learned: Rows,
    asked: BTreeSet<TreePath>,
    to_ask: Vec<TreePath>,
    listing: Vec<Listed>,
    partials: Vec<Partial>,
    now: Rows,
    steps: VecDeque<Step>,
    writer: Writer,
    /// Messages that are full.
    outbox: VecDeque<Bytes>,
    /// Operations since the last checkpoint, and the bytes of their files.
    operations: u64,
    concerned: u64,
    /// What each of them will have changed.
    pending: Vec<(u64, Mutation, Option<(Hash, Signature)>, u64)>,
    /// The same of checkpoints that are not acknowledged.
    under_way: VecDeque<UnderWay>,
    checkpoint: u64,
    current: Option<Sending>,
    /// Files whose differences did not do: they are sent whole.
    whole: HashSet<TreePath>,
    tries: BTreeMap<TreePath, u32>,
    failed: bool,
    buffer: Vec<u8>,
}

struct UnderWay {
    number: u64,
    last: bool,
    pending: Vec<(u64, Mutation, Option<(Hash, Signature)>, u64)>,
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

/// A file under way.
struct Sending {
    path: TreePath,
    row: Row,
    file: File,
    seen: Seen,
    matcher: Matcher,
    signer: Option<Signer>,
    /// Where the next copy is expected.
    expected: u64,
    left: u64,
    operation: u64,
    data: u64,
    fresh: bool,
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
            return Err(ErrorRecord::new(
                "FileSyncSourceEmpty",
                Category::InvalidOperation,
                format!("the file tree is empty, and {} entries were synchronised before", self.tree.index.rows.len()),
            )
            .hint("is its disk mounted? With -Force the target is emptied too"));
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
                let same = self.tree.index.rows.get(&path).is_some_and(Row::is_folder)
                    && own.get(&path) == Some(&entry.below);
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
        self.tree.index.replace(learned)?;
        self.plan()
    }

    fn put(&mut self, operation: &Operation) {
        self.writer.put(operation);
        if self.writer.len() >= FULL {
            self.outbox.push_back(self.writer.take());
        }
    }

    /// Counts an operation that changes something.
    fn counts(&mut self, mutation: Mutation, signature: Option<(Hash, Signature)>, bytes: u64) {
        self.pending.push((self.operations, mutation, signature, bytes));
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
                self.counts(Mutation::Put(path, row), None, 0);
            }
            Step::Move(from, to) => {
                let bytes = within(&self.tree.index.rows, &from).filter_map(|(_, r)| r.file()).map(|(s, _)| s).sum();
                self.put(&Operation::Move(from.clone(), to.clone()));
                self.tree.report.moved += 1;
                self.saved(bytes, bytes);
                self.counts(Mutation::Move(from, to), None, 0);
            }
            Step::Delete(path) => {
                self.put(&Operation::Delete(path.clone()));
                self.tree.report.deleted += within(&self.tree.index.rows, &path).count().max(1) as u64;
                self.counts(Mutation::Drop(path), None, 0);
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
                self.counts(Mutation::Put(path, row), None, size);
            }
            Step::File(path, row, base) => self.begin_file(path, row, base)?,
        }
        Ok(())
    }

    fn saved(&mut self, concerned: u64, saved: u64) {
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

    fn begin_file(&mut self, path: TreePath, row: Row, base: Option<TreePath>) -> Result<(), ErrorRecord> {
        let Some((size, hash)) = row.file().map(|(size, hash)| (size, *hash)) else { return Ok(()) };
        let known = self.tree.index.known.get(&path).copied();
        let opened = self.tree.disk.read(&path);
        let (mut file, seen) = match opened {
            // A stamp that is not certain is not compared in that part; the target checks the hash of what arrives.
            Ok((file, seen)) if known.is_some_and(|known| same(&seen, &known)) => (file, seen),
            Ok(_) => return self.again(path, row, base),
            Err(error) => {
                self.tree.report.failed.add(&path.to_bytes(), &error.to_string());
                return Ok(());
            }
        };
        let fresh = base.is_none();
        let base = base.filter(|_| !self.whole.contains(&path));
        // The signature of what the target has there, as of when it was synchronised.
        let old = match &base {
            Some(base) => match self.tree.index.rows.get(base).or(None).and_then(Row::file) {
                Some((_, hash)) => self.tree.index.signature(hash)?,
                None => self.moved_signature(base)?,
            },
            None => None,
        };
        let base = base.filter(|_| old.is_some());
        let mut resume = 0;
        if let Some(at) = self.partials.iter().position(|p| p.hash == hash && p.length <= size) {
            let partial = self.partials.swap_remove(at);
            if prefix_is(&mut file, &partial, &mut self.buffer) {
                resume = partial.length;
            }
        }
        let mut signer = Signer::new(size);
        let prepared = file.seek(SeekFrom::Start(0)).and_then(|_| skim(&mut file, resume, &mut signer, &mut self.buffer));
        if let Err(error) = prepared {
            self.tree.report.failed.add(&path.to_bytes(), &error.to_string());
            return Ok(());
        }
        self.put(&Operation::File(Box::new(head(&path, &row, base, resume))));
        let operation = self.operations;
        self.operations += 1;
        let matcher = Matcher::new(old, resume);
        let (expected, left) = (resume, size - resume);
        self.concerned += size;
        self.current = Some(Sending {
            path,
            row,
            file,
            seen,
            matcher,
            signer,
            expected,
            left,
            operation,
            data: 0,
            fresh,
        });
        Ok(())
    }

    /// The signature of a file that a move, which is not acknowledged yet, brought to its place.
    fn moved_signature(&self, path: &TreePath) -> Result<Option<Signature>, ErrorRecord> {
        let mut at = path.clone();
        let moves = self.under_way.iter().flat_map(|u| &u.pending).chain(&self.pending);
        for (_, mutation, ..) in moves.collect::<Vec<_>>().into_iter().rev() {
            match mutation {
                Mutation::Move(from, to) if at.is_within(to) => at = at.rebase(to, from),
                Mutation::Put(put, row) if *put == at => {
                    return row.file().map_or(Ok(None), |(_, hash)| self.tree.index.signature(hash));
                }
                _ => {}
            }
        }
        self.tree.index.rows.get(&at).and_then(Row::file).map_or(Ok(None), |(_, hash)| self.tree.index.signature(hash))
    }

    /// A file changed since it was scanned: it is looked at again, a bounded number of times.
    fn again(&mut self, path: TreePath, row: Row, base: Option<TreePath>) -> Result<(), ErrorRecord> {
        let tries = self.tries.entry(path.clone()).or_default();
        *tries += 1;
        if *tries > TRIES {
            self.tree.report.failed.add(&path.to_bytes(), "it changes all the time; the next turn tries again");
            return Ok(());
        }
        self.tree.report.retried.add(&path.to_bytes(), "it changed before it was sent");
        let parent = path.parent().unwrap_or_else(TreePath::root);
        let read = self.tree.disk.folder(&parent).and_then(|folder| {
            read_steadily(&*folder, path.name(), &mut self.buffer, &path, &mut self.tree.report)
        });
        match read {
            Ok(Some((seen, known))) => {
                self.tree.index.known.insert(path.clone(), known);
                let content = Content::File { size: seen.stamp.size, hash: known.hash };
                let row = Row { mode: seen.mode, mtime: seen.stamp.mtime, content };
                self.now.insert(path.clone(), row.clone());
                self.steps.push_front(Step::File(path, row, base));
            }
            Ok(None) => {
                self.tree.report.failed.add(&path.to_bytes(), "it changes all the time; the next turn tries again");
            }
            // It has gone: the next round sees it.
            Err(error) if super::disk::gone(&error) => self.failed = true,
            Err(error) => self.tree.report.failed.add(&path.to_bytes(), &error.to_string()),
        }
        drop(row);
        Ok(())
    }

    fn send_more(&mut self) -> Result<(), ErrorRecord> {
        let Some(mut sending) = self.current.take() else { return Ok(()) };
        let mut pieces = Vec::new();
        let want = (sending.left as usize).min(self.buffer.len() / 2).min(FULL);
        let read = if want == 0 { Ok(0) } else { sending.file.read(&mut self.buffer[..want]) };
        let read = match read {
            Ok(0) if want > 0 => None,
            Ok(read) => Some(read),
            Err(_) => None,
        };
        if let Some(read) = read {
            let bytes = &self.buffer[..read];
            sending.left -= read as u64;
            if let Some(signer) = &mut sending.signer {
                signer.update(bytes);
            }
            sending.matcher.feed(bytes, &mut pieces);
            if sending.left == 0 {
                sending.matcher.finish(&mut pieces);
            }
        }
        for piece in pieces {
            let operation = match piece {
                Piece::Copy(from, length) => {
                    let skip = from as i64 - sending.expected as i64;
                    sending.expected = from + length;
                    Operation::Copy(skip, length)
                }
                Piece::Data(bytes) => {
                    sending.expected += bytes.len() as u64;
                    sending.data += bytes.len() as u64;
                    Operation::Data(bytes.into())
                }
            };
            self.put(&operation);
        }
        if read.is_some() && sending.left > 0 {
            self.current = Some(sending);
            return Ok(());
        }
        let after = rustix::fs::fstat(&sending.file).map(Seen::from);
        let steady = read.is_some() && after.is_ok_and(|after| after.stamp == sending.seen.stamp);
        let Sending { path, row, signer, operation, data, fresh, .. } = sending;
        if !steady {
            self.put(&Operation::Abort);
            return self.again(path.clone(), row, (!fresh).then_some(path));
        }
        self.put(&Operation::End);
        let Some((size, hash)) = row.file().map(|(size, hash)| (size, *hash)) else { return Ok(()) };
        if fresh { self.tree.report.created += 1 } else { self.tree.report.changed += 1 }
        self.saved(size, size.saturating_sub(data));
        let signature = signer.map(|signer| (hash, signer.finish()));
        self.pending.push((operation, Mutation::Put(path, row), signature, size));
        Ok(())
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
                Note::Conflict => report.conflicts.add(&name, "both sides changed it; the target's is kept there"),
                Note::Diverged => report.diverged.add(&name, "changed at the target"),
                Note::Failed => report.failed.add(&name, "refused by the target's system"),
            }
        }
        let failed: BTreeMap<u64, Reason> = failures.iter().copied().collect();
        self.tree.index.begin()?;
        for (operation, mutation, signature, bytes) in done.pending {
            let Some(reason) = failed.get(&operation) else {
                self.tree.index.apply(&mutation, false)?;
                if let Some((hash, signature)) = signature {
                    self.tree.index.sign(&hash, &signature)?;
                }
                continue;
            };
            if let Mutation::Put(path, _) = &mutation
                && *reason != Reason::Refused
                && bytes > 0
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

/// Whether an open file is as it was scanned.
fn same(seen: &Seen, known: &super::row::Known) -> bool {
    let (a, b) = (seen.stamp, known.stamp);
    a.inode == b.inode && a.mtime == b.mtime && a.size == b.size && (b.ctime == 0 || a.ctime == b.ctime)
}

fn head(path: &TreePath, row: &Row, base: Option<TreePath>, resume: u64) -> FileHead {
    let (size, hash) = row.file().map_or((0, Hash::default()), |(size, hash)| (size, *hash));
    FileHead { path: path.clone(), mode: row.mode, mtime: row.mtime, size, hash, base, resume }
}

/// Whether a file begins with what the target has of it.
fn prefix_is(file: &mut File, partial: &Partial, buffer: &mut [u8]) -> bool {
    let mut hasher = blake3::Hasher::new();
    let mut left = partial.length;
    while left > 0 {
        let want = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        match file.read(&mut buffer[..want]) {
            Ok(read) if read > 0 => {
                hasher.update(&buffer[..read]);
                left -= read as u64;
            }
            _ => return false,
        }
    }
    hasher.finalize() == partial.prefix
}

/// Reads the part of a file that need not travel, for its signature.
fn skim(file: &mut File, mut left: u64, signer: &mut Option<Signer>, buffer: &mut [u8]) -> std::io::Result<()> {
    while left > 0 {
        let want = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let read = file.read(&mut buffer[..want])?;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(signer) = signer {
            signer.update(&buffer[..read]);
        }
        left -= read as u64;
    }
    Ok(())
}
