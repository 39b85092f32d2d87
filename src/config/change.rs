//! What making, changing and removing an object does to the store, its neighbours included.

use super::family::Kind;
use super::identity::Identity;
use super::item::Item;
use super::reader::Reader;
use super::typed::{accept, to_value};
use crate::error::{Category, ErrorRecord};
use crate::store::Change;
use crate::value::same_name;
use serde_json::Value as Json;

/// The changes of one command, to be committed together.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The object as it will be.
    pub item: Item,
    /// What to commit; nothing where nothing would change.
    pub changes: Vec<Change>,
}

impl Plan {
    /// Makes a new object.
    ///
    /// # Errors
    /// `DuplicateIdentity`; `InvalidPropertyValue` of an identity in no good form; what it names must exist; those of the store.
    pub fn create(reader: &Reader, mut item: Item) -> Result<Plan, ErrorRecord> {
        if let Some(there) = reader.find(item.family, &item.identity)? {
            return Err(duplicate(&there));
        }
        for name in &item.family.key {
            if let Some((at, property)) = item.family.property(name) {
                accept(property, &to_value(property, item.at(at)))?;
            }
        }
        for (at, property) in item.family.properties.iter().enumerate() {
            if let (Some(template), true) = (&property.default_from, item.at(at).is_null()) {
                let text = reader.fill(&item, template)?;
                item.put(at, Json::String(text));
            }
        }
        reader.check_references(&mut item, None)?;
        Plan::with_neighbours(reader, item)
    }

    /// Changes an object; `stamp` is the version that the caller saw, if it says so.
    ///
    /// # Errors
    /// `StoreConflict` where the object changed since; what it names newly must exist; what it names no more must not
    /// be in use; those of the store.
    pub fn update(reader: &Reader, before: &Item, mut after: Item, stamp: Option<u64>) -> Result<Plan, ErrorRecord> {
        if let Some(stamp) = stamp.filter(|stamp| *stamp != before.version) {
            return Err(stale(before, stamp));
        }
        reader.check_references(&mut after, Some(before))?;
        if after.same_values(before) {
            return Ok(Plan { item: after, changes: Vec::new() });
        }
        for (at, property) in after.family.properties.iter().enumerate().filter(|(_, p)| p.list) {
            let texts = |item: &Item| -> Vec<String> {
                item.at(at).as_array().into_iter().flatten().filter_map(|t| t.as_str().map(String::from)).collect()
            };
            let (old, new) = (texts(before), texts(&after));
            let gone: Vec<String> = old.into_iter().filter(|t| !new.iter().any(|n| same_name(n, t))).collect();
            if !gone.is_empty() {
                reader.check_unused(before, Some(&property.name), &gone)?;
            }
        }
        Plan::with_neighbours(reader, after)
    }

    /// Removes an object; what is global gets its defaults back.
    ///
    /// # Errors
    /// `ItemInUse`, `DefaultCannotBeRemoved`, `StoreConflict`, those of the store.
    pub fn remove(reader: &Reader, item: &Item) -> Result<Plan, ErrorRecord> {
        let family = item.family;
        if item.identity == Identity::Global {
            let reset = Item::new(family, Identity::Global);
            for property in family.properties.iter().filter(|p| p.list) {
                let has = |item: &Item, text: &str| {
                    item.get(&property.name).as_array().into_iter().flatten().any(|t| t.as_str() == Some(text))
                };
                let now = item.get(&property.name).as_array().into_iter().flatten().filter_map(Json::as_str);
                let gone: Vec<String> = now.filter(|text| !has(&reset, text)).map(String::from).collect();
                if !gone.is_empty() {
                    reader.check_unused(item, Some(&property.name), &gone)?;
                }
            }
            let changes = if item.version == 0 { Vec::new() } else { vec![item.removal()] };
            return Ok(Plan { item: reset, changes });
        }
        reader.check_unused(item, None, &[item.identity.name()])?;
        for (at, property) in family.properties.iter().enumerate().filter(|(_, p)| p.one_of_all) {
            if item.at(at) == &Json::Bool(true) {
                let message =
                    format!("The {} '{}' cannot be removed: its {} is True.", family.what, item.text(), property.name);
                let hint =
                    format!("Make another one that first: Set-Cs{} -Identity … -{} $true.", family.name, property.name);
                return Err(ErrorRecord::new("DefaultCannotBeRemoved", Category::InvalidOperation, message).hint(hint));
            }
        }
        let mut others = reader.items(family)?;
        others.retain(|other| !other.identity.same(&item.identity));
        let mut changes = if item.version == 0 { Vec::new() } else { vec![item.removal()] };
        // Those that are there before anybody made one must be kept now, or they would come back with the next reading.
        changes.extend(others.iter().filter(|o| o.version == 0 && family.kind == Kind::Element).map(Item::change));
        changes.extend(renumbered(others).into_iter().map(|other| other.change()));
        Ok(Plan { item: item.clone(), changes })
    }

