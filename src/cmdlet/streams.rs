//! Where the streams beside output go while a stage runs: `2>&1`, `3>$null`, -ErrorVariable and its like.

use super::exception;
use super::host::Message;
use crate::error::{ErrorRecord, Source, Span};
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

/// The hidden property with the line that an error or a message is printed as.
const SHOWN: &str = " shown";

/// A message as an object of the output.
fn object(message: &Message) -> Value {
    let record = |kind: &str, text: &str| {
        let shown = Value::from(format!("{}: {text}", kind.to_uppercase()));
        let text_form = TextForm::Property("Message");
        let kind = RecordType::new(&format!("System.Management.Automation.{kind}Record"), text_form);
        Value::Record(Record::new(kind, [("Message", Value::str(text)), (SHOWN, shown)]))
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
    let exception = exception::of(error);
    let short = |name: &str| name.rsplit('.').next().unwrap_or_default().to_string();
    let reason = short(&exception.kind().name);
    let target = error.target_object();
    let target_name = crate::value::text::to_text(target);
    let target_type = if target.is_null() { String::new() } else { short(&crate::value::types::name_of(target)) };
    let of_write_error = error.id() == "Microsoft.PowerShell.Commands.WriteErrorException";
    let activity = if of_write_error { "Write-Error" } else { error.command().unwrap_or_default() };
    let shown = match activity {
        "" => error.message().to_string(),
        command => format!("{command}: {}", error.message()),
    };
    let said = format!("{:?}: ({target_name}:{target_type}) [{activity}], {reason}", error.category());
    let category = Record::new(
        says("System.Management.Automation.ErrorCategoryInfo", " text"),
        [
            ("Category", Value::str(format!("{:?}", error.category()))),
            ("Activity", activity.into()),
            ("Reason", reason.into()),
            ("TargetName", Value::Str(target_name)),
            ("TargetType", target_type.into()),
            (" text", said.into()),
        ],
    );
    let said_more = exception.get(exception::DETAILS).map(|details| {
        let kind = kind("System.Management.Automation.ErrorDetails");
        Value::Record(Record::new(kind, [("Message", details), ("RecommendedAction", Value::Null)]))
    });
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
        ("ErrorDetails", said_more.or(details).unwrap_or_default()),
        ("InvocationInfo", Value::Record(invocation(error))),
        ("ScriptStackTrace", stack(error).map_or(Value::Null, Value::from)),
        (SHOWN, shown.into()),
    ];
    Value::Record(Record::new(says("System.Management.Automation.ErrorRecord", "Exception"), fields))
}

/// The line of a place, from 1, and the column in it.
fn line_of(source: &Source, span: Span) -> (i64, i64, &str) {
    let at = (span.start as usize).min(source.text.len());
    let before = source.text.get(..at).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let rest = source.text.get(at..).unwrap_or_default().lines().next().unwrap_or_default();
    let start = at - line.len();
    let whole = source.text.get(start..at + rest.len()).unwrap_or_default();
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    (number(before.matches('\n').count() + 1), number(line.chars().count() + 1), whole)
}

/// The functions around an error with the line at which each stands, the innermost first, as PowerShell writes them.
fn stack(error: &ErrorRecord) -> Option<String> {
    let (source, span) = error.place()?;
    let mut at = Some((source.clone(), span));
    let mut lines = Vec::new();
    let mut line = |function: &str, at: &Option<(Arc<Source>, Span)>| {
        if let Some((source, span)) = at {
            lines.push(format!("at {function}, {}: line {}", source.name, line_of(source, *span).0));
        }
    };
    for call in error.calls().map(|calls| calls.innermost()).unwrap_or_default() {
        line(&call.function, &at);
        at.clone_from(&call.place);
    }
    line("<ScriptBlock>", &at);
    Some(lines.join("\n"))
}

/// Which command gave an error, and where it stands.
fn invocation(error: &ErrorRecord) -> Record {
    let name = error.command().map_or(Value::Null, |command| {
        let kind = RecordType::new("System.Management.Automation.CommandInfo", TextForm::Property("Name"));
        Value::Record(Record::new(kind, [("Name", Value::str(command))]))
    });
    let (line, column, text) = match error.place() {
        Some((source, span)) => line_of(source, span),
        None => (0, 0, ""),
    };
    let script =
        error.place().map(|(source, _)| source.name.clone()).filter(|name| std::path::Path::new(name).is_file());
    let kind = RecordType::new("System.Management.Automation.InvocationInfo", TextForm::TypeName);
    Record::new(
        kind,
        [
            ("MyCommand", name),
            ("ScriptLineNumber", line.into()),
            ("OffsetInLine", column.into()),
            ("ScriptName", script.into()),
            ("Line", text.into()),
            ("PositionMessage", format!("At line:{line} char:{column}\n+ {text}").into()),
            ("InvocationName", error.command().unwrap_or_default().into()),
        ],
    )
}
