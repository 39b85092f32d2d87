//! What the two ends say to each other, and how it is written down. The source is the end whose tree is followed, the
//! target the one that follows.

use super::path::TreePath;
use super::row::{Hash, Row};
use super::trouble::protocol;
use super::wire::{Reader, put_bytes, put_number, put_path, put_row, put_signed};
use crate::error::ErrorRecord;
use bytes::Bytes;

/// The form of messages.
pub const FORMAT: u64 = 1;
/// Largest message as it travels, in bytes, and as it is unpacked: a transport may refuse larger ones unread.
pub const LARGEST_MESSAGE: usize = 256 * 1024;
/// Operations between two checkpoints: what a target keeps in memory until it makes them durable.
pub const MOST_OPERATIONS: usize = 4096;
/// Staged files that a target offers to go on with.
pub const MOST_PARTIALS: usize = 64;
/// Names that one acknowledgement or report carries of each sort; more are only counted.
pub const MOST_NAMES: usize = 100;
/// Folders that are asked for at once.
pub const MOST_FOLDERS: usize = 256;

/// A file that an earlier, interrupted synchronisation left behind at the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partial {
    /// The hash that the whole file is to have.
    pub hash: Hash,
    /// Bytes that are there.
    pub length: u64,
    /// The hash of those.
    pub prefix: Hash,
}

/// An entry of a folder as the target has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: Vec<u8>,
    /// What it is.
    pub row: Row,
    /// For a folder: the hash of what is in it.
    pub below: Hash,
}

/// Why an operation was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// What it starts from is not there, or was changed by somebody else.
    Base,
    /// What came out is not what was announced.
    Hash,
    /// The target's system refused it.
    Refused,
}

/// Something that the target has to tell about a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Note {
    /// The target changed it, alone or as the source did; what the target had is kept under this name.
    Conflict,
    /// It was changed or removed at the target alone, and came back.
    Diverged,
    /// It could not be done at the target.
    Failed,
}

/// One step of making the target's tree like the source's. Those between two checkpoints take effect together, in
/// their order; what they read (`base`) is read as it was before them.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    /// There is a folder.
    Folder(TreePath, u32, i64),
    /// What is at the first place goes to the second, with all below it.
    Move(TreePath, TreePath),
    /// A file begins. Copies, data and an end follow.
    File(Box<FileHead>),
    /// Bytes of the base. The first number says how far their place is from where the last copy ended, moved on by the
    /// data since.
    Copy(i64, u64),
    /// Bytes.
    Data(Bytes),
    /// The file is complete.
    End,
    /// The file cannot be read to its end; forget it.
    Abort,
    /// A symbolic link: time, where it points to.
    Link(TreePath, i64, Vec<u8>),
    /// Another mode and time.
    Meta(TreePath, u32, i64),
    /// What is there goes, with all below it.
    Delete(TreePath),
    /// Make all since the last one durable and say so; the flag: it is the last.
    Checkpoint(u64, bool),
}

/// How a file begins.
#[derive(Clone, Debug, PartialEq)]
pub struct FileHead {
    /// Where it is to be.
    pub path: TreePath,
    /// Its mode.
    pub mode: u32,
    /// Its time.
    pub mtime: i64,
    /// Its bytes.
    pub size: u64,
    /// Their hash.
    pub hash: Hash,
    /// The file of the target of which parts are copied.
    pub base: Option<TreePath>,
    /// It goes on from this byte of a staged file that the target offered.
    pub resume: u64,
}

