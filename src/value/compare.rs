//! `-eq`, `-lt` and sorting: the right side is converted to the type of the left; strings by the root collation.

use super::convert::{self, Target};
use super::{Record, Value, char_object, collate, enumerate, text, types};
use crate::error::{Category, ErrorRecord};
use rust_decimal::Decimal;
use std::cmp::Ordering;
use std::sync::Arc;

/// Whether `-eq` (or `-ceq`) holds between two values; a list on the left is not filtered here.
pub fn equals(a: &Value, b: &Value, case_sensitive: bool) -> bool {
    match (a, b) {
        (Value::Null, _) | (_, Value::Null) => a.is_null() && b.is_null(),
        (Value::Str(a), Value::Str(b)) => collate::equal(a, b, case_sensitive),
        (Value::List(a), Value::List(b)) => Arc::ptr_eq(a, b),
        (Value::Map(a), Value::Map(b)) => a.same(b),
        (Value::Block(a), Value::Block(b)) => Arc::ptr_eq(&a.0, &b.0),
        (Value::Record(a), Value::Record(b)) if a.same(b) => true,
        _ => order(a, b, case_sensitive).is_ok_and(Ordering::is_eq),
    }
}

/// The order of two values, as `-lt` sees it.
///
/// # Errors
/// What converting the right side to the type of the left gives; `NotIcomparable` where the left has no order.
pub fn order(a: &Value, b: &Value, case_sensitive: bool) -> Result<Ordering, ErrorRecord> {
    if let Some(order) = with_null(a, b) {
        return Ok(order);
    }
    if let Some(order) = numbers(a, b) {
        return Ok(order);
    }
    let converted = |target: &Target| convert::cast(b, target);
    match a {
        Value::Str(a) => Ok(collate::compare(a, &text::to_text(b), case_sensitive)),
        Value::Bool(a) => match converted(&Target::Bool)? {
            Value::Bool(b) => Ok(a.cmp(&b)),
            _ => Err(no_order(&Value::Bool(*a))),
        },
        Value::Int(_) | Value::Float(_) | Value::Decimal(_) => {
            let target = match a {
                Value::Int(_) => convert::int64(),
                Value::Float(_) => Target::Double,
                _ => Target::Decimal,
            };
            let b = match (a, convert::cast(b, &target)) {
                // What does not fit an integer may still be a number.
                (Value::Int(_), Err(error)) if error.id() == "InvalidCastIConvertible" => {
                    convert::cast(b, &Target::Double)?
                }
                (_, converted) => converted?,
            };
            numbers(a, &b).ok_or_else(|| no_order(a))
        }
        Value::DateTime(at) => match converted(&Target::DateTime)? {
            Value::DateTime(b) => Ok(at.ticks.cmp(&b.ticks)),
            _ => Err(no_order(a)),
        },
        Value::Duration(span) => match converted(&Target::TimeSpan)? {
            Value::Duration(b) => Ok(span.ticks.cmp(&b.ticks)),
            _ => Err(no_order(a)),
        },
        Value::Version(version) => match converted(&Target::Version)? {
            Value::Version(b) => Ok(version.cmp(&b)),
            _ => Err(no_order(a)),
        },
        Value::Guid(id) => match converted(&Target::Guid)? {
            Value::Guid(b) => Ok(id.as_bytes().cmp(b.as_bytes())),
            _ => Err(no_order(a)),
        },
        Value::Record(record) => match char_object::of(record) {
            Some(c) => char_object::order(c, b, case_sensitive)
                .ok_or_else(|| convert::cast(b, &Target::Char).err().unwrap_or_else(|| no_order(a))),
            None => records(record, b).ok_or_else(|| no_order(a)),
        },
        Value::Null | Value::List(_) | Value::Map(_) | Value::Block(_) => Err(no_order(a)),
    }
}

/// Nothing is less than everything but a negative number.
fn with_null(a: &Value, b: &Value) -> Option<Ordering> {
    let above = |value: &Value| match value {
        Value::Int(n) => *n >= 0,
        Value::Float(x) => *x >= 0.0,
        Value::Decimal(d) => !d.is_sign_negative(),
        _ => true,
    };
    match (a.is_null(), b.is_null()) {
        (true, true) => Some(Ordering::Equal),
        (true, false) => Some(if above(b) { Ordering::Less } else { Ordering::Greater }),
        (false, true) => Some(if above(a) { Ordering::Greater } else { Ordering::Less }),
        (false, false) => None,
    }
}

