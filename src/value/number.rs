//! Numbers as text: reading as PowerShell does, printing as .NET does.

use super::Value;
use rust_decimal::Decimal;

/// The shortest text that reads back as the same number: `ToString()`, JSON, `-f`.
pub fn shortest(x: f64) -> String {
    general(x, None)
}

/// The text of a double inside a string: fifteen digits.
pub fn fifteen(x: f64) -> String {
    general(x, Some(15))
}

/// .NET's `G` format: so many significant digits (`None`: as many as read back), an exponent where that is shorter.
pub fn general(x: f64, precision: Option<usize>) -> String {
    if let Some(name) = not_finite(x) {
        return name.to_string();
    }
    if x == 0.0 {
        return if x.is_sign_negative() { "-0".into() } else { "0".into() };
    }
    let scientific = match precision {
        None => format!("{:e}", x.abs()),
        Some(digits) => format!("{:.*e}", digits.clamp(1, 50) - 1, x.abs()),
    };
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_end_matches('0');
    let most = precision.unwrap_or_else(|| digits.len().max(17));
    let sign = if x < 0.0 { "-" } else { "" };
    let text = general_digits(digits, exponent, most, 'E');
    format!("{sign}{text}")
}

/// Digits with the exponent of the first one, plain or with an exponent.
fn general_digits(digits: &str, exponent: i32, most: usize, letter: char) -> String {
    let digits = if digits.is_empty() { "0" } else { digits };
    let limit = i32::try_from(most).unwrap_or(i32::MAX);
    if exponent >= limit || exponent < -4 {
        let (first, rest) = digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{first}{point}{rest}{letter}{sign}{:02}", exponent.unsigned_abs());
    }
    plain_digits(digits, exponent)
}

/// Digits with the exponent of the first one, without an exponent in the text.
fn plain_digits(digits: &str, exponent: i32) -> String {
    if exponent < 0 {
        let zeros = usize::try_from(-exponent - 1).unwrap_or(0);
        return format!("0.{}{digits}", "0".repeat(zeros));
    }
    let whole = usize::try_from(exponent).unwrap_or(0) + 1;
    if digits.len() <= whole {
        format!("{digits}{}", "0".repeat(whole - digits.len()))
    } else {
        format!("{}.{}", &digits[..whole], &digits[whole..])
    }
}

/// The text of what is no number.
pub(super) fn not_finite(x: f64) -> Option<&'static str> {
    if x.is_nan() {
        Some("NaN")
    } else if x == f64::INFINITY {
        Some("Infinity")
    } else if x == f64::NEG_INFINITY {
        Some("-Infinity")
    } else {
        None
    }
}

/// A number from text, as operators read it: `12`, `0x1F`, `1e3`, `1.5`, `10kb`, `1.5d`, `10L`; blanks around it
/// do not count. `None` if the text is no number.
pub fn parse(text: &str) -> Option<Value> {
    let text = text.trim();
    let (negative, body) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if body.is_empty() {
        return None;
    }
    let lower = body.to_ascii_lowercase();
    let (number, factor) = multiplier(&lower);
    let value = whole_or_real(number)?;
    apply(value, factor, negative)
}

fn multiplier(lower: &str) -> (&str, i64) {
    for (suffix, factor) in [("kb", 1i64 << 10), ("mb", 1 << 20), ("gb", 1 << 30), ("tb", 1 << 40), ("pb", 1 << 50)] {
        if let Some(number) = lower.strip_suffix(suffix) {
            return (number, factor);
        }
    }
    (lower, 1)
}

fn whole_or_real(lower: &str) -> Option<Value> {
    if let Some(hex) = lower.strip_prefix("0x") {
        return radix(hex, 16);
    }
    if let Some(bits) = lower.strip_prefix("0b") {
        return radix(bits, 2);
    }
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if plain(lower) {
        return match lower.parse::<i64>() {
            Ok(n) => Some(Value::Int(n)),
            Err(_) => lower.parse::<Decimal>().map(Value::Decimal).or_else(|_| lower.parse().map(Value::Float)).ok(),
        };
    }
    if let Some(number) = lower.strip_suffix('d') {
        return decimal(number).map(Value::Decimal);
    }
    for suffix in ["ul", "us", "uy", "l", "u", "s", "y", "n"] {
        if let Some(number) = lower.strip_suffix(suffix) {
            if plain(number) {
                return number.parse().ok().map(Value::Int);
            }
            if suffix == "l" {
                return real(number).filter(|x| x.abs() < 9.2e18).map(|x| Value::Int(x.round_ties_even() as i64));
            }
        }
    }
    real(lower).map(Value::Float)
}

