//! The shell (REPL): line editing, completion, colours, and a loop that survives errors and Ctrl-C.

mod complete;
mod editor;
mod highlight;
mod names;
mod paths;
mod repl;
#[cfg(test)]
mod tests;

pub use complete::{Candidate, Completions, complete};
pub use names::of as names;
pub use repl::run;
