//! What Select-String puts out: the line, and where in it the pattern was found.

use crate::value::{Record, RecordType, Str, TextForm, Value, list_object};
use fancy_regex::{Captures, Regex};

/// Where a match was found.
pub(super) struct Place<'a> {
    /// The line.
    pub(super) line: &'a str,
    /// Its number, from 1.
    pub(super) number: i64,
    /// The file, or `InputStream`.
    pub(super) path: &'a str,
    /// The pattern.
    pub(super) pattern: &'a str,
    /// Whether case did not count.
    pub(super) ignore_case: bool,
}

/// Units of UTF-16 before a byte position, as .NET counts.
fn position(line: &str, at: usize) -> i64 {
    line.get(..at).map_or(0, |before| before.encode_utf16().count() as i64)
}

fn group(name: Str, line: &str, found: Option<fancy_regex::Match>) -> Vec<(Str, Value)> {
    let (text, at) = found.map_or(("", 0), |found| (found.as_str(), found.start()));
    vec![
        ("Success".into(), Value::Bool(found.is_some())),
        ("Name".into(), Value::Str(name)),
        ("Index".into(), Value::Int(position(line, at))),
        ("Length".into(), Value::Int(text.encode_utf16().count() as i64)),
        ("Value".into(), Value::str(text)),
    ]
}

fn one(regex: &Regex, line: &str, captures: &Captures<str>) -> Value {
    let kind = RecordType::new("System.Text.RegularExpressions.Group", TextForm::Property("Value"));
    let groups: Vec<Value> = regex
        .capture_names()
        .enumerate()
        .map(|(at, name)| {
            let name = name.map_or_else(|| at.to_string().into(), Str::from);
            Record::new(kind.clone(), group(name, line, captures.get(at))).into()
        })
        .collect();
    let mut fields = group("0".into(), line, captures.get(0));
    fields.insert(0, ("Groups".into(), Value::list(groups)));
    Record::new(RecordType::new("System.Text.RegularExpressions.Match", TextForm::Property("Value")), fields).into()
}

/// The first match in a line, or all.
pub(super) fn matches(regex: &Regex, line: &str, all: bool) -> Vec<Value> {
    let found = regex.captures_iter(line).take(if all { usize::MAX } else { 1 });
    // A pattern that gives up half way has found what it has found.
    found.map_while(Result::ok).map(|captures| one(regex, line, &captures)).collect()
}

/// The object for a line; `before` where lines around it are asked for.
pub(super) fn record(place: &Place, matches: Vec<Value>, before: Option<Vec<Str>>) -> Record {
    let context = before.map(|before| {
        Record::custom([
            ("PreContext", Value::list(before.into_iter().map(Value::Str).collect())),
            ("PostContext", list_object::new(false, Vec::new()).into()),
        ])
    });
    let name = place.path.rsplit('/').next().unwrap_or(place.path);
    Record::new(
        RecordType::new("Microsoft.PowerShell.Commands.MatchInfo", TextForm::Property("Line")),
        [
            ("IgnoreCase", Value::Bool(place.ignore_case)),
            ("LineNumber", Value::Int(place.number)),
            ("Line", Value::str(place.line)),
            ("Filename", Value::str(name)),
            ("Path", Value::str(place.path)),
            ("Pattern", Value::str(place.pattern)),
            ("Context", context.into()),
            ("Matches", Value::list(matches)),
        ],
    )
}

/// Adds a line to those after a match.
pub(super) fn add_after(record: &Record, line: &str) {
    if let Some(Value::Record(context)) = record.get("Context")
        && let Some(Value::Record(list)) = context.get("PostContext")
    {
        list_object::push(&list, Value::str(line));
    }
}
