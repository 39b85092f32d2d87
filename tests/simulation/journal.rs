//! A log of transactions on a disk, each with its length and its checksum: what a database comes down to. Recovery keeps
//! what is whole up to the first that is not.

use super::disk::{Disk, DiskError};

/// Bytes before a record's own: its length (4) and the beginning of its blake3 (8).
const HEAD: usize = 12;

/// Where a log stands in its file.
#[derive(Clone, Debug)]
pub struct Journal {
    name: &'static str,
    /// The end of the last record that counts.
    end: usize,
}

impl Journal {
    /// Opens the log of a file: the records that are whole. What is behind them is cut off.
    pub fn recover(name: &'static str, disk: &mut Disk) -> (Journal, Vec<Vec<u8>>) {
        let (records, end) = records(disk.read(name));
        disk.cut(name, end);
        (Journal { name, end }, records)
    }

    /// The records of what would be left for certain if the power failed now.
    pub fn durable(name: &'static str, disk: &Disk) -> Vec<Vec<u8>> {
        records(disk.durable(name)).0
    }

    /// Appends a record. It is not durable yet, and does not count before [`Journal::sync`] has succeeded: what is
    /// appended next takes its place.
    pub fn append(&self, disk: &mut Disk, record: &[u8]) -> Result<(), DiskError> {
        let mut bytes = Vec::with_capacity(HEAD + record.len());
        // Records of a simulated world are small.
        bytes.extend_from_slice(&(record.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&checksum(record));
        bytes.extend_from_slice(record);
        disk.write(self.name, self.end, &bytes)
    }

    /// Writes through what was appended; it counts from now on.
    pub fn sync(&mut self, disk: &mut Disk) -> Result<(), DiskError> {
        disk.sync(self.name)?;
        self.keep(disk);
        Ok(())
    }

    /// Takes what was appended for counted without writing it through: the mistake of a skipped fsync.
    pub fn keep(&mut self, disk: &Disk) {
        self.end = disk.read(self.name).len();
    }
}

fn checksum(record: &[u8]) -> [u8; 8] {
    let hash = blake3::hash(record);
    let mut short = [0; 8];
    short.copy_from_slice(&hash.as_bytes()[..8]);
    short
}

/// The records that are whole, and where the last of them ends.
fn records(bytes: &[u8]) -> (Vec<Vec<u8>>, usize) {
    let (mut records, mut at) = (Vec::new(), 0);
    while let Some(head) = bytes.get(at..at + HEAD) {
        let length = u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize;
        match bytes.get(at + HEAD..at + HEAD + length) {
            // A record has bytes: a head of zeros is a hole in the file.
            Some(record) if length > 0 && checksum(record) == head[4..] => records.push(record.to_vec()),
            _ => break,
        }
        at += HEAD + length;
    }
    (records, at)
}

/// Rule: a record counts whole or not at all, and never without those before it.
#[test]
fn recovery_gives_a_prefix_of_whole_records() {
    for seed in 0..300 {
        let mut rng = super::rng::Rng::new(seed);
        let mut disk = Disk::default();
        let (mut journal, found) = Journal::recover("log", &mut disk);
        assert!(found.is_empty());
        let all: Vec<Vec<u8>> = (0..6_u8).map(|n| vec![n + 1; 3 + usize::from(n)]).collect();
        let mut synced = 0;
        for (at, record) in all.iter().enumerate() {
            journal.append(&mut disk, record).unwrap();
            if rng.chance(300) {
                journal.sync(&mut disk).unwrap();
                synced = at + 1;
            } else {
                journal.keep(&disk);
            }
        }
        assert_eq!(Journal::durable("log", &disk), all[..synced]);
        disk.crash(&mut rng);
        let (_, found) = Journal::recover("log", &mut disk);
        assert!(found.len() >= synced && all.starts_with(&found), "seed {seed}: {} of {synced}", found.len());
    }
}
