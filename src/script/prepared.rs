//! A text made ready to run: read, lowered, compiled, its places noted.

use super::pieces;
use super::shared::Shared;
use super::source::Chunk;
use crate::env::bounds;
use crate::error::{Diagnostic, Phase, Severity, Source, Span};
use crate::language::lower::{self, CommandSite};
use crate::language::{Mode, Names, Parsed};
use rhai::{AST, ASTNode, Expr, Scope};
use std::rc::Rc;
use std::sync::Arc;

/// Rhai counts lines in 16 bits; texts share the numbers until they are used up.
const LINES: usize = 60_000;

/// A text ready to run.
pub(super) struct Prepared {
    pub ast: AST,
    pub parsed: Rc<Parsed>,
}

/// A text that was read and found good, and has not run yet: what checks it and what runs it read it once.
pub(super) struct Ready {
    mode: Mode,
    parsed: Rc<Parsed>,
    chunk: Chunk,
    ast: AST,
}

/// What can be said of a text, and the text ready to run if nothing keeps it from that.
pub(super) struct Looked {
    pub parsed: Rc<Parsed>,
    pub diagnostics: Vec<Diagnostic>,
    pub lowered: String,
    pub ready: Option<Ready>,
}

/// Reads, lowers and compiles a text.
pub(super) fn look(
    shared: &Shared,
    rhai: &rhai::Engine,
    source: Arc<Source>,
    mode: Mode,
    names: &dyn Names,
    scope: &Scope,
) -> Looked {
    let text = source.text.clone();
    look_at(shared, rhai, source, &text, mode, names, scope)
}

/// The same for a part of it, with blanks for all else.
fn look_at(
    shared: &Shared,
    rhai: &rhai::Engine,
    source: Arc<Source>,
    part: &str,
    mode: Mode,
    names: &dyn Names,
    scope: &Scope,
) -> Looked {
    let parsed = Rc::new(crate::language::parse(part, mode, names));
    let mut lowered = lower::lower(&parsed, part, names);
    let mut diagnostics = parsed.diagnostics.clone();
    diagnostics.append(&mut lowered.diagnostics);
    if bounds::forsaken() {
        std::mem::forget((parsed.clone(), lowered));
        return Looked { parsed, diagnostics, lowered: String::new(), ready: None };
    }
    if diagnostics.iter().any(|d| d.severity == Severity::Error) {
        return Looked { parsed, diagnostics, lowered: lowered.text, ready: None };
    }
    let first_line = next_line(shared, &lowered.text);
    let chunk = Chunk::new(source, lowered, first_line);
    let lowered = chunk.lowered.text.clone();
    let ready = match pieces::compile(rhai, scope, &lowered, first_line - 1, &chunk.lowered.functions) {
        Ok(ast) => match reserved(&chunk, &ast) {
            None => Some(Ready { mode, parsed: parsed.clone(), chunk, ast }),
            Some(diagnostic) => {
                diagnostics.push(diagnostic);
                None
            }
        },
        Err(_) if bounds::forsaken() => {
            std::mem::forget((parsed.clone(), chunk));
            None
        }
        Err(error) => {
            diagnostics.push(syntax(&chunk, &error));
            None
        }
    };
    Looked { parsed, diagnostics, lowered, ready }
}

/// The line at which the next text of this lowering begins.
fn next_line(shared: &Shared, lowered: &str) -> usize {
    let next = shared.chunks.borrow().last().map_or(1, |c| c.first_line + c.lines());
    if next + lowered.matches('\n').count() > LINES { 1 } else { next }
}

/// A function by the name of one of the runtime's.
fn reserved(chunk: &Chunk, ast: &AST) -> Option<Diagnostic> {
    let function = ast.iter_functions().find(|f| lower::is_runtime(f.name))?;
    let at = chunk.source.text.find(function.name).unwrap_or(0);
    let span = Span::new(at, at + function.name.len());
    let message = format!("'{}' is the name of a function of the shell itself.", function.name);
    Some(Diagnostic::error(Phase::Name, "ReservedName", span, message).with_hint("Give the function another name."))
}

impl Ready {
    /// Whether it is this text, and still has the place that it was read for.
    pub fn is_of(&self, shared: &Shared, text: &str, mode: Mode) -> bool {
        self.mode == mode
            && self.chunk.source.text == text
            && self.chunk.first_line == next_line(shared, &self.chunk.lowered.text)
    }

