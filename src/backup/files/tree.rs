//! A tree with its index, and what both ends have in common.

use super::blocks::{SMALLEST_FILE, Signer};
use super::disk::Disk;
use super::index::Index;
use super::message::Message;
use super::path::TreePath;
use super::report::Report;
use super::scan::CHUNK;
use super::trouble;
use crate::env::Clock;
use crate::error::{Category, ErrorRecord};
use bytes::Bytes;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

/// How a tree is synchronised.
#[derive(Clone)]
pub struct Options {
    /// This computer, as conflict files name it. What is not fit for a file name is left out.
    pub host: String,
    /// Tells the time of conflicts.
    pub clock: Arc<dyn Clock>,
    /// A source that held files and holds none now is believed; else it is an error, because a disk that is not
    /// mounted looks the same.
    pub may_be_empty: bool,
    /// A source that remembers no synchronisation counts: what the target has otherwise becomes as it is there.
    pub counts: bool,
}

/// A file tree with its index. It is consumed by an end of a synchronisation; open it again for the next.
pub struct Tree {
    pub(super) disk: Disk,
    pub(super) index: Index,
    pub(super) options: Options,
    pub(super) report: Report,
    /// Inodes at the last scan.
    pub(super) moved_inodes: BTreeMap<TreePath, u64>,
    /// Places of which the scan knows nothing.
    pub(super) unknown: Vec<TreePath>,
}

impl Tree {
    /// Opens the tree at `root`, a folder that must be there, with the index at `index`, which is made where it is
    /// not. The index must lie outside the tree.
    ///
    /// # Errors
    /// `FileSyncBusy`: another synchronisation of this tree is under way; `FileSyncIndex`, `FileSyncInputOutput`.
    pub fn open(root: &Path, index: &Path, options: Options) -> Result<Tree, ErrorRecord> {
        let disk = Disk::open(root).map_err(|e| trouble::io(e, &format!("the file tree {}", root.display())))?;
        let index = Index::open(index)?;
        let (moved_inodes, unknown) = Default::default();
        Ok(Tree { disk, index, options, report: Report::default(), moved_inodes, unknown })
    }

    /// Forgets what was synchronised, as if it never had been: the next synchronisation compares everything anew.
    ///
    /// # Errors
    /// `FileSyncIndex`.
    pub fn forget(mut self) -> Result<(), ErrorRecord> {
        self.index.forget()
    }

    /// Forgets what was seen of this end's own copy: everything is read again, and compared with what was synchronised.
    ///
    /// # Errors
    /// `FileSyncIndex`.
    pub fn read_again(mut self) -> Result<(), ErrorRecord> {
        self.index.saw(BTreeMap::new())
    }

    /// How many entries are synchronised, and the root of the hash tree over them: equal at both ends exactly if both
    /// hold the same to be synchronised.
    pub fn synchronised(&self) -> (usize, super::row::Hash) {
        (self.index.rows.len(), super::merkle::root(&self.index.rows))
    }

