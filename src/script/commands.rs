//! Commands as Rhai functions, and pipelines that are built before they run.

use super::blocks::Runner;
use super::called::Call;
use super::convert::{collapsed, each, empty, enumerated, numbers, to_value};
use super::shared::Shared;
use crate::cmdlet::context::{Bound, Context};
use crate::cmdlet::pipeline::{self, Argument, Invocation, Redirect, RedirectTo, Stage};
use crate::cmdlet::run::Run;
use crate::error::{Category, ErrorRecord, Halt};
use crate::language::lower::CommandSite;
use crate::value::{Block, Hoard, Value, same_name};
use rhai::{Dynamic, EvalAltResult, Map, NativeCallContext};
use std::cell::RefCell;
use std::rc::Rc;

/// One argument that Rhai's syntax has no place for.
#[derive(Clone, Debug)]
pub(super) enum Marker {
    /// `-Name`, with a value or with the argument behind it.
    Param(String, Option<Value>),
    /// `@name`.
    Splat(Value),
    /// More arguments than a Rhai function takes.
    Many(Vec<Dynamic>),
}

/// What a pipeline begins with.
enum Input {
    /// Objects.
    Objects(Vec<Value>),
    /// `a..b`, not unrolled.
    Range(i64, i64),
}

/// A stage before the pipeline runs.
enum Step {
    Command(Invocation),
    /// A Rhai function or closure for each object.
    Function(Block),
    /// A script block that is called, with its arguments.
    Call(Call, Vec<Redirect>),
}

/// A pipeline not yet begun.
#[derive(Clone)]
pub(super) struct Pipeline(Rc<RefCell<Option<Parts>>>);

struct Parts {
    input: Option<Input>,
    steps: Vec<Step>,
    redirects: Vec<Redirect>,
}

type Outcome = Result<Dynamic, Box<EvalAltResult>>;

/// A command that the text calls by its Rhai name.
pub(super) fn call(shared: &Rc<Shared>, cx: &NativeCallContext, command: &str, args: &mut [&mut Dynamic]) -> Outcome {
    let position = cx.call_position();
    let found = shared.command_site(position);
    let site = found.as_ref().map(|(_, site)| site.clone()).unwrap_or_default();
    let (input, args) = split(args, site.has_input);
    let (arguments, _) = arguments(args, &site);
    let source = found.map(|(chunk, _)| chunk.source.clone());
    let invocation =
        Invocation { name: command.to_string(), arguments, redirections: Vec::new(), span: site.span, source };
    step(shared, cx, input, Step::Command(invocation), site.is_taken)
}

/// `_command(name, …)`: a name that Rhai cannot spell, a script block, what `&` calls.
pub(super) fn call_any(shared: &Rc<Shared>, cx: &NativeCallContext, args: &mut [&mut Dynamic]) -> Outcome {
    let position = cx.call_position();
    let found = shared.command_site(position);
    let site = found.as_ref().map(|(_, site)| site.clone()).unwrap_or_default();
    let (input, args) = split(args, site.has_input);
    let mut args = args.into_iter();
    let Some(what) = args.next() else { return Ok(Dynamic::UNIT) };
    let (arguments, _) = arguments(args.collect(), &site);
    let made = match to_value(&what) {
        Value::Block(block) => Step::Call(Call::new(shared.clone(), block, plain(arguments), site.shares), Vec::new()),
        name => {
            let name = crate::value::text::to_text(&name).to_string();
            let source = found.map(|(chunk, _)| chunk.source.clone());
            Step::Command(Invocation { name, arguments, redirections: Vec::new(), span: site.span, source })
        }
    };
    step(shared, cx, input, made, site.is_taken)
}

/// What the pipeline hands in, and the other arguments. Rhai passes the first argument of a call by reference where it
/// is a variable, so it is copied: taking it would empty the variable.
fn split<'a>(args: &'a mut [&mut Dynamic], has_input: bool) -> (Option<&'a Dynamic>, Vec<Dynamic>) {
    let Some((first, rest)) = args.split_first_mut() else { return (None, Vec::new()) };
    let rest = rest.iter_mut().map(|arg| std::mem::take(*arg));
    if has_input {
        (Some(&**first), rest.collect())
    } else {
        (None, std::iter::once(first.flatten_clone()).chain(rest).collect())
    }
}

fn plain(arguments: Vec<Argument>) -> Vec<(Option<String>, Option<Value>)> {
    let mut plain = Vec::new();
    for argument in arguments {
        match argument {
            Argument::Named { name, value, .. } => plain.push((Some(name), value)),
            Argument::Positional { value, .. } => plain.push((None, Some(value))),
            Argument::Splat { value: Value::Map(table), .. } => {
                plain.extend(table.named().into_iter().map(|(name, value)| (Some(name.to_string()), Some(value))));
            }
            Argument::Splat { value, .. } => {
                plain.extend(crate::value::enumerate(value).into_iter().map(|value| (None, Some(value))));
            }
        }
    }
    plain
}

