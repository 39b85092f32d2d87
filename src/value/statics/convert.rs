//! `[convert]`, and `[T]::Parse` of every type that can be read.

use super::super::convert::{self, Target};
use super::super::member::{Answer, Call};
use super::super::{DateTime, DateTimeKind, TimeSpan, Value, date, enumerate, text};
use crate::error::{Category, ErrorRecord};

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Bytes as base64, with padding.
pub fn to_base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, b| bits << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            // Six bits are an index below 64.
            let index = (bits >> (18 - 6 * place)) as usize & 63;
            out.push(if place <= chunk.len() { char::from(BASE64[index]) } else { '=' });
        }
    }
    out
}

/// Bytes from base64, with padding; blanks are skipped. `None` where it is none.
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    let text: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let chunks = text.len() / 4;
    for (number, chunk) in text.chunks(4).enumerate() {
        let padding = chunk.iter().rev().take_while(|b| **b == b'=').count();
        if padding > 2 || (padding > 0 && number + 1 != chunks) {
            return None;
        }
        let mut bits = 0u32;
        for b in &chunk[..4 - padding] {
            bits = bits << 6 | u32::from(digit(*b)?);
        }
        bits <<= 6 * padding;
        out.extend_from_slice(&bits.to_be_bytes()[1..4 - padding]);
    }
    Some(out)
}

/// The value of a digit of base64.
fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

/// Bytes from a list of numbers.
pub(super) fn bytes(value: &Value) -> Option<Vec<u8>> {
    let items = enumerate::enumerate(value.clone());
    items
        .iter()
        .map(|item| match item {
            Value::Int(n) => u8::try_from(*n).ok(),
            _ => None,
        })
        .collect()
}

fn byte_list(bytes: &[u8]) -> Value {
    Value::list(bytes.iter().map(|b| Value::Int((*b).into())).collect())
}

fn format_exception(what: &str) -> ErrorRecord {
    ErrorRecord::new("FormatException", Category::NotSpecified, format!("The text is no {what}."))
}

/// Whole numbers of `[convert]`, by the method's name.
fn whole(name: &str) -> Option<Target> {
    let name = name.strip_prefix("to")?;
    matches!(name, "int16" | "int32" | "int64" | "uint16" | "uint32" | "uint64" | "byte" | "sbyte")
        .then(|| convert::target(name))
        .flatten()
}

fn from_base(call: &Call, target: &Target) -> Result<Value, ErrorRecord> {
    let base = u32::try_from(call.int(1)?).ok().filter(|base| matches!(base, 2 | 8 | 10 | 16));
    let Some(base) = base else { return Err(call.out_of_range()) };
    let text = call.text(0);
    let digits = text.trim().trim_start_matches("0x").trim_start_matches("0X");
    let bits = u64::from_str_radix(digits, base).map_err(|_| format_exception("number of this base"))?;
    let number = match target {
        Target::Int { name, .. } if &**name == "Int32" => u32::try_from(bits).map(|n| i64::from(n.cast_signed())).ok(),
        _ => Some(bits.cast_signed()),
    };
    convert::cast(&Value::Int(number.ok_or_else(|| call.out_of_range())?), target)
}

/// What a method says of text that it cannot read: the exception's own name, where a cast has an id for it.
fn of_method(call: &Call, error: ErrorRecord) -> ErrorRecord {
    match call.value(0) {
        Value::Str(text) if error.id() == "InvalidCastFromStringToInteger" && text.trim().parse::<f64>().is_ok() => {
            ErrorRecord::new("OverflowException", Category::NotSpecified, error.message().to_string())
        }
        Value::Str(_) => format_exception("number"),
        Value::Int(_) | Value::Float(_) => {
            ErrorRecord::new("OverflowException", Category::NotSpecified, error.message().to_string())
        }
        _ => error,
    }
}

