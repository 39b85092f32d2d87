//! What a command sets: values by parameter, edits of lists (`@{add=…; remove=…; replace=…}`), shortcuts and switches.

use super::family::{Family, Property};
use super::item::Item;
use super::typed::{accept, elements, same_element};
use crate::error::{Category, ErrorRecord};
use crate::value::{Record, Str, Table, Value, near, same_name, text};
use serde_json::Value as Json;

/// What a command sets on an object, in order.
#[derive(Clone, Debug, Default)]
pub struct Assignments {
    steps: Vec<Step>,
}

#[derive(Clone, Debug)]
enum Step {
    Property(usize, Value),
    Shortcut(usize, Value),
    Kept(usize, Json),
}

impl Assignments {
    /// What the parameters of a command set; those that set nothing are left out.
    pub fn from_parameters(family: &Family, values: &[(Str, Value)]) -> Assignments {
        let mut steps = Vec::new();
        for (name, value) in values {
            if let Some((at, property)) = family.property_of_parameter(name) {
                // The key says which object it is; it is not changed.
                if !family.key.contains(&property.name) {
                    steps.push(Step::Property(at, value.clone()));
                }
            } else if let Some(at) = family.shortcuts.iter().position(|s| same_name(&s.parameter, name)) {
                steps.push(Step::Shortcut(at, value.clone()));
            } else if let (Some((_, sets)), Value::Bool(true)) =
                (family.switches.iter().find(|(s, _)| same_name(s, name)), value)
            {
                let sets = sets.iter().filter_map(|(name, json)| Some((family.property(name)?.0, json.clone())));
                steps.extend(sets.map(|(at, json)| Step::Kept(at, json)));
            }
        }
        // Shortcuts edit a list that another parameter may have set: they come after it.
        steps.sort_by_key(|step| matches!(step, Step::Shortcut(..)));
        Assignments { steps }
    }

    /// What an object that was read and then changed sets: all that can be set.
    ///
    /// # Errors
    /// `InstanceTypeMismatch` if it is none of the family's.
    pub fn from_instance(family: &Family, instance: &Record) -> Result<Assignments, ErrorRecord> {
        if !same_name(&instance.kind().name, &family.type_name) {
            let message = format!("-Instance takes a {}; this is a {}.", family.what, instance.kind().name);
            let error = ErrorRecord::new("InstanceTypeMismatch", Category::InvalidType, message);
            return Err(error.hint(format!("Get-Cs{0} and New-Cs{0} -InMemory give one.", family.name)));
        }
        let mut steps = Vec::new();
        for (at, property) in family.properties.iter().enumerate() {
            let settable = !property.read_only && property.computed.is_none() && !family.key.contains(&property.name);
            if let (true, Some(value)) = (settable, instance.get(&property.name)) {
                steps.push(Step::Property(at, value));
            }
        }
        Ok(Assignments { steps })
    }

    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Sets all on an object, each value checked.
    ///
    /// # Errors
    /// `InvalidPropertyValue`, `PropertyValueNotAllowed`, `PropertyValueOutOfRange`, `InvalidListEdit`.
    pub fn apply(&self, item: &mut Item) -> Result<(), ErrorRecord> {
        for step in &self.steps {
            match step {
                Step::Kept(at, json) => item.put(*at, json.clone()),
                Step::Shortcut(at, value) => shortcut(item, *at, value)?,
                Step::Property(at, value) => {
                    let Some(property) = item.family.properties.get(*at) else { continue };
                    let kept = match (property.list, value) {
                        (true, Value::Map(table)) if is_edit(property, table) => edit(property, item.at(*at), table)?,
                        _ => accept(property, value)?,
                    };
                    item.put(*at, kept);
                }
            }
        }
        Ok(())
    }
}

/// A hashtable is an element of the list where the elements have fields and its keys are such; else an edit.
fn is_edit(property: &Property, table: &Table) -> bool {
    let field = |name: &str| property.fields.iter().any(|f| same_name(&f.name, name));
    property.fields.is_empty() || !table.named().iter().any(|(name, _)| field(name))
}

