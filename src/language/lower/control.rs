//! `if`, loops, `switch`, `try`.

use super::expr::type_text;
use super::map::quoted;
use super::{Flow, Lowerer};
use crate::error::Span;
use crate::language::tree::*;
use crate::value::same_name;

impl Lowerer<'_> {
    /// Statements with blocks, `break` and `continue`.
    pub(super) fn control(&mut self, statement: &Statement) {
        let span = statement.span;
        match &statement.kind {
            StatementKind::If { arms, otherwise } => self.branches(arms, otherwise.as_ref(), span),
            StatementKind::ForEach { label, variable, subject, body } => {
                let item = self.fresh("item");
                self.begin_loop(label, span);
                self.put(span, &format!("for {item} in _items("));
                self.taken(subject);
                self.put(span, ") { ");
                let target = Expr { kind: ExprKind::Variable(variable.clone()), span: variable.span };
                self.store(&target, &mut |lowerer| lowerer.put(variable.span, &item));
                self.put(span, "; ");
                self.loop_body(body, span);
                self.end_loop(span);
            }
            StatementKind::For { label, init, condition, step, body } => {
                if let Some(init) = init {
                    self.without_output(init);
                    self.put(span, " ");
                }
                let first = step.as_ref().map(|_| self.fresh("first"));
                if let Some(first) = &first {
                    self.put(span, &format!("let {first} = true; "));
                }
                self.begin_loop(label, span);
                self.put(span, "loop { ");
                if let (Some(first), Some(step)) = (&first, step) {
                    self.put(span, &format!("if {first} {{ {first} = false; }} else {{ "));
                    self.without_output(step);
                    self.put(span, " } ");
                }
                if let Some(condition) = condition {
                    self.put(span, "if !(");
                    self.condition(condition);
                    self.put(span, ") { break; } ");
                }
                self.loop_body(body, span);
                self.end_loop(span);
            }
            StatementKind::While { label, condition, body } => {
                self.begin_loop(label, span);
                self.put(span, "while ");
                self.condition(condition);
                self.put(span, " { ");
                self.loop_body(body, span);
                self.end_loop(span);
            }
            StatementKind::Do { label, body, condition, until } => {
                self.begin_loop(label, span);
                self.put(span, "do { ");
                self.loop_body(body, span);
                self.put(span, if *until { " until " } else { " while " });
                self.condition(condition);
                self.put(span, ";");
                self.end_loop(span);
            }
            StatementKind::Switch { label, flags, subject, cases, default } => {
                self.switch(label, flags, subject, cases, default.as_ref(), span);
            }
            StatementKind::Break(label) => self.leave_loop("break", label.as_deref(), span),
            StatementKind::Continue(label) => self.leave_loop("continue", label.as_deref(), span),
            StatementKind::Try { body, catches, finally } => self.try_catch(body, catches, finally.as_ref(), span),
            // The others are lowered before they come here.
            _ => {}
        }
    }

    /// A statement whose value nobody gets, as the initializer and the iterator of `for`.
    fn without_output(&mut self, statement: &Statement) {
        match &statement.kind {
            StatementKind::Chain(chain) if !super::expr::is_quiet(chain) => {
                self.put(statement.span, "_void(");
                self.value(statement);
                self.put(statement.span, ");");
            }
            _ => self.statement(statement),
        }
    }

    /// What a loop goes through: a pipeline runs inside what takes it.
    pub(super) fn taken(&mut self, subject: &Statement) {
        match &subject.kind {
            StatementKind::Chain(chain) if chain.rest.is_empty() => self.pipeline(&chain.first, true),
            _ => self.value(subject),
        }
    }

    fn condition(&mut self, condition: &Statement) {
        match condition.as_expr() {
            Some(expr) => self.truth(expr),
            None => {
                self.put(condition.span, "_true(");
                self.value(condition);
                self.put(condition.span, ")");
            }
        }
    }

    fn branches(&mut self, arms: &[(Statement, Body)], otherwise: Option<&Body>, span: Span) {
        for (at, (condition, body)) in arms.iter().enumerate() {
            self.put(condition.span, if at > 0 { " else if " } else { "if " });
            self.condition(condition);
            self.braced(body, span);
        }
        if let Some(body) = otherwise {
            self.put(span, " else");
            self.braced(body, span);
        }
    }

    fn braced(&mut self, body: &Body, span: Span) {
        self.put(span, " {");
        self.inner_body(body);
        self.put(span, "}");
    }

    /// Enters a loop; one with a label has a flag that says how an inner loop left it.
    fn begin_loop(&mut self, label: &Option<String>, span: Span) {
        if let Some(label) = label {
            self.put(span, &format!("let {} = 0; ", flag(label)));
        }
        self.flow.push(Flow::Loop { label: label.clone() });
    }

    fn loop_body(&mut self, body: &Body, span: Span) {
        self.inner_body(body);
        self.put(span, "}");
    }

    /// Leaves a loop; behind an inner one stand the jumps that it began to outer ones.
    fn end_loop(&mut self, span: Span) {
        self.flow.pop();
        let mut checks = String::new();
        let mut innermost = true;
        for flow in self.flow.iter().rev() {
            match flow {
                Flow::Loop { label } => {
                    if let Some(label) = label {
                        let flag = flag(label);
                        if innermost {
                            let go_on = format!("if {flag} == 2 {{ {flag} = 0; continue; }}");
                            checks.push_str(&format!(" if {flag} == 1 {{ break; }} {go_on}"));
                        } else {
                            checks.push_str(&format!(" if {flag} != 0 {{ break; }}"));
                        }
                    }
                    innermost = false;
                }
                Flow::Try { .. } => {}
                Flow::Collect | Flow::Island | Flow::Block => break,
            }
        }
        self.put(span, &checks);
    }

    pub(super) fn leave_loop(&mut self, word: &str, label: Option<&str>, span: Span) {
        let mut leaving = String::new();
        let mut inner = 0;
        for flow in self.flow.iter().rev() {
            match flow {
                Flow::Loop { label: own } => {
                    let this = match (label, own) {
                        (None, _) => true,
                        (Some(label), Some(own)) => same_name(label, own),
                        (Some(_), None) => false,
                    };
                    if this {
                        let text = match (inner, label) {
                            (1.., Some(label)) => {
                                let how = if word == "break" { 1 } else { 2 };
                                format!("{leaving}{} = {how}; break;", flag(label))
                            }
                            _ => format!("{leaving}{word};"),
                        };
                        return self.put(span, &text);
                    }
                    inner += 1;
                }
                Flow::Try { mark, finally } => {
                    leaving.push_str(&format!("_tried({mark}); "));
                    if let Some(finally) = finally {
                        leaving.push_str(&format!("{finally}.call(); "));
                    }
                }
                Flow::Island => {
                    let what = format!("{word} out of an expression or a finally block");
                    return self.unsupported(span, &what, "Put the value into a variable first.");
                }
                Flow::Collect | Flow::Block => break,
            }
        }
        self.leaks = true;
        self.put(span, &format!("_leave({});", quoted(word)));
    }

    fn switch(
        &mut self,
        label: &Option<String>,
        flags: &[String],
        subject: &Statement,
        cases: &[(Expr, Body)],
        default: Option<&Body>,
        span: Span,
    ) {
        let (kept, item, hit) = (self.fresh("kept"), self.fresh("item"), self.fresh("hit"));
        self.put(span, &format!("let {kept} = _it(); "));
        self.begin_loop(label, span);
        self.put(span, &format!("for {item} in _flat("));
        self.taken(subject);
        self.put(span, &format!(") {{ _it_set({item}); let {hit} = false; "));
        let flags: Vec<String> = flags.iter().map(|f| f.to_ascii_lowercase()).collect();
        for (pattern, body) in cases {
            self.put(pattern.span, "if ");
            match &pattern.kind {
                ExprKind::ScriptBlock(block) => match super::expr::single(&block.body).and_then(Statement::as_expr) {
                    Some(condition) => self.truth(condition),
                    None => {
                        self.put(pattern.span, "_true(");
                        self.collected("_collect", &block.body, pattern.span);
                        self.put(pattern.span, ")");
                    }
                },
                _ => {
                    self.put(pattern.span, &format!("_case({item}, "));
                    self.expr(pattern);
                    self.put(pattern.span, &format!(", {})", quoted(&flags.join(" "))));
                }
            }
            self.put(pattern.span, &format!(" {{ {hit} = true;"));
            self.inner_body(body);
            self.put(pattern.span, "} ");
        }
        if let Some(default) = default {
            self.put(default.span, &format!("if !{hit}"));
            self.braced(default, default.span);
            self.put(default.span, " ");
        }
        self.put(span, "}");
        self.end_loop(span);
        self.put(span, &format!(" _it_set({kept});"));
    }

    fn try_catch(&mut self, body: &Body, catches: &[Catch], finally: Option<&Body>, span: Span) {
        let mark = self.fresh("try");
        let after = finally.map(|body| {
            let name = self.fresh("finally");
            self.flow.push(Flow::Island);
            self.put(span, &format!("let {name} = || {{"));
            self.inner_body(body);
            self.put(span, "}; ");
            self.flow.pop();
            name
        });
        self.put(span, &format!("let {mark} = _try(); "));
        if let Some(after) = &after {
            self.put(span, &format!("_finally({mark}, {after}); try {{ "));
        }
        self.put(span, "try {");
        self.flow.push(Flow::Try { mark: mark.clone(), finally: after.clone() });
        self.inner_body(body);
        self.flow.pop();
        if let Some(after) = &after {
            // What a handler leaves must run the closing block, but is no longer under the try.
            self.flow.push(Flow::Try { mark: mark.clone(), finally: Some(after.clone()) });
        }
        self.put(span, "} catch (err_) { ");
        self.put(span, &format!("_tried({mark}); "));
        if let Some(after) = &after {
            self.put(span, &format!("_finally({mark}, {after}); "));
        }
        if catches.is_empty() {
            self.put(span, "_rethrow(err_); ");
        } else {
            let kept = self.fresh("kept");
            self.put(span, &format!("let {kept} = _catch(err_); "));
            let mut first = true;
            let mut all = false;
            for Catch { types, variable, body: handler } in catches {
                if all {
                    break;
                }
                if types.is_empty() {
                    all = true;
                    self.put(span, if first { "{ " } else { " else { " });
                } else {
                    let names: Vec<String> = types.iter().map(|t| quoted(&type_text(t))).collect();
                    let word = if first { "if" } else { " else if" };
                    self.put(span, &format!("{word} _catches(err_, [{}]) {{ ", names.join(", ")));
                }
                first = false;
                if let Some((name, at)) = variable {
                    self.put(*at, &format!("let {name} = _it(); "));
                    self.declare(name);
                }
                self.inner_body(handler);
                self.put(span, " }");
            }
            if !all {
                self.put(span, " else { _rethrow(err_); }");
            }
            self.put(span, &format!(" _it_set({kept}); "));
        }
        self.put(span, &format!("}} _tried({mark});"));
        if let Some(after) = after {
            self.flow.pop();
            self.put(span, &format!(" }} catch (err_) {{ _tried({mark}); {after}.call(); _rethrow(err_); }}"));
            self.put(span, &format!(" {after}.call();"));
        }
    }
}

/// The flag of a loop's label.
fn flag(label: &str) -> String {
    format!("{}_left_", super::names::mangled(&label.to_ascii_lowercase()))
}
