//! The words that the tree knows.

use super::super::tree::*;
use super::{Token, TokenKind, gaps};
use crate::error::Span;

/// All leaves of a tree, in no order, and all of its Rhai.
pub(super) fn leaves(text: &str, script: &Script) -> Vec<Token> {
    let mut walk = Walk { text, out: Vec::new() };
    walk.visit_script(script);
    walk.out
}

struct Walk<'a> {
    text: &'a str,
    out: Vec<Token>,
}

impl Walk<'_> {
    fn push(&mut self, kind: TokenKind, span: Span) {
        self.out.push(Token { kind, span });
    }

    /// What stands from a place to before the end, without blanks at its end.
    fn push_trimmed(&mut self, kind: TokenKind, span: Span) {
        let start = span.start as usize;
        let written = span.of(self.text).trim_end().len();
        self.push(kind, Span::new(start, start + written));
    }

    /// The string between the values that stand in it.
    fn expandable<'t>(&mut self, span: Span, parts: &'t [StringPart], quote: Quote)
    where
        Self: Visit<'t>,
    {
        let kind = if quote == Quote::Bare { TokenKind::Word } else { TokenKind::String };
        let mut at = span.start;
        for part in parts {
            if let StringPart::Value(value) = part {
                self.push(kind, Span { start: at, end: value.span.start });
                self.visit_expr(value);
                at = value.span.end;
            }
        }
        self.push(kind, Span { start: at, end: span.end });
    }
}

impl<'t> Visit<'t> for Walk<'_> {
    fn visit_rhai(&mut self, rhai: &'t Rhai) {
        let mut at = rhai.span.start;
        for island in &rhai.islands {
            gaps::rhai(self.text, Span { start: at, end: island.span.start }, &mut self.out);
            let before = self.out.len();
            match &island.kind {
                IslandKind::Replace(_) => self.push(TokenKind::Comment, island.span),
                _ => self.visit_island(island),
            }
            // The text behind a `${…}` must find the string's opening part last.
            let open = self.text.get(..island.span.start as usize).is_some_and(|t| t.ends_with("${"));
            at = island.span.end;
            if open {
                let string = Token { kind: TokenKind::String, span: Span { start: at, end: at } };
                let opening = before.checked_sub(1).and_then(|i| self.out.get(i)).copied().unwrap_or(string);
                self.out.push(opening);
            }
        }
        gaps::rhai(self.text, Span { start: at, end: rhai.span.end }, &mut self.out);
    }

    fn visit_catch(&mut self, catch: &'t Catch) {
        catch.variable.iter().for_each(|(_, span)| self.push(TokenKind::Identifier, *span));
        walk_catch(self, catch);
    }

    fn visit_function(&mut self, function: &'t Function) {
        self.push(TokenKind::Command, function.name.1);
        walk_function(self, function);
    }

    fn visit_parameter(&mut self, parameter: &'t Parameter) {
        self.push(TokenKind::Variable, parameter.variable.span);
        walk_parameter(self, parameter);
    }

    fn visit_command(&mut self, command: &'t Command) {
        match &command.name.kind {
            ExprKind::Bareword(_) | ExprKind::String { .. } => self.push(TokenKind::Command, command.name.span),
            _ => self.visit_expr(&command.name),
        }
        command.elements.iter().for_each(|element| self.visit_element(element));
        command.redirections.iter().for_each(|redirection| self.visit_redirection(redirection));
    }

    fn visit_element(&mut self, element: &'t Element) {
        match element {
            Element::Parameter { argument, span, .. } => {
                let end = argument.as_ref().map_or(span.end, |a| a.span.start.max(span.start));
                self.push_trimmed(TokenKind::Parameter, Span { start: span.start, end });
            }
            Element::Splat { span, .. } => return self.push(TokenKind::Variable, *span),
            Element::Argument(_) => {}
        }
        walk_element(self, element);
    }

    fn visit_redirection(&mut self, redirection: &'t Redirection) {
        let end = match &redirection.to {
            RedirectionTarget::Stream(_) => redirection.span.end,
            RedirectionTarget::File { name, .. } => name.span.start,
        };
        self.push_trimmed(TokenKind::Operator, Span { start: redirection.span.start, end });
        walk_redirection(self, redirection);
    }

    fn visit_expr(&mut self, expr: &'t Expr) {
        match &expr.kind {
            ExprKind::Constant(_) => self.push(TokenKind::Number, expr.span),
            ExprKind::Bareword(_) => self.push(TokenKind::Word, expr.span),
            ExprKind::String { .. } => self.push(TokenKind::String, expr.span),
            ExprKind::Expandable { parts, quote } => return self.expandable(expr.span, parts, *quote),
            ExprKind::Binary { operator_span, .. } => self.push(TokenKind::Operator, *operator_span),
            ExprKind::RhaiCall { name, arguments } => {
                let kind = if arguments.is_some() { TokenKind::Function } else { TokenKind::Identifier };
                let start = expr.span.start as usize;
                self.push(kind, Span::new(start, start + name.len()));
            }
            ExprKind::Variable(_) => self.push(TokenKind::Variable, expr.span),
            _ => {}
        }
        walk_expr(self, expr);
    }

    fn visit_loop_variable(&mut self, variable: &'t Variable) {
        self.push(TokenKind::Variable, variable.span);
    }

    fn visit_key(&mut self, key: &'t Expr) {
        self.visit_member_name(key);
    }

    fn visit_member_name(&mut self, name: &'t Expr) {
        match name.kind {
            ExprKind::Bareword(_) => self.push(TokenKind::Member, name.span),
            _ => self.visit_expr(name),
        }
    }

    fn visit_type(&mut self, name: &'t TypeName) {
        self.push(TokenKind::Type, name.span);
    }
}
