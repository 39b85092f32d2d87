//! Numbers by .NET's formats: `N2`, `D5`, `X8`, `P1`, `F0`, `C`, `E3`, `G`, `R`, and custom ones as `#,##0.00`.

use super::super::Value;
use super::super::number::{self, not_finite};
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
        Some(rest) => (rest.bytes().any(|b| (b'1'..=b'9').contains(&b)), rest.to_string()),
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
        return Some(Ok(custom(value, pattern)));
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

fn as_double(value: &Value) -> f64 {
    match value {
        Value::Int(n) => *n as f64,
        Value::Float(x) => *x,
        Value::Decimal(d) => super::super::convert::decimal_to_double(d),
        _ => 0.0,
    }
}

/// Sections of a custom format: positive, negative, zero.
fn sections(pattern: &str) -> Vec<String> {
    let mut sections = vec![String::new()];
    let mut quote = None;
    let mut escaped = false;
    for c in pattern.chars() {
        let last = sections.len() - 1;
        match (c, quote) {
            _ if escaped => escaped = false,
            ('\\', None) => escaped = true,
            (c, Some(q)) if c == q => quote = None,
            ('\'' | '"', None) => quote = Some(c),
            (';', None) => {
                sections.push(String::new());
                continue;
            }
            _ => {}
        }
        sections[last].push(c);
    }
    sections
}

fn custom(value: &Value, pattern: &str) -> String {
    let sections = sections(pattern);
    let x = as_double(value);
    let section = match sections.as_slice() {
        [_, negative, ..] if x < 0.0 && !negative.is_empty() => negative,
        [_, _, zero, ..] if x == 0.0 && !zero.is_empty() => zero,
        all => &all[0],
    };
    // A section of its own for negative numbers says the sign itself.
    let own_sign = x < 0.0 && sections.len() > 1 && std::ptr::eq(section, &sections[1]);
    let (text, is_zero) = one_section(value, section);
    if x < 0.0 && !own_sign && !is_zero { format!("-{text}") } else { text }
}

/// A number by one section of a custom format, without its sign, and whether it is zero there.
fn one_section(value: &Value, section: &str) -> (String, bool) {
    let chars: Vec<char> = section.chars().collect();
    let (mut whole, mut decimals, mut seen_point) = (0usize, 0usize, false);
    let (mut percent, mut thousands, mut comma_pending) = (0i32, false, 0usize);
    let mut least_whole = 0usize;
    let mut exponent_at = None;
    let mut at = 0;
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 1,
            q @ ('\'' | '"') => at += chars[at + 1..].iter().position(|c| *c == q).map_or(chars.len(), |n| n + 1),
            '0' | '#' if exponent_at.is_none() => {
                if seen_point {
                    decimals += 1;
                } else {
                    whole += 1;
                    if chars[at] == '0' || least_whole > 0 {
                        least_whole += 1;
                    }
                    thousands |= comma_pending > 0;
                    comma_pending = 0;
                }
            }
            '.' => seen_point = true,
            ',' if !seen_point && whole > 0 => comma_pending += 1,
            '%' => percent += 2,
            '‰' => percent += 3,
            'E' | 'e' if matches!(chars.get(at + 1), Some('0' | '+' | '-')) => exponent_at = Some(at),
            _ => {}
        }
        at += 1;
    }
    let scale = percent - 3 * i32::try_from(comma_pending).unwrap_or(0);
    if let Some(at) = exponent_at {
        return exponential(as_double(value), &chars, at, decimals);
    }
    let text = half_up(value, scale, decimals);
    let is_zero = !text.bytes().any(|b| (b'1'..=b'9').contains(&b));
    let (whole_digits, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let whole_digits = whole_digits.trim_start_matches('0');
    let padded = format!("{whole_digits:0>least_whole$}");
    (layout(&chars, &padded, fraction, whole, thousands), is_zero)
}

