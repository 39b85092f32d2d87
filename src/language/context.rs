//! What stands at the cursor, for completion: the text before it is read, and the last open place found in its tree.

use super::tree::*;
use super::{Mode, Names, parse};
use crate::error::{Diagnostic, Span};
use std::collections::HashSet;

/// What may be written at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expects {
    /// A command's name, where a statement or a stage begins; `word` may as well be a name of Rhai.
    Command,
    /// A parameter's name of a command; the word holds its dash.
    Parameter {
        /// The command, as written.
        command: String,
    },
    /// A value of a command.
    Argument {
        /// The command, as written.
        command: String,
        /// The parameter before it, as written, without dash.
        parameter: Option<String>,
        /// How many values without a parameter's name stand before it.
        position: usize,
    },
    /// A member behind `.` or `::`.
    Member {
        /// The text of what it is a member of.
        target: String,
        /// `::`.
        is_static: bool,
    },
    /// A variable; the word holds its `$`.
    Variable,
    /// The name of a type behind `[`.
    Type,
    /// A value or a name of Rhai: what an expression may hold.
    Value,
    /// A word of the filter language, inside of `-Filter {…}`.
    Filter {
        /// The command, as written.
        command: String,
    },
    /// Nothing that could be known: the text of a string or a comment.
    Nothing,
}

/// What stands at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// What may stand there.
    pub expects: Expects,
    /// What is written of it; completion replaces it.
    pub span: Span,
    /// The text in `span`, without an opening quote.
    pub word: String,
    /// The quote with which the word begins, if it does.
    pub quote: Option<char>,
    /// The commands of the pipeline before this stage, by name; inside a script block, those before its command.
    pub before: Vec<String>,
    /// The names of the parameters that the command has already, as written.
    pub given: Vec<String>,
}

/// What stands at byte `offset` of a text.
pub fn context_at(text: &str, offset: usize, mode: Mode, names: &dyn Names) -> Context {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let text = &text[..offset];
    let parsed = parse(text, mode, names);
    let open: HashSet<u32> = parsed.diagnostics.iter().filter(|d| opens(d)).map(|d| d.span.start).collect();
    let mut find = Find { text, open, before: Vec::new(), found: None };
    if !in_comment(text, &parsed.diagnostics) {
        find.body(&parsed.script.body);
    } else {
        find.found = Some((Expects::Nothing, offset, Vec::new()));
    }
    find.finish()
}

/// Diagnostics whose place is the bracket or quote that is not closed.
fn opens(diagnostic: &Diagnostic) -> bool {
    diagnostic.id.starts_with("MissingEnd") || diagnostic.id.starts_with("TerminatorExpected")
}

fn in_comment(text: &str, diagnostics: &[Diagnostic]) -> bool {
    let line = text.rsplit('\n').next().unwrap_or("").trim_start();
    line.starts_with("# ")
        || line.starts_with("//")
        || diagnostics.iter().any(|d| d.id == "MissingTerminatorMultiLineComment")
}

struct Find<'a> {
    text: &'a str,
    open: HashSet<u32>,
    before: Vec<String>,
    /// What is expected, where its word begins, parameters given.
    found: Option<(Expects, usize, Vec<String>)>,
}

