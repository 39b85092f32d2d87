//! The staging folder of a target: files are written here, whole and checked, before they take their place. What an
//! interruption leaves here is gone on with.

use super::aside::{self, Aside};
use super::blocks::{Signature, Signer};
use super::disk::{Disk, folder_at, look_at, read_at, times};
use super::message::{FileHead, MOST_PARTIALS, Partial};
use super::path::{STAGING, TreePath};
use super::row::Hash;
use super::scan::{CHUNK, hash_of};
use rustix::fs::{self, AtFlags, Dir, FileType, Mode, OFlags};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

/// Bytes below which what is there of a file is not worth going on with.
const WORTH_RESUMING: u64 = 4096;

/// Files after which it is worth while to have a thread beside this one; in tests, which have few, nearly always.
const WORTH_A_THREAD: u32 = if cfg!(test) { 2 } else { 16 };

/// The folder.
pub struct Staging {
    folder: Arc<OwnedFd>,
    turn: u64,
    left: HashMap<Hash, (Vec<u8>, u64)>,
    /// Files that were begun.
    begun: u32,
    aside: Option<Aside>,
    /// Of the file before: what the next one is put together in.
    buffer: Vec<u8>,
}

impl Staging {
    /// Opens the folder, makes it where it is not, and removes what is of no use.
    pub fn open(disk: &Disk) -> io::Result<Staging> {
        let root = disk.folder(&TreePath::root())?;
        match fs::mkdirat(&*root, STAGING, Mode::RWXU) {
            Ok(()) | Err(rustix::io::Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
        let folder = Arc::new(folder_at(&*root, STAGING)?);
        Ok(Staging { folder, turn: 0, left: HashMap::new(), begun: 0, aside: None, buffer: Vec::new() })
    }

    /// Its file descriptor.
    pub fn folder(&self) -> &OwnedFd {
        &self.folder
    }

    /// What an interruption has left behind, the largest first.
    pub fn partials(&mut self) -> io::Result<Vec<Partial>> {
        let mut found: Vec<(u64, Hash, Vec<u8>)> = Vec::new();
        for entry in Dir::read_from(&*self.folder)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes().to_vec();
            if name == b"." || name == b".." {
                continue;
            }
            if let Some((_, turn)) = parts_of_name(&name) {
                self.turn = self.turn.max(turn);
            }
            let seen = look_at(&*self.folder, &name)?;
            let file = seen.filter(|seen| seen.kind == FileType::RegularFile && seen.stamp.size >= WORTH_RESUMING);
            match (file, parts_of_name(&name)) {
                (Some(seen), Some((hash, _))) => found.push((seen.stamp.size, hash, name)),
                // A folder is not of our making: it is left.
                _ if seen.is_some_and(|seen| seen.kind == FileType::Directory) => {}
                _ => self.remove(&name)?,
            }
        }
        found.sort();
        let mut partials = Vec::new();
        let mut buffer = vec![0; CHUNK];
        for (length, hash, name) in found.into_iter().rev() {
            if partials.len() == MOST_PARTIALS || self.left.contains_key(&hash) {
                self.remove(&name)?;
                continue;
            }
            let (mut file, _) = read_at(&*self.folder, &name)?;
            partials.push(Partial { hash, length, prefix: hash_of(&mut file, &mut buffer)? });
            self.left.insert(hash, (name, length));
        }
        Ok(partials)
    }

    /// Begins a file, or goes on with one. `base` is what parts are copied from.
    pub fn begin(&mut self, head: &FileHead, base: Option<Base>) -> io::Result<Option<Staged>> {
        self.turn += 1;
        let name = format!("{}-{}", blake3::Hash::from_bytes(head.hash), self.turn).into_bytes();
        let mut hasher = blake3::Hasher::new();
        let mut signer = Signer::new(head.size);
        let file = if head.resume == 0 {
            self.make(&name)?
        } else {
            let Some((old, length)) = self.left.remove(&head.hash) else { return Ok(None) };
            if length < head.resume {
                return Ok(None);
            }
            fs::renameat(&*self.folder, old.as_slice(), &*self.folder, name.as_slice())?;
            let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let mut file = File::from(fs::openat(&*self.folder, name.as_slice(), flags, Mode::empty())?);
            file.set_len(head.resume)?;
            let mut buffer = vec![0; CHUNK];
            loop {
                let read = file.read(&mut buffer)?;
                if read == 0 {
                    break;
                }
                hasher.update(&buffer[..read]);
                if let Some(signer) = &mut signer {
                    signer.update(&buffer[..read]);
                }
            }
            file.seek(SeekFrom::Start(head.resume))?;
            file
        };
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.resize(CHUNK, 0);
        let (expected, length, size) = (head.resume, head.resume, head.size);
        Ok(Some(Staged { name, file, base, hasher, signer, buffer, filled: 0, expected, length, size }))
    }

    /// A new file, which may have been made already.
    fn make(&mut self, name: &[u8]) -> io::Result<File> {
        self.begun = self.begun.saturating_add(1);
        if self.begun == WORTH_A_THREAD {
            self.aside = Aside::start(&self.folder);
        }
        match self.aside.as_mut().and_then(Aside::take) {
            Some(made) => {
                let (ahead, file) = made?;
                fs::renameat(&*self.folder, ahead.as_slice(), &*self.folder, name)?;
                Ok(file)
            }
            None => aside::make(&self.folder, name),
        }
    }

    /// Completes a file: its name and signature.
    pub fn complete(&mut self, staged: Staged, head: &FileHead) -> Result<(Vec<u8>, Option<Signature>), Fault> {
        let Staged { name, file, signer, buffer, .. } = staged.finish(head)?;
        self.buffer = buffer;
        match &self.aside {
            Some(aside) => aside.write(file),
            None => aside::write_out(&file),
        }
        Ok((name, signer.map(Signer::finish)))
    }

    /// Whether files are closed beside, by [`Staging::release`].
    pub fn releases(&self) -> bool {
        self.aside.is_some()
    }

    /// Closes a file that was replaced: to give its space back can take the file system long.
    pub fn release(&self, file: OwnedFd) {
        if let Some(aside) = &self.aside {
            aside.close(file);
        }
    }

    /// A name that nobody has here.
    pub fn fresh_name(&mut self) -> Vec<u8> {
        self.turn += 1;
        format!("link-{}", self.turn).into_bytes()
    }

    /// Removes a staged file; it is well if it is not there.
    pub fn remove(&self, name: &[u8]) -> io::Result<()> {
        match fs::unlinkat(&*self.folder, name, AtFlags::empty()) {
            Ok(()) | Err(rustix::io::Errno::NOENT) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes staged files durable.
    pub fn sync(&self, name: &[u8]) -> io::Result<()> {
        Ok(fs::fsync(read_at(&*self.folder, name)?.0)?)
    }

    /// Removes the folder if nothing is in it.
    pub fn close(mut self, disk: &Disk) -> io::Result<()> {
        self.aside = None;
        for (name, _) in self.left.values() {
            self.remove(name)?;
        }
        let root = disk.folder(&TreePath::root())?;
        match fs::unlinkat(&*root, STAGING, AtFlags::REMOVEDIR) {
            Ok(()) | Err(rustix::io::Errno::NOTEMPTY | rustix::io::Errno::EXIST) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// The hash and the number of which the name of a staged file is made.
fn parts_of_name(name: &[u8]) -> Option<(Hash, u64)> {
    let (hex, turn) = std::str::from_utf8(name).ok()?.split_once('-')?;
    // Far from the end of the numbers, so that counting on is possible.
    let turn = turn.parse::<u32>().ok()?;
    Some((blake3::Hash::from_hex(hex).ok()?.into(), turn.into()))
}

/// A file of which parts are copied.
pub struct Base {
    /// It.
    pub file: File,
    /// Its bytes.
    pub size: u64,
    /// The hashes of its blocks, if they are known.
    pub signature: Option<Signature>,
}

/// A file under way.
pub struct Staged {
    /// Its name in the folder.
    pub name: Vec<u8>,
    file: File,
    base: Option<Base>,
    hasher: blake3::Hasher,
    signer: Option<Signer>,
    buffer: Vec<u8>,
    /// Bytes of the buffer that count.
    filled: usize,
    expected: u64,
    length: u64,
    size: u64,
}

/// Why bytes were not taken.
pub enum Fault {
    /// They cannot belong to this file.
    Wrong,
    /// The system.
    System(io::Error),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        Fault::System(error)
    }
}

impl Staged {
    /// Takes new bytes.
    pub fn data(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.grow(bytes.len() as u64)?;
        self.expected += bytes.len() as u64;
        if let Some(signer) = &mut self.signer {
            signer.update(bytes);
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            let free = &mut self.buffer[self.filled..];
            let (now, later) = rest.split_at(rest.len().min(free.len()));
            free[..now.len()].copy_from_slice(now);
            self.fill(now.len())?;
            rest = later;
        }
        Ok(())
    }

    /// Takes bytes of the base.
    pub fn copy(&mut self, skip: i64, mut length: u64) -> Result<(), Fault> {
        self.grow(length)?;
        let base = self.base.as_ref().ok_or(Fault::Wrong)?;
        let mut from = self.expected.checked_add_signed(skip).ok_or(Fault::Wrong)?;
        let end = from.checked_add(length).filter(|end| *end <= base.size).ok_or(Fault::Wrong)?;
        self.expected = end;
        // Whole blocks keep their hashes, if the new file has blocks at the same places.
        let mut signed = match (&mut self.signer, &base.signature) {
            (Some(signer), Some(old)) if from % u64::from(old.block) == 0 => {
                let block = u64::from(old.block);
                let hashes = old.hashes.get((from / block) as usize..(end / block) as usize);
                hashes.map_or(0, |hashes| signer.known(old.block, hashes))
            }
            _ => 0,
        };
        while length > 0 {
            let base = self.base.as_ref().ok_or(Fault::Wrong)?;
            let free = &mut self.buffer[self.filled..];
            let want = free.len().min(usize::try_from(length).unwrap_or(CHUNK));
            let read = &mut free[..want];
            match base.file.read_exact_at(read, from) {
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Err(Fault::Wrong),
                done => done?,
            }
            let done = signed.min(want as u64);
            signed -= done;
            if let Some(signer) = &mut self.signer {
                signer.update(&read[done as usize..]);
            }
            from += want as u64;
            length -= want as u64;
            self.fill(want)?;
        }
        Ok(())
    }

    fn grow(&mut self, by: u64) -> Result<(), Fault> {
        self.length = self.length.checked_add(by).filter(|length| *length <= self.size).ok_or(Fault::Wrong)?;
        Ok(())
    }

    /// So many more bytes of the buffer count; a full one is written.
    fn fill(&mut self, by: usize) -> io::Result<()> {
        self.filled += by;
        if self.filled == self.buffer.len() { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        let filled = &self.buffer[..std::mem::take(&mut self.filled)];
        self.hasher.update(filled);
        self.file.write_all(filled)
    }

    /// All has come: it is written and checked, with its mode and time.
    fn finish(mut self, head: &FileHead) -> Result<Staged, Fault> {
        self.flush()?;
        if self.length != head.size || self.hasher.finalize() != head.hash {
            return Err(Fault::Wrong);
        }
        fs::fchmod(&self.file, Mode::from_raw_mode(head.mode as _)).map_err(io::Error::from)?;
        fs::futimens(&self.file, &times(head.mtime)).map_err(io::Error::from)?;
        Ok(self)
    }

    /// Keeps what is there, so that it can be gone on with.
    pub fn keep(&mut self) -> io::Result<()> {
        self.flush()
    }
}
