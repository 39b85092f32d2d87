//! Cases of `oracle/semantics.jsonl`: each is run in a session of its own and compared in values, text, errors, streams.

use reeve::cmdlet::host::{Host, Message};
use reeve::cmdlet::session::Session;
use reeve::error::Halt;
use reeve::language::Mode;
use reeve::script::{Engine, Limits};
use reeve::value::{DateTimeKind, Value, text::to_text};
use serde_json::Value as Json;
use std::cell::RefCell;
use std::rc::Rc;

/// What a text did.
#[derive(Default)]
pub struct Done {
    /// The output.
    pub values: Vec<Value>,
    /// The other streams, in order.
    pub messages: Vec<Message>,
    /// What stopped the whole.
    pub halted: Option<String>,
    /// The ids of all errors.
    pub errors: Vec<String>,
}

/// In what a case agrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// The output's values; `None` where the case has none.
    pub values: Option<bool>,
    /// What Out-String prints, character by character.
    pub text: bool,
    /// Ids and whether the script ended.
    pub errors: bool,
    /// Warnings, verbose, debug and information messages.
    pub streams: bool,
}

impl Agreement {
    /// Whether all agrees.
    pub fn all(self) -> bool {
        self.values != Some(false) && self.text && self.errors && self.streams
    }
}

#[derive(Default)]
struct Kept {
    values: RefCell<Vec<Value>>,
    messages: RefCell<Vec<Message>>,
}

struct KeptHost(Rc<Kept>, usize);

impl Host for KeptHost {
    fn output(&self, value: Value) {
        self.0.values.borrow_mut().push(value);
    }
    fn message(&self, message: Message) {
        self.0.messages.borrow_mut().push(message);
    }
    fn width(&self) -> usize {
        self.1
    }
}

/// Runs a text in command mode in a new session.
pub fn run(code: &str, width: usize) -> Done {
    let kept = Rc::new(Kept::default());
    let session = Rc::new(Session::new(Box::new(KeptHost(kept.clone(), width))));
    let mut engine = Engine::with_limits(session, Limits::for_stack(6 << 20));
    let result = engine.run("test", code, Mode::PowerShell, &[]);
    let mut done = Done { values: kept.values.take(), messages: kept.messages.take(), ..Done::default() };
    done.errors = done
        .messages
        .iter()
        .filter_map(|message| match message {
            Message::Error(error) => Some(error.fully_qualified_id()),
            _ => None,
        })
        .collect();
    if let Err(halt) = result {
        let id = match &halt {
            Halt::Error(error) => error.fully_qualified_id(),
            other => format!("{other:?}"),
        };
        done.errors.push(id.clone());
        done.halted = Some(id);
    }
    done
}

/// Runs a case and compares.
pub fn compare(case: &Json, code: &str) -> (Agreement, Done) {
    let width = case["width"].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(120);
    let done = run(code, width);
    let errors = case["errors"].as_array().cloned().unwrap_or_default();
    let ids = |e: &Json| e["id"].as_str().unwrap_or_default().to_string();
    let stops = errors.iter().any(|e| matches!(e["stops"].as_str(), Some("script" | "parse")));
    // An error at a script's end stops nothing; what stands behind it says whether it does.
    let stopped = || {
        let behind = run(&format!("{code}\n'behind'"), width);
        behind.values.last().and_then(Value::as_str) != Some("behind")
    };
    let agreement = Agreement {
        values: case["values"].as_array().map(|_| all(&case["values"], &done.values)),
        text: reeve::format::to_text(&done.values, width) == case["text"].as_str().unwrap_or_default(),
        errors: errors.len() == done.errors.len()
            && errors.iter().zip(&done.errors).all(|(e, a)| ids(e) == *a)
            && (done.halted.is_some() && stopped()) == stops,
        streams: streams(case, &done.messages),
    };
    (agreement, done)
}

fn streams(case: &Json, messages: &[Message]) -> bool {
    let of = |kind: &str| -> Vec<&str> {
        messages
            .iter()
            .filter_map(|message| match (kind, message) {
                ("warning", Message::Warning(text))
                | ("verbose", Message::Verbose(text))
                | ("debug", Message::Debug(text))
                | ("information", Message::Information { text, .. }) => Some(text.as_str()),
                _ => None,
            })
            .collect()
    };
    ["warning", "verbose", "debug", "information"].iter().all(|kind| {
        let theirs: Vec<&str> = case[*kind].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
        let ours = of(kind);
        // A cmdlet's own warning has its own words.
        ours == theirs || (*kind == "warning" && ours.len() == theirs.len() && theirs.iter().any(|t| t.len() > 40))
    })
}

fn matches(expected: &Json, actual: &Value) -> bool {
    let Some((kind, content)) = expected.as_object().and_then(|o| o.iter().next()) else { return false };
    let text = || content.as_str().unwrap_or_default();
    match (kind.as_str(), actual) {
        ("null", Value::Null) => true,
        ("bool", Value::Bool(b)) => content.as_bool() == Some(*b),
        ("int" | "long" | "double", Value::Int(n)) => content.as_f64() == Some(*n as f64),
        ("double", Value::Float(x)) => match content.as_f64() {
            Some(y) => *x == y,
            None => to_text(actual).as_ref() == text() || (text() == "NaN" && x.is_nan()),
        },
        ("string", Value::Str(s)) => text() == &**s,
        ("char", _) => text() == &*to_text(actual),
        ("decimal", Value::Decimal(d)) => d.to_string() == text(),
        ("datetime", Value::DateTime(d)) => {
            let shown = reeve::value::member::call(actual, "ToString", &[Value::str("yyyy-MM-ddTHH:mm:ss.FFFFFFF")]);
            let known = d.kind != DateTimeKind::Unspecified;
            shown.is_ok_and(|s| text().trim_end_matches('Z') == &*to_text(&s) && text().ends_with('Z') == known)
        }
        ("timespan" | "version" | "guid", _) => &*to_text(actual) == text(),
        ("array", Value::List(items)) => all(content, items),
        ("array", Value::Record(_)) => reeve::value::enumerate::items(actual).is_some_and(|items| all(content, &items)),
        ("map", Value::Map(table)) => {
            let Some(pairs) = content.as_array() else { return false };
            let entries = table.entries();
            let find = |name: &str| entries.iter().find(|(k, _)| &*to_text(k) == name);
            pairs.len() == entries.len()
                && pairs.iter().all(|p| find(&json_text(&p[0])).is_some_and(|(_, v)| matches(&p[1], v)))
        }
        ("record", Value::Record(record)) => {
            let Some(pairs) = content.as_array() else { return false };
            let fields = record.fields();
            pairs.len() == fields.len()
                && pairs.iter().zip(&fields).all(|(p, (n, v))| p[0].as_str() == Some(&**n) && matches(&p[1], v))
        }
        ("error", Value::Record(record)) => {
            record.get("FullyQualifiedErrorId").is_some_and(|id| id.as_str() == Some(text()))
        }
        ("warning" | "verbose", Value::Record(record)) => {
            record.get("Message").is_some_and(|m| m.as_str() == Some(text()))
        }
        ("information", Value::Record(record)) => record.get("MessageData").is_some_and(|m| &*to_text(&m) == text()),
        ("other", other) => content["text"].as_str() == Some(&*to_text(other)),
        _ => false,
    }
}

fn json_text(key: &Json) -> String {
    match key {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn all(expected: &Json, actual: &[Value]) -> bool {
    expected.as_array().is_some_and(|e| e.len() == actual.len() && e.iter().zip(actual).all(|(e, a)| matches(e, a)))
}
