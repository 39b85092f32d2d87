//! Assignments: to variables, members, elements, several targets.

use super::Lowerer;
use super::expr::type_text;
use super::map::quoted;
use super::scope::Place;
use crate::error::Span;
use crate::language::tree::*;
use std::borrow::Cow;

impl Lowerer<'_> {
    /// An assignment, without a `;` behind it.
    pub(super) fn assign(&mut self, assign: &Assign, span: Span) {
        match assign.targets.as_slice() {
            [target] => {
                if let ExprKind::List(targets) = &target.kind {
                    return self.spread(targets, &assign.value, span);
                }
                self.assign_one(target, assign, span);
            }
            targets => self.spread(targets, &assign.value, span),
        }
    }

    fn assign_one(&mut self, target: &Expr, assign: &Assign, span: Span) {
        if is_null(target) {
            self.put(span, "_void(");
            self.value(&assign.value);
            return self.put(span, ")");
        }
        if let ExprKind::Member { target: owner, is_static: true, .. } = &target.kind
            && let ExprKind::Type(of) = &owner.kind
            && let Some(why) = without_effect(&of.name)
        {
            return self.put(span, &format!("_ignored({})", quoted(why)));
        }
        let operator = assign.operator.as_str();
        let target = if operator == "=" { Cow::Borrowed(target) } else { self.once(target) };
        let target = &*target;
        if operator == "??=" {
            self.put(span, "if _isnull(");
            self.expr(target);
            self.put(span, ") { ");
            self.store(target, &mut |lowerer| lowerer.value(&assign.value));
            return self.put(span, "; }");
        }
        let function = match operator {
            "+=" => Some("_add("),
            "-=" => Some("_sub("),
            "*=" => Some("_mul("),
            "/=" => Some("_div("),
            "%=" => Some("_rem("),
            _ => None,
        };
        if operator == "+=" && self.append(target, &assign.value, span) {
            return;
        }
        self.store(target, &mut |lowerer| match function {
            None => lowerer.value(&assign.value),
            Some(function) => {
                lowerer.put(span, function);
                lowerer.expr(target);
                lowerer.put(span, ", ");
                lowerer.value(&assign.value);
                lowerer.put(span, ")");
            }
        });
    }

    /// What is read and then set, with its indexes worked out beforehand where that does more than look: `$a[$i++] += 1`
    /// counts once. Writes them, as statements.
    pub(super) fn once<'t>(&mut self, target: &'t Expr) -> Cow<'t, Expr> {
        if !has_active_index(target) {
            return Cow::Borrowed(target);
        }
        let mut target = target.clone();
        self.settle(&mut target);
        Cow::Owned(target)
    }

    /// The same of all targets of an assignment whose value is taken: they are set, and then read.
    pub(super) fn settled<'t>(&mut self, assign: &'t Assign) -> Cow<'t, Assign> {
        if !assign.targets.iter().any(has_active_index) {
            return Cow::Borrowed(assign);
        }
        let mut assign = assign.clone();
        assign.targets.iter_mut().for_each(|target| self.settle(target));
        Cow::Owned(assign)
    }

    fn settle(&mut self, target: &mut Expr) {
        match &mut target.kind {
            ExprKind::Member { target, .. } | ExprKind::Cast { operand: target, .. } => self.settle(target),
            ExprKind::List(targets) => targets.iter_mut().for_each(|target| self.settle(target)),
            ExprKind::Index { target, index, .. } => {
                self.settle(target);
                if is_active(index) {
                    let name = self.fresh("at");
                    self.put(index.span, &format!("let {name} = "));
                    self.expr(index);
                    self.put(index.span, "; ");
                    index.kind = ExprKind::RhaiCall { name, arguments: None };
                }
            }
            _ => {}
        }
    }

    /// `$x += value` on a variable of Rhai's works on the variable itself: what grows in a loop is not copied in each
    /// round.
    fn append(&mut self, target: &Expr, value: &Statement, span: Span) -> bool {
        let ExprKind::Variable(variable) = &target.kind else { return false };
        let Place::Rhai(name) = self.place(variable) else { return false };
        self.put(span, "_grow(");
        self.put(variable.span, &name);
        self.put(span, ", ");
        self.value(value);
        match self.constraint(&name) {
            Some(kind) => self.put(span, &format!(", {})", quoted(&kind))),
            None => self.put(span, ", ())"),
        }
        true
    }

    /// `$a, $b = …`: the last takes what is left.
    fn spread(&mut self, targets: &[Expr], value: &Statement, span: Span) {
        let many = self.fresh("many");
        self.put(span, &format!("let {many} = _spread("));
        self.value(value);
        self.put(span, &format!(", {});", targets.len()));
        for (at, target) in targets.iter().enumerate() {
            self.put(span, " ");
            if is_null(target) {
                continue;
            }
            self.store(target, &mut |lowerer| lowerer.put(span, &format!("{many}[{at}]")));
            if at + 1 < targets.len() {
                self.put(span, ";");
            }
        }
    }

    /// Stores what `value` writes in a variable, a member or an element.
    pub(super) fn store(&mut self, target: &Expr, value: &mut dyn FnMut(&mut Self)) {
        match &target.kind {
            ExprKind::Variable(variable) => self.store_variable(variable, value),
            ExprKind::Cast { to, operand } => {
                let variable = match &operand.kind {
                    ExprKind::Variable(variable) => self.rhai_target(variable),
                    _ => None,
                };
                if let Some(name) = &variable {
                    self.constrain(name, None);
                }
                self.store(operand, &mut |lowerer| {
                    lowerer.put(to.span, &format!("_cast({}, ", quoted(&type_text(to))));
                    value(lowerer);
                    lowerer.put(to.span, ")");
                });
                if let Some(name) = &variable {
                    self.constrain(name, Some(&type_text(to)));
                }
            }
            ExprKind::Paren(statement) if statement.as_expr().is_some() => {
                if let Some(inner) = statement.as_expr() {
                    self.store(inner, value);
                }
            }
            ExprKind::Member { is_static: false, .. } | ExprKind::Index { .. } if self.put_in_place(target, value) => {}
            ExprKind::Member { target: owner, name, is_static: false, .. } => {
                self.put(target.span, "_set(");
                self.expr(owner);
                self.put(target.span, ", ");
                match &name.kind {
                    ExprKind::Bareword(text) => self.put(name.span, &quoted(text)),
                    _ => self.expr(name),
                }
                self.put(target.span, ", ");
                value(self);
                self.put(target.span, ")");
            }
            ExprKind::Index { target: owner, index, .. } => match &owner.kind {
                ExprKind::Variable(_) | ExprKind::Member { .. } | ExprKind::Index { .. } => {
                    self.store(owner, &mut |lowerer| {
                        lowerer.put(target.span, "_with(");
                        lowerer.expr(owner);
                        lowerer.put(target.span, ", ");
                        lowerer.expr(index);
                        lowerer.put(target.span, ", ");
                        value(lowerer);
                        lowerer.put(target.span, ")");
                    });
                }
                _ => {
                    self.put(target.span, "_with(");
                    self.expr(owner);
                    self.put(target.span, ", ");
                    self.expr(index);
                    self.put(target.span, ", ");
                    value(self);
                    self.put(target.span, ")");
                }
            },
            ExprKind::Missing => self.put(target.span, "()"),
            _ => self.unsupported(
                target.span,
                "assignment to this expression",
                "Assign to a variable, a property or an element.",
            ),
        }
    }

    /// An element or a property of what a variable holds, any number of steps inside it, is set where it is. `false`
    /// for what no such variable holds.
    fn put_in_place(&mut self, target: &Expr, value: &mut dyn FnMut(&mut Self)) -> bool {
        let mut steps = Vec::new();
        let mut at = target;
        let place = loop {
            match &at.kind {
                ExprKind::Member { target, name, is_static: false, .. } => {
                    steps.push(('m', name));
                    at = target;
                }
                ExprKind::Index { target, index, .. } => {
                    steps.push(('e', index));
                    at = target;
                }
                ExprKind::Variable(variable) => break self.place(variable),
                _ => return false,
            }
        };
        match place {
            Place::Rhai(name) => self.put(target.span, &format!("_put({name}, ")),
            Place::Session(name) => {
                let name = self.name_literal(&name);
                self.put(target.span, &format!("_putvar({name}, "));
            }
            _ => return false,
        }
        steps.reverse();
        let kinds: String = steps.iter().map(|(kind, _)| *kind).collect();
        self.put(target.span, &format!("{}, [", quoted(&kinds)));
        for (nth, (kind, step)) in steps.iter().enumerate() {
            if nth > 0 {
                self.put(target.span, ", ");
            }
            match &step.kind {
                ExprKind::Bareword(text) if *kind == 'm' => self.put(step.span, &quoted(text)),
                _ => self.expr(step),
            }
        }
        self.put(target.span, "], ");
        value(self);
        self.put(target.span, ")");
        true
    }

    fn store_variable(&mut self, variable: &Variable, value: &mut dyn FnMut(&mut Self)) {
        let span = variable.span;
        if variable.scope.as_deref() == Some("function") {
            return self.unsupported(span, "assignment to a function", "Write function Name { … }.");
        }
        match self.place(variable) {
            Place::Rhai(name) => {
                self.put(span, &format!("{name} = "));
                match self.constraint(&name) {
                    Some(kind) => {
                        self.put(span, &format!("_cast({}, ", quoted(&kind)));
                        value(self);
                        self.put(span, ")");
                    }
                    None => value(self),
                }
            }
            Place::It => {
                self.put(span, "_it_set(");
                value(self);
                self.put(span, ")");
            }
            Place::Environment(_) => self.unsupported(
                span,
                "assignment to an environment variable",
                "Set it before reeve starts; `$env:NAME` can be read.",
            ),
            Place::Using(_) => self.unsupported(
                span,
                "assignment to a variable of the caller",
                "`$using:NAME` is a copy to read; what a block puts out is what it gives back.",
            ),
            Place::Literal(_) | Place::Args | Place::Input | Place::Session(_) => {
                let name = match self.place(variable) {
                    Place::Session(name) => name,
                    _ => variable.name.clone(),
                };
                let name = self.name_literal(&name);
                self.put(span, &format!("_setvar({name}, "));
                value(self);
                self.put(span, ")");
            }
        }
    }
}

