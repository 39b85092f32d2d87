//! Runs one cmdlet, or a few in a pipeline, for unit tests: script blocks are Rust closures.

use crate::cmdlet::pipeline::{self, Argument, Invocation, Stage};
use crate::cmdlet::{BlockRunner, Host, Message, Session};
use crate::error::{ErrorRecord, Halt, Span};
use crate::value::{Block, BlockBody, Record, Table, Value, json, text, truth};
use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// What came of a pipeline.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What it put out.
    pub values: Vec<Value>,
    /// Ids of the errors that were written.
    pub errors: Vec<String>,
    /// Id of the error that ended it.
    pub stopped: Option<String>,
    /// Texts on other streams, with the stream's name before them.
    pub texts: Vec<String>,
    /// Variables that were set.
    pub variables: HashMap<String, Value>,
}

impl Outcome {
    /// Its output as one line of JSON each.
    pub fn json(&self) -> Vec<String> {
        self.values.iter().map(|value| json::to_json(value).to_string()).collect()
    }

    /// The texts of its output.
    pub fn shown(&self) -> Vec<String> {
        self.values.iter().map(|value| text::to_text(value).to_string()).collect()
    }
}

#[derive(Default, Clone)]
struct Quiet(Rc<RefCell<Vec<Message>>>);

impl Host for Quiet {
    fn output(&self, _value: Value) {}
    fn message(&self, message: Message) {
        self.0.borrow_mut().push(message);
    }
    fn width(&self) -> usize {
        80
    }
}

type Body = dyn Fn(&Value) -> Result<Vec<Value>, ErrorRecord> + Send + Sync;

struct Native(&'static str, Box<Body>);

impl BlockBody for Native {
    fn text(&self) -> &str {
        self.0
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A script block with a text and what it does with `$_`.
pub fn block<F>(text: &'static str, body: F) -> Value
where
    F: Fn(&Value) -> Result<Vec<Value>, ErrorRecord> + Send + Sync + 'static,
{
    Value::Block(Block(Arc::new(Native(text, Box::new(body)))))
}

/// A script block that gives one value.
pub fn expression<V: Into<Value>>(body: impl Fn(&Value) -> V + Send + Sync + 'static) -> Value {
    block("…", move |item| Ok(vec![body(item).into()]))
}

#[derive(Default)]
struct Blocks(RefCell<HashMap<String, Value>>);

impl BlockRunner for Blocks {
    fn run(
        &self,
        block: &Block,
        item: Option<&Value>,
        _args: &[Value],
        sink: &mut dyn FnMut(Value) -> Result<(), Halt>,
    ) -> Result<(), Halt> {
        let Some(native) = block.0.as_any().downcast_ref::<Native>() else { return Ok(()) };
        (native.1)(item.unwrap_or(&Value::Null))?.into_iter().try_for_each(sink)
    }

    fn test(&self, block: &Block, item: &Value) -> Result<bool, Halt> {
        let mut outputs = Vec::new();
        self.run(block, Some(item), &[], &mut |value| {
            outputs.push(value);
            Ok(())
        })?;
        Ok(truth::is_true(&Value::from_outputs(outputs)))
    }

    fn variable(&self, name: &str) -> Option<Value> {
        self.0.borrow().get(name).cloned()
    }

    fn set_variable(&self, name: &str, value: Value) {
        self.0.borrow_mut().insert(name.into(), value);
    }
}

/// One command: its name and its arguments, in which `-Name` is a parameter.
pub struct Command(Invocation);

/// A command without arguments.
pub fn command(name: &str) -> Command {
    Command(Invocation { name: name.into(), ..Invocation::default() })
}

impl Command {
    /// A positional argument.
    pub fn arg(mut self, value: impl Into<Value>) -> Command {
        self.0.arguments.push(Argument::Positional { value: value.into(), span: Span::default() });
        self
    }

    /// A parameter with its value.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Command {
        let value = Some(value.into());
        self.0.arguments.push(Argument::Named { name: name.into(), value, span: Span::default() });
        self
    }

    /// A switch.
    pub fn on(mut self, name: &str) -> Command {
        self.0.arguments.push(Argument::Named { name: name.into(), value: None, span: Span::default() });
        self
    }
}

/// Runs commands in a pipeline, fed with objects, or with nothing at all.
pub fn pipe(input: Option<Vec<Value>>, commands: Vec<Command>) -> Outcome {
    pipe_in(|session| session, input, commands)
}

/// The same in a session that is made of a plain one.
pub fn pipe_in(make: impl FnOnce(Session) -> Session, input: Option<Vec<Value>>, commands: Vec<Command>) -> Outcome {
    let host = Quiet::default();
    let session = make(Session::new(Box::new(host.clone())));
    let blocks = Blocks::default();
    let mut outcome = Outcome::default();
    let stages = commands.into_iter().map(|command| Stage::Command(command.0)).collect();
    let mut objects = input.map(|input| input.into_iter().map(Ok::<Value, Halt>));
    let result = pipeline::run(
        &session,
        &blocks,
        objects.as_mut().map(|objects| objects as &mut dyn Iterator<Item = Result<Value, Halt>>),
        stages,
        &mut |value| {
            outcome.values.push(value);
            Ok(())
        },
    );
    outcome.stopped = match result {
        Ok(()) => None,
        Err(Halt::Error(error)) => Some(error.id().into()),
        Err(other) => Some(format!("{other:?}")),
    };
    for message in host.0.borrow().iter() {
        match message {
            Message::Error(error) => outcome.errors.push(error.fully_qualified_id()),
            Message::Warning(text) => outcome.texts.push(format!("warning {text}")),
            Message::Verbose(text) => outcome.texts.push(format!("verbose {text}")),
            Message::Debug(text) => outcome.texts.push(format!("debug {text}")),
            Message::Information { text, .. } => outcome.texts.push(format!("information {text}")),
            Message::Progress(progress) => {
                outcome
                    .texts
                    .push(format!("progress {} {:?} {}", progress.activity, progress.percent, progress.completed));
            }
        }
    }
    outcome.variables = blocks.0.into_inner();
    outcome
}

/// Runs one command without a pipeline before it.
pub fn run(command: Command) -> Outcome {
    pipe(None, vec![command])
}

/// Runs one command, fed with objects.
pub fn feed(input: Vec<Value>, command: Command) -> Outcome {
    pipe(Some(input), vec![command])
}

/// Whole numbers.
pub fn ints(numbers: &[i64]) -> Vec<Value> {
    numbers.iter().map(|number| Value::Int(*number)).collect()
}

/// Texts.
pub fn strs(texts: &[&str]) -> Vec<Value> {
    texts.iter().map(|text| Value::str(*text)).collect()
}

/// A custom object from JSON.
pub fn object(json: serde_json::Value) -> Value {
    json::from_json(&json)
}

/// Custom objects from a JSON list.
pub fn objects(json: serde_json::Value) -> Vec<Value> {
    crate::value::enumerate(json::from_json(&json))
}

/// A hashtable.
pub fn table(entries: Vec<(&str, Value)>) -> Value {
    Value::Map(Table::from_entries(true, entries.into_iter().map(|(key, value)| (Value::str(key), value))))
}

/// An object with one property.
pub fn one(name: &str, value: impl Into<Value>) -> Value {
    Record::custom([(name, value.into())]).into()
}
