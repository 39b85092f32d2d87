//! The functions that lowered text calls; their names begin with `_`, and no script can define them.

use super::convert::{collapsed, empty, enumerated, is_empty, to_dynamic, to_value};
use super::shared::Shared;
use super::{blocks, commands, native, operators};
use crate::error::{Category, ErrorRecord, Halt};
use crate::language::lower::Site;
use crate::value::{Record, Table, Value, convert, member, statics, text, truth};
use rhai::{Array, Dynamic, Engine, EvalAltResult, FnPtr, NativeCallContext};
use std::any::TypeId;
use std::rc::Rc;
use std::sync::Arc;

/// What a native function gives.
pub(super) type Outcome = Result<Dynamic, Box<EvalAltResult>>;

/// Registers functions of the runtime.
pub(super) struct Register<'a> {
    pub engine: &'a mut Engine,
    pub shared: Rc<Shared>,
}

impl Register<'_> {
    /// A function `_name` of so many arguments of any type.
    pub fn function(
        &mut self,
        name: &str,
        arity: usize,
        f: impl Fn(&Rc<Shared>, &NativeCallContext, &mut [&mut Dynamic]) -> Outcome + 'static,
    ) {
        debug_assert!(crate::language::lower::RUNTIME.contains(&name), "{name}");
        let shared = self.shared.clone();
        let types = vec![TypeId::of::<Dynamic>(); arity];
        self.engine.register_raw_fn(format!("_{name}"), types, move |cx, args| f(&shared, &cx, args));
    }

    /// A function of values that may fail.
    pub fn values(
        &mut self,
        name: &str,
        arity: usize,
        f: impl Fn(&Rc<Shared>, &[Value]) -> Result<Value, ErrorRecord> + 'static,
    ) {
        self.function(name, arity, move |shared, cx, args| {
            let values: Vec<Value> = args.iter().map(|arg| to_value(arg)).collect();
            f(shared, &values).map(to_dynamic).map_err(|e| shared.raise(Halt::Error(e), cx.call_position()))
        });
    }
}

/// Registers all.
pub(super) fn register(engine: &mut Register) {
    output(engine);
    variables(engine);
    literals(engine);
    members(engine);
    operators::register(engine);
    super::flow::register(engine);
}

fn output(engine: &mut Register) {
    engine.function("emit", 1, |shared, cx, args| {
        let mut sink = |value| shared.emit(value);
        commands::drain(shared, cx, args[0], &mut sink).map_err(|h| shared.raise(h, cx.call_position()))?;
        Ok(Dynamic::UNIT)
    });
    for (name, collapses) in [("collect", true), ("outputs", false)] {
        engine.function(name, 1, move |shared, cx, args| {
            let Some(function) = args[0].read_lock::<FnPtr>().map(|f| f.clone()) else { return Ok(empty()) };
            let (outputs, result) = shared.collect(|| function.call_raw(cx, None, []));
            let _ = result?;
            Ok(if collapses { collapsed(outputs) } else { array(outputs) })
        });
    }
    // `_list` gives an array of what its argument puts out, `_items` what a loop goes through (nothing for `$null`),
    // `_flat` what `switch` goes through.
    for (name, keeps_null) in [("list", true), ("items", false), ("flat", true)] {
        engine.function(name, 1, move |shared, cx, args| {
            if args[0].is_unit() && !keeps_null {
                return Ok(Dynamic::from_array(Array::new()));
            }
            if let Some(items) = args[0].read_lock::<Array>() {
                return Ok(Dynamic::from_array(items.clone()));
            }
            let mut outputs = Vec::new();
            let mut sink = |value| {
                outputs.push(value);
                Ok(())
            };
            commands::drain(shared, cx, args[0], &mut sink).map_err(|h| shared.raise(h, cx.call_position()))?;
            Ok(array(outputs))
        });
    }
    engine.function("void", 1, |_, _, _| Ok(empty()));
    engine.function("command", 1, commands::call_any);
    for arity in 2..=9 {
        engine.function("command", arity, commands::call_any);
    }
    engine.function("pipe", 2, commands::pipe);
    engine.function("redirect", 2, commands::redirect);
    engine.function("redirect", 3, commands::redirect);
    engine.function("param", 1, |_, _, args| {
        Ok(Dynamic::from(commands::Marker::Param(text::to_text(&to_value(args[0])).to_string(), None)))
    });
    engine.function("param", 2, |_, _, args| {
        let name = text::to_text(&to_value(args[0])).to_string();
        Ok(Dynamic::from(commands::Marker::Param(name, Some(to_value(args[1])))))
    });
    engine.function("splat", 1, |_, _, args| Ok(Dynamic::from(commands::Marker::Splat(to_value(args[0])))));
    engine.function("many", 1, |_, _, args| {
        let many = args[0].read_lock::<Array>().map(|items| items.clone()).unwrap_or_default();
        Ok(Dynamic::from(commands::Marker::Many(many)))
    });
    engine.function("block", 1, |shared, cx, args| {
        let Some(function) = args[0].read_lock::<FnPtr>().map(|f| f.clone()) else { return Ok(Dynamic::UNIT) };
        let block = match shared.site(cx.call_position()) {
            Some((chunk, Site::Block { block, span, gives_value })) => {
                let written = span.of(&chunk.source.text);
                let inner = written.strip_prefix('{').and_then(|t| t.strip_suffix('}')).unwrap_or(written);
                let parameters = block.params.iter().flat_map(|p| &p.parameters);
                let names = parameters.map(|p| p.variable.name.clone()).collect();
                let native = native::compile(&block).map(Arc::new);
                blocks::of_closure(&function, inner, names, gives_value, native)
            }
            _ => blocks::of_function(&function),
        };
        Ok(Dynamic::from(Value::Block(block)))
    });
    engine.function("function", 2, super::functions::define);
}

