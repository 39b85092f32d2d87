//! Who is let in: what the deployment knows of certificates, as of this computer's store or replica.

use crate::deployment::certificates;
use crate::error::ErrorRecord;
use crate::net::{Acceptance, Peer, PeerName, Refusal};
use crate::store::Store;
use crate::topology;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};

/// What is known of certificates. Kept in memory: it is asked in every handshake.
#[derive(Default)]
pub struct Doorkeeper {
    known: RwLock<Option<Arc<Known>>>,
}

/// As of one version.
struct Known {
    /// Serial numbers that were issued; whether they were revoked.
    certificates: HashMap<String, bool>,
    /// Computers of the topology, in lower case.
    computers: HashSet<String>,
}

impl Doorkeeper {
    /// Reads what a store or replica knows.
    ///
    /// # Errors
    /// Those of the store.
    pub fn refresh(&self, store: &dyn Store) -> Result<(), ErrorRecord> {
        let issued = certificates::list(store)?;
        let (topology, _) = topology::load(store)?;
        let known = Known {
            certificates: issued.into_iter().map(|c| (c.serial.to_ascii_uppercase(), c.revoked)).collect(),
            computers: topology.computers().map(|computer| computer.fqdn.to_lowercase()).collect(),
        };
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(known));
        Ok(())
    }
}

impl Acceptance for Doorkeeper {
    fn check(&self, peer: &Peer) -> Result<(), Refusal> {
        // A computer that was told nothing yet, or keeps no replica, knows the authority and nobody else. It has nothing
        // to give but what it tells everybody, and every cmdlet is decided by the master.
        let Some(known) = self.known.read().unwrap_or_else(PoisonError::into_inner).clone() else { return Ok(()) };
        match known.certificates.get(&peer.serial) {
            Some(false) => {}
            Some(true) => return Err(Refusal::Revoked),
            None => return Err(Refusal::Unknown),
        }
        match &peer.name {
            PeerName::Computer(name) if !known.computers.contains(&name.to_lowercase()) => Err(Refusal::Removed),
            _ => Ok(()),
        }
    }

    fn expired(&self, peer: &Peer) {
        tracing::warn!(name = %peer.name, serial = peer.serial, "refused: its certificate has expired");
    }
}
