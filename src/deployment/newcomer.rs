//! The host directory of a computer that joins: what the deployment gave it, as a whole or not at all.

use super::{Active, init, make, tls};
use crate::error::ErrorRecord;
use std::path::Path;

/// What a computer that joins has in hand.
pub struct Newcomer<'a> {
    /// The deployment's id.
    pub deployment: &'a str,
    /// Its name, as the topology spells it.
    pub computer: &'a str,
    /// Its private key (PEM), which nobody else has.
    pub key: &'a str,
    /// Its certificate (PEM).
    pub certificate: &'a str,
    /// The authority's certificate (PEM).
    pub authority: &'a str,
    /// The active master.
    pub active: Active,
    /// Where computers listen that DNS does not know, by name: `host:port`.
    pub addresses: &'a [(String, String)],
}

/// Sees that a directory can be made there, before a token is used up for it.
///
/// # Errors
/// `DeploymentExists`, `DirectoryNotEmpty`, `DeploymentNotMade`.
pub fn vacant(directory: &Path) -> Result<(), ErrorRecord> {
    init::vacant(directory)?;
    make::writable(directory)
}

/// Makes the directory.
///
/// # Errors
/// Those of [`vacant`].
pub fn admit(directory: &Path, newcomer: &Newcomer) -> Result<(), ErrorRecord> {
    make::make(directory, |place| {
        tls::write(place, newcomer.key, newcomer.certificate, newcomer.authority)?;
        super::write_addresses(place, newcomer.addresses)?;
        init::host(place, newcomer.deployment, newcomer.computer, false, &newcomer.active)?;
        tls::settle(place)
    })
}
