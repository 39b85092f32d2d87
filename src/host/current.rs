//! Replication as cmdlets of a server ask it, whose services come and go.

use super::node::State;
use crate::error::{Category, ErrorRecord};
use crate::replication::{CentralState, Control, Hop, ReplicaState};
use std::sync::{Arc, PoisonError, RwLock};

/// Replication as it runs at the moment of a question: threads keep deployments open while services come and go.
pub(super) struct Current(pub(super) Arc<RwLock<State>>);

impl Current {
    fn ask<T>(&self, ask: impl FnOnce(&dyn Control) -> Result<T, ErrorRecord>) -> Result<T, ErrorRecord> {
        let control = self.0.read().unwrap_or_else(PoisonError::into_inner).control.clone();
        match control {
            Some(control) => ask(&*control),
            None => Err(ErrorRecord::new(
                "NotActive",
                Category::ResourceUnavailable,
                "This computer is not the active Central Management server.",
            )),
        }
    }
}

impl Control for Current {
    fn replicas(&self) -> Result<Vec<ReplicaState>, ErrorRecord> {
        self.ask(|control| control.replicas())
    }

    fn central(&self) -> Result<CentralState, ErrorRecord> {
        self.ask(|control| control.central())
    }

    fn forget(&self, replica: Option<&str>) -> Result<(), ErrorRecord> {
        self.ask(|control| control.forget(replica))
    }

    fn probe(&self, replica: &str) -> Result<Vec<Hop>, ErrorRecord> {
        self.ask(|control| control.probe(replica))
    }
}