impl Find<'_> {
    /// Whether a node reaches the cursor.
    fn at_cursor(&self, span: Span) -> bool {
        span.end as usize >= self.text.len()
    }

    /// Whether only blanks stand between a node and the cursor.
    fn before_cursor(&self, span: Span) -> bool {
        self.text.get(span.end as usize..).is_some_and(|tail| tail.chars().all(|c| c == ' ' || c == '\t'))
    }

    /// Whether a bracket is not closed.
    fn is_open(&self, expr: &Expr) -> bool {
        self.open.contains(&expr.span.start) || self.open.contains(&(expr.span.start + 1))
    }

    fn set(&mut self, expects: Expects, start: usize) {
        self.found = Some((expects, start, Vec::new()));
    }

    fn body(&mut self, body: &Body) {
        match body.pieces.last() {
            Some(Piece::Statement(statement)) if self.before_cursor(statement.span) => self.statement(statement),
            Some(Piece::Rhai(rhai)) if self.before_cursor(rhai.span) => self.rhai(rhai),
            _ => {}
        }
    }

    fn rhai(&mut self, rhai: &Rhai) {
        let Some(island) = rhai.islands.last().filter(|island| self.before_cursor(island.span)) else { return };
        match &island.kind {
            IslandKind::Value(statement) => self.statement(statement),
            IslandKind::Block(block) => self.body(&block.body),
            IslandKind::Replace(_) => {}
        }
    }

    fn statement(&mut self, statement: &Statement) {
        match &statement.kind {
            StatementKind::Chain(chain) => {
                self.before.clear();
                self.pipeline(chain.rest.last().map_or(&chain.first, |(_, pipeline)| pipeline));
            }
            StatementKind::Assign(assign) => self.statement(&assign.value),
            StatementKind::If { arms, otherwise } => match (otherwise, arms.last()) {
                (Some(body), _) => self.body(body),
                (None, Some((condition, body))) => self.header_or_body(condition, body),
                _ => {}
            },
            StatementKind::ForEach { subject, body, .. } => self.header_or_body(subject, body),
            StatementKind::While { condition, body, .. } => self.header_or_body(condition, body),
            StatementKind::Do { body, condition, .. } => {
                self.body(body);
                if self.before_cursor(condition.span) {
                    self.statement(condition);
                }
            }
            StatementKind::For { body, .. } => self.body(body),
            StatementKind::Switch { subject, cases, default, .. } => {
                match default.as_ref().or(cases.last().map(|c| &c.1)) {
                    Some(body) => self.body(body),
                    None => self.statement(subject),
                }
            }
            StatementKind::Return(value) | StatementKind::Throw(value) | StatementKind::Exit(value) => {
                value.iter().for_each(|statement| self.statement(statement));
            }
            StatementKind::Try { body, catches, finally } => {
                self.body(finally.as_ref().or(catches.last().map(|c| &c.body)).unwrap_or(body));
            }
            StatementKind::Function(function) => {
                let bodies = [&function.end, &function.process, &function.begin];
                bodies.into_iter().flatten().for_each(|body| self.body(body));
            }
            StatementKind::Rhai(rhai) => self.rhai(rhai),
            StatementKind::Break(_) | StatementKind::Continue(_) | StatementKind::Bad => {}
        }
    }

    fn header_or_body(&mut self, header: &Statement, body: &Body) {
        if body.span.start < body.span.end || self.open.contains(&body.span.start.saturating_sub(1)) {
            self.body(body);
        } else if self.before_cursor(header.span) {
            self.statement(header);
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline) {
        let Some((last, before)) = pipeline.stages.split_last() else { return };
        let names = before.iter().filter_map(|stage| match stage {
            Stage::Command(command) => command.constant_name.clone(),
            Stage::Expression { expr, .. } => Some(expr.span.of(self.text).to_string()),
        });
        let names: Vec<String> = names.collect();
        // An open stage behind the last bar.
        if self.text.trim_end().ends_with('|') {
            let Some(last) = pipeline.stages.last() else { return };
            let name = match last {
                Stage::Command(command) => command.constant_name.clone(),
                Stage::Expression { expr, .. } => Some(expr.span.of(self.text).to_string()),
            };
            let span = match last {
                Stage::Command(command) => command.span,
                Stage::Expression { expr, .. } => expr.span,
            };
            if self.text[span.end as usize..].trim() == "|" {
                self.before = names.into_iter().chain(name).collect();
                return self.set(Expects::Command, self.text.len());
            }
        }
        self.before = names;
        match last {
            Stage::Expression { expr, .. } => self.expr(expr),
            Stage::Command(command) => self.command(command),
        }
    }

    fn command(&mut self, command: &Command) {
        let name = command.constant_name.clone().unwrap_or_default();
        if command.elements.is_empty() && self.at_cursor(command.name.span) {
            match &command.name.kind {
                ExprKind::Bareword(_) | ExprKind::Missing => {
                    self.set(Expects::Command, command.name.span.start as usize)
                }
                _ => self.expr(&command.name),
            }
            return;
        }
        let given = command.elements.iter().filter_map(|element| match element {
            Element::Parameter { name, span, .. } if !self.at_cursor(*span) => Some(name.clone()),
            _ => None,
        });
        let given: Vec<String> = given.collect();
        let cursor = self.text.len();
        if let Some(Element::Parameter { argument: Some(value), .. } | Element::Argument(value)) =
            command.elements.last()
            && command.is_filter_block(command.elements.len() - 1)
            && self.is_open(value)
        {
            let start = self.text.trim_end_matches(|c| super::characters::is_name(c) || c == '-' || c == '$').len();
            self.found = Some((Expects::Filter { command: name }, start, given));
            return;
        }
        let (expects, start) = match command.elements.last() {
            Some(Element::Parameter { argument: None, span, name: parameter }) if self.at_cursor(*span) => {
                if self.text.ends_with(':') {
                    (self.argument_of(command, name, Some(parameter.clone())), cursor)
                } else {
                    (Expects::Parameter { command: name }, span.start as usize)
                }
            }
            Some(Element::Parameter { argument: Some(value), name: parameter, .. }) if self.at_cursor(value.span) => {
                let expects = self.argument_of(command, name, Some(parameter.clone()));
                return self.argument(value, expects, given);
            }
            Some(Element::Argument(value)) if self.at_cursor(value.span) => {
                let text = value.span.of(self.text);
                if text.chars().count() == 1 && text.starts_with(super::characters::is_dash) {
                    (Expects::Parameter { command: name }, value.span.start as usize)
                } else {
                    let expects = self.argument_of(command, name, self.parameter_before(command, 1));
                    return self.argument(value, expects, given);
                }
            }
            Some(Element::Splat { span, .. }) if self.at_cursor(*span) => (Expects::Variable, span.start as usize),
            // Behind a comma another value of the same list follows.
            Some(Element::Argument(_)) if self.text.trim_end().ends_with(',') => {
                (self.argument_of(command, name, self.parameter_before(command, 1)), cursor)
            }
            _ => (self.argument_of(command, name, self.parameter_before(command, 0)), cursor),
        };
        self.found = Some((expects, start, given));
    }

    /// The parameter that stands before the `skip`th element from the end, if it wants a value.
    fn parameter_before(&self, command: &Command, skip: usize) -> Option<String> {
        let place = command.elements.len().checked_sub(skip + 1)?;
        match command.elements.get(place)? {
            Element::Parameter { name, argument: None, .. } => Some(name.clone()),
            _ => None,
        }
    }

    fn argument_of(&self, command: &Command, name: String, parameter: Option<String>) -> Expects {
        let mut position = 0;
        let mut behind_parameter = false;
        for element in &command.elements {
            match element {
                Element::Argument(value) if !self.at_cursor(value.span) && !behind_parameter => position += 1,
                _ => {}
            }
            behind_parameter = matches!(element, Element::Parameter { argument: None, .. });
        }
        Expects::Argument { command: name, parameter, position }
    }

    /// A value that is being written: its last word, or what is inside of it.
    fn argument(&mut self, value: &Expr, expects: Expects, given: Vec<String>) {
        match &value.kind {
            ExprKind::Bareword(_) | ExprKind::Constant(_) => {}
            ExprKind::String { .. } if self.open.contains(&value.span.start) => {}
            // A filter in an open string that holds variables: the word is the filter so far.
            ExprKind::Expandable { parts, .. }
                if self.open.contains(&value.span.start)
                    && !matches!(parts.last(), Some(StringPart::Value(_)))
                    && matches!(&expects, Expects::Argument { command, parameter: Some(parameter), .. } if is_filter(command, parameter)) =>
                {}
            ExprKind::List(items) => {
                if let Some(last) = items.last() {
                    if self.at_cursor(last.span) {
                        return self.argument(last, expects, given);
                    }
                    self.found = Some((expects, self.text.len(), given));
                }
                return;
            }
            _ => return self.expr(value),
        }
        self.found = Some((expects, value.span.start as usize, given));
    }

    fn expr(&mut self, expr: &Expr) {
        if !self.before_cursor(expr.span) {
            return;
        }
        let is_open = self.is_open(expr);
        match &expr.kind {
            ExprKind::Variable(_) if self.at_cursor(expr.span) => self.set(Expects::Variable, expr.span.start as usize),
            ExprKind::Member { target, name, is_static, .. } if self.at_cursor(expr.span) => {
                let expects = Expects::Member { target: target.span.of(self.text).to_string(), is_static: *is_static };
                self.set(expects, name.span.start as usize);
            }
            ExprKind::String { .. } if is_open => self.set(Expects::Nothing, expr.span.start as usize),
            ExprKind::Expandable { parts, .. } if is_open => {
                self.set(Expects::Nothing, self.text.len());
                if let Some(StringPart::Value(value)) = parts.last() {
                    self.expr(value);
                }
            }
            ExprKind::ScriptBlock(block) if is_open => {
                self.set(Expects::Command, self.text.len());
                let outer = self.before.clone();
                self.body(&block.body);
                if self.before.is_empty() {
                    self.before = outer;
                }
            }
            ExprKind::Array(body) | ExprKind::SubExpression(body) => {
                self.set(Expects::Command, self.text.len());
                self.body(body);
            }
            ExprKind::Paren(statement) if is_open => {
                self.set(Expects::Command, self.text.len());
                self.statement(statement);
            }
            ExprKind::Hashtable(pairs) if is_open => {
                self.set(Expects::Nothing, self.text.len());
                if let Some((_, value)) = pairs.last().filter(|(_, v)| self.before_cursor(v.span)) {
                    self.statement(value);
                }
            }
            ExprKind::Binary { right, .. } => {
                self.set(Expects::Value, self.text.len());
                self.expr(right);
            }
            ExprKind::Unary { operand, .. } | ExprKind::Cast { operand, .. } => self.expr(operand),
            ExprKind::Ternary { otherwise, .. } => self.expr(otherwise),
            ExprKind::List(items) => {
                self.set(Expects::Value, self.text.len());
                items.iter().last().into_iter().for_each(|item| self.expr(item));
            }
            ExprKind::Index { index, .. } => self.expr(index),
            ExprKind::Method { arguments, .. } => {
                self.set(Expects::Value, self.text.len());
                arguments.last().into_iter().for_each(|argument| self.expr(argument));
            }
            ExprKind::RhaiCall { arguments: Some(arguments), .. } => {
                self.set(Expects::Value, self.text.len());
                arguments.last().into_iter().for_each(|argument| self.expr(argument));
            }
            ExprKind::RhaiCall { arguments: None, .. } => self.set(Expects::Command, expr.span.start as usize),
            ExprKind::Rhai(rhai) => self.rhai(rhai),
            _ => {}
        }
    }

    fn finish(self) -> Context {
        let end = self.text.len();
        let (expects, mut start, given) = self.found.unwrap_or_else(|| {
            // Rhai's own text, or the beginning of a statement: the last word decides.
            let start = self.text.trim_end_matches(|c| super::characters::is_name(c) || c == '-').len();
            let head = &self.text[..start];
            let expects = if head.ends_with('$') {
                return (Expects::Variable, start - 1, Vec::new());
            } else if head.ends_with('[')
                && head[..start - 1].ends_with(|c: char| c.is_whitespace() || "(,=".contains(c))
            {
                Expects::Type
            } else if head.ends_with('.') && !head.ends_with("..") {
                let target = head[..start - 1].rsplit(|c: char| c.is_whitespace() || "(,;={".contains(c)).next();
                Expects::Member { target: target.unwrap_or("").to_string(), is_static: false }
            } else {
                Expects::Command
            };
            (expects, start, Vec::new())
        });
        start = start.min(end);
        let span = Span::new(start, end);
        let raw = span.of(self.text);
        let quote = raw
            .chars()
            .next()
            .filter(|c| super::characters::is_double_quote(*c) || super::characters::is_single_quote(*c));
        let word = raw[quote.map_or(0, char::len_utf8)..].to_string();
        Context { expects, span, word, quote, before: self.before, given }
    }
}

#[cfg(test)]
mod tests;
