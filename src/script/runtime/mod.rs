//! The functions that lowered text calls; their names begin with `_`, and no script can define them.

mod elements;
mod lists;
mod literals;
mod members;
mod operators;
mod predicates;

use super::convert::{array, collapsed, empty, to_dynamic, to_value};
use super::shared::Shared;
use super::{blocks, commands, errors, native};
use crate::cmdlet::run::BlockRunner;
use crate::error::{Category, ErrorRecord, Halt};
use crate::language::lower::Site;
use crate::value::{Value, text};
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
        let name = format!("_{name}");
        debug_assert!(crate::language::lower::is_runtime(&name), "{name}");
        let shared = self.shared.clone();
        let types = vec![TypeId::of::<Dynamic>(); arity];
        self.engine.register_raw_fn(name, types, move |cx, args| {
            let made = f(&shared, &cx, args)?;
            // An array may be the rest of one whose making was stopped: nobody gets to see that.
            if made.is_array() {
                shared.session.check_interrupt().map_err(|halt| shared.raise(halt, cx.call_position()))?;
            }
            Ok(made)
        });
    }

    /// A function of values that may fail.
    fn values(
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
    elements::register(engine);
    literals::register(engine);
    members::register(engine);
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
            if let Err(error) = result {
                if errors::leaves(&error).is_some() {
                    // `$x = if ($y) { return 1 }`: what was put out is the function's output.
                    for value in outputs {
                        shared.emit(value).map_err(|h| shared.raise(h, cx.call_position()))?;
                    }
                    return Err(error);
                }
                let many = outputs.len();
                crate::value::let_go(outputs, many);
                return Err(error);
            }
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
    engine.function("value", 1, commands::value);
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
    engine.function("block", 1, block);
    engine.function("block", 2, block);
    engine.function("function", 2, super::functions::define);
}

/// `_block(|| …)`; a second closure gives what the block takes over from its caller.
fn block(shared: &Rc<Shared>, cx: &NativeCallContext, args: &mut [&mut Dynamic]) -> Outcome {
    let mut closures = args.iter().map(|arg| arg.read_lock::<FnPtr>().map(|f| f.clone()));
    let Some(Some(function)) = closures.next() else { return Ok(Dynamic::UNIT) };
    let using = closures.next().flatten();
    let block = match shared.site(cx.call_position()) {
        Some((chunk, Site::Block { block, span, gives_value })) => {
            let text = span.of(&chunk.source.text);
            let inner = text.strip_prefix('{').and_then(|t| t.strip_suffix('}')).unwrap_or(text);
            let parameters = block.params.iter().flat_map(|p| &p.parameters);
            let written = blocks::Written {
                text: inner.into(),
                parameters: parameters.map(|p| p.variable.name.clone()).collect(),
                gives_value,
                native: native::compile(&block).map(Arc::new),
                parts: match (&block.begin, &block.process) {
                    (_, Some(_)) => blocks::Parts::Process,
                    (Some(_), None) => blocks::Parts::Named,
                    (None, None) => blocks::Parts::None,
                },
                place: Some((chunk.source.clone(), span)),
            };
            blocks::of_closure(&function, written, using.as_ref())
        }
        _ => blocks::of_function(&function),
    };
    Ok(Dynamic::from(Value::Block(block)))
}

fn variables(engine: &mut Register) {
    engine.function("it", 0, |shared, _, _| Ok(to_dynamic(shared.item())));
    engine.function("it_set", 1, |shared, _, args| {
        shared.set_item(to_value(args[0]));
        Ok(Dynamic::UNIT)
    });
    engine.values("var", 1, |shared, args| Ok(shared.variable(&text::to_text(&args[0])).unwrap_or_default()));
    engine.values("using", 1, |shared, args| {
        let name = text::to_text(&args[0]);
        shared.taken_over(&name).ok_or_else(|| super::parallel::not_elsewhere(&name))
    });
    engine.values("setvar", 2, |shared, args| {
        shared.set_variable(&text::to_text(&args[0]), args[1].clone()).map(|()| Value::Null)
    });
    engine.values("env", 1, |_, args| Ok(std::env::var(&*text::to_text(&args[0])).ok().into()));
    engine.function("args", 0, |shared, _, _| Ok(array(shared.frame(|frame| frame.args.clone()))));
    engine.function("input", 0, |shared, _, _| Ok(array(shared.frame(|frame| frame.input.clone()))));
    engine.function("clear_errors", 0, |shared, _, _| {
        shared.session.clear_errors();
        Ok(empty())
    });
    engine.function("validated", 2, validated);
    engine.function("validated", 3, validated);
    // `_given(name)`, and `_given(name, type)` of an array that is of a type.
    for arity in [1, 2] {
        engine.function("given", arity, |shared, _, args| {
            let name = text::to_text(&to_value(args[0]));
            let given = shared.frame(|frame| {
                let found = frame.named.iter().find(|(n, _)| crate::value::same_name(n, &name));
                found.map_or(Dynamic::UNIT, |(_, value)| to_dynamic(value.clone()))
            });
            Ok(match args.get(1) {
                Some(kind) => super::typed::marked(given, &text::to_text(&to_value(kind))),
                None => given,
            })
        });
    }
}

/// `_validated(name, block)`: the block is true of each value that the parameter was given. A third argument is what is
/// said where it is not; `{0}` in it stands for the value, `{1}` for the block.
fn validated(shared: &Rc<Shared>, cx: &NativeCallContext, args: &mut [&mut Dynamic]) -> Outcome {
    let name = text::to_text(&to_value(args[0]));
    let Value::Block(block) = to_value(args[1]) else { return Ok(Dynamic::UNIT) };
    let given = shared.frame(|frame| {
        frame.named.iter().find(|(n, _)| crate::value::same_name(n, &name)).map(|(_, value)| value.clone())
    });
    let runner = blocks::Runner { cx, shared };
    for value in given.map(crate::value::enumerate).unwrap_or_default() {
        if !runner.test(&block, &value).map_err(|h| shared.raise(h, cx.call_position()))? {
            let shown = text::to_text(&value);
            let message = match args.get(2).map(|message| text::to_text(&to_value(message))) {
                Some(message) => {
                    let message = message.replace("{0}", &shown).replace("{1}", block.text());
                    format!("-{name}: {message}")
                }
                None => format!("-{name}: {shown} does not pass the check of this parameter."),
            };
            let error = ErrorRecord::new("ParameterArgumentValidationError", Category::InvalidData, message);
            let error = match shared.invoked() {
                Some(invoked) => error.of_command(invoked.command().to_string()),
                None => error,
            };
            // A function's caller has it as an error of binding; nothing of the function runs.
            if shared.frame(|frame| frame.of_function) {
                shared.refused.borrow_mut().get_or_insert(error);
                return Ok(Dynamic::UNIT);
            }
            return Err(shared.raise(Halt::Error(error.stopping()), cx.call_position()));
        }
    }
    Ok(Dynamic::UNIT)
}
