//! Replication where no server runs and no status was ever kept: what the store says of it.

use super::progress::no_server;
use crate::deployment::Deployment;
use crate::deployment::certificates::{self, Certificate, Holder};
use crate::error::ErrorRecord;
use crate::replication::{CentralState, Control, Hop, ReplicaState};
use crate::topology::Topology;
use crate::value::same_name;

/// Replication as the store alone tells of it.
pub(super) struct Offline {
    replicas: Vec<ReplicaState>,
    central: CentralState,
}

impl Offline {
    pub fn of(deployment: &Deployment, topology: &Topology) -> Result<Offline, ErrorRecord> {
        let head = deployment.store().head()?;
        let issued = certificates::list(deployment.store())?;
        let until = |name: &str| {
            let mine = |c: &&Certificate| c.kind == Holder::Computer && !c.revoked && same_name(&c.issued_to, name);
            issued.iter().filter(mine).map(|certificate| certificate.not_after).max()
        };
        let mut names: Vec<String> = topology.replicas().map(|computer| computer.fqdn.clone()).collect();
        names.sort();
        let one = |name: &String| ReplicaState {
            replica_fqdn: name.clone(),
            certificate_not_after: until(name),
            reason: Some("It has not reported, and no server runs here that it could report to.".into()),
            ..ReplicaState::default()
        };
        let replicas = names.iter().map(one).collect();
        let central = CentralState {
            active_master_fqdn: topology.active_store().map(|place| place.pool),
            version: Some(head.version),
            epoch: Some(head.epoch),
            active_replicas: names,
            ..CentralState::default()
        };
        Ok(Offline { replicas, central })
    }
}

impl Control for Offline {
    fn replicas(&self) -> Result<Vec<ReplicaState>, ErrorRecord> {
        Ok(self.replicas.clone())
    }

    fn central(&self) -> Result<CentralState, ErrorRecord> {
        Ok(self.central.clone())
    }

    fn forget(&self, _replica: Option<&str>) -> Result<(), ErrorRecord> {
        Ok(())
    }

    fn probe(&self, _replica: &str) -> Result<Vec<Hop>, ErrorRecord> {
        Err(no_server())
    }
}
