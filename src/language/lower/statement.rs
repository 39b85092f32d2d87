//! Bodies and statements.

use super::finder::Finder;
use super::map::quoted;
use super::names::mangled;
use super::scope::{Declared, Place, Scope};
use super::{Flow, Lowerer};
use crate::env::bounds;
use crate::error::Span;
use crate::language::tree::*;
use crate::value::{folded, same_name};
use std::collections::{HashMap, HashSet};

/// How a body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// A script, function or script block: what fails at its end is for its caller to say.
    Block,
    /// Statements come after it.
    Inner,
}

/// The last statement of a block whose value is taken: it is that value, and not written to the output; of an `if` or a
/// `switch`, the last one of each of its blocks.
fn gives(rhai: &mut Rhai, source: &str) {
    rhai.emits = false;
    let text = rhai.span.of(source).trim_start();
    let word = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default();
    if text.starts_with('{') || matches!(word, "if" | "switch" | "try") {
        for island in &mut rhai.islands {
            if let IslandKind::Block(block) = &mut island.kind {
                block.gives_value = true;
            }
        }
    }
}

impl Lowerer<'_> {
    /// A whole script.
    pub(super) fn script(&mut self, script: &Script) {
        self.scopes.push(Scope::default());
        if let Some(params) = &script.params {
            self.parameters(params);
        }
        let mut finder = Finder::of_body(&script.body);
        if bounds::stopped() {
            return;
        }
        finder.set.add_all(&finder.set_outside);
        self.by_parameter = std::mem::take(&mut finder.by_parameter);
        let twice = finder.outside.iter().filter(|name| finder.set_inside.contains(name));
        twice.for_each(|name| self.by_parameter.add(name));
        if finder.dots {
            self.by_parameter.add_all(&finder.set_inside);
        }
        if finder.by_name {
            self.by_parameter.add_all(&finder.mentioned);
        }
        self.by_parameter.retain(|name| !finder.parameters.contains(name));
        let in_place = self.in_place(&script.body, &finder);
        if bounds::stopped() {
            return;
        }
        let mut hoisted = finder.set;
        let there: HashSet<&str> = in_place.values().map(String::as_str).collect();
        hoisted.retain(|name| !there.contains(name));
        let declarations = self.declarations(&hoisted, true);
        self.put(Span::default(), &declarations);
        self.pieces(&script.body, Ending::Block, &in_place);
        self.scopes.pop();
    }

    /// The body of a scope of its own.
    pub(super) fn scoped_body(&mut self, body: &Body, shares: bool, ending: Ending) {
        let finder = Finder::of_body(body);
        let declarations = self.declarations(&finder.set, shares);
        self.put(body.span, &declarations);
        self.pieces(body, ending, &HashMap::new());
    }

    /// The body of a statement.
    pub(super) fn inner_body(&mut self, body: &Body) {
        self.pieces(body, Ending::Inner, &HashMap::new());
    }

    /// Variables that can be declared where they are first set: at the top, before anything else mentions them.
    fn in_place(&self, body: &Body, finder: &Finder) -> HashMap<usize, String> {
        let mut found = HashMap::new();
        let walks: Vec<Finder> = body
            .pieces
            .iter()
            .take_while(|_| !bounds::stopped())
            .map(|piece| {
                let mut finder = Finder::default();
                finder.visit_piece(piece);
                finder
            })
            .collect();
        // The first piece that mentions a name.
        let mut firsts: HashMap<String, usize> = HashMap::new();
        for (at, walk) in walks.iter().enumerate().take_while(|_| !bounds::stopped()) {
            for name in walk.mentioned.iter() {
                firsts.entry(folded(name)).or_insert(at);
            }
        }
        for name in finder.set.iter().take_while(|_| !bounds::stopped()) {
            if self.by_parameter.contains(name)
                || self.visible(name).is_some()
                || super::names::session_variable(name).is_some()
            {
                continue;
            }
            let Some(first) = firsts.get(&folded(name)).copied() else { continue };
            if let Some(Piece::Statement(Statement { kind: StatementKind::Assign(assign), .. })) =
                body.pieces.get(first)
                && assign.operator == "="
                && let [Expr { kind: ExprKind::Variable(variable), .. }] = assign.targets.as_slice()
                && same_name(&variable.name, name)
            {
                let mut value = Finder::default();
                value.visit_statement(&assign.value);
                if !value.mentions(name) {
                    found.insert(first, name.to_string());
                }
            }
        }
        found
    }

    /// The statements of a Rhai block; the last one's value is what the block gives, where it is taken.
    pub(super) fn rhai_block(&mut self, block: &RhaiBlock) {
        let outside = std::mem::replace(&mut self.in_rhai, true);
        let flow = if block.is_function { std::mem::take(&mut self.flow) } else { Vec::new() };
        let variables = Declared::of(&block.declares);
        self.scopes.push(Scope { variables, is_function: block.is_function, ..Scope::default() });
        let finder = Finder::of_body(&block.body);
        let declarations = self.declarations(&finder.set, true);
        self.put(Span { start: block.body.span.start, end: block.body.span.start }, &declarations);
        let mut body = block.body.clone();
        if block.gives_value
            && let Some(Piece::Rhai(rhai)) = body.pieces.last_mut()
        {
            gives(rhai, self.source);
        }
        let value = match body.pieces.last() {
            Some(Piece::Statement(statement)) if block.gives_value && is_value(statement) => body.pieces.pop(),
            _ => None,
        };
        if let Some(Piece::Statement(statement)) = &value {
            let whole = body.span;
            body.span.end = statement.span.start;
            self.pieces(&body, Ending::Inner, &HashMap::new());
            self.value(statement);
            self.gap(Span { start: statement.span.end, end: whole.end });
        } else {
            self.pieces(&body, if block.gives_value { Ending::Block } else { Ending::Inner }, &HashMap::new());
        }
        self.scopes.pop();
        if block.is_function {
            self.flow = flow;
        }
        self.in_rhai = outside;
    }

    fn pieces(&mut self, body: &Body, ending: Ending, in_place: &HashMap<usize, String>) {
        self.depth += 1;
        self.every_piece(body, ending, in_place);
        self.depth -= 1;
    }

    fn every_piece(&mut self, body: &Body, ending: Ending, in_place: &HashMap<usize, String>) {
        let mut end = body.span.start;
        let last = body.pieces.len().saturating_sub(1);
        for (at, piece) in body.pieces.iter().enumerate() {
            if bounds::stopped() {
                return;
            }
            let span = match piece {
                Piece::Rhai(rhai) => rhai.span,
                Piece::Statement(statement) => statement.span,
            };
            self.gap(Span { start: end, end: span.start });
            end = span.end;
            match piece {
                Piece::Rhai(rhai) => self.rhai_piece(rhai, at < last || ending == Ending::Inner),
                Piece::Statement(statement) => {
                    let declared = in_place.get(&at).map(String::as_str);
                    let can_fail = can_fail(statement) || self.converts(statement);
                    let guard = (at < last || ending == Ending::Inner) && !self.in_rhai && can_fail;
                    self.guarded(statement, guard, declared);
                }
            }
        }
        self.gap(Span { start: end, end: body.span.end });
    }

    /// What stands between statements: blanks and line ends, so that lines stay lines.
    fn gap(&mut self, span: Span) {
        let text = span.of(self.source);
        if text.is_empty() {
            return;
        }
        let blank: String = if text.chars().all(|c| c.is_whitespace() || c == ';') {
            // Of blanks Rhai knows these alone.
            text.chars().filter(|c| matches!(c, ' ' | '\t' | '\r' | '\n')).collect()
        } else {
            let lines = text.matches('\n').count();
            let indent = text.rsplit('\n').next().filter(|tail| tail.chars().all(|c| matches!(c, ' ' | '\t')));
            "\n".repeat(lines) + indent.unwrap_or(" ")
        };
        self.put(span, if blank.is_empty() { " " } else { &blank });
    }

    fn guarded(&mut self, statement: &Statement, guard: bool, declared: Option<&str>) {
        let span = statement.span;
        if let Some(name) = declared {
            let name = mangled(name);
            if !guard && let StatementKind::Assign(assign) = &statement.kind {
                self.put(span, &format!("let {name} = "));
                self.value(&assign.value);
                self.declare(&name);
                self.put(span, ";");
                return self.assigned_well(assign);
            }
            self.put(span, &format!("let {name}; "));
            self.declare(&name);
        }
        let in_loop = self.in_loop();
        // Statements inside Rhai are not guarded; only what may leave the loop through a script block is.
        let leaves = !guard && self.in_rhai && in_loop && {
            let text = span.of(self.source).to_ascii_lowercase();
            text.contains("break") || text.contains("continue")
        };
        if !guard && !leaves {
            return self.statement(statement);
        }
        let outer = std::mem::replace(&mut self.leaks, false);
        self.put(span, "try { ");
        self.statement(statement);
        self.put(span, " } catch (err_) { ");
        let left = std::mem::replace(&mut self.leaks, false) && in_loop;
        if left {
            self.put(span, "let left_ = _left(err_); if left_ == 1 { ");
            self.leave_loop("break", None, span);
            self.put(span, " } if left_ == 2 { ");
            self.leave_loop("continue", None, span);
            self.put(span, " } ");
        }
        self.leaks = outer;
        self.put(span, if guard { "_next(err_); }" } else { "_rethrow(err_); }" });
    }

    /// A statement whose value nobody takes, whole, with its `;`.
    pub(super) fn statement(&mut self, statement: &Statement) {
        let span = statement.span;
        match &statement.kind {
            StatementKind::Chain(chain) => {
                self.emitted(&chain.first);
                self.went_well(&chain.first);
                for (operator, pipeline) in &chain.rest {
                    self.put(
                        pipeline.span,
                        match operator {
                            ChainOperator::And => " if _ok() { ",
                            ChainOperator::Or => " if !_ok() { ",
                        },
                    );
                    self.emitted(pipeline);
                    self.went_well(pipeline);
                    self.put(pipeline.span, " }");
                }
            }
            StatementKind::Assign(assign) => {
                self.assign(assign, span);
                self.put(span, ";");
                self.assigned_well(assign);
            }
            StatementKind::Return(value) => self.leave_block(value.as_deref(), span),
            StatementKind::Throw(value) => {
                self.put(span, "_throw(");
                if let Some(value) = value {
                    self.value(value);
                }
                self.put(span, ");");
            }
            StatementKind::Exit(code) => {
                self.put(span, "_exit(");
                if let Some(code) = code {
                    self.value(code);
                }
                self.put(span, ");");
            }
            StatementKind::Function(function) => self.function(function, span),
            StatementKind::Rhai(rhai) => self.rhai_piece(rhai, true),
            StatementKind::Bad => {}
            _ => self.control(statement),
        }
    }

    /// The same after an assignment of one.
    fn assigned_well(&mut self, assign: &Assign) {
        let mut value = &*assign.value;
        while let StatementKind::Assign(inner) = &value.kind {
            value = &inner.value;
        }
        if let StatementKind::Chain(chain) = &value.kind
            && chain.rest.is_empty()
        {
            self.went_well(&chain.first);
        }
    }

    /// `$?` after an expression that ran to its end; commands set it themselves.
    fn went_well(&mut self, pipeline: &Pipeline) {
        if self.tracks_status && sets_status(pipeline) {
            self.put(pipeline.span, " _went_well();");
        }
    }

    /// Whether a statement assigns to a variable that keeps its type.
    fn converts(&self, statement: &Statement) -> bool {
        let StatementKind::Assign(assign) = &statement.kind else { return false };
        assign.targets.iter().any(|target| match &target.kind {
            ExprKind::Variable(v) => self.rhai_target(v).is_some_and(|name| self.constraint(&name).is_some()),
            _ => false,
        })
    }

    /// Whether `break` and `continue` here are of a loop that Rhai can leave.
    fn in_loop(&self) -> bool {
        let inner = self.flow.iter().rev().find(|flow| !matches!(flow, Flow::Try { .. }));
        matches!(inner, Some(Flow::Loop { .. }))
    }

    fn emitted(&mut self, pipeline: &Pipeline) {
        if let [Stage::Expression { expr, redirections }] = pipeline.stages.as_slice()
            && redirections.is_empty()
        {
            match &expr.kind {
                ExprKind::Postfix { operator, operand } => {
                    self.step_statement(operator, operand, expr.span);
                    return self.put(expr.span, ";");
                }
                ExprKind::Unary { operator, operand } if is_step(operator) => {
                    self.step_statement(operator, operand, expr.span);
                    return self.put(expr.span, ";");
                }
                ExprKind::Statement(statement) => return self.statement(statement),
                _ => {}
            }
        }
        self.put(pipeline.span, "_emit(");
        self.pipeline(pipeline, true);
        self.put(pipeline.span, ");");
    }

    fn leave_block(&mut self, value: Option<&Statement>, span: Span) {
        if let Some(value) = value {
            match &value.kind {
                StatementKind::Chain(chain) if chain.rest.is_empty() => self.emitted(&chain.first),
                _ => {
                    self.put(span, "_emit(");
                    self.value(value);
                    self.put(span, ");");
                }
            }
            self.put(span, " ");
        }
        let mut leaving = String::new();
        for flow in self.flow.iter().rev() {
            match flow {
                Flow::Block => break,
                Flow::Collect => return self.put(span, "_leave(\"return\");"),
                Flow::Island => {
                    let what = "return out of an expression or a finally block";
                    return self.unsupported(span, what, "Put the value into a variable first.");
                }
                Flow::Try { mark, finally } => {
                    leaving.push_str(&format!("_tried({mark}); "));
                    if let Some(finally) = finally {
                        leaving.push_str(&format!("{finally}.call(); "));
                    }
                }
                Flow::Loop { .. } => {}
            }
        }
        self.put(span, &format!("{leaving}return _none();"));
    }

    /// Whether an assignment's target is a variable that Rhai holds.
    pub(super) fn rhai_target(&self, variable: &Variable) -> Option<String> {
        match self.place(variable) {
            Place::Rhai(name) => Some(name),
            _ => None,
        }
    }

    pub(super) fn name_literal(&self, name: &str) -> String {
        quoted(name)
    }
}

