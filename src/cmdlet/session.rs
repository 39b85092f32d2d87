//! A session: who it is, which deployment it works on, its preferences and its outside.

use super::context::Context;
use super::door::Door;
use super::host::{Host, Message};
use crate::deployment::Deployment;
use crate::error::{Category, ErrorRecord, Halt};
use std::cell::{OnceCell, RefCell};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// PowerShell's `$MaximumHistoryCount` of errors that `$Error` keeps.
const ERRORS_KEPT: usize = 256;

/// A session of one user on one deployment. It lives on one thread.
pub struct Session {
    /// The outside.
    pub host: Box<dyn Host>,
    /// Set by Ctrl-C; whoever stops because of it clears it.
    pub interrupt: Arc<AtomicBool>,
    errors: RefCell<VecDeque<ErrorRecord>>,
    /// The host directory or lab of the session, which the command line names.
    directory: Option<PathBuf>,
    deployment: OnceCell<Rc<Deployment>>,
    /// Whose session it is.
    pub(super) door: Door,
}

impl Session {
    /// A session with the outside given.
    pub fn new(host: Box<dyn Host>) -> Session {
        Session {
            host,
            interrupt: Arc::new(AtomicBool::new(false)),
            errors: RefCell::new(VecDeque::new()),
            directory: None,
            deployment: OnceCell::new(),
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

    /// Stops what runs if Ctrl-C was pressed.
    ///
    /// # Errors
    /// [`Halt::Interrupted`].
    pub fn check_interrupt(&self) -> Result<(), Halt> {
        if self.interrupt.load(Ordering::Relaxed) { Err(Halt::Interrupted) } else { Ok(()) }
    }

    /// Writes to a stream.
    pub fn write(&self, message: Message) {
        self.host.message(message);
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
            let message = "This session is on no deployment.";
            let error = ErrorRecord::new("NoDeployment", Category::ResourceUnavailable, message)
                .hint("Name one with --dir DIR, make one with reeve init DIR, or try things out with reeve lab.");
            return Err(Halt::Error(error));
        };
        // A failure is not kept: what kept it from opening may be over at the next command.
        let open = Rc::new(Deployment::open(directory)?);
        Ok(self.deployment.get_or_init(|| open).clone())
    }

    /// Keeps an error for `$Error`, the newest first.
    pub fn remember_error(&self, error: &ErrorRecord) {
        let mut errors = self.errors.borrow_mut();
        errors.push_front(error.clone());
        errors.truncate(ERRORS_KEPT);
    }

    /// The errors of the session, the newest first.
    pub fn errors(&self) -> Vec<ErrorRecord> {
        self.errors.borrow().iter().cloned().collect()
    }
}

/// -WhatIf and -Confirm of one change.
pub(super) fn should_process(cx: &mut Context, target: &str, action: &str) -> Result<bool, Halt> {
    if cx.common.what_if {
        cx.information(format!("What if: Performing the operation \"{action}\" on target \"{target}\"."));
        return Ok(false);
    }
    Ok(true)
}
