//! Backup of a pool by its partner: what a pool owns is kept twice, so that one can be lost.

pub mod files;
