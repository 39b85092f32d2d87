//! Points in time as text: .NET's standard and custom formats, invariant culture.

use super::super::{DateTime, DateTimeKind};
use super::zone;
use crate::error::{Category, ErrorRecord};
use std::fmt::Write;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// The name of a month, 1 to 12; empty for what is none.
pub fn month_name(month: i64) -> &'static str {
    usize::try_from(month - 1).ok().and_then(|at| MONTHS.get(at)).copied().unwrap_or("")
}

/// The name of a day of the week, Sunday is 0; empty for what is none.
pub fn weekday_name(day: i64) -> &'static str {
    usize::try_from(day).ok().and_then(|at| WEEKDAYS.get(at)).copied().unwrap_or("")
}

/// What `"$d"` gives: `MM/dd/yyyy HH:mm:ss`.
pub fn text(at: DateTime) -> String {
    custom(at, "MM/dd/yyyy HH:mm:ss").unwrap_or_default()
}

/// What a date prints as an object of its own: `Saturday, 21 November 2026 08:35:00`.
pub fn long_text(at: DateTime) -> String {
    custom(at, "dddd, dd MMMM yyyy HH:mm:ss").unwrap_or_default()
}

/// ISO 8601 with as many digits of the second as there are, and the zone where it is known.
pub fn iso(at: DateTime) -> String {
    let pattern = if at.parts().fraction == 0 { "yyyy-MM-ddTHH:mm:ssK" } else { "yyyy-MM-ddTHH:mm:ss.FFFFFFFK" };
    custom(at, pattern).unwrap_or_default()
}

/// A date by a .NET format: a standard letter (`d`, `D`, `s`, `o`, `u` …) or a custom one (`yyyy-MM-dd HH:mm`).
///
/// # Errors
/// `FormatError`.
pub fn format(at: DateTime, pattern: &str) -> Result<String, ErrorRecord> {
    let mut at = at;
    let custom_pattern = match pattern {
        "" | "G" => "MM/dd/yyyy HH:mm:ss",
        "d" => "MM/dd/yyyy",
        "D" => "dddd, dd MMMM yyyy",
        "f" => "dddd, dd MMMM yyyy HH:mm",
        "F" => "dddd, dd MMMM yyyy HH:mm:ss",
        "U" => {
            at = zone::to_utc(at);
            "dddd, dd MMMM yyyy HH:mm:ss"
        }
        "g" => "MM/dd/yyyy HH:mm",
        "m" | "M" => "MMMM dd",
        "o" | "O" => "yyyy-MM-ddTHH:mm:ss.fffffffK",
        "r" | "R" => "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
        "s" => "yyyy-MM-ddTHH:mm:ss",
        "t" => "HH:mm",
        "T" => "HH:mm:ss",
        "u" => "yyyy-MM-dd HH:mm:ss'Z'",
        "y" | "Y" => "yyyy MMMM",
        other if other.chars().count() == 1 => {
            return Err(ErrorRecord::new(
                "FormatError",
                Category::InvalidOperation,
                format!("'{other}' is no format of a date."),
            )
            .hint(
                "Standard formats are d D f F g G m o R s t T u U y; others have more than one letter, as yyyy-MM-dd.",
            ));
        }
        other if other.len() == 2 && other.starts_with('%') => &other[1..],
        other => other,
    };
    custom(at, custom_pattern).ok_or_else(|| {
        ErrorRecord::new("FormatError", Category::InvalidOperation, format!("'{pattern}' is no format of a date."))
    })
}

fn custom(at: DateTime, pattern: &str) -> Option<String> {
    let parts = at.parts();
    let chars: Vec<char> = pattern.chars().collect();
    let mut out = String::new();
    let mut index = 0;
    while index < chars.len() {
        let c = chars[index];
        let run = chars[index..].iter().take_while(|other| **other == c).count();
        let hour12 = (parts.hour + 11) % 12 + 1;
        let mut used = run;
        // Writing to a string cannot fail.
        let _ = match (c, run) {
            ('d', 1 | 2) => write!(out, "{:0run$}", parts.day),
            ('d', 3) => write!(out, "{}", &weekday_name(at.day_of_week())[..3]),
            ('d', _) => write!(out, "{}", weekday_name(at.day_of_week())),
            ('M', 1 | 2) => write!(out, "{:0run$}", parts.month),
            ('M', 3) => write!(out, "{}", &month_name(parts.month)[..3]),
            ('M', _) => write!(out, "{}", month_name(parts.month)),
            ('y', 1 | 2) => write!(out, "{:0run$}", parts.year % 100),
            ('y', _) => write!(out, "{:0run$}", parts.year),
            ('H', _) => write!(out, "{:0width$}", parts.hour, width = run.min(2)),
            ('h', _) => write!(out, "{hour12:0width$}", width = run.min(2)),
            ('m', _) => write!(out, "{:0width$}", parts.minute, width = run.min(2)),
            ('s', _) => write!(out, "{:0width$}", parts.second, width = run.min(2)),
            ('f' | 'F', 1..=7) => {
                let digits = format!("{:07}", parts.fraction);
                let kept = &digits[..run];
                let kept = if c == 'F' { kept.trim_end_matches('0') } else { kept };
                if c == 'F' && kept.is_empty() && out.ends_with('.') {
                    out.pop();
                }
                write!(out, "{kept}")
            }
            ('f' | 'F', _) => return None,
            ('t', _) => {
                let half = if parts.hour < 12 { "AM" } else { "PM" };
                write!(out, "{}", if run == 1 { &half[..1] } else { half })
            }
            ('g', _) => write!(out, "A.D."),
            ('z', _) => write!(out, "{}", offset(zone::offset_seconds(at), run)),
            ('K', _) => {
                used = 1;
                match at.kind {
                    DateTimeKind::Unspecified => Ok(()),
                    DateTimeKind::Utc => write!(out, "Z"),
                    DateTimeKind::Local => write!(out, "{}", offset(zone::offset_seconds(at), 3)),
                }
            }
            ('\\', _) => {
                used = 2;
                write!(out, "{}", chars.get(index + 1)?)
            }
            ('\'' | '"', _) => {
                let end = chars[index + 1..].iter().position(|other| *other == c)?;
                used = end + 2;
                out.extend(&chars[index + 1..index + 1 + end]);
                Ok(())
            }
            ('%', _) => {
                used = 1;
                Ok(())
            }
            _ => {
                out.extend(std::iter::repeat_n(c, run));
                Ok(())
            }
        };
        index += used;
    }
    Some(out)
}

fn offset(seconds: i64, letters: usize) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let (hours, minutes) = (seconds.abs() / 3600, seconds.abs() / 60 % 60);
    match letters {
        1 => format!("{sign}{hours}"),
        2 => format!("{sign}{hours:02}"),
        _ => format!("{sign}{hours:02}:{minutes:02}"),
    }
}
