//! Custom formats of numbers as .NET reads them: `#,##0.00`, `0.###e+0`, `0;(0);none`.

use super::super::Value;
use super::number_format::as_double;
use std::ops::Range;

/// Most zeros that an exponent is filled up to.
const EXPONENT_ZEROS: usize = 10;

/// A number as its digits: `digits` behind a point, times ten to the power of `scale`. Zero has no digits.
struct Number {
    digits: Vec<u8>,
    scale: i64,
    negative: bool,
    /// It knows a zero below zero.
    is_double: bool,
}

impl Number {
    /// The digits that a custom format works on: of a double the first fifteen.
    fn of(value: &Value) -> Number {
        let (text, point, negative, is_double) = match value {
            Value::Int(n) => (n.unsigned_abs().to_string(), None, *n < 0, false),
            Value::Decimal(d) => {
                let text = d.abs().to_string();
                (text.replace('.', ""), text.find('.'), d.is_sign_negative(), false)
            }
            other => {
                let x = as_double(other);
                let text = format!("{:.14e}", x.abs());
                let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
                let exponent: i64 = exponent.parse().unwrap_or(0);
                let mut number = Number {
                    digits: mantissa.bytes().filter(u8::is_ascii_digit).collect(),
                    scale: exponent + 1,
                    negative: x.is_sign_negative(),
                    is_double: true,
                };
                number.trim();
                return number;
            }
        };
        let leading = text.bytes().take_while(|digit| *digit == b'0').count();
        let scale = i64::try_from(point.unwrap_or(text.len())).unwrap_or(0) - i64::try_from(leading).unwrap_or(0);
        let mut number = Number { digits: text.bytes().skip(leading).collect(), scale, negative, is_double };
        number.trim();
        number
    }

    fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// Without zeros at its end; what is left of nothing is zero, which only a double knows a negative one of.
    fn trim(&mut self) {
        while self.digits.last() == Some(&b'0') {
            self.digits.pop();
        }
        if self.digits.is_empty() {
            self.scale = 0;
            self.negative &= self.is_double;
        }
    }

    /// Rounded to its first `kept` digits, a half away from zero.
    fn round(&mut self, kept: i64) {
        let up = usize::try_from(kept).ok().and_then(|at| self.digits.get(at)).is_some_and(|digit| *digit >= b'5');
        self.digits.truncate(usize::try_from(kept).unwrap_or(0));
        if up {
            while self.digits.last() == Some(&b'9') {
                self.digits.pop();
            }
            match self.digits.last_mut() {
                Some(last) => *last += 1,
                None => {
                    self.digits.push(b'1');
                    self.scale += 1;
                }
            }
        }
        self.trim();
    }
}

/// What one section of a format says, apart from its texts.
#[derive(Default)]
struct Section {
    /// Places for digits, and how many of them are before the point.
    places: i64,
    point: i64,
    /// The first place before the point, and the last behind it, that is filled with a zero: counted from the point.
    first: i64,
    last: i64,
    thousands: bool,
    /// Powers of ten that the number is multiplied by: `%`, and commas before the point.
    shift: i64,
    scientific: bool,
}

/// A number by a custom format.
pub(super) fn custom(value: &Value, pattern: &str) -> String {
    let chars: Vec<char> = pattern.chars().collect();
    let sections = sections(&chars);
    let mut number = Number::of(value);
    let nth = |nth: usize| if sections.get(nth).is_some_and(|range| !range.is_empty()) { nth } else { 0 };
    let mut chosen = match (number.is_zero(), number.negative) {
        (true, _) => nth(2),
        (false, true) => nth(1),
        (false, false) => 0,
    };
    let mut section = read(&chars[sections[chosen].clone()]);
    if !number.is_zero() {
        number.scale += section.shift;
        let kept = if section.scientific { section.places } else { number.scale + section.places - section.point };
        number.round(kept);
        // What rounding made zero is written as zero is.
        if number.is_zero() && nth(2) != chosen {
            chosen = nth(2);
            section = read(&chars[sections[chosen].clone()]);
        }
    }
    // Who gives negative numbers a section of their own says the sign there.
    let signed = number.negative && chosen == 0 && !(number.is_zero() && nth(1) != 0);
    let text = write(&chars[sections[chosen].clone()], &section, &number);
    if signed && !text.is_empty() { format!("-{text}") } else { text }
}

