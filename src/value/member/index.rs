//! Elements: `$a[0]`, `$a[-1]`, `$a[1..3]`, `$h["k"]`, and setting them.

use super::super::pattern::object::GROUP;
use super::super::{Record, Table, Value, convert, enumerate, list_object, text, types};
use super::{psobject, strings};
use crate::error::{Category, ErrorRecord};
use std::sync::Arc;

fn null_array() -> ErrorRecord {
    ErrorRecord::new("NullArray", Category::InvalidOperation, "There is nothing to take an element of: it is null.")
}

fn cannot(value: &Value) -> ErrorRecord {
    ErrorRecord::new(
        "CannotIndex",
        Category::InvalidOperation,
        format!("An object of type {} has no elements to take by an index.", types::name_of(value)),
    )
}

/// The element or elements that an index gives: `$a[0]`, `$a[-1]`, `$a[1..3]`, `$h["k"]`. A place outside is `$null`.
///
/// # Errors
/// `NullArray`; `CannotIndex`; what converting the index to a number gives.
pub fn index(value: &Value, index: &Value) -> Result<Value, ErrorRecord> {
    match value {
        Value::Null => Err(null_array()),
        Value::Map(table) => Ok(in_table(table, index)),
        _ => match enumerate::items(index) {
            Some(places) => {
                let mut found = Vec::new();
                for place in places.iter() {
                    // A place outside is left out here.
                    found.extend(one(value, place)?);
                }
                Ok(Value::list(found))
            }
            None => Ok(one(value, index)?.unwrap_or_default()),
        },
    }
}

fn in_table(table: &Table, index: &Value) -> Value {
    if let Some(keys) = enumerate::items(index) {
        return Value::list(keys.iter().map(|key| in_table(table, key)).collect());
    }
    if let Some(found) = table.get(index) {
        return found;
    }
    // An ordered table has places too.
    match index {
        Value::Int(place) if table.is_ordered() => {
            let entries = table.entries();
            at(entries.len(), *place).map_or(Value::Null, |at| entries[at].1.clone())
        }
        _ => Value::Null,
    }
}

/// A place, counted from the end if it is negative.
fn at(length: usize, place: i64) -> Option<usize> {
    let length = i64::try_from(length).ok()?;
    let at = if place < 0 { length.checked_add(place)? } else { place };
    (0..length).contains(&at).then(|| usize::try_from(at).ok())?
}

/// The place that an index is; `None` if it is no number.
pub fn place(index: &Value) -> Option<i64> {
    number(index).ok()
}

fn number(index: &Value) -> Result<i64, ErrorRecord> {
    match convert::cast(index, &convert::int64())? {
        Value::Int(n) => Ok(n),
        _ => Err(cannot(index)),
    }
}

/// A group of a match, which goes by its name, too; nothing where the match has none of that name.
fn group_by_name(items: &[Value], index: &Value) -> Option<Value> {
    let Value::Str(name) = index else { return None };
    let group = |item: &Value| match item {
        Value::Record(record) if &*record.kind().name == GROUP => record.get("Name").map(|of| text::to_text(&of)),
        _ => None,
    };
    group(items.first()?)?;
    items.iter().find(|item| group(item).as_ref() == Some(name)).cloned().or(Some(Value::Null))
}

fn one(value: &Value, index: &Value) -> Result<Option<Value>, ErrorRecord> {
    if let Value::Record(record) = value
        && let Some(found) = in_record(record, index)?
    {
        return Ok(found);
    }
    if let Some(items) = enumerate::items(value) {
        if let Some(group) = group_by_name(&items, index) {
            return Ok(Some(group));
        }
        return Ok(at(items.len(), number(index)?).map(|at| items[at].clone()));
    }
    match value {
        Value::Str(text) => Ok(strings::char_at(text, number(index)?)),
        // A single object is a list of one; beyond it there is nothing, not even `$null`.
        Value::Int(_)
        | Value::Float(_)
        | Value::Bool(_)
        | Value::Decimal(_)
        | Value::DateTime(_)
        | Value::Duration(_)
        | Value::Version(_)
        | Value::Guid(_) => {
            Ok(Some(if matches!(number(index)?, 0 | -1) { value.clone() } else { Value::list(Vec::new()) }))
        }
        Value::Record(_) | Value::Block(_) | Value::Null | Value::List(_) | Value::Map(_) => {
            match convert::cast(index, &convert::int64()) {
                Ok(Value::Int(0 | -1)) => Ok(Some(value.clone())),
                Ok(_) => Ok(None),
                Err(_) => Err(cannot(value)),
            }
        }
    }
}

/// An element of an object that has names for its elements; the outer `None` where it has none.
fn in_record(record: &Record, index: &Value) -> Result<Option<Option<Value>>, ErrorRecord> {
    let Value::Str(name) = index else { return Ok(None) };
    if let Some(node) = record.kind().node() {
        return Ok(Some(node.named(name)));
    }
    if psobject::is_collection(record) {
        return Ok(Some(psobject::by_name(record, name)));
    }
    if list_object::is_list(record) || name.trim().parse::<i64>().is_ok() {
        return Ok(None);
    }
    Err(cannot(&Value::Record(record.clone())))
}

/// Sets an element: `$a[1] = 9`. An array becomes a changed copy unless nobody else holds it, so the variable itself
/// must be given; a hashtable and a growing list change in place.
///
/// # Errors
/// `NullArray`, `System.IndexOutOfRangeException`, `CannotIndex`.
pub fn set_index(value: &mut Value, index: &Value, to: Value) -> Result<(), ErrorRecord> {
    let outside = || {
        ErrorRecord::new(
            "System.IndexOutOfRangeException",
            Category::OperationStopped,
            format!("The index {} lies outside of the array.", text::to_text(index)),
        )
        .hint("Use += to make an array longer.")
    };
    match value {
        Value::Null => Err(null_array()),
        Value::Map(table) => {
            let key = match index {
                Value::Int(place) if table.is_ordered() && table.get(index).is_none() => {
                    let entries = table.entries();
                    entries[at(entries.len(), *place).ok_or_else(outside)?].0.clone()
                }
                other => other.clone(),
            };
            table.put(key, to);
            Ok(())
        }
        Value::List(items) => {
            let at = at(items.len(), number(index)?).ok_or_else(outside)?;
            Arc::make_mut(items)[at] = to;
            Ok(())
        }
        Value::Record(record) => match list_object::items(record) {
            Some(items) => {
                let at = at(items.len(), number(index)?).ok_or_else(outside)?;
                list_object::check_not_within(record, &to)?;
                let mut items = Arc::unwrap_or_clone(items);
                items[at] = to;
                list_object::replace(record, items);
                Ok(())
            }
            None => Err(cannot(value)),
        },
        other => Err(cannot(other)),
    }
}
