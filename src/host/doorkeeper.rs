//! Who is let in: what the deployment knows of certificates, as of this computer's store or replica.

use crate::deployment::certificates;
use crate::error::ErrorRecord;
use crate::net::{Acceptance, Peer, PeerName, Refusal};
use crate::store::Store;
use crate::topology;
use crate::value::date;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};

/// What is known of certificates. Kept in memory: it is asked in every handshake.
#[derive(Default)]
pub struct Doorkeeper {
    known: RwLock<Option<Arc<Known>>>,
    /// Is told which computers are sent away, and why, while somebody wants to know.
    tell: RwLock<Option<Tell>>,
}

/// Is told of a computer that is sent away: its name, an error's id and message.
pub type Tell = Arc<dyn Fn(&str, &str, String) + Send + Sync>;

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

impl Doorkeeper {
    /// Who is told of computers that are sent away.
    pub fn tell(&self, tell: Option<Tell>) {
        *self.tell.write().unwrap_or_else(PoisonError::into_inner) = tell;
    }

    fn say(&self, peer: &Peer, id: &str, message: String) {
        let tell = self.tell.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let (Some(tell), Some(computer)) = (tell, peer.computer()) {
            tell(computer, id, message);
        }
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
        let until = date::text(peer.not_after);
        let hint = "Compare the clocks; else let it join again with a token.";
        self.say(peer, "CertificateExpired", format!("Its certificate ended on {until} UTC. {hint}"));
    }

    fn refused(&self, peer: &Peer, why: Refusal) {
        self.say(peer, why.id(), why_not(peer, why));
    }
}

/// Why a peer is sent away, for its computer's status.
pub fn why_not(peer: &Peer, why: Refusal) -> String {
    let hint = match why {
        Refusal::Removed => "Publish a topology that has it, or switch its server off.",
        Refusal::Revoked | Refusal::Unknown => "Let it join again with a token, if it is to be let in.",
    };
    format!("It is sent away: {why} (serial {}). {hint}", peer.serial)
}
