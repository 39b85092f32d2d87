//! What an administrator wants: where to, and how.

use serde::{Deserialize, Serialize};

/// How a database goes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    /// The active place takes no more changes, the target takes what it misses, then they switch: nothing is lost.
    Planned,
    /// The target takes over with what it has.
    Disaster,
}

/// An SQL instance as somebody names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SqlName {
    /// The server: a computer or its pool.
    pub fqdn: String,
    /// The instance; `None` where it was not said.
    pub instance: Option<String>,
}

/// One side of a mirrored database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Principal {
    /// The primary.
    Primary,
    /// The mirror.
    Mirror,
}

/// Where to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wish {
    /// To the preassigned mirror if the topology names one, else to the instance of the backup pool; planned.
    Next,
    /// To an instance that stands by, without waiting for the active place: its mirror is named if that is the principal
    /// there.
    Backup {
        /// The instance.
        to: SqlName,
        /// Its mirror.
        mirror: Option<SqlName>,
    },
    /// Back to where it was before; a failover that is not over is undone.
    Restore,
    /// Nowhere: whoever ordered the failover that is over wants its report, which nobody had.
    Report,
    /// To one side of the mirrored database; with `force` without waiting for the other.
    Side {
        /// Which.
        principal: Principal,
        /// The present principal need not answer.
        force: bool,
    },
    /// To a computer that holds a place of it: pools that fail over.
    Computer {
        /// Which.
        computer: String,
        /// How.
        mode: Mode,
    },
}
