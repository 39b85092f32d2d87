//! The arguments and redirections of commands.

use super::characters::{ends_word, is_double_quote, is_name, is_newline, is_single_quote};
use super::number;
use super::parser::Parser;
use super::quoted::Parts;
use super::tree::{Expr, ExprKind, Redirection, RedirectionTarget};
use crate::error::Span;

impl Parser<'_> {
    /// A value of a command, or several with commas.
    pub fn argument_list(&mut self) -> Option<Expr> {
        let start = self.at;
        let leading = self.peek() == Some(',') && !self.place.stop_at_comma;
        if leading {
            self.bump();
            self.skip_space();
        }
        let Some(first) = self.argument() else {
            self.at = start;
            return None;
        };
        let mut items = vec![first];
        let mut end = self.at;
        while !self.place.stop_at_comma {
            self.skip_space();
            let comma = self.at;
            if !self.eat(',') {
                break;
            }
            self.skip_lines();
            match self.argument() {
                Some(item) => items.push(item),
                None => {
                    let span = Span::new(comma, comma + 1);
                    self.error("MissingExpression", span, "a list's comma needs a value behind it")
                        .hint("write the next value, or take the comma away");
                    end = comma + 1;
                    break;
                }
            }
            end = self.at;
        }
        self.at = end;
        if items.len() == 1 && !leading {
            return items.pop();
        }
        Some(Expr { kind: ExprKind::List(items), span: self.span_from(start) })
    }

    /// One value of a command.
    pub fn argument(&mut self) -> Option<Expr> {
        let c = self.peek()?;
        match c {
            '$' if !self.starts("$(") => self.variable_argument(),
            '{' if self.place.body_at == Some(self.at) => None,
            '{' => Some(self.script_block()),
            '$' | '(' => self.postfixed_argument(),
            '@' if self.starts("@(") || self.starts("@{") || self.at_here_string() => self.postfixed_argument(),
            _ if is_double_quote(c) || is_single_quote(c) => self.postfixed_argument(),
            _ if ends_word(c) || (c == ']' && self.place.stop_at_bracket) => None,
            '`' if self.peek_nth(1).is_none_or(is_newline) => None,
            _ => {
                let start = self.at;
                let word = self.bareword();
                let text = self.text.get(start..self.at).unwrap_or("");
                match number::whole(text) {
                    Some(value) => Some(Expr { kind: ExprKind::Constant(value), span: word.span }),
                    None => Some(word),
                }
            }
        }
    }

    fn postfixed_argument(&mut self) -> Option<Expr> {
        let outer = std::mem::replace(&mut self.place.in_argument, true);
        let result = self.postfixed();
        self.place.in_argument = outer;
        result
    }

    /// `$x`, `$x.Name`, `$x[0]`; `$x@domain` is a word with a variable inside.
    fn variable_argument(&mut self) -> Option<Expr> {
        let start = self.at;
        let Some(variable) = self.variable_or_escaped() else { return Some(self.bareword()) };
        let expr = Expr { span: variable.span, kind: ExprKind::Variable(variable) };
        let next = self.peek();
        let member = match next {
            Some('.') => self.peek_nth(1).is_some_and(|c| is_name(c) || matches!(c, '$' | '(' | '"' | '\'')),
            Some('[') => true,
            Some(':') => self.starts("::"),
            Some('?') => self.starts("?.") || self.starts("?["),
            _ => false,
        };
        if member {
            let outer = std::mem::replace(&mut self.place.in_argument, true);
            let result = self.postfix(expr);
            self.place.in_argument = outer;
            return Some(result);
        }
        if next.is_none_or(|c| ends_word(c) || (c == ']' && self.place.stop_at_bracket)) {
            return Some(expr);
        }
        let mut parts = Parts::default();
        parts.value(expr);
        Some(self.bareword_after(start, parts))
    }

    pub fn redirections(&mut self) -> Vec<Redirection> {
        let mut found = Vec::new();
        loop {
            let before = self.at;
            self.skip_space();
            match self.redirection() {
                Some(redirection) => found.push(redirection),
                None => {
                    self.at = before;
                    return found;
                }
            }
        }
    }

    /// `> file`, `2>> file`, `2>&1`, `*> file`; `None`, and nothing read, if none stands here.
    pub fn redirection(&mut self) -> Option<Redirection> {
        let start = self.at;
        if self.starts("\\>") {
            let (span, slash) = (Span::new(start, start + 2), Span::new(start, start + 1));
            self.error("UnexpectedToken", span, "the backslash in \\> comes from the page that printed it")
                .hint("write > alone")
                .fix(slash, "");
            self.at += 1;
        }
        let rest = self.rest();
        let (from, len) = match rest.chars().next()? {
            '>' => (Some(1), 0),
            '*' if rest[1..].starts_with('>') => (None, 1),
            c @ '1'..='6' if rest[1..].starts_with('>') => (c.to_digit(10).map(|d| d as u8), 1),
            _ => return None,
        };
        self.at += len + 1;
        let append = self.eat('>');
        if !append && self.starts("&1") || self.starts("&2") {
            let to = if self.starts("&1") { 1 } else { 2 };
            self.at += 2;
            return Some(Redirection { from, to: RedirectionTarget::Stream(to), span: self.span_from(start) });
        }
        let arrow = self.span_from(start);
        self.skip_space();
        let name = self.argument().unwrap_or_else(|| {
            self.error("MissingFileSpecification", arrow, "a redirection needs a file's name behind it")
                .hint("write > FILE; to compare, write -gt");
            self.missing()
        });
        Some(Redirection { from, to: RedirectionTarget::File { name, append }, span: self.span_from(start) })
    }
}
