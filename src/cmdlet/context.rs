//! What a running cmdlet has in its hands: its parameters, its streams, the session.

use super::confirm;
use super::host::{Message, Progress};
use super::preferences::Impact;
use super::run::BlockRunner;
use super::session::Session;
use crate::access::Place;
use crate::deployment::Deployment;
use crate::error::{ErrorRecord, Halt, Source, Span};
use crate::store::Grant;
use crate::value::{Str, Value, same_name, text};
use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::sync::Arc;

/// The parameter by which a cmdlet reads the replica of the computer where it runs.
pub const LOCAL_STORE: &str = "LocalStore";

/// The parameters of a cmdlet as bound for the object at hand.
#[derive(Clone, Debug, Default)]
pub struct Bound {
    /// The parameter set in force.
    pub set: Option<Str>,
    /// Parameters with their values after conversion, by name.
    pub values: Vec<(Str, Value)>,
    input: Input,
}

/// Where the object from the pipeline is.
#[derive(Clone, Debug, Default)]
enum Input {
    /// There is none.
    #[default]
    None,
    /// Here.
    Own(Value),
    /// It is the value of the parameter at this place, whole.
    Whole(usize),
}

impl Bound {
    /// Parameters with their values, for an object from the pipeline if there is one.
    pub fn new(set: Option<Str>, values: Vec<(Str, Value)>, input: Option<Value>) -> Bound {
        Bound { set, values, input: input.map_or(Input::None, Input::Own) }
    }

    /// The object from the pipeline.
    pub fn input(&self) -> Option<&Value> {
        match &self.input {
            Input::None => None,
            Input::Own(value) => Some(value),
            Input::Whole(at) => self.values.get(*at).map(|(_, value)| value),
        }
    }

    /// The parameter that the object from the pipeline is the value of, whole.
    pub(super) fn input_parameter(&self) -> Option<&Str> {
        match &self.input {
            Input::Whole(at) => self.values.get(*at).map(|(name, _)| name),
            _ => None,
        }
    }

    /// The object from the pipeline is the value of this parameter.
    pub(super) fn set_input_parameter(&mut self, name: &str) {
        if let Some(at) = self.values.iter().position(|(known, _)| same_name(known, name)) {
            self.input = Input::Whole(at);
        }
    }

    /// Another object from the pipeline, for the same values.
    pub fn set_input(&mut self, input: Option<Value>) {
        self.input = input.map_or(Input::None, Input::Own);
    }

    /// Another object from the pipeline, which is the value of a parameter as well: of the last one, if it is among the
    /// values already.
    pub fn set_input_whole(&mut self, parameter: &Str, input: Value) {
        match self.values.last_mut() {
            Some((name, value)) if Arc::ptr_eq(name, parameter) => *value = input,
            _ => self.values.push((parameter.clone(), input)),
        }
        self.input = Input::Whole(self.values.len() - 1);
    }

    /// The value of a parameter, if it was bound.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(n, _)| same_name(n, name)).map(|(_, value)| value)
    }

    /// Whether a switch was given and is not `$false`.
    pub fn switch(&self, name: &str) -> bool {
        matches!(self.get(name), Some(Value::Bool(true)))
    }
}

/// What -ErrorAction, -WarningAction and the like say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Action {
    /// Show it and go on.
    #[default]
    Continue,
    /// Do not show it.
    SilentlyContinue,
    /// Do not show it, do not keep it.
    Ignore,
    /// Make it terminating.
    Stop,
    /// Ask.
    Inquire,
}

/// The common parameters of one command, after the preferences of the session.
#[derive(Clone, Debug, Default)]
pub struct Common {
    /// -Verbose.
    pub verbose: bool,
    /// -Debug.
    pub debug: bool,
    /// -ErrorAction.
    pub error_action: Action,
    /// -WarningAction.
    pub warning_action: Action,
    /// -InformationAction.
    pub information_action: Action,
    /// -ProgressAction.
    pub progress_action: Action,
    /// -WhatIf.
    pub what_if: bool,
    /// -Confirm: `Some(false)` is -Confirm:$false.
    pub confirm: Option<bool>,
    /// -Force of a cmdlet that has it: suppresses its own question.
    pub force: bool,
}

