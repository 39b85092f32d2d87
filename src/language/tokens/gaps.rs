//! What stands between the words that the tree knows: keywords, comments, brackets; and Rhai's own text.

use super::super::Mode;
use super::super::characters::{is_dash, is_name, is_name_start, is_newline};
use super::super::operators::is_operator_word;
use super::{Token, TokenKind};
use crate::error::Span;

const KEYWORDS: &[&str] = &[
    "if", "elseif", "else", "foreach", "in", "for", "while", "do", "until", "switch", "default", "break", "continue",
    "return", "throw", "try", "catch", "finally", "exit", "function", "param", "begin", "process", "end",
];
const RHAI_KEYWORDS: &[&str] = &[
    "let", "const", "if", "else", "switch", "for", "in", "while", "do", "until", "loop", "break", "continue", "return",
    "throw", "try", "catch", "fn", "private", "import", "export", "as", "true", "false", "this", "global",
];

/// The length of the comment at the start of `rest`, if one begins there.
fn comment(rest: &str, before: Option<char>, rhai: bool, slashes: bool) -> Option<usize> {
    let line = || rest.find(is_newline).unwrap_or(rest.len());
    let until = |close: &str| rest.find(close).map_or(rest.len(), |end| end + close.len());
    if rest.starts_with("<#") {
        Some(until("#>"))
    } else if slashes && rest.starts_with("//") {
        Some(line())
    } else if slashes && rest.starts_with("/*") {
        Some(until("*/"))
    } else if rest.starts_with('#') && (!rhai || !rest.starts_with("#{")) && before.is_none_or(|c| !is_name(c)) {
        Some(line())
    } else {
        None
    }
}

/// A stretch of command mode without the words that the tree knows.
pub(super) fn command_mode(text: &str, span: Span, mode: Mode, out: &mut Vec<Token>) {
    scan(text, span, out, |rest, before| {
        let c = rest.chars().next()?;
        if let Some(len) = comment(rest, before, false, mode == Mode::Rhai) {
            return Some((len, TokenKind::Comment));
        }
        if is_dash(c) {
            let word: String = rest[c.len_utf8()..].chars().take_while(|c| is_name(*c)).collect();
            let len = c.len_utf8() + if is_operator_word(&word.to_lowercase()) { word.len() } else { 0 };
            return Some((len, TokenKind::Operator));
        }
        if is_name_start(c) {
            let len = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
            let keyword = KEYWORDS.contains(&&*rest[..len].to_lowercase());
            return Some((len, if keyword { TokenKind::Keyword } else { TokenKind::Word }));
        }
        Some((c.len_utf8(), symbol(c)))
    });
}

/// A stretch of Rhai between islands.
pub(super) fn rhai(text: &str, span: Span, out: &mut Vec<Token>) {
    let inside_template = out.last().is_some_and(|t| t.kind == TokenKind::String && t.span.of(text).ends_with("${"));
    let mut template = inside_template;
    scan(text, span, out, |rest, before| {
        let c = rest.chars().next()?;
        if template {
            // Behind the island of a `${…}`: the string goes on.
            template = false;
            if c == '}' {
                return Some((template_part(rest, 1, &mut template), TokenKind::String));
            }
        }
        if let Some(len) = comment(rest, before, true, true).filter(|_| !rest.starts_with("#\"")) {
            return Some((len, TokenKind::Comment));
        }
        let kind = match c {
            '`' => return Some((template_part(rest, 1, &mut template), TokenKind::String)),
            '"' => return Some((quoted(rest, '"'), TokenKind::String)),
            '\'' => return Some((quoted(rest, '\''), TokenKind::String)),
            _ if c.is_ascii_digit() => {
                let mut len = rest.find(|c: char| !is_name(c)).unwrap_or(rest.len());
                if rest[len..].starts_with('.') && rest[len + 1..].starts_with(|c: char| c.is_ascii_digit()) {
                    len += 1 + rest[len + 1..].find(|c: char| !is_name(c)).unwrap_or(rest.len() - len - 1);
                }
                return Some((len, TokenKind::Number));
            }
            _ if is_name_start(c) => {
                let len = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
                let word = &rest[..len];
                let kind = if RHAI_KEYWORDS.contains(&word) {
                    TokenKind::Keyword
                } else if rest[len..].starts_with('(') {
                    TokenKind::Function
                } else if before == Some('.') {
                    TokenKind::Member
                } else {
                    TokenKind::Identifier
                };
                return Some((len, kind));
            }
            _ => symbol(c),
        };
        Some((c.len_utf8(), kind))
    });
}

/// The length of a part of a string in backticks, up to its end or the next `${`.
fn template_part(rest: &str, from: usize, goes_on: &mut bool) -> usize {
    let tail = rest.get(from..).unwrap_or("");
    match (tail.find('`'), tail.find("${")) {
        (Some(end), None) => from + end + 1,
        (Some(end), Some(value)) if end < value => from + end + 1,
        (_, Some(value)) => {
            *goes_on = true;
            from + value + 2
        }
        (None, None) => rest.len(),
    }
}

/// The length of a quoted string of Rhai.
fn quoted(rest: &str, quote: char) -> usize {
    let mut chars = rest.char_indices().skip(1);
    while let Some((i, c)) = chars.next() {
        match c {
            '\\' => {
                chars.next();
            }
            _ if c == quote => return i + 1,
            _ => {}
        }
    }
    rest.len()
}

fn symbol(c: char) -> TokenKind {
    if "(){}[],;|@:.".contains(c) { TokenKind::Punctuation } else { TokenKind::Operator }
}

fn scan(
    text: &str,
    span: Span,
    out: &mut Vec<Token>,
    mut next: impl FnMut(&str, Option<char>) -> Option<(usize, TokenKind)>,
) {
    let end = span.end as usize;
    let mut at = span.start as usize;
    while at < end {
        let Some(rest) = text.get(at..end) else { return };
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        if let Some(c) = rest.chars().next().filter(|c| c.is_whitespace()) {
            at += c.len_utf8();
            continue;
        }
        let Some((len, kind)) = next(rest, before) else { return };
        let len = len.clamp(1, rest.len());
        out.push(Token { kind, span: Span::new(at, at + len) });
        at += len;
    }
}
