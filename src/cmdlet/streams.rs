//! Where the streams beside output go while a stage runs: `2>&1`, `3>$null`, -ErrorVariable and its like.

use super::host::Message;
use crate::error::ErrorRecord;
use crate::value::{Record, RecordType, TextForm, Value};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// Where a redirected stream goes.
#[derive(Clone, Debug)]
pub enum RedirectTo {
    /// Another stream by its number; only output (1) can be named.
    Stream(u8),
    /// Nowhere: `$null`.
    Null,
    /// A file.
    File {
        /// Its name.
        path: String,
        /// `>>`.
        append: bool,
    },
}

/// One redirection of a command.
#[derive(Clone, Debug)]
pub struct Redirect {
    /// 1 output, 2 error, 3 warning, 4 verbose, 5 debug, 6 information; `None` for `*`.
    pub from: Option<u8>,
    /// Where it goes.
    pub to: RedirectTo,
}

/// What happens to one stream of a stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Rule {
    #[default]
    Pass,
    Drop,
    /// Into the output.
    Merge,
    /// Into the file of the redirection of this index.
    File(usize),
}

/// The streams of one stage, or of what surrounds it.
pub(super) struct Streams {
    outer: Option<Rc<Streams>>,
    /// By number of the stream, 1 to 6.
    rules: [Rule; 7],
    merged: RefCell<Vec<Value>>,
    files: Vec<(String, bool, RefCell<Vec<Value>>)>,
    /// -ErrorVariable, -WarningVariable, -InformationVariable: their name, and what came.
    variables: Vec<(u8, String, RefCell<Vec<Value>>)>,
}

impl Streams {
    /// The streams of a stage; `None` if nothing is redirected or kept.
    pub fn of(redirects: &[Redirect], variables: Vec<(u8, String)>, outer: Option<Rc<Streams>>) -> Option<Rc<Streams>> {
        if redirects.is_empty() && variables.is_empty() {
            return None;
        }
        let mut rules = [Rule::Pass; 7];
        let mut files = Vec::new();
        for redirect in redirects {
            let rule = match &redirect.to {
                RedirectTo::Stream(_) => Rule::Merge,
                RedirectTo::Null => Rule::Drop,
                RedirectTo::File { path, append } => {
                    files.push((path.clone(), *append, RefCell::default()));
                    Rule::File(files.len() - 1)
                }
            };
            let from = redirect.from.map_or(1..=6, |from| from..=from);
            for stream in from {
                // `*>&1` leaves output where it is.
                let is_output = stream == 1 && rule == Rule::Merge;
                if let Some(slot) = rules.get_mut(usize::from(stream)).filter(|_| !is_output) {
                    *slot = rule;
                }
            }
        }
        let variables = variables.into_iter().map(|(stream, name)| (stream, name, RefCell::default())).collect();
        Some(Rc::new(Streams { outer, rules, merged: RefCell::default(), files, variables }))
    }

    /// Takes an object of the output; gives it back if it goes on to the next stage.
    pub fn output(&self, value: Value) -> Option<Value> {
        match self.rules[1] {
            Rule::Pass | Rule::Merge => Some(value),
            Rule::Drop => None,
            Rule::File(at) => {
                self.write_to(at, value);
                None
            }
        }
    }

    fn write_to(&self, at: usize, value: Value) {
        if let Some((_, _, kept)) = self.files.get(at) {
            kept.borrow_mut().push(value);
        }
    }

    /// Sends a message through the redirections, from the inside out; what nothing takes comes back.
    pub fn pass(streams: Option<&Rc<Streams>>, message: Message) -> Option<Message> {
        let Some(stream) = number(&message) else { return Some(message) };
        let mut at = streams;
        while let Some(streams) = at {
            streams.note(stream, &message);
            match streams.rules.get(usize::from(stream)).copied().unwrap_or_default() {
                Rule::Pass => at = streams.outer.as_ref(),
                Rule::Drop => return None,
                Rule::Merge => {
                    match streams.rules[1] {
                        Rule::File(file) => streams.write_to(file, object(&message)),
                        Rule::Drop => {}
                        Rule::Pass | Rule::Merge => streams.merged.borrow_mut().push(object(&message)),
                    }
                    return None;
                }
                Rule::File(file) => {
                    streams.write_to(file, object(&message));
                    return None;
                }
            }
        }
        Some(message)
    }

