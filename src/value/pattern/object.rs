//! Regular expressions and their matches as objects: `[regex]"…"`, `[regex]::Matches`, `$_.Matches[0].Groups[1]`.

use super::super::{Record, RecordType, TextForm, Value};
use super::{Captures, Group, Pattern, compile};
use crate::error::ErrorRecord;
use std::rc::Rc;

/// Type name of a regular expression.
pub const REGEX: &str = "System.Text.RegularExpressions.Regex";
/// Type name of a match.
pub const MATCH: &str = "System.Text.RegularExpressions.Match";

/// Type name of a group of a match.
pub const GROUP: &str = "System.Text.RegularExpressions.Group";

/// A regular expression as an object.
///
/// # Errors
/// `System.Text.RegularExpressions.RegexParseException`.
pub fn new(pattern: &str, options: i64) -> Result<Record, ErrorRecord> {
    compile(pattern, options)?;
    let kind = RecordType::new(REGEX, TextForm::Scalar(" pattern"));
    Ok(Record::new(kind, [(" pattern", Value::str(pattern)), (" options", options.into())]))
}

/// The compiled form of an object made by [`new`].
pub fn pattern(record: &Record) -> Option<Rc<Pattern>> {
    if &*record.kind().name != REGEX {
        return None;
    }
    match (record.get(" pattern"), record.get(" options")) {
        (Some(Value::Str(pattern)), Some(Value::Int(options))) => compile(&pattern, options).ok(),
        _ => None,
    }
}

/// A match as an object: Success, Value, Index, Length, Groups.
pub fn of_match(pattern: &Pattern, captures: Option<&Captures>, text: &str) -> Record {
    let kind = RecordType::new(MATCH, TextForm::Property("Value"));
    let Some(captures) = captures else {
        return Record::new(kind, group_fields(None, "0", text).into_iter().chain([("Groups", Value::list(vec![]))]));
    };
    let groups: Vec<Value> =
        pattern.groups(captures, text).into_iter().map(|(group, _)| group_object(&group, text)).collect();
    let fields = group_fields(Some(captures.whole()), "0", text);
    Record::new(kind, [("Groups", Value::list(groups))].into_iter().chain(fields))
}

fn group_object(group: &Group, text: &str) -> Value {
    let kind = RecordType::new(GROUP, TextForm::Property("Value"));
    let name = group.name.clone().unwrap_or_else(|| group.number.to_string());
    Value::Record(Record::new(kind, group_fields(group.stretch, &name, text)))
}

fn group_fields(stretch: Option<(usize, usize)>, name: &str, text: &str) -> Vec<(&'static str, Value)> {
    let (start, end) = stretch.unwrap_or((0, 0));
    let units = |text: &str| i64::try_from(text.encode_utf16().count()).unwrap_or(i64::MAX);
    vec![
        ("Success", stretch.is_some().into()),
        ("Name", name.into()),
        ("Index", units(&text[..start]).into()),
        ("Length", units(&text[start..end]).into()),
        ("Value", text[start..end].into()),
    ]
}
