//! Metrics in the form that Prometheus reads.

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;

/// Bounds of the histograms, in seconds: from what a local disk does to what nobody should wait for.
const SECONDS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// What is measured, with its help text. What other rooms count stands here too, so that each name has one place.
const COUNTERS: &[(&str, &str)] = &[
    ("reeve_packages_made_total", "Packages made, by kind."),
    ("reeve_package_bytes_made_total", "Bytes of packages made, as they travel, by kind."),
    ("reeve_packages_sent_total", "Packages sent to replicas, by kind."),
    ("reeve_package_bytes_sent_total", "Bytes of packages sent to replicas."),
    ("reeve_packages_applied_total", "Packages that this computer's replica applied, by kind."),
    ("reeve_calls_total", "Calls of cmdlets, by cmdlet and outcome."),
    ("reeve_handshakes_refused_total", "Handshakes that were refused, by error."),
    ("reeve_certificate_renewals_total", "Renewals of this computer's certificate, by outcome."),
];

const GAUGES: &[(&str, &str)] = &[
    ("reeve_connections", "Connections that stand."),
    ("reeve_replicas", "Replicas, by state: connected, up_to_date, behind."),
    ("reeve_store_version", "The version of the store."),
    ("reeve_store_epoch", "The epoch of the store."),
    ("reeve_replica_version", "The version that this computer's replica holds."),
    ("reeve_replica_epoch", "The epoch that this computer's replica holds."),
    ("reeve_certificate_expiry_seconds", "Seconds until this computer's certificate expires."),
    ("reeve_place_role", "1 where a database takes changes on this computer, else 0, by database."),
    ("reeve_feed_lag_rows", "Rows of a database's log that a computer that follows has not on its disk yet."),
    ("reeve_mirror_synchronized", "1 where a change of a database waits for its mirror, 0 where it is made without."),
    ("reeve_healthy", "1 where nothing stands in the way, else 0."),
];

const HISTOGRAMS: &[(&str, &str)] = &[
    ("reeve_apply_seconds", "Time that applying a package took, by kind."),
    ("reeve_call_seconds", "Time that calls of cmdlets took."),
];

/// Why handshakes are refused, as far as an administrator would want to be told.
const REFUSALS: &[&str] =
    &["CertificateExpired", "CertificateInvalid", "CertificateRevoked", "CertificateUnknown", "ComputerRemoved"];

/// The names of all that is measured.
pub fn names() -> impl Iterator<Item = &'static str> {
    [COUNTERS, GAUGES, HISTOGRAMS].into_iter().flatten().map(|(name, _)| *name)
}

/// Starts measuring; once in a process, whoever comes first.
pub fn start() {
    HANDLE.get_or_init(|| {
        let builder = PrometheusBuilder::new().set_buckets(SECONDS).ok()?;
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        // Somebody else measures in this process: then there is nothing to show.
        metrics::set_global_recorder(recorder).ok()?;
        for (name, help) in COUNTERS {
            metrics::describe_counter!(*name, *help);
        }
        // What is rare begins at 0, so that its first time is a change.
        for outcome in ["renewed", "failed"] {
            metrics::counter!("reeve_certificate_renewals_total", "outcome" => outcome).increment(0);
        }
        for error in REFUSALS {
            metrics::counter!("reeve_handshakes_refused_total", "error" => *error).increment(0);
        }
        for (name, help) in GAUGES {
            metrics::describe_gauge!(*name, *help);
        }
        for (name, help) in HISTOGRAMS {
            metrics::describe_histogram!(*name, *help);
        }
        Some(handle)
    });
}

/// All that is measured, as text.
pub fn render() -> String {
    match HANDLE.get() {
        Some(Some(handle)) => {
            handle.run_upkeep();
            handle.render()
        }
        _ => String::new(),
    }
}

/// A number for a gauge: what is beyond 2⁵³ loses its last digits.
#[expect(clippy::cast_precision_loss, reason = "versions stay far below")]
pub fn number(value: u64) -> f64 {
    value as f64
}
