//! Properties, elements, methods, types.

use super::super::convert::{array, empty, is_empty, to_dynamic, to_value};
use super::super::shared::Shared;
use super::super::{blocks, console, pscmdlet, typed};
use super::{Outcome, Register};
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::{Value, convert, exceptions, member, statics, text, truth, types};
use rhai::{Array, Dynamic, NativeCallContext};
use std::rc::Rc;

/// Registers the functions.
pub(super) fn register(engine: &mut Register) {
    engine.function("get", 2, |shared, _, args| {
        let name = to_value(args[1]);
        Ok(property(shared, args[0], &text::to_text(&name)))
    });
    engine.function("set", 3, |shared, cx, args| {
        let (name, value) = (text::to_text(&to_value(args[1])), args[2].clone());
        if let Some(mut map) = args[0].write_lock::<rhai::Map>() {
            let key = map.keys().find(|k| crate::value::same_name(k, &name)).cloned();
            map.insert(key.unwrap_or_else(|| (&*name).into()), value);
            return Ok(Dynamic::UNIT);
        }
        member::set(&to_value(args[0]), &name, to_value(&value))
            .map_err(|e| shared.raise(Halt::Error(e), cx.call_position()))?;
        Ok(Dynamic::UNIT)
    });
    engine.function("index", 2, |shared, cx, args| {
        element(args[0], args[1]).map_err(|e| shared.raise(Halt::Error(e), cx.call_position()))
    });
    engine.values("with", 3, |_, args| {
        let mut target = args[0].clone();
        member::set_index(&mut target, &args[1], args[2].clone())?;
        Ok(target)
    });
    engine.function("call", 3, |shared, cx, args| {
        let target = to_value(args[0]);
        let name = text::to_text(&to_value(args[1]));
        let arguments = args[2].read_lock::<Array>().map(|items| items.clone()).unwrap_or_default();
        let values: Vec<Value> = arguments.iter().map(to_value).collect();
        if name.eq_ignore_ascii_case("GetType")
            && let Some(found) = typed::name(args[0]).as_deref().and_then(types::find)
        {
            return Ok(to_dynamic(types::type_value(&found)));
        }
        if let Value::Block(block) = &target
            && name.eq_ignore_ascii_case("GetNewClosure")
        {
            return Ok(Dynamic::from(Value::Block(blocks::own_closure(block))));
        }
        let own = pscmdlet::call(shared, cx, &target, &name, &values);
        if let Some(result) = own.or_else(|| console::call(shared, &target, &name, &values)) {
            let nothing = |value: Value| if value.is_null() { empty() } else { to_dynamic(value) };
            return result.map(nothing).map_err(|h| shared.raise(h, cx.call_position()));
        }
        if let Some(result) = super::predicates::call(shared, cx, &target, &name, &values) {
            return result;
        }
        if let Some(result) = over_items(shared, cx, &target, &name, &values) {
            return result;
        }
        if let Value::Block(block) = &target
            && ["Invoke", "InvokeReturnAsIs", "call"].iter().any(|n| name.eq_ignore_ascii_case(n))
        {
            let runner = blocks::Runner { cx, shared };
            let block = Dynamic::from(Value::Block(block.clone()));
            let result = blocks::call_value(&runner, &block, &values);
            return result.map(to_dynamic).map_err(|h| shared.raise(h, cx.call_position()));
        }
        match member::call(&target, &name, &values) {
            // What gives nothing puts nothing out.
            Ok(Value::Null) => Ok(empty()),
            Ok(value) => Ok(match typed::of_method(&name) {
                Some(array) => typed::marked(to_dynamic(value), array),
                None => to_dynamic(value),
            }),
            Err(error) if error.id() == "MethodNotFound" => {
                let mut receiver = args[0].clone();
                let mut rest = arguments;
                let mut all: Vec<&mut Dynamic> = std::iter::once(&mut receiver).chain(rest.iter_mut()).collect();
                match cx.call_fn_raw(&*name, true, true, &mut all) {
                    Ok(value) => Ok(value),
                    Err(_) => Err(shared.raise(Halt::Error(error), cx.call_position())),
                }
            }
            Err(error) => Err(shared.raise(Halt::Error(error), cx.call_position())),
        }
    });
    engine.values("static", 2, |_, args| statics::get(&text::to_text(&args[0]), &text::to_text(&args[1])));
    engine.function("static_call", 3, |shared, cx, args| {
        let [kind, name, given] = [to_value(args[0]), to_value(args[1]), to_value(args[2])];
        let (kind, name) = (text::to_text(&kind), text::to_text(&name));
        let arguments = crate::value::enumerate::items(&given).map(|items| items.to_vec()).unwrap_or_default();
        // `[regex]::Replace(text, pattern, { … })`: the block makes the replacement.
        if let [text, pattern, Value::Block(by)] = arguments.as_slice()
            && name.eq_ignore_ascii_case("Replace")
            && types::find(&kind).is_some_and(|found| &*found.short == "Regex")
        {
            let replaced = super::operators::replace_by(&blocks::Runner { cx, shared }, "creplace", text, pattern, by);
            return replaced.map(to_dynamic).map_err(|h| shared.raise(h, cx.call_position()));
        }
        if ["WriteLine", "Write"].iter().any(|n| name.eq_ignore_ascii_case(n))
            && types::find(&kind).is_some_and(|found| &*found.full == "System.Console")
        {
            return console::write(shared, name.eq_ignore_ascii_case("Write"), &arguments)
                .map_err(|h| shared.raise(h, cx.call_position()));
        }
        let makes = name.eq_ignore_ascii_case("new");
        let made = if makes { statics::create(&kind, &arguments) } else { statics::call(&kind, &name, &arguments) };
        let made = made.map_err(|e| shared.raise(Halt::Error(e), cx.call_position()))?;
        // What only writes puts nothing out.
        if made.is_null() && types::find(&kind).is_some_and(|found| &*found.full == "System.IO.File") {
            return Ok(empty());
        }
        // A new array is of its type, whatever is in it.
        Ok(if makes { typed::marked(to_dynamic(made), &kind) } else { to_dynamic(made) })
    });
    // `_try_parse(type, text)`: whether it could be read, and what the variable then holds; a third argument is the forms
    // that the text may have.
    for arity in [2, 3] {
        engine.values("try_parse", arity, |_, args| {
            let (kind, text) = (text::to_text(&args[0]), text::to_text(&args[1]));
            let read = match args.get(2) {
                Some(formats) => statics::try_parse_exact(&text, formats),
                None => statics::try_parse(&kind, &text),
            };
            let answer = Value::Bool(read.is_some());
            Ok(Value::list(vec![answer, read.unwrap_or_else(|| statics::empty_of(&kind))]))
        });
    }
    engine.values("type_get", 2, |_, args| {
        let name = text::to_text(&args[0]);
        let found = types::find(&name).ok_or_else(|| no_type(&name))?;
        Ok(member::get(&types::type_value(&found), &text::to_text(&args[1])).unwrap_or_default())
    });
    engine.function("cast", 2, |shared, cx, args| {
        let values = [to_value(args[0]), to_value(args[1])];
        let made = cast(shared, &values).map_err(|e| shared.raise(Halt::Error(e), cx.call_position()))?;
        Ok(typed::marked(to_dynamic(made), &text::to_text(&values[0])))
    });
    engine.function("true", 1, |_, _, args| {
        if let Ok(b) = args[0].as_bool() {
            return Ok(b.into());
        }
        Ok(truth::is_true(&to_value(args[0])).into())
    });
    engine.function("isnull", 1, |_, _, args| Ok(to_value(args[0]).is_null().into()));
}

