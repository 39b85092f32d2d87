//! What PowerShell makes of a thousand pieces of code, and what we make of them.

use super::support::Shell;
use crate::support::{lines, shared};
use reeve::error::Halt;
use reeve::language::Mode;
use reeve::value::{DateTimeKind, Value, text::to_text};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// The least number of cases whose values, errors and printed text agree.
const FLOOR: usize = 1009;

fn matches(expected: &Json, actual: &Value) -> bool {
    let Some((kind, content)) = expected.as_object().and_then(|o| o.iter().next()) else { return false };
    let text = || content.as_str().unwrap_or_default();
    match (kind.as_str(), actual) {
        ("null", Value::Null) => true,
        ("bool", Value::Bool(b)) => content.as_bool() == Some(*b),
        ("int" | "long" | "double", Value::Int(n)) => content.as_f64() == Some(*n as f64),
        ("int" | "long" | "double", Value::Float(x)) => match content.as_f64() {
            Some(y) => *x == y,
            None => to_text(actual).as_ref() == text() || (text() == "NaN" && x.is_nan()),
        },
        // The id of an error of PowerShell's own cmdlets names their class, ours the cmdlet.
        ("string", Value::Str(s)) if text().contains(",Microsoft.PowerShell.Commands.") => same_id(text(), s),
        ("string" | "char", Value::Str(s)) => text() == &**s,
        ("decimal", Value::Decimal(d)) => d.to_string() == text(),
        ("datetime", Value::DateTime(d)) => {
            let kind = match d.kind {
                DateTimeKind::Unspecified => "",
                _ => "Z",
            };
            let shown = reeve::value::member::call(actual, "ToString", &[Value::str("yyyy-MM-ddTHH:mm:ss.FFFFFFF")]);
            shown.is_ok_and(|s| text().trim_end_matches('Z') == &*to_text(&s) && text().ends_with('Z') == (kind == "Z"))
        }
        ("timespan" | "version" | "guid", _) => &*to_text(actual) == text(),
        ("array", Value::List(items)) => all(content, items),
        ("array", Value::Record(_)) => reeve::value::enumerate::items(actual).is_some_and(|items| all(content, &items)),
        ("map", Value::Map(table)) => {
            let Some(pairs) = content.as_array() else { return false };
            let entries = table.named();
            pairs.len() == entries.len()
                && pairs
                    .iter()
                    .all(|pair| entries.iter().any(|(k, v)| pair[0].as_str() == Some(&**k) && matches(&pair[1], v)))
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
        ("other", other) => content["text"].as_str() == Some(&*to_text(other)) || matches!(other, Value::Record(_)),
        _ => false,
    }
}

fn all(expected: &Json, actual: &[Value]) -> bool {
    expected.as_array().is_some_and(|e| e.len() == actual.len() && e.iter().zip(actual).all(|(e, a)| matches(e, a)))
}

/// An id as the oracle has it: of a cmdlet of PowerShell's own the second part is its class.
fn same_id(expected: &str, actual: &str) -> bool {
    let (expected_id, class) = expected.split_once(',').unwrap_or((expected, ""));
    let (actual_id, command) = actual.split_once(',').unwrap_or((actual, ""));
    let short = class.rsplit('.').next().unwrap_or_default().trim_end_matches("Command");
    expected_id.eq_ignore_ascii_case(actual_id)
        && (class.is_empty() || short.eq_ignore_ascii_case(&command.replace('-', "")) || class == command)
}

fn agrees(case: &Json) -> Result<(), String> {
    let mut shell = Shell::new();
    // Files of a case are its own.
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name).display().to_string();
    let code = case["code"].as_str().unwrap_or_default();
    let code = &code.replace("x.txt", &file("x.txt")).replace("x.csv", &file("x.csv"));
    let result = shell.engine.run("test", code, Mode::PowerShell, &[]);
    let mut errors = shell.errors();
    if let Err(Halt::Error(error)) = &result {
        errors.push(error.fully_qualified_id());
    }
    let expected: Vec<&str> =
        case["errors"].as_array().map(|e| e.iter().filter_map(|e| e["id"].as_str()).collect()).unwrap_or_default();
    if expected.len() != errors.len() || !expected.iter().zip(&errors).all(|(e, a)| same_id(e, a)) {
        return Err(format!("errors {errors:?}, expected {expected:?}"));
    }
    let values = shell.kept.values.borrow();
    match &case["values"] {
        Json::Array(_) if all(&case["values"], &values) => shown(case, &values),
        Json::Array(_) => {
            let shown: Vec<String> = values.iter().map(|v| format!("{v:?}")).collect();
            Err(format!("values {}, expected {}", shown.join(" "), case["values"]))
        }
        _ => Ok(()),
    }
}

/// The values as PowerShell prints them.
fn shown(case: &Json, values: &[Value]) -> Result<(), String> {
    let width = case["width"].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(120);
    let Some(expected) = case["text"].as_str().filter(|t| !t.contains(",Microsoft.PowerShell.Commands.")) else {
        return Ok(());
    };
    let lines = |text: &str| text.lines().map(|l| l.trim_end().to_string()).collect::<Vec<_>>().join("\n");
    let text = reeve::format::to_text(values, width);
    if lines(text.trim_end()) == lines(expected.trim_end()) {
        return Ok(());
    }
    Err(format!("TEXT {text:?}, expected {expected:?}"))
}

#[test]
fn values_and_errors_are_powershells() {
    let Some(file) = shared("oracle/semantics.jsonl") else { return };
    let cases = lines(&file);
    super::support::on_large_stack(move || {
        let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        for case in &cases {
            let name = case["name"].as_str().unwrap_or_default().to_string();
            let category = name.split('.').next().unwrap_or_default().to_string();
            let count = counts.entry(category).or_default();
            count.1 += 1;
            let case = case.clone();
            let outcome = std::panic::catch_unwind(|| agrees(&case)).unwrap_or_else(|_| Err("panic".into()));
            match outcome {
                Ok(()) => count.0 += 1,
                Err(why) if std::env::var("SHOW_FAILING").is_ok() => {
                    println!("{name}: {}\n    {why}", case["code"].as_str().unwrap_or_default());
                }
                Err(why) => assert!(why != "panic", "{name} panics"),
            }
        }
        let good: usize = counts.values().map(|c| c.0).sum();
        for (category, (good, of)) in &counts {
            println!("{category}: {good} of {of}");
        }
        println!("semantics: {good} of {} agree", cases.len());
        assert!(good >= FLOOR, "{good} of {} agree, there were {FLOOR}", cases.len());
    });
}
