//! A row of the status table: what the master keeps of a replica over a restart.

use crate::replication::id::{Held, PackageKind};
use std::sync::Arc;

/// What the master keeps of a replica. Times are ticks of its own clock, in coordinated universal time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The computer, as the topology spells it.
    pub computer: Arc<str>,
    /// What it reported; without it the next package is a full snapshot.
    pub held: Option<Held>,
    /// What kind of package it applied last.
    pub last_package_kind: Option<PackageKind>,
    /// When it last reported.
    pub last_status_report: Option<i64>,
    /// When the newest package was announced to it.
    pub last_update_creation: Option<i64>,
    /// When it was last heard.
    pub last_contact: Option<i64>,
    /// The version of its program.
    pub product: Option<Arc<str>>,
    /// Its last error, `Id: message`, until it succeeds.
    pub last_error: Option<Box<str>>,
    /// What stands in the way of its documents or its hook.
    pub hook_error: Option<Box<str>>,
    /// Until when its certificate is valid.
    pub not_after: Option<i64>,
    /// Seconds that its clock is ahead.
    pub clock_skew_seconds: Option<i64>,
}

impl Row {
    /// The row of a replica of which nothing is known.
    pub fn new(computer: Arc<str>) -> Row {
        Row {
            computer,
            held: None,
            last_package_kind: None,
            last_status_report: None,
            last_update_creation: None,
            last_contact: None,
            product: None,
            last_error: None,
            hook_error: None,
            not_after: None,
            clock_skew_seconds: None,
        }
    }
}
