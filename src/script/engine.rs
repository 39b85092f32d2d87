//! The engine of a session: reads, checks, lowers and runs texts.

use super::convert::{each, to_value};
use super::errors::{self, Stop};
use super::names::ScriptNames;
use super::prepared::{self, Prepared, Ready};
use super::runtime::Register;
use super::shared::{Limits, Shared};
use super::{commands, maps, members, modules, parameters, runtime, values};
use crate::cmdlet::host::Message;
use crate::cmdlet::session::Session;
use crate::env::{bounds, memory, stack};
use crate::error::{Category, Diagnostic, ErrorRecord, Halt, Severity, Source};
use crate::language::lower::{self, MOST_ARGUMENTS};
use crate::language::{Mode, Names, Parsed};
use crate::value::{Value, same_name};
use rhai::{AST, ASTNode, Dynamic, Expr, Scope, Stmt};
use std::any::TypeId;
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Where a command of more arguments than this, input and named ones apart, passes them as a list.
const ARITIES: usize = MOST_ARGUMENTS + 3;

/// The exit code of a command line that is wrong.
const NOTHING_RAN: i32 = 2;

/// The engine of a session.
pub struct Engine {
    pub(super) rhai: rhai::Engine,
    pub(super) shared: Rc<Shared>,
    scope: Scope<'static>,
    /// The functions of earlier texts.
    pub(super) library: AST,
    /// The cmdlets written in script that were loaded, by name in lower case.
    pub(super) loaded: HashSet<String>,
    registered: HashSet<String>,
    folder: Rc<RefCell<PathBuf>>,
    /// The text that was checked last, if it has not run: the same text need not be read again.
    ready: RefCell<Option<Ready>>,
    /// What the reading of the text took that runs next.
    reading: Cell<Duration>,
}

/// What can be said of a text without running it.
#[derive(Debug, Default)]
pub struct Checked {
    /// The tree.
    pub parsed: Rc<Parsed>,
    /// What is wrong with it, by position: what the parser, the lowering and Rhai say.
    pub diagnostics: Vec<Diagnostic>,
    /// The Rhai that it lowers to.
    pub lowered: String,
}

impl Checked {
    /// Whether nothing keeps it from running.
    pub fn is_ok(&self) -> bool {
        !self.diagnostics.iter().any(|d| d.severity == Severity::Error)
    }
}

impl Engine {
    /// An engine for a session, with limits that suit a thread of the usual stack.
    pub fn new(session: Rc<Session>) -> Engine {
        Engine::with_limits(session, Limits::default())
    }

    /// An engine with the limits given.
    pub fn with_limits(session: Rc<Session>, limits: Limits) -> Engine {
        let shared = Rc::new(Shared::new(session, limits));
        let mut rhai = rhai::Engine::new();
        let folder = Rc::new(RefCell::new(PathBuf::from(".")));
        rhai.set_optimization_level(rhai::OptimizationLevel::None);
        rhai.set_max_expr_depths(600, 600);
        rhai.set_max_call_levels(shared.limits.calls);
        rhai.set_max_string_size(shared.limits.string);
        rhai.set_max_array_size(shared.limits.array);
        rhai.set_max_map_size(shared.limits.array);
        rhai.set_module_resolver(modules::Resolver {
            shared: shared.clone(),
            folder: folder.clone(),
            loaded: RefCell::default(),
        });
        let owner = shared.clone();
        rhai.on_print(move |text| {
            owner.session.write(Message::Information {
                text: text.to_string(),
                no_newline: false,
                foreground: None,
                background: None,
            });
        });
        let owner = shared.clone();
        rhai.on_debug(move |text, _, _| owner.session.write(Message::Debug(text.to_string())));
        let owner = shared.clone();
        #[allow(deprecated, reason = "Rhai marks what it may still change; this one is as it was for years")]
        rhai.on_progress(move |_| progress(&owner));
        #[allow(deprecated, reason = "Rhai marks what it may still change; to read a long text takes it long")]
        rhai.on_parse_token(|token, _, _| match bounds::stopped() {
            true => rhai::Token::LexError(Box::new(rhai::LexError::Runtime("stopped".to_string()))),
            false => token,
        });
        let mut register = Register { engine: &mut rhai, shared: shared.clone() };
        runtime::register(&mut register);
        values::register(&mut rhai, &shared);
        maps::register(&mut rhai);
        Engine {
            rhai,
            shared,
            scope: Scope::new(),
            library: AST::empty(),
            loaded: HashSet::new(),
            registered: HashSet::new(),
            folder,
            ready: RefCell::default(),
            reading: Cell::default(),
        }
    }