/// A message.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// Source: the first of every round; the root of what it holds to be synchronised.
    Hello {
        /// [`FORMAT`].
        format: u64,
        /// Root of the hash tree.
        root: Hash,
    },
    /// Target: the root of what is synchronised indeed, and files that may be gone on with.
    Welcome {
        /// Root of the hash tree.
        root: Hash,
        /// Staged files.
        partials: Vec<Partial>,
    },
    /// Source: what is in these folders?
    Ask(Vec<TreePath>),
    /// Target: what is in a folder, or a part of it.
    Listing {
        /// The folder.
        folder: TreePath,
        /// Nothing follows for this folder.
        last: bool,
        /// Its entries.
        entries: Vec<Listed>,
    },
    /// Source: what is to be done.
    Operations(Vec<Operation>),
    /// Target: all up to this checkpoint is durable, but for what is listed.
    Committed {
        /// Which checkpoint.
        number: u64,
        /// Operations, counted from 0 after the checkpoint before, that were not done.
        failures: Vec<(u64, Reason)>,
        /// What is to be told, names bounded.
        notes: Vec<(Note, Vec<u8>)>,
        /// The root after it, if it was the last.
        root: Option<Hash>,
    },
    /// Source: that was all.
    Finish,
    /// Target: goodbye.
    Finished,
    /// Either: it cannot go on. Error id and message.
    Refused(String, String),
}

const HELLO: u8 = 1;
const WELCOME: u8 = 2;
const ASK: u8 = 3;
const LISTING: u8 = 4;
const OPERATIONS: u8 = 5;
const COMMITTED: u8 = 6;
const FINISH: u8 = 7;
const FINISHED: u8 = 8;
const REFUSED: u8 = 9;
/// Set in the first byte: the rest is packed with zstd.
const PACKED: u8 = 0x80;
/// Bytes below which packing is not tried.
const WORTH_PACKING: usize = 200;

/// Writes operations one after the other into the body of a message.
#[derive(Default)]
pub(super) struct Writer {
    body: Vec<u8>,
}

impl Writer {
    pub(super) fn len(&self) -> usize {
        self.body.len()
    }

    pub(super) fn put(&mut self, operation: &Operation) {
        let out = &mut self.body;
        match operation {
            Operation::Folder(path, mode, mtime) => {
                out.push(1);
                put_path(out, path);
                put_number(out, u64::from(*mode));
                put_signed(out, *mtime);
            }
            Operation::Move(from, to) => {
                out.push(2);
                put_path(out, from);
                put_path(out, to);
            }
            Operation::File(head) => {
                let base = match &head.base {
                    None => 0,
                    Some(base) if *base == head.path => 1,
                    Some(_) => 2,
                };
                out.push(3);
                put_path(out, &head.path);
                put_number(out, u64::from(head.mode));
                put_signed(out, head.mtime);
                put_number(out, head.size);
                out.extend_from_slice(&head.hash);
                put_number(out, head.resume);
                out.push(base);
                if let (2, Some(base)) = (base, &head.base) {
                    put_path(out, base);
                }
            }
            Operation::Copy(skip, length) => {
                out.push(4);
                put_signed(out, *skip);
                put_number(out, *length);
            }
            Operation::Data(bytes) => {
                out.push(5);
                put_bytes(out, bytes);
            }
            Operation::End => out.push(6),
            Operation::Abort => out.push(7),
            Operation::Link(path, mtime, to) => {
                out.push(8);
                put_path(out, path);
                put_signed(out, *mtime);
                put_bytes(out, to);
            }
            Operation::Meta(path, mode, mtime) => {
                out.push(9);
                put_path(out, path);
                put_number(out, u64::from(*mode));
                put_signed(out, *mtime);
            }
            Operation::Delete(path) => {
                out.push(10);
                put_path(out, path);
            }
            Operation::Checkpoint(number, last) => {
                out.push(11);
                put_number(out, *number);
                out.push(u8::from(*last));
            }
        }
    }

    /// The message of all that was written.
    pub(super) fn take(&mut self) -> Bytes {
        pack(OPERATIONS, std::mem::take(&mut self.body))
    }
}