/// Whether a target has an index that does more than look.
fn has_active_index(target: &Expr) -> bool {
    match &target.kind {
        ExprKind::Member { target, .. } | ExprKind::Cast { operand: target, .. } => has_active_index(target),
        ExprKind::List(targets) => targets.iter().any(has_active_index),
        ExprKind::Index { target, index, .. } => is_active(index) || has_active_index(target),
        _ => false,
    }
}

/// Whether working out an expression a second time may do something a second time, or give something else.
fn is_active(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Constant(_) | ExprKind::Bareword(_) | ExprKind::String { .. } | ExprKind::Variable(_) => false,
        ExprKind::RhaiCall { arguments: None, .. } => false,
        ExprKind::Binary { left, right, .. } => is_active(left) || is_active(right),
        ExprKind::Member { target, .. } => is_active(target),
        _ => true,
    }
}

/// Why there is nothing to set in a type that scripts which come from Windows begin with.
fn without_effect(type_name: &str) -> Option<&'static str> {
    match type_name.to_ascii_lowercase().rsplit('.').next()? {
        "servicepointmanager" => {
            Some("TLS is negotiated for every connection; [Net.ServicePointManager] has nothing to set.")
        }
        "console" => Some("What is written is UTF-8, in the terminal's own colours; [Console] has nothing to set."),
        _ => None,
    }
}

fn is_null(target: &Expr) -> bool {
    matches!(&target.kind, ExprKind::Variable(v) if v.scope.is_none() && v.name.eq_ignore_ascii_case("null"))
}
