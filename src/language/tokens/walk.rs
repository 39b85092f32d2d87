//! The words that the tree knows.

use super::super::tree::*;
use super::{Token, TokenKind, gaps};
use crate::error::Span;

/// All leaves of a tree, in no order, and all of its Rhai.
pub(super) fn leaves(text: &str, script: &Script) -> Vec<Token> {
    let mut walk = Walk { text, out: Vec::new() };
    script.params.iter().for_each(|params| walk.params(params));
    walk.body(&script.body);
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

    fn body(&mut self, body: &Body) {
        for piece in &body.pieces {
            match piece {
                Piece::Rhai(rhai) => self.rhai(rhai),
                Piece::Statement(statement) => self.statement(statement),
            }
        }
    }

    fn rhai(&mut self, rhai: &Rhai) {
        let mut at = rhai.span.start;
        for island in &rhai.islands {
            gaps::rhai(self.text, Span { start: at, end: island.span.start }, &mut self.out);
            let before = self.out.len();
            match &island.kind {
                IslandKind::Value(statement) => self.statement(statement),
                IslandKind::Block(block) => self.body(&block.body),
                IslandKind::Replace(_) => self.push(TokenKind::Comment, island.span),
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

    fn statements(&mut self, several: &[&Option<Box<Statement>>]) {
        several.iter().copied().flatten().for_each(|statement| self.statement(statement));
    }

    fn statement(&mut self, statement: &Statement) {
        match &statement.kind {
            StatementKind::Chain(chain) => {
                self.pipeline(&chain.first);
                chain.rest.iter().for_each(|(_, pipeline)| self.pipeline(pipeline));
            }
            StatementKind::Assign(assign) => {
                assign.targets.iter().for_each(|target| self.expr(target));
                self.statement(&assign.value);
            }
            StatementKind::If { arms, otherwise } => {
                for (condition, body) in arms {
                    self.statement(condition);
                    self.body(body);
                }
                otherwise.iter().for_each(|body| self.body(body));
            }
            StatementKind::ForEach { variable, subject, body, .. } => {
                self.push(TokenKind::Variable, variable.span);
                self.statement(subject);
                self.body(body);
            }
            StatementKind::For { init, condition, step, body, .. } => {
                self.statements(&[init, condition, step]);
                self.body(body);
            }
            StatementKind::While { condition, body, .. } | StatementKind::Do { condition, body, .. } => {
                self.statement(condition);
                self.body(body);
            }
            StatementKind::Switch { subject, cases, default, .. } => {
                self.statement(subject);
                for (pattern, body) in cases {
                    self.expr(pattern);
                    self.body(body);
                }
                default.iter().for_each(|body| self.body(body));
            }
            StatementKind::Return(value) | StatementKind::Throw(value) | StatementKind::Exit(value) => {
                self.statements(&[value])
            }
            StatementKind::Try { body, catches, finally } => {
                self.body(body);
                for catch in catches {
                    catch.types.iter().for_each(|t| self.push(TokenKind::Type, t.span));
                    catch.variable.iter().for_each(|(_, span)| self.push(TokenKind::Identifier, *span));
                    self.body(&catch.body);
                }
                finally.iter().for_each(|body| self.body(body));
            }
            StatementKind::Function(function) => {
                self.push(TokenKind::Command, function.name.1);
                self.params(&function.params);
                let blocks = [&function.begin, &function.process, &function.end];
                blocks.into_iter().flatten().for_each(|body| self.body(body));
            }
            StatementKind::Rhai(rhai) => self.rhai(rhai),
            StatementKind::Break(_) | StatementKind::Continue(_) | StatementKind::Bad => {}
        }
    }

    fn params(&mut self, params: &ParamBlock) {
        params.attributes.iter().for_each(|a| self.attribute(a));
        for parameter in &params.parameters {
            parameter.attributes.iter().for_each(|a| self.attribute(a));
            self.push(TokenKind::Variable, parameter.variable.span);
            parameter.default.iter().for_each(|value| self.expr(value));
        }
    }

    fn attribute(&mut self, attribute: &Attribute) {
        self.push(TokenKind::Type, attribute.name.span);
        attribute.positional.iter().for_each(|value| self.expr(value));
        attribute.named.iter().filter_map(|(_, value)| value.as_ref()).for_each(|value| self.expr(value));
    }

    fn pipeline(&mut self, pipeline: &Pipeline) {
        for stage in &pipeline.stages {
            match stage {
                Stage::Expression { expr, redirections } => {
                    self.expr(expr);
                    self.redirections(redirections);
                }
                Stage::Command(command) => {
                    match &command.name.kind {
                        ExprKind::Bareword(_) | ExprKind::String { .. } => {
                            self.push(TokenKind::Command, command.name.span)
                        }
                        _ => self.expr(&command.name),
                    }
                    command.elements.iter().for_each(|element| self.element(element));
                    self.redirections(&command.redirections);
                }
            }
        }
    }

    fn element(&mut self, element: &Element) {
        match element {
            Element::Parameter { argument, span, .. } => {
                let end = argument.as_ref().map_or(span.end, |a| a.span.start.max(span.start));
                let written = Span { start: span.start, end }.of(self.text).trim_end().len();
                self.push(TokenKind::Parameter, Span::new(span.start as usize, span.start as usize + written));
                argument.iter().for_each(|value| self.expr(value));
            }
            Element::Argument(value) => self.expr(value),
            Element::Splat { span, .. } => self.push(TokenKind::Variable, *span),
        }
    }

    fn redirections(&mut self, redirections: &[Redirection]) {
        for redirection in redirections {
            match &redirection.to {
                RedirectionTarget::Stream(_) => self.push(TokenKind::Operator, redirection.span),
                RedirectionTarget::File { name, .. } => {
                    let arrow = Span { start: redirection.span.start, end: name.span.start };
                    let len = arrow.of(self.text).trim_end().len();
                    self.push(TokenKind::Operator, Span::new(arrow.start as usize, arrow.start as usize + len));
                    self.expr(name);
                }
            }
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Missing => {}
            ExprKind::Constant(_) => self.push(TokenKind::Number, expr.span),
            ExprKind::Bareword(_) => self.push(TokenKind::Word, expr.span),
            ExprKind::String { .. } => self.push(TokenKind::String, expr.span),
            ExprKind::Expandable { parts, quote } => self.expandable(expr.span, parts, *quote),
            ExprKind::Variable(_) => self.push(TokenKind::Variable, expr.span),
            ExprKind::List(items) => items.iter().for_each(|item| self.expr(item)),
            ExprKind::Array(body) | ExprKind::SubExpression(body) => self.body(body),
            ExprKind::Paren(statement) | ExprKind::Statement(statement) => self.statement(statement),
            ExprKind::Hashtable(pairs) => {
                for (key, value) in pairs {
                    match key.kind {
                        ExprKind::Bareword(_) => self.push(TokenKind::Member, key.span),
                        _ => self.expr(key),
                    }
                    self.statement(value);
                }
            }
            ExprKind::ScriptBlock(block) => {
                block.params.iter().for_each(|params| self.params(params));
                [&block.begin, &block.process].into_iter().flatten().for_each(|body| self.body(body));
                self.body(&block.body);
            }
            ExprKind::Binary { operator_span, left, right, .. } => {
                self.push(TokenKind::Operator, *operator_span);
                self.expr(left);
                self.expr(right);
            }
            ExprKind::Unary { operand, .. } | ExprKind::Postfix { operand, .. } => self.expr(operand),
            ExprKind::Ternary { condition, then, otherwise } => {
                [condition, then, otherwise].into_iter().for_each(|e| self.expr(e));
            }
            ExprKind::Member { target, name, .. } => {
                self.expr(target);
                self.member(name);
            }
            ExprKind::Method { target, name, arguments, .. } => {
                self.expr(target);
                self.member(name);
                arguments.iter().for_each(|argument| self.expr(argument));
            }
            ExprKind::Index { target, index, .. } => {
                self.expr(target);
                self.expr(index);
            }
            ExprKind::Cast { to, operand } => {
                self.push(TokenKind::Type, to.span);
                self.expr(operand);
            }
            ExprKind::Type(name) => self.push(TokenKind::Type, name.span),
            ExprKind::RhaiCall { name, arguments } => {
                let kind = if arguments.is_some() { TokenKind::Function } else { TokenKind::Identifier };
                let start = expr.span.start as usize;
                self.push(kind, Span::new(start, start + name.len()));
                arguments.iter().flatten().for_each(|argument| self.expr(argument));
            }
            ExprKind::Rhai(rhai) => self.rhai(rhai),
        }
    }

    fn member(&mut self, name: &Expr) {
        match name.kind {
            ExprKind::Bareword(_) => self.push(TokenKind::Member, name.span),
            _ => self.expr(name),
        }
    }

    /// The string between the values that stand in it.
    fn expandable(&mut self, span: Span, parts: &[StringPart], quote: Quote) {
        let kind = if quote == Quote::Bare { TokenKind::Word } else { TokenKind::String };
        let mut at = span.start;
        for part in parts {
            if let StringPart::Value(value) = part {
                self.push(kind, Span { start: at, end: value.span.start });
                self.expr(value);
                at = value.span.end;
            }
        }
        self.push(kind, Span { start: at, end: span.end });
    }
}
