//! What properties name: it must be there when it is set, and cannot be removed while it is named.

use super::family::{Family, Kind, Property, Refers};
use super::identity::Identity;
use super::item::Item;
use super::reader::Reader;
use crate::error::{Category, ErrorRecord};
use crate::value::{near, same_name};
use serde_json::Value as Json;

impl Reader<'_> {
    /// Checks what an object names, and gives each name the spelling of the thing itself; only of properties that
    /// differ from `before`, so that a name that went stale elsewhere is in nobody's way.
    ///
    /// # Errors
    /// `SiteNotFound`, `ServiceNotFound`, `ReferenceNotFound` with the near name, and those of the store.
    pub(super) fn check_references(&self, item: &mut Item, before: Option<&Item>) -> Result<(), ErrorRecord> {
        for (at, property) in item.family.properties.iter().enumerate() {
            let Some(refers) = &property.refers else { continue };
            if before.is_some_and(|before| before.at(at) == item.at(at)) {
                continue;
            }
            let resolved = match item.at(at) {
                Json::String(name) if !name.is_empty() => Json::String(self.resolve(item, property, refers, name)?),
                Json::Array(names) => {
                    let names = names.iter().filter_map(Json::as_str);
                    let names: Result<Vec<_>, _> =
                        names.map(|name| self.resolve(item, property, refers, name)).collect();
                    Json::Array(names?.into_iter().map(Json::String).collect())
                }
                _ => continue,
            };
            item.put(at, resolved);
        }
        Ok(())
    }

    fn resolve(&self, item: &Item, property: &Property, refers: &Refers, name: &str) -> Result<String, ErrorRecord> {
        if let Some(role) = &refers.topology {
            if role == "Site" {
                return Ok(self.topology.site(name)?.identity.clone());
            }
            let identity = if name.contains(':') { name.to_string() } else { format!("{role}:{name}") };
            let service = self.topology.service(&identity)?;
            if same_name(&service.role, role) {
                return Ok(service.identity.clone());
            }
            let message = format!("{} takes a {role}; '{name}' is a {}.", property.name, service.role);
            return Err(ErrorRecord::new("ServiceNotFound", Category::ObjectNotFound, message).target(name));
        }
        let Some(family) = refers.family.as_deref().and_then(super::family) else { return Ok(name.to_string()) };
        let names = self.names_of(family, refers.property.as_deref())?;
        let bare = name.strip_prefix("Tag:").or(name.strip_prefix("tag:")).unwrap_or(name);
        if let Some(found) = names.iter().find(|n| same_name(n, bare)) {
            return Ok(found.clone());
        }
        let message = format!(
            "{} of the {} '{}' names the {} '{name}', which does not exist.",
            property.name,
            item.family.what,
            item.text(),
            singular(family)
        );
        let error = ErrorRecord::new("ReferenceNotFound", Category::ObjectNotFound, message).target(name);
        Err(match near::nearest(name, names.iter().map(String::as_str)) {
            Some(near) => error.hint(format!("Did you mean '{near}'?")),
            None if names.is_empty() => error.hint(format!("New-Cs{} makes one.", family.name)),
            None => error.hint(format!("There are: {}.", names.join(", "))),
        })
    }

    /// The names by which other objects speak of a family's.
    fn names_of(&self, family: &'static Family, property: Option<&str>) -> Result<Vec<String>, ErrorRecord> {
        let items = self.items(family)?;
        Ok(match property {
            Some(list) => {
                let texts = items.iter().filter_map(|item| item.get(list).as_array()).flatten();
                texts.filter_map(|text| text.as_str().map(String::from)).collect()
            }
            None if family.kind == Kind::Policy => {
                items.iter().filter(|i| matches!(i.identity, Identity::Tag(_))).map(|i| i.identity.name()).collect()
            }
            None => items.iter().map(|item| item.identity.name()).collect(),
        })
    }

    /// Refuses to take away names that other objects speak of: the object itself (`property` is `None`), or elements
    /// of one of its lists.
    ///
    /// # Errors
    /// `ItemInUse`, naming who speaks of them, and those of the store.
    pub(super) fn check_unused(
        &self,
        item: &Item,
        property: Option<&str>,
        names: &[String],
    ) -> Result<(), ErrorRecord> {
        for family in super::families() {
            for (at, p) in family.properties.iter().enumerate() {
                let refers = p.refers.as_ref().filter(|r| r.family.as_deref() == Some(&*item.family.name));
                if refers.is_none_or(|r| r.property.as_deref() != property) {
                    continue;
                }
                for other in self.items(family)? {
                    let named = |name: &String| match other.at(at) {
                        Json::String(text) => same_name(text, name),
                        Json::Array(texts) => texts.iter().any(|t| t.as_str().is_some_and(|t| same_name(t, name))),
                        _ => false,
                    };
                    if let Some(name) = names.iter().find(|name| named(name)) {
                        let message = format!(
                            "The {} '{name}' is in use: {} of the {} '{}' names it.",
                            singular(item.family),
                            p.name,
                            family.what,
                            other.text()
                        );
                        let hint = format!(
                            "Change that first: Set-Cs{} -Identity '{}' -{} …",
                            family.name,
                            other.text(),
                            p.name
                        );
                        return Err(ErrorRecord::new("ItemInUse", Category::ResourceBusy, message)
                            .hint(hint)
                            .target(name.as_str()));
                    }
                }
            }
        }
        Ok(())
    }
}

/// `PSTN usages` is the object that holds the list; one of them is a usage.
fn singular(family: &Family) -> &str {
    family.what.strip_suffix('s').filter(|_| family.kind == Kind::Settings).unwrap_or(&family.what)
}
