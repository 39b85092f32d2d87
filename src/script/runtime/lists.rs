//! Arrays and texts that are added to, searched and joined where they are, without a copy of the whole.

use super::super::convert::{is_empty, to_dynamic, to_value};
use super::super::shared::Shared;
use super::super::typed;
use super::operators::{apply, too_large};
use super::{Outcome, Register, members};
use crate::env::bounds;
use crate::error::Halt;
use crate::value::{Value, compare, enumerate, ops, text};
use rhai::{Array, Dynamic, ImmutableString, NativeCallContext};

/// `x._append(value)`, which is `$x += value`: as a method it has the variable itself, also where a block shares it. A
/// third argument is the type that the variable keeps.
pub(super) fn register(engine: &mut Register) {
    for arity in [2, 3] {
        engine.function("append", arity, append);
    }
}

fn append(shared: &std::rc::Rc<Shared>, cx: &NativeCallContext, args: &mut [&mut Dynamic]) -> Outcome {
    let raise = |error| shared.raise(Halt::Error(error), cx.call_position());
    let [target, value, rest @ ..] = args else { return Ok(Dynamic::UNIT) };
    let kept = rest.first().map(|kind| text::to_text(&to_value(kind)));
    let of_array = kept.as_ref().is_none_or(|kind| kind.ends_with("[]") || kind.eq_ignore_ascii_case("array"));
    if of_array && target.is_array() {
        let mut more = added(value);
        if let Some(kind) = &kept {
            let more_of_kind = Value::list(more.iter().map(to_value).collect());
            let made = members::cast(shared, &[Value::Str(kind.clone()), more_of_kind]).map_err(raise)?;
            more = enumerate(made).into_iter().map(to_dynamic).collect();
        }
        if let Some(mut items) = target.write_lock::<Array>() {
            if items.len() + more.len() > shared.limits.array {
                return Err(raise(too_large("an array")));
            }
            items.append(&mut more);
        }
        if kept.is_none() {
            // Whatever it was made as, now it holds anything.
            target.set_tag(0);
        }
        return Ok(Dynamic::UNIT);
    }
    let of_text = kept.as_ref().is_none_or(|kind| ["string", "system.string"].contains(&&*kind.to_ascii_lowercase()));
    if of_text && let Some(mut text) = target.write_lock::<ImmutableString>() {
        let more = text::to_text(&to_value(value));
        // The operator has a bound of its own, and says so.
        if text.len() + more.len() < shared.limits.string.min(bounds::LONGEST_TEXT) {
            text.make_mut().push_str(&more);
            return Ok(Dynamic::UNIT);
        }
    }
    let mut sum = apply(shared, cx, "+", target, value)?;
    if let Some(kind) = kept {
        let made = members::cast(shared, &[Value::Str(kind.clone()), to_value(&sum)]).map_err(raise)?;
        sum = typed::marked(to_dynamic(made), &kind);
    }
    **target = sum;
    Ok(Dynamic::UNIT)
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
