//! The cmdlet runtime: signatures, binding, pipelines, and what a running cmdlet may touch.

pub mod aliases;
pub mod binder;
pub mod catalogue;
pub mod common;
pub mod confirm;
pub mod context;
mod door;
pub mod elsewhere;
pub mod entry;
pub mod exception;
pub mod fields;
pub mod host;
pub mod outputs;
pub mod pipeline;
pub mod preferences;
pub mod registry;
pub mod remote;
pub mod run;
mod seed;
pub mod session;
pub mod spec;
pub mod streams;
pub mod transcript;
pub mod variable;
pub mod verbs;

pub use context::{Action, Bound, Common, Context};
pub use host::{Choice, Host, Message, Progress};
pub use run::{
    Access, AccessKind, BlockRunner, Cmdlet, CmdletEntry, Elsewhere, Example, FileParameter, Maker, NoBlocks,
    ObjectCmdlet, Run, ScopeKind, ScriptText, Side,
};
pub use seed::Seed;
pub use session::Session;
