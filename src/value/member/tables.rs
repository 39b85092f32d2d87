//! Members of hashtables: keys first, then what the type has.

use super::super::{Record, RecordType, Table, TextForm, Value, compare};
use super::{Answer, Call};
use crate::error::{Category, ErrorRecord};

/// Properties of a hashtable.
pub(super) fn names(ordered: bool) -> &'static [&'static str] {
    if ordered {
        &["Count", "IsReadOnly", "Keys", "Values", "IsFixedSize", "SyncRoot", "IsSynchronized"]
    } else {
        &["IsReadOnly", "IsFixedSize", "IsSynchronized", "Keys", "Values", "SyncRoot", "Count"]
    }
}

/// The key that a property name means: a text, or the number that it spells where there is such a key.
pub(super) fn key(table: &Table, name: &str) -> Value {
    if table.get_str(name).is_none()
        && let Ok(number) = name.parse::<i64>()
        && table.get(&Value::Int(number)).is_some()
    {
        return Value::Int(number);
    }
    Value::str(name)
}

pub(super) fn get(table: &Table, name: &str) -> Option<Value> {
    if let Some(found) = table.get(&key(table, name)) {
        return Some(found);
    }
    Some(match name.to_ascii_lowercase().as_str() {
        "count" => Value::Int(i64::try_from(table.len()).unwrap_or(i64::MAX)),
        "keys" => Value::list(table.entries().into_iter().map(|(key, _)| key).collect()),
        "values" => Value::list(table.entries().into_iter().map(|(_, value)| value).collect()),
        "isreadonly" | "isfixedsize" | "issynchronized" => false.into(),
        _ => return None,
    })
}

/// Entries as objects with Name, Key and Value: what GetEnumerator gives.
pub fn entries(table: &Table) -> Vec<Value> {
    let kind = RecordType::new("System.Collections.DictionaryEntry", TextForm::Entry);
    table
        .entries()
        .into_iter()
        .map(|(key, value)| {
            Value::Record(Record::new(kind.clone(), [("Name", key.clone()), ("Key", key), ("Value", value)]))
        })
        .collect()
}

pub(super) fn call(table: &Table, call: &Call) -> Answer {
    let nothing = || Value::list(Vec::new());
    Some(Ok(match call.name {
        "add" if call.count() == 2 => {
            if table.get(&call.value(0)).is_some() {
                return Some(Err(there_already(&call.text(0))));
            }
            table.put(call.value(0), call.value(1));
            nothing()
        }
        "insert" if call.count() == 3 && table.is_ordered() => {
            let at = match call.int(0) {
                Ok(at) => usize::try_from(at).ok().filter(|at| *at <= table.len()),
                Err(error) => return Some(Err(error)),
            };
            let Some(at) = at else { return Some(Err(call.out_of_range())) };
            if table.get(&call.value(1)).is_some() {
                return Some(Err(there_already(&call.text(1))));
            }
            table.insert(at, call.value(1), call.value(2));
            nothing()
        }
        "removeat" if table.is_ordered() => {
            let at = match call.int(0) {
                Ok(at) => usize::try_from(at).ok().and_then(|at| table.entries().into_iter().nth(at)),
                Err(error) => return Some(Err(error)),
            };
            let Some((key, _)) = at else { return Some(Err(call.out_of_range())) };
            table.remove(&key);
            nothing()
        }
        "remove" => {
            table.remove(&call.value(0));
            nothing()
        }
        "clear" => {
            table.clear();
            nothing()
        }
        "insert" if call.count() == 3 && table.is_ordered() => {
            let entries = table.entries();
            let at = match call.int(0).map(usize::try_from) {
                Ok(Ok(at)) if at <= entries.len() => at,
                Ok(_) => return Some(Err(call.out_of_range())),
                Err(error) => return Some(Err(error)),
            };
            let (before, behind) = entries.split_at(at);
            table.clear();
            let added = (call.value(1), call.value(2));
            before.iter().chain([&added]).chain(behind).for_each(|(key, value)| table.put(key.clone(), value.clone()));
            nothing()
        }
        "removeat" if table.is_ordered() => match call.int(0).map(usize::try_from) {
            Ok(Ok(at)) if at < table.len() => {
                if let Some((key, _)) = table.entries().get(at) {
                    table.remove(key);
                }
                nothing()
            }
            Ok(_) => return Some(Err(call.out_of_range())),
            Err(error) => return Some(Err(error)),
        },
        "contains" | "containskey" => table.get(&call.value(0)).is_some().into(),
        "containsvalue" => {
            let wanted = call.value(0);
            table.entries().iter().any(|(_, value)| compare::equals(value, &wanted, true)).into()
        }
        "getenumerator" => Value::list(entries(table)),
        "clone" => Value::Map(table.copy()),
        "item" | "get_item" => table.get(&call.value(0)).unwrap_or_default(),
        "set_item" if call.count() == 2 => {
            table.put(call.value(0), call.value(1));
            nothing()
        }
        _ => return None,
    }))
}

fn there_already(key: &str) -> ErrorRecord {
    let message = format!("The key '{key}' is there already.");
    ErrorRecord::new("ArgumentException", Category::NotSpecified, message)
        .hint("Assign with $table[key] = value to replace it.")
}
