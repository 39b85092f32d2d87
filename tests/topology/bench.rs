//! A lab and commands on it, without a script around them: `Name -Parameter value …`.

use crate::support::remote::session_on;
use reeve::access::Principal;
use reeve::cmdlet::pipeline::{self, Argument, Invocation, Stage};
use reeve::cmdlet::run::NoBlocks;
use reeve::cmdlet::{Host, Message, Session};
use reeve::deployment::lab::{self, Lab};
use reeve::error::{Halt, Span};
use reeve::value::{Record, Value};
use std::cell::RefCell;
use std::rc::Rc;

/// What a command gave.
pub struct Given {
    pub objects: Vec<Value>,
    /// Ids of the errors, of the one that ended it too.
    pub errors: Vec<String>,
    /// Warnings and "What if:".
    pub texts: Vec<String>,
}

impl Given {
    /// The objects as records.
    pub fn records(&self) -> Vec<Record> {
        self.objects.iter().filter_map(|o| if let Value::Record(r) = o { Some(r.clone()) } else { None }).collect()
    }

    /// The text of a property of each object.
    pub fn texts_of(&self, property: &str) -> Vec<String> {
        self.records().iter().map(|r| text(&r.get(property).unwrap_or_default())).collect()
    }
}

/// A value as text; a list by its elements.
pub fn text(value: &Value) -> String {
    match value {
        Value::List(items) => items.iter().map(text).collect::<Vec<_>>().join(","),
        other => reeve::value::text::to_text(other).to_string(),
    }
}

#[derive(Clone, Default)]
struct Quiet(Rc<RefCell<Vec<Message>>>);

impl Host for Quiet {
    fn output(&self, _value: Value) {}
    fn message(&self, message: Message) {
        self.0.borrow_mut().push(message);
    }
}

/// A lab, gone when this is dropped.
pub struct Bench {
    pub folder: tempfile::TempDir,
    pub lab: Lab,
}

impl Bench {
    pub fn new() -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let lab = lab::create(&folder.path().join("lab")).unwrap();
        Bench { folder, lab }
    }

    /// Runs a command as the owner.
    pub fn run(&self, command: &str) -> Given {
        self.run_as(None, command)
    }

    /// Runs a command as a user.
    pub fn run_as(&self, user: Option<&str>, command: &str) -> Given {
        self.run_in(command, user, None)
    }

    /// Runs a command as a principal who need not be in the directory.
    pub fn run_for(&self, principal: &Principal, command: &str) -> Given {
        self.run_in(command, None, Some(principal))
    }

    fn run_in(&self, command: &str, user: Option<&str>, principal: Option<&Principal>) -> Given {
        let host = Quiet::default();
        let session = Session::new(Box::new(host.clone()));
        let session = match user {
            Some(user) => session.as_user(user),
            None => session,
        };
        let session = session_on(session, &self.lab.host, principal.cloned());
        let mut words = command.split_whitespace();
        let name = words.next().unwrap_or_default().to_string();
        let span = Span::default();
        let argument = |word: &str| match word.strip_prefix('-') {
            Some(name) => Argument::Named { name: name.to_string(), value: None, span },
            None => Argument::Positional { value: Value::str(word), span },
        };
        let arguments = words.map(argument).collect();
        let mut objects = Vec::new();
        let stages = vec![Stage::Command(Invocation { name, arguments, ..Invocation::default() })];
        let ended = pipeline::run(&session, &NoBlocks, None, stages, &mut |value| {
            objects.push(value);
            Ok(())
        });
        let mut errors = Vec::new();
        let mut texts = Vec::new();
        for message in host.0.borrow().iter() {
            match message {
                Message::Error(error) => errors.push(error.id().to_string()),
                Message::Warning(text) | Message::Information { text, .. } => texts.push(text.clone()),
                _ => {}
            }
        }
        if let Err(Halt::Error(error)) = ended {
            errors.push(error.id().to_string());
        }
        Given { objects, errors, texts }
    }

    /// The version of the store.
    pub fn version(&self) -> u64 {
        reeve::deployment::Deployment::open(&self.lab.host).unwrap().store().version().unwrap()
    }
}
