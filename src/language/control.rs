//! Control flow of command mode: conditions, loops, switch, try, and the statements that leave them.

use super::characters::{is_dash, is_newline};
use super::parser::{Parser, Place};
use super::tree::{
    Body, Catch, Chain, Command, Element, Expr, ExprKind, Pipeline, Stage, Statement, StatementKind, TypeName, Variable,
};
use crate::error::Span;

impl Parser<'_> {
    /// A statement that begins with a keyword; `None`, and nothing read, if none stands here.
    pub fn keyword_statement(&mut self, label: Option<String>) -> Option<StatementKind> {
        let start = self.at;
        let word = self.keyword_here()?;
        if self.place.stop_at_comma {
            return None;
        }
        self.at += word.len();
        let kind = match word.as_str() {
            "if" => self.if_statement(),
            "foreach" => self.foreach_statement(label),
            "for" => self.for_statement(label),
            "while" => {
                let condition = Box::new(self.condition("MissingOpenParenthesisAfterKeyword", "while"));
                StatementKind::While { label, condition, body: self.block("MissingLoopStatement", "while") }
            }
            "do" => self.do_statement(label),
            "switch" => self.switch_statement(label),
            "break" => StatementKind::Break(self.jump_label()),
            "continue" => StatementKind::Continue(self.jump_label()),
            "return" => StatementKind::Return(self.optional_value()),
            "throw" => StatementKind::Throw(self.optional_value()),
            "exit" => StatementKind::Exit(self.optional_value()),
            "try" => self.try_statement(start),
            "function" => self.function_statement(start)?,
            "param" => self.misplaced_param(start)?,
            _ => {
                self.at = start;
                return self.unsupported_keyword(&word).or_else(|| self.rhai_statement(&word));
            }
        };
        Some(kind)
    }

    fn optional_value(&mut self) -> Option<Box<Statement>> {
        self.statement().map(Box::new)
    }

    fn jump_label(&mut self) -> Option<String> {
        self.skip_space();
        let label = self.name_here().to_string();
        self.at += label.len();
        (!label.is_empty()).then_some(label)
    }

    fn bad(&self) -> Statement {
        Statement { kind: StatementKind::Bad, span: Span::new(self.at, self.at) }
    }

    /// `( condition )`.
    fn condition(&mut self, missing: &'static str, of: &str) -> Statement {
        self.skip_lines();
        let open = self.at;
        if !self.eat('(') {
            let at = self.token_at(open);
            self.error(missing, at, format!("{of} needs its condition in brackets"))
                .hint(format!("write {of} ( … ) {{ … }}"));
            // Read what was probably meant, up to the block.
            let place = Place { body_at: self.find_body(), ..Place::default() };
            return self.within(place, |p| p.statement()).unwrap_or_else(|| self.bad());
        }
        let inner = self.bracketed(open, ')', "MissingEndParenthesisAfterStatement", |p| match p.statement() {
            Some(statement) => statement,
            None => {
                let at = Span::new(open, p.at);
                p.error("ExpectedExpression", at, "the condition between the brackets is missing")
                    .hint("write an expression");
                p.bad()
            }
        });
        let condition = inner.unwrap_or_else(|| self.bad());
        if of != "switch" {
            self.warn_of_condition(&condition);
        }
        condition
    }

    /// The first `{` on this line: the block that follows a condition without brackets.
    fn find_body(&self) -> Option<usize> {
        let found = self.rest().find(|c| c == '{' || is_newline(c)).map(|at| self.at + at)?;
        self.text[found..].starts_with('{').then_some(found)
    }

    fn if_statement(&mut self) -> StatementKind {
        let condition = self.condition("MissingOpenParenthesisInIfStatement", "if");
        let mut arms = vec![(condition, self.block("MissingStatementBlock", "if"))];
        let mut otherwise = None;
        loop {
            if self.eat_keyword_over_lines("elseif") {
                let condition = self.condition("MissingOpenParenthesisInIfStatement", "elseif");
                arms.push((condition, self.block("MissingStatementBlock", "elseif")));
            } else if self.eat_keyword_over_lines("else") {
                // Rhai's spelling of elseif.
                self.skip_lines();
                if self.keyword_here().as_deref() == Some("if") {
                    self.at += 2;
                    let condition = self.condition("MissingOpenParenthesisInIfStatement", "else if");
                    arms.push((condition, self.block("MissingStatementBlock", "else if")));
                    continue;
                }
                otherwise = Some(self.block("MissingStatementBlockAfterElse", "else"));
                break;
            } else {
                break;
            }
        }
        StatementKind::If { arms, otherwise }
    }

    fn foreach_statement(&mut self, label: Option<String>) -> StatementKind {
        self.skip_lines();
        let open = self.at;
        let missing = Variable { scope: None, name: String::new(), span: Span::new(open, open) };
        if !self.eat('(') {
            let at = self.token_at(open);
            self.error("MissingOpenParenthesisAfterKeyword", at, "foreach needs brackets")
                .hint("write foreach ($x in …) { … }");
            let body = self.block("MissingForeachStatement", "foreach");
            return StatementKind::ForEach { label, variable: missing, subject: Box::new(self.bad()), body };
        }
        let mark = self.scope.enter();
        let header = self.bracketed(open, ')', "MissingEndParenthesisAfterForeach", |p| {
            let Some(variable) = p.variable() else {
                let at = p.token_at(p.at);
                p.error("MissingVariableNameAfterForeach", at, "foreach needs a variable")
                    .hint("write foreach ($x in …) { … }");
                return (None, p.bad());
            };
            p.scope.declare_dollar(&variable.name);
            if !p.eat_keyword_over_lines("in") {
                p.skip_lines();
                let at = p.token_at(p.at);
                p.error("MissingInInForeach", at, "foreach needs in behind its variable")
                    .hint("write foreach ($x in …) { … }");
            }
            p.skip_lines();
            let subject = p.statement().unwrap_or_else(|| {
                let at = p.token_at(p.at);
                p.error("MissingForeachExpression", at, "what foreach goes through is missing")
                    .hint("write foreach ($x in …) { … }");
                p.bad()
            });
            (Some(variable), subject)
        });
        let (variable, subject) = header.unwrap_or_else(|| (None, self.bad()));
        let body = self.block("MissingForeachStatement", "foreach");
        self.scope.leave(mark);
        StatementKind::ForEach { label, variable: variable.unwrap_or(missing), subject: Box::new(subject), body }
    }

    fn for_statement(&mut self, label: Option<String>) -> StatementKind {
        self.skip_lines();
        let open = self.at;
        let (mut init, mut condition, mut step) = (None, None, None);
        if self.eat('(') {
            let parts = self.bracketed(open, ')', "MissingEndParenthesisAfterStatement", |p| {
                let mut part = |last: bool| {
                    p.skip_lines();
                    let statement = p.optional_value();
                    p.skip_lines();
                    if !last {
                        p.eat(';');
                    }
                    statement
                };
                (part(false), part(false), part(true))
            });
            if let Some(parts) = parts {
                (init, condition, step) = parts;
            }
        } else {
            let at = self.token_at(open);
            self.error("MissingOpenParenthesisAfterKeyword", at, "for needs brackets")
                .hint("write for ($i = 0; $i -lt 3; $i++) { … }, or foreach ($x in …) { … }");
        }
        StatementKind::For { label, init, condition, step, body: self.block("MissingLoopStatement", "for") }
    }

    fn do_statement(&mut self, label: Option<String>) -> StatementKind {
        let body = self.block("MissingLoopStatement", "do");
        let until = self.eat_keyword_over_lines("until");
        if !until && !self.eat_keyword_over_lines("while") {
            self.skip_space();
            let at = self.token_at(self.at);
            self.error("MissingWhileOrUntilInDoWhile", at, "do needs while or until behind its block")
                .hint("write do { … } while (…)");
            return StatementKind::Do { label, body, condition: Box::new(self.bad()), until };
        }
        let of = if until { "until" } else { "while" };
        let condition = Box::new(self.condition("MissingOpenParenthesisAfterKeyword", of));
        StatementKind::Do { label, body, condition, until }
    }

    fn switch_statement(&mut self, label: Option<String>) -> StatementKind {
        let mut flags = Vec::new();
        let mut file = None;
        loop {
            self.skip_lines();
            if !self.peek().is_some_and(is_dash) {
                break;
            }
            let start = self.at;
            self.bump();
            let name = self.name_here().to_string();
            self.at += name.len();
            let known = ["Wildcard", "Regex", "CaseSensitive", "Exact", "File"]
                .into_iter()
                .find(|flag| !name.is_empty() && flag.to_lowercase().starts_with(&name.to_lowercase()));
            let span = self.span_from(start);
            match known {
                Some("File") => file = Some(self.lines_of_file(span)),
                Some(flag) => flags.push(flag.to_string()),
                None => {
                    self.error("InvalidSwitchFlag", span, format!("switch has no flag -{name}"))
                        .hint("it has -Wildcard, -Regex, -Exact, -CaseSensitive and -File");
                    // What was meant for the flag is no condition.
                    self.skip_space();
                    if !matches!(self.peek(), Some('(' | '{')) && !self.peek().is_some_and(is_dash) {
                        self.argument();
                    }
                }
            }
        }
        let subject = file.unwrap_or_else(|| self.condition("MissingOpenParenthesisAfterKeyword", "switch"));
        let subject = Box::new(subject);
        let (mut cases, mut default) = (Vec::new(), None);
        self.skip_lines();
        let open = self.at;
        if !self.eat('{') {
            let at = self.token_at(open);
            self.error("MissingCurlyBraceInSwitchStatement", at, "switch needs its cases in braces")
                .hint("write switch (…) { pattern { … } default { … } }");
            return StatementKind::Switch { label, flags, subject, cases, default };
        }
        self.nest(|p| {
            p.within(Place::default(), |p| {
                p.cases(&mut cases, &mut default);
                p.close(open, '}', "MissingEndCurlyBrace");
            })
        });
        StatementKind::Switch { label, flags, subject, cases, default }
    }

    /// The file behind `-File`: what reads it line by line, and stops where there is none.
    fn lines_of_file(&mut self, flag: Span) -> Statement {
        self.skip_lines();
        let before = self.at;
        let path = match self.argument() {
            Some(path) if self.at > before => path,
            _ => {
                self.error("MissingFilenameOption", flag, "-File needs the path of a file behind it")
                    .hint("write switch -File path { … }");
                return self.bad();
            }
        };
        let word = |text: &str| Expr { kind: ExprKind::Bareword(text.into()), span: flag };
        let parameter = |name: &str| Element::Parameter { name: name.into(), argument: None, span: flag };
        let span = flag.to(path.span);
        let command = Command {
            elements: vec![Element::Argument(path), parameter("ErrorAction"), Element::Argument(word("Stop"))],
            call: false,
            constant_name: Some("Get-Content".into()),
            span,
            ..Command::of(word("Get-Content"))
        };
        let stages = vec![Stage::Command(command)];
        let chain = Chain { first: Pipeline { stages, span }, rest: Vec::new() };
        Statement { kind: StatementKind::Chain(chain), span }
    }

    fn cases(&mut self, cases: &mut Vec<(Expr, Body)>, default: &mut Option<Body>) {
        loop {
            self.skip_lines();
            if self.eat(';') {
                continue;
            }
            if self.at_end() || self.peek() == Some('}') {
                return;
            }
            if self.keyword_here().as_deref() == Some("default") {
                self.at += "default".len();
                let block = self.block("MissingSwitchStatementClause", "default");
                if default.replace(block).is_some() {
                    let at = Span::new(self.at, self.at);
                    self.error("MultipleSwitchDefaultClauses", at, "switch has two default blocks")
                        .hint("keep one of them");
                }
                continue;
            }
            let before = self.at;
            match self.argument() {
                Some(pattern) if self.at > before => {
                    let block = self.block("MissingSwitchStatementClause", "a case of switch");
                    cases.push((pattern, block));
                }
                _ => {
                    let at = self.token_at(self.at);
                    self.error(
                        "MissingSwitchConditionExpression",
                        at,
                        "a case of switch begins with a value or a block",
                    )
                    .hint("write pattern { … }");
                    return;
                }
            }
        }
    }

    fn try_statement(&mut self, start: usize) -> StatementKind {
        let body = self.block("MissingTryStatementBlock", "try");
        let mut catches = Vec::new();
        let mut finally = None;
        while self.eat_keyword_over_lines("catch") {
            catches.push(self.catch());
        }
        if self.eat_keyword_over_lines("finally") {
            finally = Some(self.block("MissingFinallyStatementBlock", "finally"));
        }
        if catches.is_empty() && finally.is_none() && !self.gave_up() {
            let span = self.span_from(start);
            self.error("MissingCatchOrFinally", span, "try needs a catch or finally block")
                .hint("write try { … } catch { … }");
        }
        StatementKind::Try { body, catches, finally }
    }

    fn catch(&mut self) -> Catch {
        let (types, variable) = self.catch_header();
        let mark = self.scope.enter();
        if let Some((name, _)) = &variable {
            self.scope.declare(name);
        }
        let body = self.block("MissingCatchHandlerBlock", "catch");
        self.scope.leave(mark);
        Catch { types, variable, body }
    }

    /// What stands between `catch` and its block: types, or Rhai's `(e)`.
    pub fn catch_header(&mut self) -> (Vec<TypeName>, Option<(String, Span)>) {
        let mut types = Vec::new();
        let mut variable = None;
        self.skip_lines();
        if self.peek() == Some('(') {
            let open = self.at;
            self.bump();
            variable = self.bracketed(open, ')', "MissingEndParenthesisInExpression", |p| {
                let start = p.at;
                p.eat('$');
                let name = p.name_here().to_string();
                p.at += name.len();
                (name, p.span_from(start))
            });
        }
        while let Some(found) = self.type_literal() {
            types.push(found);
            self.skip_lines();
            if !self.eat(',') {
                break;
            }
            self.skip_lines();
        }
        (types, variable)
    }
}
