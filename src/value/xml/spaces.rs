//! `[System.Xml.XmlNamespaceManager]`: what prefixes in an XPath stand for.

use super::super::member::{Answer, Call};
use super::super::{Record, RecordType, Table, TextForm, Value, text};

/// Type name of a namespace manager.
pub const MANAGER: &str = "System.Xml.XmlNamespaceManager";
/// Hidden: the prefixes with what they stand for.
const PREFIXES: &str = " prefixes";

/// A manager that knows no prefix yet.
pub fn manager() -> Record {
    Record::new(RecordType::new(MANAGER, TextForm::TypeName), [(PREFIXES, Value::Map(Table::new(true)))])
}

/// What prefixes stand for, of a manager or a hashtable.
pub fn of(value: &Value) -> Vec<(String, String)> {
    let table = match value {
        Value::Map(table) => table.clone(),
        Value::Record(record) => match record.look(PREFIXES, Value::clone) {
            Some(Value::Map(table)) => table,
            _ => return Vec::new(),
        },
        _ => return Vec::new(),
    };
    let entry = |(key, value): (Value, Value)| (text::to_text(&key).to_string(), text::to_text(&value).to_string());
    table.entries().into_iter().map(entry).collect()
}

/// Methods of a manager.
pub fn call(record: &Record, call: &Call) -> Answer {
    let Some(Value::Map(table)) = record.look(PREFIXES, Value::clone) else { return None };
    Some(Ok(match (call.name, call.count()) {
        ("addnamespace", 2) => {
            table.put(Value::Str(call.text(0)), Value::Str(call.text(1)));
            Value::list(Vec::new())
        }
        ("removenamespace", 1 | 2) => {
            table.remove(&Value::Str(call.text(0)));
            Value::list(Vec::new())
        }
        ("lookupnamespace", 1) => table.get_str(&call.text(0)).unwrap_or_default(),
        ("hasnamespace", 1) => table.get_str(&call.text(0)).is_some().into(),
        _ => return None,
    }))
}
