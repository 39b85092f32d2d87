//! What a cmdlet is: a signature, what it may touch, examples, and code for begin, process and end.

pub use super::entry::{entry, object_entry};

use super::context::{Bound, Context};
use super::host::Host;
use super::spec::CmdletSpec;
use super::variable::{Variable, VariableScope};
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::{Block, Value};
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Whether a cmdlet reads or changes the deployment, and which scope of a role it is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// Reads, changes, or touches nothing of the deployment.
    pub kind: AccessKind,
    /// Which scope of a role counts.
    pub scope: ScopeKind,
}

/// Reads or changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessKind {
    /// Works on objects in the client: needs no role.
    Client,
    /// Reads the deployment.
    Read,
    /// Changes the deployment.
    Change,
}

/// Which scope of a role counts for what a cmdlet touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeKind {
    /// The whole deployment, whatever it touches: a role with narrower scopes does not do.
    Global,
    /// The site of the pool, computer or configuration scope that it touches or puts out.
    Site,
    /// The OU of the user that it touches or puts out.
    UserOu,
}

impl Access {
    /// Works on objects in the client.
    pub const CLIENT: Access = Access { kind: AccessKind::Client, scope: ScopeKind::Global };

    /// Reads.
    pub const fn read(scope: ScopeKind) -> Access {
        Access { kind: AccessKind::Read, scope }
    }

    /// Changes.
    pub const fn change(scope: ScopeKind) -> Access {
        Access { kind: AccessKind::Change, scope }
    }
}

/// Where a cmdlet runs when the session is remote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Where the script runs: object cmdlets, files, the terminal.
    Client,
    /// On the server that holds the store.
    Server,
    /// On the computer that the session talks to: what it asks of that computer alone.
    Host,
    /// On the computer of the active store, and where that cannot be reached, on another that may hold the store: what
    /// administrators ask and do when the active one is lost.
    Keeper,
}

/// A parameter that names a file of whoever gives the command. The cmdlet reaches it with
/// [`Context::read_file`] and [`Context::write_file`] alone: a remote session reads and writes it where its user sits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileParameter {
    /// It is read.
    Read(&'static str),
    /// It is written.
    Write(&'static str),
}

/// An example in a cmdlet's help; tests run it on the sample deployment.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// What it shows.
    pub what: &'static str,
    /// The command.
    pub run: &'static str,
}

/// A running cmdlet: one for each stage of a pipeline.
pub trait Run {
    /// Before the first object. What only the pipeline gives is not bound yet.
    fn begin(&mut self, _bound: &Bound, _cx: &mut Context) -> Result<(), Halt> {
        Ok(())
    }
    /// For each object of the pipeline, or once where there is none.
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt>;
    /// After the last object.
    fn end(&mut self, _bound: &Bound, _cx: &mut Context) -> Result<(), Halt> {
        Ok(())
    }
}

/// A cmdlet whose parameters arrive as a struct. The common way to write one that works on the deployment.
pub trait Cmdlet: Default + 'static {
    /// `Verb-Noun`. Its signature comes from the catalogue, unless [`Cmdlet::spec`] gives one.
    const NAME: &'static str;
    /// What it may touch.
    const ACCESS: Access;
    /// Examples, run by tests.
    const EXAMPLES: &'static [Example];
    /// Its parameters, `#[serde(rename_all = "PascalCase")]`, without `flatten`. A parameter of the signature that has
    /// no field here gets a warning when it is used.
    type Args: DeserializeOwned;
    /// Parameters without a field that it takes from [`Context::bound`] itself.
    const FROM_BOUND: &'static [&'static str] = &[];
    /// Its parameters that name files.
    const FILES: &'static [FileParameter] = &[];
    /// The cmdlets that it runs by itself in the client, so whose leave it needs.
    const RUNS: &'static [&'static str] = &[];
    /// Where it runs when the session is remote.
    const SIDE: Side = match Self::ACCESS.kind {
        AccessKind::Client => Side::Client,
        AccessKind::Read | AccessKind::Change => Side::Server,
    };

    /// What to do where the connection broke while it ran, and nobody knows how far it came; `None`: what is said of any
    /// change.
    const IF_LOST: Option<&'static str> = None;

    /// The parameter that names a computer, of a cmdlet that runs at the active store's: left out, it means the computer
    /// that the session talks to.
    const HERE: Option<&'static str> = None;

    /// A signature that the catalogue does not have.
    fn spec() -> Option<CmdletSpec> {
        None
    }

    /// Changes to the signature that the catalogue has: our own parameters, corrections.
    fn amend(_spec: &mut CmdletSpec) {}

    /// Before the first object.
    fn begin(&mut self, _cx: &mut Context) -> Result<(), Halt> {
        Ok(())
    }
    /// For each object of the pipeline, or once where there is none.
    fn process(&mut self, args: Self::Args, cx: &mut Context) -> Result<(), Halt>;
    /// After the last object.
    fn end(&mut self, _cx: &mut Context) -> Result<(), Halt> {
        Ok(())
    }
}

/// A cmdlet that works on the objects of the pipeline themselves, so takes its parameters as bound.
pub trait ObjectCmdlet: Run + Default + 'static {
    /// `Verb-Noun`.
    const NAME: &'static str;
    /// Its aliases (`?`, `where`).
    const ALIASES: &'static [&'static str] = &[];
    /// Examples, run by tests.
    const EXAMPLES: &'static [Example];
    /// Its signature: object cmdlets are not in the catalogue.
    fn spec() -> CmdletSpec;
}

