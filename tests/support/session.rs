//! A session on a lab of its own, and pipelines of commands run in it without a script engine.

use super::remote::session_on;
use reeve::access::Principal;
use reeve::cmdlet::pipeline::{self, Argument, Invocation, Stage};
use reeve::cmdlet::{Host, Message, NoBlocks, Session};
use reeve::deployment::lab::Temporary;
use reeve::error::{Halt, Span};
use reeve::value::member::get;
use reeve::value::text::to_text;
use reeve::value::{Table, Value};
use std::cell::RefCell;
use std::rc::Rc;

/// Keeps what is written to the streams.
#[derive(Default)]
pub struct Quiet(Rc<RefCell<Vec<Message>>>);

impl Host for Quiet {
    fn output(&self, _: Value) {}
    fn message(&self, message: Message) {
        self.0.borrow_mut().push(message);
    }
}

/// A lab that is gone with this value, and its owner's session.
pub struct Lab {
    /// Where it is.
    pub lab: Temporary,
    /// The owner's session.
    pub session: Session,
    messages: Rc<RefCell<Vec<Message>>>,
}

/// A command of a pipeline: its name, and its parameters by name.
pub type Command<'a> = (&'a str, &'a [(&'a str, Value)]);

/// What a pipeline gave.
#[derive(Debug)]
pub struct Outcome {
    /// Its objects.
    pub objects: Vec<Value>,
    /// Ids of its errors: written ones, then the one that ended it.
    pub errors: Vec<String>,
    /// Its warnings, and what -WhatIf said.
    pub said: Vec<String>,
}

impl Lab {
    /// A new lab.
    pub fn new() -> Lab {
        let lab = Temporary::new().expect("a lab");
        let messages = Rc::default();
        let session = Session::new(Box::new(Quiet(Rc::clone(&messages))));
        Lab { session: session_on(session, &lab.lab().host, Some(Principal::owner("owner"))), lab, messages }
    }

    /// The same lab in the hands of one of its users.
    pub fn for_user(self, user: &str) -> Lab {
        let messages = Rc::default();
        let session = Session::new(Box::new(Quiet(Rc::clone(&messages)))).as_user(user);
        let session = session_on(session, &self.lab.lab().host, None);
        Lab { session, lab: self.lab, messages }
    }

    /// Runs a pipeline on objects that are given.
    pub fn feed(&self, input: Vec<Value>, commands: &[Command]) -> Outcome {
        self.messages.borrow_mut().clear();
        let mut objects = Vec::new();
        let mut sink = |value| {
            objects.push(value);
            Ok(())
        };
        let fed = !input.is_empty();
        let mut input = input.into_iter().map(Ok);
        let input = fed.then_some(&mut input as &mut dyn Iterator<Item = Result<Value, Halt>>);
        let stages = commands.iter().map(|(name, parameters)| stage(name, parameters)).collect();
        let ended = pipeline::run(&self.session, &NoBlocks, input, stages, &mut sink);
        let (mut errors, mut said) = (Vec::new(), Vec::new());
        for message in self.messages.borrow().iter() {
            match message {
                Message::Error(error) => errors.push(error.id().to_string()),
                Message::Warning(text) | Message::Information { text, .. } => said.push(text.clone()),
                _ => {}
            }
        }
        match ended {
            Ok(()) => {}
            Err(Halt::Error(error)) => errors.push(error.id().to_string()),
            Err(other) => errors.push(format!("{other:?}")),
        }
        Outcome { objects, errors, said }
    }

    /// Runs a pipeline.
    pub fn run(&self, commands: &[Command]) -> Outcome {
        self.feed(Vec::new(), commands)
    }

    /// Runs a command that must go well.
    pub fn ok(&self, name: &str, parameters: &[(&str, Value)]) -> Vec<Value> {
        let outcome = self.run(&[(name, parameters)]);
        assert!(outcome.errors.is_empty(), "{name}: {:?}", outcome.errors);
        outcome.objects
    }

    /// Runs a command that must fail, with the id of its one error.
    pub fn fails(&self, name: &str, parameters: &[(&str, Value)]) -> String {
        let outcome = self.run(&[(name, parameters)]);
        assert_eq!(outcome.errors.len(), 1, "{name}: {outcome:?}");
        outcome.errors[0].clone()
    }

    /// The version of the store.
    pub fn version(&self) -> u64 {
        let deployment = self.session.deployment().expect("open");
        deployment.store().version().expect("read")
    }
}

fn stage(name: &str, parameters: &[(&str, Value)]) -> Stage {
    let named = |(name, value): &(&str, Value)| Argument::Named {
        name: (*name).to_string(),
        value: Some(value.clone()),
        span: Span::default(),
    };
    let arguments = parameters.iter().map(named).collect();
    Stage::Command(Invocation { name: name.into(), arguments, ..Invocation::default() })
}

/// A text.
pub fn s(text: &str) -> Value {
    Value::str(text)
}

/// `@{key = value}`.
pub fn table(key: &str, value: impl Into<Value>) -> Value {
    Value::Map(Table::from_entries(false, [(s(key), value.into())]))
}

/// The text of a property.
pub fn text(value: &Value, property: &str) -> String {
    let value = get(value, property).unwrap_or_else(|| panic!("no {property}"));
    let items = reeve::value::enumerate::enumerate(value);
    items.iter().map(|item| to_text(item).to_string()).collect::<Vec<_>>().join(", ")
}