/// A property of a value in Rhai's hands.
pub(super) fn property(shared: &Rc<Shared>, of: &Dynamic, name: &str) -> Dynamic {
    let counts = name.eq_ignore_ascii_case("Count") || name.eq_ignore_ascii_case("Length");
    if counts && let Some(items) = of.read_lock::<Array>() {
        return i64::try_from(items.len()).unwrap_or(i64::MAX).into();
    }
    if let Some(value) = of.read_lock::<Value>() {
        return member_of(shared, &value, name);
    }
    if counts && is_empty(of) {
        return 0_i64.into();
    }
    member_of(shared, &to_value(of), name)
}

/// An element of a value in Rhai's hands.
pub(super) fn element(of: &Dynamic, index: &Dynamic) -> Result<Dynamic, ErrorRecord> {
    if let (Some(items), Ok(at)) = (of.read_lock::<Array>(), index.as_int()) {
        return Ok(nth(items.len(), at).and_then(|at| items.get(at)).cloned().unwrap_or(Dynamic::UNIT));
    }
    member::index(&to_value(of), &to_value(index)).map(to_dynamic)
}

/// `.Where({ … })` and `.ForEach({ … })` over the elements of a value.
fn over_items(
    shared: &Rc<Shared>,
    cx: &NativeCallContext,
    target: &Value,
    name: &str,
    arguments: &[Value],
) -> Option<Outcome> {
    use crate::cmdlet::run::BlockRunner;
    let items = crate::value::enumerate(target.clone());
    let block = match arguments.first() {
        Some(Value::Block(block)) => block,
        Some(kind) if name.eq_ignore_ascii_case("ForEach") && types::named_by(kind).is_some() => {
            let name = types::named_by(kind).unwrap_or_default();
            let target = convert::target(&name)?;
            let cast = |item: &Value| convert::cast(item, &target).map(|v| typed::marked(to_dynamic(v), &name));
            let made: Result<Array, ErrorRecord> = items.iter().map(cast).collect();
            return Some(made.map(Dynamic::from_array).map_err(|e| shared.raise(Halt::Error(e), cx.call_position())));
        }
        Some(Value::Str(member)) if name.eq_ignore_ascii_case("ForEach") => {
            return Some(of_each(shared, cx, &items, member, &arguments[1..]));
        }
        _ => return None,
    };
    let runner = blocks::Runner { cx, shared };
    let result = if name.eq_ignore_ascii_case("Where") {
        let mode = arguments.get(1).map(|m| text::to_text(m).to_lowercase()).unwrap_or_default();
        let most = match arguments.get(2) {
            Some(Value::Int(n)) if *n > 0 => usize::try_from(*n).ok(),
            _ => None,
        };
        let sorted = where_in(items, &mode, most, &mut |item| runner.test(block, item));
        match sorted {
            Ok(kept) => kept?,
            Err(halt) => return Some(Err(shared.raise(halt, cx.call_position()))),
        }
    } else if name.eq_ignore_ascii_case("ForEach") {
        let mut outputs = Vec::new();
        for item in items {
            let mut sink = |value| {
                outputs.push(value);
                Ok(())
            };
            if let Err(halt) = runner.run(block, Some(&item), &[], &mut sink) {
                return Some(Err(shared.raise(halt, cx.call_position())));
            }
        }
        outputs
    } else {
        return None;
    };
    Some(Ok(array(result)))
}

