//! What happens to a replica, and what it wants done.

use crate::replication::id::{Chain, Held, PackageId};
use crate::replication::message::{Announce, ToMaster, ToReplica};
use bytes::Bytes;
use std::sync::Arc;

/// What happens to a replica.
#[derive(Clone, Debug)]
pub enum Event {
    /// The connection that was wanted stands, and the master's certificate was accepted.
    Connected,
    /// It could not be made.
    NotConnected {
        /// Error id.
        id: String,
        /// What happened.
        message: String,
    },
    /// A message came.
    Received {
        /// The epoch in its frame.
        epoch: u64,
        /// The message.
        message: ToReplica,
    },
    /// The connection is gone. Not told of one that the replica closed itself.
    Closed {
        /// Error id.
        id: String,
        /// What happened.
        message: String,
    },
    /// The other computers were asked who the active master is.
    Found {
        /// The computer; `None` where none of them knew.
        computer: Option<Arc<str>>,
    },
    /// A package is applied, and on the disk.
    Applied {
        /// Which.
        package: PackageId,
        /// What is held now.
        held: Held,
    },
    /// A package was not applied; what was held is held. Also where its bytes could not be written.
    NotApplied {
        /// Which.
        package: PackageId,
        /// Error id: `PackageCorrupt` and what else says of its bytes that they are wrong, `ReplicaDiskFull`, others.
        id: String,
        /// What happened.
        message: String,
    },
    /// Something else is held than was: the database was damaged, and begun anew.
    Reset {
        /// What is held now.
        held: Option<Held>,
    },
    /// An epoch could not be written: nothing that came after it in the same list of effects was done.
    NotPersisted {
        /// Error id.
        id: String,
        /// What happened.
        message: String,
    },
    /// Documents and hook of the version that is held have succeeded, or not.
    Hook {
        /// What stands in the way.
        error: Option<String>,
    },
    /// Time has passed. Wanted when [`super::Replica::wake`] says, or about ten times a second.
    Tick,
    /// The computer stops.
    Stop,
}

/// What a replica wants done, in this order. A driver does one after the other, and each whole before the next.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Write the highest epoch seen; it is on the disk before the next effect begins.
    PersistEpoch {
        /// Which.
        epoch: u64,
    },
    /// Connect to the active master. [`Event::Connected`] or [`Event::NotConnected`] follows.
    Connect {
        /// The computer; `None`: the one that the topology (or the directory's join) names.
        to: Option<Arc<str>>,
    },
    /// Ask the other computers who the active master is. [`Event::Found`] follows.
    Find,
    /// Send a message.
    Send {
        /// With this epoch in its frame.
        epoch: u64,
        /// The message.
        message: ToMaster,
    },
    /// End the connection.
    Close,
    /// Write bytes of a package to its file, which is as long as `offset` already (0: begin it anew). Where that fails,
    /// [`Event::NotApplied`].
    Spool {
        /// Which.
        package: PackageId,
        /// Its hash; with the name it names the file.
        hash: Chain,
        /// Where they belong.
        offset: u64,
        /// The bytes.
        bytes: Bytes,
    },
    /// Remove whatever package files there are.
    Discard,
    /// Verify and apply a package in one transaction that is on the disk when [`Event::Applied`] comes, or
    /// [`Event::NotApplied`] with everything as it was. The package is the announcement's body, or else the file that
    /// was spooled, which is removed when it was applied.
    Apply {
        /// The package.
        announce: Arc<Announce>,
    },
}
