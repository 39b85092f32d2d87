//! The audit log: a row for each change and each denial, chained by hashes so that an altered or missing row shows.

mod chain;
mod parameters;
mod row;

pub use chain::{Fault, Hash, Verdict, Verifier, row_hash};
pub use parameters::{describe, is_secret};
pub use row::{AuditRow, Decision, Entry, Query, time_text};
