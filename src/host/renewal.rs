//! The computer's certificate: renewed when two thirds of its life are over, its end announced.

use super::node::Node;
use crate::deployment::{Active, issue};
use crate::error::{Category, ErrorRecord};
use crate::net::http::Channel;
use crate::net::identity::{self, Material};
use crate::net::{Authority, request};
use crate::value::{TimeSpan, date};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// Days before its end from which a warning stands in health, metrics and log. It is renewed long before: a warning
/// means that renewing fails.
const WARNING_DAYS: i64 = 14;
/// How long it waits after a failed renewal, at first and at most.
const RETRY: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(3600));

/// What a computer asks for.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Ask {
    /// The request for a certificate (PEM).
    pub request: String,
}

/// What it gets.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Given {
    /// The certificate (PEM).
    pub certificate: String,
}

/// Looks after the certificate as long as the server runs.
pub async fn run(node: Arc<Node>, every: Duration) {
    let mut backoff = RETRY.0;
    let mut next = tokio::time::Instant::now();
    loop {
        look(&node);
        if tokio::time::Instant::now() >= next && node.identity().current().needs_renewal(node.clock().now()) {
            match renew(&node).await {
                Ok(()) => {
                    metrics::counter!("reeve_certificate_renewals_total", "outcome" => "renewed").increment(1);
                    node.findings.warning("CertificateRenewal", None);
                    backoff = RETRY.0;
                    look(&node);
                }
                Err(error) => {
                    metrics::counter!("reeve_certificate_renewals_total", "outcome" => "failed").increment(1);
                    let what = format!("The certificate could not be renewed yet: {}", error.message());
                    node.findings.warning("CertificateRenewal", Some(what));
                    next = tokio::time::Instant::now() + backoff;
                    backoff = (backoff * 2).min(RETRY.1);
                }
            }
        }
        tokio::time::sleep(every).await;
    }
}

/// Notes how long the certificate is still valid.
fn look(node: &Node) {
    let left = node.identity().current().remaining(node.clock().now());
    #[expect(clippy::cast_precision_loss, reason = "seconds of some years")]
    metrics::gauge!("reeve_certificate_expiry_seconds").set(left.ticks as f64 / 1e7);
    let until = date::text(node.identity().current().peer.not_after);
    let hint = "It joins again with a new token, if it cannot be renewed.";
    let expired = (left.ticks <= 0).then(|| format!("This computer's certificate expired on {until} UTC. {hint}"));
    let soon = (left.ticks > 0 && left < TimeSpan { ticks: WARNING_DAYS * date::DAY })
        .then(|| format!("This computer's certificate expires on {until} UTC, and was not renewed yet."));
    node.findings.problem("Certificate", expired);
    node.findings.warning("Certificate", soon);
}

/// Gets another certificate, from the master or, where this computer is the master, from its own authority.
async fn renew(node: &Arc<Node>) -> Result<(), ErrorRecord> {
    let made = request::new(node.computer())?;
    let certificate = if node.is_active() {
        let (node, request) = (node.clone(), made.request);
        let issued = tokio::task::spawn_blocking(move || {
            let peer = node.identity().current().peer.clone();
            let authority = Authority::load(&node.directory().tls())?;
            issue::renew(node.deployment()?.store(), &authority, &peer, &request, &**node.clock())
        });
        issued.await.map_err(|error| interrupted(&error))??.certificate
    } else {
        let active = node.active().ok_or_else(no_master)?;
        let given: Given =
            channel(node, &active).await?.post("/v1/certificate", &Ask { request: made.request }).await?;
        given.certificate
    };
    let folder = node.directory().tls();
    let authority = std::fs::read_to_string(folder.join("ca.crt")).map_err(|error| {
        let message = format!("'{}' cannot be read: {error}.", folder.join("ca.crt").display());
        ErrorRecord::new("IdentityUnreadable", Category::ReadError, message)
    })?;
    let material = Material::from_pem(&certificate, &made.key, &authority)?;
    identity::write_folder(&folder, &certificate, &made.key, &authority)?;
    let until = date::text(material.peer.not_after);
    node.identity().replace(material)?;
    tracing::info!(until, "certificate renewed");
    Ok(())
}

async fn channel(node: &Node, active: &Active) -> Result<Channel, ErrorRecord> {
    Channel::over_tls(node.dialler()?.http(&active.computer).await?).await
}

fn no_master() -> ErrorRecord {
    ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, "No active master is known here.")
}

/// A task that was stopped, or that panicked.
pub(super) fn interrupted(error: &tokio::task::JoinError) -> ErrorRecord {
    ErrorRecord::new("OperationStopped", Category::OperationStopped, format!("The work was not finished: {error}."))
}