/// The arguments of a call: a Rhai map as the last one holds the named ones.
fn arguments(mut args: Vec<Dynamic>, site: &CommandSite) -> (Vec<Argument>, usize) {
    let named = match args.last().map(|last| last.is_map()) {
        Some(true) => args.pop(),
        _ => None,
    };
    let args: Vec<Dynamic> = args
        .into_iter()
        .flat_map(|arg| match arg.clone().try_cast::<Marker>() {
            Some(Marker::Many(many)) => many,
            _ => vec![arg],
        })
        .collect();
    let mut arguments = Vec::new();
    let count = args.len();
    for (at, arg) in args.into_iter().enumerate() {
        let span = site.positional.get(at).copied().unwrap_or(site.span);
        arguments.push(match arg.clone().try_cast::<Marker>() {
            Some(Marker::Param(name, value)) => Argument::Named { name, value, span },
            Some(Marker::Splat(value)) => Argument::Splat { value, span },
            _ => Argument::Positional { value: to_value(&arg), span },
        });
    }
    if let Some(named) = named.and_then(|map| map.try_cast::<Map>()) {
        let place = |name: &str| site.named.iter().position(|(n, _)| same_name(n, name));
        let mut named: Vec<_> = named.into_iter().collect();
        // As they were written, not as Rhai keeps them.
        named.sort_by_key(|(name, _)| place(name).unwrap_or(usize::MAX));
        for (name, value) in named {
            let span = place(&name).and_then(|at| site.named.get(at)).map_or(site.span, |(_, span)| *span);
            arguments.push(Argument::Named { name: name.to_string(), value: Some(to_value(&value)), span });
        }
    }
    (arguments, count)
}

/// Adds a stage to what comes before it, and runs the pipeline unless something else will.
fn step(shared: &Rc<Shared>, cx: &NativeCallContext, input: Option<&Dynamic>, step: Step, taken: bool) -> Outcome {
    let parts = parts_of(input);
    let mut parts = parts.unwrap_or_else(|| Parts { input: None, steps: Vec::new(), redirects: Vec::new() });
    parts.steps.push(step);
    finish(shared, cx, parts, taken)
}

fn parts_of(input: Option<&Dynamic>) -> Option<Parts> {
    let input = input?;
    if let Some(parts) = input.read_lock::<Pipeline>().and_then(|pipeline| pipeline.0.take()) {
        return Some(parts);
    }
    let input = match numbers(input) {
        Some(numbers) if !numbers.is_empty() => Input::Range(*numbers.start(), *numbers.end()),
        Some(_) => Input::Objects(Vec::new()),
        None => Input::Objects(enumerated(input)),
    };
    Some(Parts { input: Some(input), steps: Vec::new(), redirects: Vec::new() })
}

fn finish(shared: &Rc<Shared>, cx: &NativeCallContext, parts: Parts, taken: bool) -> Outcome {
    if taken {
        return Ok(Dynamic::from(Pipeline(Rc::new(RefCell::new(Some(parts))))));
    }
    let (outputs, result) = shared.collect(|| {
        let mut sink = |value| shared.emit(value);
        run(shared, cx, parts, &mut sink)
    });
    match result {
        Ok(()) => Ok(collapsed(outputs)),
        Err(halt) => {
            let many = outputs.len();
            crate::value::let_go(outputs, many);
            Err(shared.raise(halt, cx.call_position()))
        }
    }
}

/// `_value(pipeline)`: runs a pipeline that was made, and gives what it puts out.
pub(super) fn value(shared: &Rc<Shared>, cx: &NativeCallContext, args: &mut [&mut Dynamic]) -> Outcome {
    let Some(value) = args.first_mut() else { return Ok(Dynamic::UNIT) };
    match value.read_lock::<Pipeline>().map(|pipeline| pipeline.0.take()) {
        Some(Some(parts)) => finish(shared, cx, parts, false),
        Some(None) => Ok(empty()),
        None => Ok(value.take()),
    }
}

/// `_range(a, b)` with whole numbers.
pub(super) fn range(shared: &Rc<Shared>, cx: &NativeCallContext, from: i64, to: i64) -> Option<Dynamic> {
    let (_, site) = shared.command_site(cx.call_position())?;
    let parts = Parts { input: Some(Input::Range(from, to)), steps: Vec::new(), redirects: Vec::new() };
    site.is_taken.then(|| Dynamic::from(Pipeline(Rc::new(RefCell::new(Some(parts))))))
}

