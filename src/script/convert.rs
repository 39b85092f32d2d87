//! Values to Rhai's and back. Scalars and lists are Rhai's own; all else is a [`Value`] in a Rhai variable.

use super::blocks;
use super::errors::Thrown;
use crate::env::bounds;
use crate::value::ops::LONGEST_RANGE;
use crate::value::{Hoard, Table, Value};
use rhai::{Array, Dynamic, FnPtr, ImmutableString, Map};
use std::ops::{Range, RangeInclusive};

/// After how many elements it is looked whether a conversion must stop: a millisecond.
const LOOKS_EVERY: usize = 1 << 14;

/// Tells the empty value, what a pipeline without objects leaves, from `$null`: both are `()`.
const EMPTY: i32 = 1;

/// The empty value: equal to `()`, pipes nothing.
pub(super) fn empty() -> Dynamic {
    let mut unit = Dynamic::UNIT;
    unit.set_tag(EMPTY);
    unit
}

/// Whether this is the empty value.
pub(super) fn is_empty(value: &Dynamic) -> bool {
    if value.is_shared() {
        return is_empty(&value.flatten_clone());
    }
    value.is_unit() && value.tag() == EMPTY
}

/// A value in Rhai.
pub(super) fn to_dynamic(value: Value) -> Dynamic {
    match value {
        Value::Null => Dynamic::UNIT,
        Value::Bool(b) => b.into(),
        Value::Int(n) => n.into(),
        Value::Float(x) => x.into(),
        Value::Str(text) => ImmutableString::from(&*text).into(),
        Value::List(items) => array(std::sync::Arc::unwrap_or_clone(items)),
        other => Dynamic::from(other),
    }
}

/// Values as an array of Rhai.
pub(super) fn array(values: Vec<Value>) -> Dynamic {
    let values = Hoard::from(values).enumerate();
    Dynamic::from_array(values.map_while(|(at, value)| goes_on(at).then(|| to_dynamic(value))).collect())
}

/// Whether a conversion goes on after so many elements. One that does not leaves less, which nobody gets to see: what
/// stopped it stops the script at its next step.
fn goes_on(at: usize) -> bool {
    !at.is_multiple_of(LOOKS_EVERY) || at == 0 || bounds::reason().is_none()
}

/// What an assignment keeps of a pipeline's outputs.
pub(super) fn collapsed(mut outputs: Vec<Value>) -> Dynamic {
    match outputs.len() {
        0 => empty(),
        1 => to_dynamic(outputs.remove(0)),
        _ => array(outputs),
    }
}

/// A value of Rhai as ours.
pub(super) fn to_value(value: &Dynamic) -> Value {
    if value.is_shared() {
        return to_value(&value.flatten_clone());
    }
    if let Ok(n) = value.as_int() {
        return Value::Int(n);
    }
    if let Ok(text) = value.as_immutable_string_ref() {
        return Value::str(text.as_str());
    }
    if let Some(inner) = value.read_lock::<Value>() {
        return inner.clone();
    }
    if value.is_unit() {
        return Value::Null;
    }
    if let Ok(b) = value.as_bool() {
        return Value::Bool(b);
    }
    if let Ok(x) = value.as_float() {
        return Value::Float(x);
    }
    if let Ok(c) = value.as_char() {
        return Value::str(c.to_string());
    }
    if let Some(items) = value.read_lock::<Array>() {
        return Value::list(
            items.iter().enumerate().map_while(|(at, item)| goes_on(at).then(|| to_value(item))).collect(),
        );
    }
    if let Some(map) = value.read_lock::<Map>() {
        let entries = map.iter().map(|(key, value)| (Value::str(key.as_str()), to_value(value)));
        return Value::Map(Table::from_entries(true, entries));
    }
    if let Some(function) = value.read_lock::<FnPtr>() {
        return Value::Block(blocks::of_function(&function));
    }
    if let Some(thrown) = value.read_lock::<Thrown>() {
        return crate::cmdlet::streams::error_object(&thrown.0);
    }
    if let Some(numbers) = numbers(value) {
        if !numbers.is_empty() && numbers.start().abs_diff(*numbers.end()) >= LONGEST_RANGE {
            bounds::refuse();
            return Value::Null;
        }
        return Value::list(numbers.map(Value::Int).collect());
    }
    Value::str(value.to_string())
}

fn empty_range() -> RangeInclusive<i64> {
    RangeInclusive::new(1, 0)
}

/// The numbers of a range of Rhai's own, `0..5` or `0..=5`; `None` for all else.
pub(super) fn numbers(value: &Dynamic) -> Option<RangeInclusive<i64>> {
    if let Some(range) = value.read_lock::<Range<i64>>() {
        // The one with no number before its end is empty, as any that ends before it begins.
        return Some(range.end.checked_sub(1).map_or_else(empty_range, |last| range.start..=last));
    }
    value.read_lock::<RangeInclusive<i64>>().map(|range| range.clone())
}

/// The objects that a value gives to a pipeline, one by one: a range is not unrolled, which may be without end.
pub(super) fn each<E>(value: &Dynamic, mut sink: impl FnMut(Value) -> Result<(), E>) -> Result<(), E> {
    match numbers(value) {
        Some(mut numbers) => numbers.try_for_each(|n| sink(Value::Int(n))),
        None => enumerated(value).into_iter().try_for_each(sink),
    }
}

/// The objects that a value gives to a pipeline, together.
pub(super) fn enumerated(value: &Dynamic) -> Vec<Value> {
    if is_empty(value) { Vec::new() } else { crate::value::enumerate(to_value(value)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_to_rhai_and_back() {
        let table = Table::from_entries(true, [(Value::str("a"), Value::Int(1))]);
        for value in [
            Value::Null,
            Value::Bool(true),
            Value::Int(-3),
            Value::Float(1.5),
            Value::str("x"),
            Value::list(vec![Value::Int(1), Value::list(vec![]), Value::str("b")]),
            Value::Map(table),
        ] {
            assert_eq!(format!("{:?}", to_value(&to_dynamic(value.clone()))), format!("{value:?}"));
        }
        assert!(is_empty(&collapsed(vec![])) && is_empty(&collapsed(vec![]).clone()));
        assert!(!is_empty(&to_dynamic(Value::Null)));
        assert!(enumerated(&empty()).is_empty());
        assert_eq!(enumerated(&Dynamic::UNIT).len(), 1);
    }
}
