//! Replication: the Central Management server's changes reach every computer's replica.
//!
//! Two state machines without I/O decide everything: [`master`] on the computer that holds the active store,
//! [`replica`] on every computer that holds a replica. An event goes in, effects come out; drivers carry the effects out
//! over real sockets, disks and time, and a simulation does so over made-up ones. Packages are immutable, named by
//! epoch and versions, hashed, compressed, made once and served to all.

pub mod coding;
pub mod control;
pub mod driver;
pub mod id;
pub mod master;
pub mod message;
pub mod package;
#[cfg(feature = "planted-bugs")]
pub mod planted;
pub mod projection;
pub mod replica;
pub mod status;
pub mod storage;
mod time;

pub use control::{CentralState, Control, Hop, ReplicaState};
pub use id::{Chain, Held, PackageId, PackageKind};
pub use master::Master;
pub use replica::Replica;
pub use status::offline;
pub use time::Now;