/// The order of two numbers of any make; what is no number (NaN) comes first.
fn numbers(a: &Value, b: &Value) -> Option<Ordering> {
    let float = |x: f64, y: f64| x.partial_cmp(&y).unwrap_or_else(|| y.is_nan().cmp(&x.is_nan()));
    Some(match (a, b) {
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Int(a), Value::Float(b)) => float(*a as f64, *b),
        (Value::Float(a), Value::Int(b)) => float(*a, *b as f64),
        (Value::Float(a), Value::Float(b)) => float(*a, *b),
        (Value::Decimal(a), Value::Decimal(b)) => a.cmp(b),
        (Value::Decimal(a), Value::Int(b)) => a.cmp(&Decimal::from(*b)),
        (Value::Int(a), Value::Decimal(b)) => Decimal::from(*a).cmp(b),
        (Value::Decimal(a), Value::Float(b)) => float(convert::decimal_to_double(a), *b),
        (Value::Float(a), Value::Decimal(b)) => float(*a, convert::decimal_to_double(b)),
        _ => return None,
    })
}

/// The order of records that count as one value: enumerations by number, others by text.
fn records(a: &Record, b: &Value) -> Option<Ordering> {
    if let Some(of_a) = types::enum_number(a) {
        let of_b = match b {
            Value::Int(n) => *n,
            Value::Record(b) if b.kind() == a.kind() => types::enum_number(b)?,
            other => types::enum_by_name(&a.kind().name, &text::to_text(other))?,
        };
        return Some(of_a.cmp(&of_b));
    }
    let a_text = text::to_text(&Value::Record(a.clone()));
    match b {
        Value::Record(b) if a.kind().is_scalar() && b.kind() == a.kind() => {
            Some(collate::compare(&a_text, &text::to_text(&Value::Record(b.clone())), false))
        }
        Value::Str(b) if a.kind().is_scalar() => Some(collate::compare(&a_text, b, false)),
        _ => None,
    }
}

fn no_order(value: &Value) -> ErrorRecord {
    let name = types::name_of(value);
    ErrorRecord::new(
        "NotIcomparable",
        Category::InvalidOperation,
        format!("Objects of type {name} have no order, so they cannot be compared."),
    )
    .hint("Compare a property of theirs.")
}

/// The order that Sort-Object uses: total, unlike types by their text.
pub fn sort_order(a: &Value, b: &Value, case_sensitive: bool) -> Ordering {
    if let (Value::Null, _) | (_, Value::Null) = (a, b) {
        return a.is_null().cmp(&b.is_null()).reverse();
    }
    if let (Some(a), Some(b)) = (enumerate::items(a), enumerate::items(b)) {
        for (a, b) in a.iter().zip(b.iter()) {
            let order = sort_order(a, b, case_sensitive);
            if order.is_ne() {
                return order;
            }
        }
        return a.len().cmp(&b.len());
    }
    // Characters have an order of their own, in which case counts.
    let case_sensitive = case_sensitive || char_object::of_value(a).is_some();
    match order(a, b, case_sensitive) {
        Ok(order) => order,
        Err(_) => collate::compare(&text::to_text(a), &text::to_text(b), case_sensitive),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{TimeSpan, date};

    fn day(text: &str) -> Value {
        Value::DateTime(date::parse(text).unwrap())
    }

    #[test]
    fn equality() {
        let version =
            Value::Version(Arc::new(crate::value::Version { major: 5, minor: 0, build: Some(1), revision: None }));
        for (a, b, equal) in [
            (Value::Int(1), "1".into(), true),
            ("CsHelpDesk".into(), "cshelpdesk".into(), true),
            ("False".into(), false.into(), true),
            (Value::Int(0), "".into(), true),
            ("".into(), Value::Int(0), false),
            (Value::Int(5), "abc".into(), false),
            (Value::Null, Value::list(vec![]), false),
            ("".into(), Value::Null, false),
            (false.into(), Value::Null, false),
            (version, "5.0.1".into(), true),
            (Value::Duration(TimeSpan::seconds(600)), "00:10:00".into(), true),
            (Record::custom([("A", Value::Null)]).into(), Record::custom([("A", Value::Null)]).into(), false),
            (Value::Int(5), Value::Float(5.5), false),
        ] {
            assert_eq!(equals(&a, &b, false), equal, "{a:?} {b:?}");
        }
        assert!(!equals(&"a".into(), &"A".into(), true));
    }

    #[test]
    fn order_converts_to_the_left() {
        use Ordering::{Greater, Less};
        for (a, b, expected) in [
            ("10".into(), Value::Int(9), Less),
            (Value::Int(9), "10".into(), Less),
            (Value::Null, Value::Int(0), Less),
            (Value::Null, Value::Int(-1), Greater),
            (Value::Int(0), Value::Null, Greater),
            (day("2026-11-22"), "2026-11-21".into(), Greater),
            ("2026-11-20".into(), day("2026-11-21"), Greater),
            (Value::Duration(TimeSpan::seconds(600)), Value::Int(5), Greater),
        ] {
            assert_eq!(order(&a, &b, false).unwrap(), expected, "{a:?} {b:?}");
        }
        assert_eq!(order(&Value::Int(5), &"abc".into(), false).unwrap_err().id(), "InvalidCastFromStringToInteger");
        let record = || Value::Record(Record::custom([("A", Value::Null)]));
        assert_eq!(order(&record(), &record(), false).unwrap_err().id(), "NotIcomparable");
    }
}
