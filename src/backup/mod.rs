//! Backup of a pool by its partner: what a pool owns is kept twice, so that one can be lost.
//!
//! A pool's data are [`Module`]s. Each goes from the computer that serves it to the one that keeps it for the case that
//! the first is lost: documents by their log, files by [`files`] over [`carry`]. [`service`] decides when.

pub mod carry;
mod control;
pub mod files;
pub mod log;
mod module;
pub mod service;

pub use control::{Control, ExportState, Extent, ImportState, ModuleStatus, SyncOrder, SyncProgress, SyncReport};
pub use module::Module;
