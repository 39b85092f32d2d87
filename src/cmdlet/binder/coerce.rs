//! What a parameter's type makes of a value: as it is, converted, or refused.

use super::Conversions;
use super::failure::{self, Failed};
use super::plan::{Param, Plan};
use crate::cmdlet::spec::ParameterType;
use crate::error::{Category, ErrorRecord};
use crate::value::convert::{Target, cast};
use crate::value::enumerate::items;
use crate::value::{Str, Value, same_name, text, types};

/// The value if it is of the type already, one value in a list where a list is asked; `None` if it is not.
pub(super) fn as_it_is(kind: &ParameterType, value: &Value) -> Option<Value> {
    if value.is_null() {
        return takes_null(kind).then_some(Value::Null);
    }
    if let ParameterType::Array(element) = kind {
        return match items(value) {
            Some(list) if matches!(**element, ParameterType::Object) => Some(Value::List(list)),
            Some(list) => list.iter().all(|v| is_a(element, v)).then(|| Value::List(list)),
            None => is_a(element, value).then(|| Value::list(vec![value.clone()])),
        };
    }
    is_a(kind, value).then(|| value.clone())
}

/// Whether `$null` passes without conversion: types of reference that are no text.
fn takes_null(kind: &ParameterType) -> bool {
    matches!(
        kind,
        ParameterType::Object
            | ParameterType::Array(_)
            | ParameterType::Hashtable
            | ParameterType::ScriptBlock
            | ParameterType::Version
            | ParameterType::Uri
            | ParameterType::IpAddress
            | ParameterType::Credential
            | ParameterType::SecureString
    ) || matches!(kind, ParameterType::Other(target) if !matches!(target, Target::Char | Target::Enum { .. }))
}

fn is_a(kind: &ParameterType, value: &Value) -> bool {
    match (kind, value) {
        (ParameterType::Object, _)
        | (ParameterType::Bool, Value::Bool(_))
        | (ParameterType::String, Value::Str(_))
        | (ParameterType::Double, Value::Float(_))
        | (ParameterType::Decimal, Value::Decimal(_))
        | (ParameterType::DateTime, Value::DateTime(_))
        | (ParameterType::TimeSpan, Value::Duration(_))
        | (ParameterType::Guid, Value::Guid(_))
        | (ParameterType::Version, Value::Version(_))
        | (ParameterType::Hashtable, Value::Map(_))
        | (ParameterType::ScriptBlock, Value::Block(_))
        | (ParameterType::Credential | ParameterType::SecureString, Value::Record(_)) => true,
        // A literal is an Int32, or an Int64 where that does not hold it.
        (ParameterType::Integer { name, .. }, Value::Int(n)) => match &**name {
            "Int32" => i32::try_from(*n).is_ok(),
            "Int64" => i32::try_from(*n).is_err(),
            _ => false,
        },
        (ParameterType::Other(target), value) => types::is(value, &target.full_name()),
        _ => false,
    }
}

/// The value converted to the parameter's type.
pub(super) fn convert(plan: &Plan, param: &Param, value: &Value, conversions: Conversions) -> Failed<Value> {
    to(plan, param, &param.spec.kind, value, conversions == Conversions::Function)
}

fn to(plan: &Plan, param: &Param, kind: &ParameterType, value: &Value, function: bool) -> Failed<Value> {
    if value.is_null() {
        return null(plan, param, kind, function);
    }
    match kind {
        ParameterType::Object => return Ok(value.clone()),
        ParameterType::Bool | ParameterType::Switch => {
            let number = match value {
                Value::Bool(on) => return Ok(Value::Bool(*on)),
                Value::Int(n) => *n != 0,
                Value::Float(x) => *x != 0.0,
                Value::Decimal(d) => !d.is_zero(),
                _ => return Err(failure::wrong_shape(plan, param, "$true or $false, not a text", function)),
            };
            // A switch of a function takes only truth values.
            if function && *kind == ParameterType::Switch {
                return Err(failure::wrong_shape(plan, param, "$true or $false, not a number", function));
            }
            return Ok(Value::Bool(number));
        }
        ParameterType::Array(element) => {
            if let Some(whole) = as_it_is(kind, value) {
                return Ok(whole);
            }
            let one = [value.clone()];
            let list = items(value);
            let elements = list.as_ref().map_or(&one[..], |list| &list[..]);
            let convert = |v: &Value| match (v.is_null(), &**element) {
                (true, ParameterType::String) if !function => Ok(Value::Null),
                _ => to(plan, param, element, v, function),
            };
            return elements.iter().map(convert).collect::<Failed<Vec<Value>>>().map(Value::list);
        }
        _ => {}
    }
    let list = items(value);
    if let ParameterType::Enum { values, .. } = kind {
        // Several values of an enumeration are its flags.
        return match (enumeration(values, value), &list) {
            (Some(name), _) => Ok(Value::Str(name)),
            (None, Some(list)) => {
                let names: Option<Vec<Str>> = list.iter().map(|v| enumeration(values, v)).collect();
                names
                    .map(|n| Value::str(n.join(", ")))
                    .ok_or_else(|| failure::cannot_convert(plan, param, value, function))
            }
            (None, None) => Err(failure::cannot_convert(plan, param, value, function)),
        };
    }
    // Some of these are made of lists.
    if list.is_some() && !matches!(kind, ParameterType::Other(_)) {
        return Err(failure::wrong_shape(plan, param, "one value, not a list", function));
    }
    if is_a(kind, value) {
        return Ok(value.clone());
    }
    if *kind == ParameterType::String {
        return Ok(Value::Str(text::to_text(value)));
    }
    scalar(kind, value).map_err(|_| failure::cannot_convert(plan, param, value, function))
}

