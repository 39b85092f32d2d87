//! Casts to single values.

use super::super::{DateTime, DateTimeKind, Str, TimeSpan, Value, Version};
use super::super::{char_object, date, number, text, timespan, truth, types};
use super::{Target, decimal_to_double, failed};
use crate::error::{Category, ErrorRecord};
use crate::value::near;
use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};
use std::sync::Arc;
use uuid::Uuid;

pub(super) fn boolean(value: &Value, to: &Target) -> Result<Value, ErrorRecord> {
    match (to, value) {
        // A switch is not made of text.
        (Target::Switch, Value::Str(_)) => Err(failed("ConvertToFinalInvalidCastException", value, &to.full_name())),
        _ => Ok(Value::Bool(truth::is_true(value))),
    }
}

pub(super) fn string(value: &Value) -> Value {
    Value::Str(text::to_text(value))
}

pub(super) fn char(value: &Value) -> Result<Value, ErrorRecord> {
    let name = "System.Char";
    match value {
        Value::Null => Ok(char_object::new('\0')),
        Value::Record(record) if char_object::of(record).is_some() => Ok(value.clone()),
        Value::Str(text) => {
            let mut chars = text.chars();
            match (chars.next(), chars.next()) {
                (Some(one), None) => Ok(char_object::new(one)),
                _ => Err(failed("InvalidCastParseTargetInvocation", value, name)),
            }
        }
        Value::Int(n) => u32::try_from(*n)
            .ok()
            .filter(|n| *n <= 0xFFFF)
            .and_then(char::from_u32)
            .map(char_object::new)
            .ok_or_else(|| failed("InvalidCastIConvertible", value, name)),
        _ => Err(failed("InvalidCastIConvertible", value, name)),
    }
}

pub(super) fn int(value: &Value, to: &Target, limits: (&Str, i64, i64)) -> Result<Value, ErrorRecord> {
    let full = to.full_name();
    let (_, min, max) = limits;
    let fit = |n: i64, id| {
        if (min..=max).contains(&n) { Ok(Value::Int(n)) } else { Err(failed(id, value, &full)) }
    };
    let from_double = |x: f64, id| {
        let rounded = x.round_ties_even();
        // The limits of i64 as doubles: the upper one is just out of reach.
        if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&rounded) {
            fit(rounded as i64, id)
        } else {
            Err(failed(id, value, &full))
        }
    };
    match value {
        Value::Null => Ok(Value::Int(0)),
        Value::Bool(b) => Ok(Value::Int((*b).into())),
        Value::Int(n) => fit(*n, "InvalidCastIConvertible"),
        Value::Float(x) => from_double(*x, "InvalidCastIConvertible"),
        Value::Decimal(d) => match d.round().to_i64() {
            Some(n) => fit(n, "InvalidCastIConvertible"),
            None => Err(failed("InvalidCastIConvertible", value, &full)),
        },
        Value::Str(text) => {
            let id = "InvalidCastFromStringToInteger";
            let trimmed = text.trim();
            if trimmed.is_empty() {
                return Ok(Value::Int(0));
            }
            let plain = number::without_thousands(trimmed).unwrap_or_default();
            match number::parse(&plain) {
                Some(Value::Int(n)) => fit(n, id),
                Some(Value::Float(x)) => from_double(x, id),
                Some(Value::Decimal(d)) => from_double(decimal_to_double(&d), id),
                _ => Err(failed(id, value, &full)),
            }
        }
        Value::Duration(_) | Value::DateTime(_) => Err(failed("InvalidCastIConvertible", value, &full)),
        Value::Record(record) => match char_object::of(record).map(char_object::code).or(types::enum_number(record)) {
            Some(n) => fit(n, "InvalidCastIConvertible"),
            None => Err(failed("ConvertToFinalInvalidCastException", value, &full)),
        },
        _ => Err(failed("ConvertToFinalInvalidCastException", value, &full)),
    }
}

