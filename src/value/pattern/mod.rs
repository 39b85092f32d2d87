//! Regular expressions with .NET's rules, compiled once and kept for a while.

mod apart;
pub mod object;
mod replacement;
mod translate;

pub use replacement::Replacement;

use crate::env::bounds::LONGEST_TEXT;
use crate::error::{Category, ErrorRecord, go_on};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use translate::translate;

/// How many compiled patterns a thread keeps.
const KEPT: usize = 256;

/// How large a compiled pattern may become, bytes.
const SIZE_LIMIT: usize = 8 << 20;

/// `RegexOptions.IgnoreCase`.
pub const IGNORE_CASE: i64 = 1;
/// `RegexOptions.Multiline`.
pub const MULTILINE: i64 = 2;
/// `RegexOptions.Singleline`.
pub const SINGLE_LINE: i64 = 16;
/// `RegexOptions.IgnorePatternWhitespace`.
pub const EXTENDED: i64 = 32;

#[derive(Debug)]
enum Engine {
    Simple(regex::Regex),
    Fancy(Box<fancy_regex::Regex>),
}

/// A compiled pattern.
#[derive(Debug)]
pub struct Pattern {
    engine: Arc<Engine>,
    /// The same, where a text ends in a line end and the pattern has a `$`.
    strict: Option<Arc<Engine>>,
    /// How much work it makes of a character at worst.
    weight: usize,
    /// Names of the groups by the engine's numbers.
    names: Vec<Option<String>>,
    /// .NET's numbers of the groups by the engine's: groups without a name come first.
    numbers: Vec<usize>,
}

/// One match: the stretches of its groups in the text, bytes; by the engine's numbers, 0 is the whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Captures(Vec<Option<(usize, usize)>>);

impl Captures {
    /// The stretch of the whole match.
    pub fn whole(&self) -> (usize, usize) {
        self.0.first().copied().flatten().unwrap_or((0, 0))
    }
}

thread_local! {
    static CACHE: RefCell<HashMap<(String, i64), Rc<Pattern>>> = RefCell::new(HashMap::new());
}

/// The compiled form of a pattern by .NET's options, from the cache where it is there.
///
/// # Errors
/// `System.Text.RegularExpressions.RegexParseException`.
pub fn compile(pattern: &str, options: i64) -> Result<Rc<Pattern>, ErrorRecord> {
    CACHE.with_borrow_mut(|cache| {
        let key = (pattern.to_string(), options);
        if let Some(found) = cache.get(&key) {
            return Ok(found.clone());
        }
        let made = Rc::new(Pattern::new(pattern, options)?);
        if cache.len() >= KEPT {
            cache.clear();
        }
        cache.insert(key, made.clone());
        Ok(made)
    })
}

/// What the marks in a pattern stand for, as plain text: `[regex]::Unescape`.
pub fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('\\') {
        out.push_str(before);
        let Some(c) = behind.chars().next() else { break };
        let number = |digits: usize| {
            let code = u32::from_str_radix(behind.get(1..=digits)?, 16).ok()?;
            char::from_u32(code).map(|c| (c, 1 + digits))
        };
        let (meant, taken) = match c {
            'n' => ('\n', 1),
            't' => ('\t', 1),
            'r' => ('\r', 1),
            'a' => ('\u{7}', 1),
            'e' => ('\u{1b}', 1),
            'f' => ('\u{c}', 1),
            'v' => ('\u{b}', 1),
            'x' => number(2).unwrap_or((c, 1)),
            'u' => number(4).unwrap_or((c, 1)),
            other => (other, other.len_utf8()),
        };
        out.push(meant);
        rest = behind.get(taken..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// A text as a pattern that matches it alone: `[regex]::Escape`.
pub fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\\' | '*' | '+' | '?' | '|' | '{' | '[' | '(' | ')' | '^' | '$' | '.' | '#' => {
                out.push('\\');
                out.push(c);
            }
            ' ' => out.push_str("\\ "),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x0C' => out.push_str("\\f"),
            _ => out.push(c),
        }
    }
    out
}

fn bad(pattern: &str, why: &str) -> ErrorRecord {
    ErrorRecord::new(
        "System.Text.RegularExpressions.RegexParseException",
        Category::InvalidArgument,
        format!("The regular expression '{pattern}' is not valid: {}", why.lines().last().unwrap_or(why).trim()),
    )
    .hint("Put a backslash before a character that is meant plainly, or use [regex]::Escape.")
}

impl Engine {
    fn is_match(&self, text: &str) -> Result<bool, ErrorRecord> {
        match self {
            Engine::Simple(regex) => Ok(regex.is_match(text)),
            Engine::Fancy(regex) => regex.is_match(text).map_err(|_| astray()),
        }
    }

