//! Script blocks: a closure of Rhai behind a value that may cross threads, and what runs it.

use super::convert::{each, is_empty, to_dynamic, to_value};
use super::native::Native;
use super::parallel::Crew;
use super::shared::{Frame, Shared, Sink};
use crate::cmdlet::run::{BlockRunner, Elsewhere, Run};
use crate::cmdlet::variable::{Variable, VariableScope};
use crate::error::{Category, ErrorRecord, Halt, Leave, Source, Span};
use crate::value::{Block, BlockBody, Str, Value};
use rhai::{Dynamic, EvalAltResult, FnPtr, NativeCallContext};
use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

thread_local! {
    /// The closures of this thread's script blocks: they cannot leave it, a block can.
    static CLOSURES: RefCell<HashMap<u64, FnPtr>> = RefCell::default();
}

/// The number of the next block, of whatever thread: a block of another thread is no closure of this one.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// What stands behind a script block.
pub(super) struct ScriptBody {
    text: Str,
    id: u64,
    /// Names of its parameters, in order.
    parameters: Vec<String>,
    /// It ends in an expression whose value it puts out.
    gives_value: bool,
    /// It is written in Rhai, and called with the object as its argument.
    is_rhai: bool,
    /// The same without Rhai, where the block allows it.
    native: Option<Arc<Native>>,
    /// It has named blocks: its closure makes closures for them.
    parts: Parts,
    /// Where it stands, so that it can be read again elsewhere.
    place: Option<(Arc<Source>, Span)>,
    /// The closure that gives what it takes over from its caller (`$using:x`).
    using: Option<u64>,
}

/// The named blocks of a script block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Parts {
    /// None, or `end` alone.
    #[default]
    None,
    /// `begin`.
    Named,
    /// `process`, and maybe others.
    Process,
}

impl BlockBody for ScriptBody {
    fn text(&self) -> &str {
        &self.text
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Drop for ScriptBody {
    fn drop(&mut self) {
        // At the end of the thread the table may be gone already; so is the closure then.
        let closures = CLOSURES.try_with(|closures| {
            let mut closures = closures.borrow_mut();
            (closures.remove(&self.id), self.using.and_then(|using| closures.remove(&using)))
        });
        // They may hold other blocks, which look into the table when they go.
        drop(closures);
    }
}

fn keep(function: &FnPtr) -> u64 {
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    CLOSURES.with(|closures| closures.borrow_mut().insert(id, function.clone()));
    id
}

/// The block of a Rhai function or closure.
pub(super) fn of_function(function: &FnPtr) -> Block {
    let body = ScriptBody {
        text: function.fn_name().into(),
        id: keep(function),
        parameters: Vec::new(),
        gives_value: true,
        is_rhai: true,
        native: None,
        parts: Parts::None,
        place: None,
        using: None,
    };
    Block(Arc::new(body))
}

/// What the lowering knows of a script block.
pub(super) struct Written {
    /// Its text without braces.
    pub text: Str,
    /// Names of its parameters.
    pub parameters: Vec<String>,
    /// It ends in an expression whose value it puts out.
    pub gives_value: bool,
    /// The same without Rhai.
    pub native: Option<Arc<Native>>,
    /// Its named blocks.
    pub parts: Parts,
    /// Where it stands.
    pub place: Option<(Arc<Source>, Span)>,
}

/// The block of a closure that the lowering made.
pub(super) fn of_closure(function: &FnPtr, written: Written, using: Option<&FnPtr>) -> Block {
    let Written { text, parameters, gives_value, native, parts, place } = written;
    let (id, using) = (keep(function), using.map(keep));
    // The closure of a block with parts gives them.
    let gives_value = gives_value || parts != Parts::None;
    Block(Arc::new(ScriptBody { text, id, parameters, gives_value, is_rhai: false, native, parts, place, using }))
}

fn parts(block: &Block) -> Parts {
    block.0.as_any().downcast_ref::<ScriptBody>().map_or(Parts::None, |body| body.parts)
}

/// Whether a block has a `begin` or `process` block.
pub(super) fn has_parts(block: &Block) -> bool {
    parts(block) != Parts::None
}

/// Whether a block has a `process` block.
pub(super) fn has_process(block: &Block) -> bool {
    parts(block) == Parts::Process
}

/// The closure of a block, if this thread made it.
pub(super) fn closure(block: &Block) -> Option<FnPtr> {
    kept(block.0.as_any().downcast_ref::<ScriptBody>()?.id)
}

fn kept(id: u64) -> Option<FnPtr> {
    CLOSURES.with(|closures| closures.borrow().get(&id).cloned())
}

/// Where a block stands in a text.
pub(super) fn place(block: &Block) -> Option<(Arc<Source>, Span)> {
    block.0.as_any().downcast_ref::<ScriptBody>()?.place.clone()
}

/// A block with values of its own for the variables that it uses: `.GetNewClosure()`.
pub(super) fn own_closure(block: &Block) -> Block {
    let (Some(body), Some(mut function)) = (block.0.as_any().downcast_ref::<ScriptBody>(), closure(block)) else {
        return block.clone();
    };
    // What `$script:x` in it sets stays from one call to the next.
    for value in function.iter_curry_mut() {
        *value = value.flatten_clone().into_shared();
    }
    let ScriptBody { text, parameters, gives_value, native, parts, place, .. } = body;
    let written = Written {
        text: text.clone(),
        parameters: parameters.clone(),
        gives_value: *gives_value,
        native: native.clone(),
        parts: *parts,
        place: place.clone(),
    };
    let using = body.using.and_then(kept);
    of_closure(&function, written, using.as_ref())
}

/// Runs script blocks within a call from Rhai.
pub(super) struct Runner<'a> {
    pub cx: &'a NativeCallContext<'a>,
    pub shared: &'a Rc<Shared>,
}

impl Runner<'_> {
    /// What a block takes over from here: names, with their values as far as they are variables of the script.
    pub fn taken_over(&self, block: &Block) -> Result<Vec<(String, Option<Value>)>, Halt> {
        let Some(body) = block.0.as_any().downcast_ref::<ScriptBody>() else { return Ok(Vec::new()) };
        let Some(function) = body.using.and_then(kept) else { return Ok(Vec::new()) };
        let pairs = self.call(&function, Vec::new()).map_err(|error| self.shared.halt(error))?;
        let pairs = pairs.read_lock::<rhai::Array>().map(|pairs| pairs.clone()).unwrap_or_default();
        let taken = pairs.into_iter().filter_map(|pair| {
            let mut pair = pair.try_cast::<rhai::Array>()?.into_iter();
            let name = pair.next()?.into_string().ok()?;
            Some((name, pair.next().map(|value| to_value(&value))))
        });
        Ok(taken.collect())
    }

