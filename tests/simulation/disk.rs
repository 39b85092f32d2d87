//! A disk that forgets what was not synced: what is written is volatile, `sync` makes it durable, a crash keeps some of
//! the unsynced writes, loses some, tears some.

use super::rng::Rng;
use std::collections::BTreeMap;

/// Why the disk did not do as asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskError {
    /// No room.
    Full,
    /// It could not be written through.
    Sync,
}

/// What crashes did to unsynced writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Damage {
    pub kept: u64,
    pub lost: u64,
    pub torn: u64,
}

#[derive(Clone, Debug, Default)]
struct File {
    /// As the running system sees it.
    bytes: Vec<u8>,
    /// So many of the bytes are durable.
    synced: usize,
    /// Where each unsynced write ends, in order.
    ends: Vec<usize>,
}

/// The disk of one computer.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    files: BTreeMap<&'static str, File>,
    full: bool,
    fails_sync: bool,
}

impl Disk {
    /// Whether writes find no room from now on.
    pub fn set_full(&mut self, full: bool) {
        self.full = full;
    }

    /// Whether writing through fails from now on.
    pub fn set_fails_sync(&mut self, fails: bool) {
        self.fails_sync = fails;
    }

    /// It has room again, and writes through.
    pub fn heal(&mut self) {
        self.full = false;
        self.fails_sync = false;
    }

    /// Writes at a place, and cuts the file off behind what it wrote. Volatile. A full disk may take a part.
    pub fn write(&mut self, name: &'static str, at: usize, bytes: &[u8]) -> Result<(), DiskError> {
        let taken = if self.full { &bytes[..bytes.len() / 2] } else { bytes };
        let file = self.files.entry(name).or_default();
        assert!(at <= file.bytes.len() && at >= file.synced, "the log writes only behind what is durable");
        file.bytes.truncate(at);
        file.ends.retain(|end| *end <= at);
        file.bytes.extend_from_slice(taken);
        file.ends.push(file.bytes.len());
        if self.full { Err(DiskError::Full) } else { Ok(()) }
    }

    /// Makes durable what was written to a file.
    pub fn sync(&mut self, name: &'static str) -> Result<(), DiskError> {
        if self.fails_sync {
            return Err(DiskError::Sync);
        }
        let file = self.files.entry(name).or_default();
        file.synced = file.bytes.len();
        file.ends.clear();
        Ok(())
    }

    /// What a process reads.
    pub fn read(&self, name: &'static str) -> &[u8] {
        self.files.get(name).map_or(&[], |file| &file.bytes)
    }

    /// What a crash now would leave for certain.
    pub fn durable(&self, name: &'static str) -> &[u8] {
        self.files.get(name).map_or(&[], |file| &file.bytes[..file.synced])
    }

    /// Cuts a file off and makes that durable: what a recovery does to a torn tail, and a failover to what nobody has.
    pub fn cut(&mut self, name: &'static str, at: usize) {
        let file = self.files.entry(name).or_default();
        file.bytes.truncate(at);
        file.synced = file.bytes.len();
        file.ends.clear();
    }

    /// The power fails. Each unsynced write is kept, lost or torn, whatever became of the one before it: a disk writes in
    /// an order of its own, and what is missing before what was kept reads as zeros.
    pub fn crash(&mut self, rng: &mut Rng) -> Damage {
        let mut damage = Damage::default();
        for file in self.files.values_mut() {
            let mut survives = file.synced;
            let mut begin = file.synced;
            for end in std::mem::take(&mut file.ends) {
                match rng.below(3) {
                    0 => {
                        damage.kept += 1;
                        survives = end;
                    }
                    1 => {
                        damage.torn += 1;
                        let tear = begin + rng.below((end - begin) as u64) as usize;
                        file.bytes[tear..end].fill(0);
                        survives = tear.max(survives);
                    }
                    _ => {
                        damage.lost += 1;
                        file.bytes[begin..end].fill(0);
                    }
                }
                begin = end;
            }
            file.bytes.truncate(survives);
            file.synced = file.bytes.len();
        }
        damage
    }
}

/// Rule: what was synced survives a crash, what was not may survive in part, and nothing else appears.
#[test]
fn a_crash_leaves_what_was_synced_and_perhaps_a_part_of_the_rest() {
    let (mut kept, mut lost, mut torn) = (0, 0, 0);
    for seed in 0..200 {
        let mut disk = Disk::default();
        disk.write("a", 0, b"durable").unwrap();
        disk.sync("a").unwrap();
        disk.write("a", 7, b"perhaps").unwrap();
        assert_eq!(disk.read("a"), b"durableperhaps");
        assert_eq!(disk.durable("a"), b"durable");
        disk.crash(&mut Rng::new(seed));
        let left = disk.read("a").to_vec();
        assert!(b"durableperhaps".starts_with(&left), "{left:?}");
        assert_eq!(disk.durable("a"), left);
        match left.len() {
            7 => lost += 1,
            14 => kept += 1,
            _ => torn += 1,
        }
    }
    assert!(kept > 20 && lost > 20 && torn > 20, "{kept} {lost} {torn}");
}

/// Rule: a full disk says so, and what was there stays.
#[test]
fn a_full_disk_takes_a_part_at_most() {
    let mut disk = Disk::default();
    disk.write("a", 0, b"old").unwrap();
    disk.sync("a").unwrap();
    disk.set_full(true);
    assert_eq!(disk.write("a", 3, b"new"), Err(DiskError::Full));
    assert_eq!(disk.durable("a"), b"old");
    disk.set_full(false);
    disk.write("a", 3, b"new").unwrap();
    assert_eq!(disk.read("a"), b"oldnew");
}
