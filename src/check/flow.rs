//! Statements that nothing reaches: what stands behind `return`, `throw`, `exit`, `break` or `continue`.

use crate::env::bounds;
use crate::error::{Diagnostic, Phase, Span};
use crate::language::tree::{
    Body, Catch, Expr, ExprKind, IslandKind, Piece, Rhai, Script, Statement, StatementKind, Visit, walk_rhai,
    walk_statement,
};
use crate::value::same_name;

/// One warning for each stretch of statements that nothing reaches.
pub fn unreachable(script: &Script, text: &str) -> Vec<Diagnostic> {
    let mut flow = Flow { text, found: Vec::new() };
    flow.visit_script(script);
    flow.found
}

struct Flow<'a> {
    text: &'a str,
    found: Vec<Diagnostic>,
}

impl<'t> Visit<'t> for Flow<'_> {
    fn visit_body(&mut self, body: &'t Body) {
        for (at, piece) in body.pieces.iter().enumerate().take_while(|_| !bounds::stopped()) {
            self.visit_piece(piece);
            let Some(word) = self.end_of(piece) else { continue };
            let behind = body.pieces.iter().skip(at + 1).find(|piece| !self.is_definition(piece));
            if let Some(first) = behind {
                let message = format!("Nothing reaches this: {word} before it always leaves.");
                let diagnostic = Diagnostic::error(Phase::Flow, "UnreachableCode", span(first), message);
                self.found
                    .push(diagnostic.as_warning().with_hint("Remove it, or make what stands before it conditional."));
                // Of what nothing reaches there is nothing more to say.
                return;
            }
        }
    }
}

impl Flow<'_> {
    /// What always leaves the statements around a piece; `None` if what follows it can be reached.
    fn end_of(&self, piece: &Piece) -> Option<&'static str> {
        match piece {
            Piece::Statement(statement) => self.end_of_statement(statement),
            Piece::Rhai(rhai) => self.end_of_rhai(rhai),
        }
    }

    fn end_of_body(&self, body: &Body) -> Option<&'static str> {
        body.pieces.iter().find_map(|piece| self.end_of(piece))
    }

    fn end_of_statement(&self, statement: &Statement) -> Option<&'static str> {
        match &statement.kind {
            StatementKind::Return(_) => Some("return"),
            StatementKind::Throw(_) => Some("throw"),
            StatementKind::Exit(_) => Some("exit"),
            StatementKind::Break(_) => Some("break"),
            StatementKind::Continue(_) => Some("continue"),
            StatementKind::If { arms, otherwise: Some(otherwise) } => {
                let all = arms.iter().all(|(_, body)| self.end_of_body(body).is_some());
                (all && self.end_of_body(otherwise).is_some()).then_some("each branch of the if")
            }
            StatementKind::Try { body, catches, finally } => {
                let finally = finally.as_ref().is_some_and(|body| self.end_of_body(body).is_some());
                let tried = self.end_of_body(body).is_some()
                    && catches.iter().all(|catch: &Catch| self.end_of_body(&catch.body).is_some());
                (finally || tried).then_some("the try")
            }
            StatementKind::While { condition, body, .. } => {
                (is_always(condition, "true") && !self.breaks(body)).then_some("the endless loop")
            }
            StatementKind::Do { condition, body, until, .. } => {
                let endless = is_always(condition, if *until { "false" } else { "true" });
                (endless && !self.breaks(body)).then_some("the endless loop")
            }
            StatementKind::For { condition: None, body, .. } => (!self.breaks(body)).then_some("the endless loop"),
            StatementKind::Rhai(rhai) => self.end_of_rhai(rhai),
            _ => None,
        }
    }

    /// Rhai's own text is read by its first word.
    fn end_of_rhai(&self, rhai: &Rhai) -> Option<&'static str> {
        let first = first_word(rhai.span.of(self.text));
        ["return", "throw", "break", "continue"].into_iter().find(|word| *word == first)
    }

    /// Rhai's functions are there from the beginning, wherever they stand.
    fn is_definition(&self, piece: &Piece) -> bool {
        let Piece::Rhai(rhai) = piece else { return false };
        matches!(first_word(rhai.span.of(self.text)), "fn" | "private" | "")
    }

    /// Whether something in a loop's body may break out of it, or out of a loop around it.
    fn breaks(&self, body: &Body) -> bool {
        let mut breaks = Breaks { text: self.text, found: false };
        breaks.visit_body(body);
        breaks.found
    }
}

struct Breaks<'a> {
    text: &'a str,
    found: bool,
}

impl<'t> Visit<'t> for Breaks<'_> {
    fn visit_statement(&mut self, statement: &'t Statement) {
        self.found |=
            matches!(&statement.kind, StatementKind::Break(_) | StatementKind::Continue(Some(_)) | StatementKind::Bad);
        walk_statement(self, statement);
    }

    fn visit_rhai(&mut self, rhai: &'t Rhai) {
        // Its own text is not looked at closely: the word is enough.
        self.found |= rhai.span.of(self.text).contains("break");
        walk_rhai(self, rhai);
    }
}

fn span(piece: &Piece) -> Span {
    match piece {
        Piece::Statement(statement) => statement.span,
        Piece::Rhai(rhai) => {
            let whole = rhai.span;
            // A block's statements are shown by its head.
            match rhai.islands.iter().find(|island| matches!(island.kind, IslandKind::Block(_))) {
                Some(block) => Span { start: whole.start, end: block.span.start.max(whole.start + 1) },
                None => whole,
            }
        }
    }
}

/// The word that a text begins with.
fn first_word(text: &str) -> &str {
    let text = text.trim_start();
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// Whether a condition is the variable `$true` or `$false`.
fn is_always(condition: &Statement, word: &str) -> bool {
    let expr = condition.as_expr();
    matches!(expr, Some(Expr { kind: ExprKind::Variable(variable), .. })
        if variable.scope.is_none() && same_name(&variable.name, word))
}
