//! Dates in the notation of Unix: `%Y-%m-%d`.

use crate::value::DateTime;
use crate::value::date::{self, SECOND, month_name, weekday_name};
use std::fmt::Write;

/// The text of a point in time by a Unix format; a leading `+` is dropped, an unknown letter stands for itself.
pub(super) fn format(at: DateTime, format: &str) -> String {
    let mut text = String::new();
    let mut letters = format.strip_prefix('+').unwrap_or(format).chars();
    while let Some(letter) = letters.next() {
        match letter {
            '%' => match letters.next() {
                Some(letter) => field(&mut text, at, letter),
                None => text.push('%'),
            },
            other => text.push(other),
        }
    }
    text
}

fn short(name: &str) -> &str {
    name.get(..3).unwrap_or(name)
}

/// Days since the first of January, which is 1.
fn day_of_year(at: DateTime) -> i64 {
    let parts = at.parts();
    (1..parts.month).map(|month| date::days_in_month(parts.year, month)).sum::<i64>() + parts.day
}

/// The week of ISO 8601, and the year that it belongs to.
fn iso_week(at: DateTime) -> (i64, i64) {
    let year = at.parts().year;
    let weekday = (at.day_of_week() + 6) % 7;
    let week = (day_of_year(at) - weekday + 9) / 7;
    let weeks = |year: i64| {
        let first = |year: i64| (year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400)) % 7;
        if first(year) == 4 || first(year - 1) == 3 { 53 } else { 52 }
    };
    match week {
        0 => (year - 1, weeks(year - 1)),
        week if week > weeks(year) => (year + 1, 1),
        week => (year, week),
    }
}

fn field(text: &mut String, at: DateTime, letter: char) {
    let parts = at.parts();
    let weekday = weekday_name(at.day_of_week());
    let hour12 = (parts.hour + 11) % 12 + 1;
    let half = if parts.hour < 12 { "AM" } else { "PM" };
    let again = |text: &mut String, pattern: &str| text.push_str(&format(at, pattern));
    // Writing to a string cannot fail.
    let _ = match letter {
        'A' => write!(text, "{weekday}"),
        'a' => write!(text, "{}", short(weekday)),
        'B' => write!(text, "{}", month_name(parts.month)),
        'b' | 'h' => write!(text, "{}", short(month_name(parts.month))),
        'C' => write!(text, "{:02}", parts.year / 100),
        'c' => {
            again(text, "%a %d %b %Y %H:%M:%S");
            Ok(())
        }
        'D' | 'x' => {
            again(text, "%m/%d/%y");
            Ok(())
        }
        'd' => write!(text, "{:02}", parts.day),
        'e' => write!(text, "{:2}", parts.day),
        'F' => {
            again(text, "%Y-%m-%d");
            Ok(())
        }
        'G' => write!(text, "{}", iso_week(at).0),
        'g' => write!(text, "{:02}", iso_week(at).0 % 100),
        'H' => write!(text, "{:02}", parts.hour),
        'I' => write!(text, "{hour12:02}"),
        'j' => write!(text, "{:03}", day_of_year(at)),
        'k' => write!(text, "{:2}", parts.hour),
        'l' => write!(text, "{hour12:2}"),
        'M' => write!(text, "{:02}", parts.minute),
        'm' => write!(text, "{:02}", parts.month),
        'n' => writeln!(text),
        'p' => write!(text, "{half}"),
        'R' => {
            again(text, "%H:%M");
            Ok(())
        }
        'r' => {
            again(text, "%I:%M:%S %p");
            Ok(())
        }
        'S' => write!(text, "{:02}", parts.second),
        's' => write!(text, "{}", (date::to_utc(at).ticks - date::UNIX_EPOCH).div_euclid(SECOND)),
        'T' | 'X' => {
            again(text, "%H:%M:%S");
            Ok(())
        }
        't' => write!(text, "\t"),
        'u' => write!(text, "{}", (at.day_of_week() + 6) % 7 + 1),
        'V' => write!(text, "{:02}", iso_week(at).1),
        'w' => write!(text, "{}", at.day_of_week()),
        'Y' => write!(text, "{:04}", parts.year),
        'y' => write!(text, "{:02}", parts.year % 100),
        'Z' => {
            let seconds = date::offset_seconds(at);
            let sign = if seconds < 0 { '-' } else { '+' };
            write!(text, "{sign}{:02}", seconds.abs() / 3600)
        }
        other => write!(text, "{other}"),
    };
}
