//! Sessions through a server: what a client and a server owe each other when one of them goes, waits, lies or dies.

mod calls;
mod faults;

use crate::support::remote::Server;
use reeve::access::Principal;
use reeve::cmdlet::pipeline::{self, Argument, Invocation, Stage};
use reeve::cmdlet::{Choice, Host, Message, NoBlocks, Session};
use reeve::deployment::lab::Temporary;
use reeve::error::{Halt, Source, Span};
use reeve::host::calls::Limits;
use reeve::value::Value;
use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

/// Keeps what is written, and answers questions with what it is given.
#[derive(Default)]
struct Person {
    messages: RefCell<Vec<Message>>,
    /// Questions that came.
    asked: RefCell<Vec<String>>,
    /// The choice for each question; nobody answers where there is none left.
    answers: RefCell<Vec<usize>>,
}

impl Host for Person {
    fn output(&self, _: Value) {}

    fn message(&self, message: Message) {
        self.messages.borrow_mut().push(message);
    }

    fn can_ask(&self) -> bool {
        !self.answers.borrow().is_empty()
    }

    fn choose(&self, _caption: &str, question: &str, _choices: &[Choice], _default: usize) -> Option<usize> {
        self.asked.borrow_mut().push(question.into());
        self.answers.borrow_mut().pop()
    }
}

/// A session through a server.
struct Remote {
    session: Session,
    person: Rc<Person>,
}

impl Remote {
    fn to(server: &Server) -> Remote {
        let person = Rc::new(Person::default());
        let session = Session::new(Box::new(person.clone())).through(Arc::new(server.link()));
        Remote { session, person }
    }

    /// Runs one command.
    fn run(&self, name: &str, parameters: &[(&str, Value)]) -> Result<Vec<Value>, Halt> {
        self.pipeline(vec![(name, parameters)])
    }

    fn pipeline(&self, commands: Vec<(&str, &[(&str, Value)])>) -> Result<Vec<Value>, Halt> {
        let mut objects = Vec::new();
        let source = Arc::new(Source { name: "test".into(), text: "the text of the command".into() });
        let stage = |(name, parameters): (&str, &[(&str, Value)])| {
            let named = |(name, value): &(&str, Value)| Argument::Named {
                name: (*name).to_string(),
                value: Some(value.clone()),
                span: Span::default(),
            };
            Stage::Command(Invocation {
                name: name.into(),
                arguments: parameters.iter().map(named).collect(),
                span: Span { start: 4, end: 8 },
                source: Some(source.clone()),
                ..Invocation::default()
            })
        };
        pipeline::run(&self.session, &NoBlocks, None, commands.into_iter().map(stage).collect(), &mut |value| {
            objects.push(value);
            Ok(())
        })?;
        Ok(objects)
    }

    /// The ids of the errors that were written.
    fn errors(&self) -> Vec<String> {
        let id = |message: &Message| match message {
            Message::Error(error) => Some(error.id().to_string()),
            _ => None,
        };
        self.person.messages.borrow().iter().filter_map(id).collect()
    }

    /// The id of the error that ends a command.
    fn fails(&self, name: &str, parameters: &[(&str, Value)]) -> String {
        match self.run(name, parameters) {
            Err(Halt::Error(error)) => error.id().to_string(),
            other => panic!("{name}: {other:?}"),
        }
    }
}

fn owner() -> Option<Principal> {
    Some(Principal::owner("owner"))
}

fn lab() -> Temporary {
    Temporary::new().expect("a lab")
}

fn server(host: &Path) -> Server {
    Server::start(host, owner(), Limits::default())
}
