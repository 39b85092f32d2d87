//! The shell (REPL): line editing, completion, highlighting, hints, history, Ctrl-C.

mod complete;
mod editor;
mod highlight;
mod repl;

pub use complete::{Candidate, Completion, complete};
pub use repl::run;
