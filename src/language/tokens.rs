//! What the words of a text are, for highlighting.

mod gaps;
mod walk;

use super::{Mode, Names, parse};
use crate::error::Span;

/// What a stretch of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A command's name.
    Command,
    /// `-Name`.
    Parameter,
    /// An operator, in symbols or as a word.
    Operator,
    /// A keyword of either language.
    Keyword,
    /// A variable of command mode.
    Variable,
    /// A string, without what it interpolates.
    String,
    /// A number.
    Number,
    /// A comment.
    Comment,
    /// A type in brackets, an attribute.
    Type,
    /// A property's or method's name, a key.
    Member,
    /// A function of Rhai that is called.
    Function,
    /// A bare word.
    Word,
    /// Another name of Rhai.
    Identifier,
    /// Brackets, commas, bars.
    Punctuation,
}

/// A stretch of text and what it is. Blanks belong to none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands.
    pub span: Span,
}

/// The tokens of a text by position; they do not overlap.
pub fn tokens(text: &str, mode: Mode, names: &dyn Names) -> Vec<Token> {
    let parsed = parse(text, mode, names);
    let mut known = walk::leaves(text, &parsed.script);
    known.sort_by_key(|token| (token.span.start, token.span.end));
    let mut out: Vec<Token> = Vec::with_capacity(known.len() * 2);
    let mut at = 0u32;
    for token in known {
        if token.span.start < at || token.span.start >= token.span.end {
            continue;
        }
        gaps::command_mode(text, Span { start: at, end: token.span.start }, mode, &mut out);
        out.push(token);
        at = token.span.end;
    }
    gaps::command_mode(text, Span::new(at as usize, text.len()), mode, &mut out);
    out
}