    /// The change of an object, with what it does to the others of its family.
    fn with_neighbours(reader: &Reader, mut item: Item) -> Result<Plan, ErrorRecord> {
        let family = item.family;
        let mut changes = Vec::new();
        let ordered = family.order_by.as_deref();
        let unique = family.properties.iter().position(|p| p.one_of_all);
        if ordered.is_some() || unique.is_some() || family.initial.is_some() {
            let mut others = reader.items(family)?;
            let before =
                others.iter().position(|other| other.identity.same(&item.identity)).map(|at| others.remove(at));
            let was: Vec<Item> = others.clone();
            if let Some((at, property)) = ordered.and_then(|name| family.property(name)) {
                let last = i64::try_from(others.len()).unwrap_or(i64::MAX);
                let wanted = item.at(at).as_i64().unwrap_or(last);
                if wanted < 0 {
                    let message = format!("{wanted} is out of range for {}: it is 0 to {last}.", property.name);
                    return Err(ErrorRecord::new("PropertyValueOutOfRange", Category::InvalidArgument, message));
                }
                let place = usize::try_from(wanted.min(last)).unwrap_or(0);
                others.insert(place.min(others.len()), item.clone());
                for (number, other) in (0_i64..).zip(&mut others) {
                    other.put(at, Json::from(number));
                }
                item = others.remove(place.min(others.len() - 1));
            }
            if let Some(at) = unique {
                settle_one_of_all(&mut item, before.as_ref(), &mut others, at)?;
            }
            let changed = |(other, was): &(&Item, &Item)| !other.same_values(was) || other.version == 0;
            changes.extend(others.iter().zip(&was).filter(changed).map(|(other, _)| other.change()));
        }
        changes.insert(0, item.change());
        Ok(Plan { item, changes })
    }
}

/// Of the property that exactly one object has `True`: the first one gets it, a new one takes it, nobody drops it.
fn settle_one_of_all(
    item: &mut Item,
    before: Option<&Item>,
    others: &mut [Item],
    at: usize,
) -> Result<(), ErrorRecord> {
    let yes = Json::Bool(true);
    if others.is_empty() {
        item.put(at, yes);
        return Ok(());
    }
    if *item.at(at) == yes {
        others.iter_mut().for_each(|other| other.put(at, Json::Bool(false)));
        return Ok(());
    }
    if before.is_some_and(|before| *before.at(at) == yes) {
        let (what, name) = (&item.family.what, item.family.properties.get(at).map_or("", |p| &p.name));
        let message = format!("One {what} has {name} True always; it cannot be taken from '{}' alone.", item.text());
        let hint = format!("Give it to another one: Set-Cs{} -Identity … -{name} $true.", item.family.name);
        return Err(ErrorRecord::new("DefaultCannotBeRemoved", Category::InvalidOperation, message).hint(hint));
    }
    Ok(())
}

/// The objects whose number changes when the gap is closed.
fn renumbered(others: Vec<Item>) -> Vec<Item> {
    let Some(place) = others.first().and_then(|o| o.family.property(o.family.order_by.as_deref()?)).map(|(at, _)| at)
    else {
        return Vec::new();
    };
    let mut changed = Vec::new();
    for (number, mut other) in (0_i64..).zip(others) {
        if other.at(place).as_i64() != Some(number) {
            other.put(place, Json::from(number));
            changed.push(other);
        }
    }
    changed
}

fn duplicate(there: &Item) -> ErrorRecord {
    let family = there.family;
    let message = format!("The {} '{}' exists already.", family.what, there.text());
    let error = ErrorRecord::new("DuplicateIdentity", Category::ResourceExists, message).target(there.text());
    error.hint(format!("To change it: Set-Cs{} -Identity '{}' …", family.name, there.text()))
}

fn stale(before: &Item, stamp: u64) -> ErrorRecord {
    let family = before.family;
    let message = match (stamp, before.version) {
        (0, _) => {
            format!("The {} '{}' was made or changed by somebody else since it was read.", family.what, before.text())
        }
        (_, 0) => {
            format!("The {} '{}' was removed or reset by somebody else since it was read.", family.what, before.text())
        }
        (stamp, now) => format!(
            "The {} '{}' was changed by somebody else: it was read at version {stamp} and is at {now}.",
            family.what,
            before.text()
        ),
    };
    let error = ErrorRecord::new("StoreConflict", Category::ResourceExists, message).target(before.text());
    error.hint(format!("Read it again (Get-Cs{}), make your change on that, and set it.", family.name))
}