    /// The session.
    pub fn session(&self) -> &Rc<Session> {
        &self.shared.session
    }

    /// The names that a text can use: commands, and what earlier texts left.
    pub fn names(&self) -> ScriptNames {
        let variables = self.scope.iter().map(|(name, ..)| name.to_string()).collect();
        let functions = self.library.iter_functions().map(|f| f.name.to_string()).collect();
        ScriptNames { session: self.shared.session.clone(), variables, functions, switches: Cell::new(true) }
    }

    /// The value of a variable that earlier texts left, its name in any case.
    pub fn variable(&self, name: &str) -> Option<Value> {
        let found = self.names().visible(name).and_then(|found| self.scope.get_value::<Dynamic>(&found));
        found.map(|value| to_value(&value)).or_else(|| self.shared.kept.get(name))
    }

    /// Whether earlier texts left a variable, its name in any case.
    pub fn has_variable(&self, name: &str) -> bool {
        self.scope.iter().any(|(known, ..)| same_name(known, name)) || self.shared.kept.get(name).is_some()
    }

    /// Does something with a text before it runs, reading and checking it, within the limits of the run, whose time it
    /// takes.
    ///
    /// # Errors
    /// What stopped it; what it gave is half done then.
    pub fn before_run<T>(&self, read: impl FnOnce() -> T) -> Result<T, Halt> {
        memory::begin();
        let (session, limits) = (&self.shared.session, &self.shared.limits);
        let began = Instant::now();
        let _bounds = bounds::begin(&session.interrupt, limits.time, None);
        let read = read();
        self.reading.set(began.elapsed());
        session.check_interrupt().map(|()| read)
    }

    /// What can be said of a text without running it, with its lowering.
    pub fn check(&self, text: &str, mode: Mode) -> Checked {
        let names = self.names();
        let source = Arc::new(Source { name: String::new(), text: text.to_string() });
        let looked = prepared::look(&self.shared, &self.rhai, source, mode, &names, &self.scope);
        self.ready.replace(looked.ready);
        let mut diagnostics = looked.diagnostics;
        diagnostics.sort_by_key(|d| d.span);
        Checked { parsed: looked.parsed, diagnostics, lowered: looked.lowered }
    }

    /// Runs a text: what it puts out goes to the host as it comes. `args` are for the script's own parameters.
    ///
    /// # Errors
    /// What stopped it, not yet shown: a terminating error, an interrupt, `exit`.
    pub fn run(&mut self, name: &str, text: &str, mode: Mode, args: &[String]) -> Result<(), Halt> {
        self.within_bounds(|engine| engine.run_text(name, text, mode, args).map(|_| ()))
    }

    /// Runs a line of the REPL: the value of an expression is shown too.
    ///
    /// # Errors
    /// As [`Engine::run`].
    pub fn run_line(&mut self, name: &str, text: &str) -> Result<(), Halt> {
        self.within_bounds(|engine| {
            let value = engine.run_text(name, text, Mode::Rhai, &[])?;
            if !value.is_unit() {
                each(&value, |value| {
                    engine.shared.session.check_interrupt()?;
                    engine.shared.session.host.output(value);
                    Ok::<(), Halt>(())
                })?;
            }
            Ok(())
        })
    }

    /// Runs something within the limits of one run. A panic in it is an error, after which the session goes on: what a
    /// cmdlet or Rhai left half done lies behind, and the next run begins with fresh state.
    fn within_bounds(&mut self, run: impl FnOnce(&mut Engine) -> Result<(), Halt>) -> Result<(), Halt> {
        let session = self.shared.session.clone();
        let limits = &self.shared.limits;
        memory::begin();
        let time = limits.time.map(|time| time.saturating_sub(self.reading.take()));
        let _bounds = bounds::begin(&session.interrupt, time, limits.output);
        match catch_unwind(AssertUnwindSafe(|| run(self))) {
            // What was stopped at its last step did not come to its end.
            Ok(Ok(())) => session.check_interrupt(),
            Ok(halted) => halted,
            Err(panic) => {
                session.forget_run();
                Err(Halt::Error(errors::panicked(&*panic)))
            }
        }
    }

