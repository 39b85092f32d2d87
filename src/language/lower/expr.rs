//! Expressions.

use super::map::quoted;
use super::names::mangled;
use super::scope::Place;
use super::{CommandSite, Flow, Lowerer, Site};
use crate::error::Span;
use crate::language::tree::*;
use crate::value::{Value, same_name};

impl Lowerer<'_> {
    /// An expression whose value is taken.
    pub(super) fn expr(&mut self, expr: &Expr) {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Missing => self.put(span, "()"),
            ExprKind::Constant(value) => {
                let kind = match value {
                    Value::Int(_) => crate::language::number::suffix_type(span.of(self.source)),
                    _ => None,
                };
                let text = literal(value);
                if let Some(kind) = kind {
                    return self.put(span, &format!("_cast({}, {text})", quoted(kind)));
                }
                self.put(span, &text);
            }
            ExprKind::Bareword(text) | ExprKind::String { text, .. } => self.put(span, &quoted(text)),
            ExprKind::Expandable { parts, .. } => self.expandable(parts, span),
            ExprKind::Variable(variable) => self.variable(variable),
            ExprKind::List(items) => {
                self.put(span, "[");
                self.comma_separated(items, span);
                self.put(span, "]");
            }
            ExprKind::Array(body) => self.array(body, span),
            ExprKind::SubExpression(body) => match single(body) {
                Some(statement) if statement.as_expr().is_some_and(is_scalar) => self.value(statement),
                _ => self.collected("_collect", body, span),
            },
            ExprKind::Paren(statement) => self.value(statement),
            ExprKind::Hashtable(entries) => self.hashtable("_table", entries, span),
            ExprKind::ScriptBlock(block) => self.block(block, span, false),
            ExprKind::Binary { operator, left, right, .. } => self.binary(operator, left, right, span),
            ExprKind::Unary { operator, operand } => self.unary(operator, operand, span),
            ExprKind::Postfix { operator, operand } => self.step(operator, operand, false, span),
            ExprKind::Ternary { condition, then, otherwise } => {
                self.put(span, "(if ");
                self.truth(condition);
                self.put(span, " { ");
                self.expr(then);
                self.put(span, " } else { ");
                self.expr(otherwise);
                self.put(span, " })");
            }
            ExprKind::Member { .. } | ExprKind::Method { .. } | ExprKind::Index { .. } => self.member(expr),
            ExprKind::Cast { to, operand } => self.cast(to, operand, span),
            ExprKind::Type(name) => self.put(span, &format!("_type({})", quoted(&type_text(name)))),
            ExprKind::RhaiCall { name, arguments: None } => {
                let variable = self.visible(name).unwrap_or_else(|| mangled(name));
                self.put(span, &variable);
            }
            ExprKind::RhaiCall { name, arguments: Some(arguments) } => {
                self.put(span, &format!("{name}("));
                self.comma_separated(arguments, span);
                self.put(span, ")");
            }
            ExprKind::Rhai(rhai) => self.rhai(rhai),
            ExprKind::Statement(statement) => self.value(statement),
        }
    }

    /// Expressions with commas between them.
    pub(super) fn comma_separated(&mut self, items: &[Expr], span: Span) {
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.put(span, ", ");
            }
            self.expr(item);
        }
    }

    /// A condition: a Rhai boolean.
    pub(super) fn truth(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Unary { operator, .. } if matches!(operator.as_str(), "not" | "!") => self.expr(expr),
            ExprKind::Binary { operator, .. } if matches!(operator.as_str(), "and" | "or" | "xor") => self.expr(expr),
            ExprKind::Variable(v) if matches!(self.place(v), Place::Literal("true" | "false")) => self.expr(expr),
            ExprKind::Paren(statement) if statement.as_expr().is_some() => {
                if let Some(inner) = statement.as_expr() {
                    self.truth(inner);
                }
            }
            _ => {
                self.put(expr.span, "_true(");
                self.expr(expr);
                self.put(expr.span, ")");
            }
        }
    }

    pub(super) fn variable(&mut self, variable: &Variable) {
        let text = match self.place(variable) {
            Place::It => "_it()".to_string(),
            Place::Literal(text) => text.to_string(),
            Place::Args => "_args()".to_string(),
            Place::Input => "_input()".to_string(),
            Place::Environment(name) => format!("_env({})", quoted(&name)),
            Place::Using(name) => format!("_using({})", quoted(&name)),
            Place::Rhai(name) => name,
            Place::Session(name) => format!("_var({})", quoted(&name)),
        };
        self.put(variable.span, &text);
    }

    fn expandable(&mut self, parts: &[StringPart], span: Span) {
        self.put(span, "_str([");
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                self.put(span, ", ");
            }
            match part {
                StringPart::Text(text) => self.put(span, &quoted(text)),
                StringPart::Value(value) => self.expr(value),
            }
        }
        self.put(span, "])");
    }

    fn array(&mut self, body: &Body, span: Span) {
        if body.pieces.is_empty() {
            return self.put(span, "[]");
        }
        match single(body) {
            Some(statement) => match &statement.kind {
                StatementKind::Chain(chain) if chain.rest.is_empty() && !is_quiet(chain) => {
                    // A list of more than one element is its own array.
                    if let Some(Expr { kind: ExprKind::List(items), .. }) = statement.as_expr()
                        && items.len() > 1
                    {
                        return self.value(statement);
                    }
                    self.put(span, "_list(");
                    self.pipeline(&chain.first, true);
                    self.put(span, ")");
                }
                _ => self.collected("_outputs", body, span),
            },
            None => self.collected("_outputs", body, span),
        }
    }

    /// A body run for what it puts out.
    pub(super) fn collected(&mut self, function: &str, body: &Body, span: Span) {
        self.flow.push(Flow::Collect);
        self.put(span, &format!("{function}(|| {{ "));
        self.inner_body(body);
        self.put(span, " })");
        self.flow.pop();
    }

    /// A table of keys and values in order.
    pub(super) fn hashtable(&mut self, function: &str, entries: &[(Expr, Statement)], span: Span) {
        self.put(span, &format!("{function}(["));
        for (at, (key, value)) in entries.iter().enumerate() {
            self.put(key.span, if at > 0 { ", [" } else { "[" });
            self.expr(key);
            self.put(key.span, ", ");
            self.value(value);
            self.put(key.span, "]");
        }
        self.put(span, "])");
    }

    fn cast(&mut self, to: &TypeName, operand: &Expr, span: Span) {
        let name = to.name.rsplit('.').next().unwrap_or_default();
        let is = |what: &str| to.array_rank == 0 && same_name(name, what);
        if let ExprKind::Hashtable(entries) = &operand.kind {
            if is("pscustomobject") {
                return self.hashtable("_object", entries, span);
            }
            if is("ordered") {
                return self.hashtable("_ordered", entries, span);
            }
        }
        if is("void") {
            self.put(span, "_void(");
        } else {
            self.put(span, &format!("_cast({}, ", quoted(&type_text(to))));
        }
        self.expr(operand);
        self.put(span, ")");
    }

    fn binary(&mut self, operator: &str, left: &Expr, right: &Expr, span: Span) {
        match operator {
            "and" | "or" => {
                self.put(span, "(");
                self.truth(left);
                self.put(span, if operator == "and" { " && " } else { " || " });
                self.truth(right);
                self.put(span, ")");
            }
            "xor" => {
                self.put(span, "(");
                self.truth(left);
                self.put(span, " != ");
                self.truth(right);
                self.put(span, ")");
            }
            "??" => {
                self.put(span, "(");
                self.expr(left);
                self.put(span, " ?? ");
                self.expr(right);
                self.put(span, ")");
            }
            _ => {
                if operator == ".." {
                    self.site(Site::Command(CommandSite { span, name: span, ..CommandSite::default() }));
                }
                let name = function_of(operator);
                self.put(span, &format!("{name}("));
                self.expr(left);
                self.put(span, ", ");
                match (&right.kind, operator) {
                    (ExprKind::Type(name), "is" | "isnot" | "as") => self.put(right.span, &quoted(&type_text(name))),
                    _ => self.expr(right),
                }
                self.put(span, ")");
            }
        }
    }

    fn unary(&mut self, operator: &str, operand: &Expr, span: Span) {
        let function = match operator {
            "not" | "!" => {
                self.put(span, "!");
                self.put(span, "_true(");
                self.expr(operand);
                return self.put(span, ")");
            }
            "++" | "--" => return self.step(operator, operand, true, span),
            "-" => "_neg",
            "+" => "_plus",
            "bnot" => "_bnot",
            "join" => "_join_all",
            "," => {
                self.put(span, "[");
                self.expr(operand);
                return self.put(span, "]");
            }
            _ => "_split_all",
        };
        self.put(span, &format!("{function}("));
        self.expr(operand);
        self.put(span, ")");
    }

    /// `++` and `--` whose value is taken.
    fn step(&mut self, operator: &str, operand: &Expr, before: bool, span: Span) {
        debug_assert!(is_step(operator));
        self.put(span, "{ ");
        let operand = &*self.once(operand);
        if before {
            self.step_statement(operator, operand, span);
            self.put(span, "; ");
            self.expr(operand);
            self.put(span, " }");
        } else {
            let old = self.fresh("old");
            self.put(span, &format!("let {old} = "));
            self.expr(operand);
            self.put(span, "; ");
            self.step_statement(operator, operand, span);
            self.put(span, &format!("; {old} ?? 0 }}"));
        }
    }

    /// `++` and `--` as a statement.
    pub(super) fn step_statement(&mut self, operator: &str, operand: &Expr, span: Span) {
        let function = if operator == "++" { "_inc" } else { "_dec" };
        let operand = &*self.once(operand);
        self.store(operand, &mut |lowerer| {
            lowerer.put(span, &format!("{function}("));
            lowerer.expr(operand);
            lowerer.put(span, ")");
        });
    }

    /// The value of a statement: a pipeline collected, an assignment's value, what other statements put out.
    pub(super) fn value(&mut self, statement: &Statement) {
        let span = statement.span;
        match &statement.kind {
            StatementKind::Chain(chain) if chain.rest.is_empty() => self.pipeline_value(&chain.first, span),
            StatementKind::Assign(assign) => {
                self.put(span, "{ ");
                let assign = &*self.settled(assign);
                self.assign(assign, span);
                self.put(span, "; ");
                match assign.targets.as_slice() {
                    [target] => self.expr(target),
                    targets => {
                        self.put(span, "[");
                        self.comma_separated(targets, span);
                        self.put(span, "]");
                    }
                }
                self.put(span, " }");
            }
            StatementKind::Bad => self.put(span, "()"),
            _ => {
                self.flow.push(Flow::Collect);
                self.put(span, "_collect(|| { ");
                self.statement(statement);
                self.put(span, " })");
                self.flow.pop();
            }
        }
    }
}

