//! Hashtable literals, sub-expressions, arrays, brackets.

use super::characters::{is_dash, is_name};
use super::number;
use super::parser::{Parser, Place};
use super::tree::{Expr, ExprKind, Statement, StatementKind};
use crate::error::Span;
use crate::value::{Value, same_name};

impl Parser<'_> {
    /// `( … )`.
    pub fn paren(&mut self) -> Expr {
        let open = self.at;
        self.at += 1;
        let inner = self.bracketed(open, ')', "MissingEndParenthesisInExpression", |p| match p.statement() {
            Some(statement) => statement,
            None => {
                let at = Span::new(p.at, p.at);
                p.error("ExpectedExpression", at, "an expression is missing between the brackets")
                    .hint("write a value or a command");
                Statement { kind: StatementKind::Bad, span: at }
            }
        });
        let inner = inner.unwrap_or(Statement { kind: StatementKind::Bad, span: Span::new(open, open) });
        Expr { kind: ExprKind::Paren(Box::new(inner)), span: self.span_from(open) }
    }

    /// `$( … )`.
    pub fn sub_expression(&mut self) -> Expr {
        let start = self.at;
        self.at += 2;
        let body = self.statements_until(start, ')', "MissingEndParenthesisInSubexpression");
        Expr { kind: ExprKind::SubExpression(body), span: self.span_from(start) }
    }

    /// `@( … )`.
    pub fn array(&mut self) -> Expr {
        let start = self.at;
        self.at += 2;
        let body = self.statements_until(start, ')', "MissingEndParenthesisInExpression");
        Expr { kind: ExprKind::Array(body), span: self.span_from(start) }
    }

    /// `@{ key = value; … }`.
    pub fn hashtable(&mut self) -> Expr {
        let open = self.at;
        self.at += 2;
        let pairs = self.nest(|p| {
            p.within(Place::default(), |p| {
                let pairs = p.pairs();
                p.skip_lines();
                p.close(open + 1, '}', "MissingEndCurlyBrace");
                pairs
            })
        });
        let pairs = pairs.unwrap_or_default();
        Expr { kind: ExprKind::Hashtable(pairs), span: self.span_from(open) }
    }

    fn pairs(&mut self) -> Vec<(Expr, Statement)> {
        let mut pairs: Vec<(Expr, Statement)> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        loop {
            self.skip_lines();
            while self.eat(';') {
                self.skip_lines();
            }
            if self.at_end() || self.peek() == Some('}') {
                return pairs;
            }
            let Some(key) = self.key() else { return pairs };
            if let Some(name) = constant_key(&key)
                && !seen.insert(name.to_lowercase())
            {
                let first = pairs.iter().find(|(k, _)| constant_key(k).is_some_and(|k| same_name(&k, &name)));
                let line = first.map_or(0, |(k, _)| k.span.start);
                self.error("DuplicateKeyInHashLiteral", key.span, format!("the key {name} stands here a second time"))
                    .hint(format!("its first place is byte {line}; keys differ in more than case"));
            }
            self.skip_space();
            if !self.eat('=') {
                let at = self.token_at(self.at);
                self.error("MissingEqualsInHashLiteral", at, "a key of a hashtable needs = and a value")
                    .hint("write @{ Key = value; Other = value }");
                return pairs;
            }
            self.skip_lines();
            let value = self.statement();
            let value = value.unwrap_or_else(|| {
                let at = Span::new(self.at, self.at);
                self.error("MissingStatementInHashLiteral", at, "a value is missing behind =").hint("write the value");
                Statement { kind: StatementKind::Bad, span: at }
            });
            pairs.push((key, value));
            self.skip_space();
            if !matches!(self.peek(), Some(';' | '}' | '\n' | '\r') | None) {
                return pairs;
            }
        }
    }

    fn key(&mut self) -> Option<Expr> {
        let start = self.at;
        let rest = self.rest();
        let len = rest.find(|c| !is_name(c) && !is_dash(c) && c != '.').unwrap_or(rest.len());
        let word = &rest[..len];
        if !word.is_empty() && !word.starts_with('.') {
            let kind = match number::whole(word) {
                Some(value) => ExprKind::Constant(value),
                None if word.starts_with(|c: char| is_name(c)) && !word.contains('.') => {
                    ExprKind::Bareword(word.into())
                }
                None => return self.argument_expression(),
            };
            self.at += len;
            return Some(Expr { kind, span: self.span_from(start) });
        }
        let key = self.argument_expression();
        if key.is_none() {
            let at = self.token_at(self.at);
            self.error("MissingKeyInHashLiteral", at, "a key of a hashtable is expected here")
                .hint("write @{ Key = value; Other = value }");
        }
        key
    }
}

/// The key's text, if it is constant.
fn constant_key(key: &Expr) -> Option<String> {
    match &key.kind {
        ExprKind::Bareword(text) | ExprKind::String { text, .. } => Some(text.clone()),
        ExprKind::Constant(Value::Int(n)) => Some(format!("#{n}")),
        _ => None,
    }
}
