//! Bare words and variables.

use super::characters::{ends_word, is_double_quote, is_name, is_newline, is_single_quote};
use super::parser::Parser;
use super::quoted::Parts;
use super::tree::{Expr, ExprKind, Quote, StringPart, TypeName, Variable};
use crate::error::Span;

impl Parser<'_> {
    /// `$x`, `${x y}`, `$env:PATH`, `$_`, `$?`, `$$`, `$^`; `None`, and nothing read, if no variable stands here.
    pub fn variable(&mut self) -> Option<Variable> {
        let start = self.at;
        let rest = self.rest().strip_prefix('$')?;
        let (inside, len) = if let Some(braced) = rest.strip_prefix('{') {
            let close = braced.find('}')?;
            (&braced[..close], close + 3)
        } else if rest.starts_with(is_name) {
            let plain = |text: &str| text.find(|c| !is_name(c)).unwrap_or(text.len());
            let mut end = plain(rest);
            if rest[end..].starts_with(':') && rest[end + 1..].starts_with(is_name) {
                end += 1 + plain(&rest[end + 1..]);
            }
            (&rest[..end], end + 1)
        } else if rest.starts_with(['?', '$', '^']) {
            (&rest[..1], 2)
        } else {
            return None;
        };
        self.at += len;
        let (scope, name) = match inside.split_once(':') {
            Some((scope, name)) if !scope.is_empty() && scope.chars().all(is_name) => {
                (Some(scope.to_lowercase()), name)
            }
            _ => (None, inside),
        };
        Some(Variable { scope, name: name.replace('`', ""), span: self.span_from(start) })
    }

    /// The same, where pages print Markdown's `$\_`: reported, and read as `$_`.
    pub fn variable_or_escaped(&mut self) -> Option<Variable> {
        if self.starts("$\\_") {
            let start = self.at;
            self.at += 3;
            let tail = self.rest().find(|c| !is_name(c)).unwrap_or(self.rest().len());
            let name = format!("_{}", &self.rest()[..tail]);
            self.at += tail;
            let span = self.span_from(start);
            self.error("UnexpectedToken", span, "the backslash in $\\_ comes from the page that printed it")
                .hint(format!("write ${name}"))
                .fix(Span::new(start + 1, start + 2), "");
            return Some(Variable { scope: None, name, span });
        }
        self.variable()
    }

    /// A bare word up to a blank or a character that ends it, with escapes, quotes and variables inside.
    pub fn bareword(&mut self) -> Expr {
        let start = self.at;
        self.bareword_after(start, Parts::default())
    }

    /// The same, behind a first part.
    pub fn bareword_after(&mut self, start: usize, mut parts: Parts) -> Expr {
        let mut brackets = 0usize;
        while let Some(c) = self.peek() {
            match c {
                _ if ends_word(c) => break,
                '[' => {
                    brackets += 1;
                    self.bump();
                    parts.push(c);
                }
                ']' if brackets == 0 && self.place.stop_at_bracket => break,
                ']' => {
                    brackets = brackets.saturating_sub(1);
                    self.bump();
                    parts.push(c);
                }
                '`' => {
                    if self.peek_nth(1).is_none_or(is_newline) {
                        break;
                    }
                    self.bump();
                    self.escape(&mut parts);
                }
                _ if is_double_quote(c) || is_single_quote(c) => match self.quoted().kind {
                    ExprKind::String { text, .. } => parts.push_str(&text),
                    ExprKind::Expandable { parts: inner, .. } => {
                        for part in inner {
                            match part {
                                StringPart::Text(text) => parts.push_str(&text),
                                StringPart::Value(value) => parts.value(value),
                            }
                        }
                    }
                    _ => {}
                },
                '$' => match self.string_value() {
                    Some(value) => parts.value(value),
                    None => {
                        self.bump();
                        parts.push('$');
                    }
                },
                _ => {
                    self.bump();
                    parts.push(c);
                }
            }
        }
        Expr { kind: parts.into_kind(Quote::Bare), span: self.span_from(start) }
    }

    /// `[Type]`, `[Type[]]`, `[Generic[A, B]]`; `None`, and nothing read, if no type stands here.
    pub fn type_literal(&mut self) -> Option<TypeName> {
        let start = self.at;
        if !self.eat('[') {
            return None;
        }
        let found = self.type_name().filter(|_| {
            self.skip_blanks_and_lines();
            self.eat(']')
        });
        match found {
            Some(mut name) => {
                name.span = self.span_from(start);
                Some(name)
            }
            None => {
                self.at = start;
                None
            }
        }
    }

    fn skip_blanks_and_lines(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.bump();
        }
    }

    /// A type's name without the outer brackets.
    pub fn type_name(&mut self) -> Option<TypeName> {
        self.skip_blanks_and_lines();
        let start = self.at;
        let rest = self.rest();
        let len = rest.find(|c: char| !(is_name(c) || matches!(c, '.' | '+' | '`'))).unwrap_or(rest.len());
        let name = &rest[..len];
        if !name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            return None;
        }
        self.at += len;
        let mut found =
            TypeName { name: name.to_string(), array_rank: 0, arguments: Vec::new(), span: self.span_from(start) };
        while self.peek() == Some('[') {
            let before = self.at;
            self.bump();
            self.skip_blanks_and_lines();
            if self.eat(']') {
                found.array_rank = found.array_rank.saturating_add(1);
                continue;
            }
            // `[,]`: no type is so called here, which the check says.
            let rest = self.rest();
            let commas = rest.len() - rest.trim_start_matches(|c: char| c == ',' || c.is_whitespace()).len();
            if commas > 0 && rest[commas..].starts_with(']') {
                found.name.push('[');
                found.name.extend(rest[..commas].chars().filter(|c| *c == ','));
                found.name.push(']');
                self.at += commas + 1;
                continue;
            }
            let arguments = self.nest(Self::type_arguments).flatten();
            match arguments {
                Some(arguments) if found.arguments.is_empty() && found.array_rank == 0 => found.arguments = arguments,
                _ => {
                    self.at = before;
                    return None;
                }
            }
        }
        found.span = self.span_from(start);
        Some(found)
    }

    fn type_arguments(&mut self) -> Option<Vec<TypeName>> {
        let mut arguments = Vec::new();
        loop {
            self.skip_blanks_and_lines();
            let argument = if self.peek() == Some('[') { self.type_literal() } else { self.type_name() };
            arguments.push(argument?);
            self.skip_blanks_and_lines();
            if self.eat(']') {
                return Some(arguments);
            }
            if !self.eat(',') {
                return None;
            }
        }
    }
}

/// The operator word (`-eq`, `–match`) that stands at the start of `text`: lower case, without dash.
pub(super) fn operator_word(text: &str) -> Option<String> {
    let mut chars = text.chars();
    chars.next().filter(|c| super::characters::is_dash(*c))?;
    let word: String = chars.take_while(|c| is_name(*c)).take(16).collect::<String>().to_lowercase();
    super::operators::is_operator_word(&word).then_some(word)
}
