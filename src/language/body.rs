//! Sequences of statements: a whole text, a block, what stands in `$( )` and `@( )`.

use super::characters::{is_blank, is_newline};
use super::parser::{Parser, Place};
use super::tree::{Body, Chain, Command, Piece, Pipeline, Script, Stage, Statement, StatementKind};
use crate::error::Span;

/// Whether nothing can go on behind a statement: its last word is a block.
fn ends_in_block(statement: &Statement) -> bool {
    matches!(
        statement.kind,
        StatementKind::If { .. }
            | StatementKind::ForEach { .. }
            | StatementKind::For { .. }
            | StatementKind::While { .. }
            | StatementKind::Switch { .. }
            | StatementKind::Try { .. }
            | StatementKind::Function(_)
    )
}

impl Parser<'_> {
    /// A whole text.
    pub fn script(&mut self) -> Script {
        let help = self.leading_help();
        let params = self.param_block();
        let body = self.script_blocks().unwrap_or_else(|| self.statements(None));
        Script { params, help, body }
    }

    /// `begin { } process { } end { }` of a script, to which no pipeline leads: each runs once, on the script's
    /// variables, as `. { }` does. `None`, and nothing read but blanks, if none of them begins here.
    fn script_blocks(&mut self) -> Option<Body> {
        const ORDER: [&str; 3] = ["begin", "process", "end"];
        let start = self.at;
        let mut pieces = Vec::new();
        let mut next = 0;
        loop {
            self.skip_lines();
            while self.eat(';') {
                self.skip_lines();
            }
            let before = self.at;
            let word = self.keyword_here().unwrap_or_default();
            let place = ORDER.iter().position(|name| *name == word);
            self.at += word.len();
            self.skip_lines();
            let Some(place) = place.filter(|_| self.peek() == Some('{')) else {
                self.at = before;
                break;
            };
            let keyword = Span::new(before, before + word.len());
            if place < next {
                self.error("UnexpectedToken", keyword, format!("{word} stands behind another block"))
                    .hint("write one begin, one process and one end block, in this order");
            }
            next = place + 1;
            let block = self.script_block();
            let span = self.span_from(before);
            let command = Command { shares: true, span, ..Command::of(block) };
            let pipeline = Pipeline { stages: vec![Stage::Command(command)], span };
            let kind = StatementKind::Chain(Chain { first: pipeline, rest: Vec::new() });
            pieces.push(Piece::Statement(Statement { kind, span }));
        }
        if pieces.is_empty() {
            return None;
        }
        if !self.at_end() {
            let span = self.token_at(self.at);
            self.error("UnexpectedToken", span, "statements cannot stand beside begin, process and end blocks")
                .hint("move them into one of the blocks");
            pieces.append(&mut self.statements(None).pieces);
        }
        Some(Body { pieces, span: self.span_from(start) })
    }

    /// `{ … }`; reports a missing brace with the id that PowerShell has for the statement.
    pub fn block(&mut self, missing: &'static str, of: &str) -> Body {
        self.skip_lines();
        let open = self.at;
        if !self.eat('{') {
            let at = self.token_at(open);
            self.error(missing, at, format!("{of} needs a block in braces here")).hint("write { … }");
            return Body { pieces: Vec::new(), span: Span::new(open, open) };
        }
        self.statements_until(open, '}', "MissingEndCurlyBrace")
    }

    /// Statements up to a closing bracket, whose opening one, at `open`, is read already.
    pub fn statements_until(&mut self, open: usize, close: char, id: &'static str) -> Body {
        let start = self.at;
        let mark = self.scope.enter();
        let body = self.nest(|p| {
            p.within(Place::default(), |p| {
                let body = p.statements(Some(close));
                p.close(open, close, id);
                body
            })
        });
        self.scope.leave(mark);
        body.unwrap_or(Body { pieces: Vec::new(), span: Span::new(start, start) })
    }

    /// Statements up to a closing bracket or the end of the text; the bracket is not read.
    pub fn statements(&mut self, close: Option<char>) -> Body {
        let start = self.at;
        let mut pieces = Vec::new();
        loop {
            self.skip_lines();
            if self.eat(';') || self.skip_prompt() {
                continue;
            }
            let Some(c) = self.peek() else { break };
            if Some(c) == close {
                break;
            }
            let before = self.at;
            match self.statement() {
                Some(statement) => {
                    let ends = ends_in_block(&statement);
                    pieces.push(Piece::Statement(statement));
                    self.end_of_statement(close, ends);
                }
                None => {
                    if close.is_some() && matches!(c, ')' | '}' | ']') {
                        break;
                    }
                    if self.at == before || !self.at_end() {
                        self.stray();
                    }
                }
            }
        }
        Body { pieces, span: self.span_from(start) }
    }

    /// A statement ends at a newline, `;` or its closing bracket; one that ends in a block of its own ends there, too.
    /// Anything else is reported and skipped.
    fn end_of_statement(&mut self, close: Option<char>, ends: bool) {
        while self.peek().is_some_and(is_blank) {
            self.bump();
        }
        self.skip_space();
        let block = self.text[..self.at].trim_end().ends_with('}');
        match self.peek() {
            None => {}
            Some(c) if is_newline(c) || c == ';' || Some(c) == close => {}
            Some(')' | '}' | ']') if close.is_some() => {}
            Some(c) if ends && !matches!(c, '|' | '=' | ',' | '>' | '}' | ')' | ']') => {}
            // A block may be followed by another statement on its line.
            Some(c) if block && (c.is_alphabetic() || matches!(c, '$' | '[' | '(')) => {}
            Some(_) => self.stray(),
        }
    }

    /// Reports the token that stands here, and skips it.
    pub fn stray(&mut self) {
        let span = self.token_at(self.at);
        let text = span.of(self.text).to_string();
        if text == "&" {
            self.unsupported(span, "a background job (&)", "run the commands one after the other, or in two sessions");
        } else {
            self.unexpected(span, &text);
        }
        self.at = (span.end as usize).max(self.at);
        if span.start == span.end {
            self.bump();
        }
    }

    /// `PS C:\>` at the start of a line, pasted with the command.
    pub fn skip_prompt(&mut self) -> bool {
        let rest = self.rest();
        if !rest.starts_with("PS") || !self.text[..self.at].ends_with(|c| is_newline(c) || is_blank(c)) && self.at > 0 {
            return false;
        }
        let line = &rest[..rest.find(is_newline).unwrap_or(rest.len())];
        let Some(end) = line.find('>') else { return false };
        let inside = &line[2..end];
        let path =
            inside.is_empty() || (inside.starts_with(' ') && inside.len() < 300 && !inside.contains(['|', '"', '$']));
        let behind = line[end + 1..].chars().next().is_none_or(|c| is_blank(c) || c.is_alphabetic() || c == '$');
        if path && behind {
            self.at += end + 1;
        }
        path && behind
    }
}