    fn call(&self, function: &FnPtr, arguments: Vec<Dynamic>) -> Result<Dynamic, Box<EvalAltResult>> {
        function.call_raw(self.cx, None, arguments)
    }

    /// Runs a block in Rhai with the frame that was left for it, or one of its arguments.
    fn run_in_rhai(
        &self,
        block: &Block,
        body: &ScriptBody,
        item: Option<&Value>,
        args: &[Value],
        sink: Sink,
    ) -> Result<(), Halt> {
        let frame = self.shared.pending.take().unwrap_or_else(|| {
            let mut rest = args.iter().cloned();
            let named = body.parameters.iter().zip(rest.by_ref());
            let named = named.map(|(name, value)| (name.clone(), value)).collect();
            Frame { named, args: rest.collect(), ..Frame::default() }
        });
        let result = self.run_closure(block, item, frame, sink);
        self.survive(result)
    }

    /// Runs a block's closure with `$_` and the frame in force.
    fn run_closure(&self, block: &Block, item: Option<&Value>, frame: Frame, sink: Sink) -> Result<(), Halt> {
        let Some(body) = block.0.as_any().downcast_ref::<ScriptBody>() else { return Err(foreign()) };
        let Some(function) = closure(block) else { return Err(foreign()) };
        let arguments = match (body.is_rhai && !frame.of_function, item) {
            (true, Some(item)) if frame.args.is_empty() => vec![to_dynamic(item.clone())],
            (true, _) => frame.args.iter().cloned().map(to_dynamic).collect(),
            (false, _) => Vec::new(),
        };
        let kept = self.shared.item();
        if let Some(item) = item {
            self.shared.set_item(item.clone());
        }
        let tries = self.shared.tries.get();
        let result =
            self.shared.with_frame(frame, || self.shared.with_sink(&mut *sink, || self.call(&function, arguments)));
        self.shared.tries.set(tries);
        self.shared.set_item(kept);
        match result {
            Ok(value) => {
                if body.gives_value && !(body.is_rhai && value.is_unit()) && !is_empty(&value) {
                    each(&value, &mut *sink)?;
                }
                Ok(())
            }
            Err(error) => match self.shared.halt(error) {
                Halt::Leave(Leave::Return) => Ok(()),
                halt => Err(halt),
            },
        }
    }

    /// What is left of a stop when the statement in a block that failed is over.
    fn survive(&self, result: Result<(), Halt>) -> Result<(), Halt> {
        match result {
            Err(Halt::Error(error)) if super::flow::is_survivable(self.shared, &error) => {
                super::flow::survive(self.shared, error);
                Ok(())
            }
            // What a script says is no cmdlet's: its id has no command.
            Err(Halt::Error(error)) if error.command().is_none() => Err(Halt::Error(error.without_command())),
            other => other,
        }
    }
}

/// Hands on what a block puts out: the elements of a list, or the value.
fn put_out(value: Value, sink: Sink) -> Result<(), Halt> {
    if matches!(value, Value::List(_) | Value::Record(_))
        && let Some(items) = crate::value::enumerate::items(&value)
    {
        return items.iter().try_for_each(|item| sink(item.clone()));
    }
    sink(value)
}

fn foreign() -> Halt {
    let message = "A script block of another session cannot run here.";
    Halt::Error(ErrorRecord::new("ScriptBlockOfAnotherSession", Category::InvalidOperation, message))
}

