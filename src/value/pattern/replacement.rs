//! What a match is replaced by: `$1`, `${name}`, `$&`, `` $` ``, `$'`, `$+`, `$$`.

use super::{Captures, Pattern};

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    /// .NET's number.
    Number(usize),
    Name(String),
    Whole,
    Before,
    Behind,
    Last,
    All,
}

/// A replacement taken apart.
#[derive(Clone, Debug)]
pub struct Replacement(Vec<Part>);

impl Replacement {
    /// Takes a replacement apart; what names no group of the pattern stays text.
    pub fn new(text: &str, pattern: &Pattern) -> Replacement {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            plain.push_str(&rest[..at]);
            let behind = &rest[at + 1..];
            let (part, used) = read(behind, pattern);
            match part {
                Some(part) => {
                    if !plain.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut plain)));
                    }
                    parts.push(part);
                }
                None => plain.push('$'),
            }
            // `$$` is a dollar, said by `None` with one character used.
            rest = &behind[used..];
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Replacement(parts)
    }

    /// The text that replaces a match.
    pub fn expand(&self, pattern: &Pattern, captures: &Captures, text: &str) -> String {
        let groups = pattern.groups(captures, text);
        let (start, end) = captures.whole();
        let mut out = String::new();
        for part in &self.0 {
            out.push_str(match part {
                Part::Text(plain) => plain,
                Part::Number(number) => {
                    groups.iter().find(|(group, _)| group.number == *number).and_then(|(_, text)| *text).unwrap_or("")
                }
                Part::Name(name) => groups
                    .iter()
                    .find(|(group, _)| group.name.as_deref() == Some(name))
                    .and_then(|(_, text)| *text)
                    .unwrap_or(""),
                Part::Whole => &text[start..end],
                Part::Before => &text[..start],
                Part::Behind => &text[end..],
                Part::Last => groups.last().and_then(|(_, text)| *text).unwrap_or(""),
                Part::All => text,
            });
        }
        out
    }
}

/// What stands behind a dollar, and how many bytes it takes.
fn read(behind: &str, pattern: &Pattern) -> (Option<Part>, usize) {
    let known = |number: usize| number < pattern.numbers.len();
    match behind.chars().next() {
        Some('$') => (None, 1),
        Some('&') => (Some(Part::Whole), 1),
        Some('`') => (Some(Part::Before), 1),
        Some('\'') => (Some(Part::Behind), 1),
        Some('+') => (Some(Part::Last), 1),
        Some('_') => (Some(Part::All), 1),
        Some('{') => {
            let Some(end) = behind.find('}') else { return (None, 0) };
            let name = &behind[1..end];
            if let Ok(number) = name.parse::<usize>()
                && known(number)
            {
                return (Some(Part::Number(number)), end + 1);
            }
            match pattern.names.iter().flatten().find(|known| *known == name) {
                Some(name) => (Some(Part::Name(name.clone())), end + 1),
                None => (None, 0),
            }
        }
        Some(c) if c.is_ascii_digit() => {
            let count = behind.bytes().take(3).take_while(u8::is_ascii_digit).count();
            // The longest number that is a group.
            for length in (1..=count).rev() {
                if let Ok(number) = behind[..length].parse::<usize>()
                    && known(number)
                {
                    return (Some(Part::Number(number)), length);
                }
            }
            (None, 0)
        }
        _ => (None, 0),
    }
}
