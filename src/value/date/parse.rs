//! Points in time from text, as `[datetime]"…"` reads it: ISO 8601, month before day with slashes, names of months.

use super::super::{DateTime, DateTimeKind};
use super::{Parts, SECOND, month_name, weekday_name, zone};

#[derive(Clone, Debug, PartialEq)]
enum Token {
    /// Digits.
    Number(String),
    /// Letters, lower case.
    Word(String),
    /// Anything else but blanks.
    Mark(char),
    /// One or more blanks.
    Blank,
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let chars: Vec<char> = text.chars().collect();
    // A date is short; more is no date.
    if chars.len() > 100 {
        return None;
    }
    let mut at = 0;
    while at < chars.len() {
        let c = chars[at];
        let take = |test: fn(&char) -> bool| chars[at..].iter().take_while(|c| test(c)).collect::<String>();
        let token = if c.is_ascii_digit() {
            Token::Number(take(char::is_ascii_digit))
        } else if c.is_alphabetic() {
            Token::Word(take(|c| c.is_alphabetic()).to_ascii_lowercase())
        } else if c.is_whitespace() {
            Token::Blank
        } else {
            Token::Mark(c)
        };
        at += match &token {
            Token::Number(text) | Token::Word(text) => text.chars().count(),
            Token::Mark(_) => 1,
            Token::Blank => chars[at..].iter().take_while(|c| c.is_whitespace()).count(),
        };
        tokens.push(token);
    }
    Some(tokens)
}

#[derive(Default)]
struct Found {
    numbers: Vec<(i64, usize)>,
    month: Option<i64>,
    clock: Option<(i64, i64, i64, i64)>,
    half: Option<bool>,
    offset: Option<i64>,
    slashes: bool,
}

/// A point in time from text. A zone in the text makes it local; without one its kind is unspecified; without a day
/// it is today.
pub fn parse(text: &str) -> Option<DateTime> {
    let tokens = tokens(text.trim())?;
    let mut found = Found::default();
    let mut at = 0;
    while at < tokens.len() {
        at += read(&tokens, at, &mut found)?;
    }
    assemble(found)
}

/// Reads what stands at a place; how many tokens it took.
fn read(tokens: &[Token], at: usize, found: &mut Found) -> Option<usize> {
    match &tokens[at] {
        Token::Number(_) if tokens.get(at + 1) == Some(&Token::Mark(':')) && found.clock.is_none() => {
            let (clock, used) = clock(tokens, at)?;
            found.clock = Some(clock);
            Some(used)
        }
        Token::Number(digits) => {
            let signed = at > 0 && matches!(tokens[at - 1], Token::Mark('+' | '-'));
            if signed && found.clock.is_some() {
                return offset(tokens, at, found);
            }
            found.numbers.push((digits.parse().ok()?, digits.len()));
            Some(1)
        }
        Token::Word(word) => {
            match word.as_str() {
                "am" | "a" => found.half = Some(false),
                "pm" | "p" => found.half = Some(true),
                "t" if !found.numbers.is_empty() => {}
                "z" | "gmt" | "utc" if found.clock.is_some() => found.offset = Some(0),
                word if word.len() >= 3 => {
                    let month = (1..=12).find(|m| named(month_name(*m), word));
                    if let Some(month) = month {
                        if found.month.is_some() {
                            return None;
                        }
                        found.month = Some(month);
                    } else if !(0..7).any(|d| named(weekday_name(d), word)) {
                        return None;
                    }
                }
                _ => return None,
            }
            // 8PM without minutes.
            if matches!(word.as_str(), "am" | "pm" | "a" | "p") && found.clock.is_none() {
                let (hour, _) = found.numbers.pop()?;
                found.clock = Some((hour, 0, 0, 0));
            }
            Some(1)
        }
        Token::Mark('/') => {
            found.slashes = true;
            Some(1)
        }
        Token::Mark('-' | ',' | '.' | '+') | Token::Blank => Some(1),
        Token::Mark(_) => None,
    }
}

fn named(name: &str, word: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == word || (word.len() == 3 && name.starts_with(word))
}

fn number(token: Option<&Token>, longest: usize) -> Option<i64> {
    match token {
        Some(Token::Number(digits)) if digits.len() <= longest => digits.parse().ok(),
        _ => None,
    }
}

