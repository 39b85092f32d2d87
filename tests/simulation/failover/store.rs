//! A model of a database at a place: rows in order, each hash over all before; what is in it is durable.

use reeve::audit::{AuditRow, Decision, Hash};
use reeve::failover::{PlaceRecord, Placement, RunRecord, Source};
use reeve::store::{Chain, LogEntry, Position, Role};
use reeve::value::{DateTime, DateTimeKind};
use std::collections::HashMap;
use std::rc::Rc;

/// What a row is.
#[derive(Clone, Debug)]
pub enum What {
    /// A change of a document, by its number.
    Change { document: u8 },
    /// A place took over.
    Promoted { placement: Placement, pool: String },
}

/// A row.
#[derive(Clone, Debug)]
pub struct Row {
    pub entry: Rc<LogEntry>,
    pub what: Rc<What>,
}

impl Row {
    pub fn hash(&self) -> Hash {
        self.entry.row.hash
    }
}

/// What every row ever made is, by its hash: entries travel without it.
pub type Known = HashMap<[u8; 32], Rc<What>>;

/// What is durable at a place.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    pub rows: Vec<Row>,
    pub role: Role,
    pub record: PlaceRecord,
    /// The highest epoch that the follower heard of.
    pub heard: u64,
    pub run: Option<RunRecord>,
    /// What was taken back.
    pub unsent: Vec<Row>,
}

impl Disk {
    pub fn position(&self) -> Position {
        let Some(last) = self.rows.last() else {
            return Position { epoch: 1, sequence: 0, hash: Hash::default(), version: 0, chain: Chain([0; 32]) };
        };
        let LogEntry { row, epoch, .. } = &*last.entry;
        Position {
            epoch: *epoch,
            sequence: row.sequence,
            hash: row.hash,
            version: row.version_after,
            chain: Chain(row.hash.0),
        }
    }

    pub fn source(&self) -> Source {
        let at = self.position();
        let (hash, chain) = (at.hash.to_string(), String::new());
        Source { epoch: at.epoch, sequence: at.sequence, hash, version: at.version, chain }
    }

    pub fn hash_at(&self, sequence: u64) -> Option<Hash> {
        match sequence {
            0 => Some(Hash::default()),
            at => self.rows.get(at as usize - 1).map(Row::hash),
        }
    }

    /// Where it was moved last, and the pool that is active.
    pub fn placed(&self) -> (Option<&Placement>, &str) {
        let moved = self.rows.iter().rev().find_map(|row| match &*row.what {
            What::Promoted { placement, pool } => Some((placement, pool.as_str())),
            What::Change { .. } => None,
        });
        moved.map_or((None, super::layout::ATLANTA), |(placement, pool)| (Some(placement), pool))
    }

    /// Appends a row; its hash covers all before it and what is its own.
    pub fn append(&mut self, known: &mut Known, epoch: u64, version: u64, salt: u64, what: What) -> &Row {
        let before = self.position();
        let mut hasher = blake3::Hasher::new();
        hasher.update(&before.hash.0);
        for number in [epoch, version, salt] {
            hasher.update(&number.to_le_bytes());
        }
        let hash = Hash(*hasher.finalize().as_bytes());
        let row = AuditRow {
            sequence: before.sequence + 1,
            time: DateTime { ticks: 0, kind: DateTimeKind::Utc },
            principal: String::new(),
            cmdlet: String::new(),
            place: String::new(),
            parameters: String::new(),
            decision: Decision::Allowed,
            through: String::new(),
            outcome: String::new(),
            changed: String::new(),
            digest: String::new(),
            version_before: before.version,
            version_after: version,
            previous: before.hash,
            hash,
        };
        let what = Rc::new(what);
        known.insert(hash.0, what.clone());
        self.rows.push(Row { entry: Rc::new(LogEntry { row, epoch, documents: Vec::new() }), what });
        self.rows.last().expect("just pushed")
    }

    /// Takes entries over, if they follow.
    pub fn apply(&mut self, known: &Known, entries: &[LogEntry]) -> Result<Position, &'static str> {
        if self.role != Role::Standby {
            return Err("StoreNotStandby");
        }
        for entry in entries {
            if entry.row.previous != self.position().hash || entry.row.sequence != self.position().sequence + 1 {
                return Err("LogBroken");
            }
            let what = known.get(&entry.row.hash.0).cloned().expect("somebody made it");
            self.rows.push(Row { entry: Rc::new(entry.clone()), what });
        }
        Ok(self.position())
    }
}
