//! What the functions of one engine share: the session, where output goes, `$_`, arguments, the texts that were read.

use super::kept::Kept;
use super::source::Chunk;
use crate::cmdlet::context::Invoked;
use crate::cmdlet::run::Run;
use crate::cmdlet::session::Session;
use crate::error::{ErrorRecord, Halt, Source, Span};
use crate::language::lower::{CommandSite, Site};
use crate::value::statics::path_info;
use crate::value::{Str, Table, Value, enumerate, text};
use rhai::Position;
use std::borrow::Cow;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

/// Where output goes.
pub(super) type Sink<'a> = &'a mut dyn FnMut(Value) -> Result<(), Halt>;

type SinkPointer = *mut (dyn FnMut(Value) -> Result<(), Halt> + 'static);

/// What a script block or function was called with.
#[derive(Clone, Default)]
pub(super) struct Frame {
    /// `$args`.
    pub args: Vec<Value>,
    /// Parameters by name.
    pub named: Vec<(String, Value)>,
    /// `$input`.
    pub input: Vec<Value>,
    /// It is of a function, whose closures take no arguments of Rhai's.
    pub of_function: bool,
    /// It has parameters of its own: `$PSBoundParameters` are these.
    pub binds: bool,
    /// `$PSBoundParameters`, once somebody looked at them.
    pub bound: Rc<OnceCell<Table>>,
    /// What stands behind `$PSCmdlet`.
    pub invoked: Option<Rc<Invoked>>,
}

/// Limits of one engine; `None` is no limit.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Operations of one run.
    pub operations: Option<u64>,
    /// Time of one run.
    pub time: Option<std::time::Duration>,
    /// How deep calls may nest; what the stack of the thread can hold.
    pub calls: usize,
    /// Bytes that one run writes to standard output and to files.
    pub output: Option<u64>,
    /// Bytes of a string.
    pub string: usize,
    /// Elements of an array.
    pub array: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { operations: None, time: None, output: None, calls: 100, string: 256 << 20, array: 64 << 20 }
    }
}

impl Limits {
    /// The limits for a thread with a stack of so many bytes.
    pub fn for_stack(bytes: usize) -> Limits {
        // A call through a pipeline and back into a script takes some tens of kilobytes; more without optimisation.
        let each = if cfg!(debug_assertions) { 160 << 10 } else { 48 << 10 };
        Limits { calls: (bytes / each).clamp(8, 5000), ..Limits::default() }
    }
}

/// The cmdlets of ours that are written in script, as far as they are loaded.
#[derive(Default)]
pub(super) struct Library {
    /// One is being loaded: what is defined is that one.
    pub loading: bool,
    /// What makes one to run, by name in lower case.
    pub loaded: HashMap<String, Rc<dyn Fn() -> Box<dyn Run>>>,
}

/// See the module.
pub(super) struct Shared {
    pub session: Rc<Session>,
    pub limits: Limits,
    sinks: RefCell<Vec<Option<SinkPointer>>>,
    item: RefCell<Value>,
    frames: RefCell<Vec<Frame>>,
    /// The frame of the block that is called next.
    pub pending: RefCell<Option<Frame>>,
    /// How many `try` blocks are around what runs.
    pub tries: Cell<u32>,
    /// What `$_` was when each of them began.
    pub items: RefCell<Vec<Value>>,
    /// The `finally` blocks around what runs, with how many `try` blocks are around theirs.
    pub closing: RefCell<Vec<(u32, rhai::FnPtr)>>,
    /// Variables that no script declares: automatic ones, -OutVariable and the like.
    pub kept: Kept,
    pub chunks: RefCell<Vec<Rc<Chunk>>>,
    /// The cmdlets of ours that are written in script.
    pub library: RefCell<Library>,
    /// Errors that scripts have in their hands as objects, the newest last.
    pub caught: RefCell<Vec<(Value, ErrorRecord)>>,
    /// `$Host`, once somebody asked for it.
    pub host: OnceCell<Value>,
    /// The file of the script that runs.
    pub file: RefCell<Option<PathBuf>>,
    pub operations: Cell<u64>,
    /// What a parameter's own check said of a value.
    pub refused: RefCell<Option<ErrorRecord>>,
    /// What the block that runs here took over from its caller on another thread.
    pub using: RefCell<Vec<(String, Value)>>,
}