/// The sections of a format: positive, negative, zero; there is always one. Behind the third nothing counts.
fn sections(chars: &[char]) -> Vec<Range<usize>> {
    let mut sections = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while at < chars.len() {
        if chars[at] == ';' {
            sections.push(start..at);
            start = at + 1;
        }
        at = behind(chars, at);
    }
    sections.push(start..chars.len());
    sections
}

/// The place behind a character, and behind what it quotes.
fn behind(chars: &[char], at: usize) -> usize {
    let next = match chars[at] {
        '\\' => at + 2,
        quote @ ('\'' | '"') => {
            let rest = &chars[at + 1..];
            at + 2 + rest.iter().position(|c| *c == quote).unwrap_or(rest.len())
        }
        _ => at + 1,
    };
    next.min(chars.len())
}

/// How many characters the exponent has that begins here, with its zeros: `E0`, `e+00`. `None` if none begins.
fn exponent(chars: &[char], at: usize) -> Option<(usize, usize)> {
    let signed = matches!(chars.get(at + 1), Some('+' | '-'));
    let zeros = chars.iter().skip(at + 1 + usize::from(signed)).take_while(|c| **c == '0').count();
    (zeros > 0).then_some((1 + usize::from(signed) + zeros, zeros))
}

fn read(chars: &[char]) -> Section {
    let mut section = Section::default();
    let (mut point, mut first, mut last) = (None, None, 0);
    // Where the last run of commas stands, and how long it is.
    let mut commas: Option<(i64, i64)> = None;
    let mut at = 0;
    while at < chars.len() {
        match chars[at] {
            '#' => section.places += 1,
            '0' => {
                first.get_or_insert(section.places);
                section.places += 1;
                last = section.places;
            }
            '.' => {
                point.get_or_insert(section.places);
            }
            ',' if section.places > 0 && point.is_none() => match &mut commas {
                Some((place, many)) if *place == section.places => *many += 1,
                other => {
                    section.thousands |= other.is_some();
                    *other = Some((section.places, 1));
                }
            },
            '%' => section.shift += 2,
            '‰' => section.shift += 3,
            'E' | 'e' => {
                if let Some((length, _)) = exponent(chars, at) {
                    section.scientific = true;
                    at += length;
                    continue;
                }
            }
            _ => {}
        }
        at = behind(chars, at);
    }
    section.point = point.unwrap_or(section.places);
    match commas {
        Some((place, many)) if place == section.point => section.shift -= 3 * many,
        Some(_) => section.thousands = true,
        None => {}
    }
    section.first = first.map_or(0, |first| (section.point - first).max(0));
    section.last = (section.point - last).min(0);
    section
}

