//! A session whose output is kept.

use crate::support::remote::session_on;
use reeve::access::Principal;
use reeve::cmdlet::host::{Host, Message};
use reeve::cmdlet::registry::Registry;
use reeve::cmdlet::session::Session;
use reeve::deployment::lab::Temporary;
use reeve::error::Halt;
use reeve::language::Mode;
use reeve::script::{Engine, Limits};
use reeve::value::{Value, text::to_text};
use std::cell::RefCell;
use std::rc::Rc;

/// What a session put out.
#[derive(Default)]
pub struct Kept {
    pub values: RefCell<Vec<Value>>,
    pub messages: RefCell<Vec<Message>>,
}

pub struct KeptHost(pub Rc<Kept>);

impl Host for KeptHost {
    fn output(&self, value: Value) {
        self.0.values.borrow_mut().push(value);
    }
    fn message(&self, message: Message) {
        self.0.messages.borrow_mut().push(message);
    }
}

/// An engine with what it put out.
pub struct Shell {
    pub engine: Engine,
    pub kept: Rc<Kept>,
}

impl Shell {
    pub fn new() -> Shell {
        Shell::with(Registry::default(), Limits::for_stack(6 << 20))
    }

    pub fn with(registry: Registry, limits: Limits) -> Shell {
        let kept = Rc::new(Kept::default());
        let session = Rc::new(Session::with_registry(Box::new(KeptHost(kept.clone())), registry));
        Shell { engine: Engine::with_limits(session, limits), kept }
    }

    /// The owner's session on a lab.
    pub fn on(lab: &Temporary) -> Shell {
        let kept = Rc::new(Kept::default());
        let session = Session::new(Box::new(KeptHost(kept.clone())));
        let session = Rc::new(session_on(session, &lab.lab().host, Some(Principal::owner("owner"))));
        Shell { engine: Engine::with_limits(session, Limits::for_stack(6 << 20)), kept }
    }

    /// Runs a text; gives the texts of what it put out, and the ids of its errors.
    pub fn run(&mut self, text: &str, mode: Mode) -> (Vec<String>, Vec<String>) {
        self.kept.values.take();
        self.kept.messages.take();
        println!("{}", self.engine.check(text, mode).lowered);
        let result = self.engine.run("test", text, mode, &[]);
        let mut errors = self.errors();
        if let Err(halt) = &result {
            errors.push(match halt {
                Halt::Error(error) => {
                    println!("{error:?} at {:?}", error.place().map(|(source, span)| span.of(&source.text)));
                    error.fully_qualified_id()
                }
                other => format!("{other:?}"),
            });
        }
        (self.outputs(), errors)
    }

    /// The texts of what was put out.
    pub fn outputs(&self) -> Vec<String> {
        self.kept.values.borrow().iter().map(|v| to_text(v).to_string()).collect()
    }

    /// Warnings, and what -WhatIf said.
    pub fn said(&self) -> Vec<String> {
        let messages = self.kept.messages.borrow();
        let texts = messages.iter().filter_map(|m| match m {
            Message::Warning(text) | Message::Information { text, .. } => Some(text.clone()),
            _ => None,
        });
        texts.collect()
    }

    /// The ids of errors that were shown.
    pub fn errors(&self) -> Vec<String> {
        let messages = self.kept.messages.borrow();
        messages
            .iter()
            .filter_map(|m| match m {
                Message::Error(error) => {
                    println!("{error:?} at {:?}", error.place().map(|(source, span)| span.of(&source.text)));
                    Some(error.fully_qualified_id())
                }
                _ => None,
            })
            .collect()
    }
}

/// Runs on a thread with the stack that scripts need.
pub fn on_large_stack(run: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(run).expect("a thread");
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}
