//! Rhai's statements with blocks: if, loops, switch, try. Each may turn out to be command mode.

use super::brackets;
use super::characters::is_name;
use super::expression_of_rhai::Stop;
use super::parser::{Parser, Place};
use super::rhai::Compound;
use super::tree::{Catch, Island, IslandKind, Piece, RhaiBlock, Statement, StatementKind};
use crate::error::Span;

impl Parser<'_> {
    /// Reads a statement that begins with `word`; `None`, and nothing read, if it is one of command mode.
    pub fn rhai_compound(&mut self, word: &str, gives_value: bool, islands: &mut Vec<Island>) -> Option<Compound> {
        let start = self.at;
        let (held, reported) = (islands.len(), self.diagnostics.len());
        self.at += word.len();
        self.skip_rhai_space();
        let read = match word {
            "if" => self.rhai_if(gives_value, islands),
            "while" => {
                self.rhai_header("while", islands) && {
                    self.rhai_body_block(Vec::new(), false, islands);
                    true
                }
            }
            "for" => self.rhai_for(islands),
            "loop" => {
                self.rhai_body_block(Vec::new(), false, islands);
                true
            }
            "do" => self.rhai_do(islands),
            "switch" => self.rhai_switch(gives_value, islands),
            _ => {
                return self.rhai_try(start, gives_value, islands);
            }
        };
        if read {
            return Some(Compound::Rhai);
        }
        self.at = start;
        islands.truncate(held);
        self.diagnostics.truncate(reported);
        None
    }

    /// A condition or subject up to its block; `false` if its bracket makes the statement one of command mode.
    fn rhai_header(&mut self, _word: &str, islands: &mut Vec<Island>) -> bool {
        self.skip_rhai_space();
        if self.peek() == Some('(') && self.bracket_is_command() {
            return false;
        }
        self.rhai_expression(Stop::Header, islands);
        true
    }

    /// Whether the bracket that opens here holds a mark, and a `{` follows it.
    fn bracket_is_command(&mut self) -> bool {
        let start = self.at;
        if let Some(known) = self.scope.bracket_seen(start) {
            return known;
        }
        let reported = self.diagnostics.len();
        let mut islands = Vec::new();
        self.at += 1;
        let marked =
            self.nest(|p| p.within(Place::bracket(), |p| p.rhai_expression(Stop::Bracket, &mut islands).marked));
        let mut found = marked == Some(true);
        if found {
            self.within(Place::bracket(), Self::skip_space);
            found = self.eat(')') && {
                self.skip_lines();
                self.peek() == Some('{')
            };
        }
        if !self.gave_up() {
            self.diagnostics.truncate(reported);
            self.at = start;
        }
        self.scope.remember_bracket(start, found);
        found
    }

    /// The block behind a header.
    fn rhai_body_block(&mut self, declares: Vec<String>, gives_value: bool, islands: &mut Vec<Island>) {
        self.skip_rhai_space();
        if self.peek() == Some('{') {
            self.rhai_block_island(declares, false, gives_value, islands);
        } else if !self.gave_up() {
            let at = self.token_at(self.at);
            self.error("MissingStatementBlock", at, "a block in braces is expected here").hint("write { … }");
        }
    }

    fn eat_rhai_word(&mut self, word: &str) -> bool {
        let before = self.at;
        self.skip_rhai_space();
        if self.starts("#") || self.starts("<#") {
            self.skip_lines();
        }
        if self.name_here() == word {
            self.at += word.len();
            return true;
        }
        self.at = before;
        false
    }

    fn rhai_if(&mut self, gives_value: bool, islands: &mut Vec<Island>) -> bool {
        if !self.rhai_header("if", islands) {
            return false;
        }
        self.rhai_body_block(Vec::new(), gives_value, islands);
        while self.eat_rhai_word("else") {
            if self.eat_rhai_word("if") {
                self.skip_rhai_space();
                self.rhai_expression(Stop::Header, islands);
                self.rhai_body_block(Vec::new(), gives_value, islands);
            } else {
                self.rhai_body_block(Vec::new(), gives_value, islands);
                break;
            }
        }
        true
    }

    fn rhai_for(&mut self, islands: &mut Vec<Island>) -> bool {
        let mut names = Vec::new();
        if self.peek() == Some('(') {
            let end = brackets::skip_group(self.text, self.at);
            let inside = self.text.get(self.at + 1..end.saturating_sub(1)).unwrap_or("");
            let behind = self.rest_at(end).trim_start();
            if !behind.starts_with("in") || behind[2..].starts_with(is_name) {
                return false;
            }
            names.extend(inside.split(',').map(|n| n.trim().to_string()));
            self.at = end;
        } else {
            let name = self.name_here().to_string();
            self.at += name.len();
            names.push(name);
        }
        if self.eat_rhai_word("in") {
            self.skip_rhai_space();
            self.rhai_expression(Stop::Header, islands);
        }
        self.rhai_body_block(names, false, islands);
        true
    }

    fn rhai_do(&mut self, islands: &mut Vec<Island>) -> bool {
        self.rhai_body_block(Vec::new(), false, islands);
        if self.eat_rhai_word("while") || self.eat_rhai_word("until") {
            self.skip_rhai_space();
            if self.peek() == Some('(') {
                let start = self.at;
                let reported = self.diagnostics.len();
                self.at += 1;
                let mut inside = Vec::new();
                let marked = self.within(Place::bracket(), |p| p.rhai_expression(Stop::Bracket, &mut inside).marked);
                self.diagnostics.truncate(reported);
                self.at = start;
                if marked {
                    return false;
                }
            }
            self.rhai_expression(Stop::Statement, islands);
        }
        true
    }

    /// `-Regex (…)`: a flag of PowerShell's `switch`, not a negative number of Rhai's.
    fn at_switch_flag(&self) -> bool {
        let Some(rest) = self.rest().strip_prefix('-') else { return false };
        let length = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let word = rest[..length].to_ascii_lowercase();
        let behind = rest[length..].trim_start_matches([' ', '\t']);
        let flags = ["regex", "wildcard", "exact", "casesensitive", "file", "parallel"];
        length > 0 && flags.iter().any(|flag| flag.starts_with(&word)) && !behind.starts_with('{')
    }

    fn rhai_switch(&mut self, gives_value: bool, islands: &mut Vec<Island>) -> bool {
        if self.at_switch_flag() || !self.rhai_header("switch", islands) {
            return false;
        }
        self.skip_rhai_space();
        let open = self.at;
        if !self.eat('{') {
            let at = self.token_at(open);
            self.error("MissingCurlyBraceInSwitchStatement", at, "switch needs its cases in braces")
                .hint("write switch x { 1 => …, _ => … }");
            return true;
        }
        self.nest(|p| {
            p.within(Place::default(), |p| {
                loop {
                    p.skip_rhai_space();
                    if p.at_end() || p.peek() == Some('}') {
                        break;
                    }
                    let before = p.at;
                    p.rhai_expression(Stop::Pattern, islands);
                    p.skip_rhai_space();
                    if p.eat_str("=>") {
                        p.skip_rhai_space();
                        if p.peek() == Some('{') {
                            p.rhai_block_island(Vec::new(), false, gives_value, islands);
                        } else {
                            p.rhai_expression(Stop::Element, islands);
                        }
                    }
                    p.skip_rhai_space();
                    if !p.eat(',') && p.at == before {
                        break;
                    }
                }
                p.close(open, '}', "MissingEndCurlyBrace");
            })
        });
        true
    }

    /// `try` is Rhai's own unless commands stand in it, or its `catch` is PowerShell's.
    fn rhai_try(&mut self, start: usize, gives_value: bool, islands: &mut Vec<Island>) -> Option<Compound> {
        let open = self.at;
        if !self.eat('{') {
            let at = self.token_at(open);
            self.error("MissingTryStatementBlock", at, "try needs a block in braces")
                .hint("write try { … } catch (e) { … }");
            return Some(Compound::Rhai);
        }
        let tried = self.rhai_block(open, Vec::new(), false, gives_value)?;
        let mut catches = Vec::new();
        let mut blocks = vec![tried];
        let mut finally = None;
        while self.eat_rhai_word("catch") {
            let (types, variable) = self.catch_header();
            self.skip_rhai_space();
            let open = self.at;
            if !self.eat('{') {
                let at = self.token_at(open);
                self.error("MissingCatchHandlerBlock", at, "catch needs a block in braces").hint("write catch { … }");
                break;
            }
            let declares = variable.iter().map(|(name, _)| name.clone()).collect();
            let block = self.rhai_block(open, declares, false, gives_value)?;
            catches.push((types, variable, blocks.len()));
            blocks.push(block);
        }
        if self.eat_rhai_word("finally") {
            self.skip_rhai_space();
            let open = self.at;
            if self.eat('{') {
                finally = self.rhai_block(open, Vec::new(), false, false).map(|block| block.body);
            }
        }
        if catches.is_empty() && finally.is_none() && !self.gave_up() {
            let span = Span::new(start, self.at);
            self.error("MissingCatchOrFinally", span, "try needs a catch or finally block")
                .hint("write try { … } catch { … }");
        }
        let commands = |block: &RhaiBlock| block.body.pieces.iter().any(|piece| matches!(piece, Piece::Statement(_)));
        let ours = finally.is_some()
            || catches.len() != 1
            || catches.iter().any(|(types, ..)| !types.is_empty())
            || blocks.iter().any(commands);
        if !ours {
            for block in blocks {
                let span = block.body.span;
                islands.push(Island { kind: IslandKind::Block(Box::new(block)), span });
            }
            return Some(Compound::Rhai);
        }
        let mut bodies = blocks.into_iter().map(|block| block.body);
        let body = bodies.next().unwrap_or_default();
        let catches = catches
            .into_iter()
            .zip(bodies)
            .map(|((types, variable, _), body)| Catch { types, variable, body })
            .collect();
        let kind = StatementKind::Try { body, catches, finally };
        Some(Compound::Statement(Box::new(Statement { kind, span: self.span_from(start) })))
    }
}
