//! Documents as files, for other software of the computer, and the hook that is run when they changed.
//!
//! `documents/<Kind>/<Scope, Key>.json`, each replaced by renaming, so that a reader finds the old one or the new one,
//! never half of one. How far the files have come is a cursor in the replica's database that is moved when they are
//! written: a crash at any point repeats work and loses none.
//!
//! The files are not flushed to the disk one by one: they can all be had again from the database, and flushing
//! thousands would take seconds. A crash of the program loses nothing of what it wrote. After a crash of the machine
//! (the run of the operating system is another than that in which the files were written) all files are compared with
//! the database, and what differs is written again.

mod changed;
mod files;
mod hook;
mod name;
mod pass;
#[cfg(test)]
mod tests;
mod worker;

pub use hook::Hook;
pub use name::file_name;
pub use worker::{Options, Worker};
