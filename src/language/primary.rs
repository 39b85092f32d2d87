//! Primary expressions of command mode, and what may stand behind them: members, calls, indexes.

use super::characters::{is_blank, is_dash, is_double_quote, is_name, is_name_start, is_newline, is_single_quote};
use super::number;
use super::parser::{Parser, Place};
use super::tree::{Expr, ExprKind, Rhai};
use crate::error::Span;

/// How many members and calls may follow one another.
const MAX_CHAIN: usize = 500;

impl Parser<'_> {
    /// A place where an expression should stand.
    pub fn missing(&self) -> Expr {
        Expr { kind: ExprKind::Missing, span: Span::new(self.at, self.at) }
    }

    /// A primary expression with all that stands behind it; `None`, and nothing read, if none begins here.
    pub fn postfixed(&mut self) -> Option<Expr> {
        let primary = self.primary()?;
        Some(self.postfix(primary))
    }

    /// A primary expression alone.
    fn primary(&mut self) -> Option<Expr> {
        let start = self.at;
        let c = self.peek()?;
        let kind = match c {
            '$' if self.starts("$(") => return Some(self.sub_expression()),
            '$' => ExprKind::Variable(self.variable_or_escaped()?),
            '(' => return Some(self.paren()),
            '{' if self.place.body_at == Some(self.at) => return None,
            '{' => return Some(self.script_block()),
            '@' if self.starts("@(") => return Some(self.array()),
            '@' if self.starts("@{") => return Some(self.hashtable()),
            '@' if self.at_here_string() => return Some(self.here_string()),
            _ if is_double_quote(c) || is_single_quote(c) => return Some(self.quoted()),
            '[' if self.at_rhai_array() => self.rhai_array(),
            '[' => ExprKind::Type(self.type_literal()?),
            _ if c.is_ascii_digit() || c == '.' => {
                let (len, value) = number::leading(self.rest())?;
                self.at += len;
                self.number_ends(start);
                ExprKind::Constant(value)
            }
            _ => return self.rhai_name(),
        };
        Some(Expr { kind, span: self.span_from(start) })
    }

    /// `[1, 2]` of Rhai where a value stands: no type begins like this.
    pub fn at_rhai_array(&self) -> bool {
        if self.mode != super::Mode::Rhai {
            return false;
        }
        let inside = self.rest()[1..].trim_start();
        let name = self.name_at(self.text.len() - inside.len());
        match inside.chars().next() {
            Some(c) if is_name_start(c) => {
                let called = inside[name.len()..].starts_with('(');
                called || self.is_variable(name) || matches!(name, "true" | "false")
            }
            Some(c) => {
                is_double_quote(c) || c.is_ascii_digit() || matches!(c, '[' | '#' | '$' | '\'' | '-' | '(' | ']')
            }
            None => false,
        }
    }

    fn rhai_array(&mut self) -> ExprKind {
        let start = self.at;
        let mut islands = Vec::new();
        self.rhai_brackets(&mut islands);
        ExprKind::Rhai(Rhai { span: self.span_from(start), islands, ..Rhai::default() })
    }

    /// `5.ToString()` is no expression in PowerShell: the point belongs to the number.
    fn number_ends(&mut self, start: usize) {
        if self.text[start..self.at].ends_with('.') && self.peek().is_some_and(is_name_start) {
            let span = self.span_from(start);
            let digits = span.of(self.text).trim_end_matches('.').to_string();
            self.error("ExpectedExpression", span, "a member of a number needs brackets around the number")
                .hint(format!("write ({digits}).…"));
            self.at -= 1;
        }
    }

    /// In expression position: a call of a Rhai function, `name(a, b)`, or a Rhai variable's name.
    fn rhai_name(&mut self) -> Option<Expr> {
        let start = self.at;
        let name = self.name_here();
        if name.is_empty() || !self.is_rhai_name(name, self.rest_at(start + name.len())) {
            return None;
        }
        self.at += name.len();
        let arguments = if self.peek() == Some('(') { Some(self.arguments()) } else { None };
        let kind = ExprKind::RhaiCall { name: name.to_string(), arguments };
        Some(Expr { kind, span: self.span_from(start) })
    }

    /// Members, calls, indexes, `++` and `--` behind an expression.
    pub fn postfix(&mut self, mut expr: Expr) -> Expr {
        let mut links = 0;
        while let Some(next) = self.link(&mut expr) {
            expr = next;
            links += 1;
            if links > MAX_CHAIN {
                let span = Span::new(self.at, self.at);
                self.error("ScriptNestedTooDeep", span, format!("more than {MAX_CHAIN} members in a row"))
                    .hint("put a part of it into a variable");
                break;
            }
        }
        expr
    }

    fn link(&mut self, target: &mut Expr) -> Option<Expr> {
        let start = target.span.start as usize;
        let before = self.at;
        if matches!(target.kind, ExprKind::Variable(_) | ExprKind::Member { .. } | ExprKind::Index { .. })
            && (self.starts("++") || self.starts("--"))
            && !self.place.in_argument
        {
            let operator = self.rest()[..2].to_string();
            self.at += 2;
            let operand = Box::new(std::mem::replace(target, self.missing()));
            return Some(Expr { kind: ExprKind::Postfix { operator, operand }, span: self.span_from(start) });
        }
        let is_static = self.starts("::");
        let null_conditional = self.starts("?.") || self.starts("?[");
        if is_static || self.starts("?.") {
            self.at += 2;
        } else if self.starts("?[") || (self.peek() == Some('.') && !self.starts("..")) {
            self.at += 1;
        } else if !self.place.in_argument && self.at_fluent_member() {
            self.skip_lines();
            self.at += 1;
        } else if self.peek() != Some('[') {
            return None;
        }
        if self.peek() == Some('[') && !is_static && self.text.as_bytes().get(self.at - 1) != Some(&b'.') {
            return Some(self.index(target, null_conditional));
        }
        // A point at the end of a line: the member stands on the next.
        let after = self.at;
        if !self.place.in_argument && !null_conditional && self.peek().is_some_and(|c| is_blank(c) || is_newline(c)) {
            self.skip_lines();
            if !self.text[after..self.at].contains(is_newline) || !self.peek().is_some_and(is_name_start) {
                self.at = after;
            }
        }
        let Some(name) = self.member_name() else {
            // In an argument a point behind a variable may be text: `$x.` ends a sentence.
            let span = self.span_from(before);
            self.error("MissingPropertyName", span, "a member's name is missing here")
                .hint("write the name of a property or method behind it");
            let name = Box::new(self.missing());
            let target = Box::new(std::mem::replace(target, self.missing()));
            let kind = ExprKind::Member { target, name, is_static, null_conditional };
            return Some(Expr { kind, span: self.span_from(start) });
        };
        let target = Box::new(std::mem::replace(target, self.missing()));
        let name = Box::new(name);
        let arguments = match self.peek() {
            Some('(') => Some(self.arguments()),
            // `.ForEach{ … }`: a block as the only argument.
            Some('{') if !self.place.in_argument && self.place.body_at != Some(self.at) => {
                Some(vec![self.script_block()])
            }
            _ => None,
        };
        let kind = match arguments {
            Some(arguments) => ExprKind::Method { target, name, arguments, is_static, null_conditional },
            None => ExprKind::Member { target, name, is_static, null_conditional },
        };
        Some(Expr { kind, span: self.span_from(start) })
    }

    /// A line that begins with `.Name` goes on with the expression before it.
    fn at_fluent_member(&self) -> bool {
        let rest = self.rest();
        let Some(blank) = rest.find(|c| !is_blank(c)) else { return false };
        if !rest[blank..].starts_with(is_newline) {
            return false;
        }
        let next = rest[blank..].trim_start();
        next.starts_with('.') && next[1..].starts_with(is_name_start)
    }

    fn member_name(&mut self) -> Option<Expr> {
        let start = self.at;
        let c = self.peek()?;
        if c == '$' || c == '(' || is_double_quote(c) || is_single_quote(c) {
            return match c {
                '$' if !self.starts("$(") => {
                    let variable = self.variable_or_escaped()?;
                    Some(Expr { span: variable.span, kind: ExprKind::Variable(variable) })
                }
                '$' => Some(self.sub_expression()),
                '(' => Some(self.paren()),
                _ => Some(self.quoted()),
            };
        }
        let rest = self.rest();
        let len = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        if len == 0 {
            return None;
        }
        self.at += len;
        Some(Expr { kind: ExprKind::Bareword(rest[..len].to_string()), span: self.span_from(start) })
    }

    fn index(&mut self, target: &mut Expr, null_conditional: bool) -> Expr {
        let open = self.at;
        self.at += 1;
        let index = self.bracketed(open, ']', "MissingEndSquareBracket", |p| match p.expression() {
            Some(index) => index,
            None => {
                let span = Span::new(open, p.at);
                p.error("MissingArrayIndexExpression", span, "an index is missing between the brackets")
                    .hint("write a number, a key or a range");
                p.missing()
            }
        });
        let span = self.span_from(target.span.start as usize);
        let target = Box::new(std::mem::replace(target, self.missing()));
        let index = Box::new(index.unwrap_or_else(|| self.missing()));
        Expr { kind: ExprKind::Index { target, index, null_conditional }, span }
    }

    /// `(a, b)` behind a method's or function's name.
    pub fn arguments(&mut self) -> Vec<Expr> {
        let open = self.at;
        self.at += 1;
        self.bracketed(open, ')', "MissingEndParenthesisInMethodCall", |p| {
            let mut arguments = Vec::new();
            loop {
                p.skip_lines();
                if p.peek() == Some(')') || p.at_end() {
                    break;
                }
                match p.argument_expression() {
                    Some(argument) => arguments.push(argument),
                    None => {
                        let at = Span::new(p.at, p.at);
                        p.error("MissingExpressionAfterToken", at, "an argument is missing here")
                            .hint("write a value, or take the comma away");
                    }
                }
                p.skip_lines();
                if !p.eat(',') {
                    break;
                }
            }
            arguments
        })
        .unwrap_or_default()
    }

    /// Reads what stands in a bracket whose opening character, at `open`, is read already, and its end.
    pub fn bracketed<T>(
        &mut self,
        open: usize,
        close: char,
        id: &'static str,
        inner: impl FnOnce(&mut Self) -> T,
    ) -> Option<T> {
        self.nest(|p| {
            p.within(Place::bracket(), |p| {
                p.skip_lines();
                let result = inner(p);
                p.skip_lines();
                p.close(open, close, id);
                result
            })
        })
    }

    /// Reads a closing bracket, or reports that it is missing and skips to it where it can be found.
    pub fn close(&mut self, open: usize, close: char, id: &'static str) {
        if self.eat(close) {
            return;
        }
        if self.gave_up() {
            return;
        }
        let stray = self.at;
        if !self.at_end() && self.skip_to_close(close) {
            let span = self.token_at(stray);
            let text = span.of(self.text).to_string();
            self.unexpected(span, &text);
            return;
        }
        self.at = stray;
        self.error(id, Span::new(open, open + 1), format!("the bracket that opens here is not closed by {close}"))
            .hint(format!("add {close} where it ends"));
    }

    /// Looks for the closing bracket near by on this line, over balanced brackets and quotes; `true` if it was read.
    fn skip_to_close(&mut self, close: char) -> bool {
        let mut depth = 0usize;
        let mut quote = None;
        let limit = self.at + 200;
        while let Some(c) = self.peek() {
            if is_newline(c) || self.at > limit {
                return false;
            }
            self.bump();
            match quote {
                Some(q) => {
                    if c == q {
                        quote = None;
                    }
                }
                None => match c {
                    '"' | '\'' => quote = Some(c),
                    _ if c == close && depth == 0 => return true,
                    '(' | '[' | '{' => depth += 1,
                    ')' | ']' | '}' => {
                        let Some(less) = depth.checked_sub(1) else { return false };
                        depth = less;
                    }
                    _ => {}
                },
            }
        }
        false
    }

    /// The span of the token that stands at a place, for messages.
    pub fn token_at(&self, at: usize) -> Span {
        let rest = self.rest_at(at);
        let Some(first) = rest.chars().next() else { return Span::new(at, at) };
        let len = if is_double_quote(first) || is_single_quote(first) {
            let inner = &rest[first.len_utf8()..];
            inner
                .find(|c| if is_double_quote(first) { is_double_quote(c) } else { is_single_quote(c) })
                .map_or(rest.len(), |end| {
                    first.len_utf8() + end + inner[end..].chars().next().map_or(0, char::len_utf8)
                })
        } else if is_name(first) || first == '$' || is_dash(first) || first == '\\' {
            let symbol = rest[first.len_utf8()..].chars().next().filter(|c| first == '\\' && c.is_ascii_punctuation());
            let tail = first.len_utf8() + symbol.map_or(0, char::len_utf8);
            tail + rest[tail..].find(|c| !is_name(c)).unwrap_or(rest.len() - tail)
        } else {
            ["==", "!=", "<=", ">=", "&&", "||", "=>", ">>"]
                .iter()
                .find(|two| rest.starts_with(**two))
                .map_or(first.len_utf8(), |two| two.len())
        };
        Span::new(at, at + len)
    }

    /// Reports a token that should not stand where it does.
    ///
    /// One such report a line is enough: what follows it is seldom the user's mistake.
    pub fn unexpected(&mut self, span: Span, text: &str) {
        if self.diagnostics.last().is_some_and(|last| last.span.start == span.start) {
            return;
        }
        if let Some(last) = self.diagnostics.last()
            && last.id == "UnexpectedToken"
            && last.fix.is_none()
            && last.span.end <= span.start
            && !Span::new(last.span.end as usize, span.start as usize).of(self.text).contains('\n')
        {
            return;
        }
        if text.starts_with('\\') {
            let slash = span.start as usize;
            self.error("UnexpectedToken", span, format!("the backslash in {text} comes from the page that printed it"))
                .hint("take the backslash away")
                .fix(Span::new(slash, slash + 1), "");
            return;
        }
        let hint = match text {
            ")" | "]" | "}" => "take it away, or open its bracket before".to_string(),
            _ => "begin a new statement on a line of its own or behind ;, or join it with an operator".to_string(),
        };
        self.error("UnexpectedToken", span, format!("{text} is not expected here")).hint(hint);
    }
}
