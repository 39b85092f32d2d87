//! Cmdlets of a remote session: bound here, run on a server.
//!
//! The client's pipeline stays what it is. A stage whose cmdlet belongs to the server runs as a `RemoteRun`, which
//! sends the parameters as bound for each object and hands on what comes back; the server binds again, asks who may, and
//! runs the cmdlet in a session of its own ([`served`]).

mod ends;
pub mod lines;
mod link;
mod run;
mod seeking;
pub mod served;

pub use ends::{Ended, Feed, Lines};
pub use link::{Dial, Dialled, HttpLink, Socket};
pub use served::serve;

use super::context::{Bound, Common};
use super::registry::Native;
use super::run::{Run, Side};
use super::session::Session;
use crate::error::{Category, ErrorRecord, Halt};
use serde_json::Value as Json;
use std::rc::Rc;
use std::sync::Arc;

/// A way to servers, which outlives the calls that go through it: one connection, made at its first use and made anew
/// when it broke. Sessions of several threads may share it.
pub trait Link: Send + Sync {
    /// Begins a call of a cmdlet of the side given: a stream of lines. `fresh`: over a new connection, because the one
    /// that was there broke.
    ///
    /// # Errors
    /// `HostUnreachable`, `ServerBusy`, those of certificates; `ClientCertificateRequired` where the server on this side
    /// cannot be reached the way that the link goes.
    fn call(&self, side: Side, fresh: bool) -> Result<Lines, ErrorRecord>;

    /// The computer that the session talks to, where it says so.
    ///
    /// # Errors
    /// Those of [`Link::call`].
    fn here(&self) -> Result<Option<String>, ErrorRecord> {
        Ok(None)
    }

    /// Asks the server for something small by its path, which begins with `/v1/`.
    ///
    /// # Errors
    /// Those of [`Link::call`], and what the server says.
    fn get(&self, path: &str) -> Result<Json, ErrorRecord>;

    /// Looks anew for a server where cmdlets of a side run, because the one that was known does not run them, or is gone:
    /// the next call goes to the one that is found. Gives its computer, if that is another than before.
    ///
    /// # Errors
    /// Those of [`Link::call`], where none is found.
    fn seek(&self, _side: Side) -> Result<Option<String>, ErrorRecord> {
        Err(link::one_server_only())
    }

    /// The computer to which calls of a side went last, where that is known; nothing is asked.
    fn computer(&self, _side: Side) -> Option<String> {
        None
    }

    /// The store may move with the call that just began: where cmdlets of a keeper run is asked anew at the next.
    fn moves(&self) {}

    /// Why calls of a side go to another computer than the active store's, although that may well answer: given once for
    /// each connection.
    fn instead(&self, _side: Side) -> Option<ErrorRecord> {
        None
    }
}

/// Starts a cmdlet at the other end: the server has let it in when this returns.
///
/// # Errors
/// `AccessDenied`; `BlockCannotTravel` and others of values; those of the link.
pub(super) fn start(
    session: &Session,
    link: &Arc<dyn Link>,
    native: &Rc<Native>,
    bound: &Bound,
    common: &Common,
    fed: bool,
) -> Result<Box<dyn Run>, Halt> {
    Ok(Box::new(run::RemoteRun::start(session, link, native, bound, common, fed)?))
}

fn damaged(what: &str) -> ErrorRecord {
    ErrorRecord::new("WireDamaged", Category::InvalidData, format!("What came over the wire makes no sense: {what}."))
        .hint("Both ends must be reeve, of versions that know each other.")
}

fn too_large() -> ErrorRecord {
    let message = format!("What is sent as one has more than {} bytes.", crate::net::http::LONGEST_LINE);
    ErrorRecord::new("ValueTooLarge", Category::LimitsExceeded, message)
        .hint("Let objects flow through the pipeline one by one.")
}
