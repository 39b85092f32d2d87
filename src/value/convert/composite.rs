//! Casts to lists, hashtables and objects.

use super::super::{
    Record, RecordType, Table, TextForm, Value, char_object, enumerate, list_object, pattern, text, types, uri, xml,
};
use super::{Target, cast, failed};
use crate::error::ErrorRecord;

pub(super) fn object(value: &Value, to: &Target) -> Result<Value, ErrorRecord> {
    let full = to.full_name();
    let wrong = || failed("ConvertToFinalInvalidCastException", value, &full);
    match (to, value) {
        (_, Value::Null) => Ok(Value::Null),
        (Target::ScriptBlock, Value::Block(_)) => Ok(value.clone()),
        (Target::Made(_) | Target::Instance(_), _) if types::is(value, &full) => Ok(value.clone()),
        (_, Value::Record(record)) if *record.kind().name == *full => Ok(value.clone()),
        (Target::Regex, Value::Str(text)) => pattern::object::new(text, 0)
            .map(Value::Record)
            .map_err(|_| failed("InvalidCastConstructorException", value, &full)),
        (Target::Uri, Value::Str(text)) => {
            uri::parse(text).map(Value::Record).ok_or_else(|| failed("InvalidCastConstructorException", value, &full))
        }
        (Target::Made(name), Value::Str(_)) => super::super::statics::create(name, std::slice::from_ref(value))
            .map_err(|why| failed("InvalidCastConstructorException", value, &full).hint(why.message())),
        (Target::Xml, _) => {
            let text = match enumerate::items(value) {
                Some(items) => text::joined(&items, "\n").into(),
                None => text::to_text(value),
            };
            xml::parse(&text)
                .map(Value::Record)
                .map_err(|why| failed("InvalidCastToXmlDocument", value, &full).hint(why))
        }
        _ => Err(wrong()),
    }
}

pub(super) fn table(value: &Value, to: &Target) -> Result<Value, ErrorRecord> {
    let ordered = *to == Target::Ordered;
    match value {
        Value::Null => Ok(Value::Null),
        Value::Map(table) if table.is_ordered() == ordered => Ok(value.clone()),
        Value::Map(table) => Ok(Value::Map(Table::from_entries(ordered, table.entries()))),
        Value::Record(_) => Err(failed("InvalidCastConstructorException", value, &to.full_name())),
        _ => Err(failed("ConvertToFinalInvalidCastException", value, &to.full_name())),
    }
}

/// A hashtable becomes an object with its entries as properties; the entry PSTypeName names its type.
pub(super) fn custom_object(value: &Value) -> Value {
    let Value::Map(table) = value else { return value.clone() };
    let mut fields = table.named();
    let named = fields.iter().position(|(name, _)| super::super::same_name(name, "PSTypeName"));
    let kind = match named.map(|at| fields.remove(at).1) {
        Some(name) => RecordType::new(&text::to_text(&name), TextForm::Custom),
        None => RecordType::custom(),
    };
    Value::Record(Record::new(kind, fields))
}

pub(super) fn list_object(value: &Value, generic: bool) -> Value {
    match value {
        Value::Null => Value::Null,
        // The list itself, which whoever gave it sees grow.
        Value::Record(record) if list_object::is_growing(record, generic) => value.clone(),
        other => Value::Record(list_object::new(generic, enumerate::enumerate(other.clone()))),
    }
}

pub(super) fn array(value: &Value, element: &Target) -> Result<Value, ErrorRecord> {
    if value.is_null() {
        return Ok(Value::Null);
    }
    if let (Target::Char, Value::Str(text)) = (element, value) {
        return Ok(char_object::all(text));
    }
    // The list itself where nothing changes, so that it stays shared.
    if let (Target::Object, Value::List(_)) = (element, value) {
        return Ok(value.clone());
    }
    let items = enumerate::enumerate(value.clone());
    let converted: Result<Vec<Value>, ErrorRecord> = items.iter().map(|item| cast(item, element)).collect();
    converted.map(Value::list)
}
