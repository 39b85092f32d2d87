//! The status of the replicas: a table in a file of its own, so that reports and changes of the store do not wait for
//! each other.

mod offline;
mod table;

pub use offline::{Offline, offline};
pub use table::{Central, StatusTable};
