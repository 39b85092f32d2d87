//! The state of a pool: settings of its Registrar, as administrators see it.

use crate::config::{Identity, Item, Plan, Reader, family};
use crate::error::{Category, ErrorRecord};
use crate::store::Change;
use crate::topology::{Pool, Topology};
use serde_json::Value as Json;

/// The kind of the documents that say it: the family whose property it is.
pub const STATE_KIND: &str = FAMILY;
const FAMILY: &str = "RegistrarConfiguration";
/// The property.
const PROPERTY: &str = "PoolState";

/// The state of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolState {
    /// It serves its users.
    Active,
    /// They are on their way to its backup pool: nothing lasting can be changed.
    FailingOver,
    /// Its backup pool serves them.
    FailedOver,
    /// They are on their way back: nothing lasting can be changed.
    FailedBack,
}

impl PoolState {
    /// As it is kept and printed.
    pub fn name(self) -> &'static str {
        match self {
            PoolState::Active => "Active",
            PoolState::FailingOver => "FailingOver",
            PoolState::FailedOver => "FailedOver",
            PoolState::FailedBack => "FailedBack",
        }
    }

    /// From its name.
    pub fn parse(name: &str) -> Option<PoolState> {
        let all = [PoolState::Active, PoolState::FailingOver, PoolState::FailedOver, PoolState::FailedBack];
        all.into_iter().find(|state| state.name().eq_ignore_ascii_case(name))
    }

    /// Users are on their way: they can sign in, and change nothing that lasts.
    pub fn is_resiliency(self) -> bool {
        matches!(self, PoolState::FailingOver | PoolState::FailedBack)
    }

    /// Where its users are on their way: what that means for them, and the commands that lead on.
    pub fn on_the_way(self, pool: &str) -> Option<String> {
        let ways = match self {
            PoolState::Active | PoolState::FailedOver => return None,
            PoolState::FailingOver => format!(
                "Invoke-CsPoolFailOver -PoolFqdn \"{pool}\" finishes it, Invoke-CsPoolFailBack -PoolFqdn \"{pool}\" undoes it."
            ),
            PoolState::FailedBack => format!("Invoke-CsPoolFailBack -PoolFqdn \"{pool}\" finishes it."),
        };
        Some(format!(
            "{pool} is {}: its users can change nothing that lasts. If nobody is at it now, it was cut off: {ways}",
            self.name()
        ))
    }

    /// The state of a pool. What is set for a site or globally is no pool's state.
    ///
    /// # Errors
    /// Those of the store.
    pub fn of(reader: &Reader, pool: &str) -> Result<PoolState, ErrorRecord> {
        let Some(family) = family(FAMILY) else { return Ok(PoolState::Active) };
        let item = reader.find(family, &identity(pool))?;
        let state = item.as_ref().and_then(|item| item.get(PROPERTY).as_str()).and_then(PoolState::parse);
        Ok(state.unwrap_or(PoolState::Active))
    }

    /// The changes that put a pool into this state; none where it is in it. Settings that the pool's Registrar gets of its
    /// own with it are those that rule for it now.
    ///
    /// # Errors
    /// Those of the store.
    pub fn changes(self, reader: &Reader, pool: &Pool) -> Result<Vec<Change>, ErrorRecord> {
        let Some(family) = family(FAMILY) else { return Ok(Vec::new()) };
        let Some((at, _)) = family.property(PROPERTY) else { return Ok(Vec::new()) };
        let state = Json::String(self.name().to_string());
        let identity = identity(&pool.fqdn);
        if let Some(before) = reader.find(family, &identity)? {
            let mut after = before.clone();
            after.put(at, state);
            return Ok(Plan::update(reader, &before, after, None)?.changes);
        }
        if self == PoolState::Active {
            return Ok(Vec::new());
        }
        let mut item = Item::new(family, identity);
        let ruling = Identity::parse(family, &reader.effective(family, None, &pool.fqdn)?, reader.topology)?;
        if let Some(ruling) = reader.find(family, &ruling)? {
            for place in 0..family.properties.len() {
                item.put(place, ruling.at(place).clone());
            }
        }
        item.put(at, state);
        Ok(Plan::create(reader, item)?.changes)
    }
}

fn identity(pool: &str) -> Identity {
    Identity::Service { role: "Registrar".into(), pool: pool.to_string() }
}

/// A pool and the one that it is paired with.
///
/// # Errors
/// `PoolNotFound`; `RegistrarNotFound` where no user can be homed on it; `PoolNotPaired`.
pub fn partner<'a>(topology: &'a Topology, pool: &str) -> Result<(&'a Pool, &'a Pool), ErrorRecord> {
    let found = topology.pool(pool)?;
    if !found.services.iter().any(|service| service.starts_with("Registrar:")) {
        let message = format!("No user is homed on '{}': the pool has no Registrar.", found.fqdn);
        let error = ErrorRecord::new("RegistrarNotFound", Category::InvalidArgument, message);
        return Err(error.target(found.fqdn.as_str()).hint("Get-CsService -Registrar lists the pools that have one."));
    }
    match topology.backup_pool(&found.fqdn)? {
        Some(partner) => Ok((found, partner)),
        None => {
            let message = format!("The pool {} has no backup pool.", found.fqdn);
            let error = ErrorRecord::new("PoolNotPaired", Category::InvalidOperation, message);
            Err(error.target(found.fqdn.as_str()).hint(
                "Pair it in the topology (its associated backup pool), and publish that with Publish-CsTopology.",
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rule: of a pool whose users are on their way it is said what that means for them, and which commands lead on; of
    /// another nothing.
    #[test]
    fn what_is_on_its_way_says_what_leads_on() {
        let said = |state: PoolState| state.on_the_way("dub").unwrap_or_default();
        assert!(said(PoolState::Active).is_empty() && said(PoolState::FailedOver).is_empty());
        let over = said(PoolState::FailingOver);
        assert!(over.contains("Invoke-CsPoolFailOver") && over.contains("Invoke-CsPoolFailBack"), "{over}");
        let back = said(PoolState::FailedBack);
        assert!(back.contains("Invoke-CsPoolFailBack") && !back.contains("Invoke-CsPoolFailOver"), "{back}");
        for (state, said) in [(PoolState::FailingOver, over), (PoolState::FailedBack, back)] {
            assert!(state.is_resiliency() && said.starts_with(&format!("dub is {}", state.name())), "{said}");
        }
    }
}
