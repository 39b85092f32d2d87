//! A session: who it is, which deployment it works on, its preferences and its outside.

use super::door::Door;
use super::host::{Host, Message};
use super::preferences::Preferences;
use super::registry::Registry;
use super::remote::Link;
use super::streams::Streams;
use super::transcript::Transcripts;
use crate::deployment::Deployment;
use crate::env::bounds::{self, Reason};
use crate::env::shown;
use crate::error::{Call, Category, ErrorRecord, Halt, Source, Span};
use crate::value::{DateTime, Value};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// PowerShell's `$MaximumHistoryCount` of errors that `$Error` keeps.
const ERRORS_KEPT: usize = 256;

/// PowerShell's `$MaximumHistoryCount` of commands.
const HISTORY_KEPT: usize = 4096;

/// How often somebody who waits looks whether Ctrl-C was pressed: far below what people notice.
const LOOK: Duration = Duration::from_millis(10);

/// A session of one user on one deployment. It lives on one thread.
pub struct Session {
    /// The outside.
    pub host: Box<dyn Host>,
    /// Set by Ctrl-C; whoever stops because of it clears it.
    pub interrupt: Arc<AtomicBool>,
    /// The commands that the session knows.
    pub registry: Registry,
    errors: RefCell<VecDeque<ErrorRecord>>,
    preferences: RefCell<Preferences>,
    pub(super) streams: RefCell<Option<Rc<Streams>>>,
    succeeded: Cell<bool>,
    exit_code: Cell<i32>,
    history: RefCell<VecDeque<HistoryEntry>>,
    /// How many entries of the history were forgotten, so that the others keep their numbers.
    forgotten: Cell<usize>,
    transcripts: Rc<Transcripts>,
    next_stage: Cell<u64>,
    /// The functions of scripts that run, the outermost first; as many as calls may nest.
    calls: RefCell<Vec<Call>>,
    /// The host directory or lab of the session, which the command line names.
    directory: Option<PathBuf>,
    deployment: OnceCell<Rc<Deployment>>,
    /// Where its cmdlets run, if that is not here.
    link: Option<Arc<dyn Link>>,
    /// Whose session it is.
    pub(super) door: Door,
}

impl Session {
    /// A session with the outside given, and all cmdlets.
    pub fn new(host: Box<dyn Host>) -> Session {
        Session::with_registry(host, Registry::default())
    }

    /// A session with the commands given.
    pub fn with_registry(host: Box<dyn Host>, registry: Registry) -> Session {
        Session {
            host,
            interrupt: Arc::new(AtomicBool::new(false)),
            registry,
            errors: RefCell::new(VecDeque::new()),
            preferences: RefCell::default(),
            streams: RefCell::new(None),
            succeeded: Cell::new(true),
            exit_code: Cell::new(0),
            history: RefCell::default(),
            forgotten: Cell::new(0),
            transcripts: Rc::default(),
            next_stage: Cell::new(1),
            calls: RefCell::default(),
            directory: None,
            deployment: OnceCell::new(),
            link: None,
            door: Door::default(),
        }
    }

    /// The same on the deployment of a host directory or lab, which is opened at its first use.
    #[must_use]
    pub fn on(mut self, directory: impl Into<PathBuf>) -> Session {
        self.directory = Some(directory.into());
        self.deployment = OnceCell::new();
        self
    }

    /// The same on a deployment that is open.
    #[must_use]
    pub fn over(mut self, deployment: Rc<Deployment>) -> Session {
        self.deployment = OnceCell::from(deployment);
        self
    }

    /// The same with a server at the other end of a link, where its cmdlets run but those of the client.
    #[must_use]
    pub fn through(mut self, link: Arc<dyn Link>) -> Session {
        self.link = Some(link);
        self
    }

    /// The link to the server, of a remote session.
    pub fn link(&self) -> Option<&Arc<dyn Link>> {
        self.link.as_ref()
    }

    /// The host directory or lab that the session is on, of one that works in process.
    pub(super) fn place(&self) -> Option<PathBuf> {
        let open = || self.deployment.get().map(|open| open.directory().to_path_buf());
        self.directory.clone().or_else(open)
    }

    /// Stops what runs if Ctrl-C was pressed, or if it takes more than it may.
    ///
    /// # Errors
    /// [`Halt::Interrupted`]; `MemoryLimitExceeded`, `TimeLimitExceeded`, `OutputLimitExceeded`.
    pub fn check_interrupt(&self) -> Result<(), Halt> {
        if self.interrupt.load(Ordering::Relaxed) {
            return Err(Halt::Interrupted);
        }
        bounds::spent().map_or(Ok(()), |reason| Err(halt_of(reason)))
    }

