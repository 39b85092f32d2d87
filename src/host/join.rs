//! A computer joins: it shows a token, once, and gets a certificate over a key that it made itself.

use super::node::Node;
use super::renewal::interrupted;
use super::routes::Where;
use crate::deployment::newcomer::{self, Newcomer};
use crate::deployment::{Active, Made, issue};
use crate::env::Clock;
use crate::error::{Category, ErrorRecord};
use crate::net::http::Channel;
use crate::net::identity::Material;
use crate::net::{Authority, JoinToken, dial, request};
use crate::value::same_name;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How long joining may take altogether: a commit of the store, and a few answers.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a newcomer shows.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Ask {
    /// Its name.
    pub computer: String,
    /// The token's secret.
    pub secret: String,
    /// The request for a certificate (PEM).
    pub request: String,
}

/// What it gets.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Given {
    /// The deployment's id.
    pub deployment: String,
    /// Its name, as the topology spells it.
    pub computer: String,
    /// Its certificate (PEM).
    pub certificate: String,
    /// The authority's certificate (PEM).
    pub authority: String,
    /// The active master.
    pub active: String,
    /// The epoch of the store.
    pub epoch: u64,
    /// Where computers listen that DNS does not know.
    pub addresses: BTreeMap<String, String>,
}

/// Takes a newcomer in, at the master.
///
/// # Errors
/// `NotActive` where another computer is the master; those of [`issue::join`].
pub async fn admit(node: Arc<Node>, ask: Ask) -> Result<Given, ErrorRecord> {
    node.check_active()?;
    let admitted = tokio::task::spawn_blocking(move || {
        let authority = Authority::load(&node.directory().tls())?;
        let deployment = node.deployment()?;
        let store = deployment.store();
        let issued = issue::join(store, &authority, &ask.computer, &ask.secret, &ask.request, &**node.clock())?;
        let computer = deployment.topology()?.computer(&ask.computer)?.fqdn.clone();
        tracing::info!(computer, serial = issued.serial, "a computer joined");
        Ok(Given {
            deployment: node.directory().deployment().to_string(),
            computer,
            certificate: issued.certificate,
            authority: authority.certificate().to_string(),
            active: node.computer().to_string(),
            epoch: store.epoch()?,
            addresses: book(&node),
        })
    });
    admitted.await.map_err(|error| interrupted(&error))?
}

/// The master's address book; what cannot be read of it is not passed on.
fn book(node: &Node) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(node.directory().addresses()).unwrap_or_default();
    toml::from_str(&text).unwrap_or_default()
}

/// Joins a deployment, and makes the computer's host directory. Nothing is made, and the token is not used up, where
/// anything is wrong that can be known before.
///
/// # Errors
/// `TokenInvalid`, `AddressInvalid`, `HostUnreachable`, `CertificateUnknown` (the server is not of the token's
/// deployment); those of [`issue::join`] and of [`newcomer::admit`].
pub fn join(
    directory: &Path,
    url: &str,
    token: &str,
    computer: &str,
    clock: Arc<dyn Clock>,
) -> Result<Made, ErrorRecord> {
    let token = JoinToken::parse(token)?;
    let host = host_of(url)?;
    newcomer::vacant(directory)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| {
        ErrorRecord::new("OperationStopped", Category::ResourceUnavailable, format!("No runtime: {error}."))
    })?;
    let made = request::new(computer)?;
    let ask = Ask { computer: computer.to_string(), secret: token.secret(), request: made.request };
    let asked = async { tokio::time::timeout(PATIENCE, ask_master(host, &token, &ask, clock)).await };
    let (given, address) = runtime.block_on(asked).map_err(|_| {
        let message = format!("'{host}' did not answer within {} seconds.", PATIENCE.as_secs());
        ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, message)
    })??;
    // What cannot be used is not written.
    let material = Material::from_pem(&given.certificate, &made.key, &given.authority)?;
    if material.ca_hash() != *token.ca() || !material.peer.computer().is_some_and(|name| same_name(name, computer)) {
        let message = format!("'{host}' answered with a certificate that is not the one of {computer}.");
        return Err(ErrorRecord::new("CertificateInvalid", Category::SecurityError, message));
    }
    let mut addresses = given.addresses;
    // Who had to be named by its address has perhaps no other way to be found.
    if !addresses.keys().any(|name| same_name(name, &given.active)) && !same_name(name_of(&address), &given.active) {
        addresses.insert(given.active.clone(), address);
    }
    let addresses: Vec<(String, String)> = addresses.into_iter().collect();
    newcomer::admit(
        directory,
        &Newcomer {
            deployment: &given.deployment,
            computer: &given.computer,
            key: &made.key,
            certificate: &given.certificate,
            authority: &given.authority,
            active: Active { computer: given.active, epoch: given.epoch },
            addresses: &addresses,
        },
    )?;
    Ok(Made { deployment: given.deployment, computer: given.computer, warnings: Vec::new() })
}

/// Asks the server that was named, which may name the master; gives also the master's address.
async fn ask_master(
    host: &str,
    token: &JoinToken,
    ask: &Ask,
    clock: Arc<dyn Clock>,
) -> Result<(Given, String), ErrorRecord> {
    let connection = dial::join(host, token, clock.clone()).await?;
    let asked = connection.peer.name.clone();
    let channel = Channel::over_tls(connection).await?;
    let active: Where = channel.get("/v1/where").await?;
    let Some(master) = active.active else {
        let message = format!("{asked} does not know which computer is the active Central Management server.");
        return Err(ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, message)
            .hint("Name the address of another server of the deployment."));
    };
    if same_name(&master, asked.text()) {
        return Ok((channel.post("/v1/join", ask).await?, host.to_string()));
    }
    let address = active.address.unwrap_or_else(|| master.clone());
    let channel = Channel::over_tls(dial::join(&address, token, clock).await?).await?;
    Ok((channel.post("/v1/join", ask).await?, address))
}

/// `host:port` of a URL `https://host:port`.
fn host_of(url: &str) -> Result<&str, ErrorRecord> {
    let host = url.strip_prefix("https://").unwrap_or(url).trim_end_matches('/');
    if host.is_empty() || host.contains(['/', '@', '?', ' ']) {
        let message = format!("'{url}' is not the address of a server.");
        return Err(ErrorRecord::new("AddressInvalid", Category::InvalidArgument, message)
            .hint("It has the form https://server.example.net:4443."));
    }
    Ok(host)
}

/// The name in `host:port`.
fn name_of(address: &str) -> &str {
    address.rsplit_once(':').map_or(address, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_a_server() {
        for (url, host) in [
            ("https://a.example.net:4443", "a.example.net:4443"),
            ("https://a.example.net/", "a.example.net"),
            ("127.0.0.1:5000", "127.0.0.1:5000"),
            ("https://[::1]:5000", "[::1]:5000"),
        ] {
            assert_eq!(host_of(url).unwrap(), host);
        }
        for url in ["", "https://", "http://a", "https://a/b", "https://u@a"] {
            assert_eq!(host_of(url).unwrap_err().id(), "AddressInvalid", "{url}");
        }
    }
}
