//! Questions about the shape of a node that several readers of the tree ask.

use super::{Command, Element, Expr, ExprKind, Pipeline, Stage, Statement, StatementKind};

impl Statement {
    /// The expression that the statement is nothing but.
    pub fn as_expr(&self) -> Option<&Expr> {
        match self.as_pipeline()?.stages.as_slice() {
            [Stage::Expression { expr, redirections }] if redirections.is_empty() => Some(expr),
            _ => None,
        }
    }

    /// The pipeline that the statement is nothing but.
    pub fn as_pipeline(&self) -> Option<&Pipeline> {
        match &self.kind {
            StatementKind::Chain(chain) if chain.rest.is_empty() => Some(&chain.first),
            _ => None,
        }
    }
}

impl Command {
    /// Whether an element holds a filter in braces: that is a language of its own, which its cmdlet reads.
    pub fn is_filter_block(&self, at: usize) -> bool {
        let is_block = |expr: &Expr| matches!(expr.kind, ExprKind::ScriptBlock(_));
        let Some(name) = self.constant_name.as_deref() else { return false };
        match self.elements.get(at) {
            Some(Element::Parameter { name: parameter, argument: Some(expr), .. }) => {
                is_filter(name, parameter) && is_block(expr)
            }
            Some(Element::Argument(expr)) if is_block(expr) => {
                let before = at.checked_sub(1).and_then(|before| self.elements.get(before));
                matches!(before, Some(Element::Parameter { name: parameter, argument: None, .. }) if is_filter(name, parameter))
            }
            _ => false,
        }
    }
}

/// Whether this is -Filter, or a shorter form of it, of a cmdlet of the store.
pub fn is_filter(command: &str, parameter: &str) -> bool {
    let of_store =
        command.split_once('-').and_then(|(_, noun)| noun.get(..2)).is_some_and(|n| n.eq_ignore_ascii_case("Cs"));
    let begins = "filter".starts_with(&parameter.to_ascii_lowercase());
    of_store && begins && parameter.len() > 1
}
