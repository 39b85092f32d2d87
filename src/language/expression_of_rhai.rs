//! Expressions of Rhai: read over, bracket by bracket, in search of what is command mode.

use super::brackets;
use super::characters::{is_dash, is_name, is_name_start};
use super::parser::{Parser, Place};
use super::rhai::Compound;
use super::tree::{Island, IslandKind, Statement, StatementKind};
use crate::error::Span;

/// Where an expression stands, and so what ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// A statement, or the right side of its assignment.
    Statement,
    /// An argument of a call.
    Argument,
    /// An element of an array or map, an arm of a switch, a closure's body: a comma ends it.
    Element,
    /// Alone in `( )`.
    Bracket,
    /// An index in `[ ]`.
    Index,
    /// Before a block.
    Header,
    /// Before `=>`; nothing in it is a mark.
    Pattern,
}

/// What an expression turned out to be.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shape {
    /// Command mode: its last island is the whole.
    pub marked: bool,
    /// A string and nothing else.
    pub is_string: bool,
    /// An assignment.
    pub assigns: bool,
}

/// A mark was found: the expression is to be read again, in command mode.
struct Marked;

/// Operators that assign.
const ASSIGNS: &[&str] = &["<<=", ">>=", "**=", "??=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "="];

impl Parser<'_> {
    /// An expression, with what is command mode in it as islands.
    pub fn rhai_expression(&mut self, stop: Stop, islands: &mut Vec<Island>) -> Shape {
        self.skip_rhai_space();
        let start = self.at;
        let (held, reported) = (islands.len(), self.diagnostics.len());
        let known = self.scope.is_marked(start);
        let scanned = if known { Some(Err(Marked)) } else { self.nest(|p| p.scan(stop, islands)) };
        match scanned {
            None => Shape::default(),
            Some(Ok(shape)) => shape,
            Some(Err(Marked)) => {
                self.scope.remember_mark(start);
                islands.truncate(held);
                self.diagnostics.truncate(reported);
                self.at = start;
                self.island(stop, islands);
                Shape { marked: true, ..Shape::default() }
            }
        }
    }

    /// Reads an expression in command mode.
    fn island(&mut self, stop: Stop, islands: &mut Vec<Island>) {
        let start = self.at;
        let place = match stop {
            Stop::Statement => Place::default(),
            Stop::Argument | Stop::Bracket => Place::bracket(),
            Stop::Index => Place { stop_at_bracket: true, ..Place::bracket() },
            Stop::Element | Stop::Pattern => Place { stop_at_comma: true, stop_at_bracket: true, ..Place::bracket() },
            Stop::Header => Place { body_at: brackets::find_body(self.text, start), ..Place::default() },
        };
        let statement = self.within(place, Self::statement);
        let statement = statement.unwrap_or(Statement { kind: StatementKind::Bad, span: Span::new(start, self.at) });
        let end = (statement.span.end as usize).max(start);
        if self.at < end || (self.at == start && !self.at_end()) {
            // Nothing was read though a mark stands here: over it, so that the reading goes on.
            let token = self.token_at(start);
            let text = token.of(self.text).to_string();
            self.unexpected(token, &text);
            self.at = (token.end as usize).max(end);
        }
        let span = Span::new(start, end);
        islands.push(Island { kind: IslandKind::Value(Box::new(statement)), span });
        if stop != Stop::Statement {
            self.within(place, Self::skip_space);
            // A comment of command mode is none of Rhai's.
            let behind = Span::new(end, self.at);
            if behind.of(self.text).contains('#') {
                islands.push(Island { kind: IslandKind::Replace("\n".into()), span: behind });
            }
        }
    }

    /// Goes over an expression of Rhai up to what ends it, or to a mark.
    fn scan(&mut self, stop: Stop, islands: &mut Vec<Island>) -> Result<Shape, Marked> {
        let mut shape = Shape::default();
        let lists = self.peek().is_some_and(|c| matches!(c, '"' | '[' | '(') || c.is_ascii_digit());
        // Whether an operand is expected; how many were read.
        let (mut operand, mut count) = (true, 0usize);
        loop {
            let line = self.at;
            self.skip_rhai_space();
            let new_line = self.text.get(line..self.at).unwrap_or("").contains('\n');
            let ends = match self.peek() {
                None => {
                    self.trailing |= operand && count > 0;
                    true
                }
                Some(';' | ')' | ']' | '}') => true,
                Some(',') => stop != Stop::Statement && stop != Stop::Bracket,
                Some('=') => stop == Stop::Pattern && self.starts("=>"),
                Some('{') => !operand,
                Some(_) => !operand && new_line && stop == Stop::Statement && self.line_begins_command(),
            };
            let Some(c) = self.peek().filter(|_| !ends) else {
                // A comment behind the expression is none of it.
                self.at = line;
                break;
            };
            if c == ',' && !operand && lists {
                // Rhai has no lists without brackets.
                return Err(Marked);
            }
            if stop != Stop::Pattern && self.at_mark(operand, count == 0, stop) {
                return Err(Marked);
            }
            if operand {
                let before = self.at;
                let is_string = self.operand(c, stop, islands)?;
                count += 1;
                shape.is_string = is_string && count == 1;
                operand = self.at == before;
                if operand {
                    // A prefix operator or what Rhai itself will complain about.
                    self.bump();
                    (count, shape.is_string) = (count.saturating_sub(1).max(1), false);
                }
                if self.text[before..self.at].starts_with('|') && !operand {
                    // A closure's body goes as far as it can.
                    break;
                }
                continue;
            }
            shape.is_string = false;
            operand = self.operator(c, stop, islands, &mut shape)?;
            if shape.assigns {
                break;
            }
        }
        Ok(shape)
    }

    fn at_mark(&self, operand: bool, first: bool, stop: Stop) -> bool {
        if !operand {
            // A backslash is nothing in Rhai: a page printed it, which command mode says.
            return self.at_operator_mark() || self.at_stage_mark() || self.peek() == Some('\\');
        }
        if self.at_value_mark() {
            return true;
        }
        let Some(c) = self.peek() else { return false };
        if is_dash(c) {
            let word = super::word::operator_word(self.rest());
            return word.is_some_and(|word| super::operators::is_unary_word(&word)) && self.at_operator_mark();
        }
        let is_command = self.at_command_name(false) || (stop == Stop::Bracket && self.at_alias_alone());
        first && is_name_start(c) && is_command && stop != Stop::Pattern
    }

    /// One operand; says whether it is a string.
    fn operand(&mut self, c: char, stop: Stop, islands: &mut Vec<Island>) -> Result<bool, Marked> {
        match c {
            '"' => {
                if !self.rhai_string() {
                    return if stop == Stop::Pattern { self.over_line() } else { Err(Marked) };
                }
                return Ok(true);
            }
            '`' => {
                self.rhai_template(islands);
                return Ok(true);
            }
            '\'' => self.rhai_character(),
            '#' if self.starts("#{") => self.rhai_map(islands),
            '#' => {
                return Ok(self.rhai_raw_string());
            }
            '(' => self.rhai_bracket(')', "MissingEndParenthesisInExpression", &[Stop::Bracket], islands),
            '[' => self.rhai_bracket(']', "MissingEndSquareBracket", &[Stop::Element], islands),
            '{' => self.rhai_block_island(Vec::new(), false, true, islands),
            '|' if stop != Stop::Pattern => self.closure(stop, islands),
            _ if c.is_ascii_digit() => self.rhai_number(),
            _ if is_name_start(c) => {
                let word = self.rhai_word();
                match word {
                    "if" | "while" | "for" | "loop" | "do" | "switch" | "try" => {
                        match self.rhai_compound(word, true, islands) {
                            Some(Compound::Rhai) => {}
                            _ => return Err(Marked),
                        }
                    }
                    _ => self.at += self.name_here().len(),
                }
            }
            _ => {}
        }
        Ok(false)
    }

    fn over_line(&mut self) -> Result<bool, Marked> {
        self.skip_line_comment();
        Ok(true)
    }

    /// What stands behind an operand; says whether an operand is expected next.
    fn operator(&mut self, c: char, stop: Stop, islands: &mut Vec<Island>, shape: &mut Shape) -> Result<bool, Marked> {
        if is_name_start(c) {
            // `in`, `as`, `is`, or a second operand, of which Rhai itself will complain.
            let name = self.name_here();
            self.at += name.len();
            return Ok(matches!(name, "in" | "as" | "is" | "if"));
        }
        if (stop == Stop::Statement || stop == Stop::Element || stop == Stop::Bracket)
            && !self.starts("==")
            && !self.starts("=>")
            && let Some(operator) = ASSIGNS.iter().find(|o| self.starts(o))
        {
            self.at += operator.len();
            shape.assigns = true;
            self.skip_rhai_space();
            self.trailing |= self.at_end();
            self.rhai_expression(stop, islands);
            return Ok(false);
        }
        match c {
            '(' => {
                self.rhai_bracket(')', "MissingEndParenthesisInMethodCall", &[Stop::Argument], islands);
                Ok(false)
            }
            '[' => {
                self.rhai_bracket(']', "MissingEndSquareBracket", &[Stop::Index], islands);
                Ok(false)
            }
            '.' if !self.starts("..") => {
                self.at += 1;
                Ok(self.over_member())
            }
            ':' if self.starts("::") => {
                self.at += 2;
                Ok(self.over_member())
            }
            '?' if self.starts("?.") => {
                self.at += 2;
                Ok(self.over_member())
            }
            '!' if self.peek_nth(1).is_some_and(|c| c == '(') => {
                // A call with the caller's scope: `f!(x)`.
                self.at += 1;
                Ok(false)
            }
            '!' if self.starts("!in") && !self.peek_nth(3).is_some_and(is_name) => {
                self.at += "!in".len();
                Ok(true)
            }
            '?' if self.starts("?[") => {
                self.at += 1;
                Ok(false)
            }
            '"' | '\'' | '`' | '#' | '0'..='9' => {
                // Two operands in a row are for Rhai to complain of.
                self.operand(c, stop, islands)?;
                if c == '#' && !self.starts("#{") {
                    self.at += usize::from(self.peek() == Some('#'));
                }
                Ok(false)
            }
            _ => {
                let two = ["==", "!=", "<=", ">=", "&&", "||", "..", "**", "<<", ">>", "??", "=>"];
                let len = two.iter().find(|o| self.starts(o)).map_or(c.len_utf8(), |o| o.len());
                self.at += len;
                if self.text[..self.at].ends_with("..") {
                    self.eat('=');
                }
                Ok(true)
            }
        }
    }

    /// The name behind a point: no alias, no keyword.
    fn over_member(&mut self) -> bool {
        self.skip_rhai_space();
        let rest = self.rest();
        self.at += rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        false
    }

    /// What stands between brackets, comma by comma. The next character is the opening one.
    fn rhai_bracket(&mut self, close: char, id: &'static str, stops: &[Stop], islands: &mut Vec<Island>) {
        let open = self.at;
        self.at += 1;
        let stop = stops.first().copied().unwrap_or(Stop::Bracket);
        self.nest(|p| {
            p.within(Place::bracket(), |p| {
                loop {
                    p.skip_rhai_space();
                    if p.at_end() || p.peek() == Some(close) {
                        break;
                    }
                    let before = p.at;
                    p.rhai_expression(stop, islands);
                    p.skip_rhai_space();
                    if !p.eat(',') && p.at == before {
                        break;
                    }
                }
                p.close(open, close, id);
            })
        });
    }

    /// `[a, b]`.
    pub fn rhai_brackets(&mut self, islands: &mut Vec<Island>) {
        self.rhai_bracket(']', "MissingEndSquareBracket", &[Stop::Element], islands);
    }

    /// `#{ name: value, … }`.
    fn rhai_map(&mut self, islands: &mut Vec<Island>) {
        let open = self.at + 1;
        self.at += 2;
        self.nest(|p| {
            p.within(Place::bracket(), |p| {
                loop {
                    p.skip_rhai_space();
                    if p.at_end() || p.peek() == Some('}') {
                        break;
                    }
                    let before = p.at;
                    if p.peek() == Some('"') {
                        p.rhai_string();
                    } else {
                        p.at += p.name_here().len();
                    }
                    p.skip_rhai_space();
                    p.eat(':');
                    p.rhai_expression(Stop::Element, islands);
                    p.skip_rhai_space();
                    if !p.eat(',') && p.at == before {
                        break;
                    }
                }
                p.close(open, '}', "MissingEndCurlyBrace");
            })
        });
    }

    /// `|a, b| …`, `|| …`.
    fn closure(&mut self, stop: Stop, islands: &mut Vec<Island>) {
        let start = self.at;
        self.at += 1;
        let rest = self.rest();
        let Some(end) = rest.find('|').filter(|end| !rest[..*end].contains([';', '\n', '{', '"'])) else {
            self.at = start;
            return;
        };
        let names: Vec<String> =
            rest[..end].split(',').map(|n| n.trim().to_string()).filter(|n| !n.is_empty()).collect();
        self.at += end + 1;
        self.skip_rhai_space();
        if self.peek() == Some('{') {
            self.rhai_block_island(names, false, true, islands);
            return;
        }
        let mark = self.scope.enter();
        for name in &names {
            self.scope.declare(name);
        }
        let stop = if stop == Stop::Index { Stop::Bracket } else { stop };
        self.rhai_expression(stop, islands);
        self.scope.leave(mark);
    }
}
