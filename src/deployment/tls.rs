//! The certificates that a directory begins with.
//!
//! ```text
//! tls/ca.crt          the deployment's authority: whom the computer trusts
//! tls/ca.key          its key, where the topology has a place of the store
//! tls/computer.crt    the computer's certificate
//! tls/computer.key    its key, which never leaves the directory
//! ```

use super::{HostDirectory, issue, make};
use crate::env::Clock;
use crate::error::{Category, ErrorRecord};
use crate::net::authority::COMPUTER_LIFETIME;
use crate::net::{Authority, request};
use crate::store::{Change, Grant, Store};
use crate::topology::Topology;
use crate::value::same_name;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// The folder, in a host directory.
pub(super) const FOLDER: &str = "tls";

/// Gives a computer's new directory its certificate, and gives the change that records it.
pub(super) fn equip(
    place: &Path,
    computer: &str,
    authority: &Authority,
    clock: &dyn Clock,
) -> Result<Change, ErrorRecord> {
    let made = request::new(computer)?;
    let issued = authority.issue_computer(computer, &made.request, COMPUTER_LIFETIME, clock)?;
    write(place, &made.key, &issued.certificate, authority.certificate())?;
    issue::first(&issued, computer, authority, clock)
}

/// Writes a computer's key and certificates into a directory that is being made. Only the directory as a whole has to
/// outlast a power failure, and it does once it is in its place.
pub(super) fn write(place: &Path, key: &str, certificate: &str, authority: &str) -> Result<(), ErrorRecord> {
    let folder = place.join(FOLDER);
    if !folder.is_dir() {
        make::directory(&folder).map_err(|error| make::not_made(&folder, &error))?;
    }
    for (name, text) in [("computer.key", key), ("computer.crt", certificate), ("ca.crt", authority)] {
        file(&folder.join(name), text)?;
    }
    Ok(())
}

/// Makes sure that certificates and key outlast a power failure: the token that paid for them is used up.
pub(super) fn settle(place: &Path) -> Result<(), ErrorRecord> {
    let folder = place.join(FOLDER);
    for name in ["computer.key", "computer.crt", "ca.crt", "."] {
        let path = folder.join(name);
        let synced = std::fs::File::open(&path).and_then(|file| file.sync_all());
        synced.map_err(|error| make::not_made(&path, &error))?;
    }
    Ok(())
}

/// Puts the authority's key beside the store.
pub(super) fn keep_authority(place: &Path, authority: &Authority) -> Result<(), ErrorRecord> {
    authority.save(&place.join(FOLDER))
}

/// Writes a file of a directory that is being made, for its owner alone.
pub(super) fn file(path: &Path, text: &str) -> Result<(), ErrorRecord> {
    let write = || -> std::io::Result<()> {
        let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes())
    };
    write().map_err(|error| make::not_made(path, &error))
}

/// The computers whose directories hold the authority's key: the places of the store.
pub fn keepers(topology: &Topology, active: &str) -> Vec<String> {
    let places = topology.store_places();
    let named = places.into_iter().flat_map(|place| [Some(place.sql), place.mirror]).flatten().map(|sql| sql.computer);
    let mut keepers: Vec<String> = Vec::new();
    for name in named.chain([active.to_string()]) {
        if !keepers.iter().any(|known| same_name(known, &name)) {
            keepers.push(name);
        }
    }
    keepers
}

/// Sees that a directory that is held has its certificate. One that an older program made, with the store in it, gets
/// an authority and a certificate now.
///
/// # Errors
/// `CertificateMissing` where there is neither a certificate nor a store; those of the store and of files.
pub fn ensure(host: &HostDirectory, store: Option<&dyn Store>, clock: &dyn Clock) -> Result<(), ErrorRecord> {
    let folder = host.tls();
    if !folder.join("computer.crt").exists() {
        let Some(store) = store else {
            let message = format!("'{}' holds no certificate of {}.", folder.display(), host.computer());
            return Err(ErrorRecord::new("CertificateMissing", Category::ResourceUnavailable, message).hint(
                "Let the computer join: New-CsJoinToken there, then reeve init DIR --join URL --token-file FILE.",
            ));
        };
        let authority = authority(host, clock)?;
        let change = equip(host.path(), host.computer(), &authority, clock)?;
        store.commit(&Grant::system("certificates of an older deployment"), &[change])?;
    }
    Ok(())
}

/// The authority of a directory with the store; made if an older program made the directory.
///
/// # Errors
/// `AuthorityUnreadable`, `CertificateNotWritten`.
pub fn authority(host: &HostDirectory, clock: &dyn Clock) -> Result<Authority, ErrorRecord> {
    let folder = host.tls();
    if !folder.join("ca.crt").exists() {
        Authority::create(host.deployment(), clock)?.save(&folder)?;
    }
    Authority::load(&folder)
}
