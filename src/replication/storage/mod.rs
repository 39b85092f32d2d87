//! The replica's database: what a computer holds of the store, applied package by package.
//!
//! What decides is in [`apply`](apply()): whether a package may be applied, and what of it is written. It goes by the
//! small trait [`Target`], so that a simulation runs the very same code over a disk of its own.

mod apply;
mod db;
mod document;
mod failure;
mod fill;
mod heal;
mod reader;
#[cfg(test)]
pub(super) mod tests;
mod unpack;
mod walk;

pub use apply::{Target, apply};
pub use db::{LastPackage, ReplicaDb};
pub use document::PackedDocument;
pub use failure::no_replica;
pub(super) use failure::record as failed;
pub use reader::{ReplicaStore, discard};
pub use unpack::Unpacked;

/// The database's name in the replica's folder.
pub const FILE: &str = "replica.db";
