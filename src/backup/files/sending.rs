//! How the source sends a file: what the target has of it is found from the signature, the rest travels; a file that
//! changes meanwhile is taken again.

use super::blocks::{Signature, Signer};
use super::delta::{Matcher, Piece};
use super::disk::Seen;
use super::message::{FileHead, Operation, Partial};
use super::path::TreePath;
use super::plan::Step;
use super::row::{Content, Hash, Mutation, Row};
use super::scan::{TRIES, read_steadily};
use super::source::{FULL, Pending, Source};
use crate::error::ErrorRecord;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

/// A file under way.
pub(super) struct Sending {
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
    pub(super) fn begin_file(&mut self, path: TreePath, row: Row, base: Option<TreePath>) -> Result<(), ErrorRecord> {
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
        let prepared =
            file.seek(SeekFrom::Start(0)).and_then(|_| skim(&mut file, resume, &mut signer, &mut self.buffer));
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
        self.current =
            Some(Sending { path, row, file, seen, matcher, signer, expected, left, operation, data: 0, fresh });
        Ok(())
    }

    /// The signature of a file that a move, which is not acknowledged yet, brought to its place.
    fn moved_signature(&self, path: &TreePath) -> Result<Option<Signature>, ErrorRecord> {
        let mut at = path.clone();
        let moves = self.under_way.iter().flat_map(|u| &u.pending).chain(&self.pending);
        for Pending { mutation, .. } in moves.collect::<Vec<_>>().into_iter().rev() {
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
        let read =
            self.tree.disk.folder(&parent).and_then(|folder| {
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

    pub(super) fn send_more(&mut self) -> Result<(), ErrorRecord> {
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
            sending.matcher.feed(bytes, sending.signer.as_ref(), &mut pieces);
            if sending.left == 0 {
                sending.matcher.finish(sending.signer.as_ref(), &mut pieces);
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
        if fresh {
            self.tree.report.created += 1
        } else {
            self.tree.report.changed += 1
        }
        self.saved(size, size.saturating_sub(data));
        let signature = signer.map(|signer| (hash, signer.finish()));
        let mutation = Mutation::Put(path, row);
        self.pending.push(Pending { operation, mutation, signature, content: true });
        Ok(())
    }
}

/// Whether an open file is as it was scanned.
fn same(seen: &Seen, known: &super::row::Known) -> bool {
    let (a, b) = (seen.stamp, known.stamp);
    a.inode == b.inode && a.mtime == b.mtime && a.size == b.size && (b.ctime == 0 || a.ctime == b.ctime)
}

pub(super) fn head(path: &TreePath, row: &Row, base: Option<TreePath>, resume: u64) -> FileHead {
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
