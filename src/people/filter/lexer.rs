//! The words of a filter, and what becomes of variables in it.

use crate::error::{Category, ErrorRecord, Span};
use crate::value::{DateTimeKind, Value, date, member, same_name, text};

/// A word with its place.
#[derive(Debug, PartialEq)]
pub struct Word {
    pub token: Token,
    pub span: Span,
}

/// A word.
#[derive(Debug, PartialEq)]
pub enum Token {
    /// `RegistrarPool`, `12`.
    Bare(String),
    /// `'text'`, or double quotes without variables.
    Literal(String),
    /// Double quotes with a variable in them, as they stand between the quotes.
    Expandable(String),
    /// `$pool.Fqdn`: the name and its members.
    Variable(Vec<String>),
    /// `-eq`, without its dash.
    Operator(String),
    /// `!`.
    Not,
    /// `(`.
    Open,
    /// `)`.
    Close,
}

const DASHES: [char; 4] = ['-', '\u{2013}', '\u{2014}', '\u{2015}'];

fn is_single(c: char) -> bool {
    matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}')
}

fn is_double(c: char) -> bool {
    matches!(c, '"' | '\u{201c}' | '\u{201d}' | '\u{201e}')
}

/// An error in a filter, with its place: the text up to there is counted in characters, from 1.
pub fn error(source: &str, span: Span, message: &str) -> ErrorRecord {
    let before = source.get(..span.start as usize).unwrap_or(source);
    let at = before.chars().count() + 1;
    let word = span.of(source);
    let place =
        if word.is_empty() { format!("at its end (character {at})") } else { format!("at character {at}, '{word}'") };
    let message = format!("The filter cannot be read {place}: {message}");
    ErrorRecord::new("InvalidFilter", Category::InvalidArgument, message).target(source)
}

/// The words of a filter.
pub fn tokens(source: &str) -> Result<Vec<Word>, ErrorRecord> {
    let mut words = Vec::new();
    let chars: Vec<(usize, char)> = source.char_indices().collect();
    let end_of = |at: usize| chars.get(at).map_or(source.len(), |(offset, _)| *offset);
    let is = |at: usize, test: &dyn Fn(char) -> bool| chars.get(at).is_some_and(|(_, c)| test(*c));
    let mut at = 0;
    while let Some((start, c)) = chars.get(at).copied() {
        let from = at;
        let token = match c {
            c if c.is_whitespace() => {
                at += 1;
                continue;
            }
            '(' | ')' | '!' => {
                at += 1;
                match c {
                    '(' => Token::Open,
                    ')' => Token::Close,
                    _ => Token::Not,
                }
            }
            '$' => {
                at += 1;
                while is(at, &|c| c.is_alphanumeric() || matches!(c, '_' | '.' | ':')) {
                    at += 1;
                }
                let path: Vec<String> = source[end_of(from + 1)..end_of(at)].split('.').map(String::from).collect();
                if path.iter().any(String::is_empty) {
                    let message = "A variable is '$' and a name, with members behind dots.";
                    return Err(error(source, Span::new(start, end_of(at)), message));
                }
                Token::Variable(path)
            }
            c if is_single(c) || is_double(c) => {
                let closes: &dyn Fn(char) -> bool = if is_single(c) { &is_single } else { &is_double };
                let mut text = String::new();
                let mut variable = false;
                at += 1;
                loop {
                    match chars.get(at).map(|(_, c)| *c) {
                        None => {
                            let span = Span::new(start, source.len());
                            return Err(error(source, span, "The quote is not closed."));
                        }
                        Some(q) if closes(q) && is(at + 1, closes) => {
                            text.push(q);
                            at += 2;
                        }
                        Some(q) if closes(q) => break,
                        Some('`') if is_double(c) && at + 1 < chars.len() => {
                            text.push(chars[at + 1].1);
                            at += 2;
                        }
                        Some(other) => {
                            variable |= other == '$' && is_double(c);
                            text.push(other);
                            at += 1;
                        }
                    }
                }
                at += 1;
                if variable { Token::Expandable(text) } else { Token::Literal(text) }
            }
            c if DASHES.contains(&c) && is(at + 1, &char::is_alphabetic) => {
                at += 1;
                while is(at, &char::is_alphanumeric) {
                    at += 1;
                }
                Token::Operator(source[end_of(from + 1)..end_of(at)].to_string())
            }
            _ => {
                while is(at, &|c| !c.is_whitespace() && !matches!(c, '(' | ')') && !is_single(c) && !is_double(c)) {
                    at += 1;
                }
                Token::Bare(source[start..end_of(at)].to_string())
            }
        };
        words.push(Word { token, span: Span::new(start, end_of(at)) });
    }
    Ok(words)
}