fn operation(reader: &mut Reader<'_>, whole: &Bytes) -> Result<Operation, ErrorRecord> {
    Ok(match reader.byte()? {
        1 => Operation::Folder(reader.path()?, reader.mode()?, reader.signed()?),
        2 => Operation::Move(reader.path()?, reader.path()?),
        3 => {
            let (path, mode, mtime) = (reader.path()?, reader.mode()?, reader.signed()?);
            let (size, hash) = (reader.bounded(i64::MAX as u64, "size of a file")?, reader.hash()?);
            let resume = reader.bounded(size, "place in a file")?;
            let base = match reader.byte()? {
                0 => None,
                1 => Some(path.clone()),
                2 => Some(reader.path()?),
                other => return Err(protocol(format!("base {other} of a file"))),
            };
            Operation::File(Box::new(FileHead { path, mode, mtime, size, hash, base, resume }))
        }
        4 => Operation::Copy(reader.signed()?, reader.number()?),
        5 => Operation::Data(whole.slice_ref(reader.bytes()?)),
        6 => Operation::End,
        7 => Operation::Abort,
        8 => Operation::Link(reader.path()?, reader.signed()?, reader.bytes()?.to_vec()),
        9 => Operation::Meta(reader.path()?, reader.mode()?, reader.signed()?),
        10 => Operation::Delete(reader.path()?),
        11 => Operation::Checkpoint(reader.number()?, reader.byte()? != 0),
        other => return Err(protocol(format!("operation {other}"))),
    })
}

fn pack(kind: u8, body: Vec<u8>) -> Bytes {
    let mut out = Vec::with_capacity(body.len() + 1);
    if body.len() >= WORTH_PACKING {
        // Level 1: content that packs well packs well with it, and a fast network does not wait for it.
        if let Ok(packed) = zstd::bulk::compress(&body, 1)
            && packed.len() + packed.len() / 32 < body.len()
        {
            out.push(kind | PACKED);
            out.extend_from_slice(&packed);
            return out.into();
        }
    }
    out.push(kind);
    out.extend_from_slice(&body);
    out.into()
}

impl Message {
    /// As it travels.
    pub fn encode(&self) -> Bytes {
        let mut out = Vec::new();
        let kind = match self {
            Message::Hello { format, root } => {
                put_number(&mut out, *format);
                out.extend_from_slice(root);
                HELLO
            }
            Message::Welcome { root, partials } => {
                out.extend_from_slice(root);
                put_number(&mut out, partials.len() as u64);
                for partial in partials {
                    out.extend_from_slice(&partial.hash);
                    put_number(&mut out, partial.length);
                    out.extend_from_slice(&partial.prefix);
                }
                WELCOME
            }
            Message::Ask(folders) => {
                put_number(&mut out, folders.len() as u64);
                folders.iter().for_each(|folder| put_path(&mut out, folder));
                ASK
            }
            Message::Listing { folder, last, entries } => {
                put_path(&mut out, folder);
                out.push(u8::from(*last));
                put_number(&mut out, entries.len() as u64);
                for entry in entries {
                    put_bytes(&mut out, &entry.name);
                    put_row(&mut out, &entry.row);
                    if entry.row.is_folder() {
                        out.extend_from_slice(&entry.below);
                    }
                }
                LISTING
            }
            Message::Operations(operations) => {
                let mut writer = Writer::default();
                operations.iter().for_each(|operation| writer.put(operation));
                return writer.take();
            }
            Message::Committed { number, failures, notes, root } => {
                put_number(&mut out, *number);
                put_number(&mut out, failures.len() as u64);
                for (operation, reason) in failures {
                    put_number(&mut out, *operation);
                    out.push(*reason as u8);
                }
                put_number(&mut out, notes.len() as u64);
                for (note, name) in notes {
                    out.push(*note as u8);
                    put_bytes(&mut out, name);
                }
                out.extend(root.iter().flatten());
                COMMITTED
            }
            Message::Finish => FINISH,
            Message::Finished => FINISHED,
            Message::Refused(id, message) => {
                put_bytes(&mut out, id.as_bytes());
                put_bytes(&mut out, message.as_bytes());
                REFUSED
            }
        };
        pack(kind, out)
    }

