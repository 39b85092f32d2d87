//! Why a place does not do what it is ordered.

use super::Place;
use crate::error::{Category, ErrorRecord};

impl Place {
    /// What comes late of a failover that is given up is refused.
    pub(super) fn not_over(&self, failover: &str) -> Result<(), ErrorRecord> {
        if !self.record.over.iter().any(|id| id == failover) {
            return Ok(());
        }
        let message = format!("The failover {failover} was given up: {} takes no more orders for it.", self.me);
        Err(ErrorRecord::new("FailoverOver", Category::InvalidOperation, message).hint("Run the failover again."))
    }

    pub(super) fn epoch_over(&self, epoch: u64) -> ErrorRecord {
        let message = format!("{} knows that the epoch {} has begun; {epoch} is over.", self.me, self.highest_epoch());
        ErrorRecord::new("EpochOver", Category::InvalidOperation, message)
            .hint("Run it again: the next try takes an epoch above that one.")
    }

    pub(super) fn is_active(&self) -> ErrorRecord {
        let message = format!("The database is active on {}, in epoch {}.", self.me, self.epoch);
        ErrorRecord::new("TargetIsActive", Category::InvalidOperation, message)
    }

    pub(super) fn not_active(&self) -> ErrorRecord {
        let message = format!("The database is not active on {}.", self.me);
        let error = ErrorRecord::new("NotActive", Category::InvalidOperation, message);
        match &self.leader {
            Some((epoch, leader)) => error.hint(format!("{leader} has it, in epoch {epoch}.")),
            None => error,
        }
    }

    pub(super) fn underway_here(&self, what: &str) -> ErrorRecord {
        ErrorRecord::new("FailoverUnderway", Category::ResourceBusy, format!("{} {what}.", self.me))
            .hint("Run that failover again to finish it, or undo it with -Restore.")
    }
}
