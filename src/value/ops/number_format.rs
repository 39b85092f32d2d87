//! Numbers by .NET's formats: `N2`, `D5`, `X8`, `P1`, `F0`, `C`, `E3`, `G`, `R`, and custom ones as `#,##0.00`.

use super::super::Value;
use super::super::number::{self, not_finite};
use super::custom_format;
use crate::error::{Category, ErrorRecord};

fn bad(pattern: &str) -> ErrorRecord {
    ErrorRecord::new("FormatError", Category::InvalidOperation, format!("'{pattern}' is no format of this number."))
        .hint("Standard formats are a letter of C D E F G N P R X and a number of digits, as N2.")
}

/// The text of a number with so many digits behind the point, without a sign, and whether it is below zero.
fn fixed(value: &Value, decimals: usize) -> (bool, String) {
    let text = match value {
        Value::Int(n) => {
            let tail = if decimals > 0 { format!(".{}", "0".repeat(decimals)) } else { String::new() };
            format!("{n}{tail}")
        }
        Value::Float(x) => format!("{x:.decimals$}"),
        Value::Decimal(d) => {
            let places = u32::try_from(decimals).unwrap_or(28).min(28);
            let rounded = d.round_dp_with_strategy(places, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
            format!("{rounded:.decimals$}")
        }
        _ => String::new(),
    };
    match text.strip_prefix('-') {
        // A double has a negative zero, also by rounding.
        Some(rest) => {
            let is_zero = !rest.bytes().any(|b| (b'1'..=b'9').contains(&b));
            (!is_zero || matches!(value, Value::Float(_)), rest.to_string())
        }
        None => (false, text),
    }
}

/// Commas between thousands of the whole part.
fn grouped(text: &str) -> String {
    let (whole, tail) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut out = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out.push_str(tail);
    out
}

/// A number by a .NET format; `None` if the value is no number.
///
/// # Errors
/// `FormatError`.
pub(super) fn format(value: &Value, pattern: &str) -> Option<Result<String, ErrorRecord>> {
    let shown = match value {
        Value::Int(_) | Value::Decimal(_) => None,
        Value::Float(x) => Some(*x),
        _ => return None,
    };
    if let Some(name) = shown.and_then(not_finite) {
        return Some(Ok(name.to_string()));
    }
    let mut letters = pattern.chars();
    let letter = letters.next().unwrap_or('G');
    let digits = letters.as_str();
    let standard = letter.is_ascii_alphabetic() && digits.len() <= 3 && digits.bytes().all(|b| b.is_ascii_digit());
    if !standard {
        return Some(Ok(custom_format::custom(value, pattern)));
    }
    let precision: Option<usize> = digits.parse().ok();
    Some(standard_format(value, letter, precision, pattern))
}

fn standard_format(
    value: &Value,
    letter: char,
    precision: Option<usize>,
    pattern: &str,
) -> Result<String, ErrorRecord> {
    let sign = |negative: bool, text: String| if negative { format!("-{text}") } else { text };
    Ok(match letter.to_ascii_uppercase() {
        'N' => {
            let (negative, text) = fixed(value, precision.unwrap_or(2));
            sign(negative, grouped(&text))
        }
        'F' => {
            let (negative, text) = fixed(value, precision.unwrap_or(2));
            sign(negative, text)
        }
        'C' => {
            let (negative, text) = fixed(value, precision.unwrap_or(2));
            let text = grouped(&text);
            if negative { format!("(¤{text})") } else { format!("¤{text}") }
        }
        'P' => {
            let hundred = match value {
                Value::Int(n) => n.checked_mul(100).map_or(Value::Float(*n as f64 * 100.0), Value::Int),
                Value::Float(x) => Value::Float(x * 100.0),
                Value::Decimal(d) => Value::Decimal(d.checked_mul(100.into()).unwrap_or(*d)),
                other => other.clone(),
            };
            let (negative, text) = fixed(&hundred, precision.unwrap_or(2));
            sign(negative, format!("{} %", grouped(&text)))
        }
        'D' | 'B' | 'X' => {
            let Value::Int(n) = value else { return Err(bad(pattern)) };
            let width = precision.unwrap_or(0);
            match letter {
                'D' | 'd' => sign(*n < 0, format!("{:0width$}", n.unsigned_abs())),
                // A negative number of 32 bits shows 32 bits.
                'X' => i32::try_from(*n).map_or(format!("{n:0width$X}"), |n| format!("{n:0width$X}")),
                'x' => i32::try_from(*n).map_or(format!("{n:0width$x}"), |n| format!("{n:0width$x}")),
                _ => i32::try_from(*n).map_or(format!("{n:0width$b}"), |n| format!("{n:0width$b}")),
            }
        }
        'E' => {
            let precision = precision.unwrap_or(6);
            let x = as_double(value);
            let text = format!("{:.precision$e}", x.abs());
            let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
            let exponent: i32 = exponent.parse().unwrap_or(0);
            let mark = if exponent < 0 { '-' } else { '+' };
            sign(x < 0.0, format!("{mantissa}{letter}{mark}{:03}", exponent.unsigned_abs()))
        }
        'G' => match (value, precision.filter(|p| *p > 0)) {
            (Value::Int(n), None) => n.to_string(),
            (Value::Decimal(d), None) => d.to_string(),
            (other, precision) => {
                let text = number::general(as_double(other), precision);
                if letter == 'g' { text.replace('E', "e") } else { text }
            }
        },
        'R' => match value {
            Value::Float(x) => number::shortest(*x),
            other => other.to_string(),
        },
        _ => return Err(bad(pattern)),
    })
}

/// A number as a double.
pub(super) fn as_double(value: &Value) -> f64 {
    match value {
        Value::Int(n) => *n as f64,
        Value::Float(x) => *x,
        Value::Decimal(d) => super::super::convert::decimal_to_double(d),
        _ => 0.0,
    }
}
