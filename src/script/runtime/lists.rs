//! Arrays and texts that are added to, searched and joined where they are, without a copy of the whole.

use super::super::convert::{is_empty, to_dynamic, to_value};
use super::super::shared::Shared;
use super::members;
use super::operators::too_large;
use crate::env::bounds;
use crate::error::ErrorRecord;
use crate::value::{Str, Value, compare, enumerate, ops, text};
use rhai::{Array, Dynamic, ImmutableString};

/// `$x += value` in place, in the variable itself; `kept` is the type that the variable keeps. `false` where the sum has
/// to be made by the operator.
pub(super) fn grow(
    shared: &Shared,
    target: &mut Dynamic,
    value: &mut Dynamic,
    kept: Option<&Str>,
) -> Result<bool, ErrorRecord> {
    let of_array = kept.is_none_or(|kind| kind.ends_with("[]") || kind.eq_ignore_ascii_case("array"));
    if of_array && target.is_array() {
        let mut more = added(value);
        if let Some(kind) = kept {
            let more_of_kind = Value::list(more.iter().map(to_value).collect());
            let made = members::cast(shared, &[Value::Str(kind.clone()), more_of_kind])?;
            more = enumerate(made).into_iter().map(to_dynamic).collect();
        }
        if let Some(mut items) = target.write_lock::<Array>() {
            if items.len() + more.len() > shared.limits.array {
                return Err(too_large("an array"));
            }
            items.append(&mut more);
        }
        if kept.is_none() {
            // Whatever it was made as, now it holds anything.
            target.set_tag(0);
        }
        return Ok(true);
    }
    let of_text = kept.is_none_or(|kind| ["string", "system.string"].contains(&&*kind.to_ascii_lowercase()));
    if of_text && let Some(mut text) = target.write_lock::<ImmutableString>() {
        let more = text::to_text(&to_value(value));
        // The operator has a bound of its own, and says so.
        if text.len() + more.len() < shared.limits.string.min(bounds::LONGEST_TEXT) {
            text.make_mut().push_str(&more);
            return Ok(true);
        }
    }
    Ok(false)
}

/// The elements that a value adds to an array.
fn added(value: &mut Dynamic) -> Array {
    if is_empty(value) {
        return Array::new();
    }
    if value.is_array() {
        return value.take().into_array().unwrap_or_default();
    }
    let value = to_value(value);
    match enumerate::items(&value) {
        Some(items) => items.iter().cloned().map(to_dynamic).collect(),
        None => vec![to_dynamic(value)],
    }
}

/// Elements between two looks at whether to go on.
const LOOKS: usize = 4096;

/// An operator on an array whose elements need only be looked at; `None` for all others.
pub(super) fn looked_through(operator: &str, left: &Dynamic, right: &Dynamic) -> Option<Dynamic> {
    if operator == "join" {
        let items = left.read_lock::<Array>()?;
        let items: Vec<Value> = items.iter().map(to_value).collect();
        return Some(text::joined(&items, &text::to_text(&to_value(right))).into());
    }
    let (word, case) = ops::with_case(operator);
    let (list, wanted) = match word {
        "contains" | "notcontains" => (left, right),
        "in" | "notin" => (right, left),
        _ => return None,
    };
    let items = list.read_lock::<Array>()?;
    let wanted = to_value(wanted);
    let found = items.iter().enumerate().any(|(at, item)| {
        // What is found too early nobody sees: what runs is stopped.
        if at % LOOKS == LOOKS - 1 && bounds::reason().is_some() {
            return true;
        }
        match (&wanted, item.read_lock::<ImmutableString>()) {
            (Value::Str(wanted), Some(text)) => crate::value::collate::equal(&text, wanted, case),
            _ => compare::equals(&to_value(item), &wanted, case),
        }
    });
    Some((found != word.starts_with("not")).into())
}
