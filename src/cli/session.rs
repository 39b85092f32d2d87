//! Makes the session of a command line from its options, and runs texts in it.

use super::arguments::{Common, Output};
use super::exit::Exit;
use super::route;
use super::terminal::Terminal;
use crate::access::{Role, Roles};
use crate::check;
use crate::cmdlet::pipeline::{self, Invocation, Stage};
use crate::cmdlet::run::Side;
use crate::cmdlet::session::HistoryEntry;
use crate::cmdlet::{Host, Message, NoBlocks, Session};
use crate::env::{Clock, SystemClock, bounds};
use crate::error::{Category, Diagnostic, ErrorRecord, Halt, Severity, Source, render};
use crate::language::Mode;
use crate::script::{Engine, Limits};
use crate::value::{Str, Value, enumerate, member, text::to_text};
use std::cell::{Cell, OnceCell, RefCell};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Operations of one text where nobody sits before it: some tens of seconds of pure script. Cmdlets and blocks that run
/// natively do not count.
const OPERATIONS: u64 = 1_000_000_000;

/// Time of one text where nobody sits before it: what runs for longer than a day does so by mistake.
const TIME: u64 = 86_400;

/// Bytes that one text writes where nobody sits before it: less than what fills a disk.
const OUTPUT: u64 = 8 << 30;

/// What the options say of a session.
#[derive(Clone, Debug)]
pub struct Options {
    /// The host directory or lab.
    pub directory: PathBuf,
    /// The directory was named, and is not the user's own.
    pub directory_named: bool,
    /// The server to talk to.
    pub connect: Option<String>,
    /// The file with a person's certificate.
    pub certificate: Option<PathBuf>,
    /// As whom; `None` is who runs the program.
    pub user: Option<String>,
    /// How objects are written.
    pub output: Output,
    /// Columns, if given.
    pub width: Option<usize>,
    /// With colours.
    pub color: bool,
    /// The verbose stream is shown.
    pub verbose: bool,
    /// Operations of one text; `None` without limit.
    pub max_operations: Option<u64>,
    /// Time of one text.
    pub time_limit: Option<Duration>,
    /// How deep calls may nest; `None` is as deep as the stack allows.
    pub max_depth: Option<usize>,
    /// Bytes that one text writes.
    pub max_output: Option<u64>,
}

impl Options {
    /// Those of somebody who sits before it and has Ctrl-C: only the limits that were given hold, for each line.
    #[must_use]
    pub fn interactive(common: &Common) -> Options {
        Options {
            max_operations: common.max_operations.filter(|most| *most > 0),
            time_limit: common.time_limit.filter(|time| *time > 0).map(Duration::from_secs),
            max_output: common.max_output.filter(|most| *most > 0),
            ..Options::from(common)
        }
    }
}

impl From<&Common> for Options {
    fn from(common: &Common) -> Options {
        let no_color = common.no_color || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Options {
            directory: common.dir.clone().unwrap_or_else(default_directory),
            directory_named: common.dir.is_some(),
            connect: common.connect.clone(),
            certificate: common.certificate.clone(),
            user: common.user.clone(),
            output: common.output,
            width: common.width.map(usize::from),
            color: !no_color && std::io::stderr().is_terminal(),
            verbose: common.verbose > 0,
            max_operations: Some(common.max_operations.unwrap_or(OPERATIONS)).filter(|most| *most > 0),
            time_limit: Some(Duration::from_secs(common.time_limit.unwrap_or(TIME))).filter(|time| !time.is_zero()),
            max_depth: common.max_depth.map(usize::from),
            max_output: Some(common.max_output.unwrap_or(OUTPUT)).filter(|most| *most > 0),
        }
    }
}

/// The user's data directory: `$XDG_DATA_HOME/reeve`, else `~/.local/share/reeve`.
fn default_directory() -> PathBuf {
    let data = std::env::var_os("XDG_DATA_HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share"));
    data.or_else(home).unwrap_or_else(|| PathBuf::from(".")).join("reeve")
}

/// A session with its engine and its outside: what every form that runs texts works with.
pub struct Shell {
    engine: Rc<RefCell<Engine>>,
    session: Rc<Session>,
    terminal: Rc<Terminal>,
    /// The text ended by `exit`.
    exits: Cell<bool>,
    /// What the prompt says of a remote session, once it is known.
    active: OnceCell<String>,
}

