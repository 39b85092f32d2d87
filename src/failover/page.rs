//! A failover's report as a page for a browser: one file, no scripts, nothing from elsewhere.

use super::control::{Preflight, Report};

/// What became of a failover.
pub fn page_of_report(report: &Report) -> String {
    format!("<!DOCTYPE html><title>{}</title>", report.id)
}

/// What would become of one.
pub fn page_of_preflight(preflight: &Preflight) -> String {
    format!("<!DOCTYPE html><title>{}</title>", preflight.database)
}
