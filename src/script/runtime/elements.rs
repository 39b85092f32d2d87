//! Elements of variables, where they are. These look like functions and are forms of Rhai's syntax that get at the
//! variable itself: of whatever a function is given Rhai counts all elements first, and a loop over the elements of an
//! array would take the square of their number.

use super::super::convert::{is_empty, to_dynamic, to_value};
use super::super::shared::Shared;
use super::super::typed;
use super::{Outcome, Register, lists, members};
use crate::error::{ErrorRecord, Halt};
use crate::value::{TextForm, Value, convert, member, same_name, text};
use rhai::{Array, Dynamic, EvalContext, Expression, Position};
use std::rc::Rc;
use std::sync::Arc;

/// One step from a value to what is in it.
enum Step {
    /// `[index]`
    Element(Dynamic),
    /// `.name`
    Member(String),
}

/// Registers the forms. A form that Rhai refused would be missing from the first script that any test runs.
pub(super) fn register(engine: &mut Register) {
    // `_element(x, index)`
    form(engine, "_element", 2, |shared, cx, given| {
        let index = cx.eval_expression_tree(&given[1])?;
        look(shared, cx, given, |target| members::element(target, &index))
    });
    // `_howmany(x, "Count")`
    form(engine, "_howmany", 2, |shared, cx, given| {
        let name = cx.eval_expression_tree(&given[1])?;
        let name = text::to_text(&to_value(&name));
        look(shared, cx, given, |target| Ok(members::property(shared, target, &name)))
    });
    // `_put(x, "em", [index, "name"], value)`: `$x[index].name = value`
    form(engine, "_put", 4, |shared, cx, given| {
        let steps = steps(&cx.eval_expression_tree(&given[1])?, &cx.eval_expression_tree(&given[2])?);
        let value = cx.eval_expression_tree(&given[3])?;
        change(shared, cx, given, |target| put(target, &steps, value))
    });
    // `_grow(x, value, "type")`: `$x += value`; the type that the variable keeps may be `()`.
    form(engine, "_grow", 3, |shared, cx, given| {
        let mut value = cx.eval_expression_tree(&given[1])?;
        let kept = cx.eval_expression_tree(&given[2])?;
        let kept = (!kept.is_unit()).then(|| text::to_text(&to_value(&kept)));
        let at = given[0].position();
        let name = given[0].get_string_value().unwrap_or_default().to_string();
        if let Some(mut target) = cx.scope_mut().get_mut(&name).and_then(|held| held.write_lock::<Dynamic>())
            && lists::grow(shared, &mut target, &mut value, kept.as_ref())
                .map_err(|e| shared.raise(Halt::Error(e), at))?
        {
            return Ok(Dynamic::UNIT);
        }
        let mut left = cx.eval_expression_tree(&given[0])?;
        let sum = cx.call_native_fn_raw("_add", false, &mut [&mut left, &mut value]);
        let mut sum = sum.map_err(|mut error| {
            if error.position().is_none() {
                error.set_position(at);
            }
            error
        })?;
        if let Some(kind) = kept {
            let made = members::cast(shared, &[Value::Str(kind.clone()), to_value(&sum)]);
            sum = typed::marked(to_dynamic(made.map_err(|e| shared.raise(Halt::Error(e), at))?), &kind);
        }
        change(shared, cx, given, |target| {
            *target = sum;
            Ok(())
        })
    });
    // `_putvar("name", "em", [index, "name"], value)`: the same for a variable that the session keeps.
    engine.function("putvar", 4, |shared, cx, args| {
        let name = text::to_text(&to_value(args[0]));
        let steps = steps(args[1], args[2]);
        let value = to_value(args[3]);
        let put = |held: &mut Value| put_value(held, &steps, value);
        let done = shared.change_variable(&name, put);
        done.map_err(|e| shared.raise(Halt::Error(e), cx.call_position()))?;
        Ok(Dynamic::UNIT)
    });
}

fn form(
    engine: &mut Register,
    name: &str,
    arity: usize,
    f: impl Fn(&Rc<Shared>, &mut EvalContext, &[Expression]) -> Outcome + 'static,
) {
    debug_assert!(crate::language::lower::is_runtime(name), "{name}");
    let shared = engine.shared.clone();
    let mut symbols = vec![name, "("];
    for at in 0..arity {
        symbols.push("$expr$");
        symbols.push(if at + 1 < arity { "," } else { ")" });
    }
    let done = engine.engine.register_custom_syntax(symbols, false, move |cx, given| f(&shared, cx, given));
    debug_assert!(done.is_ok(), "{name}");
}

/// Looks at the variable that a form names.
fn look(
    shared: &Shared,
    cx: &mut EvalContext,
    given: &[Expression],
    look: impl FnOnce(&Dynamic) -> Result<Dynamic, ErrorRecord>,
) -> Outcome {
    let raise = |error| shared.raise(Halt::Error(error), given[0].position());
    let name = given[0].get_string_value().unwrap_or_default();
    if let Some(held) = cx.scope().get(name) {
        return look(held).map_err(raise);
    }
    // A constant of the script's, seen from a function.
    let held = cx.eval_expression_tree(&given[0])?;
    look(&held).map_err(raise)
}

