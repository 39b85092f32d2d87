//! One object of a family: its identity, its values as kept, the version at which it last changed.

use super::family::{Family, Kind, Property};
use super::identity::Identity;
use crate::store::{Change, Document, Expected};
use serde_json::{Map, Value as Json};
use std::fmt;

/// One object of a family.
#[derive(Clone)]
pub struct Item {
    /// Its family.
    pub family: &'static Family,
    /// Which.
    pub identity: Identity,
    /// The version of the store at which it last changed; 0: the store does not hold it.
    pub version: u64,
    values: Vec<Json>,
    /// What this program does not know of its document.
    other: Map<String, Json>,
}

impl Item {
    /// An object with its defaults, not kept yet.
    pub fn new(family: &'static Family, identity: Identity) -> Item {
        let values = family.properties.iter().map(|p| default(family, p, &identity)).collect();
        Item { family, identity, version: 0, values, other: Map::new() }
    }

    /// The object of a document; `None` if the document's scope is none of the family's.
    pub fn from_document(family: &'static Family, document: &Document) -> Option<Item> {
        let identity = Identity::of_document(family, &document.id)?;
        let mut item = Item::new(family, identity);
        item.version = document.version;
        for (name, value) in document.body.as_ref()?.as_object()? {
            match family.property(name) {
                Some((at, _)) => item.values[at] = value.clone(),
                None => {
                    item.other.insert(name.clone(), value.clone());
                }
            }
        }
        Some(item)
    }

    /// What is kept of a property; null if the family has none of that name.
    pub fn get(&self, name: &str) -> &Json {
        self.family.property(name).map_or(&Json::Null, |(at, _)| &self.values[at])
    }

    /// What is kept of the property at a place in the order.
    pub fn at(&self, place: usize) -> &Json {
        self.values.get(place).unwrap_or(&Json::Null)
    }

    /// Keeps another value, checked already, of the property at a place in the order.
    pub fn put(&mut self, place: usize, value: Json) {
        if let Some(kept) = self.values.get_mut(place) {
            *kept = value;
        }
    }

    /// Its identity as it prints.
    pub fn text(&self) -> String {
        self.identity.text(self.family)
    }

    /// Whether both have the same values.
    pub fn same_values(&self, other: &Item) -> bool {
        self.values == other.values
    }

    /// The body of its document.
    pub fn body(&self) -> Json {
        let kept = self.family.properties.iter().zip(&self.values).filter(|(p, _)| p.computed.is_none());
        let mut body: Map<String, Json> = kept.map(|(p, value)| (p.name.clone(), value.clone())).collect();
        body.extend(self.other.clone());
        Json::Object(body)
    }

    /// The change that keeps it as it is now, in place of the version that it was read at.
    pub fn change(&self) -> Change {
        Change { id: self.identity.document_id(self.family), expected: self.expected(), body: Some(self.body()) }
    }

    /// The change that removes it.
    pub fn removal(&self) -> Change {
        Change { id: self.identity.document_id(self.family), expected: self.expected(), body: None }
    }

    fn expected(&self) -> Expected {
        if self.version == 0 { Expected::Absent } else { Expected::Version(self.version) }
    }
}

impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} @{} {}", self.family.name, self.text(), self.version, self.body())
    }
}

/// What an object of this identity has at first.
fn default(family: &Family, property: &Property, identity: &Identity) -> Json {
    if let Identity::Element(parts) = identity
        && let Some(at) = family.key.iter().position(|name| *name == property.name)
    {
        return parts.get(at).map_or(Json::Null, |part| Json::String(part.clone()));
    }
    if let (Identity::Global, Some(value)) = (identity, family.global.get(&property.name)) {
        return value.clone();
    }
    let role = match identity {
        Identity::Service { role, .. } => role.as_str(),
        _ => "",
    };
    let template = identity.scope().and_then(|scope| property.default_by_scope.get(&format!("{scope:?}")));
    if let (Some(template), true) = (template, family.kind != Kind::Element) {
        return Json::String(template.replace("{role}", role).replace("{name}", &identity.name()));
    }
    match (&property.default, property.list) {
        (Json::Null, true) => Json::Array(Vec::new()),
        (value, _) => value.clone(),
    }
}
