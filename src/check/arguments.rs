//! The arguments of a command as far as its text shows them.

use crate::cmdlet::binder::{StaticArgument, StaticValue};
use crate::language::tree::{Command, Element, Expr, ExprKind};
use crate::value::{Block, BlockBody, Value, same_name};
use std::any::Any;
use std::sync::Arc;

/// The arguments of a command for binding without running.
pub fn of(command: &Command) -> Vec<StaticArgument> {
    // Behind the first `--` all are values.
    let is_end = |element: &Element| matches!(element, Element::Argument(Expr { kind: ExprKind::Bareword(text), .. }) if text == "--");
    let end = command.elements.iter().position(is_end).unwrap_or(command.elements.len());
    let one = |(at, element): (usize, &Element)| match element {
        Element::Parameter { name, span, .. } if at > end => {
            StaticArgument::Positional { value: StaticValue::Known(Value::from(format!("-{name}"))), span: *span }
        }
        Element::Parameter { name, argument, span } => {
            StaticArgument::Named { name: name.clone(), value: argument.as_ref().map(value), span: *span }
        }
        Element::Argument(expr) => StaticArgument::Positional { value: value(expr), span: expr.span },
        Element::Splat { span, .. } => StaticArgument::Splat { span: *span },
    };
    command.elements.iter().enumerate().filter(|(at, _)| *at != end).map(one).collect()
}

fn value(expr: &Expr) -> StaticValue {
    constant(expr).map_or(StaticValue::Unknown, StaticValue::Known)
}

fn constant(expr: &Expr) -> Option<Value> {
    match &expr.kind {
        ExprKind::Constant(value) => Some(value.clone()),
        ExprKind::Bareword(text) | ExprKind::String { text, .. } => Some(Value::str(text.as_str())),
        ExprKind::List(items) => items.iter().map(constant).collect::<Option<Vec<Value>>>().map(Value::list),
        ExprKind::ScriptBlock(_) => Some(Value::Block(Block(Arc::new(Unrun)))),
        ExprKind::Variable(variable) if variable.scope.is_none() => {
            let known = [("true", Value::Bool(true)), ("false", Value::Bool(false)), ("null", Value::Null)];
            known.into_iter().find(|(name, _)| same_name(name, &variable.name)).map(|(_, value)| value)
        }
        _ => None,
    }
}

/// A script block that is not run: that it is one is all that binding asks.
struct Unrun;

impl BlockBody for Unrun {
    fn text(&self) -> &str {
        ""
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
