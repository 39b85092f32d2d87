//! Expressions of command mode: unary and binary operators, lists, casts, ternary.

use super::characters::{is_dash, is_name, is_name_start, is_newline};
use super::operators::{binary_word, foreign, is_unary_word, power};
use super::parser::Parser;
use super::tree::{Expr, ExprKind};
use crate::error::Span;
use crate::value::Value;

/// How many operators may follow one another in one expression.
const MAX_OPERATORS: usize = 500;

/// A binary operator that stands in the text.
struct Found {
    operator: String,
    power: u8,
    len: usize,
}

impl Parser<'_> {
    /// An expression; `None`, and nothing read but blanks, if none begins here.
    pub fn expression(&mut self) -> Option<Expr> {
        let condition = self.nest(|p| p.binary(0, true)).flatten()?;
        self.ternary(condition)
    }

    /// An expression that ends at a comma.
    pub fn argument_expression(&mut self) -> Option<Expr> {
        if self.peek() == Some('|') {
            return self.rhai_closure();
        }
        let condition = self.nest(|p| p.binary(0, false)).flatten()?;
        self.ternary(condition)
    }

    fn ternary(&mut self, condition: Expr) -> Option<Expr> {
        let before = self.at;
        self.skip_space();
        if self.peek() != Some('?') || self.starts("??") || self.starts("?.") || self.starts("?[") {
            self.at = before;
            return Some(condition);
        }
        self.at += 1;
        let then = self.ternary_branch();
        self.skip_lines();
        if !self.eat(':') {
            let at = Span::new(self.at, self.at);
            self.error("MissingColonInTernaryExpression", at, "a ternary expression needs : and a second value")
                .hint("write condition ? a : b");
        }
        let otherwise = self.ternary_branch();
        let span = condition.span.to(otherwise.span);
        let kind =
            ExprKind::Ternary { condition: Box::new(condition), then: Box::new(then), otherwise: Box::new(otherwise) };
        Some(Expr { kind, span })
    }

    fn ternary_branch(&mut self) -> Expr {
        self.skip_lines();
        match self.nest(Self::expression).flatten() {
            Some(expr) => expr,
            None => {
                let at = Span::new(self.at, self.at);
                self.error("ExpectedValueExpression", at, "a value is missing in this ternary expression")
                    .hint("write condition ? a : b");
                self.missing()
            }
        }
    }

    /// Operators that bind at least as strongly as `least`; `commas` says whether a comma makes a list.
    fn binary(&mut self, least: u8, commas: bool) -> Option<Expr> {
        let mut left = self.list(commas)?;
        let mut count = 0;
        loop {
            let before = self.at;
            self.skip_space();
            let Some(found) = self.binary_operator().filter(|f| f.power >= least) else {
                self.at = before;
                return Some(left);
            };
            let start = self.at;
            self.at += found.len;
            let operator_span = self.span_from(start);
            self.report_foreign(operator_span);
            self.skip_lines();
            let right = match self.nest(|p| p.binary(found.power + 1, commas)).flatten() {
                Some(right) => right,
                None => {
                    let text = operator_span.of(self.text).to_string();
                    self.error("ExpectedValueExpression", operator_span, format!("{text} needs a value behind it"))
                        .hint(format!("write the value to the right of {text}"));
                    self.missing()
                }
            };
            let span = left.span.to(right.span);
            let operator = found.operator;
            let kind = ExprKind::Binary { operator, operator_span, left: Box::new(left), right: Box::new(right) };
            left = Expr { kind, span };
            count += 1;
            if count > MAX_OPERATORS {
                let at = Span::new(self.at, self.at);
                self.error("ScriptNestedTooDeep", at, format!("more than {MAX_OPERATORS} operators in one expression"))
                    .hint("put a part of it into a variable");
                return Some(left);
            }
        }
    }

    fn report_foreign(&mut self, span: Span) {
        let text = span.of(self.text);
        if let Some((_, ours)) = foreign(text) {
            let message = format!("{text} is Rhai's operator; in command mode it is {ours}");
            self.error("UnexpectedToken", span, message).hint(format!("write {ours}")).fix(span, ours);
        }
    }

    /// The binary operator that stands here.
    fn binary_operator(&self) -> Option<Found> {
        let rest = self.rest();
        let c = rest.chars().next()?;
        if is_dash(c) {
            let tail = &rest[c.len_utf8()..];
            let word: String = tail.chars().take_while(|c| is_name(*c)).take(16).collect();
            if !word.is_empty() && word.starts_with(is_name_start) {
                let lower = word.to_lowercase();
                if let Some(power) = binary_word(&lower) {
                    return Some(Found { operator: lower, power, len: c.len_utf8() + word.len() });
                }
                return None;
            }
            if tail.starts_with('=') || tail.starts_with(is_dash) {
                return None;
            }
            return Some(Found { operator: "-".into(), power: power::ADDITIVE, len: c.len_utf8() });
        }
        let two = rest.get(..2).unwrap_or("");
        if let Some((operator, _)) = foreign(two) {
            return Some(Found { operator: operator.into(), power: power::COMPARISON, len: 2 });
        }
        match two {
            ".." => return Some(Found { operator: "..".into(), power: power::RANGE, len: 2 }),
            "??" if !rest.starts_with("??=") => {
                return Some(Found { operator: "??".into(), power: power::COALESCE, len: 2 });
            }
            "+=" | "*=" | "/=" | "%=" | "++" => return None,
            _ => {}
        }
        let power = match c {
            '+' => power::ADDITIVE,
            '*' if self.starts("*>") => return None,
            '*' | '/' | '%' => power::MULTIPLICATIVE,
            _ => return None,
        };
        Some(Found { operator: c.to_string(), power, len: 1 })
    }

    /// `a, b, c`, or one element.
    fn list(&mut self, commas: bool) -> Option<Expr> {
        let first = self.unary()?;
        if !commas || !self.at_comma() {
            return Some(first);
        }
        let start = first.span.start as usize;
        let mut items = vec![first];
        while self.at_comma() {
            self.skip_space();
            let comma = self.at;
            self.at += 1;
            self.skip_lines();
            match self.unary() {
                Some(item) => items.push(item),
                None => {
                    let span = Span::new(comma, comma + 1);
                    self.error("MissingExpressionAfterToken", span, "a list's comma needs a value behind it")
                        .hint("write the next value, or take the comma away");
                    break;
                }
            }
        }
        let end = items.last().map_or(start as u32, |e| e.span.end);
        Some(Expr { kind: ExprKind::List(items), span: Span { start: start as u32, end } })
    }

    fn at_comma(&mut self) -> bool {
        let before = self.at;
        self.skip_space();
        let found = self.peek() == Some(',');
        self.at = before;
        found
    }

    /// A unary operator with its operand, or a primary expression.
    fn unary(&mut self) -> Option<Expr> {
        self.skip_space();
        let start = self.at;
        let Some(operator) = self.unary_operator() else { return self.cast_or_primary() };
        self.skip_lines();
        let Some(operand) = self.nest(Self::unary).flatten() else {
            let span = self.span_from(start);
            self.error(
                "MissingExpressionAfterOperator",
                span,
                format!("{} needs a value behind it", span.of(self.text).trim()),
            )
            .hint("write the value");
            return Some(self.missing());
        };
        let span = Span::new(start, operand.span.end as usize);
        let kind = match (operator.as_str(), &operand.kind) {
            (",", _) => ExprKind::List(vec![operand]),
            ("-", ExprKind::Constant(value)) => match negated(value) {
                Some(value) => ExprKind::Constant(value),
                None => ExprKind::Unary { operator, operand: Box::new(operand) },
            },
            _ => ExprKind::Unary { operator, operand: Box::new(operand) },
        };
        Some(Expr { kind, span })
    }

    fn unary_operator(&mut self) -> Option<String> {
        let rest = self.rest();
        let c = rest.chars().next()?;
        let (operator, len) = if is_dash(c) {
            let tail = &rest[c.len_utf8()..];
            let word: String = tail.chars().take_while(|c| is_name(*c)).take(16).collect::<String>().to_lowercase();
            if is_unary_word(&word) {
                let len = c.len_utf8() + word.len();
                (word, len)
            } else if tail.starts_with(is_dash) {
                let second = tail.chars().next().map_or(0, char::len_utf8);
                ("--".to_string(), c.len_utf8() + second)
            } else if word.starts_with(is_name_start) {
                return None;
            } else {
                ("-".to_string(), c.len_utf8())
            }
        } else if rest.starts_with("++") {
            ("++".to_string(), 2)
        } else if matches!(c, '+' | ',') || (c == '!' && !rest.starts_with("!=")) {
            (c.to_string(), 1)
        } else {
            return None;
        };
        self.at += len;
        Some(operator)
    }

    /// `[T]a`, `[T]` alone or with static members, or a primary expression.
    fn cast_or_primary(&mut self) -> Option<Expr> {
        if self.peek() != Some('[') || self.at_rhai_array() {
            return self.postfixed();
        }
        let start = self.at;
        let to = self.type_literal()?;
        if self.starts("::") || self.peek() == Some('.') || self.peek() == Some('[') && self.starts("[]") {
            let typed = Expr { span: to.span, kind: ExprKind::Type(to) };
            return Some(self.postfix(typed));
        }
        let before = self.at;
        self.skip_space();
        let next = self.peek();
        let operand = if next.is_none_or(|c| ",;)}]|&=".contains(c) || is_newline(c))
            || self.binary_operator().is_some_and(|f| f.operator != "-" && f.operator != "+")
        {
            None
        } else {
            self.nest(Self::unary).flatten()
        };
        let Some(operand) = operand else {
            self.at = before;
            return Some(Expr { span: to.span, kind: ExprKind::Type(to) });
        };
        let span = Span::new(start, operand.span.end as usize);
        Some(Expr { kind: ExprKind::Cast { to, operand: Box::new(operand) }, span })
    }
}

/// A literal with a minus before it is a literal.
fn negated(value: &Value) -> Option<Value> {
    Some(match value {
        Value::Int(n) => Value::Int(n.checked_neg()?),
        Value::Float(n) => Value::Float(-n),
        Value::Decimal(n) => {
            if *n == rust_decimal::Decimal::from_i128_with_scale(1 << 63, 0) {
                Value::Int(i64::MIN)
            } else {
                Value::Decimal(-n)
            }
        }
        _ => return None,
    })
}