/// The text of a number times a power of ten with so many digits behind the point, without a sign. A custom format
/// rounds the digits, of a double the first fifteen, a half away from zero (.NET, `Number.NumberToStringFormat`).
fn half_up(value: &Value, scale: i32, decimals: usize) -> String {
    // The digits, and how many of them are before the point.
    let (mut digits, point) = match value {
        Value::Int(n) => (n.unsigned_abs().to_string(), None),
        Value::Decimal(d) => {
            let text = d.abs().to_string();
            let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
            (format!("{whole}{fraction}"), Some(whole.len()))
        }
        other => {
            let text = format!("{:.14e}", as_double(other).abs());
            let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
            let exponent: i64 = exponent.parse().unwrap_or(0);
            let digits = mantissa.replace('.', "");
            // A number below one gets its zeros; a double has at most 324 of them.
            let zeros = usize::try_from(-exponent).unwrap_or(0);
            (format!("{}{digits}", "0".repeat(zeros)), Some(usize::try_from(exponent).unwrap_or(0) + 1))
        }
    };
    let point = i64::try_from(point.unwrap_or(digits.len())).unwrap_or(0) + i64::from(scale);
    if point < 1 {
        digits.insert_str(0, &"0".repeat(usize::try_from(1 - point).unwrap_or(0)));
    }
    let point = usize::try_from(point).unwrap_or(0).max(1);
    let kept = point + decimals;
    let up = digits.as_bytes().get(kept).is_some_and(|digit| *digit >= b'5');
    let mut kept: Vec<u8> = digits.bytes().chain(std::iter::repeat(b'0')).take(kept).collect();
    if up {
        // From the last digit on: nines become zeros, and the first other one goes up.
        let nines = kept.iter().rev().take_while(|digit| **digit == b'9').count();
        let at = kept.len() - nines;
        kept[at..].fill(b'0');
        match at.checked_sub(1) {
            Some(before) => kept[before] += 1,
            None => kept.insert(0, b'1'),
        }
    }
    let mut text: String = kept.into_iter().map(char::from).collect();
    if decimals > 0 {
        text.insert(text.len() - decimals, '.');
    }
    text
}

/// Digits put into the places of a section.
fn layout(chars: &[char], whole_digits: &str, fraction: &str, places: usize, thousands: bool) -> String {
    let digits: Vec<char> = whole_digits.chars().collect();
    let mut out = String::new();
    let (mut place, mut used, mut fraction_at, mut in_fraction) = (0usize, 0usize, 0usize, false);
    // Digits behind the last place that is not zero are only printed where a `0` asks for them.
    let meaningful = fraction.trim_end_matches('0').len();
    let last_zero = {
        let tail = chars.iter().position(|c| *c == '.').map_or(&[][..], |p| &chars[p + 1..]);
        let marks: Vec<char> = tail.iter().copied().filter(|c| matches!(c, '0' | '#')).collect();
        marks.iter().rposition(|c| *c == '0').map_or(0, |p| p + 1)
    };
    let shown = meaningful.max(last_zero);
    let push_digit = |out: &mut String, index: usize| {
        out.push(digits[index]);
        let left = digits.len() - index - 1;
        if thousands && left > 0 && left.is_multiple_of(3) {
            out.push(',');
        }
    };
    let mut at = 0;
    while at < chars.len() {
        match chars[at] {
            '\\' => {
                at += 1;
                out.extend(chars.get(at));
            }
            q @ ('\'' | '"') => {
                let end = chars[at + 1..].iter().position(|c| *c == q).map_or(chars.len(), |n| at + 1 + n);
                out.extend(&chars[at + 1..end.min(chars.len())]);
                at = end;
            }
            '0' | '#' if in_fraction => {
                if fraction_at < shown {
                    out.push_str(fraction.get(fraction_at..=fraction_at).unwrap_or("0"));
                }
                fraction_at += 1;
            }
            '0' | '#' => {
                // The first place takes all digits that have no place of their own.
                let places_left = places - place;
                while used < digits.len() && digits.len() - used > places_left - 1 {
                    push_digit(&mut out, used);
                    used += 1;
                }
                place += 1;
            }
            '.' if !in_fraction => {
                in_fraction = true;
                if shown > 0 {
                    out.push('.');
                }
            }
            ',' => {}
            other => out.push(other),
        }
        at += 1;
    }
    out
}

fn exponential(x: f64, chars: &[char], at: usize, decimals: usize) -> (String, bool) {
    let text = format!("{:.decimals$e}", x.abs());
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let plus = chars.get(at + 1) == Some(&'+');
    let zeros = chars[at + 1..].iter().filter(|c| **c == '0').count();
    let mark = if exponent < 0 {
        "-"
    } else if plus {
        "+"
    } else {
        ""
    };
    (format!("{mantissa}{}{mark}{:0zeros$}", chars[at], exponent.unsigned_abs()), x == 0.0)
}
