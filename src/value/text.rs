//! The text of a value: what `"$x"` and `.ToString()` give.

use super::{Str, Value};

/// The text of a value inside a string.
pub fn to_text(value: &Value) -> Str {
    match value {
        Value::Null => "".into(),
        Value::Bool(true) => "True".into(),
        Value::Bool(false) => "False".into(),
        Value::Int(n) => n.to_string().into(),
        Value::Str(text) => text.clone(),
        other => format!("{other:?}").into(),
    }
}