/// The elements that `.Where({ … }, mode, number)` gives; `None` for a mode that there is not.
fn where_in(
    items: Vec<Value>,
    mode: &str,
    most: Option<usize>,
    test: &mut dyn FnMut(&Value) -> Result<bool, Halt>,
) -> Result<Option<Vec<Value>>, Halt> {
    let enough = most.unwrap_or(if matches!(mode, "first" | "last") { 1 } else { usize::MAX });
    let (mut kept, mut others) = (Vec::new(), Vec::new());
    let mut met = false;
    for item in items {
        let done = matches!(mode, "" | "default" | "first" | "until") && kept.len() >= enough;
        if done {
            break;
        }
        match mode {
            "" | "default" | "first" | "last" => {
                if test(&item)? {
                    kept.push(item);
                }
            }
            "until" => {
                if test(&item)? {
                    break;
                }
                kept.push(item);
            }
            "skipuntil" => {
                met = met || test(&item)?;
                if met && kept.len() < enough {
                    kept.push(item);
                }
            }
            "split" => {
                if kept.len() < enough && test(&item)? {
                    kept.push(item);
                } else {
                    others.push(item);
                }
            }
            _ => return Ok(None),
        }
    }
    Ok(Some(match mode {
        "last" => kept.split_off(kept.len().saturating_sub(enough)),
        "split" => vec![Value::list(kept), Value::list(others)],
        _ => kept,
    }))
}

/// `.ForEach("Name")`: a method or property of each element.
fn of_each(shared: &Rc<Shared>, cx: &NativeCallContext, items: &[Value], name: &str, arguments: &[Value]) -> Outcome {
    let mut outputs = Vec::new();
    for item in items {
        match member::get(item, name) {
            Some(value) if arguments.is_empty() => outputs.push(value),
            _ => match member::call(item, name, arguments) {
                Ok(Value::Null) => {}
                Ok(value) => outputs.push(value),
                Err(error) => return Err(shared.raise(Halt::Error(error), cx.call_position())),
            },
        }
    }
    Ok(array(outputs))
}

/// `[T]value`.
pub(super) fn cast(shared: &Shared, args: &[Value; 2]) -> Result<Value, ErrorRecord> {
    let name = text::to_text(&args[0]);
    if crate::value::same_name(&name, "scriptblock") && matches!(args[1], Value::Block(_)) {
        return Ok(args[1].clone());
    }
    if crate::value::same_name(&name, "psobject") && !args[1].is_null() {
        return Ok(args[1].clone());
    }
    if exceptions::is_name(&name) && !matches!(args[1], Value::Record(_)) {
        return Ok(exceptions::create(&name, &args[1..2]));
    }
    let Some(target) = convert::target(&name) else { return Err(no_type(&name)) };
    // An error that was caught stays the error it is.
    if shared.error_of(&args[1]).is_some() {
        return Ok(args[1].clone());
    }
    if target == convert::Target::String {
        return convert::cast(&shared.in_string(&args[1]), &target);
    }
    convert::cast(&args[1], &target)
}

fn no_type(name: &str) -> ErrorRecord {
    let message = format!("There is no type [{name}] here.");
    ErrorRecord::new("TypeNotFound", Category::InvalidOperation, message).target(name)
}

fn member_of(shared: &Rc<Shared>, value: &Value, name: &str) -> Dynamic {
    if let Some(found) = member::get(value, name) {
        return to_dynamic(found);
    }
    if let Value::Block(block) = value
        && name.eq_ignore_ascii_case("Ast")
    {
        return to_dynamic(Value::str(block.text()));
    }
    // What an error knows besides its properties.
    if let Some(error) = shared.error_of(value) {
        if name.eq_ignore_ascii_case("Message") {
            return to_dynamic(Value::str(error.message()));
        }
        if name.eq_ignore_ascii_case("ErrorRecord") {
            return to_dynamic(shared.error_value(&error));
        }
    }
    Dynamic::UNIT
}

/// A place in so many elements, counted from the end if it is negative.
pub(super) fn nth(count: usize, at: i64) -> Option<usize> {
    let count = i64::try_from(count).ok()?;
    usize::try_from(if at < 0 { count + at } else { at }).ok()
}
