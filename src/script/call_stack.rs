//! Which function called which: what Get-PSCallStack shows.

use super::shared::Shared;
use crate::error::render::line_and_column;
use crate::error::{Source, Span};
use crate::value::{Record, RecordType, TextForm, Value, text};
use rhai::Position;
use std::sync::Arc;

/// The calls that are under way, the innermost first; `position` is where the innermost is.
pub(super) fn of(shared: &Shared, position: Position) -> Vec<Value> {
    let mut here = shared.place(position);
    let mut found = Vec::new();
    for invoked in shared.invocations() {
        let given = invoked.given();
        let given: Vec<String> = given.iter().map(|(name, value)| format!("{name}={}", text::to_text(value))).collect();
        found.push(frame(invoked.command(), &given.join(", "), here.as_ref()));
        here = invoked.place().cloned();
    }
    // What is in no function is the script itself, which has a frame where it has parameters.
    if here.is_some() {
        found.push(frame("<ScriptBlock>", "", here.as_ref()));
    }
    found
}

fn frame(command: &str, arguments: &str, place: Option<&(Arc<Source>, Span)>) -> Value {
    let (name, line) = match place {
        Some((source, span)) => (source.name.clone(), line_and_column(&source.text, span.start as usize).0),
        None => (String::new(), 0),
    };
    let shown = name.rsplit('/').next().filter(|name| !name.is_empty() && !name.starts_with('<'));
    let location = shown.map_or_else(|| "<No file>".into(), |name| format!("{name}: line {line}"));
    let fields: [(&str, Value); 6] = [
        ("Command", command.into()),
        ("Arguments", format!("{{{arguments}}}").into()),
        ("Location", location.into()),
        ("FunctionName", command.into()),
        ("ScriptName", name.into()),
        ("ScriptLineNumber", Value::Int(i64::try_from(line).unwrap_or(i64::MAX))),
    ];
    Value::Record(Record::new(
        RecordType::new("System.Management.Automation.CallStackFrame", TextForm::TypeName),
        fields,
    ))
}
