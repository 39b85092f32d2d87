//! Our values in Rhai's hands: properties, elements, comparison, text, iteration.

use super::convert::{to_dynamic, to_value};
use super::errors::Thrown;
use super::shared::Shared;
use crate::value::{Value, compare, member, ops, text};
use rhai::{Dynamic, Engine, EvalAltResult, ImmutableString, Module, NativeCallContext};
use std::any::TypeId;
use std::rc::Rc;

/// Registers what Rhai scripts do with our values.
pub(super) fn register(engine: &mut Engine, shared: &Rc<Shared>) {
    engine.register_type_with_name::<Value>("object");
    engine.register_type_with_name::<Thrown>("error");
    engine.register_indexer_get(|value: &mut Value, name: ImmutableString| property(value, &name));
    engine.register_indexer_get(|value: &mut Value, at: i64| {
        member::index(value, &Value::Int(at)).map(to_dynamic).unwrap_or_default()
    });
    let owner = shared.clone();
    engine.register_raw_fn(
        rhai_index_set(),
        [TypeId::of::<Value>(), TypeId::of::<ImmutableString>(), TypeId::of::<Dynamic>()],
        move |cx: NativeCallContext, args| {
            let name = text::to_text(&to_value(args[1]));
            member::set(&to_value(args[0]), &name, to_value(args[2]))
                .map_err(|e| owner.raise(crate::error::Halt::Error(e), cx.call_position()))
        },
    );
    let owner = shared.clone();
    engine.register_indexer_get(move |thrown: &mut Thrown, name: ImmutableString| {
        property(&owner.error_value(&thrown.0), &name)
    });
    for name in ["to_string", "print", "to_debug", "debug"] {
        engine.register_fn(name, |value: &mut Value| text::to_text(value).to_string());
        engine.register_fn(name, |thrown: &mut Thrown| thrown.0.message().to_string());
    }
    for (name, equal) in [("==", true), ("!=", false)] {
        engine.register_fn(name, move |a: Value, b: ImmutableString| {
            compare::equals(&a, &Value::str(b.as_str()), true) == equal
        });
        engine.register_fn(name, move |a: ImmutableString, b: Value| {
            compare::equals(&Value::str(a.as_str()), &b, true) == equal
        });
    }
    for (name, operator) in
        [("<", "lt"), ("<=", "le"), (">", "gt"), (">=", "ge"), ("+", "+"), ("-", "-"), ("*", "*"), ("/", "/")]
    {
        let owner = shared.clone();
        engine.register_raw_fn(
            name,
            [TypeId::of::<Value>(), TypeId::of::<Dynamic>()],
            move |cx: NativeCallContext, args| -> Result<Dynamic, Box<EvalAltResult>> {
                ops::binary(operator, &to_value(args[0]), &to_value(args[1]))
                    .map(to_dynamic)
                    .map_err(|e| owner.raise(crate::error::Halt::Error(e), cx.call_position()))
            },
        );
    }
    // Rhai's own cannot be woken.
    for kind in [TypeId::of::<i64>(), TypeId::of::<f64>()] {
        let owner = shared.clone();
        engine.register_raw_fn("sleep", [kind], move |cx: NativeCallContext, args| {
            let seconds = args[0].as_int().ok().map(|n| n as f64).or_else(|| args[0].as_float().ok()).unwrap_or(0.0);
            let length = std::time::Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(std::time::Duration::MAX);
            owner.session.sleep(length).map_err(|halt| owner.raise(halt, cx.call_position()))
        });
    }
    engine.register_fn("+", |a: ImmutableString, b: Value| format!("{a}{}", text::to_text(&b)));
    // A pipeline of no objects leaves nothing, and that has no elements.
    engine.register_fn("len", |_: &mut ()| 0_i64);
    engine.register_fn("is_empty", |_: &mut ()| true);
    let mut module = Module::new();
    // A loop takes an array, one object, and nothing.
    module.set_iter(TypeId::of::<Value>(), |value| {
        let items = match to_value(&value) {
            Value::Map(table) => table.entries().into_iter().map(|(_, value)| value).collect(),
            other => crate::value::enumerate(other),
        };
        Box::new(items.into_iter().map(to_dynamic))
    });
    module.set_iter(TypeId::of::<()>(), |_| Box::new(std::iter::empty()));
    engine.register_global_module(module.into());
}

/// The name under which Rhai looks for what sets an element.
fn rhai_index_set() -> &'static str {
    "index$set$"
}

fn property(value: &Value, name: &str) -> Dynamic {
    member::get(value, name).map(to_dynamic).unwrap_or_default()
}