impl BlockRunner for Runner<'_> {
    fn run(&self, block: &Block, item: Option<&Value>, args: &[Value], sink: Sink) -> Result<(), Halt> {
        self.shared.session.check_interrupt()?;
        let Some(body) = block.0.as_any().downcast_ref::<ScriptBody>() else { return Err(foreign()) };
        // What cannot be done natively, or goes wrong there, is done again in Rhai, which says where it went wrong.
        if let (Some(native), Some(item)) = (&body.native, item)
            && args.is_empty()
            && self.shared.pending.borrow().is_none()
            && let Ok(value) = native.value(item, self.shared)
        {
            return if native.gives_one() { sink(value) } else { put_out(value, sink) };
        }
        self.run_in_rhai(block, body, item, args, sink)
    }

    fn test(&self, block: &Block, item: &Value) -> Result<bool, Halt> {
        let body = block.0.as_any().downcast_ref::<ScriptBody>();
        if let Some(native) = body.and_then(|body| body.native.as_ref())
            && let Ok(answer) = native.test(item, self.shared)
        {
            return Ok(answer);
        }
        let mut outputs = Vec::new();
        self.run(block, Some(item), &[], &mut |value| {
            outputs.push(value);
            Ok(())
        })?;
        Ok(crate::value::truth::is_true(&Value::from_outputs(outputs)))
    }

    fn variable(&self, name: &str) -> Option<Value> {
        self.shared.variable(name)
    }

    fn call_stack(&self) -> Vec<Value> {
        super::call_stack::of(self.shared, self.cx.call_position())
    }

    fn elsewhere(&self, block: &Block) -> Result<Arc<dyn Elsewhere>, Halt> {
        Ok(Arc::new(Crew::of(self, block)?))
    }

    fn script_cmdlet(&self, name: &str) -> Result<Box<dyn Run>, Halt> {
        let make = self.shared.library.borrow().loaded.get(&name.to_lowercase()).cloned();
        make.map(|make| make()).ok_or_else(|| super::library::not_loaded(name).into())
    }

    fn variables(&self, scope: VariableScope) -> Vec<Variable> {
        self.shared.kept.list(scope)
    }

    fn define_variable(&self, variable: Variable, scope: VariableScope, force: bool) -> Result<(), ErrorRecord> {
        if super::automatic::is_read_only(&variable.name.to_lowercase()) {
            return Err(super::automatic::not_writable(&variable.name));
        }
        match self.shared.session.set_preference(&variable.name, &variable.value)? {
            true => Ok(()),
            false => self.shared.kept.define(variable, scope, force),
        }
    }

    fn remove_variable(&self, name: &str, scope: VariableScope, force: bool) -> Result<bool, ErrorRecord> {
        self.shared.kept.remove(name, scope, force)
    }

    fn set_variable(&self, name: &str, value: Value) {
        // A name that cannot be set was refused when the command was bound.
        let _ = self.shared.set_variable(name, value);
    }
}

/// Binds what stands behind a script block that is called to its parameters.
pub(super) fn frame_for(block: &Block, given: Vec<(Option<String>, Option<Value>)>, input: Vec<Value>) -> Frame {
    let none = Vec::new();
    let parameters = block.0.as_any().downcast_ref::<ScriptBody>().map_or(&none, |body| &body.parameters);
    let mut frame = Frame { input, binds: true, ..Frame::default() };
    let mut positional = Vec::new();
    let mut given = given.into_iter().peekable();
    while let Some((name, value)) = given.next() {
        match (name, value) {
            (Some(name), value) => {
                let lower = name.to_lowercase();
                let parameter = parameters
                    .iter()
                    .find(|p| p.to_lowercase() == lower)
                    .or_else(|| parameters.iter().find(|p| p.to_lowercase().starts_with(&lower)));
                let Some(parameter) = parameter else {
                    positional.push(Value::from(format!("-{name}")));
                    positional.extend(value);
                    continue;
                };
                let value = match value {
                    Some(value) => value,
                    None => match given.peek() {
                        Some((None, Some(_))) => given.next().and_then(|(_, value)| value).unwrap_or(Value::Bool(true)),
                        _ => Value::Bool(true),
                    },
                };
                frame.named.push((parameter.clone(), value));
            }
            (None, value) => positional.extend(value),
        }
    }
    let mut rest = positional.into_iter();
    for parameter in parameters {
        if !frame.named.iter().any(|(name, _)| name == parameter)
            && let Some(value) = rest.next()
        {
            frame.named.push((parameter.clone(), value));
        }
    }
    frame.args = rest.collect();
    frame
}

/// A value of Rhai called as a function, for what takes one.
pub(super) fn call_value(runner: &Runner, function: &Dynamic, arguments: &[Value]) -> Result<Value, Halt> {
    let Value::Block(block) = to_value(function) else { return Err(foreign()) };
    let mut outputs = Vec::new();
    runner.run(&block, None, arguments, &mut |value| {
        outputs.push(value);
        Ok(())
    })?;
    Ok(Value::from_outputs(outputs))
}