/// Makes the session that the options describe. The deployment is opened when something first asks for it.
pub fn open(options: &Options) -> Shell {
    let terminal = Rc::new(Terminal::new(options));
    let mut session = Session::new(Box::new(terminal.clone()));
    session = match route::find(options) {
        Some(link) => session.through(link),
        None => session.on(&options.directory),
    };
    if let Some(user) = &options.user {
        session = session.as_user(user.as_str());
    }
    let session = Rc::new(session);
    terminal.stops(session.interrupt.clone());
    if options.verbose {
        let shown = session.set_preference("VerbosePreference", &Value::str("Continue"));
        debug_assert!(shown.is_ok());
    }
    let fitting = Limits::for_stack(super::SCRIPT_STACK);
    let limits = Limits {
        operations: options.max_operations,
        time: options.time_limit,
        output: options.max_output,
        calls: options.max_depth.map_or(fitting.calls, |most| most.min(fitting.calls)),
        ..fitting
    };
    let engine = Rc::new(RefCell::new(Engine::with_limits(session.clone(), limits)));
    // Ctrl-C sets the flag, and whoever runs stops; a second one, before anybody saw the first, ends the process.
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        let flag = session.interrupt.clone();
        let registered = signal_hook::flag::register_conditional_shutdown(signal, 130, flag.clone())
            .and_then(|_| signal_hook::flag::register(signal, flag));
        if let Err(error) = registered {
            tracing::warn!(%error, signal, "the signal keeps its default action");
        }
    }
    // A file that may not grow is an error of whoever writes it; by itself the signal would end the session without a word.
    let limit = signal_hook::consts::SIGXFSZ;
    if let Err(error) = signal_hook::flag::register(limit, std::sync::Arc::default()) {
        tracing::warn!(%error, signal = limit, "the signal keeps its default action");
    }
    Shell { engine, session, terminal, exits: Cell::new(false), active: OnceCell::new() }
}

impl Shell {
    /// Checks a text, runs it, shows what stopped it, and gives the exit code.
    pub fn run(&mut self, source: &Arc<Source>, mode: Mode, words: &[String], checked: bool) -> Exit {
        let wrong = self.before_run(|| {
            let found = if checked { self.check(source, mode) } else { self.unreadable(source, mode) };
            self.show(source, &check::once(found, &source.text))
        });
        match wrong {
            Ok(false) => {}
            Ok(true) => return self.finish(Exit::USAGE),
            Err(exit) => return self.finish(exit),
        }
        let result = self.engine.borrow_mut().run(&source.name, &source.text, mode, words);
        let exit = self.outcome(result);
        self.finish(exit)
    }

    /// The same for a text of the command line: the value of an expression at its end is shown, as in the REPL.
    pub fn text(&mut self, source: &Arc<Source>) -> Exit {
        match self.before_run(|| self.show(source, &self.check(source, Mode::Rhai))) {
            Ok(false) => {}
            Ok(true) => return self.finish(Exit::USAGE),
            Err(exit) => return self.finish(exit),
        }
        let result = self.engine.borrow_mut().run_line(&source.name, &source.text);
        let exit = self.outcome(result);
        self.finish(exit)
    }

    /// Leaves what scripts left to the end of the process, which follows.
    pub fn abandon(&self) {
        if let Ok(mut engine) = self.engine.try_borrow_mut() {
            engine.abandon();
        }
    }

    /// The same for a line of the REPL: the value of an expression is shown, `None` means that the shell goes on.
    pub fn line(&mut self, source: &Arc<Source>) -> Option<Exit> {
        self.session.interrupt.store(false, Ordering::Relaxed);
        let again = match self.earlier_line(&source.text) {
            None => None,
            Some(Ok(text)) => {
                self.terminal.say(&text);
                Some(Arc::new(Source { name: source.name.clone(), text }))
            }
            Some(Err(error)) => {
                self.session.report(error);
                return None;
            }
        };
        let source = again.as_ref().unwrap_or(source);
        let start = SystemClock.now();
        let history = |succeeded| {
            let line = source.text.clone();
            self.session.add_history(HistoryEntry { line, succeeded, start, end: SystemClock.now() });
        };
        let seen = self.before_run(|| {
            let mut found = self.check(source, Mode::Rhai);
            if self.session.host.can_ask() {
                // Somebody is there who is asked for it.
                found.retain(|diagnostic| diagnostic.id != "MissingMandatoryParameter");
            }
            self.show(source, &found)
        });
        match seen {
            Ok(false) => {}
            Ok(true) => {
                // To be looked at, mended and typed again.
                history(false);
                return None;
            }
            Err(_) => {
                self.session.interrupt.store(false, Ordering::Relaxed);
                return None;
            }
        }
        if !self.session.transcripts().is_empty() {
            self.session.transcripts().write(&format!("{}> {}\n", self.prompt(), source.text));
        }
        let errors = self.session.errors().len();
        let result = self.engine.borrow_mut().run_line(&source.name, &source.text);
        let leaves = matches!(result, Err(Halt::Exit(_)));
        let exit = self.outcome(result);
        self.terminal.flush();
        self.session.interrupt.store(false, Ordering::Relaxed);
        let succeeded = exit == Exit::OK && self.session.errors().len() == errors;
        history(succeeded);
        leaves.then_some(exit)
    }