    /// An error by its true reason, if that is a stop from outside: after Ctrl-C nobody asks what went wrong because of
    /// it. Other halts as they are.
    pub fn true_halt(&self, halt: Halt) -> Halt {
        match halt {
            Halt::Error(error) => match self.check_interrupt() {
                Err(halt) => halt,
                Ok(()) if error.is_stop() => Halt::Interrupted,
                Ok(()) => Halt::Error(error),
            },
            other => other,
        }
    }

    /// Lets go of what a run that did not come to its end had in force.
    pub fn forget_run(&self) {
        self.streams.replace(None);
    }

    /// Waits; Ctrl-C is felt at once.
    ///
    /// # Errors
    /// Those of [`Session::check_interrupt`].
    pub fn sleep(&self, length: Duration) -> Result<(), Halt> {
        let started = Instant::now();
        loop {
            self.check_interrupt()?;
            bounds::reason_now().map_or(Ok(()), |reason| Err(halt_of(reason)))?;
            let left = length.saturating_sub(started.elapsed());
            if left.is_zero() {
                return Ok(());
            }
            thread::sleep(left.min(LOOK));
        }
    }

    /// Writes to a stream: to where it is redirected, else to the host.
    pub fn write(&self, message: Message) {
        let streams = self.streams.borrow().clone();
        let Some(message) = Streams::pass(streams.as_ref(), message) else { return };
        if let Message::Error(error) = &message {
            self.note_exit(exit_code_of(error));
        }
        self.host.message(message);
    }

    /// Keeps a message for -ErrorVariable and its like without showing it.
    pub(super) fn keep(&self, message: &Message) {
        let streams = self.streams.borrow().clone();
        Streams::keep(streams.as_ref(), message);
    }

    /// Shows an error and keeps it for `$Error`: also a terminating one that nobody caught.
    pub fn report(&self, error: ErrorRecord) {
        self.remember_error(&error);
        self.write(Message::Error(error));
    }

    /// The value of a preference variable, its name in any case; `None` if there is none of that name.
    pub fn preference(&self, name: &str) -> Option<Value> {
        self.preferences.borrow().get(name)
    }

    /// Sets a preference variable; `false` if there is none of that name.
    ///
    /// # Errors
    /// `RuntimeException` where the value is none that the variable takes.
    pub fn set_preference(&self, name: &str, value: &Value) -> Result<bool, ErrorRecord> {
        let set = self.preferences.borrow_mut().set(name, value);
        shown::set_elements(self.preferences.borrow().elements);
        set
    }

    /// The preferences as they are now.
    pub fn preferences(&self) -> Preferences {
        self.preferences.borrow().clone()
    }

    /// Puts other preferences in force, and gives back those that were: for what a script block or function sets for
    /// itself.
    pub fn swap_preferences(&self, preferences: Preferences) -> Preferences {
        shown::set_elements(preferences.elements);
        self.preferences.replace(preferences)
    }

    /// `$?`: whether the last command went without an error.
    pub fn succeeded(&self) -> bool {
        self.succeeded.get()
    }

    /// Sets `$?`.
    pub fn set_succeeded(&self, succeeded: bool) {
        self.succeeded.set(succeeded);
    }

    /// The exit code so far: the highest of what was noted.
    pub fn exit_code(&self) -> i32 {
        self.exit_code.get()
    }

    /// Notes a reason for an exit code.
    pub fn note_exit(&self, code: i32) {
        self.exit_code.set(self.exit_code.get().max(code));
    }

    /// Adds a line to the history.
    pub fn add_history(&self, entry: HistoryEntry) {
        let mut history = self.history.borrow_mut();
        if history.len() >= HISTORY_KEPT {
            history.pop_front();
            self.forgotten.set(self.forgotten.get() + 1);
        }
        history.push_back(entry);
    }

    /// The history of the session with the numbers of its entries, the oldest first.
    pub fn history(&self) -> Vec<(usize, HistoryEntry)> {
        self.history.borrow().iter().cloned().enumerate().map(|(at, e)| (at + 1 + self.forgotten.get(), e)).collect()
    }

    /// Forgets the history.
    pub fn clear_history(&self) {
        let mut history = self.history.borrow_mut();
        self.forgotten.set(self.forgotten.get() + history.len());
        history.clear();
    }

