//! Reads JSON as ConvertFrom-Json does: comments, single quotes, bare names and a comma too many are let through.

use crate::error::{Category, ErrorRecord, go_on};
use crate::value::{DateTime, DateTimeKind, Record, Table, Value, date, let_go, number, same_name};

/// How JSON is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Objects become ordered hashtables.
    pub as_hashtable: bool,
    /// How many levels may lie in each other.
    pub depth: usize,
    /// What becomes of a text that is a date.
    pub dates: Dates,
}

/// What becomes of a text that is a date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dates {
    /// A date as it says: in UTC with a `Z`, local with another zone, neither without one.
    #[default]
    AsTheySay,
    /// A date in local time.
    Local,
    /// A date in UTC.
    Utc,
    /// It stays a text.
    Texts,
}

/// The deepest that is read, so that no text makes the stack overflow.
pub const DEEPEST: usize = 1024;

impl Default for Options {
    fn default() -> Options {
        Options { as_hashtable: false, depth: DEEPEST, dates: Dates::default() }
    }
}

/// The value of a text; `None` for one that holds nothing but blanks and comments.
///
/// # Errors
/// `System.ArgumentException` where the text is no JSON, with line and column; `EmptyKeyInJsonString` and
/// `KeysWithDifferentCasing` where an object could not hold the keys.
pub fn read(text: &str, options: Options) -> Result<Option<Value>, ErrorRecord> {
    let mut reader = Reader { text, at: 0, options };
    reader.blanks()?;
    if reader.rest().is_empty() {
        return Ok(None);
    }
    let value = reader.value(1)?;
    reader.blanks()?;
    if reader.rest().is_empty() { Ok(Some(value)) } else { Err(reader.wrong("something behind the end of the value")) }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    options: Options,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn takes(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        if found {
            self.at += c.len_utf8();
        }
        found
    }

    fn wrong(&self, what: &str) -> ErrorRecord {
        let before = self.text.get(..self.at).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        ErrorRecord::new(
            "System.ArgumentException",
            Category::NotSpecified,
            format!("This is no JSON: {what}, at line {line}, column {column}."),
        )
    }

    /// Blanks and comments.
    fn blanks(&mut self) -> Result<(), ErrorRecord> {
        loop {
            let rest = self.rest();
            if let Some(comment) = rest.strip_prefix("//") {
                self.at += 2 + comment.find('\n').unwrap_or(comment.len());
            } else if let Some(comment) = rest.strip_prefix("/*") {
                let end = comment.find("*/").ok_or_else(|| self.wrong("a comment does not end"))?;
                self.at += end + 4;
            } else {
                let blank = |c: char| c.is_whitespace() || c == '\u{feff}';
                let trimmed = rest.trim_start_matches(blank);
                if trimmed.len() == rest.len() {
                    return Ok(());
                }
                self.at += rest.len() - trimmed.len();
            }
        }
    }

    fn value(&mut self, level: usize) -> Result<Value, ErrorRecord> {
        go_on()?;
        if level > self.options.depth.min(DEEPEST) + 1 {
            return Err(self.wrong("more levels than -Depth allows"));
        }
        match self.peek() {
            None => Err(self.wrong("the text ends where a value is expected")),
            Some('{') => self.object(level),
            Some('[') => self.list(level),
            Some(quote @ ('"' | '\'')) => {
                let text = self.string(quote)?;
                Ok(as_date(&text, self.options.dates).unwrap_or_else(|| Value::str(text)))
            }
            Some(_) => self.word(),
        }
    }

    fn list(&mut self, level: usize) -> Result<Value, ErrorRecord> {
        self.next();
        let mut items = Vec::new();
        loop {
            self.blanks()?;
            if self.takes(']') {
                return Ok(Value::list(items));
            }
            match self.value(level + 1) {
                Ok(item) => items.push(item),
                Err(error) => {
                    let many = items.len();
                    let_go(items, many);
                    return Err(error);
                }
            }
            self.blanks()?;
            if !self.takes(',') && self.peek() != Some(']') {
                return Err(self.wrong("a list goes on with , or ends with ]"));
            }
        }
    }

    fn object(&mut self, level: usize) -> Result<Value, ErrorRecord> {
        self.next();
        let mut fields: Vec<(String, Value)> = Vec::new();
        loop {
            self.blanks()?;
            if self.takes('}') {
                return self.made(fields);
            }
            let name = self.name()?;
            self.blanks()?;
            if !self.takes(':') {
                return Err(self.wrong("a : is missing behind a name"));
            }
            self.blanks()?;
            let value = self.value(level + 1)?;
            // The last of two equal names counts.
            match fields.iter_mut().find(|(known, _)| *known == name) {
                Some(field) => field.1 = value,
                None => fields.push((name, value)),
            }
            self.blanks()?;
            if !self.takes(',') && self.peek() != Some('}') {
                return Err(self.wrong("an object goes on with , or ends with }"));
            }
        }
    }

    fn made(&self, fields: Vec<(String, Value)>) -> Result<Value, ErrorRecord> {
        let refused = |id: &'static str, message: String| {
            let error = ErrorRecord::new(id, Category::InvalidOperation, message);
            Err(error.hint("Use -AsHashtable."))
        };
        if self.options.as_hashtable {
            let entries = fields.into_iter().map(|(name, value)| (Value::str(name), value));
            return Ok(Value::Map(Table::from_entries(true, entries)));
        }
        for (at, (name, _)) in fields.iter().enumerate() {
            if name.is_empty() {
                return refused("EmptyKeyInJsonString", "A name in this JSON is empty.".into());
            }
            if let Some((other, _)) = fields.iter().take(at).find(|(other, _)| same_name(other, name)) {
                let message = format!("The names {other} and {name} in this JSON differ in their case alone.");
                return refused("KeysWithDifferentCasing", message);
            }
        }
        Ok(Value::Record(Record::custom(fields)))
    }

    fn name(&mut self) -> Result<String, ErrorRecord> {
        match self.peek() {
            Some(quote @ ('"' | '\'')) => self.string(quote),
            Some(c) if c.is_alphanumeric() || matches!(c, '_' | '$') => {
                let rest = self.rest();
                let end = rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '$')).unwrap_or(rest.len());
                self.at += end;
                Ok(rest.get(..end).unwrap_or("").to_string())
            }
            _ => Err(self.wrong("a name is missing")),
        }
    }

    fn string(&mut self, quote: char) -> Result<String, ErrorRecord> {
        self.next();
        let mut out = String::new();
        // Halves of a character beyond 16 bits come one by one.
        let mut high: Option<u16> = None;
        loop {
            let Some(c) = self.next() else { return Err(self.wrong("a text does not end")) };
            if c == quote {
                if high.is_some() {
                    out.push('\u{fffd}');
                }
                return Ok(out);
            }
            let unit = match c {
                '\\' => match self.escape()? {
                    Ok(c) => {
                        if high.take().is_some() {
                            out.push('\u{fffd}');
                        }
                        out.push(c);
                        continue;
                    }
                    Err(unit) => unit,
                },
                c => {
                    if high.take().is_some() {
                        out.push('\u{fffd}');
                    }
                    out.push(c);
                    continue;
                }
            };
            match (high.take(), unit) {
                (Some(first), 0xdc00..=0xdfff) => out.extend(char::decode_utf16([first, unit]).flatten()),
                (before, 0xd800..=0xdbff) => {
                    out.extend(before.map(|_| '\u{fffd}'));
                    high = Some(unit);
                }
                (before, _) => {
                    out.extend(before.map(|_| '\u{fffd}'));
                    out.push(char::from_u32(u32::from(unit)).unwrap_or('\u{fffd}'));
                }
            }
        }
    }

    /// What stands behind a backslash: a character, or (as the error) a unit of UTF-16.
    fn escape(&mut self) -> Result<Result<char, u16>, ErrorRecord> {
        Ok(Ok(match self.next() {
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some(c @ ('"' | '\'' | '\\' | '/')) => c,
            Some('u') => {
                let digits = self.rest().get(..4).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
                let unit = digits.and_then(|digits| u16::from_str_radix(digits, 16).ok());
                let unit = unit.ok_or_else(|| self.wrong("\\u stands before four hexadecimal digits"))?;
                self.at += 4;
                return Ok(Err(unit));
            }
            _ => return Err(self.wrong("a backslash stands before something that it does not go with")),
        }))
    }

    /// `true`, `null`, a number.
    fn word(&mut self) -> Result<Value, ErrorRecord> {
        let rest = self.rest();
        let end =
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))).unwrap_or(rest.len());
        let word = rest.get(..end).unwrap_or("");
        let value = match word {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" | "undefined" => Value::Null,
            "NaN" => Value::Float(f64::NAN),
            "Infinity" => Value::Float(f64::INFINITY),
            "-Infinity" => Value::Float(f64::NEG_INFINITY),
            _ if word.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '.')) => {
                match word.parse::<i64>() {
                    Ok(whole) => Value::Int(whole),
                    Err(_) => {
                        number::double(word).map(Value::Float).ok_or_else(|| self.wrong("a number is malformed"))?
                    }
                }
            }
            _ => return Err(self.wrong("neither a value nor a bracket")),
        };
        self.at += end;
        Ok(value)
    }
}

/// A text in the form `2026-11-21T08:35:00`, with or without a fraction and a zone, is a date.
fn as_date(text: &str, dates: Dates) -> Option<Value> {
    if dates == Dates::Texts {
        return None;
    }
    let bytes = text.as_bytes();
    let has = |at: usize, c: u8| bytes.get(at) == Some(&c);
    let dated = has(4, b'-') && has(7, b'-') && has(10, b'T') && has(13, b':') && has(16, b':') && bytes.len() >= 19;
    let at = dated.then(|| date::parse(text)).flatten()?;
    // One that names no zone is taken as of the one that is asked for.
    let of = |kind| DateTime { ticks: at.ticks, kind };
    let is_bare = at.kind == DateTimeKind::Unspecified;
    Some(Value::DateTime(match dates {
        Dates::Local if is_bare => of(DateTimeKind::Local),
        Dates::Utc if is_bare => of(DateTimeKind::Utc),
        Dates::Local => date::to_local(at),
        Dates::Utc => date::to_utc(at),
        _ if text.ends_with('Z') => date::to_utc(at),
        _ => at,
    }))
}
