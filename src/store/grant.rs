//! Leave to change the store.

use crate::audit::{Decision, Entry};

/// Leave to change the store: who, by which cmdlet, with what decision. Made by `access::authorize` and
/// [`Grant::system`], by nothing else; the audit row of the change is made from it.
#[derive(Clone, Debug)]
pub struct Grant {
    principal: String,
    cmdlet: String,
    place: String,
    parameters: serde_json::Value,
    through: String,
}

impl Grant {
    /// Leave of the system itself: initialisation, replication, migration. Each use is on a list in a test.
    pub fn system(reason: &str) -> Grant {
        Grant {
            principal: "system".into(),
            cmdlet: reason.into(),
            place: "Global".into(),
            parameters: serde_json::Value::Null,
            through: "system".into(),
        }
    }

    /// What `access::authorize` decided. Nothing else calls this: a test reads the sources for it.
    pub(crate) fn decided(entry: Entry) -> Grant {
        let Entry { principal, cmdlet, place, parameters, through, .. } = entry;
        Grant { principal, cmdlet, place, parameters, through }
    }

    /// What `access::authorize` decided on another computer that decides for the deployment, and that came over with an
    /// order from it. A test lists who calls this.
    pub(crate) fn relayed(entry: Entry) -> Grant {
        Grant::decided(entry)
    }

    /// Who: the name of the principal, or `system`.
    pub fn principal(&self) -> &str {
        &self.principal
    }

    /// The cmdlet, or the reason of a change by the system.
    pub fn cmdlet(&self) -> &str {
        &self.cmdlet
    }

    /// Through which role or group.
    pub fn through(&self) -> &str {
        &self.through
    }

    /// The row of the log that goes with what it was used for.
    pub(crate) fn entry(&self, outcome: &str) -> Entry {
        Entry {
            principal: self.principal.clone(),
            cmdlet: self.cmdlet.clone(),
            place: self.place.clone(),
            parameters: self.parameters.clone(),
            decision: Decision::Allowed,
            through: self.through.clone(),
            outcome: outcome.to_string(),
        }
    }
}
