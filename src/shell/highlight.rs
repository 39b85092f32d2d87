//! The colours of a text that is being written.

use crate::language::{Mode, Names, TokenKind, tokens};
use std::fmt::Write;

/// The text with the colours of a terminal of sixteen; what it says without them stays the same.
pub(super) fn colored(text: &str, names: &dyn Names) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut at = 0;
    for token in tokens(text, Mode::Rhai, names) {
        let (start, end) = (token.span.start as usize, token.span.end as usize);
        let (Some(before), Some(word)) = (text.get(at..start), text.get(start..end)) else { continue };
        out.push_str(before);
        match code(token.kind, word, names) {
            // Writing to a string does not fail.
            Some(code) => drop(write!(out, "\x1b[{code}m{word}\x1b[0m")),
            None => out.push_str(word),
        }
        at = end;
    }
    out.push_str(text.get(at..).unwrap_or(""));
    out
}

fn code(kind: TokenKind, word: &str, names: &dyn Names) -> Option<&'static str> {
    Some(match kind {
        TokenKind::Command if names.is_command(word) || names.alias(word).is_some() => "1;36",
        // A name of nothing, as long as it is not written to its end.
        TokenKind::Command => "31",
        TokenKind::Parameter => "36",
        TokenKind::Keyword => "1;34",
        TokenKind::Variable => "35",
        TokenKind::String => "32",
        TokenKind::Number => "33",
        TokenKind::Comment => "90",
        TokenKind::Type => "34",
        TokenKind::Operator | TokenKind::Function => "1",
        TokenKind::Member | TokenKind::Word | TokenKind::Identifier | TokenKind::Punctuation => return None,
    })
}