/// The only statement of a body.
pub(super) fn single(body: &Body) -> Option<&Statement> {
    match body.pieces.as_slice() {
        [Piece::Statement(statement)] => Some(statement),
        _ => None,
    }
}

/// Whether a statement of only this puts nothing out (`$x++`).
pub(super) fn is_quiet(chain: &Chain) -> bool {
    match chain.first.stages.as_slice() {
        [Stage::Expression { expr, .. }] => match &expr.kind {
            ExprKind::Postfix { .. } => true,
            ExprKind::Unary { operator, .. } => is_step(operator),
            _ => false,
        },
        _ => false,
    }
}

/// Whether an expression's value is the same when it is enumerated and collected again, for all that matters here.
fn is_scalar(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::String { .. } | ExprKind::Expandable { .. } => true,
        ExprKind::Constant(value) => !matches!(value, Value::List(_)),
        ExprKind::Member { .. } | ExprKind::Hashtable(_) => true,
        _ => false,
    }
}

/// The runtime's function for a binary operator.
fn function_of(operator: &str) -> String {
    let name = match operator {
        "+" => "add",
        "-" => "sub",
        "*" => "mul",
        "/" => "div",
        "%" => "rem",
        ".." => "range",
        "f" => "format",
        word => word,
    };
    format!("_{name}")
}

/// A type's name as text: `string[]`.
pub fn type_text(name: &TypeName) -> String {
    let mut text = name.name.clone();
    if !name.arguments.is_empty() {
        let arguments: Vec<String> = name.arguments.iter().map(type_text).collect();
        text.push_str(&format!("[{}]", arguments.join(",")));
    }
    for _ in 0..name.array_rank {
        text.push_str("[]");
    }
    text
}

/// A constant in Rhai.
fn literal(value: &Value) -> String {
    match value {
        Value::Null => "()".into(),
        Value::Bool(b) => b.to_string(),
        Value::Int(i64::MIN) => "(-9223372036854775807 - 1)".into(),
        Value::Int(n) => n.to_string(),
        Value::Float(x) if x.is_finite() => {
            let text = format!("{x:?}");
            if text.contains('e') { format!("_float(\"{text}\")") } else { text }
        }
        Value::Float(x) => format!("_float(\"{x}\")"),
        Value::Decimal(d) => format!("_decimal(\"{d}\")"),
        Value::List(items) => format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", ")),
        other => quoted(&crate::value::text::to_text(other)),
    }
}
