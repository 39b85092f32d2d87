//! What master and replica say to each other. Every message carries the sender's epoch.

use super::id::{Chain, Held, PackageId};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The form of messages and packages that this program speaks.
pub const FORMAT: u32 = 1;

/// Largest package that travels inside its announcement, in bytes: one trip instead of two, and still a frame that
/// holds nothing up for long.
pub const INLINE: u64 = 256 * 1024;
/// Bytes of a chunk: small beside what a connection may have under way, large beside its frame's head.
pub const CHUNK: u32 = 64 * 1024;
/// Chunks that a connection may have under way: enough to keep a fast network busy, little enough for a slow one.
pub const CHUNKS: u32 = 4;
/// Milliseconds after which whoever has said nothing says that it is still here.
pub const BEAT: u64 = 10_000;
/// Milliseconds of silence after which a connection is taken for dead.
pub const SILENCE: u64 = 30_000;

/// What a replica says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToMaster {
    /// The first message on a connection.
    Hello(Box<Hello>),
    /// Send the announced package from this byte on.
    Fetch {
        /// Which.
        package: PackageId,
        /// From which byte.
        offset: u64,
    },
    /// A package is applied and on the disk. Also sent when documents or hook of the present version come to succeed or
    /// fail.
    Report(Box<Report>),
    /// A package was not applied; what is held stays as it was.
    Failed {
        /// Which.
        package: PackageId,
        /// Error id.
        id: String,
        /// What happened.
        message: String,
    },
    /// Still here.
    Alive,
}

/// Who a replica is and what it holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hello {
    /// Form of messages.
    pub format: u32,
    /// The deployment's id.
    pub deployment: String,
    /// The computer; must be the certificate's name.
    pub computer: String,
    /// The program's version.
    pub product: String,
    /// What it holds; `None` before its first snapshot.
    pub held: Option<Held>,
    /// Ticks of its clock (see `value::DateTime`), in coordinated universal time.
    pub clock: i64,
    /// What stands in the way of documents or hook, if something does.
    pub hook_error: Option<String>,
}

/// What a replica has done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// What it holds now.
    pub held: Held,
    /// The package that it applied last, if it did since the connection was made.
    pub package: Option<PackageId>,
    /// What stands in the way of documents or hook.
    pub hook_error: Option<String>,
    /// Ticks of its clock.
    pub clock: i64,
}

/// What the master says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToReplica {
    /// The answer to a hello: the master's version.
    Welcome {
        /// The version of the store.
        version: u64,
    },
    /// There is a package for this replica. A small one comes with it, a larger one is to be fetched.
    Announce(Arc<Announce>),
    /// Bytes of a package that was fetched, in order.
    Chunk {
        /// Which.
        package: PackageId,
        /// Where they belong.
        offset: u64,
        /// The bytes. They travel behind the message, not in its JSON.
        #[serde(skip)]
        bytes: Bytes,
    },
    /// Still here.
    Beat {
        /// The version of the store.
        version: u64,
    },
    /// The connection ends, and why.
    Farewell {
        /// Error id: `ComputerRemoved`, `CertificateRevoked`, `EpochOver`, `NotActive`, `Stopping`.
        id: String,
        /// What happened.
        message: String,
    },
}

/// A package that waits for a replica.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Announce {
    /// Its name.
    pub package: PackageId,
    /// Its length as it travels, in bytes.
    pub length: u64,
    /// Its length when it is unpacked, in bytes.
    pub unpacked: u64,
    /// blake3 of its bytes as they travel.
    pub hash: Chain,
    /// What the replica must hold for a delta to be applied.
    pub from: Option<Held>,
    /// What the replica holds when it is applied.
    pub to: Held,
    /// The package itself, if it is small. It travels behind the message, not in its JSON.
    #[serde(skip)]
    pub body: Option<Bytes>,
}