/// Changes the variable that a form names.
fn change(
    shared: &Shared,
    cx: &mut EvalContext,
    given: &[Expression],
    change: impl FnOnce(&mut Dynamic) -> Result<(), ErrorRecord>,
) -> Outcome {
    let at: Position = given[0].position();
    let name = given[0].get_string_value().unwrap_or_default().to_string();
    let Some(held) = cx.scope_mut().get_mut(&name) else {
        return Err(rhai::EvalAltResult::ErrorAssignmentToConstant(name, at).into());
    };
    let done = match held.write_lock::<Dynamic>() {
        Some(mut held) => change(&mut held),
        None => Ok(()),
    };
    done.map(|()| Dynamic::UNIT).map_err(|e| shared.raise(Halt::Error(e), at))
}

/// The steps that a letter each says the kind of.
fn steps(kinds: &Dynamic, path: &Dynamic) -> Vec<Step> {
    let kinds = text::to_text(&to_value(kinds));
    let Some(path) = path.read_lock::<Array>() else { return Vec::new() };
    let step = |(kind, step): (char, &Dynamic)| match kind {
        'm' => Step::Member(text::to_text(&to_value(step)).to_string()),
        _ => Step::Element(step.clone()),
    };
    kinds.chars().zip(path.iter()).map(step).collect()
}

/// Puts a value where the steps lead to.
fn put(held: &mut Dynamic, steps: &[Step], value: Dynamic) -> Result<(), ErrorRecord> {
    let Some((step, rest)) = steps.split_first() else {
        *held = value;
        return Ok(());
    };
    if let Step::Element(index) = step
        && held.is_array()
    {
        // An array of a type keeps it.
        let of = typed::name(held).filter(|_| rest.is_empty());
        let of = of.and_then(|name| name.strip_suffix("[]").and_then(convert::target));
        let at = match index.as_int() {
            Ok(at) => Some(at),
            Err(_) => member::place(&to_value(index)),
        };
        if let (Some(at), Some(mut items)) = (at, held.write_lock::<Array>())
            && let Some(slot) = members::nth(items.len(), at).and_then(|at| items.get_mut(at))
        {
            let value = match of {
                Some(target) => to_dynamic(convert::cast(&to_value(&value), &target)?),
                None => value,
            };
            return put(slot, rest, value);
        }
    }
    if let Some(mut map) = held.write_lock::<rhai::Map>() {
        let name = match step {
            Step::Element(index) => text::to_text(&to_value(index)).to_string(),
            Step::Member(name) => name.clone(),
        };
        let exact = matches!(step, Step::Element(_)) || map.contains_key(name.as_str());
        let alike = map.keys().find(|key| !exact && same_name(key, &name)).cloned();
        let key = alike.unwrap_or_else(|| name.as_str().into());
        if rest.is_empty() {
            map.insert(key, value);
            return Ok(());
        }
        if let Some(slot) = map.get_mut(&key) {
            return put(slot, rest, value);
        }
        return put_value(&mut Value::Null, rest, to_value(&value));
    }
    if let Some(mut held) = held.write_lock::<Value>() {
        return put_value(&mut held, steps, to_value(&value));
    }
    let mut copy = if is_empty(held) { Value::Null } else { to_value(held) };
    put_value(&mut copy, steps, to_value(&value))
}

/// The same in a value of ours. What is shared is changed where it is; a list is its holder's, and taken out of it for
/// as long as it changes: it would be copied otherwise.
fn put_value(held: &mut Value, steps: &[Step], value: Value) -> Result<(), ErrorRecord> {
    let Some((step, rest)) = steps.split_first() else {
        *held = value;
        return Ok(());
    };
    if rest.is_empty() {
        return match step {
            Step::Element(index) => member::set_index(held, &to_value(index), value),
            Step::Member(name) => member::set(held, name, value),
        };
    }
    if let (Value::List(items), Step::Element(index)) = (&mut *held, step)
        && let Some(at) = member::place(&to_value(index)).and_then(|at| members::nth(items.len(), at))
        && let Some(slot) = Arc::make_mut(items).get_mut(at)
    {
        return put_value(slot, rest, value);
    }
    let mut inner = match step {
        Step::Element(index) => member::index(held, &to_value(index))?,
        Step::Member(name) => member::get(held, name).unwrap_or_default(),
    };
    if !matches!(inner, Value::List(_)) {
        return put_value(&mut inner, rest, value);
    }
    let store = |held: &mut Value, to: Value| match step {
        Step::Element(index) => member::set_index(held, &to_value(index), to),
        Step::Member(name) => member::set(held, name, to),
    };
    // Not where setting means more than to keep.
    match (&mut *held, step) {
        (Value::Map(_), _) => store(held, Value::Null)?,
        (Value::Record(record), Step::Member(name))
            if record.kind().text == TextForm::Custom && matches!(record.get(name), Some(Value::List(_))) =>
        {
            record.set(name, Value::Null);
        }
        _ => {}
    }
    let done = put_value(&mut inner, rest, value);
    store(held, inner)?;
    done
}
