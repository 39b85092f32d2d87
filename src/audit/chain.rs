//! The chain: each row's hash covers the row and the hash of the row before it.

use super::row::AuditRow;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A BLAKE3 hash.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Hash(pub [u8; 32]);

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Hash {
    /// From its 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Hash> {
        blake3::Hash::from_hex(text).ok().map(|hash| Hash(*hash.as_bytes()))
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Hash, D::Error> {
        let text = String::deserialize(from)?;
        Hash::parse(&text).ok_or_else(|| serde::de::Error::custom("a hash has 64 hexadecimal digits"))
    }
}

/// The hash of a row from all its other fields. Each field goes in with its length, so that no two rows read alike.
pub fn row_hash(row: &AuditRow) -> Hash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&row.previous.0);
    for number in [row.sequence, row.version_before, row.version_after] {
        hasher.update(&number.to_le_bytes());
    }
    hasher.update(&row.time.ticks.to_le_bytes());
    let texts = [
        &*row.principal,
        &row.cmdlet,
        &row.place,
        &row.parameters,
        row.decision.name(),
        &row.through,
        &row.outcome,
        &row.changed,
        &row.digest,
    ];
    for text in texts {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    Hash(*hasher.finalize().as_bytes())
}

/// What is wrong with a log, and from which row on nothing is certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The row.
    pub sequence: u64,
    /// What is wrong.
    pub what: String,
}

/// What a walk over the whole log found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Rows that are as they were written, from the first on.
    pub rows: u64,
    /// The hash of the last of them: kept elsewhere, it proves later that nothing before it was altered.
    pub head: Hash,
    /// The first fault; `None` if all is well.
    pub fault: Option<Fault>,
}

/// Walks a log from its first row and stops believing at the first fault.
#[derive(Debug, Default)]
pub struct Verifier {
    rows: u64,
    head: Hash,
    version: u64,
    fault: Option<Fault>,
}

impl Verifier {
    /// Takes the next row. Rows after a fault are not looked at.
    pub fn row(&mut self, row: &AuditRow) {
        if self.fault.is_some() {
            return;
        }
        let what = if row.sequence != self.rows + 1 {
            format!("row {} is missing", self.rows + 1)
        } else if row.previous != self.head {
            "it does not follow the row before it".to_string()
        } else if row_hash(row) != row.hash {
            "it is not as it was written".to_string()
        } else if row.version_before != self.version || row.version_after < row.version_before {
            format!("it begins at version {}, the log stands at {}", row.version_before, self.version)
        } else {
            self.rows += 1;
            self.head = row.hash;
            self.version = row.version_after;
            return;
        };
        self.fault = Some(Fault { sequence: row.sequence, what });
    }

    /// Whether a fault was found, so that no further row needs reading.
    pub fn is_over(&self) -> bool {
        self.fault.is_some()
    }

    /// The end of the log of a store at this version: rows cut off at the end show by it.
    pub fn finish(mut self, version: u64) -> Verdict {
        if self.fault.is_none() && self.version != version {
            let what = format!("the store is at version {version}, the log ends at {}: rows are missing", self.version);
            self.fault = Some(Fault { sequence: self.rows + 1, what });
        }
        Verdict { rows: self.rows, head: self.head, fault: self.fault }
    }
}