fn array(values: Vec<Value>) -> Dynamic {
    Dynamic::from_array(values.into_iter().map(to_dynamic).collect())
}

fn variables(engine: &mut Register) {
    engine.function("it", 0, |shared, _, _| Ok(to_dynamic(shared.item())));
    engine.function("it_set", 1, |shared, _, args| {
        shared.set_item(to_value(args[0]));
        Ok(Dynamic::UNIT)
    });
    engine.values("var", 1, |shared, args| Ok(shared.variable(&text::to_text(&args[0])).unwrap_or_default()));
    engine.values("setvar", 2, |shared, args| {
        shared.set_variable(&text::to_text(&args[0]), args[1].clone()).map(|()| Value::Null)
    });
    engine.values("env", 1, |_, args| Ok(std::env::var(&*text::to_text(&args[0])).ok().into()));
    engine.function("args", 0, |shared, _, _| Ok(array(shared.frame(|frame| frame.args.clone()))));
    engine.function("input", 0, |shared, _, _| Ok(array(shared.frame(|frame| frame.input.clone()))));
    engine.function("given", 1, |shared, _, args| {
        let name = text::to_text(&to_value(args[0]));
        Ok(shared.frame(|frame| {
            let found = frame.named.iter().find(|(n, _)| crate::value::same_name(n, &name));
            found.map_or(Dynamic::UNIT, |(_, value)| to_dynamic(value.clone()))
        }))
    });
}

fn literals(engine: &mut Register) {
    engine.function("str", 1, |shared, cx, args| {
        let mut whole = String::new();
        if let Some(parts) = args[0].read_lock::<Array>() {
            for part in parts.iter() {
                whole.push_str(&text::to_text(&to_value(part)));
                if whole.len() > shared.limits.string {
                    return Err(shared.raise(Halt::Error(operators::too_large("a string")), cx.call_position()));
                }
            }
        }
        Ok(whole.into())
    });
    engine.values("text", 1, |_, args| Ok(Value::Str(text::to_text(&args[0]))));
    for (name, ordered) in [("table", false), ("ordered", true)] {
        engine.values(name, 1, move |_, args| {
            let table = Table::new(ordered);
            for (key, value) in pairs(&args[0]) {
                if key.is_null() {
                    let message = "The key of an entry is $null.";
                    return Err(ErrorRecord::new("InvalidNullKey", Category::InvalidArgument, message));
                }
                table.put(key, value);
            }
            Ok(Value::Map(table))
        });
    }
    engine.values("object", 1, |_, args| {
        let record = Record::custom(Vec::<(&str, Value)>::new());
        let fields = pairs(&args[0]);
        let record = if fields.is_empty() {
            record
        } else {
            Record::custom(fields.into_iter().map(|(name, value)| (text::to_text(&name), value)))
        };
        Ok(Value::Record(record))
    });
    engine.values("decimal", 1, |_, args| {
        let text = text::to_text(&args[0]);
        Ok(text.parse::<rust_decimal::Decimal>().map_or(Value::Null, Value::Decimal))
    });
    engine.values("float", 1, |_, args| Ok(text::to_text(&args[0]).parse::<f64>().map_or(Value::Null, Value::Float)));
    engine.values("type", 1, |_, args| Ok(Value::Str(text::to_text(&args[0]))));
    engine.function("spread", 2, |_, _, args| {
        let count = args[1].as_int().ok().and_then(|n| usize::try_from(n).ok()).unwrap_or(1);
        let mut items = enumerated(args[0]);
        if items.len() > count {
            let rest = items.split_off(count.saturating_sub(1));
            items.push(Value::list(rest));
        }
        items.resize(count, Value::Null);
        Ok(array(items))
    });
}

/// The pairs of a literal of keys and values.
fn pairs(value: &Value) -> Vec<(Value, Value)> {
    let Value::List(items) = value else { return Vec::new() };
    items
        .iter()
        .filter_map(|pair| match pair {
            Value::List(pair) => match pair.as_slice() {
                [key, value] => Some((key.clone(), value.clone())),
                _ => None,
            },
            _ => None,
        })
        .collect()
}

