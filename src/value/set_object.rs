//! `[System.Collections.Generic.HashSet[T]]`: values of which each is there once. Case counts, unless the set was made
//! with a comparer that ignores it.

use super::member::{Answer, Call};
use super::{Record, RecordType, Table, TextForm, Value, enumerate, list_object, text, types};
use std::sync::Arc;

/// Type name of a set, without the argument.
pub const HASH_SET: &str = "System.Collections.Generic.HashSet`1";

/// Hidden: what stands for each value, with the value, in the order in which they came.
const ENTRIES: &str = " entries";
/// Hidden: whether case does not count.
const ANY_CASE: &str = " anycase";

/// A set of these values.
pub fn new(items: Vec<Value>, any_case: bool) -> Record {
    let table = Table::new(true);
    for item in items {
        add(&table, item, any_case);
    }
    let fields = [(ENTRIES, Value::Map(table)), (ANY_CASE, Value::Bool(any_case))];
    Record::new(RecordType::new(HASH_SET, TextForm::TypeName), fields)
}

fn table(record: &Record) -> Option<Table> {
    match record.get(ENTRIES) {
        Some(Value::Map(table)) if *record.kind().name == *HASH_SET => Some(table),
        _ => None,
    }
}

/// The values, if the record is a set.
pub fn items(record: &Record) -> Option<Arc<Vec<Value>>> {
    table(record).map(|table| Arc::new(table.entries().into_iter().map(|(_, value)| value).collect()))
}

/// What stands for a value in a table whose keys know no case: a mark before each letter in upper case.
fn key(value: &Value, any_case: bool) -> Value {
    let kind = match value {
        Value::Str(_) => "s",
        Value::Int(_) | Value::Float(_) | Value::Decimal(_) => "n",
        other => return Value::str(format!("o {} {}", types::name_of(other), text::to_text(other))),
    };
    let mut key = format!("{kind} ");
    for c in text::to_text(value).chars() {
        if !any_case && (c.is_uppercase() || c == '^') {
            key.push('^');
        }
        key.push(c);
    }
    Value::str(key)
}

/// Adds a value; whether it was not there yet.
fn add(table: &Table, value: Value, any_case: bool) -> bool {
    let key = key(&value, any_case);
    let is_new = table.get(&key).is_none();
    if is_new {
        table.put(key, value);
    }
    is_new
}

/// Calls a method; `None` where the record is no set, or there is no such method.
pub(super) fn call(record: &Record, call: &Call) -> Answer {
    let table = table(record)?;
    let any_case = matches!(record.get(ANY_CASE), Some(Value::Bool(true)));
    let nothing = || Value::list(Vec::new());
    let has = |value: &Value| table.get(&key(value, any_case)).is_some();
    let others = || enumerate::enumerate(call.value(0));
    let other_keys = || Table::from_entries(true, others().iter().map(|v| (key(v, any_case), Value::Null)));
    let keep = |keeps: &dyn Fn(&Value) -> bool| {
        for (key, _) in table.entries() {
            if !keeps(&key) {
                table.remove(&key);
            }
        }
        nothing()
    };
    let there = |keys: &Table, key: &Value| keys.get(key).is_some();
    Some(Ok(match (call.name, call.count()) {
        ("add", 1) => {
            if let Err(error) = list_object::check_not_within(record, &call.value(0)) {
                return Some(Err(error));
            }
            add(&table, call.value(0), any_case).into()
        }
        ("contains", 1) => has(&call.value(0)).into(),
        ("remove", 1) => table.remove(&key(&call.value(0), any_case)).into(),
        ("clear", 0) => {
            table.clear();
            nothing()
        }
        ("unionwith", 1) => {
            let others = others();
            if let Err(error) = list_object::check_not_within(record, &Value::list(others.clone())) {
                return Some(Err(error));
            }
            for value in others {
                add(&table, value, any_case);
            }
            nothing()
        }
        ("exceptwith", 1) => {
            let keys = other_keys();
            keep(&|key| !there(&keys, key))
        }
        ("intersectwith", 1) => {
            let keys = other_keys();
            keep(&|key| there(&keys, key))
        }
        ("overlaps", 1) => others().iter().any(has).into(),
        ("issupersetof", 1) => others().iter().all(has).into(),
        ("issubsetof", 1) => {
            let keys = other_keys();
            table.entries().iter().all(|(key, _)| there(&keys, key)).into()
        }
        ("setequals", 1) => {
            let keys = other_keys();
            (keys.len() == table.len() && table.entries().iter().all(|(key, _)| there(&keys, key))).into()
        }
        ("getenumerator" | "toarray", 0) => Value::list(table.entries().into_iter().map(|(_, value)| value).collect()),
        _ => return None,
    }))
}
