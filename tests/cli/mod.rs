//! The command line: the real binary, run as a user would.

mod bad_input;
mod client;
mod first_day;
mod forms;
mod limits;
pub mod program;
mod reading;
mod real;
mod remote;
mod scripts;
mod seeds;
