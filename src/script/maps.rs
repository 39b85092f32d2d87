//! Hashtables in the hands of plain Rhai: what its own maps can do, those can do that went through a command.

use super::convert::{to_dynamic, to_value};
use crate::value::{Value, compare, enumerate, member};
use rhai::{Array, Dynamic, Engine, ImmutableString, Map};

/// How deep two values are compared: one may hold itself.
const DEEPEST: usize = 64;

/// Registers what Rhai scripts do with hashtables, and with the properties of other objects.
pub(super) fn register(engine: &mut Engine) {
    engine.register_fn("keys", |value: &mut Value| -> Array { names(value) });
    engine.register_fn("values", |value: &mut Value| -> Array {
        match &*value {
            Value::Map(table) => table.entries().into_iter().map(|(_, value)| to_dynamic(value)).collect(),
            other => member::names(other)
                .iter()
                .map(|name| member::get(other, name).map(to_dynamic).unwrap_or_default())
                .collect(),
        }
    });
    engine.register_fn("len", |value: &mut Value| length(value));
    engine.register_fn("is_empty", |value: &mut Value| length(value) == 0);
    // `"name" in value`, too.
    engine.register_fn("contains", |value: &mut Value, key: ImmutableString| match &*value {
        Value::Map(table) => table.get_str(&key).is_some(),
        other => member::names(other).iter().any(|name| name.eq_ignore_ascii_case(&key)),
    });
    engine.register_fn("remove", |value: &mut Value, key: ImmutableString| -> Dynamic {
        let Value::Map(table) = &*value else { return Dynamic::UNIT };
        let key = Value::str(key.as_str());
        let gone = table.get(&key).map(to_dynamic).unwrap_or_default();
        table.remove(&key);
        gone
    });
    for (name, equal) in [("==", true), ("!=", false)] {
        engine.register_fn(name, move |a: Value, b: Value| alike(&a, &b, 0) == equal);
        engine.register_fn(name, move |a: Value, b: Map| alike(&a, &to_value(&Dynamic::from_map(b)), 0) == equal);
        engine.register_fn(name, move |a: Map, b: Value| alike(&to_value(&Dynamic::from_map(a)), &b, 0) == equal);
    }
}

fn names(value: &Value) -> Array {
    match value {
        Value::Map(table) => table.entries().into_iter().map(|(key, _)| to_dynamic(key)).collect(),
        other => member::names(other).iter().map(|name| ImmutableString::from(&**name).into()).collect(),
    }
}

fn length(value: &Value) -> i64 {
    let length = match value {
        Value::Map(table) => table.len(),
        other => enumerate::items(other).map_or(1, |items| items.len()),
    };
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// Whether two values are the same for Rhai: maps by what is in them, where a command's `-eq` asks whether they are one.
fn alike(a: &Value, b: &Value, depth: usize) -> bool {
    match (a, b) {
        (Value::Map(a), Value::Map(b)) => {
            a.same(b)
                || (depth < DEEPEST
                    && a.len() == b.len()
                    && a.entries()
                        .iter()
                        .all(|(key, value)| b.get(key).is_some_and(|other| alike(value, &other, depth + 1))))
        }
        (Value::List(a), Value::List(b)) => {
            depth < DEEPEST && a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| alike(a, b, depth + 1))
        }
        _ => compare::equals(a, b, true),
    }
}