    /// The transcripts of the session.
    pub fn transcripts(&self) -> &Rc<Transcripts> {
        &self.transcripts
    }

    /// A number that no other stage has.
    pub(super) fn new_stage(&self) -> u64 {
        let id = self.next_stage.get();
        self.next_stage.set(id + 1);
        id
    }

    /// The deployment, opened at its first use.
    ///
    /// # Errors
    /// `NoDeployment` and what else keeps a host directory from opening.
    pub fn deployment(&self) -> Result<Rc<Deployment>, Halt> {
        if let Some(open) = self.deployment.get() {
            return Ok(open.clone());
        }
        let Some(directory) = &self.directory else {
            if self.link.is_some() {
                let message = "The deployment of this session is at its server, not here.";
                return Err(ErrorRecord::new("SessionIsRemote", Category::InvalidOperation, message).into());
            }
            let message = "This session is on no deployment.";
            let error = ErrorRecord::new("NoDeployment", Category::ResourceUnavailable, message)
                .hint("Name one with --dir DIR, make one with reeve init DIR, or try things out with reeve lab.");
            return Err(Halt::Error(error));
        };
        // A failure is not kept: what kept it from opening may be over at the next command.
        let open = Rc::new(Deployment::open(directory)?);
        Ok(self.deployment.get_or_init(|| open).clone())
    }

    /// Empties `$Error`.
    pub fn clear_errors(&self) {
        self.errors.borrow_mut().clear();
    }

    /// Keeps an error for `$Error`, the newest first.
    pub fn remember_error(&self, error: &ErrorRecord) {
        let mut errors = self.errors.borrow_mut();
        errors.push_front(error.clone());
        errors.truncate(ERRORS_KEPT);
    }

    /// A function begins to run, called at a place.
    pub fn enter(&self, function: &str, place: Option<&(Arc<Source>, Span)>) {
        let mut calls = self.calls.borrow_mut();
        let rank = 2 * (calls.len() + 1);
        calls.push(Call { function: function.to_string(), place: place.cloned(), rank });
    }

    /// The function that began last no longer runs; gives its call, for going back into it.
    pub fn leave(&self) -> Option<Call> {
        self.calls.borrow_mut().pop()
    }

    /// Back into a function that something was put out of.
    pub fn enter_again(&self, call: Option<Call>) {
        self.calls.borrow_mut().extend(call);
    }

    /// How many functions of scripts run.
    pub fn call_depth(&self) -> usize {
        self.calls.borrow().len()
    }

    /// An error with the calls that are around it now, unless it has them already.
    pub fn with_calls(&self, error: ErrorRecord) -> ErrorRecord {
        error.within(&self.calls.borrow())
    }

    /// The errors of the session, the newest first.
    pub fn errors(&self) -> Vec<ErrorRecord> {
        self.errors.borrow().iter().cloned().collect()
    }
}

fn halt_of(reason: Reason) -> Halt {
    let limit = |id: &'static str, message: &str, hint: &str| {
        Halt::Error(ErrorRecord::new(id, Category::LimitsExceeded, message).hint(hint))
    };
    match reason {
        Reason::Interrupted => Halt::Interrupted,
        Reason::Memory => limit(
            "MemoryLimitExceeded",
            "What runs fills more memory than it may.",
            "Let objects flow through a pipeline one by one, instead of collecting them; --max-memory allows more.",
        ),
        Reason::Time => limit(
            "TimeLimitExceeded",
            "The script was stopped: it ran for longer than it may.",
            "--time-limit allows more.",
        ),
        Reason::Data => limit(
            "DataSizeExceeded",
            "A value would become larger, or nested deeper, than a script may hold.",
            "Take it in pieces.",
        ),
        Reason::Output => limit(
            "OutputLimitExceeded",
            "The script was stopped: it wrote more than it may.",
            "--max-output allows more.",
        ),
    }
}

/// A line that was run.
#[derive(Clone, Debug)]
pub struct HistoryEntry {
    /// What was typed.
    pub line: String,
    /// It went without an error.
    pub succeeded: bool,
    /// When it began.
    pub start: DateTime,
    /// When it ended.
    pub end: DateTime,
}

/// The exit code that an error which is shown stands for.
pub fn exit_code_of(error: &ErrorRecord) -> i32 {
    match error.category() {
        Category::PermissionDenied => 3,
        Category::ResourceUnavailable => 4,
        _ => 1,
    }
}
