//! The script engine: lowered text runs in Rhai, where commands, operators and script blocks are native functions.
//!
//! [`Engine`] belongs to one session on one thread; variables and functions stay between its runs.

pub mod attributes;
mod automatic;
mod blocks;
mod call_stack;
mod called;
mod commands;
mod console;
mod convert;
mod engine;
mod errors;
mod flow;
mod functions;
mod kept;
mod library;
mod maps;
mod members;
mod modules;
mod names;
mod native;
mod parallel;
mod parameters;
mod pieces;
mod prepared;
mod pscmdlet;
mod runtime;
mod shared;
pub mod signature;
mod source;
mod typed;
mod values;

pub use engine::{Checked, Engine};
pub use names::ScriptNames;
pub use shared::Limits;
