//! Lengths of time: reading, printing and reckoning as .NET does.

use super::TimeSpan;
use super::date::{DAY, HOUR, MINUTE, SECOND};
use crate::error::{Category, ErrorRecord};

impl TimeSpan {
    /// From seconds.
    pub const fn seconds(seconds: i64) -> TimeSpan {
        TimeSpan { ticks: seconds.saturating_mul(SECOND) }
    }

    /// Whole days.
    pub fn days(self) -> i64 {
        self.ticks / DAY
    }
    /// Hours beside whole days, -23 to 23.
    pub fn hours(self) -> i64 {
        self.ticks / HOUR % 24
    }
    /// Minutes beside whole hours, -59 to 59.
    pub fn minutes(self) -> i64 {
        self.ticks / MINUTE % 60
    }
    /// Seconds beside whole minutes, -59 to 59.
    pub fn seconds_part(self) -> i64 {
        self.ticks / SECOND % 60
    }
    /// All of it in units of so many ticks.
    pub fn total(self, unit: i64) -> f64 {
        self.ticks as f64 / unit as f64
    }
}

/// .NET's constant form: `[-][d.]hh:mm:ss[.fffffff]`.
pub fn constant(span: TimeSpan) -> String {
    let (sign, ticks) = magnitude(span);
    let day = i64_to_u64(DAY);
    let days = if ticks >= day { format!("{}.", ticks / day) } else { String::new() };
    let fraction = ticks % i64_to_u64(SECOND);
    let tail = if fraction == 0 { String::new() } else { format!(".{fraction:07}") };
    format!("{sign}{days}{}{tail}", clock(ticks))
}

fn magnitude(span: TimeSpan) -> (&'static str, u64) {
    (if span.ticks < 0 { "-" } else { "" }, span.ticks.unsigned_abs())
}

fn i64_to_u64(n: i64) -> u64 {
    n.unsigned_abs()
}

fn clock(ticks: u64) -> String {
    let second = i64_to_u64(SECOND);
    format!("{:02}:{:02}:{:02}", ticks / second / 3600 % 24, ticks / second / 60 % 60, ticks / second % 60)
}

/// A duration by a .NET format: `c`, `g`, `G`, or a custom one (`hh\:mm\:ss`).
///
/// # Errors
/// `FormatError`.
pub fn format(span: TimeSpan, pattern: &str) -> Result<String, ErrorRecord> {
    let (sign, ticks) = magnitude(span);
    let second = i64_to_u64(SECOND);
    let days = ticks / i64_to_u64(DAY);
    let fraction = ticks % second;
    let (hours, minutes, seconds) = (ticks / second / 3600 % 24, ticks / second / 60 % 60, ticks / second % 60);
    match pattern {
        "" | "c" | "t" | "T" => return Ok(constant(span)),
        "g" => {
            let days = if days > 0 { format!("{days}:") } else { String::new() };
            let digits = format!("{fraction:07}");
            let tail = if fraction == 0 { String::new() } else { format!(".{}", digits.trim_end_matches('0')) };
            return Ok(format!("{sign}{days}{hours}:{minutes:02}:{seconds:02}{tail}"));
        }
        "G" => return Ok(format!("{sign}{days}:{}.{fraction:07}", clock(ticks))),
        _ => {}
    }
    let bad = || {
        ErrorRecord::new("FormatError", Category::InvalidOperation, format!("'{pattern}' is no format of a duration."))
            .hint("Write letters such as hh, mm, ss and a backslash before anything else: hh\\:mm\\:ss.")
    };
    let pattern = if pattern.len() == 2 { pattern.strip_prefix('%').unwrap_or(pattern) } else { pattern };
    let chars: Vec<char> = pattern.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    while at < chars.len() {
        let c = chars[at];
        let run = chars[at..].iter().take_while(|other| **other == c).count();
        match c {
            'd' => out.push_str(&format!("{days:0run$}")),
            'h' if run <= 2 => out.push_str(&format!("{hours:0run$}")),
            'm' if run <= 2 => out.push_str(&format!("{minutes:0run$}")),
            's' if run <= 2 => out.push_str(&format!("{seconds:0run$}")),
            'f' | 'F' if run <= 7 => {
                let digits = format!("{fraction:07}");
                let kept = &digits[..run];
                out.push_str(if c == 'F' { kept.trim_end_matches('0') } else { kept });
            }
            '\\' => {
                out.push(*chars.get(at + 1).ok_or_else(bad)?);
                at += 2;
                continue;
            }
            '\'' | '"' => {
                let end = chars[at + 1..].iter().position(|other| *other == c).ok_or_else(bad)?;
                out.extend(&chars[at + 1..at + 1 + end]);
                at += end + 2;
                continue;
            }
            _ => return Err(bad()),
        }
        at += run;
    }
    Ok(out)
}

