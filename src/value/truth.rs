//! Truth: what `if` and `-and` make of a value.

use super::{Value, enumerate};

/// Whether a value is true: not null, not false, not zero, not empty; a list of one is what its element is.
pub fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(b) => *b,
        Value::Int(n) => *n != 0,
        // NaN is not zero.
        Value::Float(x) => *x != 0.0,
        Value::Decimal(d) => !d.is_zero(),
        Value::Str(text) => !text.is_empty(),
        Value::List(items) => of_items(items),
        Value::Record(_) => match enumerate::items(value) {
            Some(items) => of_items(&items),
            None => true,
        },
        Value::DateTime(_)
        | Value::Duration(_)
        | Value::Version(_)
        | Value::Guid(_)
        | Value::Map(_)
        | Value::Block(_) => true,
    }
}

fn of_items(items: &[Value]) -> bool {
    match items {
        [] => false,
        [one] => match enumerate::items(one) {
            Some(inner) => !inner.is_empty(),
            None => is_true(one),
        },
        _ => true,
    }
}