/// Makes something for the registry: a function, or a closure over declared data (configuration families).
pub type Maker<T> = Arc<dyn Fn() -> T + Send + Sync>;

/// One registered cmdlet.
pub struct CmdletEntry {
    /// `Verb-Noun`.
    pub name: Cow<'static, str>,
    /// Its aliases.
    pub aliases: &'static [&'static str],
    /// What it may touch.
    pub access: Access,
    /// Where it runs.
    pub side: Side,
    /// See [`Cmdlet::HERE`].
    pub here: Option<&'static str>,
    /// Examples.
    pub examples: &'static [Example],
    /// Makes its signature; the registry asks once.
    pub spec: Maker<Arc<CmdletSpec>>,
    /// Makes one to run.
    pub make: Maker<Box<dyn Run>>,
    /// The parameters that it looks at, where that is known (see [`super::fields`]).
    pub looks_at: Option<fn() -> Vec<&'static str>>,
    /// Its parameters that name files of whoever gives the command.
    pub files: &'static [FileParameter],
    /// The cmdlets that it runs by itself in the client, so whose leave it needs.
    pub runs: &'static [&'static str],
    /// See [`Cmdlet::IF_LOST`].
    pub if_lost: Option<&'static str>,
    /// Its text, where it is written in script.
    pub script: Option<ScriptText>,
}

/// The text of a cmdlet that is written in script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScriptText {
    /// Its file, for errors.
    pub file: &'static str,
    /// The text: it defines the function of the cmdlet's name.
    pub text: &'static str,
}

/// Runs script blocks for a cmdlet: the script engine implements it.
pub trait BlockRunner {
    /// Runs a block with `$_` set to `item` (unchanged if `None`) and `$args`, and hands each object that it puts
    /// out to `sink`.
    fn run(
        &self,
        block: &Block,
        item: Option<&Value>,
        args: &[Value],
        sink: &mut dyn FnMut(Value) -> Result<(), Halt>,
    ) -> Result<(), Halt>;

    /// Whether what a block puts out for an item is true, as `Where-Object` asks; native where the block allows it.
    fn test(&self, block: &Block, item: &Value) -> Result<bool, Halt>;

    /// A variable that the caller sees; `None` if it has no value or there is no script.
    fn variable(&self, _name: &str) -> Option<Value> {
        None
    }

    /// The calls that are under way, the innermost first, as Get-PSCallStack shows them.
    fn call_stack(&self) -> Vec<Value> {
        Vec::new()
    }

    /// What it takes to run a block on other threads; what it takes over from its caller is looked up now.
    ///
    /// # Errors
    /// `UsingVariableIsUndefined`, `ParallelUsingVariableCannotBeScriptBlock`, `ScriptBlockOfAnotherSession`.
    fn elsewhere(&self, _block: &Block) -> Result<Arc<dyn Elsewhere>, Halt> {
        Err(no_engine())
    }

    /// One run of a cmdlet of ours that is written in script, as [`CmdletEntry::script`] has its text.
    fn script_cmdlet(&self, _name: &str) -> Result<Box<dyn Run>, Halt> {
        Err(no_engine())
    }

    /// Sets a variable of the caller: -OutVariable, -PipelineVariable and the like.
    fn set_variable(&self, _name: &str, _value: Value) {}

    /// The variables that commands see by their names, each once, by name.
    fn variables(&self, _scope: VariableScope) -> Vec<Variable> {
        Vec::new()
    }

    /// Makes or replaces a variable, one that is read-only with `force`.
    ///
    /// # Errors
    /// `VariableNotWritable`.
    fn define_variable(&self, _variable: Variable, _scope: VariableScope, _force: bool) -> Result<(), ErrorRecord> {
        Ok(())
    }

    /// Removes a variable, one that is read-only with `force`; `false` if there is none.
    ///
    /// # Errors
    /// `VariableNotRemovable`.
    fn remove_variable(&self, _name: &str, _scope: VariableScope, _force: bool) -> Result<bool, ErrorRecord> {
        Ok(false)
    }
}

/// The stack of a thread that runs blocks, in bytes: room for a hundred calls of script one within the other. It is
/// taken as it is used.
pub const ELSEWHERE_STACK: usize = 16 << 20;

/// A script block that runs on other threads, each time with variables of its own.
pub trait Elsewhere: Send + Sync {
    /// Runs it on this thread for each object that `next` gives, in a session of its own over `host` that stops when
    /// `interrupt` is set. What ends a run by an error is written to `host`, and the next one begins.
    ///
    /// # Errors
    /// What keeps it from running at all.
    fn work(
        &self,
        host: Box<dyn Host>,
        interrupt: Arc<AtomicBool>,
        next: &mut dyn FnMut() -> Option<Value>,
    ) -> Result<(), Halt>;
}

/// Where no script engine is: script blocks fail, variables are none.
pub struct NoBlocks;

impl BlockRunner for NoBlocks {
    fn run(
        &self,
        _block: &Block,
        _item: Option<&Value>,
        _args: &[Value],
        _sink: &mut dyn FnMut(Value) -> Result<(), Halt>,
    ) -> Result<(), Halt> {
        Err(no_engine())
    }

    fn test(&self, _block: &Block, _item: &Value) -> Result<bool, Halt> {
        Err(no_engine())
    }
}

fn no_engine() -> Halt {
    let message = "A script block cannot run here: there is no script engine.";
    Halt::Error(ErrorRecord::new("ScriptBlockWithoutEngine", Category::NotSpecified, message))
}