/// What a running cmdlet has in its hands.
pub struct Context<'a> {
    /// The session.
    pub session: &'a Session,
    /// Runs script blocks.
    pub blocks: &'a dyn BlockRunner,
    /// The cmdlet's name, for messages.
    pub command: &'a str,
    /// Common parameters.
    pub common: &'a Common,
    /// The parameters as bound, for the audit.
    pub bound: &'a Bound,
    /// Where the command stands in the text.
    pub place: Option<&'a (Arc<Source>, Span)>,
    /// Where its objects go: the next stage, or what takes the pipeline's output.
    pub sink: &'a mut dyn FnMut(Value) -> Result<(), Halt>,
    /// What the pipeline keeps of the stage between objects.
    pub(super) stage: &'a StageMarks,
}

/// What the pipeline keeps of a stage between objects.
#[derive(Debug, Default)]
pub(super) struct StageMarks {
    /// Tells the stage from all others of the session.
    pub id: u64,
    /// It wrote an error.
    pub failed: Cell<bool>,
    /// What was answered for all questions to come.
    pub answer: Cell<Answer>,
}

/// An answer that holds for the questions to come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Answer {
    #[default]
    Ask,
    YesToAll,
    NoToAll,
}

/// One invocation of a function or script: what its body asks for through `$PSCmdlet`.
#[derive(Debug)]
pub struct Invoked {
    command: String,
    common: Common,
    bound: RefCell<Bound>,
    impact: Impact,
    marks: StageMarks,
    place: Option<(Arc<Source>, Span)>,
}

impl Invoked {
    /// The invocation of a command with its common parameters.
    pub fn new(session: &Session, command: impl Into<String>, common: Common, bound: Bound) -> Invoked {
        let marks = StageMarks { id: session.new_stage(), ..StageMarks::default() };
        let bound = RefCell::new(bound);
        Invoked { command: command.into(), common, bound, impact: Impact::Medium, marks, place: None }
    }

    /// The same called at a place.
    #[must_use]
    pub fn at(mut self, place: Option<&(Arc<Source>, Span)>) -> Invoked {
        self.place = place.cloned();
        self
    }

    /// Where it was called.
    pub fn place(&self) -> Option<&(Arc<Source>, Span)> {
        self.place.as_ref()
    }

    /// The parameters that it was given, with their values.
    pub fn given(&self) -> Vec<(Str, Value)> {
        self.bound.borrow().values.clone()
    }

    /// The same with changes of another weight (`ConfirmImpact`).
    #[must_use]
    pub fn weighing(mut self, impact: Impact) -> Invoked {
        self.impact = impact;
        self
    }

    /// How much its changes weigh.
    pub fn impact(&self) -> Impact {
        self.impact
    }

    /// The function's name.
    pub fn command(&self) -> &str {
        &self.command
    }

    /// The parameter set in force.
    pub fn set(&self) -> Option<Str> {
        self.bound.borrow().set.clone()
    }

    /// Puts the parameters of the next object of the pipeline in force.
    pub fn bind(&self, bound: &Bound) {
        self.bound.replace(bound.clone());
    }

    /// Does something with the context that a cmdlet in its place would have.
    pub fn with<R>(
        &self,
        session: &Session,
        blocks: &dyn BlockRunner,
        sink: &mut dyn FnMut(Value) -> Result<(), Halt>,
        act: impl FnOnce(&mut Context) -> R,
    ) -> R {
        let bound = self.bound.borrow().clone();
        let (command, common) = (&*self.command, &self.common);
        act(&mut Context { session, blocks, command, common, bound: &bound, place: None, sink, stage: &self.marks })
    }
}

