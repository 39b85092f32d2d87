//! Methods that every object has: ToString, GetType, Equals, CompareTo, GetHashCode.

use super::super::{Value, compare, ops, text, types};
use super::{Answer, Call};
use std::hash::{DefaultHasher, Hash, Hasher};

pub(super) fn call(value: &Value, call: &Call) -> Answer {
    let text_of = || Value::Str(text::to_string(value));
    Some(Ok(match call.name {
        "tostring" => match call.arguments.first() {
            Some(Value::Str(format)) => return Some(ops::format_value(value, format).map(Value::from)),
            _ => text_of(),
        },
        "gettype" => types::type_value(&types::type_of(value)),
        "equals" => {
            let other = call.value(0);
            let same_type = types::name_of(value) == types::name_of(&other);
            (same_type && compare::equals(value, &other, true)).into()
        }
        "compareto" => match compare::order(value, &call.value(0), true) {
            Ok(order) => Value::Int(order as i64),
            Err(error) => return Some(Err(error)),
        },
        "gethashcode" => {
            let mut hasher = DefaultHasher::new();
            text_of().to_string().hash(&mut hasher);
            Value::Int(i64::from(hasher.finish() as i32))
        }
        "gettypecode" => types::type_of(value).short.into(),
        _ => return None,
    }))
}