/// A duration from text: `[-][d.]hh:mm[:ss[.fffffff]]`, or days alone.
pub fn parse(text: &str) -> Option<TimeSpan> {
    let text = text.trim();
    let (negative, body) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let number = |part: &str| -> Option<i64> {
        (!part.is_empty() && part.len() <= 9 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok())?
    };
    let parts: Vec<&str> = body.split(':').collect();
    let (days, hours, minutes, seconds) = match parts.as_slice() {
        [days] => match days.split_once('.') {
            None => (number(days)?, 0, 0, "0"),
            Some(_) => return None,
        },
        [first, minutes, rest @ ..] if rest.len() <= 2 => {
            let (days, hours, minutes, seconds) = match rest {
                [] => (None, *first, *minutes, "0"),
                [seconds] => (None, *first, *minutes, *seconds),
                // d:hh:mm:ss
                [m, s] => (Some(*first), *minutes, *m, *s),
                _ => return None,
            };
            match (days, hours.split_once('.')) {
                (Some(days), None) => (number(days)?, number(hours)?, number(minutes)?, seconds),
                (None, Some((days, hours))) => (number(days)?, number(hours)?, number(minutes)?, seconds),
                (None, None) => (0, number(hours)?, number(minutes)?, seconds),
                (Some(_), Some(_)) => return None,
            }
        }
        _ => return None,
    };
    let (seconds, fraction) = match seconds.split_once('.') {
        None => (number(seconds)?, 0),
        Some((seconds, fraction)) => {
            if fraction.is_empty() || fraction.len() > 7 {
                return None;
            }
            (number(seconds)?, number(&format!("{fraction:0<7}"))?)
        }
    };
    if hours > 23 || minutes > 59 || seconds > 59 {
        return None;
    }
    let ticks = days.checked_mul(DAY)?.checked_add(hours * HOUR + minutes * MINUTE + seconds * SECOND + fraction)?;
    Some(TimeSpan { ticks: if negative { -ticks } else { ticks } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_prints() {
        for (text, printed) in [
            ("1.02:03:04", "1.02:03:04"),
            ("00:10:00", "00:10:00"),
            ("5", "5.00:00:00"),
            ("01:30", "01:30:00"),
            ("-00:00:01.5", "-00:00:01.5000000"),
            ("1:02:03:04", "1.02:03:04"),
        ] {
            assert_eq!(parse(text).map(constant).as_deref(), Some(printed), "{text}");
        }
        for bad in ["", "x", "25:00", "00:61", "1.5", "::", "1:2:3:4:5"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
        let span = parse("1.02:03:04.5").unwrap();
        assert_eq!(format(span, "g").unwrap(), "1:2:03:04.5");
        assert_eq!(format(span, "G").unwrap(), "1:02:03:04.5000000");
        assert_eq!(format(span, r"hh\:mm\:ss").unwrap(), "02:03:04");
        assert_eq!(format(span, "d' days'").unwrap(), "1 days");
        assert_eq!(format(span, "hh:mm").unwrap_err().id(), "FormatError");
    }
}
