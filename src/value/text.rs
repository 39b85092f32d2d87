//! The text of a value: what `"$x"`, `[string]$x` and most of `.ToString()` give.

use super::{Record, Str, TextForm, Value, Version, date, enumerate, number, timespan};
use crate::env::{bounds, stack};

/// The text of a value inside a string: lists by their elements with blanks between, doubles with fifteen digits.
pub fn to_text(value: &Value) -> Str {
    match value {
        Value::Str(text) => text.clone(),
        Value::Null => "".into(),
        other => text_of(other, true).into(),
    }
}

/// What `.ToString()` gives: a list says its type, a double as many digits as read back.
pub fn to_string(value: &Value) -> Str {
    match value {
        Value::Str(text) => text.clone(),
        Value::Null => "".into(),
        Value::Float(x) => number::shortest(*x).into(),
        Value::List(_) => "System.Object[]".into(),
        Value::Record(record) if record.kind().text == TextForm::Custom => "".into(),
        Value::Record(record) if super::list_object::is_list(record) => record.kind().name.clone(),
        other => text_of(other, true).into(),
    }
}

/// As [`to_string`], but a custom object says its properties, as in a format.
pub(super) fn to_string_or_braced(value: &Value) -> String {
    match value {
        Value::Record(record) if record.kind().text == TextForm::Custom => text_of(value, false),
        other => to_string(other).to_string(),
    }
}

fn text_of(value: &Value, whole_lists: bool) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "True".into(),
        Value::Bool(false) => "False".into(),
        Value::Int(n) => n.to_string(),
        Value::Float(x) => number::fifteen(*x),
        Value::Decimal(d) => d.to_string(),
        Value::Str(text) => text.to_string(),
        Value::DateTime(at) => date::text(*at),
        Value::Duration(span) => timespan::constant(*span),
        Value::Version(version) => version.to_string(),
        Value::Guid(id) => id.to_string(),
        Value::List(items) if whole_lists => joined(items, " "),
        Value::List(_) => "System.Object[]".into(),
        Value::Map(table) if table.is_ordered() => "System.Collections.Specialized.OrderedDictionary".into(),
        Value::Map(_) => "System.Collections.Hashtable".into(),
        Value::Record(record) => match enumerate::items(value) {
            Some(items) if whole_lists => joined(&items, " "),
            Some(_) => record.kind().name.to_string(),
            None => record_text(record),
        },
        Value::Block(block) => block.text().to_string(),
    }
}

/// The texts of elements with a separator between; an element that is a record or a list itself says no more than
/// its own `ToString()`.
pub fn joined(items: &[Value], separator: &str) -> String {
    let mut out = String::new();
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push_str(separator);
        }
        match item {
            Value::Str(text) => out.push_str(text),
            // PowerShell gives a custom object inside a list no text.
            Value::Record(record) if record.kind().text == TextForm::Custom => {}
            other => out.push_str(&text_of(other, false)),
        }
        if out.len() > bounds::LONGEST_TEXT {
            bounds::refuse();
            break;
        }
    }
    out
}

fn record_text(record: &Record) -> String {
    match record.kind().text {
        TextForm::Custom => braced(record),
        TextForm::Pairs => pairs(record, "=", ";"),
        TextForm::Identity => property(record, "Identity"),
        TextForm::Property(name) | TextForm::Scalar(name) => property(record, name),
        TextForm::Entry => format!("[{}, {}]", property(record, "Key"), property(record, "Value")),
        TextForm::TypeName => match record.kind().node() {
            Some(node) => node.text().to_string(),
            None => record.kind().name.to_string(),
        },
    }
}

fn property(record: &Record, name: &str) -> String {
    match record.get(name) {
        // An object may have been made its own property.
        Some(Value::Record(inner)) if inner.same(record) || stack::is_low() => inner.kind().name.to_string(),
        Some(value) => text_of(&value, false),
        None => record.kind().name.to_string(),
    }
}

fn braced(record: &Record) -> String {
    if record.is_empty() {
        return String::new();
    }
    format!("@{{{}}}", pairs(record, "=", "; "))
}

/// A record in a record says what its own `ToString()` does, so the text ends for one that holds itself.
fn pairs(record: &Record, between: &str, behind: &str) -> String {
    let pair = |(name, value): (Str, Value)| {
        let text = match &value {
            Value::Record(inner) if inner.kind().text == TextForm::Custom => String::new(),
            Value::Record(inner) if inner.kind().text == TextForm::Pairs => inner.kind().name.to_string(),
            Value::Record(inner) if matches!(inner.kind().text, TextForm::Identity) => match inner.get("Identity") {
                Some(Value::Record(_)) | None => inner.kind().name.to_string(),
                Some(value) => text_of(&value, false),
            },
            other => text_of(other, false),
        };
        format!("{name}{between}{text}")
    };
    record.fields().into_iter().map(pair).collect::<Vec<_>>().join(behind)
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        for part in [self.build, self.revision].into_iter().flatten() {
            write!(f, ".{part}")?;
        }
        Ok(())
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&to_text(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{RecordType, Table};

    fn record(text: TextForm) -> Record {
        Record::new(RecordType::new("Reeve.Thing", text), [("A", Value::Int(1)), ("Identity", "x".into())])
    }

    #[test]
    fn prints_inside_strings() {
        let list = Value::list(vec![1.into(), Value::list(vec![2.into()]), Value::Null, Value::Float(1.5)]);
        let nested = Record::custom([("L", list.clone()), ("C", Record::custom([("E", 1.into())]).into())]);
        for (value, text) in [
            (Value::Null, ""),
            (true.into(), "True"),
            (Value::Float(0.1 + 0.2), "0.3"),
            (list, "1 System.Object[]  1.5"),
            (Table::new(false).into(), "System.Collections.Hashtable"),
            (Table::new(true).into(), "System.Collections.Specialized.OrderedDictionary"),
            (nested.into(), "@{L=System.Object[]; C=}"),
            (Value::list(vec![record(TextForm::Custom).into(), record(TextForm::Custom).into()]), " "),
            (record(TextForm::Custom).into(), "@{A=1; Identity=x}"),
            (record(TextForm::Pairs).into(), "A=1;Identity=x"),
            (record(TextForm::Identity).into(), "x"),
            (record(TextForm::TypeName).into(), "Reeve.Thing"),
            (
                Value::list(vec![record(TextForm::Pairs).into(), record(TextForm::Pairs).into()]),
                "A=1;Identity=x A=1;Identity=x",
            ),
            (Version { major: 5, minor: 0, build: Some(8308), revision: Some(0) }.into(), "5.0.8308.0"),
        ] {
            assert_eq!(&*to_text(&value), text);
        }
        assert_eq!(&*to_string(&Value::Float(0.1 + 0.2)), "0.30000000000000004");
    }
}
