//! `-Filter { … }` of the cmdlets of the store: variables of the script in it become values of the filter language.

use super::Lowerer;
use super::map::quoted;
use super::scope::Place;
use crate::error::Span;
use crate::language::tree::*;

impl Lowerer<'_> {
    /// Writes a filter with variables of the script in it as a text that holds their values; `false` for what is none.
    pub(super) fn filter(&mut self, command: &str, parameter: &str, value: &Expr) -> bool {
        let ExprKind::ScriptBlock(block) = &value.kind else { return false };
        if !is_filter(command, parameter) {
            return false;
        }
        let mut holes = Vec::new();
        self.holes_of_body(&block.body, &mut holes);
        if holes.is_empty() {
            return false;
        }
        let (mut at, end) = (value.span.start + 1, value.span.end.saturating_sub(1));
        let mut texts = Vec::new();
        for hole in &holes {
            texts.push(quoted(Span { start: at, end: hole.span.start }.of(self.source)));
            at = hole.span.end;
        }
        texts.push(quoted(Span { start: at, end }.of(self.source)));
        self.put(value.span, &format!("_filter([{}], [", texts.join(", ")));
        for (nth, hole) in holes.into_iter().enumerate() {
            if nth > 0 {
                self.put(hole.span, ", ");
            }
            self.expr(hole);
        }
        self.put(value.span, "])");
        true
    }

    /// The outermost expressions that the script must evaluate, in order.
    fn holes_of_body<'e>(&self, body: &'e Body, holes: &mut Vec<&'e Expr>) {
        for piece in &body.pieces {
            if let Piece::Statement(statement) = piece {
                self.holes_of_statement(statement, holes);
            }
        }
    }

    fn holes_of_statement<'e>(&self, statement: &'e Statement, holes: &mut Vec<&'e Expr>) {
        let StatementKind::Chain(chain) = &statement.kind else { return };
        let rest = chain.rest.iter().map(|(_, pipeline)| pipeline);
        for stage in std::iter::once(&chain.first).chain(rest).flat_map(|pipeline| &pipeline.stages) {
            match stage {
                // `RegistrarPool -eq $p` reads like a command with its arguments.
                Stage::Command(command) => {
                    for element in &command.elements {
                        match element {
                            Element::Parameter { argument: Some(value), .. } | Element::Argument(value) => {
                                self.holes(value, holes);
                            }
                            Element::Parameter { .. } | Element::Splat { .. } => {}
                        }
                    }
                }
                Stage::Expression { expr, .. } => self.holes(expr, holes),
            }
        }
    }

    fn holes<'e>(&self, expr: &'e Expr, holes: &mut Vec<&'e Expr>) {
        match &expr.kind {
            ExprKind::Variable(variable) if !self.is_of_filter(variable) => holes.push(expr),
            ExprKind::Member { target, .. } | ExprKind::Method { target, .. } | ExprKind::Index { target, .. } => {
                match root(target) {
                    ExprKind::Variable(variable) if self.is_of_filter(variable) => {}
                    ExprKind::Bareword(_) | ExprKind::Constant(_) | ExprKind::String { .. } => {}
                    _ => holes.push(expr),
                }
            }
            ExprKind::SubExpression(_) | ExprKind::Array(_) | ExprKind::Cast { .. } => holes.push(expr),
            ExprKind::Expandable { parts, .. } if parts.iter().any(|p| matches!(p, StringPart::Value(_))) => {
                holes.push(expr);
            }
            ExprKind::Paren(statement) | ExprKind::Statement(statement) => self.holes_of_statement(statement, holes),
            ExprKind::Binary { left, right, .. } => {
                self.holes(left, holes);
                self.holes(right, holes);
            }
            ExprKind::Unary { operand, .. } => self.holes(operand, holes),
            ExprKind::List(items) => items.iter().for_each(|item| self.holes(item, holes)),
            _ => {}
        }
    }

    /// Whether the filter language knows a variable itself: `$_`, `$true`, `$false`, `$null`.
    fn is_of_filter(&self, variable: &Variable) -> bool {
        matches!(self.place(variable), Place::It | Place::Literal(_))
    }
}

/// What the members of an expression are of.
fn root(expr: &Expr) -> &ExprKind {
    match &expr.kind {
        ExprKind::Member { target, .. } | ExprKind::Method { target, .. } | ExprKind::Index { target, .. } => {
            root(target)
        }
        other => other,
    }
}
