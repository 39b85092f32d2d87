//! What Select-String puts out: the line, and where in it the pattern was found.

use crate::cmdlets::object::texts;
use crate::error::ErrorRecord;
use crate::value::pattern::{Pattern, object};
use crate::value::{Record, RecordType, Str, TextForm, Value, list_object, text};
use std::path::Path;

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

/// The first match in a line, or all.
///
/// # Errors
/// `RegexMatchTimeoutException`, `PipelineStopped`.
pub(super) fn matches(pattern: &Pattern, line: &str, all: bool) -> Result<Vec<Value>, ErrorRecord> {
    let found = if all { pattern.all(line)? } else { pattern.captures(line, 0)?.into_iter().collect() };
    Ok(found.iter().map(|captures| Value::Record(object::of_match(pattern, Some(captures), line))).collect())
}

/// Where a match that came from no file was found.
pub(super) const STREAM: &str = "InputStream";

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
        RecordType::new("Microsoft.PowerShell.Commands.MatchInfo", TextForm::Property(TEXT)),
        [
            ("IgnoreCase", Value::Bool(place.ignore_case)),
            ("LineNumber", Value::Int(place.number)),
            ("Line", Value::str(place.line)),
            ("Filename", Value::str(name)),
            ("Path", Value::str(place.path)),
            ("Pattern", Value::str(place.pattern)),
            ("Context", context.into()),
            ("Matches", Value::list(matches)),
            (TEXT, Value::Null),
            (SHOWN, Value::Null),
        ],
    )
}

/// What a match says of itself in a string; hidden.
const TEXT: &str = " text";

/// What is printed for a match: the same with a path from the folder at hand; hidden, and the view's.
const SHOWN: &str = " shown";

/// Adds a line to those after a match.
pub(super) fn add_after(record: &Record, line: &str) {
    if let Some(Value::Record(context)) = record.get("Context")
        && let Some(Value::Record(list)) = context.get("PostContext")
    {
        list_object::push(&list, Value::str(line));
    }
}

/// A match that has all its lines, with its texts.
pub(super) fn whole(record: Record) -> Record {
    let path = record.get("Path").map(|path| text::to_text(&path)).unwrap_or_default();
    record.put(TEXT, lines(&record, &path).into());
    let here = std::env::current_dir().unwrap_or_default();
    let near =
        Path::new(&*path).strip_prefix(&here).map_or_else(|_| path.to_string(), |near| near.display().to_string());
    record.put(SHOWN, lines(&record, &near).into());
    record
}

/// `file:line:text`, or the text alone where it came from no file; with the lines around it where they are asked for.
fn lines(record: &Record, path: &str) -> String {
    let one = |mark: &str, number: i64, line: &str| match path {
        STREAM => format!("{mark}{line}"),
        _ => format!("{mark}{path}:{number}:{line}"),
    };
    let number = match record.get("LineNumber") {
        Some(Value::Int(number)) => number,
        _ => 0,
    };
    let line = record.get("Line").map(|line| text::to_text(&line)).unwrap_or_default();
    let Some(Value::Record(context)) = record.get("Context") else { return one("", number, &line) };
    let around = |name: &str| texts(context.get(name).as_ref());
    let (before, after) = (around("PreContext"), around("PostContext"));
    let first = number - before.len() as i64;
    let mut all: Vec<String> = before.iter().zip(first..).map(|(line, number)| one("  ", number, line)).collect();
    all.push(one("> ", number, &line));
    all.extend(after.iter().zip(number + 1..).map(|(line, number)| one("  ", number, line)));
    all.join("\n")
}
