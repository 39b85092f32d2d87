//! What a row of the audit log holds, and what is asked of the log.

use super::chain::Hash;
use crate::value::DateTime;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What was decided about a cmdlet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Decision {
    /// It was let run.
    Allowed,
    /// It was refused.
    Denied,
}

impl Decision {
    /// As it is stored and printed.
    pub fn name(self) -> &'static str {
        match self {
            Decision::Allowed => "Allowed",
            Decision::Denied => "Denied",
        }
    }

    /// From its name, in any case.
    pub fn parse(name: &str) -> Option<Decision> {
        [Decision::Allowed, Decision::Denied].into_iter().find(|d| d.name().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What is written to the log beside what the store itself knows (time, versions, the chain).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Entry {
    /// Who: the name of the principal, or `system`.
    pub principal: String,
    /// The cmdlet, or the reason of a change by the system.
    pub cmdlet: String,
    /// Where: `Global`, `Site:Redmond`, `OU:ou=…`.
    pub place: String,
    /// The bound parameters as JSON, secrets left out.
    pub parameters: serde_json::Value,
    /// Let run or refused.
    pub decision: Decision,
    /// Through which role or group; of a denial, the roles that the principal holds.
    pub through: String,
    /// `Changed`, `AccessDenied`, or the id of the error that kept the change from happening.
    pub outcome: String,
}

/// A row of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditRow {
    /// Its number, from 1, without gaps.
    pub sequence: u64,
    /// When, in coordinated universal time.
    pub time: DateTime,
    /// Who.
    pub principal: String,
    /// The cmdlet, or the reason of a change by the system.
    pub cmdlet: String,
    /// Where.
    pub place: String,
    /// The bound parameters as JSON text, secrets left out.
    pub parameters: String,
    /// Let run or refused.
    pub decision: Decision,
    /// Through which role or group.
    pub through: String,
    /// What came of it.
    pub outcome: String,
    /// The documents that changed, a line each; of many the first, and how many more.
    pub changed: String,
    /// A hash over all documents that changed, with their bodies; empty where none did.
    pub digest: String,
    /// The version of the store before.
    pub version_before: u64,
    /// The version of the store after.
    pub version_after: u64,
    /// The hash of the row before; of the first, zeros.
    pub previous: Hash,
    /// The hash of this row and, through `previous`, of all before it.
    pub hash: Hash,
}

/// Which rows of the log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// Not before this time.
    pub since: Option<DateTime>,
    /// Not after this time.
    pub until: Option<DateTime>,
    /// Of this decision.
    pub decision: Option<Decision>,
}

/// A time for people, to the second: `2026-11-21 13:40:14Z`.
pub fn time_text(time: DateTime) -> String {
    const TICKS_TO_UNIX_EPOCH: i64 = 621_355_968_000_000_000;
    let seconds = time.ticks.saturating_sub(TICKS_TO_UNIX_EPOCH).div_euclid(10_000_000);
    match jiff::Timestamp::from_second(seconds) {
        Ok(stamp) => stamp.to_string().replace('T', " "),
        Err(_) => format!("tick {}", time.ticks),
    }
}
