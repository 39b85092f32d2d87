//! Tables, objects, strings with values in them, and other literals.

use super::super::convert::{array, enumerated, to_value};
use super::Register;
use super::operators::too_large;
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::{Record, RecordType, Table, TextForm, Value, text};
use rhai::Array;

/// Registers the functions.
pub(super) fn register(engine: &mut Register) {
    engine.function("str", 1, |shared, cx, args| {
        let mut whole = String::new();
        if let Some(parts) = args[0].read_lock::<Array>() {
            for part in parts.iter() {
                whole.push_str(&text::to_text(&shared.in_string(&to_value(part))));
                if whole.len() > shared.limits.string {
                    return Err(shared.raise(Halt::Error(too_large("a string")), cx.call_position()));
                }
            }
        }
        Ok(whole.into())
    });
    engine.values("text", 1, |shared, args| Ok(Value::Str(text::to_text(&shared.in_string(&args[0])))));
    for (name, ordered) in [("table", false), ("ordered", true)] {
        engine.values(name, 1, move |_, args| {
            let table = Table::new(ordered);
            for (key, value) in pairs(&args[0]) {
                if key.is_null() {
                    let message = "The key of an entry is $null.";
                    return Err(ErrorRecord::new("InvalidNullKey", Category::InvalidArgument, message));
                }
                table.put(key, value);
            }
            Ok(Value::Map(table))
        });
    }
    engine.values("object", 1, |_, args| {
        let record = Record::custom(Vec::<(&str, Value)>::new());
        let mut fields = pairs(&args[0]);
        let is_name = |name: &Value| name.as_str().is_some_and(|n| n.eq_ignore_ascii_case("PSTypeName"));
        if let Some(at) = fields.iter().position(|(name, _)| is_name(name)) {
            let (_, name) = fields.remove(at);
            let kind = RecordType::new(&text::to_text(&name), TextForm::Custom);
            let fields = fields.into_iter().map(|(name, value)| (text::to_text(&name), value));
            return Ok(Value::Record(Record::new(kind, fields)));
        }
        let record = if fields.is_empty() {
            record
        } else {
            Record::custom(fields.into_iter().map(|(name, value)| (text::to_text(&name), value)))
        };
        Ok(Value::Record(record))
    });
    // `_filter([texts], [values])`: a filter whose variables are the script's.
    engine.values("filter", 2, |_, args| {
        let (texts, values) = (crate::value::enumerate(args[0].clone()), crate::value::enumerate(args[1].clone()));
        let mut whole = String::new();
        for (at, piece) in texts.iter().enumerate() {
            whole.push_str(&text::to_text(piece));
            if let Some(value) = values.get(at) {
                whole.push_str(&in_filter(value));
            }
        }
        Ok(Value::from(whole.trim()))
    });
    engine.values("decimal", 1, |_, args| {
        let text = text::to_text(&args[0]);
        Ok(text.parse::<rust_decimal::Decimal>().map_or(Value::Null, Value::Decimal))
    });
    engine.values("float", 1, |_, args| Ok(text::to_text(&args[0]).parse::<f64>().map_or(Value::Null, Value::Float)));
    engine.values("type", 1, |_, args| Ok(Value::Str(text::to_text(&args[0]))));
    engine.function("spread", 2, |_, _, args| {
        let count = args[1].as_int().ok().and_then(|n| usize::try_from(n).ok()).unwrap_or(1);
        let mut items = enumerated(args[0]);
        if items.len() > count {
            let rest = items.split_off(count.saturating_sub(1));
            items.push(Value::list(rest));
        }
        items.resize(count, Value::Null);
        Ok(array(items))
    });
}

/// A value as the filter language writes it.
fn in_filter(value: &Value) -> String {
    match value {
        Value::Null => "$null".into(),
        Value::Bool(true) => "$true".into(),
        Value::Bool(false) => "$false".into(),
        Value::Int(_) | Value::Float(_) | Value::Decimal(_) => text::to_text(value).to_string(),
        Value::List(items) => items.iter().map(in_filter).collect::<Vec<_>>().join(","),
        other => format!("'{}'", text::to_text(other).replace('\'', "''")),
    }
}

/// The pairs of a literal of keys and values.
fn pairs(value: &Value) -> Vec<(Value, Value)> {
    let Value::List(items) = value else { return Vec::new() };
    items
        .iter()
        .filter_map(|pair| match pair {
            Value::List(pair) => match pair.as_slice() {
                [key, value] => Some((key.clone(), value.clone())),
                _ => None,
            },
            _ => None,
        })
        .collect()
}