/// What stands for a variable: a literal of the filter language.
pub fn variable(
    source: &str,
    span: Span,
    path: &[String],
    value: &dyn Fn(&str) -> Option<Value>,
) -> Result<String, ErrorRecord> {
    let name = path.first().map_or("", String::as_str);
    if path.len() == 1 && ["true", "false", "null"].iter().any(|word| same_name(word, name)) {
        return Ok(format!("${name}"));
    }
    if name == "_" {
        return Ok(span.of(source).to_string());
    }
    literal(source, span, &lookup(source, span, path, value)?)
}

fn lookup(
    source: &str,
    span: Span,
    path: &[String],
    value: &dyn Fn(&str) -> Option<Value>,
) -> Result<Value, ErrorRecord> {
    let name = path.first().map_or("", String::as_str);
    let found = value(name).ok_or_else(|| {
        error(source, span, &format!("There is no variable ${name}.")).hint("Set it before, or write the value itself.")
    })?;
    Ok(path.iter().skip(1).fold(found, |value, name| member::get(&value, name).unwrap_or_default()))
}

/// A value as a literal.
fn literal(source: &str, span: Span, value: &Value) -> Result<String, ErrorRecord> {
    Ok(match value {
        Value::Null => "$null".to_string(),
        Value::Bool(true) => "$true".to_string(),
        Value::Bool(false) => "$false".to_string(),
        Value::Int(_) | Value::Float(_) | Value::Decimal(_) => text::to_text(value).to_string(),
        Value::DateTime(at) => {
            let utc = if at.kind == DateTimeKind::Local { date::to_utc(*at) } else { *at };
            quoted(&date::iso(utc))
        }
        Value::List(_) | Value::Map(_) | Value::Block(_) => {
            return Err(error(source, span, "A filter compares with one text, number or date."));
        }
        other => quoted(&text::to_text(other)),
    })
}

fn quoted(text: &str) -> String {
    let mut literal = String::from("'");
    for c in text.chars() {
        if is_single(c) {
            literal.push(c);
        }
        literal.push(c);
    }
    literal.push('\'');
    literal
}

/// What stands for double quotes with variables in them: a literal.
pub fn expand(
    source: &str,
    span: Span,
    raw: &str,
    value: &dyn Fn(&str) -> Option<Value>,
) -> Result<String, ErrorRecord> {
    let mut expanded = String::new();
    let mut rest = raw;
    while let Some(at) = rest.find('$') {
        expanded.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(inner) = rest.strip_prefix("($") {
            let Some(end) = inner.find(')') else {
                return Err(error(source, span, "A bracket in the text is not closed."));
            };
            let path: Vec<String> = inner[..end].split('.').map(String::from).collect();
            expanded.push_str(&text::to_text(&lookup(source, span, &path, value)?));
            rest = &inner[end + 1..];
            continue;
        }
        let braced = rest.strip_prefix('{').and_then(|inner| Some((inner, inner.find('}')?)));
        let (name, behind) = match braced {
            Some((inner, end)) => (&inner[..end], &inner[end + 1..]),
            None => rest.split_at(rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())),
        };
        if name.is_empty() {
            expanded.push('$');
            continue;
        }
        expanded.push_str(&text::to_text(&lookup(source, span, &[name.to_string()], value)?));
        rest = behind;
    }
    expanded.push_str(rest);
    Ok(quoted(&expanded))
}
