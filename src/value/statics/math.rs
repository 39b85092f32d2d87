//! `[math]`.

use super::super::member::{Answer, Call};
use super::super::{Value, convert, ops, text, types};
use crate::error::{Category, ErrorRecord};
use rust_decimal::RoundingStrategy;

pub(super) fn get(name: &str) -> Option<Value> {
    Some(match name {
        "pi" => std::f64::consts::PI.into(),
        "e" => std::f64::consts::E.into(),
        "tau" => std::f64::consts::TAU.into(),
        _ => return None,
    })
}

/// A number as it is, whatever else as a double.
fn number(call: &Call, at: usize) -> Result<Value, ErrorRecord> {
    match call.value(at) {
        value @ (Value::Int(_) | Value::Float(_) | Value::Decimal(_)) => Ok(value),
        _ => call.double(at).map(Value::Float),
    }
}

fn round(call: &Call) -> Result<Value, ErrorRecord> {
    let value = number(call, 0)?;
    let digits = match call.arguments.get(1) {
        Some(Value::Int(digits)) => *digits,
        _ => 0,
    };
    if !(0..=15).contains(&digits) {
        return Err(call.out_of_range());
    }
    let places = u32::try_from(digits).unwrap_or(0);
    // Behind the digits it may be a number, too; in their place it is a value of the enumeration or its name.
    let mode = match call.arguments {
        [_, _, mode] => Some(mode),
        [_, mode] if !matches!(mode, Value::Int(_)) => Some(mode),
        _ => None,
    };
    let mode = match mode {
        Some(mode) => {
            types::enum_by_name("System.MidpointRounding", &text::to_text(mode)).ok_or_else(|| call.unfit(2))?
        }
        None => 0,
    };
    Ok(match value {
        Value::Decimal(d) => {
            let strategy = match mode {
                1 => RoundingStrategy::MidpointAwayFromZero,
                2 => RoundingStrategy::ToZero,
                3 => RoundingStrategy::ToNegativeInfinity,
                4 => RoundingStrategy::ToPositiveInfinity,
                _ => RoundingStrategy::MidpointNearestEven,
            };
            Value::Decimal(d.round_dp_with_strategy(places, strategy))
        }
        other => {
            let x = as_double(&other);
            let power = 10f64.powi(places.cast_signed());
            let scaled = x * power;
            if scaled.abs() >= 1e16 || !scaled.is_finite() {
                return Ok(Value::Float(x));
            }
            let rounded = match mode {
                1 => scaled.round(),
                2 => scaled.trunc(),
                3 => scaled.floor(),
                4 => scaled.ceil(),
                _ => scaled.round_ties_even(),
            };
            Value::Float(rounded / power)
        }
    })
}

fn as_double(value: &Value) -> f64 {
    match value {
        Value::Int(n) => *n as f64,
        Value::Float(x) => *x,
        Value::Decimal(d) => convert::decimal_to_double(d),
        _ => f64::NAN,
    }
}

fn whole(
    call: &Call,
    float: fn(f64) -> f64,
    decimal: fn(&rust_decimal::Decimal) -> rust_decimal::Decimal,
) -> Result<Value, ErrorRecord> {
    Ok(match number(call, 0)? {
        Value::Decimal(d) => Value::Decimal(decimal(&d)),
        other => Value::Float(float(as_double(&other))),
    })
}

fn extreme(call: &Call, op: &str) -> Result<Value, ErrorRecord> {
    let (a, b) = (number(call, 0)?, number(call, 1)?);
    let first = matches!(ops::binary(op, &a, &b)?, Value::Bool(true));
    let chosen = if first { a.clone() } else { b.clone() };
    // Of a whole number and a double, the result is a double.
    Ok(match (&a, &b) {
        (Value::Float(_), _) | (_, Value::Float(_)) => Value::Float(as_double(&chosen)),
        _ => chosen,
    })
}

/// What `[decimal]` has of these.
pub(super) const OF_DECIMAL: &[&str] = &["round", "floor", "ceiling", "truncate"];

pub(super) fn call(call: &Call) -> Answer {
    let float = |f: fn(f64) -> f64| call.double(0).map(|x| Value::Float(f(x)));
    Some(match (call.name, call.count()) {
        ("max", 2) => extreme(call, "ge"),
        ("min", 2) => extreme(call, "le"),
        ("clamp", 3) => {
            let inner = extreme(call, "ge");
            inner.and_then(|value| {
                let arguments = [value, call.value(2)];
                // The larger of value and least, and the smaller of that and most.
                extreme(&Call { name: call.name, arguments: &arguments }, "le")
            })
        }
        ("abs", 1) => number(call, 0).and_then(|value| match value {
            Value::Int(n) => n.checked_abs().map(Value::Int).ok_or_else(|| {
                let message = "Negating the smallest of all numbers gives one that is too large.";
                ErrorRecord::new("OverflowException", Category::NotSpecified, message)
            }),
            Value::Decimal(d) => Ok(Value::Decimal(d.abs())),
            other => Ok(Value::Float(as_double(&other).abs())),
        }),
        ("sign", 1) => call.double(0).map(|x| Value::Int(if x > 0.0 { 1 } else { -i64::from(x < 0.0) })),
        ("round", 1..=3) => round(call),
        ("floor", 1) => whole(call, f64::floor, |d| d.floor()),
        ("ceiling", 1) => whole(call, f64::ceil, |d| d.ceil()),
        ("truncate", 1) => whole(call, f64::trunc, |d| d.trunc()),
        ("pow", 2) => call.double(0).and_then(|x| call.double(1).map(|y| Value::Float(x.powf(y)))),
        ("sqrt", 1) => float(f64::sqrt),
        ("cbrt", 1) => float(f64::cbrt),
        ("exp", 1) => float(f64::exp),
        ("log", 1) => float(f64::ln),
        ("log", 2) => call.double(0).and_then(|x| call.double(1).map(|base| Value::Float(x.log(base)))),
        ("log10", 1) => float(f64::log10),
        ("log2", 1) => float(f64::log2),
        ("sin", 1) => float(f64::sin),
        ("cos", 1) => float(f64::cos),
        ("tan", 1) => float(f64::tan),
        ("asin", 1) => float(f64::asin),
        ("acos", 1) => float(f64::acos),
        ("atan", 1) => float(f64::atan),
        ("atan2", 2) => call.double(0).and_then(|y| call.double(1).map(|x| Value::Float(y.atan2(x)))),
        ("divrem", 2) => call.int(0).and_then(|a| {
            let b = call.int(1)?;
            match (a.checked_div(b), a.checked_rem(b)) {
                (Some(quotient), Some(rest)) => Ok(Value::list(vec![quotient.into(), rest.into()])),
                _ => Err(call.out_of_range()),
            }
        }),
        _ => return None,
    })
}