    /// Makes the signatures that are missing, of contents that are on this end's disk as they are synchronised.
    pub(super) fn sign(&mut self) -> Result<(), ErrorRecord> {
        let signed = self.index.signed()?;
        let mut missing = Vec::new();
        for (path, row) in &self.index.rows {
            let Some((size, hash)) = row.file() else { continue };
            let here = self.index.known.get(path).is_some_and(|known| known.hash == *hash);
            if here && size >= SMALLEST_FILE && !signed.contains(hash) {
                missing.push((path.clone(), size, *hash));
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let mut buffer = vec![0; CHUNK];
        self.index.begin()?;
        for (path, size, hash) in missing {
            let Some(mut signer) = Signer::new(size) else { continue };
            let mut hasher = blake3::Hasher::new();
            let Ok((mut file, _)) = self.disk.read(&path) else { continue };
            let mut whole = false;
            while let Ok(read) = file.read(&mut buffer) {
                if read == 0 {
                    whole = true;
                    break;
                }
                signer.update(&buffer[..read]);
                hasher.update(&buffer[..read]);
            }
            // Without a signature the file travels whole next time: no more than that.
            if whole && hasher.finalize() == hash {
                self.index.sign(&hash, &signer.finish())?;
            }
        }
        self.index.commit()
    }
}

/// One end of a synchronisation: a machine that takes messages and gives messages, and touches nothing but its tree
/// and its index. Whoever drives it carries the messages, each whole and in order, in any way.
pub trait End {
    /// The next message to send; `None` if there is none before one is received, or none at all.
    ///
    /// # Errors
    /// The synchronisation is over; tell the other end with [`refusal`].
    fn next(&mut self) -> Result<Option<Bytes>, ErrorRecord>;

    /// Takes a message.
    ///
    /// # Errors
    /// As [`End::next`]. What is durable stays, and the next synchronisation goes on from there.
    fn receive(&mut self, message: Bytes) -> Result<(), ErrorRecord>;

    /// Whether it has come to its end, with nothing to send.
    fn finished(&self) -> bool;

    /// What it has done so far.
    fn report(&self) -> Report;
}

/// The message that tells the other end why this one cannot go on.
pub fn refusal(error: &ErrorRecord) -> Bytes {
    // The other end's log is no place for long texts.
    let message: String = error.message().chars().take(500).collect();
    Message::Refused(error.id().to_owned(), message).encode()
}

pub(super) fn refused(id: &str, message: &str) -> ErrorRecord {
    let clean = |text: &str| text.chars().take(500).filter(|c| !c.is_control()).collect::<String>();
    let known = id.strip_prefix("FileSync").is_some_and(|rest| rest.chars().all(|c| c.is_ascii_alphabetic()));
    let id = if known && id.len() < 60 { id.to_owned() } else { "FileSyncRefused".into() };
    // Waiting does not mend these: somebody has to say what is right.
    if id.starts_with("FileSyncSource") {
        return ErrorRecord::new(id, Category::InvalidOperation, clean(message));
    }
    ErrorRecord::new(
        id,
        Category::ResourceUnavailable,
        format!("the other end ended the file synchronisation: {}", clean(message)),
    )
    .hint("what was completed is durable; the next synchronisation goes on from there")
}

/// Drives an end over something that sends and receives whole messages and waits, until it is finished.
///
/// # Errors
/// Those of the end, of which the other end is told, and those of the transport.
pub fn drive(
    end: &mut dyn End,
    mut send: impl FnMut(Bytes) -> Result<(), ErrorRecord>,
    mut receive: impl FnMut() -> Result<Bytes, ErrorRecord>,
) -> Result<Report, ErrorRecord> {
    loop {
        let turn = loop {
            match end.next() {
                Ok(Some(message)) => send(message)?,
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        if turn.is_ok() && end.finished() {
            return Ok(end.report());
        }
        let turn = match turn {
            Ok(()) => end.receive(receive()?),
            error => error,
        };
        if let Err(error) = turn {
            // It may have gone already; the error is what counts.
            let told = send(refusal(&error));
            tracing::debug!(told = told.is_ok(), id = error.id(), "file synchronisation ended");
            return Err(error);
        }
    }
}

/// Counts what travels.
#[derive(Default)]
pub(super) struct Counted {
    sent: u64,
    received: u64,
    pub(super) finished: bool,
}

/// Bytes that a transport needs for the length of a message.
const LENGTH: u64 = 4;

impl Counted {
    pub(super) fn sent(&mut self, message: Bytes) -> Bytes {
        self.sent += message.len() as u64 + LENGTH;
        message
    }

    pub(super) fn received(&mut self, message: &Bytes) {
        self.received += message.len() as u64 + LENGTH;
    }

    pub(super) fn fill(&self, report: &Report) -> Report {
        Report { bytes_sent: self.sent, bytes_received: self.received, ..report.clone() }
    }
}