    /// Where modules are looked for.
    pub fn set_folder(&mut self, folder: &Path) {
        *self.folder.borrow_mut() = folder.to_path_buf();
    }

    /// Leaves all variables and texts to the end of the process, which follows: to drop much one by one takes time, and the system
    /// takes it back at once.
    pub fn abandon(&mut self) {
        std::mem::forget(std::mem::take(&mut self.scope));
        std::mem::forget((self.ready.take(), std::mem::take(&mut self.library)));
        self.shared.abandon();
    }

    fn run_text(&mut self, name: &str, text: &str, mode: Mode, args: &[String]) -> Result<Dynamic, Halt> {
        let path = Path::new(name);
        *self.shared.file.borrow_mut() = std::path::absolute(path).ok().filter(|_| path.is_file());
        let folder = self.shared.file.borrow().as_deref().and_then(Path::parent).map(Path::to_path_buf);
        if let Some(folder) = folder {
            self.set_folder(&folder);
        }
        let source = Arc::new(Source { name: name.to_string(), text: text.to_string() });
        let names = self.names();
        let prepared = match self.ready.take().filter(|ready| ready.is_of(&self.shared, text, mode)) {
            Some(ready) => ready.take_up(&self.shared, source),
            None => Prepared::read(&self.shared, &self.rhai, source.clone(), mode, &names, &self.scope).map_err(
                |diagnostics| {
                    let session = &self.shared.session;
                    session
                        .check_interrupt()
                        .err()
                        .unwrap_or_else(|| Halt::Error(of_diagnostics(&source, &diagnostics)))
                },
            )?,
        };
        let chunk = self.shared.chunks.borrow().last().cloned();
        if let Some(chunk) = &chunk {
            self.keep_by_name(&chunk.lowered.kept)?;
        }
        let lowered = chunk.map(|chunk| chunk.lowered.text.clone()).unwrap_or_default();
        self.prepare_calls(&lowered, &prepared.ast);
        self.register_imports(&prepared.ast, 0)?;
        self.load_scripts(&lowered)?;
        let session = self.shared.session.clone();
        let given = parameters::bind(&session, name, &prepared.parsed, args).map_err(|error| {
            // Nothing ran: the command line is wrong.
            session.note_exit(NOTHING_RAN);
            Halt::Error(error)
        })?;
        let ast = self.library.merge(&prepared.ast);
        self.shared.reset();
        let result = {
            let (rhai, scope) = (&self.rhai, &mut self.scope);
            let run = || self.shared.with_frame(given.frame, || rhai.eval_ast_with_scope::<Dynamic>(scope, &ast));
            if given.bound.values.is_empty() {
                run()
            } else {
                // -Verbose, -WhatIf and their like hold for the script.
                let own = session.preferences().of_body(&given.bound, given.should_process);
                let outside = session.swap_preferences(own);
                let result = run();
                session.swap_preferences(outside);
                result
            }
        };
        self.library = ast.clone_functions_only();
        match result {
            Ok(value) => Ok(value),
            Err(error) => match self.shared.halt(error) {
                Halt::Leave(_) => Ok(Dynamic::UNIT),
                halt => Err(halt),
            },
        }
    }

    /// Hands variables of earlier texts to the session, because commands will look for them by their names.
    fn keep_by_name(&mut self, names: &[String]) -> Result<(), Halt> {
        let known = self.names();
        for name in names {
            if let Some(found) = known.visible(name)
                && let Some(value) = self.scope.remove::<Dynamic>(&found)
            {
                self.shared.set_variable(name, to_value(&value))?;
            }
        }
        Ok(())
    }

    /// Registers what a text calls.
    pub(super) fn prepare_calls(&mut self, lowered: &str, ast: &AST) {
        self.register_commands(lowered);
        members::register(&mut self.rhai, &self.shared, ast, &mut self.registered);
    }