fn edit(property: &Property, now: &Json, table: &Table) -> Result<Json, ErrorRecord> {
    let mut list = now.as_array().cloned().unwrap_or_default();
    let entries = table.named();
    let of = |wanted: &str| entries.iter().find(|(name, _)| same_name(name, wanted)).map(|(_, value)| value);
    if let Some((name, _)) =
        entries.iter().find(|(name, _)| !["add", "remove", "replace"].iter().any(|k| same_name(k, name)))
    {
        let message = format!("'{name}' is no edit of the list {}.", property.name);
        let error = ErrorRecord::new("InvalidListEdit", Category::InvalidArgument, message);
        return Err(match near::nearest(name, ["add", "remove", "replace"]) {
            Some(near) => error.hint(format!("Did you mean '{near}'?")),
            None => error.hint("A list is edited by @{add=…}, @{remove=…}, @{add=…; remove=…} or @{replace=…}."),
        });
    }
    if entries.is_empty() || (of("replace").is_some() && entries.len() > 1) {
        let message =
            format!("The edit of the list {} says nothing, or replace stands beside add or remove.", property.name);
        let error = ErrorRecord::new("InvalidListEdit", Category::InvalidArgument, message);
        return Err(error.hint("A list is edited by @{add=…}, @{remove=…}, @{add=…; remove=…} or @{replace=…}."));
    }
    if let Some(value) = of("replace") {
        return accept(property, value);
    }
    if let Some(value) = of("remove") {
        for gone in elements(value) {
            let gone = named_element(property, &gone)?;
            list.retain(|element| !same_element(property, element, &gone));
        }
    }
    if let Some(value) = of("add") {
        let Json::Array(added) = accept(property, value)? else { return Ok(Json::Array(list)) };
        for element in added {
            if !list.iter().any(|e| same_element(property, e, &element)) {
                list.push(element);
            }
        }
    }
    Ok(Json::Array(list))
}

/// What to remove: an element, or just the field that tells elements apart.
fn named_element(property: &Property, value: &Value) -> Result<Json, ErrorRecord> {
    let part = match value {
        Value::Record(record) => property.unique.as_ref().and_then(|field| record.get(field)),
        Value::Map(table) => property.unique.as_ref().and_then(|field| table.get_str(field)),
        _ => None,
    };
    match (part, &property.unique) {
        (Some(part), Some(_)) => Ok(Json::String(text::to_text(&part).to_string())),
        (None, Some(_)) => Ok(Json::String(text::to_text(value).to_string())),
        _ => {
            let kept = accept(property, value)?;
            Ok(kept.as_array().and_then(|list| list.first().cloned()).unwrap_or_default())
        }
    }
}

fn shortcut(item: &mut Item, at: usize, value: &Value) -> Result<(), ErrorRecord> {
    let Some(shortcut) = item.family.shortcuts.get(at) else { return Ok(()) };
    let Some((place, property)) = item.family.property(&shortcut.property) else { return Ok(()) };
    let Some(field) = property.fields.iter().find(|f| f.name == shortcut.field) else { return Ok(()) };
    let kept = accept(field, value)?;
    let mut list = item.at(place).as_array().cloned().unwrap_or_default();
    let (name, chosen) = &shortcut.chosen;
    match list.iter_mut().find(|e| e[name.as_str()] == chosen.as_str()) {
        Some(element) => element[shortcut.field.as_str()] = kept,
        None => {
            let fields = property.fields.iter().map(|f| (f.name.clone(), f.default.clone()));
            let mut element = Json::Object(fields.collect());
            element[name.as_str()] = Json::String(chosen.clone());
            element[shortcut.field.as_str()] = kept;
            list.push(element);
        }
    }
    item.put(place, Json::Array(list));
    Ok(())
}
