//! Wildcard patterns, as `-like` and the parameters that take wildcards read them: `*`, `?`, `[a-z]`, and `` ` `` before
//! one of these makes it plain.

use crate::error::{Category, ErrorRecord};

/// One piece of a pattern.
#[derive(Clone, Debug, PartialEq)]
enum Piece {
    /// `*`.
    Any,
    /// `?`.
    One,
    /// A character.
    Char(char),
    /// `[…]`: ranges, both ends included.
    Set(Vec<(char, char)>),
}

/// A compiled wildcard pattern.
#[derive(Clone, Debug)]
pub struct Wildcard {
    pieces: Vec<Piece>,
    case_sensitive: bool,
}

/// Whether a text has a character that a wildcard pattern gives meaning to.
pub fn has_wildcard(text: &str) -> bool {
    let mut escaped = false;
    for c in text.chars() {
        match c {
            _ if escaped => escaped = false,
            '`' => escaped = true,
            '*' | '?' | '[' => return true,
            _ => {}
        }
    }
    false
}

fn fold(c: char) -> char {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

impl Wildcard {
    /// Compiles a pattern that matches in any case.
    ///
    /// # Errors
    /// `RuntimeException` for a `[` without its `]`.
    pub fn new(pattern: &str) -> Result<Wildcard, ErrorRecord> {
        Wildcard::with_case(pattern, false)
    }

    /// Compiles a pattern.
    ///
    /// # Errors
    /// As [`Wildcard::new`].
    pub fn with_case(pattern: &str, case_sensitive: bool) -> Result<Wildcard, ErrorRecord> {
        let bad = || {
            ErrorRecord::new(
                "RuntimeException",
                Category::InvalidArgument,
                format!("The specified wildcard character pattern is not valid: {pattern}"),
            )
            .hint("Close the bracket, or write `[ for a plain bracket.")
        };
        let keep = |c: char| if case_sensitive { c } else { fold(c) };
        let mut pieces = Vec::new();
        let mut chars = pattern.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '*' => {
                    if pieces.last() != Some(&Piece::Any) {
                        pieces.push(Piece::Any);
                    }
                }
                '?' => pieces.push(Piece::One),
                '`' => pieces.push(Piece::Char(keep(chars.next().unwrap_or('`')))),
                '[' => {
                    let mut set: Vec<char> = Vec::new();
                    let mut escapes: Vec<bool> = Vec::new();
                    loop {
                        match chars.next() {
                            None => return Err(bad()),
                            // A bracket right behind the opening one is plain.
                            Some(']') if !set.is_empty() => break,
                            Some('`') => {
                                set.push(chars.next().ok_or_else(bad)?);
                                escapes.push(true);
                            }
                            Some(other) => {
                                set.push(other);
                                escapes.push(false);
                            }
                        }
                    }
                    pieces.push(Piece::Set(ranges(&set, &escapes, keep)));
                }
                other => pieces.push(Piece::Char(keep(other))),
            }
        }
        Ok(Wildcard { pieces, case_sensitive })
    }

    /// Whether the whole text matches.
    pub fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().map(|c| if self.case_sensitive { c } else { fold(c) }).collect();
        let (mut at, mut piece) = (0, 0);
        let mut retry: Option<(usize, usize)> = None;
        while at < text.len() {
            match self.pieces.get(piece) {
                Some(Piece::Any) => {
                    retry = Some((piece, at));
                    piece += 1;
                    continue;
                }
                Some(Piece::One) => {
                    at += 1;
                    piece += 1;
                    continue;
                }
                Some(Piece::Char(c)) if *c == text[at] => {
                    at += 1;
                    piece += 1;
                    continue;
                }
                Some(Piece::Set(set)) if set.iter().any(|(low, high)| (*low..=*high).contains(&text[at])) => {
                    at += 1;
                    piece += 1;
                    continue;
                }
                _ => {}
            }
            // The last star takes one character more.
            match retry {
                Some((star, from)) => {
                    retry = Some((star, from + 1));
                    piece = star + 1;
                    at = from + 1;
                }
                None => return false,
            }
        }
        self.pieces[piece..].iter().all(|p| *p == Piece::Any)
    }
}

fn ranges(set: &[char], escapes: &[bool], keep: impl Fn(char) -> char) -> Vec<(char, char)> {
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < set.len() {
        if at + 2 < set.len() && set[at + 1] == '-' && !escapes[at + 1] {
            ranges.push((keep(set[at]), keep(set[at + 2])));
            at += 3;
        } else {
            ranges.push((keep(set[at]), keep(set[at])));
            at += 1;
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_as_like_does() {
        for (pattern, text, expected) in [
            ("pool?", "pool1", true),
            ("site:*", "site:Redmond", true),
            ("site:*", "global", false),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("a*b*c", "aXXbYbc", true),
            ("[A-C]", "b", true),
            ("[a-c]x", "dx", false),
            ("`*", "*", true),
            ("`*", "x", false),
            ("[[]a]", "[a]", true),
            ("[]]", "]", true),
            ("POOL*", "pool", true),
            ("É", "é", true),
        ] {
            assert_eq!(Wildcard::new(pattern).unwrap().matches(text), expected, "{pattern} on {text}");
        }
        assert!(!Wildcard::with_case("p*", true).unwrap().matches("Pool"));
        assert_eq!(Wildcard::new("[a").unwrap_err().id(), "RuntimeException");
        assert!(has_wildcard("a*") && !has_wildcard("a`*b"));
    }
}
