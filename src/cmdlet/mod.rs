//! The cmdlet runtime: signatures, binding, pipelines, and what a running cmdlet may touch.

pub mod context;
mod door;
pub mod host;
pub mod run;
pub mod session;
pub mod spec;

pub use context::{Bound, Common, Context};
pub use host::{Choice, Host, Message, Progress};
pub use run::{
    Access, AccessKind, BlockRunner, Cmdlet, CmdletEntry, Example, Maker, ObjectCmdlet, Run, ScopeKind, Side,
};
pub use session::Session;