impl Shared {
    pub fn new(session: Rc<Session>, limits: Limits) -> Shared {
        Shared {
            session,
            limits,
            sinks: RefCell::default(),
            item: RefCell::default(),
            frames: RefCell::default(),
            pending: RefCell::default(),
            tries: Cell::new(0),
            items: RefCell::default(),
            closing: RefCell::default(),
            kept: Kept::default(),
            chunks: RefCell::default(),
            library: RefCell::default(),
            caught: RefCell::default(),
            host: OnceCell::new(),
            file: RefCell::default(),
            operations: Cell::new(0),
            refused: RefCell::default(),
            using: RefCell::default(),
        }
    }

    /// Runs something whose output goes to `sink`.
    pub fn with_sink<R>(&self, sink: Sink, body: impl FnOnce() -> R) -> R {
        struct Pop<'a>(&'a Shared);
        impl Drop for Pop<'_> {
            fn drop(&mut self) {
                self.0.sinks.borrow_mut().pop();
            }
        }
        // SAFETY: only the lifetime is taken away. The pointer is used by `emit` alone, on this thread, and the guard
        // takes it off the stack before `sink`'s borrow ends, also when `body` panics.
        #[allow(unsafe_code, reason = "a native function that Rhai calls cannot be handed a borrowed sink")]
        let pointer: SinkPointer =
            unsafe { std::mem::transmute::<*mut (dyn FnMut(Value) -> Result<(), Halt> + '_), SinkPointer>(sink) };
        self.sinks.borrow_mut().push(Some(pointer));
        let _pop = Pop(self);
        body()
    }

    /// Writes an object to the output of what runs.
    ///
    /// # Errors
    /// What the sink stops with.
    pub fn emit(&self, value: Value) -> Result<(), Halt> {
        self.session.check_interrupt()?;
        // While a sink runs its place is empty: what it puts out itself goes to the one below.
        let taken = {
            let mut sinks = self.sinks.borrow_mut();
            let at = sinks.iter().rposition(Option::is_some);
            at.and_then(|at| sinks[at].take().map(|sink| (at, sink)))
        };
        let Some((at, sink)) = taken else {
            self.session.host.output(value);
            return Ok(());
        };
        // SAFETY: `with_sink` keeps the pointer on the stack only while the sink is borrowed for it, and nobody else
        // can take it while its place is empty.
        #[allow(unsafe_code, reason = "see with_sink")]
        let result = unsafe { (*sink)(value) };
        if let Some(place) = self.sinks.borrow_mut().get_mut(at) {
            *place = Some(sink);
        }
        result
    }

    /// Runs something and collects what it puts out.
    pub fn collect<R>(&self, body: impl FnOnce() -> R) -> (Vec<Value>, R) {
        let mut outputs = Vec::new();
        let most = self.limits.array;
        let result = self.with_sink(
            &mut |value| {
                if outputs.len() >= most {
                    return Err(Halt::Error(super::errors::too_many()));
                }
                outputs.push(value);
                Ok(())
            },
            body,
        );
        (outputs, result)
    }

    /// `$_`.
    pub fn item(&self) -> Value {
        self.item.borrow().clone()
    }

    /// Sets `$_` and gives what it was.
    pub fn set_item(&self, item: Value) -> Value {
        self.item.replace(item)
    }

    /// Runs something with the frame given.
    pub fn with_frame<R>(&self, frame: Frame, body: impl FnOnce() -> R) -> R {
        self.frames.borrow_mut().push(frame);
        let result = body();
        self.frames.borrow_mut().pop();
        result
    }

    /// Looks at the innermost frame.
    pub fn frame<R>(&self, look: impl FnOnce(&Frame) -> R) -> R {
        match self.frames.borrow().last() {
            Some(frame) => look(frame),
            None => look(&Frame::default()),
        }
    }

    /// The invocation of the innermost function or script.
    pub fn invoked(&self) -> Option<Rc<Invoked>> {
        self.frames.borrow().iter().rev().find_map(|frame| frame.invoked.clone())
    }

    /// The invocations of functions that are under way, the innermost first.
    pub fn invocations(&self) -> Vec<Rc<Invoked>> {
        self.frames.borrow().iter().rev().filter_map(|frame| frame.invoked.clone()).collect()
    }

    /// Leaves the variables that the session keeps, and `$_`, to the end of the process.
    pub fn abandon(&self) {
        std::mem::forget(self.kept.take());
        std::mem::forget((self.item.take(), self.chunks.take()));
    }

    /// The frames that are left when a run ends.
    pub fn reset(&self) {
        self.frames.borrow_mut().clear();
        self.tries.set(0);
        self.items.take();
        self.closing.take();
        self.kept.reset();
        self.operations.set(0);
        self.pending.take();
    }

    /// A variable that the session keeps.
    pub fn variable(&self, name: &str) -> Option<Value> {
        if let Some(value) = self.session.preference(name) {
            return Some(value);
        }
        let key = name.to_lowercase();
        if let Some(function) = key.strip_prefix("function:") {
            return self.session.registry.function_text(function).map(Value::Str);
        }
        match key.as_str() {
            "?" => {
                let succeeded = self.session.succeeded();
                // To look at it goes well, too.
                self.session.set_succeeded(true);
                return Some(Value::Bool(succeeded));
            }
            "error" => {
                let errors = self.session.errors();
                return Some(Value::list(errors.iter().map(|e| self.error_value(e)).collect()));
            }
            "host" => {
                let made = || super::console::object(self.session.host.width());
                return Some(self.host.get_or_init(made).clone());
            }
            "home" => return std::env::var("HOME").ok().map(Value::from),
            "pid" => return Some(Value::Int(std::process::id().into())),
            "pwd" => return Some(path_info(&crate::env::folder::here()).into()),
            "psversiontable" => return Some(super::automatic::version_table()),
            "iswindows" => return Some(Value::Bool(cfg!(windows))),
            "islinux" => return Some(Value::Bool(cfg!(target_os = "linux"))),
            "ismacos" => return Some(Value::Bool(cfg!(target_os = "macos"))),
            "iscoreclr" => return Some(Value::Bool(true)),
            "psboundparameters" => {
                let frames = self.frames.borrow();
                let table = frames.iter().rev().find(|frame| frame.binds).map(|frame| {
                    let entries = || frame.named.iter().map(|(n, v)| (Value::str(n.as_str()), v.clone()));
                    frame.bound.get_or_init(|| Table::from_entries(true, entries())).clone()
                });
                return Some(Value::Map(table.unwrap_or_else(|| Table::new(true))));
            }
            "pscmdlet" => return self.invoked().map(|invoked| super::pscmdlet::object(&invoked)),
            "myinvocation" => {
                let frames = self.frames.borrow();
                // The first frame is the script's own.
                let function = frames.iter().skip(1).rev().find_map(|frame| frame.invoked.clone());
                let file = self.file.borrow();
                return function
                    .map(|invoked| super::pscmdlet::invocation(&invoked))
                    .or_else(|| file.as_deref().map(super::pscmdlet::invocation_of_file));
            }
            "script:myinvocation" => return self.file.borrow().as_deref().map(super::pscmdlet::invocation_of_file),
            "pscommandpath" | "psscriptroot" => {
                let file = self.file.borrow();
                let path =
                    if key == "pscommandpath" { file.as_deref() } else { file.as_deref().and_then(Path::parent) };
                return path.map(|path| Value::from(path.display().to_string()));
            }
            _ => {}
        }
        self.kept.get(name)
    }

    /// What a block that runs elsewhere took over from its caller.
    pub fn taken_over(&self, name: &str) -> Option<Value> {
        let taken = self.using.borrow();
        taken.iter().find(|(known, _)| crate::value::same_name(known, name)).map(|(_, value)| value.clone())
    }

    /// A value as it goes into a string: a list is one text already where a script chose what stands between its
    /// elements (`$OFS`).
    pub fn in_string<'a>(&self, value: &'a Value) -> Cow<'a, Value> {
        let Some(items) = enumerate::items(value) else { return Cow::Borrowed(value) };
        let Some(between) = self.kept.get("OFS").filter(|between| !between.is_null()) else {
            return Cow::Borrowed(value);
        };
        let texts: Vec<Str> = items.iter().map(text::to_text).collect();
        Cow::Owned(Value::from(texts.join(&*text::to_text(&between))))
    }

    /// Sets a variable that the session keeps.
    ///
    /// # Errors
    /// `VariableNotWritable`, and what a preference says of its value.
    pub fn set_variable(&self, name: &str, value: Value) -> Result<(), ErrorRecord> {
        let key = name.to_lowercase();
        if super::automatic::is_read_only(&key) {
            return Err(super::automatic::not_writable(name));
        }
        if self.session.set_preference(name, &value)? { Ok(()) } else { self.kept.set(name, value) }
    }

    /// Changes something inside of what a variable that the session keeps holds.
    ///
    /// # Errors
    /// What `change` gives.
    pub fn change_variable(
        &self,
        name: &str,
        change: impl FnOnce(&mut Value) -> Result<(), ErrorRecord>,
    ) -> Result<(), ErrorRecord> {
        if self.kept.get(name).is_some() && self.session.preference(name).is_none() {
            return self.kept.change(name, change).unwrap_or(Ok(()));
        }
        let mut value = self.variable(name).unwrap_or_default();
        change(&mut value)?;
        if matches!(value, Value::List(_)) { self.set_variable(name, value) } else { Ok(()) }
    }

    /// An error as an object, from which the error can be had back.
    pub fn error_value(&self, error: &ErrorRecord) -> Value {
        const KEPT: usize = 512;
        let value = crate::cmdlet::streams::error_object(error);
        let mut caught = self.caught.borrow_mut();
        if caught.len() >= KEPT {
            caught.drain(..KEPT / 2);
        }
        caught.push((value.clone(), error.clone()));
        value
    }

    /// The error that an object was made of.
    pub fn error_of(&self, value: &Value) -> Option<ErrorRecord> {
        let Value::Record(record) = value else { return None };
        let caught = self.caught.borrow();
        let found = caught.iter().rev().find(|(v, _)| match v {
            Value::Record(r) => {
                r.same(record) || matches!(r.get("Exception"), Some(Value::Record(e)) if e.same(record))
            }
            _ => false,
        });
        found.map(|(_, error)| error.clone()).or_else(|| crate::cmdlet::exception::error_of(record))
    }

    /// The place in the source that a position in lowered text comes from.
    pub fn place(&self, position: Position) -> Option<(Arc<Source>, Span)> {
        let (chunk, offset) = self.find(position)?;
        Some((chunk.source.clone(), chunk.span(offset)))
    }

    /// What stands at a position of lowered text.
    pub fn site(&self, position: Position) -> Option<(Rc<Chunk>, Site)> {
        let (chunk, offset) = self.find(position)?;
        let site = chunk.site(offset)?;
        Some((chunk, site))
    }

    /// The command that stands at a position.
    pub fn command_site(&self, position: Position) -> Option<(Rc<Chunk>, CommandSite)> {
        match self.site(position)? {
            (chunk, Site::Command(site)) => Some((chunk, site)),
            _ => None,
        }
    }

    fn find(&self, position: Position) -> Option<(Rc<Chunk>, usize)> {
        let line = position.line()?;
        let column = position.position().unwrap_or(1);
        let chunks = self.chunks.borrow();
        let chunk = chunks.iter().rev().find(|c| c.first_line <= line && line < c.first_line + c.lines())?;
        let offset = chunk.offset(line, column)?;
        Some((chunk.clone(), offset))
    }
}