    /// Keeps a message that is not shown for the variables that ask for it.
    pub fn keep(streams: Option<&Rc<Streams>>, message: &Message) {
        let mut at = streams;
        while let (Some(streams), Some(stream)) = (at, number(message)) {
            streams.note(stream, message);
            at = streams.outer.as_ref();
        }
    }

    fn note(&self, stream: u8, message: &Message) {
        for (_, _, kept) in self.variables.iter().filter(|(wanted, ..)| *wanted == stream) {
            kept.borrow_mut().push(object(message));
        }
    }

    /// What was merged into the output since it was last asked.
    pub fn take_merged(&self) -> Vec<Value> {
        self.merged.take()
    }

    /// The variables with what came for them.
    pub fn variables(&self) -> impl Iterator<Item = (&str, Vec<Value>)> {
        self.variables.iter().map(|(_, name, kept)| (name.as_str(), kept.borrow().clone()))
    }

    /// The files with what goes into them: name, whether it is appended, objects.
    pub fn files(&self) -> impl Iterator<Item = (&str, bool, Vec<Value>)> {
        self.files.iter().map(|(path, append, kept)| (path.as_str(), *append, kept.take()))
    }
}

fn number(message: &Message) -> Option<u8> {
    Some(match message {
        Message::Error(_) => 2,
        Message::Warning(_) => 3,
        Message::Verbose(_) => 4,
        Message::Debug(_) => 5,
        Message::Information { .. } => 6,
        Message::Progress(_) => return None,
    })
}

/// A message as an object of the output.
fn object(message: &Message) -> Value {
    let record = |kind: &str, text: &str| {
        let text_form = TextForm::Property("Message");
        let kind = RecordType::new(&format!("System.Management.Automation.{kind}Record"), text_form);
        Value::Record(Record::new(kind, [("Message", Value::str(text))]))
    };
    match message {
        Message::Error(error) => error_object(error),
        Message::Warning(text) => record("Warning", text),
        Message::Verbose(text) => record("Verbose", text),
        Message::Debug(text) => record("Debug", text),
        Message::Information { text, .. } => {
            let kind: Arc<RecordType> =
                RecordType::new("System.Management.Automation.InformationRecord", TextForm::Property("MessageData"));
            Value::Record(Record::new(kind, [("MessageData", Value::str(text.as_str()))]))
        }
        Message::Progress(_) => Value::Null,
    }
}

/// An error as an object: what `$_` is in a `catch` and what `2>&1` puts into the output.
pub fn error_object(error: &ErrorRecord) -> Value {
    let kind = |name: &str| RecordType::new(name, TextForm::TypeName);
    let says = |name: &str, property: &'static str| RecordType::new(name, TextForm::Property(property));
    let exception = match error.thrown_value() {
        Some(Value::Record(thrown)) if thrown.kind().name.ends_with("Exception") => thrown.clone(),
        _ if error.id() == "CommandNotFoundException" => Record::new(
            says("System.Management.Automation.CommandNotFoundException", "Message"),
            [("Message", Value::str(error.message())), ("CommandName", error.target_object().clone())],
        ),
        _ => Record::new(
            says("System.Management.Automation.RuntimeException", "Message"),
            [("Message", Value::str(error.message()))],
        ),
    };
    let category = Record::new(
        kind("System.Management.Automation.ErrorCategoryInfo"),
        [
            ("Category", Value::str(format!("{:?}", error.category()))),
            ("Activity", error.command().map(Value::from).unwrap_or_default()),
            ("TargetName", Value::Str(crate::value::text::to_text(error.target_object()))),
        ],
    );
    let details = error.hints().first().map(|hint| {
        let kind = kind("System.Management.Automation.ErrorDetails");
        let fields = [("Message", Value::str(error.message())), ("RecommendedAction", Value::str(hint.as_str()))];
        Value::Record(Record::new(kind, fields))
    });
    let fields = [
        ("Exception", Value::Record(exception)),
        ("TargetObject", error.target_object().clone()),
        ("CategoryInfo", Value::Record(category)),
        ("FullyQualifiedErrorId", Value::str(error.fully_qualified_id())),
        ("ErrorDetails", details.unwrap_or_default()),
    ];
    Value::Record(Record::new(says("System.Management.Automation.ErrorRecord", "Exception"), fields))
}