/// Whether a pipeline is an expression that no command inside it answers for.
fn sets_status(pipeline: &Pipeline) -> bool {
    let [Stage::Expression { expr, .. }] = pipeline.stages.as_slice() else { return false };
    match &expr.kind {
        ExprKind::Paren(statement) => match &statement.kind {
            StatementKind::Chain(chain) => chain.rest.is_empty() && sets_status(&chain.first),
            _ => false,
        },
        ExprKind::SubExpression(body) => body.pieces.is_empty(),
        ExprKind::Array(body) => match body.pieces.as_slice() {
            [] => true,
            [Piece::Statement(Statement { kind: StatementKind::Chain(chain), .. })] => {
                chain.rest.is_empty() && sets_status(&chain.first)
            }
            _ => false,
        },
        ExprKind::Statement(_) | ExprKind::Rhai(_) => false,
        _ => true,
    }
}

/// Whether a statement can end with an error that the statements after it should survive.
fn can_fail(statement: &Statement) -> bool {
    let safe = |s: &Statement| s.as_expr().is_some_and(is_safe);
    match &statement.kind {
        StatementKind::Assign(assign) => {
            let variables = assign.targets.iter().all(|t| matches!(t.kind, ExprKind::Variable(_)));
            !(variables && assign.operator == "=" && safe(&assign.value))
        }
        StatementKind::Chain(_) => !safe(statement),
        StatementKind::If { arms, .. } => !arms.iter().all(|(condition, _)| safe(condition)),
        StatementKind::ForEach { subject, .. } => !safe(subject),
        StatementKind::While { condition, .. } | StatementKind::Do { condition, .. } => !safe(condition),
        StatementKind::Switch { subject, cases, .. } => {
            !(safe(subject) && cases.iter().all(|(pattern, _)| is_safe(pattern)))
        }
        StatementKind::For { .. } => true,
        StatementKind::Return(value) => value.as_ref().is_some_and(|value| !safe(value)),
        _ => false,
    }
}

