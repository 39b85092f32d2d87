//! What happens to the master, and what it wants done.

use super::row::Row;
use crate::replication::id::PackageId;
use crate::replication::message::{Announce, ToMaster, ToReplica};
use crate::store::Head;
use std::sync::Arc;

/// A connection's number; the driver gives each a new one.
pub type ConnectionId = u64;

/// What happens to the master.
#[derive(Clone, Debug)]
pub enum Event {
    /// A computer connected, and its certificate was accepted.
    Opened {
        /// The connection.
        connection: ConnectionId,
        /// The computer that the certificate names.
        computer: Arc<str>,
        /// Until when the certificate is valid, in ticks.
        not_after: Option<i64>,
    },
    /// A message came.
    Received {
        /// On which connection.
        connection: ConnectionId,
        /// The epoch in its frame: the highest that the replica saw.
        epoch: u64,
        /// The message.
        message: ToMaster,
    },
    /// Chunks were written to the network.
    Sent {
        /// On which connection.
        connection: ConnectionId,
        /// How many since the last time.
        chunks: u32,
    },
    /// A connection is gone, or the driver gave it up: its queue was full, its peer broke the protocol.
    Closed {
        /// Which.
        connection: ConnectionId,
        /// Error id and message, where it did not end well.
        error: Option<(String, String)>,
    },
    /// Whoever is at the other end is no longer let in, as its certificate was revoked: it is told, and the connection
    /// ends.
    Expelled {
        /// Which.
        connection: ConnectionId,
        /// Error id.
        id: String,
        /// Why.
        message: String,
    },
    /// A computer's certificate was refused before there was a connection.
    Refused {
        /// The computer that the certificate names.
        computer: Arc<str>,
        /// Error id.
        id: String,
        /// Why.
        message: String,
    },
    /// The store has changed, by a commit or because its epoch grew.
    Changed {
        /// Where it is now.
        head: Head,
    },
    /// The computers that are to hold a replica, as the topology spells them.
    Replicas {
        /// All of them.
        computers: Vec<Arc<str>>,
    },
    /// A package was made.
    Made {
        /// What is announced: `package.from` is what was asked for, `package.to` the head that the store had, which may
        /// be newer than the last [`Event::Changed`]. Its body is there where it is to travel inside.
        announce: Arc<Announce>,
    },
    /// A package could not be made.
    NotMade {
        /// The version that was asked for.
        from: Option<u64>,
        /// Error id.
        id: String,
        /// What happened.
        message: String,
    },
    /// A package of which chunks were wanted is no longer kept.
    Lost {
        /// Which.
        package: PackageId,
        /// The connection that was to get chunks.
        connection: ConnectionId,
    },
    /// The status of one replica, or of all, is deleted: each gets a full snapshot.
    Forget {
        /// The computer; `None` is all.
        computer: Option<Arc<str>>,
    },
    /// Time has passed. Wanted about every second.
    Tick,
    /// The server stops: farewell to all.
    Stop,
}

/// What the master wants done, in this order.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Send a message. Never a chunk.
    Send {
        /// On which connection.
        connection: ConnectionId,
        /// With this epoch in its frame.
        epoch: u64,
        /// The message.
        message: ToReplica,
    },
    /// Send a piece of a package; [`Event::Sent`] follows when it is written, [`Event::Lost`] where the package is no
    /// longer kept.
    SendChunk {
        /// On which connection.
        connection: ConnectionId,
        /// With this epoch in its frame.
        epoch: u64,
        /// Which package.
        package: PackageId,
        /// From which byte.
        offset: u64,
        /// How many.
        length: u32,
    },
    /// End a connection when what was sent before is written. No [`Event::Closed`] need follow.
    Close {
        /// Which.
        connection: ConnectionId,
    },
    /// Make a package, or find it among those kept; [`Event::Made`] or [`Event::NotMade`] follows. At most
    /// [`super::MAKES`] are asked for at a time, each from another version.
    Make {
        /// What changed after this version; `None` is a full snapshot.
        from: Option<u64>,
    },
    /// Write a row of the status table; it may wait a little and be written with others.
    Write(Box<Row>),
    /// Delete a row of the status table: on the disk before whoever asked to forget is answered.
    Delete(Arc<str>),
    /// This master's epoch has gone by: another holds the store. It answers nobody any more.
    Over {
        /// The newer epoch.
        epoch: u64,
        /// The computer that knew of it.
        computer: Arc<str>,
    },
}
