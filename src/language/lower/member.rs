//! Members, methods, indexes.

use super::Lowerer;
use super::expr::type_text;
use super::map::quoted;
use super::scope::method_shares_scope;
use crate::language::tree::*;
use crate::value::same_name;

impl Lowerer<'_> {
    /// A member, a call of a method, an element.
    pub(super) fn member(&mut self, expr: &Expr) {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Member { target, name, is_static: true, .. } => {
                self.put(span, "_static(");
                self.type_or_value(target);
                self.put(span, ", ");
                self.name(name);
                self.put(span, ")");
            }
            ExprKind::Member { target, name, .. } => {
                if let ExprKind::Type(of) = &target.kind {
                    self.put(span, &format!("_type_get({}, ", quoted(&type_text(of))));
                    self.name(name);
                    return self.put(span, ")");
                }
                match self.own_variable(target).filter(|_| is_count(name)) {
                    Some(variable) => self.put(target.span, &format!("_howmany({variable}, ")),
                    None => {
                        self.put(span, "_get(");
                        self.expr(target);
                        self.put(span, ", ");
                    }
                }
                self.name(name);
                self.put(span, ")");
            }
            ExprKind::Method { target, name, arguments, is_static, null_conditional } => {
                if *is_static && self.by_reference(target, name, arguments, span) {
                    return;
                }
                if is_error_clear(target, name) {
                    return self.put(span, "_clear_errors()");
                }
                let function = if *is_static { "_static_call(" } else { "_call(" };
                if *null_conditional && !is_static {
                    self.put(span, "(if _isnull(");
                    self.expr(target);
                    self.put(span, ") { () } else { ");
                }
                self.put(span, function);
                if *is_static {
                    self.type_or_value(target)
                } else {
                    self.expr(target)
                }
                self.put(span, ", ");
                self.name(name);
                self.put(span, ", [");
                let shares = !is_static && method_shares_scope(name);
                for (at, argument) in arguments.iter().enumerate() {
                    if at > 0 {
                        self.put(span, ", ");
                    }
                    match &argument.kind {
                        ExprKind::ScriptBlock(block) if shares => self.block(block, argument.span, true),
                        _ => self.expr(argument),
                    }
                }
                self.put(span, "])");
                if *null_conditional && !is_static {
                    self.put(span, " })");
                }
            }
            ExprKind::Index { target, index, null_conditional } => {
                if *null_conditional {
                    self.put(span, "(if _isnull(");
                    self.expr(target);
                    self.put(span, ") { () } else { ");
                }
                match self.own_variable(target) {
                    Some(name) => self.put(target.span, &format!("_element({name}, ")),
                    None => {
                        self.put(span, "_index(");
                        self.expr(target);
                        self.put(span, ", ");
                    }
                }
                self.expr(index);
                self.put(span, if *null_conditional { ") })" } else { ")" });
            }
            _ => {}
        }
    }

    /// The name of a member: a word is its text.
    fn name(&mut self, name: &Expr) {
        match &name.kind {
            ExprKind::Bareword(text) => self.put(name.span, &quoted(text)),
            _ => self.expr(name),
        }
    }

    fn type_or_value(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Type(name) => self.put(target.span, &quoted(&type_text(name))),
            _ => self.expr(target),
        }
    }

    /// The variable of Rhai's that an expression is: looked at or changed where it is, though a script block has it
    /// too.
    pub(super) fn own_variable(&self, target: &Expr) -> Option<String> {
        match &target.kind {
            ExprKind::Variable(variable) => self.rhai_target(variable),
            _ => None,
        }
    }
}

/// Whether a member is how many elements there are.
fn is_count(name: &Expr) -> bool {
    matches!(&name.kind, ExprKind::Bareword(word) if same_name(word, "Count") || same_name(word, "Length"))
}

/// Whether a call is `$Error.Clear()`: all other lists are values, this one the session keeps.
fn is_error_clear(target: &Expr, name: &Expr) -> bool {
    let is_error = matches!(&target.kind, ExprKind::Variable(v) if same_name(&v.name, "error"));
    is_error && matches!(&name.kind, ExprKind::Bareword(word) if same_name(word, "clear"))
}
