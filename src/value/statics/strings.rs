//! `[string]`, `[char]`, `[regex]`.

use super::super::member::{self, Answer, Call};
use super::super::pattern;
use super::super::{Value, char_object, collate, enumerate, ops, text};
use crate::error::ErrorRecord;

pub(super) fn get(name: &str) -> Option<Value> {
    (name == "empty").then(|| "".into())
}

pub(super) fn call(type_name: &str, call: &Call) -> Answer {
    match type_name {
        "System.String" => string(call),
        "System.Char" => char(call),
        _ => regex(call),
    }
}

fn ignore_case(call: &Call, at: usize) -> bool {
    match call.arguments.get(at) {
        Some(Value::Bool(b)) => *b,
        Some(other) => text::to_text(other).to_ascii_lowercase().ends_with("ignorecase"),
        None => false,
    }
}

/// All arguments from a place on, lists taken apart where a list is the only one.
fn rest(call: &Call, from: usize) -> Vec<Value> {
    match call.arguments.get(from..) {
        Some([one]) => enumerate::enumerate(one.clone()),
        Some(all) => all.to_vec(),
        None => Vec::new(),
    }
}

fn string(call: &Call) -> Answer {
    let blank = |value: &Value, test: fn(&str) -> bool| value.is_null() || test(&text::to_text(value));
    Some(Ok(match call.name {
        "isnullorempty" => blank(&call.value(0), str::is_empty).into(),
        "isnullorwhitespace" => blank(&call.value(0), |text| text.trim().is_empty()).into(),
        "join" => text::joined(&rest(call, 1), &call.text(0)).into(),
        "concat" => text::joined(&rest(call, 0), "").into(),
        "format" => return Some(ops::composite(&call.text(0), &rest(call, 1)).map(Value::from)),
        "compare" => {
            let case = !ignore_case(call, 2);
            Value::Int(collate::compare(&call.text(0), &call.text(1), case) as i64)
        }
        "compareordinal" => Value::Int(call.text(0).cmp(&call.text(1)) as i64),
        "equals" if call.count() >= 2 => {
            let (a, b) = (call.text(0), call.text(1));
            (a == b || ignore_case(call, 2) && a.to_lowercase() == b.to_lowercase()).into()
        }
        "new" => return None,
        _ => return None,
    }))
}

fn char(call: &Call) -> Answer {
    if call.name == "convertfromutf32" {
        let code = call.int(0).ok().and_then(|code| u32::try_from(code).ok()).and_then(char::from_u32);
        return Some(code.map(|c| Value::from(c.to_string())).ok_or_else(|| call.out_of_range()));
    }
    let text = call.text(0);
    let at = if call.count() > 1 { call.int(1).ok().and_then(|n| usize::try_from(n).ok()).unwrap_or(0) } else { 0 };
    let c = text.chars().nth(at)?;
    Some(Ok(match call.name {
        "isdigit" | "isnumber" => c.is_numeric().into(),
        "isletter" => c.is_alphabetic().into(),
        "isletterordigit" => c.is_alphanumeric().into(),
        "isupper" => c.is_uppercase().into(),
        "islower" => c.is_lowercase().into(),
        "iswhitespace" => c.is_whitespace().into(),
        "ispunctuation" => c.is_ascii_punctuation().into(),
        "iscontrol" => c.is_control().into(),
        "toupper" | "toupperinvariant" => char_object::new(char_object::upper(c)),
        "tolower" | "tolowerinvariant" => char_object::new(c.to_lowercase().next().unwrap_or(c)),
        "tostring" => c.to_string().into(),
        "getnumericvalue" => c.to_digit(10).map_or(Value::Float(-1.0), |d| Value::Float(d.into())),
        _ => return None,
    }))
}

/// `[regex]::Method(text, pattern, …)`: the same as the method of a regular expression.
fn regex(call: &Call) -> Answer {
    let options = |at: usize| -> i64 {
        match call.arguments.get(at) {
            Some(Value::Record(record)) => super::super::types::enum_number(record).unwrap_or(0),
            Some(other) => {
                super::super::types::enum_by_name("System.Text.RegularExpressions.RegexOptions", &text::to_text(other))
                    .unwrap_or(0)
            }
            None => 0,
        }
    };
    let (last, arguments): (usize, Vec<Value>) = match call.name {
        "escape" => return Some(Ok(pattern::escape(&call.text(0)).into())),
        "unescape" => return Some(Ok(pattern::unescape(&call.text(0)).into())),
        "ismatch" | "match" | "matches" | "split" => (2, vec![call.value(0)]),
        "replace" => (3, vec![call.value(0), call.value(2)]),
        _ => return None,
    };
    let made: Result<Value, ErrorRecord> = pattern::object::new(&call.text(1), options(last)).map(Value::Record);
    Some(made.and_then(|regex| member::call(&regex, call.name, &arguments)))
}