    /// The earlier line that `Invoke-History` alone on a line means: the last one, one by its number, or the last that
    /// begins so.
    fn earlier_line(&self, text: &str) -> Option<Result<String, ErrorRecord>> {
        let mut words = text.split_whitespace();
        let command = words.next()?;
        let names = ["Invoke-History", "ihy", "r"];
        if !names.iter().any(|name| name.eq_ignore_ascii_case(command)) {
            return None;
        }
        // `r = 5` is no command.
        let wanted = match (words.next(), words.next(), words.next()) {
            (None, ..) => None,
            (Some("-Id"), Some(wanted), None) | (Some(wanted), None, None) => Some(wanted),
            _ => return None,
        };
        let history = self.session.history();
        let found = match wanted.map(|wanted| (wanted, wanted.parse::<usize>())) {
            None => history.last(),
            Some((_, Ok(number))) => history.iter().find(|(id, _)| *id == number),
            Some((begins, Err(_))) => history.iter().rev().find(|(_, entry)| entry.line.starts_with(begins)),
        };
        Some(found.map(|(_, entry)| entry.line.clone()).ok_or_else(|| {
            let message = format!("There is no such command in the history: {}.", wanted.unwrap_or("it is empty"));
            ErrorRecord::new("InvokeHistoryNoHistoryForId", Category::ObjectNotFound, message)
                .hint("Get-History shows the commands with their numbers.")
        }))
    }

    /// Prints the Rhai that a text lowers to.
    pub fn lower(&self, source: &Arc<Source>, mode: Mode) -> Exit {
        let read = self.before_run(|| {
            let checked = self.engine.borrow().check(&source.text, mode);
            (self.show(source, &checked.diagnostics), checked.lowered)
        });
        let lowered = match read {
            Ok((false, lowered)) => lowered,
            Ok((true, _)) => return Exit::USAGE,
            Err(exit) => return self.finish(exit),
        };
        self.terminal.print(lowered.trim_end_matches('\n'));
        self.terminal.print("\n");
        self.finish(Exit::OK)
    }

    /// Does something with a text before it runs, within the limits of a run.
    ///
    /// # Errors
    /// The exit code, where it was stopped; what stopped it is shown.
    pub fn before_run<T>(&self, read: impl FnOnce() -> T) -> Result<T, Exit> {
        let read = self.engine.borrow().before_run(read);
        read.map_err(|halt| {
            let exit = self.outcome(Err(halt));
            self.terminal.flush();
            exit
        })
    }

    /// Everything that is wrong with a text, by position.
    pub fn check(&self, source: &Source, mode: Mode) -> Vec<Diagnostic> {
        let engine = self.engine.borrow();
        let checked = engine.check(&source.text, mode);
        let (registry, known) = (&self.session.registry, |name: &str| engine.has_variable(name));
        check::everything(&checked.parsed.script, &source.text, registry, &known, checked.diagnostics)
    }

    /// What keeps a text from being run even unchecked: nothing, or what the parser, the lowering and Rhai say.
    fn unreadable(&self, source: &Source, mode: Mode) -> Vec<Diagnostic> {
        let mut found = self.engine.borrow().check(&source.text, mode).diagnostics;
        found.retain(|diagnostic| diagnostic.severity == Severity::Error);
        found
    }

    /// The engine.
    pub fn engine(&self) -> Rc<RefCell<Engine>> {
        self.engine.clone()
    }

    /// The session.
    pub fn session(&self) -> &Rc<Session> {
        &self.session
    }

    /// The outside.
    pub fn terminal(&self) -> &Terminal {
        &self.terminal
    }

    /// Set by Ctrl-C.
    pub fn interrupt(&self) -> Arc<AtomicBool> {
        self.session.interrupt.clone()
    }

    /// Where modules of a script are looked for.
    pub fn modules_from(&mut self, folder: &Path) {
        self.engine.borrow_mut().set_folder(folder);
    }

