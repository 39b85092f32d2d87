//! Rhai with islands: statements and blocks. What of it is command mode is decided in `marks`.

use super::characters::{is_blank, is_name, is_newline};
use super::expression_of_rhai::Stop;
use super::parser::{Parser, Place};
use super::tree::{Body, Expr, ExprKind, Island, IslandKind, Piece, Rhai, RhaiBlock, Script, Statement, StatementKind};
use crate::error::Span;

/// Words that begin a statement of Rhai in every mode but `.ps1`.
const RHAI_ONLY: &[&str] = &["let", "const", "fn", "import", "export", "private"];

impl Parser<'_> {
    /// A whole text of Rhai with islands.
    pub fn rhai_script(&mut self) -> Script {
        let help = self.leading_help();
        let params = self.param_block();
        let body = self.rhai_body(None);
        Script { params, help, body }
    }

    /// Statements up to a closing brace or the end of the text; the brace is not read.
    pub fn rhai_body(&mut self, close: Option<char>) -> Body {
        let start = self.at;
        let mut pieces = Vec::new();
        loop {
            self.skip_between_statements();
            if self.eat(';') {
                continue;
            }
            // What follows PowerShell's prompt was PowerShell.
            let prompted = self.skip_prompt();
            if prompted {
                self.skip_space();
                if self.peek().is_none_or(is_newline) {
                    continue;
                }
            }
            let Some(c) = self.peek() else { break };
            if Some(c) == close {
                break;
            }
            let before = self.at;
            pieces.extend(if prompted { self.command_piece() } else { self.rhai_piece() });
            if self.at == before && close.is_some() && matches!(c, ')' | ']' | '}') {
                break;
            }
            if self.at == before {
                // A closing bracket that nothing opened.
                let span = self.token_at(before);
                let text = span.of(self.text).to_string();
                self.unexpected(span, &text);
                self.at = (span.end as usize).max(before + c.len_utf8());
            }
        }
        Body { pieces, span: self.span_from(start) }
    }

    /// Blanks, newlines and comments between statements; `#` begins a comment there too.
    fn skip_between_statements(&mut self) {
        loop {
            self.skip_rhai_space();
            if self.starts("<#") {
                self.skip_lines();
            } else if self.peek() == Some('#') && !matches!(self.peek_nth(1), Some('{' | '"' | '#')) {
                self.skip_line_comment();
            } else {
                return;
            }
        }
    }

    /// One statement: Rhai, or command mode as a whole.
    fn rhai_piece(&mut self) -> Option<Piece> {
        let start = self.at;
        if self.begins_command_statement() {
            return self.command_piece();
        }
        let mut islands = Vec::new();
        let mut declares = Vec::new();
        let mut emits = false;
        let word = self.rhai_word();
        match word {
            "let" | "const" | "import" | "export" | "fn" | "private" => {
                self.rhai_declaration(word, &mut islands, &mut declares)
            }
            "return" | "throw" | "break" | "continue" => {
                self.at += word.len();
                self.rhai_expression(Stop::Statement, &mut islands);
            }
            "if" | "for" | "while" | "loop" | "do" | "switch" | "try" => {
                match self.rhai_compound(word, false, &mut islands) {
                    Some(Compound::Rhai) => {}
                    Some(Compound::Statement(statement)) => return Some(Piece::Statement(*statement)),
                    None => return self.command_piece(),
                }
            }
            _ if self.peek() == Some('{') => self.rhai_block_island(Vec::new(), false, false, &mut islands),
            _ => {
                let shape = self.rhai_expression(Stop::Statement, &mut islands);
                if shape.is_string && word.is_empty() && self.peek_from(start) == Some('"') {
                    let text = self.text.get(start..self.at).unwrap_or("");
                    if self.interpolates(text) {
                        self.at = start;
                        return self.command_piece();
                    }
                }
                if shape.marked
                    && let Some(Island { kind: IslandKind::Value(statement), .. }) = islands.pop()
                {
                    self.end_of_island();
                    return Some(Piece::Statement(*statement));
                }
                let valued = islands.iter().any(|i| matches!(i.kind, IslandKind::Value(_)));
                emits = shape.is_string || (valued && !shape.assigns);
            }
        }
        if self.at == start {
            return None;
        }
        let end = self.text[start..self.at].trim_end().len() + start;
        let end = islands.last().map_or(end, |island| end.max(island.span.end as usize));
        if islands.last().is_some_and(|i| matches!(i.kind, IslandKind::Value(_)) && i.span.end as usize == end) {
            self.end_of_island();
        }
        let span = Span::new(start, end);
        Some(Piece::Rhai(Rhai { span, islands, emits, declares }))
    }

    /// Behind an island that ends a statement: a newline, `;`, a closing bracket, or an error.
    fn end_of_island(&mut self) {
        self.skip_space();
        match self.peek() {
            None | Some(';' | ')' | '}' | ']') => {}
            Some(c) if is_newline(c) => {}
            Some(_) if self.text[..self.at].trim_end().ends_with('}') => {}
            Some(_) => {
                self.stray();
                self.at += self.rest().find(|c| is_newline(c) || matches!(c, ';' | '}')).unwrap_or(self.rest().len());
            }
        }
    }

    fn command_piece(&mut self) -> Option<Piece> {
        let start = self.at;
        let statement = self.within(Place::default(), Self::statement);
        match statement {
            Some(statement) => {
                self.end_of_island();
                Some(Piece::Statement(statement))
            }
            None => {
                self.at = start;
                let span = self.token_at(start);
                let text = span.of(self.text).to_string();
                self.unexpected(span, &text);
                self.at = (span.end as usize).max(start + self.peek().map_or(0, char::len_utf8));
                let kind = StatementKind::Bad;
                Some(Piece::Statement(Statement { kind, span }))
            }
        }
    }

    /// The identifier that stands here.
    pub fn rhai_word(&self) -> &'static str {
        const WORDS: &[&str] = &[
            "let", "const", "import", "export", "fn", "private", "return", "throw", "break", "continue", "if", "for",
            "while", "loop", "do", "switch", "try",
        ];
        let name = self.name_here();
        WORDS.iter().find(|word| **word == name).copied().unwrap_or("")
    }

    fn rhai_declaration(&mut self, word: &str, islands: &mut Vec<Island>, declares: &mut Vec<String>) {
        self.at += word.len();
        self.skip_rhai_space();
        if word == "private" {
            if self.name_here() != "fn" {
                return;
            }
            self.at += 2;
        }
        match word {
            "fn" | "private" => self.rhai_function(islands),
            "let" | "const" => {
                let name = self.name_here().to_string();
                self.at += name.len();
                self.skip_rhai_space();
                if self.peek() == Some('=') && !self.starts("==") {
                    self.at += 1;
                    self.skip_rhai_space();
                    self.trailing |= self.at_end();
                    self.rhai_expression(Stop::Statement, islands);
                }
                if !name.is_empty() {
                    self.scope.declare(&name);
                    declares.push(name);
                }
            }
            _ => {
                // import "module" as name; export name as other.
                let start = self.at;
                self.rhai_expression(Stop::Statement, islands);
                let text = self.text.get(start..self.at).unwrap_or("");
                if word == "import"
                    && let Some((_, name)) = text.rsplit_once(" as ")
                {
                    declares.push(name.trim().to_string());
                }
            }
        }
    }

    /// `name(a, b) { … }` behind `fn`; also with the type of `this` before the name.
    fn rhai_function(&mut self, islands: &mut Vec<Island>) {
        self.at += self.rest().find(|c| matches!(c, '(' | '{' | ';') || is_newline(c)).unwrap_or(self.rest().len());
        let mut parameters = Vec::new();
        if self.eat('(') {
            let close = self.rest().find(')').unwrap_or(self.rest().len());
            parameters =
                self.rest()[..close].split(',').map(|p| p.trim().to_string()).filter(|p| !p.is_empty()).collect();
            self.at += close;
            self.eat(')');
        }
        self.skip_rhai_space();
        if self.peek() == Some('{') {
            self.rhai_block_island(parameters, true, true, islands);
        }
    }

    /// `{ … }` of Rhai: its inside becomes an island. The next character is the brace.
    pub fn rhai_block_island(
        &mut self,
        declares: Vec<String>,
        is_function: bool,
        gives_value: bool,
        islands: &mut Vec<Island>,
    ) {
        let open = self.at;
        self.at += 1;
        if let Some(block) = self.rhai_block(open, declares, is_function, gives_value) {
            let span = block.body.span;
            islands.push(Island { kind: IslandKind::Block(Box::new(block)), span });
        }
    }

    /// Statements and the brace that ends them; the opening one, at `open`, is read already.
    pub fn rhai_block(
        &mut self,
        open: usize,
        declares: Vec<String>,
        is_function: bool,
        gives_value: bool,
    ) -> Option<RhaiBlock> {
        let mark = self.scope.enter();
        for name in &declares {
            self.scope.declare(name);
        }
        let body = self.nest(|p| {
            p.within(Place::default(), |p| {
                let body = p.rhai_body(Some('}'));
                p.close(open, '}', "MissingEndCurlyBrace");
                body
            })
        });
        self.scope.leave(mark);
        Some(RhaiBlock { body: body?, declares, is_function, gives_value })
    }

    /// Rhai's blanks, newlines and comments.
    pub fn skip_rhai_space(&mut self) {
        self.leave_if_stopped();
        while let Some(c) = self.peek() {
            if is_blank(c) || is_newline(c) {
                self.at += c.len_utf8();
            } else if self.starts("//") {
                self.skip_line_comment();
            } else if self.starts("/*") {
                self.skip_rhai_block_comment();
            } else {
                break;
            }
        }
    }

    /// `let`, `const`, `fn`, `import`, `export` in a block of command mode.
    pub fn rhai_statement(&mut self, word: &str) -> Option<StatementKind> {
        if self.mode != super::Mode::Rhai || !RHAI_ONLY.contains(&self.name_here()) || !RHAI_ONLY.contains(&word) {
            return None;
        }
        let behind = self.rest_at(self.at + word.len());
        if !behind.starts_with(is_blank) || behind.trim_start().starts_with('-') {
            return None;
        }
        match self.rhai_piece()? {
            Piece::Rhai(rhai) => Some(StatementKind::Rhai(rhai)),
            Piece::Statement(statement) => Some(statement.kind),
        }
    }

    /// Whether `|a, b|` stands here: the parameters of a closure.
    pub fn at_closure(&self) -> bool {
        if self.mode != super::Mode::Rhai {
            return false;
        }
        let Some(rest) = self.rest().strip_prefix('|') else { return false };
        let Some((parameters, _)) = rest.split_once('|') else { return false };
        parameters.len() < 1000
            && parameters.split(',').all(|p| {
                let p = p.trim();
                !p.is_empty() && p.chars().all(is_name)
            })
    }

    /// `|x| …` up to the comma or bracket that ends it.
    pub fn rhai_closure(&mut self) -> Option<Expr> {
        if !self.at_closure() {
            return None;
        }
        let start = self.at;
        let mut islands = Vec::new();
        self.rhai_expression(Stop::Element, &mut islands);
        let end = self.text[start..self.at].trim_end().len() + start;
        let end = islands.last().map_or(end, |island| end.max(island.span.end as usize));
        let span = Span::new(start, end);
        let rhai = Rhai { span, islands, ..Rhai::default() };
        Some(Expr { kind: ExprKind::Rhai(rhai), span })
    }
}

/// What a compound statement turned out to be.
pub(super) enum Compound {
    /// Rhai, read with its islands.
    Rhai,
    /// Command mode, read.
    Statement(Box<Statement>),
}
