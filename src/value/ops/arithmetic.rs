//! `+ - * / %` with PowerShell's conversions.

use super::super::convert::{self, Target, decimal_to_double};
use super::super::{DateTime, Table, TimeSpan, Value, char_object, date, enumerate, number, text, types};
use crate::env::bounds::LONGEST_TEXT;
use crate::error::{Category, ErrorRecord};
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;
use std::sync::Arc;

/// How many elements a repeated list may have.
const LONGEST_LIST: u64 = 10_000_000;

/// Two numbers of the make in which an operation works.
enum Pair {
    Ints(i64, i64),
    Floats(f64, f64),
    Decimals(Decimal, Decimal),
}

pub(super) fn too_large(what: &str, most: &str) -> ErrorRecord {
    ErrorRecord::new("DataSizeExceeded", Category::LimitsExceeded, format!("{what} may not be larger than {most}."))
}

/// Whether a text of so many bytes may be made.
fn fits(bytes: u64) -> Result<(), ErrorRecord> {
    if bytes <= LONGEST_TEXT as u64 {
        Ok(())
    } else {
        Err(too_large("A string", &format!("{} MB", LONGEST_TEXT >> 20)))
    }
}

/// An error for operands that have no such operation: .NET's name of it.
fn no_operation(name: &str, left: &Value) -> ErrorRecord {
    ErrorRecord::new(
        "MethodNotFound",
        Category::InvalidOperation,
        format!("[{}] does not contain a method named 'op_{name}'.", types::name_of(left)),
    )
}

fn from_string(text: &Value, other: &Value) -> Result<Value, ErrorRecord> {
    let Value::Str(inner) = text else { return Ok(text.clone()) };
    if inner.trim().is_empty() {
        return Ok(Value::Int(0));
    }
    number::parse(inner).map_or_else(
        || {
            let target = match other {
                Value::Float(_) => Target::Double,
                Value::Decimal(_) => Target::Decimal,
                _ => convert::int64(),
            };
            convert::cast(text, &target)
        },
        Ok,
    )
}

fn numbers(name: &str, left: &Value, right: &Value) -> Result<Pair, ErrorRecord> {
    let number = |value: &Value, other: &Value| -> Result<Value, ErrorRecord> {
        match value {
            Value::Null => Ok(Value::Int(0)),
            Value::Bool(b) => Ok(Value::Int((*b).into())),
            Value::Int(_) | Value::Float(_) | Value::Decimal(_) => Ok(value.clone()),
            Value::Str(_) => from_string(value, other),
            Value::Record(record) => char_object::of(record)
                .map(char_object::code)
                .or(types::enum_number(record))
                .map(Value::Int)
                .ok_or_else(|| no_operation(name, left)),
            _ => Err(no_operation(name, left)),
        }
    };
    let (a, b) = (number(left, right)?, number(right, left)?);
    let decimal = |value: &Value| match value {
        Value::Int(n) => Some(Decimal::from(*n)),
        Value::Float(x) => Decimal::from_f64(*x),
        Value::Decimal(d) => Some(*d),
        _ => None,
    };
    let float = |value: &Value| match value {
        Value::Int(n) => *n as f64,
        Value::Float(x) => *x,
        Value::Decimal(d) => decimal_to_double(d),
        _ => f64::NAN,
    };
    if let (Value::Int(a), Value::Int(b)) = (&a, &b) {
        return Ok(Pair::Ints(*a, *b));
    }
    let exact = matches!(a, Value::Decimal(_)) || matches!(b, Value::Decimal(_));
    if let (true, Some(a), Some(b)) = (exact, decimal(&a), decimal(&b)) {
        return Ok(Pair::Decimals(a, b));
    }
    Ok(Pair::Floats(float(&a), float(&b)))
}

fn int_or_float(exact: Option<i64>, float: f64) -> Value {
    exact.map_or(Value::Float(float), Value::Int)
}

fn decimal_result(result: Option<Decimal>) -> Result<Value, ErrorRecord> {
    result.map(Value::Decimal).ok_or_else(|| {
        ErrorRecord::new(
            "RuntimeException",
            Category::InvalidResult,
            "The result is too large or too small for a decimal.",
        )
    })
}

