//! The log of a database on its way to the places that follow it: a standby, a mirror, the copy at the partner pool.
//!
//! A follower asks for what comes after its last row, and so says what is on its disk; the answer waits until there is
//! something. [`Feeds`] is the answering side: it knows who follows, and holds a change's acknowledgement back until a
//! mirror has it. [`Follower`] decides what a follower does, without I/O; [`Puller`] and [`sync_once`] carry that out.

mod coding;
mod feeds;
mod follower;
mod local;
mod message;
mod puller;
mod respond;
mod search;
#[cfg(test)]
mod tests;
mod tracker;
mod transport;
mod unsent;

pub use feeds::{ALONE_AFTER, Feeds, FeedsOptions, Newer, OpenLog, WAITS_AT_MOST};
pub use follower::{Effect, Event, Follower, FollowerOptions};
pub use message::{Answer, Ask, Begin, HASHES, Request};
pub use puller::{ErrorText, Mode, Pulled, Puller, PullerOptions, Status, sync_once, sync_until};
pub use respond::{Response, respond};
pub use tracker::{Tracker, Verdict};
pub use transport::{HttpTransport, LineStream, Traffic, Transport};
pub use unsent::Unsent;
