//! What cmdlets ask of replication on a computer that is not the master: they can work on its own replica, and on no
//! other.

use super::node::Node;
use crate::error::{Category, ErrorRecord};
use crate::replication::{CentralState, Control, Hop, ReplicaState, storage};
use crate::value::same_name;
use std::sync::Arc;

/// This computer's own replica.
pub(super) struct Own(Arc<Node>);

impl Own {
    /// That of a node.
    pub fn of(node: &Arc<Node>) -> Arc<dyn Control> {
        Arc::new(Own(node.clone()))
    }

    /// Only the master can say this.
    fn elsewhere(&self, what: &str) -> ErrorRecord {
        let message = format!("{} keeps a replica, and knows nothing of {what}.", self.0.computer());
        let error = ErrorRecord::new("NotActive", Category::ResourceUnavailable, message);
        match self.0.active() {
            Some(active) => error.hint(format!("Ask on the active Central Management server, {}.", active.computer)),
            None => error.hint("Ask on the active Central Management server."),
        }
    }
}

impl Control for Own {
    fn replicas(&self) -> Result<Vec<ReplicaState>, ErrorRecord> {
        Err(self.elsewhere("the others"))
    }

    fn central(&self) -> Result<CentralState, ErrorRecord> {
        Err(self.elsewhere("the others"))
    }

    /// What the replica holds is discarded, and it takes everything anew.
    fn forget(&self, replica: Option<&str>) -> Result<(), ErrorRecord> {
        if !replica.is_some_and(|replica| same_name(replica, self.0.computer())) {
            return Err(self.elsewhere("the replicas of others"));
        }
        storage::discard(&self.0.directory().replica())?;
        self.0.discarded.notify_one();
        Ok(())
    }

    fn probe(&self, _replica: &str) -> Result<Vec<Hop>, ErrorRecord> {
        Err(self.elsewhere("the way from the master"))
    }
}
