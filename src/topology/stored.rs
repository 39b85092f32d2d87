//! The topology in the store: one document that holds the XML text.

use super::Topology;
use crate::error::{Category, ErrorRecord};
use crate::store::{Change, DocumentId, Expected, Store};

/// Which document holds the topology.
pub fn document_id() -> DocumentId {
    DocumentId::new("Topology", "Global", "")
}

/// The topology of a store, with the version at which it last changed.
///
/// # Errors
/// `TopologyMissing` where the store has none, `TopologyInvalid` and the like where it cannot be read, those of the
/// store.
pub fn load(store: &dyn Store) -> Result<(Topology, u64), ErrorRecord> {
    let missing = || {
        ErrorRecord::new("TopologyMissing", Category::ObjectNotFound, "The store holds no topology.")
            .hint("Publish one: Publish-CsTopology -FileName topology.xml.")
    };
    let document = store.get(&document_id())?.ok_or_else(missing)?;
    let body = document.body.as_ref().ok_or_else(missing)?;
    let text = body.get("Xml").and_then(|xml| xml.as_str()).ok_or_else(missing)?;
    Ok((Topology::parse(text)?, document.version))
}

/// The change that puts a topology into a store.
pub fn change(topology: &Topology, expected: Expected) -> Change {
    Change { id: document_id(), expected, body: Some(serde_json::json!({ "Xml": &**topology.text() })) }
}
