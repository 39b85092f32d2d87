//! Pipelines and commands: stages, parameters, arguments, redirections.

use super::Mode;
use super::characters::{ends_word, is_dash, is_double_quote, is_name, is_name_start, is_newline, is_single_quote};
use super::number;
use super::operators::is_unary_word;
use super::parser::Parser;
use super::tree::{
    Body, Chain, ChainOperator, Command, Element, Expr, ExprKind, Piece, Pipeline, Redirection, ScriptBlock, Stage,
    Variable,
};
use crate::error::Span;

impl Parser<'_> {
    /// Pipelines joined by `&&` and `||`; `first` is an expression that was read already.
    pub fn chain(&mut self, first: Option<Expr>) -> Option<Chain> {
        let first = self.pipeline(first)?;
        let mut rest = Vec::new();
        loop {
            let before = self.at;
            self.skip_to_continuation();
            let operator = match self.rest().get(..2) {
                Some("&&") => ChainOperator::And,
                Some("||") => ChainOperator::Or,
                _ => {
                    self.at = before;
                    return Some(Chain { first, rest });
                }
            };
            let start = self.at;
            self.at += 2;
            let span = self.span_from(start);
            self.skip_lines();
            match self.pipeline(None) {
                Some(pipeline) => rest.push((operator, pipeline)),
                None => {
                    let text = span.of(self.text);
                    self.error("MissingPipelineChainElement", span, format!("{text} needs a pipeline behind it"))
                        .hint("write the command that runs next");
                }
            }
        }
    }

    /// Over blanks; over newlines too where the next line goes on with `|`, `&&` or `||`.
    fn skip_to_continuation(&mut self) {
        self.skip_space();
        if self.peek().is_none_or(is_newline) {
            let before = self.at;
            self.skip_lines();
            if !(self.peek() == Some('|') || self.starts("&&")) || self.at_closure() {
                self.at = before;
            }
        }
    }

    fn pipeline(&mut self, first: Option<Expr>) -> Option<Pipeline> {
        self.skip_space();
        let start = first.as_ref().map_or(self.at, |e| e.span.start as usize);
        let mut stages = Vec::new();
        let mut bar = start;
        match first {
            Some(expr) => {
                let redirections = self.redirections();
                stages.push(redirected(expr, redirections));
            }
            None => match self.stage(0) {
                Some(stage) => stages.push(stage),
                None if self.peek() == Some('|') && !self.starts("||") => self.empty_stage(),
                None => return None,
            },
        }
        loop {
            let before = self.at;
            self.skip_to_continuation();
            let escaped = self.starts("\\|");
            if escaped {
                let (span, slash) = (Span::new(self.at, self.at + 2), Span::new(self.at, self.at + 1));
                self.error("UnexpectedToken", span, "the backslash in \\| comes from the page that printed it")
                    .hint("write | alone")
                    .fix(slash, "");
                self.at += 1;
            }
            if self.peek() != Some('|') || self.starts("||") {
                self.at = before;
                break;
            }
            self.at += 1;
            bar = self.at;
            self.skip_lines();
            match self.stage(stages.len()) {
                Some(stage) => stages.push(stage),
                None => self.empty_stage(),
            }
        }
        let end = stages.last().map_or(self.at, |stage| match stage {
            Stage::Command(command) => {
                command.redirections.last().map_or(command.span, |r| r.span.to(command.span)).end as usize
            }
            Stage::Expression { expr, redirections } => redirections.last().map_or(expr.span, |r| r.span).end as usize,
        });
        Some(Pipeline { stages, span: Span::new(start, end.max(bar)) })
    }

    fn empty_stage(&mut self) {
        let span = self.token_at(self.at);
        self.error("EmptyPipeElement", span, "a stage of the pipeline is empty")
            .hint("write a command between the bars");
    }

    /// A stage; `None`, and nothing read, if none begins here.
    fn stage(&mut self, place: usize) -> Option<Stage> {
        let start = self.at;
        let c = self.peek()?;
        if place > 0 && self.mode == Mode::Rhai {
            if self.at_closure() {
                let expr = self.rhai_closure()?;
                return Some(Stage::Expression { expr, redirections: Vec::new() });
            }
            let name = self.name_here();
            let is_known = |name| self.is_function(name) || self.is_variable(name);
            if !name.is_empty() && is_known(name) && !self.is_command(name) {
                let expr = self.rhai_stage();
                return Some(Stage::Expression { expr, redirections: Vec::new() });
            }
        }
        if c == '&' && !self.starts("&&") {
            return Some(Stage::Command(self.call_operator()));
        }
        if c == '.'
            && self.peek_nth(1).is_some_and(|c| {
                c.is_whitespace() || matches!(c, '$' | '(' | '{') || is_double_quote(c) || is_single_quote(c)
            })
        {
            return Some(Stage::Command(self.dot_source()));
        }
        if self.begins_expression(c) {
            let expr = self.expression()?;
            if place > 0 {
                self.error(
                    "ExpressionsMustBeFirstInPipeline",
                    expr.span,
                    "only the first stage of a pipeline may be an expression",
                )
                .hint("write ForEach-Object { … } for what each object becomes");
            }
            let redirections = self.redirections();
            return Some(if place == 0 {
                redirected(expr, redirections)
            } else {
                Stage::Expression { expr, redirections }
            });
        }
        if ends_word(c) || c == '=' && self.name_here().is_empty() && self.starts("= ") {
            return None;
        }
        let name = self.bareword();
        if self.at == start {
            return None;
        }
        if let ExprKind::Bareword(text) = &name.kind {
            self.unsupported_command(text, name.span);
        }
        Some(Stage::Command(self.command(start, false, name)))
    }

    /// Whether an expression begins here, rather than a command's name.
    pub fn begins_expression(&self, c: char) -> bool {
        match c {
            '{' => self.place.body_at != Some(self.at),
            '$' | '(' | '[' | '!' | ',' => true,
            '@' => self.starts("@(") || self.starts("@{") || self.at_here_string(),
            '+' => true,
            _ if is_dash(c) => {
                let tail = &self.rest()[c.len_utf8()..];
                let word: String = tail.chars().take_while(|c| is_name(*c)).take(16).collect();
                !word.starts_with(is_name_start) || is_unary_word(&word.to_lowercase())
            }
            _ if is_double_quote(c) || is_single_quote(c) => true,
            _ if c.is_ascii_digit() || c == '.' => number::leading(self.rest()).is_some_and(|(len, _)| {
                let behind = &self.rest()[len..];
                behind.chars().next().is_none_or(|c| !is_name(c) && !matches!(c, '\\' | ':' | '@' | '~'))
                    || self.rest()[..len].ends_with('.')
            }),
            _ => self.at_rhai_head(),
        }
    }

    /// A Rhai function as a stage: its name, or a call with more arguments.
    fn rhai_stage(&mut self) -> Expr {
        let start = self.at;
        let name = self.name_here().to_string();
        self.at += name.len();
        let arguments = if self.peek() == Some('(') { Some(self.arguments()) } else { None };
        Expr { kind: ExprKind::RhaiCall { name, arguments }, span: self.span_from(start) }
    }

    /// `& name …`, `& { … } …`, `& $block …`.
    fn call_operator(&mut self) -> Command {
        let start = self.at;
        self.at += 1;
        self.skip_space();
        let name = match self.peek() {
            Some('{') => Some(self.script_block()),
            Some(c) if matches!(c, '$' | '(') || is_double_quote(c) || is_single_quote(c) => self.argument(),
            Some(c) if !ends_word(c) => Some(self.bareword()),
            _ => None,
        };
        let name = name.unwrap_or_else(|| {
            self.error("MissingExpression", Span::new(start, start + 1), "& needs what it calls behind it")
                .hint("write & { … } or & followed by a command's name");
            self.missing()
        });
        self.command(start, true, name)
    }

    /// All that stands behind a command's name.
    pub fn command(&mut self, start: usize, call: bool, name: Expr) -> Command {
        let constant_name = match &name.kind {
            ExprKind::Bareword(text) | ExprKind::String { text, .. } => Some(text.clone()),
            _ => None,
        };
        let mut command = Command { call, constant_name, span: self.span_from(start), ..Command::of(name) };
        loop {
            let before = self.at;
            self.skip_space();
            if let Some(redirection) = self.redirection() {
                command.redirections.push(redirection);
                continue;
            }
            let Some(element) = self.element() else {
                self.at = before;
                break;
            };
            command.elements.push(element);
            command.span = self.span_from(start);
        }
        command
    }

    fn element(&mut self) -> Option<Element> {
        let start = self.at;
        let c = self.peek()?;
        if c == '@' && self.peek_nth(1).is_some_and(is_name_start) {
            return Some(self.splat());
        }
        if is_dash(c)
            && let Some(element) = self.parameter()
        {
            return Some(element);
        }
        if self.starts("\\|") {
            return None;
        }
        let value = self.argument_list()?;
        (self.at > start).then_some(Element::Argument(value))
    }

    fn splat(&mut self) -> Element {
        let start = self.at;
        self.bump();
        let mut name = self.name_here().to_string();
        self.at += name.len();
        let mut scope = None;
        if self.peek() == Some(':') && self.peek_nth(1).is_some_and(is_name) {
            self.bump();
            scope = Some(name.to_lowercase());
            name = self.name_here().to_string();
            self.at += name.len();
        }
        let span = self.span_from(start);
        Element::Splat { variable: Variable { scope, name, span }, span }
    }

    /// `-Name`, `-Name:value`; `None`, and nothing read, if it is a word.
    fn parameter(&mut self) -> Option<Element> {
        let start = self.at;
        let rest = self.rest();
        let dash = rest.chars().next()?.len_utf8();
        let tail = &rest[dash..];
        if !tail.starts_with(|c| is_name_start(c) || c == '?') {
            return None;
        }
        let ends = |c: char| ends_word(c) || matches!(c, '.' | '[' | ':');
        let len = tail.find(ends).unwrap_or(tail.len());
        let name = &tail[..len];
        if name.contains(|c| is_double_quote(c) || is_single_quote(c) || matches!(c, '$' | '`')) {
            return None;
        }
        self.at += dash + len;
        let mut argument = None;
        if self.eat(':') {
            self.skip_space();
            argument = self.argument_list();
            if argument.is_none() {
                let span = self.span_from(start);
                self.error("ParameterRequiresArgument", span, format!("-{name}: needs a value behind the colon"))
                    .hint("write the value, or take the colon away");
            }
        }
        Some(Element::Parameter { name: name.to_string(), argument, span: self.span_from(start) })
    }
}

/// The first stage of a pipeline that is an expression. What a bracket's commands say is redirected as they run: it is
/// called as a block is.
fn redirected(expr: Expr, redirections: Vec<Redirection>) -> Stage {
    let runs = matches!(expr.kind, ExprKind::Paren(_) | ExprKind::SubExpression(_) | ExprKind::Array(_));
    if redirections.is_empty() || !runs {
        return Stage::Expression { expr, redirections };
    }
    let span = expr.span;
    let body = Body { pieces: vec![Piece::Statement(super::statement::simple(expr))], span };
    let block = ScriptBlock { params: None, begin: None, process: None, body };
    let name = Expr { kind: ExprKind::ScriptBlock(Box::new(block)), span };
    Stage::Command(Command { shares: true, redirections, ..Command::of(name) })
}
