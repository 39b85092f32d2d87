//! Which computer or person gets a certificate: the policy over the authority, which signs what it is told to.
//!
//! A certificate is worth something only once the store knows its number. What is issued is recorded in one commit,
//! the same that uses up the token which it was issued for.

use super::certificates::{self, Certificate, Holder, Standing};
use super::join_tokens;
use crate::env::Clock;
use crate::error::{Category, ErrorRecord};
use crate::net::authority::COMPUTER_LIFETIME;
use crate::net::{Authority, Issued, Peer};
use crate::store::{Change, Grant, Store};
use crate::topology;
use crate::value::{TimeSpan, same_name};

/// A certificate for a computer that shows a join token: it must be the one that the token is for, and in the topology.
///
/// # Errors
/// `TokenInvalid`, `TokenUsed`, `TokenExpired`, `TokenForAnother`, `ComputerNotFound`,
/// `CertificateRequestInvalid`; those of the store.
pub fn join(
    store: &dyn Store,
    authority: &Authority,
    computer: &str,
    secret: &str,
    request: &str,
    clock: &dyn Clock,
) -> Result<Issued, ErrorRecord> {
    let now = clock.now();
    // Before anything else, so that nobody without a token learns what is in the topology.
    let token = join_tokens::redeem(store, secret, computer, now)?;
    let (topology, _) = topology::load(store)?;
    let computer = topology.computer(computer)?.fqdn.clone();
    let issued = authority.issue_computer(&computer, request, COMPUTER_LIFETIME, clock)?;
    let mut changes = vec![
        token.consume(now, &issued.serial)?,
        record(&issued, Holder::Computer, &computer, authority, clock, None).issue()?,
    ];
    changes.extend(certificates::sweep(store, now)?);
    match store.commit(&Grant::system("join"), &changes) {
        Ok(_) => Ok(issued),
        // Somebody else came with the same token in this moment: now it says so.
        Err(error) if error.id() == "StoreConflict" => {
            Err(join_tokens::redeem(store, secret, &computer, now).err().unwrap_or(error))
        }
        Err(error) => Err(error),
    }
}

/// Another certificate for a computer that proved itself with one that still holds.
///
/// # Errors
/// `CertificateRevoked`, `CertificateUnknown`, `ComputerRemoved`, `CertificateRequestInvalid`; those of the store.
pub fn renew(
    store: &dyn Store,
    authority: &Authority,
    peer: &Peer,
    request: &str,
    clock: &dyn Clock,
) -> Result<Issued, ErrorRecord> {
    let refused = |id, message: String| Err(ErrorRecord::new(id, Category::PermissionDenied, message));
    let Some(computer) = peer.computer() else {
        return refused("AccessDenied", "Only a computer's certificate is renewed in this way.".into());
    };
    match certificates::standing(store, &peer.serial)? {
        Standing::Good(_) => {}
        Standing::Revoked(_) => {
            return refused("CertificateRevoked", format!("The certificate of {computer} was revoked."));
        }
        Standing::Unknown => {
            return refused(
                "CertificateUnknown",
                format!("The deployment did not issue this certificate of {computer}."),
            );
        }
    }
    let (topology, _) = topology::load(store)?;
    let Some(found) = topology.computers().find(|known| same_name(&known.fqdn, computer)) else {
        return refused("ComputerRemoved", format!("{computer} is no longer in the topology."));
    };
    let issued = authority.issue_computer(&found.fqdn, request, COMPUTER_LIFETIME, clock)?;
    let previous = Some(peer.thumbprint.clone());
    let mut changes = vec![record(&issued, Holder::Computer, &found.fqdn, authority, clock, previous).issue()?];
    changes.extend(certificates::sweep(store, clock.now())?);
    store.commit(&Grant::system("certificate renewal"), &changes)?;
    Ok(issued)
}

/// A certificate for a person, with the leave of the cmdlet that asks for it.
///
/// # Errors
/// `CertificateRequestInvalid`, `CertificateNotMade`; those of the store.
pub fn person(
    store: &dyn Store,
    grant: &Grant,
    authority: &Authority,
    account: &str,
    request: &str,
    lifetime: TimeSpan,
    clock: &dyn Clock,
) -> Result<Issued, ErrorRecord> {
    let issued = authority.issue_person(account, request, lifetime, clock)?;
    let mut changes = vec![record(&issued, Holder::Person, account, authority, clock, None).issue()?];
    changes.extend(certificates::sweep(store, clock.now())?);
    store.commit(grant, &changes)?;
    Ok(issued)
}

/// The change that records the first certificate of a computer, when its directory is made.
pub(super) fn first(
    issued: &Issued,
    computer: &str,
    authority: &Authority,
    clock: &dyn Clock,
) -> Result<Change, ErrorRecord> {
    record(issued, Holder::Computer, computer, authority, clock, None).issue()
}

/// What the store is to know of a certificate.
fn record(
    issued: &Issued,
    kind: Holder,
    to: &str,
    authority: &Authority,
    clock: &dyn Clock,
    previous_thumbprint: Option<String>,
) -> Certificate {
    let name = match kind {
        Holder::Computer => to.to_string(),
        Holder::Person => crate::net::peer::person_uri(to),
    };
    Certificate {
        serial: issued.serial.clone(),
        version: 0,
        kind,
        issued_to: to.to_string(),
        subject: format!("CN={to}"),
        issuer: format!("CN={}", authority.name()),
        alternative_names: vec![name],
        not_before: issued.not_before,
        not_after: issued.not_after,
        thumbprint: issued.thumbprint.clone(),
        issued_on: clock.now(),
        previous_thumbprint,
        revoked: false,
        revoked_on: None,
        other: serde_json::Map::new(),
    }
}
