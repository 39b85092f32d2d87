//! `$Host`: what scripts ask of the window that they run in. Titles and colours can be set, and change nothing.

use super::convert::empty;
use super::shared::Shared;
use crate::cmdlet::host::{self, Choice, Message};
use crate::error::Halt;
use crate::value::{Record, RecordType, TextForm, Value, Version, enumerate, ops, same_name, statics, text};
use rhai::Dynamic;
use std::borrow::Cow;

const HOST: &str = "System.Management.Automation.Internal.Host.InternalHost";
const INTERFACE: &str = "System.Management.Automation.Internal.Host.InternalHostUserInterface";
const RAW: &str = "System.Management.Automation.Internal.Host.InternalHostRawUserInterface";

/// Choices that a script can offer: more is a list that nobody reads.
const MOST_CHOICES: usize = 100;

/// `$Host`.
pub(super) fn object(width: usize) -> Value {
    let kind = |name: &str| RecordType::new(name, TextForm::TypeName);
    let size = || {
        let sides = [("Width", Value::Int(width as i64)), ("Height", Value::Int(50))];
        Value::Record(Record::new(kind("System.Management.Automation.Host.Size"), sides))
    };
    let raw = [
        ("ForegroundColor", Value::str("Gray")),
        ("BackgroundColor", Value::str("Black")),
        ("WindowSize", size()),
        ("BufferSize", size()),
        ("WindowTitle", Value::str("reeve")),
        ("KeyAvailable", Value::Bool(false)),
    ];
    let interface = [("RawUI", Value::Record(Record::new(kind(RAW), raw)))];
    let fields = [
        ("Name", Value::str("ReeveHost")),
        ("Version", Value::from(Version::of_program())),
        ("UI", Value::Record(Record::new(kind(INTERFACE), interface))),
        ("CurrentCulture", Value::str("")),
        ("CurrentUICulture", Value::str("")),
    ];
    Value::Record(Record::new(kind(HOST), fields))
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        other => text::to_text(other).parse().ok(),
    }
}

/// A choice: a description with its help, or its label alone.
fn choice_of(choice: &Value) -> Choice {
    let text = |value: &Value| Cow::Owned(text::to_text(value).to_string());
    match choice {
        Value::Record(record) if &*record.kind().name == statics::CHOICE => {
            let part = |name: &str| text(&record.get(name).unwrap_or_default());
            Choice { label: part("Label"), help: part("HelpMessage") }
        }
        label => Choice { label: text(label), help: Cow::Borrowed("") },
    }
}

/// `[console]::WriteLine(…)`, `[console]::Write(…)`: past the pipeline, to whoever looks on.
pub(super) fn write(shared: &Shared, no_newline: bool, arguments: &[Value]) -> Result<Dynamic, Halt> {
    let text = match arguments {
        [] => String::new(),
        [one] => text::to_text(one).to_string(),
        [format, rest @ ..] => ops::composite(&text::to_text(format), rest)?,
    };
    shared.session.host.message(Message::Information { text, no_newline, foreground: None, background: None });
    Ok(empty())
}

/// Calls a method of `$Host` or of what it holds; `None` if the target or the method is something else.
pub(super) fn call(shared: &Shared, target: &Value, method: &str, arguments: &[Value]) -> Option<Result<Value, Halt>> {
    let Value::Record(record) = target else { return None };
    let is = |name: &str| same_name(method, name);
    let word = |at: usize| arguments.get(at).map(|a| text::to_text(a).to_string()).unwrap_or_default();
    let host = &shared.session.host;
    let nobody = || -> Halt { host::nobody("PromptNotAvailable", "an answer").into() };
    Some(match &*record.kind().name {
        HOST if is("SetShouldExit") => {
            let code = arguments.first().and_then(whole).unwrap_or(0);
            shared.session.note_exit(i32::try_from(code).unwrap_or(1));
            Ok(Value::Null)
        }
        INTERFACE if is("WriteLine") || is("Write") => {
            // With colours before the text, or without.
            let shown = arguments.last().map(|a| text::to_text(a).to_string()).unwrap_or_default();
            host.message(Message::Information {
                text: shown,
                no_newline: is("Write"),
                foreground: (arguments.len() == 3).then(|| word(0)),
                background: (arguments.len() == 3).then(|| word(1)),
            });
            Ok(Value::Null)
        }
        INTERFACE if is("WriteErrorLine") || is("WriteWarningLine") => {
            host.message(Message::Warning(word(0)));
            Ok(Value::Null)
        }
        INTERFACE if is("ReadLine") => match host.read_line("", false).filter(|_| host.can_ask()) {
            Some(line) => Ok(Value::from(line)),
            None => Err(nobody()),
        },
        INTERFACE if is("PromptForChoice") => {
            let choices: Vec<Choice> = arguments
                .get(2)
                .map(|list| enumerate(list.clone()))
                .unwrap_or_default()
                .iter()
                .take(MOST_CHOICES)
                .map(choice_of)
                .collect();
            let default = arguments.get(3).and_then(whole).and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
            match host.choose(&word(0), &word(1), &choices, default).filter(|_| host.can_ask()) {
                Some(chosen) => Ok(Value::Int(chosen as i64)),
                None => Err(nobody()),
            }
        }
        RAW if is("ReadKey") => match host.read_line("", true).filter(|_| host.can_ask()) {
            Some(line) => {
                let key = line.chars().next().map_or_else(|| "\r".to_string(), |c| c.to_string());
                let fields = [("Character", Value::from(key)), ("KeyDown", Value::Bool(true))];
                let kind = RecordType::new("System.Management.Automation.Host.KeyInfo", TextForm::TypeName);
                Ok(Value::Record(Record::new(kind, fields)))
            }
            None => Err(nobody()),
        },
        RAW if is("FlushInputBuffer") => Ok(Value::Null),
        _ => return None,
    })
}