    /// Gives it its place among the texts of the engine.
    pub fn take_up(self, shared: &Shared, source: Arc<Source>) -> Prepared {
        let chunk = Rc::new(self.chunk.named(source));
        if chunk.first_line == 1 {
            shared.chunks.borrow_mut().clear();
        }
        note_spelled(shared, &chunk, &self.ast);
        shared.chunks.borrow_mut().push(chunk);
        Prepared { ast: self.ast, parsed: self.parsed }
    }
}

impl Prepared {
    /// Reads, lowers and compiles a text.
    ///
    /// # Errors
    /// What keeps it from running.
    pub fn read(
        shared: &Shared,
        rhai: &rhai::Engine,
        source: Arc<Source>,
        mode: Mode,
        names: &dyn Names,
        scope: &Scope,
    ) -> Result<Prepared, Vec<Diagnostic>> {
        let text = source.text.clone();
        Prepared::read_part(shared, rhai, source, &text, mode, names, scope)
    }

    /// The same for a part of a text: `part` is the text with blanks for all else, so that places stay what they are.
    ///
    /// # Errors
    /// As [`Prepared::read`].
    pub fn read_part(
        shared: &Shared,
        rhai: &rhai::Engine,
        source: Arc<Source>,
        part: &str,
        mode: Mode,
        names: &dyn Names,
        scope: &Scope,
    ) -> Result<Prepared, Vec<Diagnostic>> {
        let looked = look_at(shared, rhai, source.clone(), part, mode, names, scope);
        match looked.ready {
            Some(ready) => Ok(ready.take_up(shared, source)),
            None => Err(looked.diagnostics),
        }
    }
}

/// What Rhai's parser says of a lowered text, at its place in the text.
pub(super) fn syntax(chunk: &Chunk, error: &rhai::ParseError) -> Diagnostic {
    let position = error.position();
    let at = position.line().and_then(|line| chunk.offset(line, position.position().unwrap_or(1)));
    let span = match at {
        Some(offset) => chunk.span(offset),
        None => Span::new(chunk.source.text.len(), chunk.source.text.len()),
    };
    let message = error.err_type().to_string();
    let said = format!("Rhai cannot read this: {}.", message.trim_end_matches('.'));
    let diagnostic = Diagnostic::error(Phase::Parse, "RhaiSyntax", span, said);
    match error.err_type() {
        // The line before a command ends by itself.
        rhai::ParseErrorType::MissingToken(token, _) if token == ";" => diagnostic
            .with_hint("Between expressions of Rhai stands ';', also at the end of a line; commands need none."),
        _ => diagnostic,
    }
}

/// Notes which calls of commands in their Rhai spelling another stage follows, and which have one before them.
fn note_spelled(shared: &Shared, chunk: &Chunk, ast: &AST) {
    let is_command =
        |name: &str| lower::unspelled(name).is_some_and(|command| shared.session.registry.is_command(&command));
    ast.walk(&mut |path: &[ASTNode]| {
        let Some(ASTNode::Expr(expr)) = path.last() else { return true };
        let (call, position, has_input) = match expr {
            Expr::FnCall(call, position) => (call, position, false),
            Expr::MethodCall(call, position) => (call, position, true),
            _ => return true,
        };
        if !is_command(&call.name) {
            return true;
        }
        let Some(offset) = position.line().and_then(|l| chunk.offset(l, position.position().unwrap_or(1))) else {
            return true;
        };
        let is_taken = path.len() >= 2
            && match path[path.len() - 2] {
                ASTNode::Expr(Expr::Dot(dot, ..)) => {
                    std::ptr::eq(&raw const dot.lhs, *expr) && followed_by(&dot.rhs).is_some_and(is_command)
                }
                _ => false,
            };
        let span = chunk.span(offset);
        chunk.note(offset, CommandSite { span, name: span, has_input, is_taken, ..CommandSite::default() });
        true
    });
}

/// The method that stands first in what follows a dot.
fn followed_by(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::MethodCall(call, _) => Some(&call.name),
        Expr::Dot(dot, ..) => followed_by(&dot.lhs),
        _ => None,
    }
}
