//! Numbers of command mode: hexadecimal, binary, exponents, type suffixes, `kb` to `pb`.

use crate::value::Value;
use rust_decimal::Decimal;
use std::str::FromStr;

/// The length in bytes of the number at the start of `text`, and its value; `None` if none stands there.
///
/// What follows is not looked at: `1..5` gives 1, `10kbx` gives 10kb.
pub(super) fn leading(text: &str) -> Option<(usize, Value)> {
    let bytes = text.as_bytes();
    let at = |i: usize| bytes.get(i).copied().unwrap_or(0);
    let digits = |mut i: usize, ok: fn(&u8) -> bool| {
        while bytes.get(i).is_some_and(ok) {
            i += 1;
        }
        i
    };
    for (mark, radix, ok) in
        [(b'x', 16, u8::is_ascii_hexdigit as fn(&u8) -> bool), (b'b', 2, |b: &u8| matches!(b, b'0' | b'1'))]
    {
        if at(0) == b'0' && at(1).to_ascii_lowercase() == mark && bytes.get(2).is_some_and(ok) {
            let end = digits(2, ok);
            let value = radix_value(&text[2..end], radix)?;
            return Some(with_suffix(text, end, Number::Whole(value)));
        }
    }
    let whole = digits(0, u8::is_ascii_digit);
    let mut end = whole;
    if at(end) == b'.' && at(end + 1) != b'.' && (at(end + 1).is_ascii_digit() || end > 0) {
        end = digits(end + 1, u8::is_ascii_digit);
    }
    if whole == 0 && end < 2 {
        return None;
    }
    let mut real = end > whole;
    if at(end).eq_ignore_ascii_case(&b'e') {
        let sign = usize::from(matches!(at(end + 1), b'+' | b'-'));
        let last = digits(end + 1 + sign, u8::is_ascii_digit);
        if last > end + 1 + sign {
            (end, real) = (last, true);
        }
    }
    let digits = &text[..end];
    let number = match digits.parse::<i128>() {
        Ok(whole) if !real => Number::Whole(whole),
        _ => Number::Real(digits),
    };
    Some(with_suffix(text, end, number))
}

/// The value of a whole word that is a number (`10kb`, `0x1F`, `.5`), else `None`.
pub(super) fn whole(word: &str) -> Option<Value> {
    let first = word.bytes().next()?;
    if !first.is_ascii_digit() && first != b'.' {
        return None;
    }
    leading(word).filter(|(len, _)| *len == word.len()).map(|(_, value)| value)
}

/// The type that the suffix of a whole number names: `10L` is a `[long]`.
pub(super) fn suffix_type(word: &str) -> Option<&'static str> {
    let lower = word.to_ascii_lowercase();
    let hex = lower.starts_with("0x");
    let digits = if hex { &lower[2..] } else { lower.as_str() };
    let end = digits.find(|c: char| if hex { !c.is_ascii_hexdigit() } else { !c.is_ascii_digit() })?;
    let suffix = digits[end..].trim_end_matches(|c: char| "kmgtpb".contains(c));
    Some(match suffix {
        "l" => "long",
        "u" => "uint32",
        "ul" => "uint64",
        "s" => "int16",
        "us" => "uint16",
        "y" => "sbyte",
        "uy" => "byte",
        "n" => "bigint",
        _ => return None,
    })
}

enum Number<'a> {
    Whole(i128),
    Real(&'a str),
}

/// PowerShell reads `0xFFFFFFFF` as the 32-bit pattern that it is, -1.
fn radix_value(digits: &str, radix: u32) -> Option<i128> {
    let value = i128::from_str_radix(digits, radix).ok()?;
    let bits = digits.trim_start_matches('0').len() * if radix == 16 { 4 } else { 1 };
    let written = digits.len() * if radix == 16 { 4 } else { 1 };
    Some(match (bits, written) {
        (32, 32) if value > i128::from(i32::MAX) => value - (1 << 32),
        (64, 64) if value > i128::from(i64::MAX) => value - (1 << 64),
        _ => value,
    })
}

fn with_suffix(text: &str, end: usize, number: Number) -> (usize, Value) {
    let rest = text.get(end..).unwrap_or("").as_bytes();
    let lower = |i: usize| rest.get(i).map_or(0, u8::to_ascii_lowercase);
    let (suffix, suffix_len) = match (lower(0), lower(1)) {
        (b'u', b'l' | b's' | b'y') => ('i', 2),
        (b'l' | b's' | b'y' | b'u' | b'n', _) => ('i', 1),
        (b'd', _) => ('d', 1),
        _ => (' ', 0),
    };
    let unit = |i: usize| {
        let power = match lower(i) {
            b'k' => 10,
            b'm' => 20,
            b'g' => 30,
            b't' => 40,
            b'p' => 50,
            _ => 0,
        };
        if power > 0 && lower(i + 1) == b'b' { (1i64 << power, 2) } else { (1, 0) }
    };
    let (scale, unit_len) = unit(suffix_len);
    (end + suffix_len + unit_len, value(number, suffix, scale))
}

fn value(number: Number, suffix: char, scale: i64) -> Value {
    match (number, suffix) {
        (Number::Whole(n), 'd') => decimal(&n.to_string(), scale),
        (Number::Whole(n), _) => match n.checked_mul(scale.into()) {
            Some(n) => match i64::try_from(n) {
                Ok(n) => Value::Int(n),
                Err(_) => decimal(&n.to_string(), 1),
            },
            None => Value::Float(n as f64 * scale as f64),
        },
        (Number::Real(text), 'd') => decimal(text, scale),
        (Number::Real(text), 'i') => {
            let real = text.parse::<f64>().unwrap_or(f64::INFINITY) * scale as f64;
            if real.abs() < 9.2e18 { Value::Int(real.round_ties_even() as i64) } else { Value::Float(real) }
        }
        (Number::Real(text), _) => Value::Float(text.parse::<f64>().unwrap_or(f64::INFINITY) * scale as f64),
    }
}

fn decimal(text: &str, scale: i64) -> Value {
    let exact = Decimal::from_str(text).or_else(|_| Decimal::from_scientific(text));
    match exact.ok().and_then(|d| d.checked_mul(Decimal::from(scale))) {
        Some(decimal) => Value::Decimal(decimal),
        None => Value::Float(text.parse::<f64>().unwrap_or(f64::INFINITY) * scale as f64),
    }
}