/// `._pipe(f)`: a Rhai function as a stage.
pub(super) fn pipe(shared: &Rc<Shared>, cx: &NativeCallContext, args: &mut [&mut Dynamic]) -> Outcome {
    let [input, function] = args else { return Ok(Dynamic::UNIT) };
    let site = shared.command_site(cx.call_position()).map(|(_, site)| site).unwrap_or_default();
    let Value::Block(block) = to_value(function) else {
        let message = "Only a command, a Rhai function or a closure can be a stage of a pipeline.";
        let error = ErrorRecord::new("NotAStage", Category::InvalidArgument, message);
        return Err(shared.raise(Halt::Error(error), cx.call_position()));
    };
    step(shared, cx, Some(&**input), Step::Function(block), site.is_taken)
}

/// `._redirect("2>&1")`, `._redirect("1>", file)`.
pub(super) fn redirect(shared: &Rc<Shared>, cx: &NativeCallContext, args: &mut [&mut Dynamic]) -> Outcome {
    let site = shared.command_site(cx.call_position()).map(|(_, site)| site).unwrap_or_default();
    let mut args = args.iter_mut();
    let input = args.next().map(|arg| &**arg);
    let how = args.next().map(|arg| to_value(arg)).unwrap_or_default();
    let file = args.next().map(|arg| to_value(arg));
    let how = how.as_str().unwrap_or_default().to_string();
    let from = how.chars().next().and_then(|c| c.to_digit(10)).and_then(|n| u8::try_from(n).ok());
    let to = match file {
        Some(Value::Null) => RedirectTo::Null,
        Some(path) => {
            RedirectTo::File { path: crate::value::text::to_text(&path).to_string(), append: how.contains(">>") }
        }
        None => RedirectTo::Stream(1),
    };
    let redirect = Redirect { from, to };
    let mut parts = parts_of(input).unwrap_or_else(|| Parts { input: None, steps: Vec::new(), redirects: Vec::new() });
    match parts.steps.last_mut() {
        Some(Step::Command(invocation)) => invocation.redirections.push(redirect),
        Some(Step::Call(_, redirects)) => redirects.push(redirect),
        _ => parts.redirects.push(redirect),
    }
    finish(shared, cx, parts, site.is_taken)
}

/// Hands the objects of a pipeline, or of a value, to a sink.
pub(super) fn drain(
    shared: &Rc<Shared>,
    cx: &NativeCallContext,
    value: &mut Dynamic,
    sink: &mut dyn FnMut(Value) -> Result<(), Halt>,
) -> Result<(), Halt> {
    let parts = value.read_lock::<Pipeline>().map(|pipeline| pipeline.0.take());
    match parts {
        Some(Some(parts)) => run(shared, cx, parts, sink),
        Some(None) => Ok(()),
        None => {
            if let Some(items) = value.read_lock::<rhai::Array>() {
                return items.iter().try_for_each(|item| sink(to_value(item)));
            }
            each(value, sink)
        }
    }
}

fn run(
    shared: &Rc<Shared>,
    cx: &NativeCallContext,
    parts: Parts,
    sink: &mut dyn FnMut(Value) -> Result<(), Halt>,
) -> Result<(), Halt> {
    let runner = Runner { cx, shared };
    let mut objects: Option<Box<dyn Iterator<Item = Result<Value, Halt>>>> = match parts.input {
        None => None,
        Some(Input::Objects(values)) => Some(Box::new(Hoard::from(values).map(Ok))),
        Some(Input::Range(from, to)) if from <= to => Some(Box::new((from..=to).map(|n| Ok(Value::Int(n))))),
        Some(Input::Range(from, to)) => Some(Box::new((to..=from).rev().map(|n| Ok(Value::Int(n))))),
    };
    if parts.steps.is_empty() && parts.redirects.is_empty() {
        return match objects {
            Some(objects) => objects.into_iter().try_for_each(|value| sink(value?)),
            None => Ok(()),
        };
    }
    let mut stages: Vec<Stage> = parts
        .steps
        .into_iter()
        .map(|step| match step {
            Step::Command(invocation) => Stage::Command(invocation),
            Step::Function(block) => Stage::Native(Box::new(ForEach { block })),
            Step::Call(call, redirects) => Stage::Redirected(Box::new(call), redirects),
        })
        .collect();
    if stages.is_empty() || !parts.redirects.is_empty() {
        stages.push(Stage::Redirected(Box::new(Through), parts.redirects));
    }
    let input = objects.as_mut().map(|objects| &mut **objects as &mut dyn Iterator<Item = Result<Value, Halt>>);
    pipeline::run(&shared.session, &runner, input, stages, sink)
}

/// A Rhai function for each object.
struct ForEach {
    block: Block,
}

impl Run for ForEach {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        cx.blocks.run(&self.block, bound.input(), &[], cx.sink)
    }
}

/// Objects as they come.
struct Through;

impl Run for Through {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        match bound.input() {
            Some(input) => cx.output(input.clone()),
            None => Ok(()),
        }
    }
}
