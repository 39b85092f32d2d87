//! The script engine: lowered text runs in Rhai, where commands, operators and script blocks are native functions.
//!
//! [`Engine`] belongs to one session on one thread; variables and functions stay between its runs.

mod automatic;
mod blocks;
mod commands;
mod convert;
mod engine;
mod errors;
mod flow;
mod functions;
mod members;
mod modules;
mod native;
mod operators;
mod prepared;
mod runtime;
mod shared;
mod source;
mod values;

pub use engine::{Checked, Engine, ScriptNames};
pub use shared::Limits;