/// Hexadecimal and binary digits; eight hexadecimal digits are thirty-two bits with their sign.
fn radix(digits: &str, base: u32) -> Option<Value> {
    let digits = digits.strip_suffix('l').unwrap_or(digits);
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(base)) {
        return None;
    }
    let bits = u64::from_str_radix(digits, base).ok()?;
    let half = if base == 16 { 8 } else { 32 };
    Some(Value::Int(if digits.len() == half {
        i64::from(u32::try_from(bits).ok()?.cast_signed())
    } else {
        bits.cast_signed()
    }))
}

/// A decimal, with or without an exponent.
pub fn decimal(text: &str) -> Option<Decimal> {
    if text.is_empty() {
        return None;
    }
    text.parse().or_else(|_| Decimal::from_scientific(text)).ok()
}

/// A real number without sign, suffix or names such as `inf`.
fn real(text: &str) -> Option<f64> {
    let fine = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'+' | b'-'));
    let starts = text.bytes().next().is_some_and(|b| b.is_ascii_digit() || b == b'.');
    (fine && starts && text.bytes().any(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

fn apply(value: Value, factor: i64, negative: bool) -> Option<Value> {
    let sign = if negative { -1 } else { 1 };
    Some(match value {
        Value::Int(n) => match n.checked_mul(factor).and_then(|n| n.checked_mul(sign)) {
            Some(n) => Value::Int(n),
            None => Value::Float(n as f64 * factor as f64 * sign as f64),
        },
        Value::Float(x) => Value::Float(x * factor as f64 * sign as f64),
        Value::Decimal(d) => Value::Decimal(d.checked_mul(Decimal::from(factor))?.checked_mul(Decimal::from(sign))?),
        _ => return None,
    })
}

/// A double from text, as `[double]` reads it: thousands may be set apart by commas, `NaN` and `Infinity` are read.
pub fn double(text: &str) -> Option<f64> {
    let text = text.trim();
    match text.to_ascii_lowercase().as_str() {
        "nan" => return Some(f64::NAN),
        "infinity" | "∞" | "+infinity" => return Some(f64::INFINITY),
        "-infinity" | "-∞" => return Some(f64::NEG_INFINITY),
        _ => {}
    }
    let plain = without_thousands(text)?.to_ascii_lowercase();
    let (sign, body) = match plain.as_bytes().first()? {
        b'-' => (-1.0, &plain[1..]),
        b'+' => (1.0, &plain[1..]),
        _ => (1.0, plain.as_str()),
    };
    real(body).map(|x| x * sign)
}

/// The text without the commas that set thousands apart; `None` if one stands behind the point.
pub fn without_thousands(text: &str) -> Option<String> {
    if !text.contains(',') {
        return Some(text.to_string());
    }
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let begins = whole.trim_start_matches(['-', '+']).starts_with(',');
    (!begins && !rest.contains(',')).then(|| format!("{}{rest}", whole.replace(',', "")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_as_dotnet() {
        for (x, in_string, shortest_text) in [
            (1.0, "1", "1"),
            (0.1 + 0.2, "0.3", "0.30000000000000004"),
            (1e20, "1E+20", "1E+20"),
            (1e-7, "1E-07", "1E-07"),
            (0.0001, "0.0001", "0.0001"),
            (1e-5, "1E-05", "1E-05"),
            (1.0 / 3.0, "0.333333333333333", "0.3333333333333333"),
            (100.0, "100", "100"),
            (123_456_789.123, "123456789.123", "123456789.123"),
            (1e15, "1E+15", "1000000000000000"),
            (1e16, "1E+16", "10000000000000000"),
            (-1.5, "-1.5", "-1.5"),
            (1.234_567_890_123_456_7e300, "1.23456789012346E+300", "1.2345678901234567E+300"),
            (f64::NAN, "NaN", "NaN"),
            (f64::NEG_INFINITY, "-Infinity", "-Infinity"),
        ] {
            assert_eq!(fifteen(x), in_string);
            assert_eq!(shortest(x), shortest_text);
        }
    }

    #[test]
    fn reads_as_powershell() {
        let text = |t: &str| parse(t).map(|v| format!("{v:?}"));
        for (from, to) in [
            ("12", "Int(12)"),
            (" 12 ", "Int(12)"),
            ("-5", "Int(-5)"),
            ("0x1F", "Int(31)"),
            ("0xFFFFFFFF", "Int(-1)"),
            ("0b1010", "Int(10)"),
            ("1e3", "Float(1000.0)"),
            ("1.5", "Float(1.5)"),
            (".5", "Float(0.5)"),
            ("10kb", "Int(10240)"),
            ("1.5kb", "Float(1536.0)"),
            ("10L", "Int(10)"),
            ("1.50d", "Decimal(1.50)"),
        ] {
            assert_eq!(text(from).as_deref(), Some(to), "{from}");
        }
        for bad in ["", "abc", "1x", "-", "1.2.3", "inf", "nan", "e5", "0x"] {
            assert_eq!(text(bad), None, "{bad}");
        }
        assert_eq!(double("1,234.5"), Some(1234.5));
        assert_eq!(double("1.2,3"), None);
    }
}
