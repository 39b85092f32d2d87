//! Values as texts of CLIXML: names and strings with `_xHHHH_` for what XML cannot hold, durations of ISO 8601.

use crate::value::date::{DAY, SECOND};
use crate::value::{TimeSpan, number};
use std::fmt::Write;

/// A string with what XML cannot hold as `_xHHHH_`, and XML's own characters escaped.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // It would be read as the beginning of such an escape.
            '_' if matches!(chars.peek(), Some('x' | 'X')) => out.push_str("_x005F_"),
            c if c.is_control() || u32::from(c) > 0xffff || matches!(c, '\u{fffe}' | '\u{ffff}') => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    // Writing to a string cannot fail.
                    let _ = write!(out, "_x{unit:04X}_");
                }
            }
            c => out.push(c),
        }
    }
    out
}

/// The string behind a text; what is no escape stays as it is.
pub(super) fn unescaped(text: &str) -> String {
    if !text.contains("_x") && !text.contains("_X") {
        return text.to_string();
    }
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let escape = rest.get(..7).filter(|e| e.starts_with("_x") || e.starts_with("_X")).filter(|e| e.ends_with('_'));
        let unit = escape.and_then(|escape| escape.get(2..6)).filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        if let Some(unit) = unit.and_then(|hex| u16::from_str_radix(hex, 16).ok()) {
            units.push(unit);
            rest = rest.get(7..).unwrap_or_default();
            continue;
        }
        let Some(c) = rest.chars().next() else { break };
        units.extend(c.encode_utf16(&mut [0; 2]).iter());
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    String::from_utf16_lossy(&units)
}

/// A number with as many digits as read back; what is none as XML says it.
pub(super) fn double(x: f64) -> String {
    match x {
        f64::INFINITY => "INF".into(),
        f64::NEG_INFINITY => "-INF".into(),
        x => number::shortest(x),
    }
}

/// A number from its text.
pub(super) fn read_double(text: &str) -> Option<f64> {
    match text {
        "INF" => Some(f64::INFINITY),
        "-INF" => Some(f64::NEG_INFINITY),
        "NaN" => Some(f64::NAN),
        text => text.parse().ok(),
    }
}

/// A duration: `P1DT2H3M4.5S`.
pub(super) fn duration(span: TimeSpan) -> String {
    let mut out = String::from(if span.ticks < 0 { "-P" } else { "P" });
    let ticks = span.ticks.unsigned_abs();
    let (day, second) = (DAY.unsigned_abs(), SECOND.unsigned_abs());
    let (days, rest) = (ticks / day, ticks % day);
    let (hours, minutes) = (rest / (3600 * second), rest / (60 * second) % 60);
    let (seconds, fraction) = (rest / second % 60, rest % second);
    if days > 0 {
        let _ = write!(out, "{days}D");
    }
    if rest > 0 || days == 0 {
        out.push('T');
    }
    if hours > 0 {
        let _ = write!(out, "{hours}H");
    }
    if minutes > 0 {
        let _ = write!(out, "{minutes}M");
    }
    if fraction > 0 {
        let digits = format!("{fraction:07}");
        let _ = write!(out, "{seconds}.{}S", digits.trim_end_matches('0'));
    } else if seconds > 0 || ticks == 0 {
        let _ = write!(out, "{seconds}S");
    }
    out
}

/// A duration from its text; years and months count as .NET counts them, 365 and 30 days.
pub(super) fn read_duration(text: &str) -> Option<TimeSpan> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut rest = rest.strip_prefix('P')?;
    let (mut ticks, mut in_time) = (0_i64, false);
    while !rest.is_empty() {
        if let Some(time) = rest.strip_prefix('T').filter(|_| !in_time) {
            (in_time, rest) = (true, time);
            continue;
        }
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, unit) = rest.split_at(end);
        let unit_ticks = match (unit.chars().next()?, in_time) {
            ('Y', false) => 365 * DAY,
            ('M', false) => 30 * DAY,
            ('D', false) => DAY,
            ('H', true) => 3600 * SECOND,
            ('M', true) => 60 * SECOND,
            ('S', true) => SECOND,
            _ => return None,
        };
        rest = unit.get(1..)?;
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        ticks = ticks.checked_add(whole.parse::<i64>().ok()?.checked_mul(unit_ticks)?)?;
        if !fraction.is_empty() {
            let digits: String = fraction.chars().chain("0000000".chars()).take(7).collect();
            ticks = ticks.checked_add(digits.parse::<i64>().ok()?.checked_mul(unit_ticks)? / SECOND)?;
        }
    }
    Some(TimeSpan { ticks: if negative { -ticks } else { ticks } })
}