pub(super) fn add(left: &Value, right: &Value) -> Result<Value, ErrorRecord> {
    if let Some(items) = enumerate::items(left) {
        let mut joined = Arc::unwrap_or_clone(items);
        match enumerate::items(right) {
            Some(more) => joined.extend(more.iter().cloned()),
            None => joined.push(right.clone()),
        }
        return Ok(Value::list(joined));
    }
    // Characters join with characters and texts; with numbers they count as their codes.
    if char_object::of_value(left).is_some()
        && (matches!(right, Value::Str(_)) || char_object::of_value(right).is_some())
    {
        return Ok(format!("{}{}", text::to_text(left), text::to_text(right)).into());
    }
    match (left, right) {
        (Value::Null, _) => Ok(right.clone()),
        (Value::Str(a), _) => {
            let b = text::to_text(right);
            fits(a.len() as u64 + b.len() as u64)?;
            Ok(format!("{a}{b}").into())
        }
        (Value::Map(a), Value::Map(b)) => merged(a, b),
        (Value::DateTime(at), _) => moved(*at, span_of(right, "Addition", left)?, 1),
        (Value::Duration(span), Value::DateTime(at)) => moved(*at, *span, 1),
        (Value::Duration(span), _) => spans(span.ticks.checked_add(span_of(right, "Addition", left)?.ticks)),
        _ => Ok(match numbers("Addition", left, right)? {
            Pair::Ints(a, b) => int_or_float(a.checked_add(b), a as f64 + b as f64),
            Pair::Floats(a, b) => Value::Float(a + b),
            Pair::Decimals(a, b) => decimal_result(a.checked_add(b))?,
        }),
    }
}

pub(super) fn subtract(left: &Value, right: &Value) -> Result<Value, ErrorRecord> {
    match (left, right) {
        (Value::DateTime(a), Value::DateTime(b)) => Ok(Value::Duration(TimeSpan { ticks: a.ticks - b.ticks })),
        (Value::DateTime(at), Value::Str(text)) if date::parse(text).is_some() => {
            let b = date::parse(text).map_or(0, |b| b.ticks);
            Ok(Value::Duration(TimeSpan { ticks: at.ticks - b }))
        }
        (Value::DateTime(at), _) => moved(*at, span_of(right, "Subtraction", left)?, -1),
        (Value::Duration(span), _) => spans(span.ticks.checked_sub(span_of(right, "Subtraction", left)?.ticks)),
        _ => Ok(match numbers("Subtraction", left, right)? {
            Pair::Ints(a, b) => int_or_float(a.checked_sub(b), a as f64 - b as f64),
            Pair::Floats(a, b) => Value::Float(a - b),
            Pair::Decimals(a, b) => decimal_result(a.checked_sub(b))?,
        }),
    }
}

pub(super) fn multiply(left: &Value, right: &Value) -> Result<Value, ErrorRecord> {
    let times = || match convert::cast(right, &convert::int64())? {
        Value::Int(n) => u64::try_from(n).map_err(|_| {
            ErrorRecord::new(
                "ArgumentOutOfRangeException",
                Category::InvalidArgument,
                "Nothing repeats less than 0 times.",
            )
        }),
        _ => Err(no_operation("Multiply", left)),
    };
    if let Some(items) = enumerate::items(left) {
        let times = times()?;
        if times.saturating_mul(items.len() as u64) > LONGEST_LIST {
            return Err(too_large("A list", &format!("{LONGEST_LIST} elements")));
        }
        let all = (0..times).flat_map(|_| items.iter().cloned()).collect();
        return Ok(Value::list(all));
    }
    match (left, right) {
        (Value::Null, _) => Ok(Value::Null),
        (Value::Str(text), _) => {
            let times = times()?;
            fits(times.saturating_mul(text.len() as u64))?;
            Ok(text.repeat(usize::try_from(times).unwrap_or(0)).into())
        }
        (Value::Duration(span), _) => {
            let Value::Float(factor) = convert::cast(right, &Target::Double)? else {
                return Err(no_operation("Multiply", left));
            };
            let ticks = (span.ticks as f64 * factor).round_ties_even();
            spans((ticks.abs() < 9.2e18).then_some(ticks as i64))
        }
        _ => Ok(match numbers("Multiply", left, right)? {
            Pair::Ints(a, b) => int_or_float(a.checked_mul(b), a as f64 * b as f64),
            Pair::Floats(a, b) => Value::Float(a * b),
            Pair::Decimals(a, b) => decimal_result(a.checked_mul(b))?,
        }),
    }
}

