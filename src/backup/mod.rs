//! Backup of a pool by its partner: what a pool owns is kept twice, so that one can be lost.

mod control;
pub mod files;
mod module;

pub use control::{Control, ExportState, ImportState, ModuleStatus, SyncProgress, SyncReport};
pub use module::Module;
