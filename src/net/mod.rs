//! What travels between processes: certificates, TLS, frames, HTTP. Transport only: it knows no cmdlet and no document.

pub mod addresses;
pub mod authority;
pub mod counted;
pub mod dial;
pub mod fault;
mod files;
pub mod frame;
pub mod http;
pub mod identity;
pub mod listen;
pub mod peer;
pub mod request;
pub mod tls;
pub mod token;
pub mod unix;
pub mod verify;

#[cfg(test)]
mod tests;

pub use addresses::Addresses;
pub use authority::{Authority, Issued};
pub use counted::{Counted, Wire};
pub use dial::{Connection, Dialler};
pub use fault::{Ends, nobody_listens};
pub use frame::{Frame, FrameReader, FrameWriter};
pub use identity::Identity;
pub use listen::{Accepted, Handler, Listener, Protocol};
pub use peer::{Peer, PeerName};
pub use token::JoinToken;
pub use verify::{Acceptance, Refusal};

use std::future::Future;
use std::pin::Pin;

/// A future on the heap, as traits with asynchronous methods give it.
pub type Pending<T> = Pin<Box<dyn Future<Output = T> + Send>>;