/// Whether a statement has a value that a Rhai block can give.
fn is_value(statement: &Statement) -> bool {
    matches!(statement.kind, StatementKind::Chain(_))
}

/// Whether an expression cannot fail.
fn is_safe(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Constant(_)
        | ExprKind::Bareword(_)
        | ExprKind::String { .. }
        | ExprKind::Variable(_)
        | ExprKind::Type(_)
        | ExprKind::ScriptBlock(_)
        | ExprKind::Missing => true,
        ExprKind::Expandable { parts, .. } => parts.iter().all(|part| match part {
            StringPart::Text(_) => true,
            StringPart::Value(value) => is_safe(value),
        }),
        ExprKind::List(items) => items.iter().all(is_safe),
        ExprKind::Member { target, is_static: false, .. } => is_safe(target),
        ExprKind::Paren(statement) => statement.as_expr().is_some_and(is_safe),
        ExprKind::Postfix { operand, .. } => matches!(operand.kind, ExprKind::Variable(_)),
        ExprKind::Binary { operator, left, right, .. } => {
            matches!(operator.as_str(), "and" | "or" | "eq" | "ne" | "ceq" | "cne") && is_safe(left) && is_safe(right)
        }
        ExprKind::Unary { operator, operand } => matches!(operator.as_str(), "not" | "!") && is_safe(operand),
        _ => false,
    }
}
