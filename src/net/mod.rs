//! What travels between processes: certificates, TLS, frames, HTTP. Transport only: it knows no cmdlet and no document.

pub mod peer;

pub use peer::{Peer, PeerName};
