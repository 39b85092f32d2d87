//! One-directional, repeatable synchronisation of a file tree: the target's becomes as the source's.
//!
//! Both ends keep a hash tree of what was last synchronised, and the short hashes of the blocks of every file. So equal
//! trees are found equal by one hash, the source knows of a changed file which parts the target has without asking, and
//! what was renamed or moved is found by its content. The ends are machines without sockets ([`End`]): they exchange
//! [`message::Message`]s, written down as bytes of at most [`message::LARGEST_MESSAGE`], over whatever carries them.
//!
//! What always holds: nothing is read or written outside the tree; a file is the old or the new one, never half; the
//! index says only what is durable; what somebody else changed at the target is kept, under another name.

mod apply;
mod aside;
mod blocks;
mod delta;
mod disk;
mod guard;
mod index;
mod merkle;
pub mod message;
mod path;
mod plan;
mod recover;
mod removals;
mod report;
mod row;
mod scan;
mod sending;
mod source;
mod staging;
mod target;
mod tree;
mod trouble;
mod wire;

#[cfg(test)]
mod tests;

pub use path::TreePath;
pub use report::{Names, Report};
pub use row::Hash;
pub use source::Source;
pub use target::Target;
pub use tree::{End, Options, Tree, drive, refusal};