pub(super) fn divide(left: &Value, right: &Value) -> Result<Value, ErrorRecord> {
    if let Value::Duration(span) = left {
        return match right {
            Value::Duration(by) if by.ticks != 0 => Ok(Value::Float(span.ticks as f64 / by.ticks as f64)),
            Value::Duration(_) => Err(by_zero()),
            _ => match convert::cast(right, &Target::Double)? {
                Value::Float(by) if by != 0.0 => spans(Some((span.ticks as f64 / by).round_ties_even() as i64)),
                _ => Err(by_zero()),
            },
        };
    }
    match numbers("Division", left, right)? {
        Pair::Ints(_, 0) => Err(by_zero()),
        Pair::Ints(a, b) => Ok(match a.checked_rem(b) {
            Some(0) => int_or_float(a.checked_div(b), a as f64 / b as f64),
            _ => Value::Float(a as f64 / b as f64),
        }),
        Pair::Floats(a, b) => Ok(Value::Float(a / b)),
        Pair::Decimals(_, b) if b.is_zero() => Err(by_zero()),
        Pair::Decimals(a, b) => decimal_result(a.checked_div(b)),
    }
}

pub(super) fn remainder(left: &Value, right: &Value) -> Result<Value, ErrorRecord> {
    match numbers("Modulus", left, right)? {
        Pair::Ints(_, 0) => Err(by_zero()),
        // The smallest number by -1 leaves nothing.
        Pair::Ints(a, b) => Ok(Value::Int(a.checked_rem(b).unwrap_or(0))),
        Pair::Floats(a, b) => Ok(Value::Float(a % b)),
        Pair::Decimals(_, b) if b.is_zero() => Err(by_zero()),
        Pair::Decimals(a, b) => decimal_result(a.checked_rem(b)),
    }
}

fn by_zero() -> ErrorRecord {
    ErrorRecord::new("RuntimeException", Category::NotSpecified, "Attempted to divide by zero.")
}

fn merged(a: &Table, b: &Table) -> Result<Value, ErrorRecord> {
    let merged = a.copy();
    for (key, value) in b.entries() {
        if merged.get(&key).is_some() {
            return Err(ErrorRecord::new(
                "System.ArgumentException",
                Category::NotSpecified,
                format!("Both tables have the key '{}'.", text::to_text(&key)),
            ));
        }
        merged.put(key, value);
    }
    Ok(Value::Map(merged))
}

fn span_of(value: &Value, name: &str, left: &Value) -> Result<TimeSpan, ErrorRecord> {
    match convert::cast(value, &Target::TimeSpan) {
        Ok(Value::Duration(span)) => Ok(span),
        Ok(_) => Err(no_operation(name, left)),
        Err(error) => Err(error),
    }
}

fn moved(at: DateTime, by: TimeSpan, sign: i64) -> Result<Value, ErrorRecord> {
    let ticks = by.ticks.checked_mul(sign).and_then(|by| at.ticks.checked_add(by));
    match ticks.filter(|ticks| (0..=date::MAX_TICKS).contains(ticks)) {
        Some(ticks) => Ok(Value::DateTime(DateTime { ticks, kind: at.kind })),
        None => Err(out_of_range("a date")),
    }
}

fn spans(ticks: Option<i64>) -> Result<Value, ErrorRecord> {
    ticks.map(|ticks| Value::Duration(TimeSpan { ticks })).ok_or_else(|| out_of_range("a duration"))
}

fn out_of_range(what: &str) -> ErrorRecord {
    ErrorRecord::new(
        "ArgumentOutOfRangeException",
        Category::NotSpecified,
        format!("The result is out of the range of {what}."),
    )
}