    /// Registers the commands that a lowered text names, by their Rhai spelling.
    fn register_commands(&mut self, text: &str) {
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        for word in words.filter(|w| w.contains('_')) {
            let Some(command) = lower::unspelled(word) else { continue };
            // A function that the text itself makes is no command before it runs.
            let known = || {
                self.shared.session.registry.is_command(&command) || text.contains(&format!("_function(\"{command}\""))
            };
            if self.registered.contains(word) || !known() {
                continue;
            }
            self.registered.insert(word.to_string());
            for arity in 0..=ARITIES {
                let (shared, command) = (self.shared.clone(), command.clone());
                self.rhai.register_raw_fn(word, vec![TypeId::of::<Dynamic>(); arity], move |cx, args| {
                    commands::call(&shared, &cx, &command, args)
                });
            }
        }
    }

    /// The same for the modules that a text imports: nothing can be registered while it runs.
    fn register_imports(&mut self, ast: &AST, depth: usize) -> Result<(), Halt> {
        const DEEPEST: usize = 8;
        let mut imported = Vec::new();
        ast.walk(&mut |path: &[ASTNode]| {
            if let Some(ASTNode::Stmt(Stmt::Import(import, _))) = path.last()
                && let Expr::StringConstant(name, _) = &import.0
            {
                imported.push(name.to_string());
            }
            true
        });
        for name in imported {
            let file = modules::file(&self.folder.borrow(), &name);
            let Ok(text) = std::fs::read_to_string(file) else { continue };
            let names = ScriptNames::of_session(&self.shared.session);
            let parsed = crate::language::parse(&text, Mode::Rhai, &names);
            let lowered = lower::lower(&parsed, &text, &names);
            self.register_commands(&lowered.text);
            self.load_scripts(&lowered.text)?;
            if depth < DEEPEST
                && let Ok(ast) = self.rhai.compile(&lowered.text)
            {
                members::register(&mut self.rhai, &self.shared, &ast, &mut self.registered);
                self.register_imports(&ast, depth + 1)?;
            }
        }
        Ok(())
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // What makes a function, or a cmdlet of the library, holds what it runs in: without this neither would ever go,
        // nor the session with its open deployment.
        self.shared.library.borrow_mut().loaded.clear();
        self.shared.session.registry.undefine_all();
    }
}

/// Looks at limits and interrupts, between the steps of a script.
fn progress(shared: &Shared) -> Option<Dynamic> {
    if let Err(halt) = shared.session.check_interrupt() {
        return Some(Dynamic::from(Stop::Halt(halt)));
    }
    let done = shared.operations.get() + 1;
    shared.operations.set(done);
    if shared.limits.operations.is_some_and(|most| done > most) {
        return Some(Dynamic::from(Stop::Limit(errors::operations())));
    }
    // How deep calls may nest is a number; this holds whatever stands between them.
    if stack::is_low() {
        return Some(Dynamic::from(Stop::Limit(errors::too_deep())));
    }
    None
}

/// The error for a text that cannot run.
fn of_diagnostics(source: &Arc<Source>, diagnostics: &[Diagnostic]) -> ErrorRecord {
    match diagnostics.iter().find(|d| d.severity == Severity::Error) {
        Some(first) => {
            let error = ErrorRecord::new(first.id.clone(), Category::ParserError, first.message.clone());
            let error = match &first.hint {
                Some(hint) => error.hint(hint.clone()),
                None => error,
            };
            error.at(source, first.span)
        }
        None => ErrorRecord::new("RhaiSyntax", Category::ParserError, "The text cannot be read."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cmdlet::Host;

    struct Nobody;

    impl Host for Nobody {
        fn output(&self, _value: Value) {}
        fn message(&self, _message: Message) {}
    }

    /// Rule: a panic is an error with an id, and the session goes on.
    #[test]
    fn a_panic_is_an_error() {
        let mut engine = Engine::new(Rc::new(Session::new(Box::new(Nobody))));
        engine.rhai.register_fn("boom", || -> i64 { panic!("a defect") });
        engine.run("test", "let before = 5;", Mode::Rhai, &[]).unwrap();
        for text in ["boom()", "1..3 | ForEach-Object { 1 + boom() } 2> $null", "try { boom() } catch { }"] {
            let Err(Halt::Error(error)) = engine.run("test", text, Mode::Rhai, &[]) else { panic!("{text}") };
            assert_eq!(error.id(), "InternalError", "{text}");
        }
        engine
            .run("test", "if before != 5 { throw \"lost\"; } 1..3 | ForEach-Object { $_ + 1 }", Mode::Rhai, &[])
            .unwrap();
    }
}
