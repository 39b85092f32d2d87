//! Reads objects of families: from the store, and those that are there before anybody made them.

use super::family::{Computed, Family, Kind, Property, Scope};
use super::identity::{Identity, plural, scopes};
use super::item::Item;
use super::typed::to_value;
use crate::error::{Category, ErrorRecord};
use crate::store::Store;
use crate::topology::Topology;
use crate::value::{Record, Value, list_object, near, same_name};
use serde_json::Value as Json;

/// The objects of a store, on a topology.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// Where they are kept.
    pub store: &'a dyn Store,
    /// What they speak of.
    pub topology: &'a Topology,
}

impl Reader<'_> {
    /// Every object of a family: global, sites, services, tags, each by name; elements by name, or in their order.
    ///
    /// # Errors
    /// Those of the store.
    pub fn items(&self, family: &'static Family) -> Result<Vec<Item>, ErrorRecord> {
        let documents = self.store.list(&family.name)?;
        let mut items: Vec<Item> = documents.iter().filter_map(|d| Item::from_document(family, d)).collect();
        let is_global = |item: &Item| item.identity == Identity::Global;
        if family.has_scope(Scope::Global) && !items.iter().any(is_global) {
            items.push(Item::new(family, Identity::Global));
        }
        if items.is_empty() && family.initial.as_deref() == Some("domains") {
            items.extend(self.domains(family));
        }
        let order = |item: &Item| family.order_by.as_ref().and_then(|name| item.get(name).as_i64());
        items.sort_by_cached_key(|item| (order(item), item.identity.sort_key()));
        Ok(items)
    }

    /// The topology's SIP domains, as long as the store holds none.
    fn domains(&self, family: &'static Family) -> Vec<Item> {
        let default = self.topology.default_domain();
        let domains = self.topology.domains().iter().map(|d| d.name.as_str());
        let mut names: Vec<&str> = default.into_iter().collect();
        names.extend(domains.filter(|name| !default.is_some_and(|d| same_name(d, name))));
        let mut items: Vec<Item> =
            names.iter().map(|name| Item::new(family, Identity::Element(vec![(*name).to_string()]))).collect();
        if let (Some(first), Some((at, _))) = (items.first_mut(), family.property("IsDefault")) {
            first.put(at, Json::Bool(true));
        }
        items
    }

    /// The object of an identity, if it is there.
    ///
    /// # Errors
    /// Those of the store.
    pub fn find(&self, family: &'static Family, identity: &Identity) -> Result<Option<Item>, ErrorRecord> {
        if let Some(document) = self.store.get(&identity.document_id(family))? {
            return Ok(Item::from_document(family, &document));
        }
        Ok(self.items(family)?.into_iter().find(|item| item.identity.same(identity)))
    }

    /// The object of an identity.
    ///
    /// # Errors
    /// `ManagementObjectNotFound` with the near name, and those of the store.
    pub fn require(&self, family: &'static Family, identity: &Identity) -> Result<Item, ErrorRecord> {
        match self.find(family, identity)? {
            Some(item) => Ok(item),
            None => Err(self.not_found(family, identity)?),
        }
    }

    fn not_found(&self, family: &'static Family, identity: &Identity) -> Result<ErrorRecord, ErrorRecord> {
        let text = identity.text(family);
        let message = format!("There is no {} with the identity '{text}'.", family.what);
        let error =
            ErrorRecord::new("ManagementObjectNotFound", Category::ObjectNotFound, message).target(text.clone());
        let names: Vec<String> = self.items(family)?.iter().map(Item::text).collect();
        let near = near::nearest(&text, names.iter().map(String::as_str));
        Ok(match (near, identity) {
            (Some(near), _) => error.hint(format!("Did you mean '{near}'?")),
            (None, Identity::Site(_) | Identity::Service { .. }) => {
                error.hint(format!("What rules there is Global; New-Cs{} makes one for it.", family.name))
            }
            (None, Identity::Tag(_)) => error.hint(format!("Scopes of {}: {}.", plural(&family.what), scopes(family))),
            (None, _) => error.hint(format!("Get-Cs{} lists them.", family.name)),
        })
    }

    /// An object as users see it, stamped with its version.
    ///
    /// # Errors
    /// Those of the store.
    pub fn record(&self, item: &Item) -> Result<Record, ErrorRecord> {
        let mut values = vec![Value::str(item.text())];
        for (at, property) in item.family.properties.iter().enumerate().filter(|(_, p)| !p.hidden) {
            values.push(match &property.computed {
                Some(computed) => self.computed(item, property, computed)?,
                None => to_value(property, item.at(at)),
            });
        }
        let record = Record::from_parts(item.family.record_type().clone(), item.family.names().clone(), values);
        record.set_stamp(item.version);
        Ok(record)
    }

    /// Identity of the site that an object belongs to; `None`: the deployment as a whole.
    pub fn site(&self, item: &Item) -> Option<String> {
        match &item.identity {
            Identity::Site(name) => Some(format!("Site:{name}")),
            Identity::Service { pool, .. } => self.topology.site_of_pool(pool).ok().map(|site| site.identity.clone()),
            Identity::Element(_) => {
                let (at, _) = item.family.properties.iter().enumerate().find(|(_, p)| p.place)?;
                item.at(at).as_str().map(String::from)
            }
            Identity::Global | Identity::Tag(_) => None,
        }
    }

    fn computed(&self, item: &Item, property: &Property, computed: &Computed) -> Result<Value, ErrorRecord> {
        let list =
            |texts: Vec<String>| Value::Record(list_object::new(true, texts.into_iter().map(Value::from).collect()));
        if let (Some(family), Some(chosen), Some(take)) = (&computed.family, &computed.chosen, &computed.take) {
            let Some(family) = super::family(family) else { return Ok(list(Vec::new())) };
            let name = item.identity.name();
            let others = self.items(family)?;
            let mine = others.iter().filter(|other| other.get(chosen).as_str().is_some_and(|n| same_name(n, &name)));
            return Ok(list(mine.filter_map(|other| other.get(take).as_str().map(String::from)).collect()));
        }
        let Some(template) = &computed.template else { return Ok(Value::Null) };
        let text = self.fill(item, template)?;
        if computed.each.as_deref() == Some("computer") {
            let computers = self.computers(item)?;
            return Ok(list(computers.iter().map(|name| text.replace("{computer}", name)).collect()));
        }
        Ok(if property.list { list(vec![text]) } else { Value::from(text) })
    }

    /// A template with the object's values in it.
    pub(super) fn fill(&self, item: &Item, template: &str) -> Result<String, ErrorRecord> {
        let mut text = template.to_string();
        for (property, at) in item.family.properties.iter().zip(0..) {
            let Some(value) = item.at(at).as_str() else { continue };
            let prefix = item.family.key_prefix.get(&property.name).map_or("", String::as_str);
            text = text.replace(&format!("{{{}}}", property.name), value);
            text = text.replace(&format!("{{{}:short}}", property.name), value.strip_prefix(prefix).unwrap_or(value));
        }
        if text.contains("{sipdomain}") {
            text = text.replace("{sipdomain}", &self.default_sip_domain()?);
        }
        // What the original appends to keep such an address unique: here the same for the same object, always.
        Ok(text.replace("{hash}", &blake3::hash(item.text().to_lowercase().as_bytes()).to_hex()[..22]))
    }

    /// The SIP domain that new addresses get; empty if there is none.
    ///
    /// # Errors
    /// Those of the store.
    pub fn default_sip_domain(&self) -> Result<String, ErrorRecord> {
        let Some(family) = super::family("SipDomain") else { return Ok(String::new()) };
        let items = self.items(family)?;
        let default = items.iter().find(|item| item.get("IsDefault") == &Json::Bool(true)).or(items.first());
        Ok(default.map(|item| item.identity.name()).unwrap_or_default())
    }

    /// The computers of the pool that an object's key begins with.
    fn computers(&self, item: &Item) -> Result<Vec<String>, ErrorRecord> {
        let Identity::Element(parts) = &item.identity else { return Ok(Vec::new()) };
        let Some(pool) = parts.first() else { return Ok(Vec::new()) };
        if let Ok(pool) = self.topology.pool(pool) {
            return Ok(pool.computers.iter().map(|computer| computer.fqdn.clone()).collect());
        }
        let family = super::family("TrustedApplicationPool").filter(|f| f.kind == Kind::Element);
        let found = match family {
            Some(family) => self.find(family, &Identity::Element(vec![pool.clone()]))?,
            None => None,
        };
        let computer = found.and_then(|item| item.get("ComputerFqdn").as_str().map(String::from));
        Ok(vec![computer.unwrap_or_else(|| pool.clone())])
    }
}
