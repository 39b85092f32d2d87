//! One statement of command mode: keywords, assignments, pipelines.

use super::characters::{is_blank, is_name, is_newline};
use super::parser::Parser;
use super::tree::{Assign, Chain, Expr, ExprKind, Pipeline, Stage, Statement, StatementKind};
use crate::error::Span;

impl Parser<'_> {
    /// A statement; `None`, and nothing read but blanks, if none begins here.
    pub fn statement(&mut self) -> Option<Statement> {
        self.nest(Self::statement_here).flatten()
    }

    fn statement_here(&mut self) -> Option<Statement> {
        self.skip_space();
        let start = self.at;
        let label = self.label();
        if let Some(kind) = self.keyword_statement(label) {
            return Some(Statement { kind, span: self.span_from(start) });
        }
        self.at = start;
        let c = self.peek()?;
        if self.at_closure() {
            let expr = self.rhai_closure()?;
            return Some(simple(expr));
        }
        if !self.begins_expression(c) {
            let chain = self.chain(None)?;
            let end = chain_end(&chain);
            return Some(Statement { kind: StatementKind::Chain(chain), span: Span::new(start, end) });
        }
        let expr = self.expression()?;
        let before = self.at;
        self.skip_space();
        if let Some(operator) = self.assignment_operator() {
            return Some(self.assignment(start, expr, operator));
        }
        self.at = before;
        let chain = self.chain(Some(expr))?;
        let end = chain_end(&chain);
        Some(Statement { kind: StatementKind::Chain(chain), span: Span::new(start, end) })
    }

    /// `:name` before a loop.
    fn label(&mut self) -> Option<String> {
        let rest = self.rest().strip_prefix(':')?;
        let len = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        let label = rest[..len].to_string();
        if label.is_empty() {
            return None;
        }
        self.at += len + 1;
        self.skip_lines();
        Some(label)
    }

    fn assignment_operator(&mut self) -> Option<&'static str> {
        if self.starts("==") {
            return None;
        }
        let found = ["=", "+=", "-=", "*=", "/=", "%=", "??="].into_iter().find(|o| self.starts(o))?;
        self.at += found.len();
        Some(found)
    }

    fn assignment(&mut self, start: usize, target: Expr, operator: &'static str) -> Statement {
        let operator_span = Span::new(self.at - operator.len(), self.at);
        let targets = match target.kind {
            ExprKind::List(items) => items,
            ExprKind::Paren(ref inner) => match inner.as_expr() {
                Some(Expr { kind: ExprKind::List(items), .. }) => items.clone(),
                _ => vec![target],
            },
            _ => vec![target],
        };
        for target in &targets {
            self.check_target(target);
        }
        self.skip_lines();
        let value = self.statement().unwrap_or_else(|| {
            self.error("ExpectedValueExpression", operator_span, format!("{operator} needs a value behind it"))
                .hint("write a value or a command");
            let at = Span::new(self.at, self.at);
            Statement { kind: StatementKind::Bad, span: at }
        });
        let span = Span::new(start, (value.span.end as usize).max(start));
        let kind = StatementKind::Assign(Assign { targets, operator: operator.to_string(), value: Box::new(value) });
        Statement { kind, span }
    }

    fn check_target(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Variable(variable) => {
                if variable.scope.as_deref() == Some("env") {
                    self.unsupported(
                        target.span,
                        "assignment to $env:",
                        "set the variable before reeve starts; scripts read it as $env:NAME",
                    );
                }
                let name = variable.name.clone();
                self.scope.declare_dollar(&name);
            }
            ExprKind::Cast { operand, .. } => self.check_target(operand),
            ExprKind::Member { .. } | ExprKind::Index { .. } | ExprKind::Missing => {}
            ExprKind::Paren(inner) => {
                if let StatementKind::Chain(chain) = &inner.kind
                    && let Some(expr) = only_expression(chain)
                {
                    self.check_target(&expr.clone());
                }
            }
            _ => {
                self.error("InvalidLeftHandSide", target.span, "nothing can be assigned to this")
                    .hint("assign to a variable, a member or an index; to compare, write -eq");
            }
        }
    }

    /// The keyword that stands here, lower case: a name with nothing behind it that would make it a command's.
    pub fn keyword_here(&self) -> Option<String> {
        let name = self.name_here();
        let next = self.rest_at(self.at + name.len()).chars().next();
        let ends = next.is_none_or(|c| is_blank(c) || is_newline(c) || "(){};[$\"'|@,&".contains(c));
        (!name.is_empty() && ends).then(|| name.to_lowercase())
    }

    /// Whether a keyword stands at the next word; it is read then, with newlines before it.
    pub fn eat_keyword_over_lines(&mut self, keyword: &str) -> bool {
        let before = self.at;
        self.skip_lines();
        if self.keyword_here().as_deref() == Some(keyword) {
            self.at += keyword.len();
            return true;
        }
        self.at = before;
        false
    }
}

/// Where a chain ends, redirections included.
pub(super) fn chain_end(chain: &Chain) -> usize {
    chain.rest.last().map_or(chain.first.span.end, |(_, pipeline)| pipeline.span.end) as usize
}

/// An expression as a statement.
pub(super) fn simple(expr: Expr) -> Statement {
    let span = expr.span;
    let stages = vec![Stage::Expression { expr, redirections: Vec::new() }];
    let chain = Chain { first: Pipeline { stages, span }, rest: Vec::new() };
    Statement { kind: StatementKind::Chain(chain), span }
}

/// The expression that a chain is, if it is nothing else.
pub(super) fn only_expression(chain: &Chain) -> Option<&Expr> {
    match chain.first.stages.as_slice() {
        [Stage::Expression { expr, redirections }] if chain.rest.is_empty() && redirections.is_empty() => Some(expr),
        _ => None,
    }
}
