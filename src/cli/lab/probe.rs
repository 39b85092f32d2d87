//! Asks the servers of a lab how they are.

use crate::error::{Category, ErrorRecord};
use crate::host::Health;
use crate::net::http::{Body, Channel, Method};
use std::path::Path;
use std::time::Duration;

/// How long a server on this computer may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whether a server runs on a host directory.
pub fn runs(directory: &Path) -> bool {
    health(directory).is_ok()
}

/// The health of the server of a host directory.
///
/// # Errors
/// `HostUnreachable` where none runs, or does not answer.
pub fn health(directory: &Path) -> Result<Health, ErrorRecord> {
    let silent = || {
        let message = format!("The server of '{}' does not answer.", directory.display());
        ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, message)
    };
    let socket = directory.join("reeve.sock");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|_| silent())?;
    let asked = async {
        let channel = Channel::over_unix(&socket).await?;
        // Whether it is well or not, it says so in the same form.
        channel.request(Method::GET, "/healthz", Body::empty()).await?.body.json::<Health>().await
    };
    runtime.block_on(async { tokio::time::timeout(PATIENCE, asked).await }).map_err(|_| silent())?
}