fn null(plan: &Plan, param: &Param, kind: &ParameterType, function: bool) -> Failed<Value> {
    if function {
        return match kind {
            ParameterType::Bool => Err(failure::wrong_shape(plan, param, "$true or $false, not $null", true)),
            ParameterType::Switch => Ok(Value::Bool(false)),
            ParameterType::String => Ok(Value::str("")),
            ParameterType::Integer { .. } => Ok(Value::Int(0)),
            ParameterType::Double => Ok(Value::Float(0.0)),
            ParameterType::Decimal => Ok(Value::Decimal(rust_decimal::Decimal::ZERO)),
            kind if takes_null(kind) => Ok(Value::Null),
            _ => Err(failure::cannot_convert(plan, param, &Value::Null, true)),
        };
    }
    match kind {
        ParameterType::Bool => Err(failure::null_for_bool(plan, param)),
        ParameterType::Switch => Ok(Value::Bool(true)),
        ParameterType::String => Ok(Value::Null),
        kind if takes_null(kind) => Ok(Value::Null),
        _ => Err(failure::null_for_value_type(plan, param)),
    }
}

/// The name of an enumeration's value: in any case, by an unambiguous beginning, or by its number.
fn enumeration(values: &[Str], value: &Value) -> Option<Str> {
    // Where values are numbers themselves, as those of code pages are, a number is one of them and no place among them.
    let numbered = values.iter().any(|v| v.bytes().all(|b| b.is_ascii_digit()));
    if let Value::Int(number) = value {
        return match numbered {
            true => values.iter().find(|v| v.parse() == Ok(*number)).cloned(),
            false => values.get(usize::try_from(*number).ok()?).cloned(),
        };
    }
    let text = match value {
        // A value of an enumeration that a script names: by its name.
        Value::Record(record) if crate::value::types::is_enum(&record.kind().name) => text::to_text(value),
        _ => value.as_str()?.into(),
    };
    let wanted = text.trim();
    if let Some(exact) = values.iter().find(|v| same_name(v, wanted)) {
        return Some(exact.clone());
    }
    if let Ok(number) = wanted.parse::<usize>() {
        return if numbered { None } else { values.get(number).cloned() };
    }
    let lower = wanted.to_lowercase();
    let mut fitting = values.iter().filter(|v| !lower.is_empty() && v.to_lowercase().starts_with(&lower));
    match (fitting.next(), fitting.next()) {
        (Some(one), None) => Some(one.clone()),
        _ => None,
    }
}

fn scalar(kind: &ParameterType, value: &Value) -> Result<Value, ErrorRecord> {
    let target = match kind {
        ParameterType::Integer { name, min, max } => Target::Int { name: name.clone(), min: *min, max: *max },
        ParameterType::Double => Target::Double,
        ParameterType::Decimal => Target::Decimal,
        ParameterType::DateTime => Target::DateTime,
        ParameterType::TimeSpan => Target::TimeSpan,
        ParameterType::Guid => Target::Guid,
        ParameterType::Version => Target::Version,
        ParameterType::Hashtable => Target::Hashtable,
        ParameterType::Uri => Target::Uri,
        ParameterType::IpAddress => Target::IpAddress,
        ParameterType::Other(target) => target.clone(),
        // A text makes no script block, no credential and no secret of itself.
        _ => return Err(ErrorRecord::new("CannotConvertArgumentNoMessage", Category::InvalidArgument, "")),
    };
    let converted = cast(value, &target)?;
    // These two stay the text that they are written in.
    Ok(match kind {
        ParameterType::Uri | ParameterType::IpAddress => Value::Str(text::to_text(value)),
        _ => converted,
    })
}