fn members(engine: &mut Register) {
    engine.function("get", 2, |shared, _, args| {
        let name = to_value(args[1]);
        let name = text::to_text(&name);
        if let Some(items) = args[0].read_lock::<Array>()
            && (name.eq_ignore_ascii_case("Count") || name.eq_ignore_ascii_case("Length"))
        {
            return Ok(i64::try_from(items.len()).unwrap_or(i64::MAX).into());
        }
        if let Some(value) = args[0].read_lock::<Value>() {
            return Ok(member_of(shared, &value, &name));
        }
        if is_empty(args[0]) && (name.eq_ignore_ascii_case("Count") || name.eq_ignore_ascii_case("Length")) {
            return Ok(0_i64.into());
        }
        Ok(member_of(shared, &to_value(args[0]), &name))
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
        if let (Some(items), Ok(at)) = (args[0].read_lock::<Array>(), args[1].as_int()) {
            return Ok(nth(items.len(), at).and_then(|at| items.get(at)).cloned().unwrap_or(Dynamic::UNIT));
        }
        member::index(&to_value(args[0]), &to_value(args[1]))
            .map(to_dynamic)
            .map_err(|e| shared.raise(Halt::Error(e), cx.call_position()))
    });
    engine.function("setindex", 3, |shared, cx, args| {
        let value = args[2].clone();
        let index = to_value(args[1]);
        let at = match &index {
            Value::Int(at) => Some(*at),
            _ => None,
        };
        if let (Some(at), Some(mut items)) = (at, args[0].write_lock::<Array>())
            && let Some(slot) = nth(items.len(), at).and_then(|at| items.get_mut(at))
        {
            *slot = value;
            return Ok(Dynamic::UNIT);
        }
        if let Some(mut map) = args[0].write_lock::<rhai::Map>() {
            map.insert((&*text::to_text(&index)).into(), value);
            return Ok(Dynamic::UNIT);
        }
        let mut target = to_value(args[0]);
        member::set_index(&mut target, &index, to_value(&value))
            .map_err(|e| shared.raise(Halt::Error(e), cx.call_position()))?;
        Ok(Dynamic::UNIT)
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
        if let Value::Block(block) = &target
            && name.eq_ignore_ascii_case("GetNewClosure")
        {
            return Ok(Dynamic::from(Value::Block(blocks::own_closure(block))));
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
            Ok(value) => Ok(to_dynamic(value)),
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
    engine.values("static_call", 3, |_, args| {
        let (kind, name) = (text::to_text(&args[0]), text::to_text(&args[1]));
        let arguments = crate::value::enumerate::items(&args[2]).map(|items| items.to_vec()).unwrap_or_default();
        if name.eq_ignore_ascii_case("new") {
            statics::create(&kind, &arguments)
        } else {
            statics::call(&kind, &name, &arguments)
        }
    });
    engine.values("cast", 2, |shared, args| {
        let name = text::to_text(&args[0]);
        if crate::value::same_name(&name, "scriptblock") && matches!(args[1], Value::Block(_)) {
            return Ok(args[1].clone());
        }
        let Some(target) = convert::target(&name) else { return Err(no_type(&name)) };
        // An error that was caught stays the error it is.
        if shared.error_of(&args[1]).is_some() {
            return Ok(args[1].clone());
        }
        convert::cast(&args[1], &target)
    });
    engine.function("true", 1, |_, _, args| {
        if let Ok(b) = args[0].as_bool() {
            return Ok(b.into());
        }
        Ok(truth::is_true(&to_value(args[0])).into())
    });
    engine.function("isnull", 1, |_, _, args| Ok(to_value(args[0]).is_null().into()));
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
    let Some(Value::Block(block)) = arguments.first() else { return None };
    let runner = blocks::Runner { cx, shared };
    let items = crate::value::enumerate(target.clone());
    let result = if name.eq_ignore_ascii_case("Where") {
        let mode = arguments.get(1).map(|m| text::to_text(m).to_lowercase()).unwrap_or_default();
        if !matches!(mode.as_str(), "" | "default" | "first" | "last") {
            return None;
        }
        let mut kept = Vec::new();
        for item in items {
            match runner.test(block, &item) {
                Ok(true) => kept.push(item),
                Ok(false) => {}
                Err(halt) => return Some(Err(shared.raise(halt, cx.call_position()))),
            }
            if mode == "first" && !kept.is_empty() {
                break;
            }
        }
        if mode == "last" {
            kept = kept.pop().into_iter().collect();
        }
        kept
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

fn nth(count: usize, at: i64) -> Option<usize> {
    let count = i64::try_from(count).ok()?;
    usize::try_from(if at < 0 { count + at } else { at }).ok()
}