    fn captures(&self, text: &str, from: usize) -> Result<Option<Captures>, ErrorRecord> {
        Ok(match self {
            Engine::Simple(regex) => regex
                .captures_at(text, from)
                .map(|found| Captures(found.iter().map(|group| group.map(|g| (g.start(), g.end()))).collect())),
            Engine::Fancy(regex) => regex
                .captures_from_pos(text, from)
                .map_err(|_| astray())?
                .map(|found| Captures(found.iter().map(|group| group.map(|g| (g.start(), g.end()))).collect())),
        })
    }

    /// The match at or behind a place, and where to look for the one behind it: .NET goes on behind an empty one.
    fn next(&self, text: &str, from: usize) -> Result<Option<(Captures, usize)>, ErrorRecord> {
        if from > text.len() {
            return Ok(None);
        }
        Ok(self.captures(text, from)?.map(|captures| {
            let (start, end) = captures.whole();
            let behind = if end > start { end } else { end + text[end..].chars().next().map_or(1, char::len_utf8) };
            (captures, behind)
        }))
    }
}

impl Pattern {
    fn new(pattern: &str, options: i64) -> Result<Pattern, ErrorRecord> {
        let on = |flag: i64| options & flag != 0;
        let engine = |strict_end: bool| -> Result<(Engine, bool), ErrorRecord> {
            let translated = translate(pattern, on(MULTILINE), strict_end);
            let flags: String = [(IGNORE_CASE, 'i'), (MULTILINE, 'm'), (SINGLE_LINE, 's'), (EXTENDED, 'x')]
                .into_iter()
                .filter(|(flag, _)| on(*flag))
                .map(|(_, letter)| letter)
                .collect();
            let engine = if translated.fancy {
                let text = if flags.is_empty() { translated.text } else { format!("(?{flags}){}", translated.text) };
                let made = fancy_regex::RegexBuilder::new(&text).delegate_size_limit(SIZE_LIMIT).build();
                Engine::Fancy(Box::new(made.map_err(|error| bad(pattern, &error.to_string()))?))
            } else {
                let made = regex::RegexBuilder::new(&translated.text)
                    .case_insensitive(on(IGNORE_CASE))
                    .multi_line(on(MULTILINE))
                    .dot_matches_new_line(on(SINGLE_LINE))
                    .ignore_whitespace(on(EXTENDED))
                    .size_limit(SIZE_LIMIT)
                    .build();
                Engine::Simple(made.map_err(|error| bad(pattern, &error.to_string()))?)
            };
            Ok((engine, translated.end_anchor))
        };
        let (first, end_anchor) = engine(false)?;
        let strict = if end_anchor { Some(Arc::new(engine(true)?.0)) } else { None };
        let names: Vec<Option<String>> = match &first {
            Engine::Simple(regex) => regex.capture_names().map(|n| n.map(String::from)).collect(),
            Engine::Fancy(regex) => regex.capture_names().map(|n| n.map(String::from)).collect(),
        };
        let numbers = dotnet_numbers(&names);
        // One that backtracks goes over the text again and again, if not for ever: its steps are counted.
        let often = if matches!(first, Engine::Fancy(_)) { 20 } else { 1 };
        let weight = apart::weight(pattern).saturating_mul(often);
        Ok(Pattern { engine: Arc::new(first), strict, weight, names, numbers })
    }

    fn engine(&self, text: &str) -> &Arc<Engine> {
        match &self.strict {
            Some(strict) if text.ends_with('\n') => strict,
            _ => &self.engine,
        }
    }

    /// Whether the text matches anywhere.
    ///
    /// # Errors
    /// `RegexMatchTimeoutException` where the pattern goes astray; `PipelineStopped`.
    pub fn is_match(&self, text: &str) -> Result<bool, ErrorRecord> {
        if apart::is_long(self.weight, text) {
            let engine = self.engine(text).clone();
            return apart::run(text, move |text| engine.is_match(text))?;
        }
        self.engine(text).is_match(text)
    }

    /// The first match at or behind a byte of the text.
    ///
    /// # Errors
    /// As [`Pattern::is_match`].
    pub fn captures(&self, text: &str, from: usize) -> Result<Option<Captures>, ErrorRecord> {
        if apart::is_long(self.weight, text) {
            let engine = self.engine(text).clone();
            return apart::run(text, move |text| engine.captures(text, from))?;
        }
        self.engine(text).captures(text, from)
    }

    /// All matches, as .NET goes on behind an empty one.
    ///
    /// # Errors
    /// As [`Pattern::is_match`].
    pub fn all(&self, text: &str) -> Result<Vec<Captures>, ErrorRecord> {
        let mut found = Vec::new();
        self.each(text, &mut |captures| {
            found.push(captures);
            Ok(true)
        })?;
        Ok(found)
    }

