//! When two objects count as the same, and which comes first: for Sort-, Group-, Compare-Object and -Unique.

use crate::value::{Record, Str, TextForm, Value, char_object, compare, number, text};
use std::cmp::Ordering;
use std::fmt::Write;

/// The text by which an object that has no order of its own is compared. Custom objects have none at all, as in
/// PowerShell, where they are all the same unless properties are named.
fn record_text(record: &Record) -> Str {
    match record.kind().text {
        TextForm::Custom => "".into(),
        _ => text::to_text(&Value::Record(record.clone())),
    }
}

/// A text that two values share exactly where they compare as equal: a number and its text are the same.
pub(super) fn of(value: &Value, case_sensitive: bool) -> String {
    let mut key = String::new();
    write(&mut key, value, case_sensitive);
    key
}

/// One key for several values.
pub(super) fn of_all<'a>(values: impl IntoIterator<Item = &'a Value>, case_sensitive: bool) -> String {
    let mut key = String::new();
    for value in values {
        write(&mut key, value, case_sensitive);
        key.push('\u{1f}');
    }
    key
}

fn write(key: &mut String, value: &Value, case_sensitive: bool) {
    let push = |key: &mut String, text: &str| {
        if case_sensitive {
            key.push_str(text);
        } else if text.is_ascii() {
            key.extend(text.chars().map(|c| c.to_ascii_lowercase()));
        } else {
            key.push_str(&text.to_lowercase());
        }
    };
    match value {
        Value::Null => key.push('\u{0}'),
        Value::Str(text) => push(key, text),
        Value::Int(number) => {
            let _ = write!(key, "{number}");
        }
        // The text of a date stops at seconds.
        Value::DateTime(date) => {
            let _ = write!(key, "{}t", date.ticks);
        }
        Value::List(list) => {
            key.push('{');
            for value in list.iter() {
                write(key, value, case_sensitive);
                key.push('\u{1e}');
            }
        }
        // Characters differ by case.
        Value::Record(record) if char_object::of(record).is_some() => key.push_str(&record_text(record)),
        Value::Record(record) => push(key, &record_text(record)),
        other => push(key, &text::to_text(other)),
    }
}

/// The order of two values; `$null` is the smallest, what cannot be compared is compared by its text.
pub(super) fn order(left: &Value, right: &Value, case_sensitive: bool) -> Ordering {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => return a.cmp(b),
        (Value::Null, Value::Null) => return Ordering::Equal,
        (Value::Null, _) => return Ordering::Less,
        (_, Value::Null) => return Ordering::Greater,
        // Beside a number a text counts as a number if it reads as one, on whichever side it stands: so that an order
        // of both kinds is one order.
        (Value::Str(text), Value::Int(_) | Value::Float(_) | Value::Decimal(_)) => {
            if let Some(number) = number::parse(text) {
                return order(&number, right, case_sensitive);
            }
        }
        (Value::Int(_) | Value::Float(_) | Value::Decimal(_), Value::Str(text)) => {
            if let Some(number) = number::parse(text) {
                return order(left, &number, case_sensitive);
            }
        }
        (Value::Record(a), Value::Record(b)) => return texts(record_text(a), record_text(b), case_sensitive),
        _ => {}
    }
    compare::order(left, right, case_sensitive)
        .unwrap_or_else(|_| texts(text::to_text(left), text::to_text(right), case_sensitive))
}

fn texts(left: Str, right: Str, case_sensitive: bool) -> Ordering {
    compare::order(&Value::Str(left), &Value::Str(right), case_sensitive).unwrap_or(Ordering::Equal)
}

/// The order of two properties of which one or both may not exist: what does not exist comes last, whatever the
/// direction.
pub(super) fn order_found(
    left: Option<&Value>,
    right: Option<&Value>,
    case_sensitive: bool,
    descending: bool,
) -> Ordering {
    match (left, right) {
        (Some(left), Some(right)) => {
            let order = order(left, right, case_sensitive);
            if descending { order.reverse() } else { order }
        }
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}