    /// Reads a message.
    ///
    /// # Errors
    /// `FileSyncProtocol` if it is none: too large, cut off, with names that lead out of the tree, with more of
    /// something than there may be.
    pub fn decode(bytes: &Bytes) -> Result<Message, ErrorRecord> {
        if bytes.len() > LARGEST_MESSAGE {
            return Err(protocol(format!("a message of {} bytes", bytes.len())));
        }
        let Some(first) = bytes.first() else { return Err(protocol("an empty message")) };
        let body = if first & PACKED == 0 {
            bytes.slice(1..)
        } else {
            let unpacked = zstd::bulk::decompress(&bytes[1..], LARGEST_MESSAGE);
            unpacked.map_err(|_| protocol("a message cannot be unpacked"))?.into()
        };
        let mut reader = Reader::new(&body);
        let message = read(first & !PACKED, &mut reader, &body)?;
        if reader.is_empty() { Ok(message) } else { Err(protocol("bytes after the end of a message")) }
    }
}

fn read(kind: u8, reader: &mut Reader<'_>, body: &Bytes) -> Result<Message, ErrorRecord> {
    Ok(match kind {
        HELLO => Message::Hello { format: reader.number()?, root: reader.hash()? },
        WELCOME => {
            let root = reader.hash()?;
            let count = reader.bounded(MOST_PARTIALS as u64, "staged files")?;
            let partial = |reader: &mut Reader<'_>| {
                Ok(Partial { hash: reader.hash()?, length: reader.number()?, prefix: reader.hash()? })
            };
            let partials = (0..count).map(|_| partial(reader)).collect::<Result<_, ErrorRecord>>()?;
            Message::Welcome { root, partials }
        }
        ASK => {
            let count = reader.bounded(MOST_FOLDERS as u64, "folders asked for")?;
            Message::Ask((0..count).map(|_| reader.folder()).collect::<Result<_, _>>()?)
        }
        LISTING => {
            let (folder, last) = (reader.folder()?, reader.byte()? != 0);
            let count = reader.bounded(LARGEST_MESSAGE as u64, "entries of a folder")?;
            let mut entries = Vec::new();
            for _ in 0..count {
                let (name, row) = (reader.bytes()?.to_vec(), reader.row()?);
                if folder.join(&name).is_none() {
                    return Err(protocol("a listing has a name that is none"));
                }
                let below = if row.is_folder() { reader.hash()? } else { Hash::default() };
                entries.push(Listed { name, row, below });
            }
            Message::Listing { folder, last, entries }
        }
        OPERATIONS => {
            let mut operations = Vec::new();
            while !reader.is_empty() {
                operations.push(operation(reader, body)?);
            }
            Message::Operations(operations)
        }
        COMMITTED => {
            let number = reader.number()?;
            let count = reader.bounded(MOST_OPERATIONS as u64, "failures")?;
            let mut failures = Vec::new();
            for _ in 0..count {
                let operation = reader.number()?;
                let reason = match reader.byte()? {
                    0 => Reason::Base,
                    1 => Reason::Hash,
                    2 => Reason::Refused,
                    other => return Err(protocol(format!("reason {other}"))),
                };
                failures.push((operation, reason));
            }
            let count = reader.bounded(3 * MOST_NAMES as u64, "notes")?;
            let mut notes = Vec::new();
            for _ in 0..count {
                let note = match reader.byte()? {
                    0 => Note::Conflict,
                    1 => Note::Diverged,
                    2 => Note::Failed,
                    other => return Err(protocol(format!("note {other}"))),
                };
                notes.push((note, reader.bytes()?.to_vec()));
            }
            let root = if reader.is_empty() { None } else { Some(reader.hash()?) };
            Message::Committed { number, failures, notes, root }
        }
        FINISH => Message::Finish,
        FINISHED => Message::Finished,
        REFUSED => Message::Refused(reader.text()?, reader.text()?),
        other => return Err(protocol(format!("message {other}"))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::files::row::Content;

    fn samples() -> Vec<Message> {
        let path = |text: &str| TreePath::parse(text.as_bytes()).unwrap();
        let head =
            |base| FileHead { path: path("a/b"), mode: 0o640, mtime: -5, size: 1000, hash: [7; 32], base, resume: 10 };
        let row = |content| Row { mode: 0o755, mtime: 1_700_000_000_123_456_789, content };
        vec![
            Message::Hello { format: FORMAT, root: [1; 32] },
            Message::Welcome { root: [2; 32], partials: vec![Partial { hash: [3; 32], length: 5, prefix: [4; 32] }] },
            Message::Ask(vec![TreePath::root(), path("a")]),
            Message::Listing {
                folder: TreePath::root(),
                last: true,
                entries: vec![
                    Listed { name: b"x".to_vec(), row: row(Content::Folder), below: [9; 32] },
                    Listed { name: b"\xff".to_vec(), row: row(Content::Link { to: b"x".to_vec() }), below: [0; 32] },
                ],
            },
            Message::Operations(vec![
                Operation::Folder(path("a"), 0o755, 5),
                Operation::Move(path("b"), path("a/c")),
                Operation::File(Box::new(head(None))),
                Operation::File(Box::new(head(Some(path("a/b"))))),
                Operation::File(Box::new(head(Some(path("z"))))),
                Operation::Copy(-5, 100),
                Operation::Data(Bytes::from_static(b"data")),
                Operation::End,
                Operation::Abort,
                Operation::Link(path("l"), 5, b"a".to_vec()),
                Operation::Meta(path("a"), 0, 0),
                Operation::Delete(path("a")),
                Operation::Checkpoint(3, true),
            ]),
            Message::Operations(vec![Operation::Data(vec![0; 100_000].into())]),
            Message::Committed {
                number: 4,
                failures: vec![(1, Reason::Hash), (2, Reason::Refused)],
                notes: vec![(Note::Conflict, b"x".to_vec())],
                root: Some([5; 32]),
            },
            Message::Committed { number: 4, failures: Vec::new(), notes: Vec::new(), root: None },
            Message::Finish,
            Message::Finished,
            Message::Refused("Id".into(), "why".into()),
        ]
    }

    #[test]
    fn messages_come_back_as_they_went() {
        for message in samples() {
            assert_eq!(Message::decode(&message.encode()).unwrap(), message);
        }
    }

    /// Rule: whatever bytes come, they are a message or an error, and an error is `FileSyncProtocol`.
    #[test]
    fn damaged_messages_are_errors_or_messages() {
        for message in samples() {
            let good = message.encode();
            for cut in 0..good.len().min(300) {
                if let Err(error) = Message::decode(&good.slice(..cut)) {
                    assert_eq!(error.id(), "FileSyncProtocol");
                }
            }
            for at in 0..good.len().min(300) {
                for change in [0x01, 0x80, 0xff] {
                    let mut bad = good.to_vec();
                    bad[at] ^= change;
                    if let Err(error) = Message::decode(&bad.into()) {
                        assert_eq!(error.id(), "FileSyncProtocol");
                    }
                }
            }
        }
    }

    /// Rule: a small message cannot unpack to a large one, and paths that lead out are refused as they are read.
    #[test]
    fn bombs_and_ways_out_are_refused() {
        let bomb = zstd::bulk::compress(&vec![0; 100 << 20], 1).unwrap();
        let bomb: Bytes = [&[OPERATIONS | PACKED][..], &bomb].concat().into();
        let mut cases = vec![("bomb", bomb), ("large", vec![FINISH; LARGEST_MESSAGE + 1].into())];
        for way in ["../x", "/etc/passwd", "a/../../x", "", ".", "a\0b", ".reeve-staging/x"] {
            let mut body = vec![OPERATIONS, 10];
            put_bytes(&mut body, way.as_bytes());
            cases.push((way, body.into()));
        }
        for (name, bytes) in cases {
            assert_eq!(Message::decode(&bytes).unwrap_err().id(), "FileSyncProtocol", "{name}");
        }
    }
}