pub(super) fn double(value: &Value, to: &Target) -> Result<Value, ErrorRecord> {
    let full = to.full_name();
    let x = match value {
        Value::Null => 0.0,
        Value::Bool(b) => f64::from(u8::from(*b)),
        Value::Int(n) => *n as f64,
        Value::Float(x) => *x,
        Value::Decimal(d) => decimal_to_double(d),
        Value::Str(text) if text.trim().is_empty() => 0.0,
        Value::Str(text) => {
            let parsed = number::double(text).or_else(|| match number::parse(text)? {
                Value::Int(n) => Some(n as f64),
                Value::Float(x) => Some(x),
                Value::Decimal(d) => Some(decimal_to_double(&d)),
                _ => None,
            });
            parsed.ok_or_else(|| failed("InvalidCastFromStringToDoubleOrSingle", value, &full))?
        }
        Value::DateTime(_) => return Err(failed("InvalidCastIConvertible", value, &full)),
        Value::Record(record) if char_object::of(record).is_some() => {
            return Err(failed("InvalidCastIConvertible", value, &full));
        }
        Value::Record(record) => match types::enum_number(record) {
            Some(n) => n as f64,
            None => return Err(failed("ConvertToFinalInvalidCastException", value, &full)),
        },
        _ => return Err(failed("ConvertToFinalInvalidCastException", value, &full)),
    };
    Ok(Value::Float(if *to == Target::Single { single(x) } else { x }))
}

/// A number rounded to single precision, as the double that prints as it does.
fn single(x: f64) -> f64 {
    let rounded = x as f32;
    rounded.to_string().parse().unwrap_or_else(|_| f64::from(rounded))
}

pub(super) fn decimal(value: &Value) -> Result<Value, ErrorRecord> {
    let full = "System.Decimal";
    let found = match value {
        Value::Null => Some(Decimal::ZERO),
        Value::Bool(b) => Some(Decimal::from(u8::from(*b))),
        Value::Int(n) => Some(Decimal::from(*n)),
        Value::Float(x) => {
            let d = Decimal::from_f64(*x).map(|d| d.normalize());
            return d.map(Value::Decimal).ok_or_else(|| failed("InvalidCastIConvertible", value, full));
        }
        Value::Decimal(d) => Some(*d),
        Value::Str(text) => {
            let trimmed = text.trim();
            let plain = number::without_thousands(trimmed);
            let d = match trimmed {
                "" => Some(Decimal::ZERO),
                _ => plain.as_deref().and_then(number::decimal).or_else(|| match number::parse(trimmed)? {
                    Value::Int(n) => Some(Decimal::from(n)),
                    Value::Float(x) => Decimal::from_f64(x),
                    Value::Decimal(d) => Some(d),
                    _ => None,
                }),
            };
            return d.map(Value::Decimal).ok_or_else(|| failed("InvalidCastFromStringToDecimal", value, full));
        }
        _ => None,
    };
    found.map(Value::Decimal).ok_or_else(|| failed("ConvertToFinalInvalidCastException", value, full))
}

pub(super) fn date_time(value: &Value) -> Result<Value, ErrorRecord> {
    let full = "System.DateTime";
    match value {
        Value::DateTime(_) => Ok(value.clone()),
        Value::Null => Err(failed("nullToObjectInvalidCast", value, full)),
        Value::Int(ticks) if (0..=date::MAX_TICKS).contains(ticks) => {
            Ok(Value::DateTime(DateTime { ticks: *ticks, kind: DateTimeKind::Unspecified }))
        }
        Value::Str(text) => date::parse(text).map(Value::DateTime).ok_or_else(|| {
            failed("InvalidCastParseTargetInvocationWithFormatProvider", value, full)
                .hint("Write the year first, as 2026-11-21, or the month, as 11/21/2026.")
        }),
        Value::Int(_) => Err(failed("InvalidCastConstructorException", value, full)),
        Value::Float(_) | Value::Decimal(_) | Value::Bool(_) => Err(failed("InvalidCastIConvertible", value, full)),
        _ => Err(failed("ConvertToFinalInvalidCastException", value, full)),
    }
}

pub(super) fn time_span(value: &Value) -> Result<Value, ErrorRecord> {
    let full = "System.TimeSpan";
    match value {
        Value::Duration(_) => Ok(value.clone()),
        Value::Null => Err(failed("nullToObjectInvalidCast", value, full)),
        Value::Int(ticks) => Ok(Value::Duration(TimeSpan { ticks: *ticks })),
        Value::Str(text) => timespan::parse(text).map(Value::Duration).ok_or_else(|| {
            failed("InvalidCastParseTargetInvocationWithFormatProvider", value, full)
                .hint("Write days.hours:minutes:seconds, as 1.02:30:00.")
        }),
        _ => Err(failed("ConvertToFinalInvalidCastException", value, full)),
    }
}

