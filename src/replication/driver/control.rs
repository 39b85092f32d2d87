//! What cmdlets ask of the master at work.

use super::hub::Inner;
use super::{lock, probe};
use crate::error::ErrorRecord;
use crate::replication::control::{CentralState, Control, Hop, ReplicaState};
use std::sync::Arc;

/// The master at work.
pub(super) struct Live {
    inner: Arc<Inner>,
}

impl Live {
    pub fn new(inner: Arc<Inner>) -> Live {
        Live { inner }
    }
}

impl Control for Live {
    fn replicas(&self) -> Result<Vec<ReplicaState>, ErrorRecord> {
        let mut states = self.inner.ask(|master| master.states())?;
        let unlisted = lock(&self.inner.unlisted);
        states.retain(|state| !unlisted.contains(&state.replica_fqdn.to_lowercase()));
        Ok(states)
    }

    fn central(&self) -> Result<CentralState, ErrorRecord> {
        let state = self.inner.ask(|master| (master.over().is_none(), master.central()));
        let (active, mut state) = state?;
        let unlisted = lock(&self.inner.unlisted);
        state.active_replicas.retain(|name| !unlisted.contains(&name.to_lowercase()));
        let now = self.inner.options.clock.now();
        Ok(CentralState {
            last_updated_on: Some(now),
            active_master_fqdn: active.then(|| self.inner.options.pool.clone()),
            active_master_last_heartbeat: Some(now),
            ..state
        })
    }

    fn forget(&self, replica: Option<&str>) -> Result<(), ErrorRecord> {
        self.inner.forget(replica)
    }

    fn probe(&self, replica: &str) -> Result<Vec<Hop>, ErrorRecord> {
        probe::probe(&self.inner, replica)
    }
}