pub(super) fn call(call: &Call) -> Answer {
    if let Some(target) = whole(call.name) {
        return Some(match call.count() {
            2 => from_base(call, &target),
            _ => convert::cast(&call.value(0), &target).map_err(|error| of_method(call, error)),
        });
    }
    Some(match call.name {
        "toboolean" => match call.value(0) {
            Value::Str(text) if text.trim().eq_ignore_ascii_case("true") => Ok(true.into()),
            Value::Str(text) if text.trim().eq_ignore_ascii_case("false") => Ok(false.into()),
            Value::Str(_) => Err(format_exception("true or false")),
            other => convert::cast(&other, &Target::Bool),
        },
        "todouble" => convert::cast(&call.value(0), &Target::Double).map_err(|error| of_method(call, error)),
        "tosingle" => convert::cast(&call.value(0), &Target::Single).map_err(|error| of_method(call, error)),
        "todecimal" => convert::cast(&call.value(0), &Target::Decimal).map_err(|error| of_method(call, error)),
        "todatetime" => convert::cast(&call.value(0), &Target::DateTime).map_err(|error| of_method(call, error)),
        "tochar" => convert::cast(&call.value(0), &Target::Char),
        "tostring" if call.count() == 2 => to_base(call),
        "tostring" => Ok(Value::Str(text::to_text(&call.value(0)))),
        "tobase64string" => match bytes(&call.value(0)) {
            Some(bytes) => Ok(to_base64(&bytes).into()),
            None => Err(call.unfit(0)),
        },
        "frombase64string" => match from_base64(&call.text(0)) {
            Some(bytes) => Ok(byte_list(&bytes)),
            None => Err(format_exception("Base-64 text")),
        },
        "tohexstring" => match bytes(&call.value(0)) {
            Some(bytes) => Ok(bytes.iter().map(|b| format!("{b:02X}")).collect::<String>().into()),
            None => Err(call.unfit(0)),
        },
        _ => return None,
    })
}

fn to_base(call: &Call) -> Result<Value, ErrorRecord> {
    let n = call.int(0)?;
    let narrow = i32::try_from(n).map(|n| u64::from(n.cast_unsigned())).unwrap_or(n.cast_unsigned());
    Ok(match call.int(1)? {
        2 => format!("{narrow:b}"),
        8 => format!("{narrow:o}"),
        10 => n.to_string(),
        16 => format!("{narrow:x}"),
        _ => return Err(call.out_of_range()),
    }
    .into())
}

/// `[T]::Parse(text)`, `[T]::MaxValue` lies elsewhere.
pub(super) fn parse(type_name: &str, call: &Call) -> Answer {
    let target = convert::target(type_name)?;
    let readable = matches!(
        target,
        Target::Int { .. }
            | Target::Double
            | Target::Single
            | Target::Decimal
            | Target::Bool
            | Target::Guid
            | Target::Version
            | Target::IpAddress
    );
    match call.name {
        "parse" if readable => Some(match (&target, call.value(0)) {
            (Target::Bool, Value::Str(text)) => match text.trim().to_ascii_lowercase().as_str() {
                "true" => Ok(true.into()),
                "false" => Ok(false.into()),
                _ => Err(format_exception("true or false")),
            },
            (_, value) => convert::cast(&value, &target).map_err(|_| format_exception(&target.full_name())),
        }),
        _ => None,
    }
}

/// What `[datetime]::TryParseExact` reads by one of the forms.
pub fn try_parse_exact(text: &str, formats: &Value) -> Option<Value> {
    let formats = enumerate::enumerate(formats.clone());
    let found = formats.iter().find_map(|format| date::parse_exact(text, &text::to_text(format)));
    found.map(Value::from)
}

/// What a variable of a type holds after `TryParse` read nothing.
pub fn empty_of(type_name: &str) -> Value {
    match convert::target(type_name) {
        Some(Target::Int { .. }) => Value::Int(0),
        Some(Target::Double | Target::Single) => Value::Float(0.0),
        Some(Target::Decimal) => Value::Decimal(rust_decimal::Decimal::ZERO),
        Some(Target::Bool) => Value::Bool(false),
        Some(Target::DateTime) => DateTime { ticks: 0, kind: DateTimeKind::Unspecified }.into(),
        Some(Target::TimeSpan) => TimeSpan { ticks: 0 }.into(),
        Some(Target::Guid) => Value::Guid(uuid::Uuid::nil()),
        _ => Value::Null,
    }
}

/// What `[T]::TryParse` reads: the value, or `None`. A shell assigns it to the variable behind `[ref]`.
pub fn try_parse(type_name: &str, text: &str) -> Option<Value> {
    let target = convert::target(type_name)?;
    let strict = match target {
        Target::Int { .. } => text.trim().trim_start_matches(['-', '+']).bytes().all(|b| b.is_ascii_digit()),
        Target::Bool => {
            return match text.trim().to_ascii_lowercase().as_str() {
                "true" => Some(true.into()),
                "false" => Some(false.into()),
                _ => None,
            };
        }
        _ => true,
    };
    if !strict || text.trim().is_empty() {
        return None;
    }
    convert::cast(&text.into(), &target).ok()
}
