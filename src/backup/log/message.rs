//! What a follower asks of the place that it follows, and what it is answered.

use crate::audit::Hash;
use crate::error::ErrorRecord;
use crate::store::{LogEntry, Position, Role};
use serde::{Deserialize, Serialize};

/// Rows of which the hashes are asked at once, at most.
pub const HASHES: usize = 64;

/// A question (`POST /v1/log/<database>`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Request {
    /// The highest epoch that the follower was in or heard of.
    pub epoch: u64,
    /// A change waits for this follower: it is a mirror.
    #[serde(default)]
    pub synchronous: bool,
    /// It also takes what a place has that is not active: before it takes over, when the active one is lost.
    #[serde(default)]
    pub any: bool,
    /// What it asks.
    pub ask: Ask,
}

/// What a follower asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ask {
    /// What comes after a row. It says at the same time that all up to that row is on the follower's disk.
    #[serde(rename_all = "PascalCase")]
    After {
        /// The row; 0 for all.
        sequence: u64,
        /// Its hash.
        hash: Hash,
        /// The version at that row.
        version: u64,
        /// How long the answer may wait for something to come, in milliseconds.
        wait: u64,
    },
    /// The hashes of rows, at most [`HASHES`]: to find the last one that both have.
    Hashes(Vec<u64>),
}

/// Where the log of the answering place stands, and what the database is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Begin {
    /// Its role.
    pub role: Role,
    /// The log.
    pub position: Position,
}

/// An answer as a whole, as the follower's decisions see it.
#[derive(Clone, Debug)]
pub enum Answer {
    /// What comes after the row.
    Batch {
        /// The place that answers.
        begin: Begin,
        /// The entries.
        entries: Vec<LogEntry>,
        /// There is more.
        more: bool,
        /// From when it was asked on, the answering place acknowledges nothing without this follower, unless that is silent
        /// for too long.
        synchronized: bool,
    },
    /// The row is another there, or the log does not reach it.
    Differs {
        /// The place that answers.
        begin: Begin,
    },
    /// Hashes of rows; `None` where the log does not reach one.
    Hashes {
        /// The place that answers.
        begin: Begin,
        /// Row and hash.
        hashes: Vec<(u64, Option<Hash>)>,
    },
    /// No answer.
    Refused {
        /// The epoch of the place that refuses.
        epoch: u64,
        /// Why: `EpochOver` where its own epoch is lower than the one asked with, `StoreNotActive`, those of its disk.
        error: ErrorRecord,
    },
}
