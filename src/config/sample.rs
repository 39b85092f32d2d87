//! The configuration of the sample deployment: policies that its people have, objects that published examples name.

use super::assign::Assignments;
use super::{Identity, Item};
use crate::error::{Category, ErrorRecord};
use crate::store::{Change, Grant, Store};
use crate::topology::Topology;
use crate::value::{Str, json};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

#[derive(Deserialize)]
struct Entry {
    family: String,
    identity: String,
    set: Map<String, Json>,
}

/// Puts the sample's configuration into a store. What speaks of a site that the topology lacks is left out.
///
/// # Errors
/// Those of the store; `StoreConflict` where some of it is there.
pub fn seed(store: &dyn Store, topology: &Topology) -> Result<(), ErrorRecord> {
    store.commit(&Grant::system("sample configuration"), &changes(topology)?).map(drop)
}

/// The changes that put the sample's configuration into a store, in one go.
///
/// # Errors
/// None with the data that ship.
pub fn changes(topology: &Topology) -> Result<Vec<Change>, ErrorRecord> {
    let entries: Vec<Entry> = serde_json::from_str(include_str!("../../stdlib/config/sample.json")).map_err(|e| {
        ErrorRecord::new("SampleDamaged", Category::InvalidData, format!("The sample's configuration: {e}."))
    })?;
    let mut changes = Vec::new();
    for entry in entries {
        let Some(family) = super::family(&entry.family) else { continue };
        let Ok(identity) = Identity::parse(family, &entry.identity, topology) else { continue };
        let mut item = Item::new(family, identity);
        let parameter = |name: &str| {
            family.property(name).and_then(|(_, p)| p.parameter.clone()).unwrap_or_else(|| name.to_string())
        };
        let values: Vec<(Str, _)> =
            entry.set.iter().map(|(name, v)| (parameter(name).into(), json::from_json(v))).collect();
        Assignments::from_parameters(family, &values).apply(&mut item)?;
        changes.push(item.change());
    }
    Ok(changes)
}