fn clock(tokens: &[Token], at: usize) -> Option<((i64, i64, i64, i64), usize)> {
    let hour = number(tokens.get(at), 2)?;
    let minute = number(tokens.get(at + 2), 2)?;
    let mut used = 3;
    let (mut second, mut fraction) = (0, 0);
    if tokens.get(at + 3) == Some(&Token::Mark(':')) {
        second = number(tokens.get(at + 4), 2)?;
        used = 5;
        if tokens.get(at + 5) == Some(&Token::Mark('.')) {
            let Some(Token::Number(digits)) = tokens.get(at + 6) else { return None };
            let kept: String = digits.chars().chain("0000000".chars()).take(7).collect();
            fraction = kept.parse().ok()?;
            used = 7;
        }
    }
    Some(((hour, minute, second, fraction), used))
}

fn offset(tokens: &[Token], at: usize, found: &mut Found) -> Option<usize> {
    let Token::Number(digits) = &tokens[at] else { return None };
    let sign = if tokens[at - 1] == Token::Mark('-') { -1 } else { 1 };
    let (hours, minutes, used) = if tokens.get(at + 1) == Some(&Token::Mark(':')) {
        (number(tokens.get(at), 2)?, number(tokens.get(at + 2), 2)?, 3)
    } else if digits.len() == 4 {
        let both: i64 = digits.parse().ok()?;
        (both / 100, both % 100, 1)
    } else {
        (number(tokens.get(at), 2)?, 0, 1)
    };
    if hours > 14 || minutes > 59 {
        return None;
    }
    found.offset = Some(sign * (hours * 3600 + minutes * 60));
    Some(used)
}

fn assemble(found: Found) -> Option<DateTime> {
    let today = zone::to_local(zone::now()).parts();
    let year_of = |(n, digits): (i64, usize)| -> i64 {
        match digits {
            1 | 2 if n < 50 => 2000 + n,
            1 | 2 => 1900 + n,
            _ => n,
        }
    };
    let numbers = &found.numbers;
    let (year, month, day) = match (found.month, numbers.as_slice()) {
        (None, []) => {
            found.clock?;
            (today.year, today.month, today.day)
        }
        (None, [first, second, third]) if first.1 >= 3 => (first.0, second.0, third.0),
        (None, [first, second, third]) => (year_of(*third), first.0, second.0),
        (None, [first, second]) if first.1 == 4 => (first.0, second.0, 1),
        (None, [first, second]) if second.1 == 4 => (second.0, first.0, 1),
        (None, [first, second]) if found.slashes => (today.year, first.0, second.0),
        (Some(month), [one]) if one.1 >= 3 => (one.0, month, 1),
        (Some(month), [one]) => (today.year, month, one.0),
        // 2026 Nov 21, or 21 Nov 2026 and Nov 21, 2026.
        (Some(month), [first, second]) if first.1 >= 3 => (first.0, month, second.0),
        (Some(month), [first, second]) => (year_of(*second), month, first.0),
        _ => return None,
    };
    let (mut hour, minute, second, fraction) = found.clock.unwrap_or_default();
    match found.half {
        Some(late) if (1..=12).contains(&hour) => hour = hour % 12 + if late { 12 } else { 0 },
        Some(_) => return None,
        None => {}
    }
    let parts = Parts { year, month, day, hour, minute, second, fraction };
    let ticks = parts.ticks()?;
    Some(match found.offset {
        None => DateTime { ticks, kind: DateTimeKind::Unspecified },
        Some(seconds) => zone::to_local(DateTime { ticks: ticks - seconds * SECOND, kind: DateTimeKind::Utc }),
    })
}