/// A section filled with a number's digits.
fn write(chars: &[char], section: &Section, number: &Number) -> String {
    let mut out = String::new();
    let mut digits = number.digits.iter();
    // The place that comes next, counted down to the point; how many digits have no place of their own, or how many
    // places come before the first digit.
    let mut place = if section.scientific { section.point } else { number.scale.max(section.point) };
    let mut spare = if section.scientific { 0 } else { number.scale - section.point };
    let put = |out: &mut String, digit: u8, place: i64| {
        out.push(digit.into());
        if section.thousands && place > 1 && (place - 1) % 3 == 0 {
            out.push(',');
        }
    };
    let (mut point_written, mut exponent_written) = (false, false);
    let mut at = 0;
    while at < chars.len() {
        let c = chars[at];
        if matches!(c, '#' | '0' | '.') {
            // The first place takes all digits that have no place of their own.
            while spare > 0 {
                put(&mut out, digits.next().copied().unwrap_or(b'0'), place);
                place -= 1;
                spare -= 1;
            }
        }
        match c {
            '#' | '0' => {
                let digit = if spare < 0 {
                    spare += 1;
                    (place <= section.first).then_some(b'0')
                } else {
                    digits.next().copied().or((place > section.last).then_some(b'0'))
                };
                if let Some(digit) = digit {
                    put(&mut out, digit, place);
                }
                place -= 1;
            }
            '.' => {
                let digits_left = digits.len() > 0 && section.point < section.places;
                if place == 0 && !point_written && (section.last < 0 || digits_left) {
                    out.push('.');
                    point_written = true;
                }
            }
            ',' => {}
            '\\' => out.extend(chars.get(at + 1)),
            quote @ ('\'' | '"') => {
                let end = behind(chars, at);
                let inner = &chars[at + 1..end];
                out.extend(inner.strip_suffix(&[quote]).unwrap_or(inner));
            }
            'E' | 'e' => match exponent(chars, at).filter(|_| !exponent_written) {
                Some((length, zeros)) => {
                    exponent_written = true;
                    let power = if number.is_zero() { 0 } else { number.scale - section.point };
                    let sign = match (power < 0, chars.get(at + 1)) {
                        (true, _) => "-",
                        (false, Some('+')) => "+",
                        _ => "",
                    };
                    let zeros = zeros.min(EXPONENT_ZEROS);
                    out.push_str(&format!("{c}{sign}{:0zeros$}", power.unsigned_abs()));
                    at += length;
                    continue;
                }
                None => out.push(c),
            },
            other => out.push(other),
        }
        at = behind(chars, at);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rule: .NET's. The section follows the value, then what rounding left of it; digits are rounded a half away from
    /// zero, those of an exponent too; a double has a negative zero.
    #[test]
    fn as_dotnet_writes_them() {
        for (value, pattern, expected) in [
            (Value::Int(12345), "0.###e+0", "1.235e+4"),
            (Value::Int(12345), "0.00e+00", "1.23e+04"),
            (Value::Int(12345), "00.0E+0", "12.3E+3"),
            (Value::Float(0.00123), "##0.0#E-00", "123.0E-05"),
            (Value::Int(0), "0.0e0", "0.0e0"),
            (Value::Int(99_999), "0.0e0", "1.0e5"),
            (Value::Int(5), "0 'e+0' e+x", "5 e+0 e+x"),
            (Value::Float(-0.2), "0;(0)", "0"),
            (Value::Float(-0.2), "0;(0);none", "none"),
            (Value::Float(0.2), "0;(0);none", "none"),
            (Value::Float(-0.2), "0.0;(0.0);none", "(0.2)"),
            (Value::Float(-0.2), "0", "-0"),
            (Value::Decimal("-0.2".parse().unwrap()), "0", "0"),
            (Value::Float(-0.5), "#.##", "-.5"),
            (Value::Float(-0.001), "#.##", ""),
            (Value::Int(-5), "#;", "-5"),
            (Value::Int(-5), "0;;none", "-5"),
            (Value::Int(0), "0;;none", "none"),
            (Value::Int(1_234_567), "#,##0.00", "1,234,567.00"),
            (Value::Int(1_234_567), "#,#", "1,234,567"),
            (Value::Int(1_234_567), "0,", "1235"),
            (Value::Int(1_234_567), "0,,.0", "1.2"),
            (Value::Int(12), "0,000", "0,012"),
            (Value::Float(0.256), "0.0%", "25.6%"),
            (Value::Int(1_234_567_890), "(###) ###-####", "(123) 456-7890"),
            (Value::Float(1.5), "0.00", "1.50"),
            (Value::Float(2.5), "0", "3"),
            (Value::Float(1e20), "0", "100000000000000000000"),
            (Value::Int(7), "\\#0 'x;y' ", "#7 x;y "),
            (Value::Float(1.0), "0.##", "1"),
            (Value::Float(0.0), "#.#", ""),
        ] {
            assert_eq!(custom(&value, pattern), expected, "{value:?} by {pattern}");
        }
    }
}