pub(super) fn guid(value: &Value) -> Result<Value, ErrorRecord> {
    let full = "System.Guid";
    match value {
        Value::Guid(_) => Ok(value.clone()),
        Value::Null => Err(failed("nullToObjectInvalidCast", value, full)),
        Value::Str(text) => {
            let bare = text.trim().trim_start_matches(['{', '(']).trim_end_matches(['}', ')']);
            let parsed = Uuid::try_parse(bare).ok();
            parsed
                .map(Value::Guid)
                .ok_or_else(|| failed("InvalidCastParseTargetInvocationWithFormatProvider", value, full))
        }
        _ => Err(failed("ConvertToFinalInvalidCastException", value, full)),
    }
}

pub(super) fn version(value: &Value) -> Result<Value, ErrorRecord> {
    let full = "System.Version";
    let text = match value {
        Value::Null | Value::Version(_) => return Ok(value.clone()),
        Value::Str(text) => text.clone(),
        Value::Float(_) | Value::Decimal(_) => text::to_text(value),
        _ => return Err(failed("ConvertToFinalInvalidCastException", value, full)),
    };
    parse_version(&text)
        .map(|version| Value::Version(Arc::new(version)))
        .ok_or_else(|| failed("InvalidCastParseTargetInvocation", value, full))
}

fn parse_version(text: &str) -> Option<Version> {
    let parts: Vec<u32> = text
        .trim()
        .split('.')
        .map(|part| part.trim().parse().ok().filter(|n| *n <= i32::MAX.unsigned_abs()))
        .collect::<Option<_>>()?;
    match parts.as_slice() {
        [major, minor, rest @ ..] if rest.len() <= 2 => {
            Some(Version { major: *major, minor: *minor, build: rest.first().copied(), revision: rest.get(1).copied() })
        }
        _ => None,
    }
}

pub(super) fn ip_address(value: &Value) -> Result<Value, ErrorRecord> {
    let full = "System.Net.IPAddress";
    match value {
        Value::Null => Ok(Value::Null),
        Value::Str(text) => match text.trim().parse::<std::net::IpAddr>() {
            Ok(address) => Ok(address.to_string().into()),
            Err(_) => Err(failed("InvalidCastParseTargetInvocation", value, full)),
        },
        _ => Err(failed("ConvertToFinalInvalidCastException", value, full)),
    }
}

pub(super) fn enumeration(value: &Value, name: &Str, values: &[Str]) -> Result<Value, ErrorRecord> {
    if let Value::Record(record) = value
        && record.kind().name == *name
    {
        return Ok(value.clone());
    }
    let text = text::to_text(value);
    let text = text.trim();
    let dotnet = types::is_enum(name);
    if dotnet && let Some(found) = types::enum_value(name, text) {
        return Ok(found);
    }
    if !dotnet && !text.is_empty() && !value.is_null() {
        let starts = |v: &&Str| v.get(..text.len()).is_some_and(|start| start.eq_ignore_ascii_case(text));
        let exact = values.iter().find(|v| super::super::same_name(v, text));
        let by_number = || text.parse::<usize>().ok().and_then(|at| values.get(at));
        let by_prefix = || values.iter().find(starts).filter(|_| values.iter().filter(starts).count() == 1);
        if let Some(found) = exact.or_else(by_number).or_else(by_prefix) {
            return Ok(Value::Str(found.clone()));
        }
    }
    let id = match value {
        Value::Null => "nullToObjectInvalidCast",
        Value::Str(_) => "InvalidCastFromStringToEnumeration",
        _ => "ConvertToFinalInvalidCastException",
    };
    let list = values.iter().map(|v| &**v).collect::<Vec<_>>().join(", ");
    let error =
        ErrorRecord::new(id, Category::InvalidArgument, format!("\"{text}\" is none of the values of {name}: {list}."));
    Err(match near::nearest(text, values) {
        Some(near) => error.hint(format!("Did you mean {near}?")),
        None => error,
    })
}

pub(super) fn type_value(value: &Value) -> Result<Value, ErrorRecord> {
    let full = "System.Type";
    match value {
        Value::Null => Ok(Value::Null),
        Value::Record(record) if &*record.kind().name == "System.RuntimeType" => Ok(value.clone()),
        Value::Str(name) => types::find(name)
            .map(|found| types::type_value(&found))
            .ok_or_else(|| failed("InvalidCastFromStringToType", value, full)),
        _ => Err(failed("ConvertToFinalInvalidCastException", value, full)),
    }
}