    /// The prompt: the computer whose store the session manages.
    pub fn prompt(&self) -> String {
        let short = |computer: &str| format!("reeve {}", computer.split('.').next().unwrap_or_default());
        match self.session.link() {
            Some(link) if link.computer(Side::Server).is_some() => {
                short(&link.computer(Side::Server).unwrap_or_default())
            }
            // The server is asked once: a prompt must not wait for a network again and again.
            Some(link) => self.active.get().cloned().unwrap_or_else(|| match link.get("/v1/where") {
                Ok(place) => {
                    let computer = place["Active"].as_str().or(place["Computer"].as_str()).unwrap_or_default();
                    self.active.get_or_init(|| short(computer)).clone()
                }
                // Once a cmdlet has found the store the prompt says so.
                Err(_) => self.active.get_or_init(|| "reeve".to_string()).clone(),
            }),
            None => self.session.deployment().map_or_else(|_| "reeve".to_string(), |open| short(open.computer())),
        }
    }

    /// What keeps the deployment from being used, as text.
    pub fn problem(&self) -> Option<String> {
        let problem = match self.session.link() {
            Some(link) => link.get("/v1/where").err(),
            None => match self.session.deployment() {
                Err(Halt::Error(error)) => Some(error),
                _ => None,
            },
        };
        problem.map(|error| render::error(&error, self.terminal.style()))
    }

    /// The roles of the deployment: of a remote one as its server shows them.
    ///
    /// # Errors
    /// What keeps the deployment from answering.
    pub fn roles(&self) -> Result<Rc<Roles>, Halt> {
        if self.session.link().is_none() {
            return self.session.roles();
        }
        let mut custom = Vec::new();
        let stage = Stage::Command(Invocation { name: "Get-CsAdminRole".into(), ..Invocation::default() });
        pipeline::run(&self.session, &NoBlocks, None, vec![stage], &mut |role| {
            custom.extend(shown_role(&role));
            Ok(())
        })?;
        Ok(Rc::new(Roles::predefined().with(custom)))
    }

    /// Shows diagnostics; whether one of them keeps the text from running.
    pub fn show(&self, source: &Source, found: &[Diagnostic]) -> bool {
        for diagnostic in found {
            if bounds::stopped() {
                break;
            }
            self.terminal.say(render::diagnostic(diagnostic, source, self.terminal.style()).trim_end_matches('\n'));
        }
        found.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Shows what stopped a text; the exit code of that alone.
    fn outcome(&self, result: Result<(), Halt>) -> Exit {
        let Err(halt) = result else { return Exit::OK };
        let exit = Exit::of_halt(&halt);
        match halt {
            // It was stopped because nobody reads on: nothing went wrong.
            Halt::Interrupted if self.terminal.is_closed() => return Exit::OK,
            Halt::Error(error) => {
                self.session.remember_error(&error);
                self.terminal.message(Message::Error(error));
            }
            // A terminal shows ^C where the cursor stood.
            Halt::Interrupted if std::io::stderr().is_terminal() => self.terminal.say("\nInterrupted."),
            Halt::Interrupted => self.terminal.say("Interrupted."),
            Halt::Exit(_) => self.exits.set(true),
            Halt::Downstream(_) | Halt::Leave(_) => {}
        }
        exit
    }

    /// Prints what is left, and gives the exit code of the whole; `exit N` counts before the errors that were written.
    fn finish(&self, exit: Exit) -> Exit {
        self.terminal.flush();
        let exit = if self.terminal.has_failed() { exit.max(Exit::ERRORS) } else { exit };
        if self.exits.get() { exit } else { exit.max(Exit::of_code(self.session.exit_code())) }
    }
}

/// A custom role from the object that Get-CsAdminRole shows; `None` for a predefined one. What it may do where is left
/// out: nobody asks it of a script.
fn shown_role(role: &Value) -> Option<Role> {
    let get = |name: &str| member::get(role, name);
    if matches!(get("IsStandardRole"), Some(Value::Bool(true))) {
        return None;
    }
    let name = |element: Value| Some(to_text(&member::get(&element, "Name")?));
    let cmdlets: Vec<Str> = enumerate(get("Cmdlets")?).into_iter().filter_map(name).collect();
    Some(Role {
        name: to_text(&get("Identity")?),
        about: "".into(),
        sid: "".into(),
        standard: false,
        group: false,
        template: None,
        cmdlets: cmdlets.into(),
        script_modules: Vec::new(),
        config_scopes: Vec::new(),
        user_scopes: Vec::new(),
        version: 0,
    })
}