impl Context<'_> {
    /// Hands an object to the next stage.
    ///
    /// # Errors
    /// What the stages behind it stop with; hand it on with `?`.
    pub fn output(&mut self, value: impl Into<Value>) -> Result<(), Halt> {
        self.session.check_interrupt()?;
        (self.sink)(value.into())
    }

    /// What to return as an error to stop the stages before this one, because it wants no more objects: those behind
    /// it end as usual.
    pub fn stop_upstream(&self) -> Halt {
        Halt::Downstream(self.stage.id)
    }

    /// Writes a non-terminating error and goes on, or stops if -ErrorAction says so.
    ///
    /// # Errors
    /// The error itself under -ErrorAction Stop.
    pub fn error(&mut self, error: ErrorRecord) -> Result<(), Halt> {
        self.session.check_interrupt()?;
        let mut error = error.of_command(self.command.to_string());
        if let Some((source, span)) = self.place {
            error = error.at(source, *span);
        }
        let error = self.session.with_calls(error);
        self.stage.failed.set(true);
        match self.common.error_action {
            Action::Stop => return Err(Halt::Error(error.stopping())),
            Action::Ignore => {}
            Action::SilentlyContinue => {
                self.session.remember_error(&error);
                self.session.keep(&Message::Error(error));
            }
            Action::Continue => self.session.report(error),
            Action::Inquire => {
                let stop = confirm::inquire(self.session, error.message())?;
                if stop {
                    return Err(Halt::Error(error.stopping()));
                }
                self.session.report(error);
            }
        }
        Ok(())
    }

    /// Shows an error that was asked about already where it arose.
    pub(super) fn report(&mut self, error: ErrorRecord) {
        let mut error = error.of_command(self.command.to_string());
        if let Some((source, span)) = self.place {
            error = error.at(source, *span);
        }
        self.stage.failed.set(true);
        self.session.report(error);
    }

    /// Writes a warning. -WarningAction Stop and Inquire show it, like Continue.
    pub fn warning(&mut self, text: impl Into<String>) {
        let message = Message::Warning(text.into());
        match self.common.warning_action {
            Action::Continue | Action::Inquire | Action::Stop => self.session.write(message),
            Action::SilentlyContinue => self.session.keep(&message),
            Action::Ignore => {}
        }
    }

    /// Writes to the verbose stream, shown with -Verbose.
    pub fn verbose(&mut self, text: impl Into<String>) {
        if self.common.verbose {
            self.session.write(Message::Verbose(text.into()));
        }
    }

    /// Writes to the debug stream, shown with -Debug.
    pub fn debug(&mut self, text: impl Into<String>) {
        if self.common.debug {
            self.session.write(Message::Debug(text.into()));
        }
    }

    /// Writes to the information stream, always shown.
    pub fn information(&mut self, text: impl Into<String>) {
        self.session.write(Message::Information {
            text: text.into(),
            no_newline: false,
            foreground: None,
            background: None,
        });
    }

    /// Writes to the information stream as -InformationAction says: for Write-Information, which is silent unless it is
    /// asked to speak.
    pub fn information_if_wanted(&mut self, text: impl Into<String>) {
        let message = Message::Information { text: text.into(), no_newline: false, foreground: None, background: None };
        match self.common.information_action {
            Action::Continue | Action::Inquire | Action::Stop => self.session.write(message),
            Action::SilentlyContinue => self.session.keep(&message),
            Action::Ignore => {}
        }
    }

    /// Shows progress.
    pub fn progress(&mut self, progress: Progress) {
        if !matches!(self.common.progress_action, Action::SilentlyContinue | Action::Ignore) {
            self.session.write(Message::Progress(progress));
        }
    }

    /// The bytes of the file that a parameter names, of at most `most`. It lies where whoever gave the command sits, so
    /// a path means nothing here; the parameter stands in [`super::Cmdlet::FILES`].
    ///
    /// # Errors
    /// Those of the system there; `NotFound` where the parameter is not bound; `FileTooLarge`.
    pub fn read_file(&self, parameter: &str, most: u64) -> io::Result<Vec<u8>> {
        let path = self.path(parameter)?;
        self.session.host.read_file(parameter, &path, most)
    }

    /// Writes the file that a parameter names, in place of one that is there. The same holds as for
    /// [`Context::read_file`].
    ///
    /// # Errors
    /// Those of the system there.
    pub fn write_file(&self, parameter: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(parameter)?;
        self.session.host.write_file(parameter, &path, bytes)
    }

    /// Tries whether the file that a parameter names can be written, and leaves what is there as it is.
    ///
    /// # Errors
    /// As of [`Context::write_file`].
    pub fn try_file(&self, parameter: &str) -> io::Result<()> {
        let path = self.path(parameter)?;
        self.session.host.try_file(parameter, &path)
    }

    fn path(&self, parameter: &str) -> io::Result<Str> {
        let named = self.bound.get(parameter).filter(|path| !path.is_null()).map(text::to_text);
        named.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, format!("-{parameter} names no file")))
    }

    /// The deployment of the session, opened at its first use; with -LocalStore as this computer's replica has it.
    ///
    /// # Errors
    /// `NoDeployment` and what else keeps a host directory from opening; `NoReplica` with -LocalStore where there is none.
    pub fn deployment(&self) -> Result<Rc<Deployment>, Halt> {
        let deployment = self.session.deployment()?;
        if self.bound.switch(LOCAL_STORE) { Ok(deployment.local()?) } else { Ok(deployment) }
    }

    /// Asks whether the principal may run this cmdlet at a place; the grant is what a change of the store takes.
    /// The answer, and a refusal too, goes into the audit log.
    ///
    /// # Errors
    /// `AccessDenied`, naming the roles that would do.
    pub fn authorize(&mut self, place: &Place) -> Result<Grant, Halt> {
        self.session.authorize(self.command, self.bound, place)
    }

    /// Whether the principal may see what lies at a place with this cmdlet: for leaving out of an output what is not
    /// in the scope of its roles.
    ///
    /// # Errors
    /// What keeps the deployment from answering.
    pub fn may_see(&mut self, place: &Place) -> Result<bool, Halt> {
        self.session.may(self.command, place)
    }

    /// Whether to do what changes `target`: no under -WhatIf (and says so), asks under -Confirm.
    ///
    /// # Errors
    /// `PromptNotAvailable` where somebody must be asked and nobody can be.
    pub fn should_process(&mut self, target: &str, action: &str) -> Result<bool, Halt> {
        self.should_process_at(Impact::Medium, target, action)
    }

    /// The same for a change of another weight: it is asked by itself at or above `$ConfirmPreference`.
    ///
    /// # Errors
    /// `PromptNotAvailable`.
    pub fn should_process_at(&mut self, impact: Impact, target: &str, action: &str) -> Result<bool, Halt> {
        confirm::should_process(self, impact, target, action)
    }

    /// The same in the words of whoever changes something: what -WhatIf and -Verbose say, the question, and what
    /// stands above it.
    ///
    /// # Errors
    /// `PromptNotAvailable`.
    pub fn should_process_in_words(
        &mut self,
        impact: Impact,
        description: &str,
        question: &str,
        caption: &str,
    ) -> Result<bool, Halt> {
        confirm::in_words(self, impact, description, question, caption)
    }

    /// A cmdlet's own question, which -Force answers with yes.
    ///
    /// # Errors
    /// `PromptNotAvailable`.
    pub fn should_continue(&mut self, caption: &str, question: &str) -> Result<bool, Halt> {
        confirm::should_continue(self, caption, question)
    }

    /// A question that neither -Force nor -Confirm answers. The hint says how to be asked none, where nobody can be asked.
    ///
    /// # Errors
    /// `PromptNotAvailable`.
    pub fn should_continue_always(&mut self, caption: &str, question: &str, hint: &str) -> Result<bool, Halt> {
        confirm::always(self, caption, question, hint)
    }
}