/// A point in time from text that has exactly the form of a custom format, as `[datetime]::ParseExact`.
pub fn parse_exact(text: &str, pattern: &str) -> Option<DateTime> {
    let pattern = match pattern {
        "d" => "MM/dd/yyyy",
        "s" => "yyyy-MM-ddTHH:mm:ss",
        "t" => "HH:mm",
        "T" => "HH:mm:ss",
        "g" => "MM/dd/yyyy HH:mm",
        "G" => "MM/dd/yyyy HH:mm:ss",
        "u" => "yyyy-MM-dd HH:mm:ss'Z'",
        other => other,
    };
    let format: Vec<char> = pattern.chars().collect();
    let mut rest = text;
    let mut parts = Parts { year: 1, month: 1, day: 1, hour: 0, minute: 0, second: 0, fraction: 0 };
    let mut half = None;
    let mut at = 0;
    while at < format.len() {
        let c = format[at];
        let run = format[at..].iter().take_while(|other| **other == c).count();
        let mut used = run;
        match c {
            'y' => parts.year = digits(&mut rest, if run <= 2 { 2 } else { 4 }, run)?,
            'M' | 'd' if run >= 3 => name(&mut rest, c, run, &mut parts)?,
            'M' => parts.month = digits(&mut rest, 2, run)?,
            'd' => parts.day = digits(&mut rest, 2, run)?,
            'H' | 'h' => parts.hour = digits(&mut rest, 2, run)?,
            'm' => parts.minute = digits(&mut rest, 2, run)?,
            's' => parts.second = digits(&mut rest, 2, run)?,
            'f' | 'F' if run <= 7 => {
                let power = u32::try_from(7 - run).ok()?;
                parts.fraction = digits(&mut rest, run, run)? * 10i64.pow(power);
            }
            't' => {
                let word = rest.get(..run)?;
                half = Some(word.starts_with(['p', 'P']));
                rest = &rest[run..];
            }
            '\'' | '"' => {
                let end = format[at + 1..].iter().position(|other| *other == c)?;
                let literal: String = format[at + 1..at + 1 + end].iter().collect();
                rest = rest.strip_prefix(literal.as_str())?;
                used = end + 2;
            }
            '\\' => {
                rest = rest.strip_prefix(*format.get(at + 1)?)?;
                used = 2;
            }
            other => {
                rest = rest.strip_prefix(other)?;
                used = 1;
            }
        }
        at += used;
    }
    if parts.year < 100 && !pattern.contains("yyyy") {
        parts.year += if parts.year < 50 { 2000 } else { 1900 };
    }
    if let Some(late) = half {
        parts.hour = parts.hour % 12 + if late { 12 } else { 0 };
    }
    rest.is_empty().then(|| DateTime::from_parts(parts, DateTimeKind::Unspecified)).flatten()
}

/// One to `most` digits, exactly `most` where the format has two letters or more.
fn digits(rest: &mut &str, most: usize, run: usize) -> Option<i64> {
    let count = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
    if count == 0 || (run >= 2 && count < most) {
        return None;
    }
    let (number, behind) = rest.split_at(count);
    *rest = behind;
    number.parse().ok()
}

fn name(rest: &mut &str, letter: char, run: usize, parts: &mut Parts) -> Option<()> {
    let cut = |name: &'static str| if run == 3 { name.get(..3).unwrap_or(name) } else { name };
    let names =
        if letter == 'M' { (1..=12, month_name as fn(i64) -> &'static str) } else { (0..=6, weekday_name as _) };
    for number in names.0 {
        let name = cut((names.1)(number));
        if rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            *rest = &rest[name.len()..];
            if letter == 'M' {
                parts.month = number;
            }
            return Some(());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::date;

    #[test]
    fn reads_what_administrators_write() {
        for (text, iso) in [
            ("2026-11-21", "2026-11-21T00:00:00"),
            ("11/21/2026", "2026-11-21T00:00:00"),
            ("21 Nov 2026 08:35", "2026-11-21T08:35:00"),
            ("2026-11-21 08:35:10 PM", "2026-11-21T20:35:10"),
            ("3/4/2026", "2026-03-04T00:00:00"),
            ("8/11/2018 8:00 PM", "2018-08-11T20:00:00"),
            ("November 21, 2026 8 AM", "2026-11-21T08:00:00"),
            ("Saturday, 21 November 2026 00:00:01", "2026-11-21T00:00:01"),
            ("2026-11-21T08:35:00.25", "2026-11-21T08:35:00.25"),
            ("12/1/26 12:00 am", "2026-12-01T00:00:00"),
        ] {
            assert_eq!(parse(text).map(date::iso).as_deref(), Some(iso), "{text}");
        }
        for bad in ["", "yesterday", "2026-13-01", "2026-02-30", "1", "12:60", "21/11/2026", "a/b/c", "25:00"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
        let zoned = parse("2026-11-21T08:35:00Z").unwrap();
        assert_eq!(date::iso(date::to_utc(zoned)), "2026-11-21T08:35:00Z");
        let ahead = parse("2026-11-21T08:35:00+02:00").unwrap();
        assert_eq!(date::iso(date::to_utc(ahead)), "2026-11-21T06:35:00Z");
    }

    #[test]
    fn reads_exactly() {
        assert_eq!(parse_exact("20261121", "yyyyMMdd").map(date::iso).as_deref(), Some("2026-11-21T00:00:00"));
        assert_eq!(
            parse_exact("21 Nov 26 8:05 PM", "dd MMM yy h:mm tt").map(date::iso).as_deref(),
            Some("2026-11-21T20:05:00")
        );
        assert_eq!(parse_exact("2026-11-21x", "yyyy-MM-dd"), None);
    }
}