    /// The same one by one, as long as `take` wants more.
    fn each(&self, text: &str, take: &mut dyn FnMut(Captures) -> Result<bool, ErrorRecord>) -> Result<(), ErrorRecord> {
        const LOOKS: u32 = 256;
        if apart::is_long(self.weight, text) {
            let engine = self.engine(text).clone();
            return apart::each(text, move |text, from| engine.next(text, from), take);
        }
        let (mut from, mut looked) = (0, 0_u32);
        while let Some((captures, behind)) = self.engine(text).next(text, from)? {
            looked = looked.wrapping_add(1);
            if looked.is_multiple_of(LOOKS) {
                go_on()?;
            }
            if !take(captures)? {
                break;
            }
            from = behind;
        }
        Ok(())
    }

    /// Groups of a match that took part: by name where they have one, else by .NET's number, in .NET's order.
    pub fn groups<'a>(&self, captures: &Captures, text: &'a str) -> Vec<(Group, Option<&'a str>)> {
        let mut groups: Vec<(usize, Group, Option<&'a str>)> = captures
            .0
            .iter()
            .enumerate()
            .map(|(at, stretch)| {
                let number = self.numbers.get(at).copied().unwrap_or(at);
                let name = self.names.get(at).cloned().flatten();
                let group = Group { number, name, stretch: *stretch };
                (number, group, stretch.map(|(start, end)| &text[start..end]))
            })
            .collect();
        groups.sort_by_key(|(number, ..)| *number);
        groups.into_iter().map(|(_, group, text)| (group, text)).collect()
    }

    /// The text with all matches replaced (or the first `most`).
    ///
    /// # Errors
    /// As [`Pattern::is_match`], and what `by` gives.
    pub fn replace(
        &self,
        text: &str,
        most: usize,
        by: &mut dyn FnMut(&Captures) -> Result<String, ErrorRecord>,
    ) -> Result<String, ErrorRecord> {
        let mut out = String::new();
        let (mut done, mut left) = (0, most);
        self.each(text, &mut |captures| {
            if left == 0 {
                return Ok(false);
            }
            left -= 1;
            let (start, end) = captures.whole();
            out.push_str(&text[done..start]);
            out.push_str(&by(&captures)?);
            if out.len() > LONGEST_TEXT {
                return Err(too_long());
            }
            done = end;
            Ok(left > 0)
        })?;
        out.push_str(&text[done..]);
        Ok(out)
    }

    /// The pieces between matches, groups of the matches among them; at most `most` pieces, 0 is no limit.
    ///
    /// # Errors
    /// As [`Pattern::is_match`].
    pub fn split<'a>(&self, text: &'a str, most: usize) -> Result<Vec<&'a str>, ErrorRecord> {
        let cuts = if most == 0 { usize::MAX } else { most - 1 };
        let mut pieces = Vec::new();
        let (mut done, mut left) = (0, cuts);
        self.each(text, &mut |captures| {
            if left == 0 {
                return Ok(false);
            }
            left -= 1;
            let (start, end) = captures.whole();
            pieces.push(&text[done..start]);
            for (group, piece) in self.groups(&captures, text) {
                if let (true, Some(piece)) = (group.number > 0, piece) {
                    pieces.push(piece);
                }
            }
            done = end;
            Ok(left > 0)
        })?;
        pieces.push(&text[done..]);
        Ok(pieces)
    }
}

/// A group of a match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// .NET's number.
    pub number: usize,
    /// Its name.
    pub name: Option<String>,
    /// Where it stands, bytes; `None` if it took no part.
    pub stretch: Option<(usize, usize)>,
}

fn too_long() -> ErrorRecord {
    let message = "The replacement makes a string larger than a script may hold.";
    ErrorRecord::new("DataSizeExceeded", Category::LimitsExceeded, message)
}

fn astray() -> ErrorRecord {
    ErrorRecord::new(
        "RegexMatchTimeoutException",
        Category::OperationTimeout,
        "The regular expression took too many steps on this text.",
    )
    .hint("Say it without nested repetition, as (a+)+.")
}

/// Groups without a name are numbered first, then those with one.
fn dotnet_numbers(names: &[Option<String>]) -> Vec<usize> {
    let mut numbers = vec![0; names.len()];
    let mut next = 1;
    for named in [false, true] {
        for (at, name) in names.iter().enumerate().skip(1) {
            if name.is_some() == named {
                numbers[at] = next;
                next += 1;
            }
        }
    }
    numbers
}

#[cfg(test)]
mod tests;
