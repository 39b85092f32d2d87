//! The authority's key at a place of the store that the topology made new: it comes from the active one, once.

use super::ask;
use crate::error::{Category, ErrorRecord};
use crate::host::node::Node;
use crate::host::renewal::interrupted;
use crate::net::Authority;
use crate::net::authority::KEY;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The authority, as a new place of the store gets it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Given {
    certificate: String,
    key: String,
}

/// What this computer gives another place of the store.
///
/// # Errors
/// `NotActive`, `AuthorityUnreadable`.
pub(super) async fn give(node: Arc<Node>) -> Result<Given, ErrorRecord> {
    node.check_active()?;
    let loaded = tokio::task::spawn_blocking(move || Authority::load(&node.directory().tls()));
    let authority = loaded.await.map_err(|error| interrupted(&error))??;
    Ok(Given { certificate: authority.certificate().to_string(), key: authority.key() })
}

/// Sees that a place of the store holds the authority's key: without it nobody could join once it has taken over.
pub(super) async fn ensure(node: Arc<Node>) {
    if node.directory().tls().join(KEY).exists() {
        return;
    }
    let taken = take(&node).await;
    match &taken {
        Ok(()) => tracing::info!("this computer holds the authority's key now: it has a place of the store"),
        Err(error) => tracing::debug!(id = error.id(), "the authority's key is not here yet: {}", error.message()),
    }
    let what = taken.err().map(|error| {
        format!(
            "The authority's key is not here: no certificate could be issued after a failover to this computer. {error}"
        )
    });
    node.findings.warning("Authority", what);
}

async fn take(node: &Arc<Node>) -> Result<(), ErrorRecord> {
    let active = node.active().map(|active| active.computer).ok_or_else(|| {
        ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, "No active master is known here.")
    })?;
    let given: Given = ask::post(node, &active, "/v1/authority", &(), ask::OBEYS).await?;
    let folder = node.directory().tls();
    let saved = tokio::task::spawn_blocking(move || {
        let authority = Authority::from_pem(given.certificate, &given.key)?;
        let own = std::fs::read_to_string(folder.join("ca.crt")).unwrap_or_default();
        if own.trim() != authority.certificate().trim() {
            let message = "The active computer gave another authority than the one that this computer trusts.";
            return Err(ErrorRecord::new("CertificateInvalid", Category::SecurityError, message));
        }
        authority.save(&folder)
    });
    saved.await.map_err(|error| interrupted(&error))?
}
