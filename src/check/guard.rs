//! Where what cannot work is an error at run time only, if it is reached at all: inside `try`, and where the script
//! has looked whether a command or a module is there.

use crate::env::bounds;
use crate::language::tree::{
    Assign, Body, Command, ExprKind, Piece, Script, Statement, StatementKind, Variable, Visit, walk_assign, walk_body,
    walk_command, walk_statement,
};
use crate::value::same_name;

/// Who goes through a tree and says less of what stands behind a guard.
pub(super) trait Guarded<'t>: Visit<'t> {
    /// Whether the walk is behind a guard.
    fn behind_guard(&mut self) -> &mut bool;

    /// The variables that hold whether something is there; see [`answers`].
    fn answers(&self) -> &Answers;
}

/// Variables that were given what Get-Command, Get-Module or the like found.
#[derive(Clone, Default)]
pub(super) struct Answers(Vec<String>);

/// Those of a script.
pub(super) fn answers(script: &Script) -> Answers {
    let mut answers = Answers::default();
    answers.visit_script(script);
    answers
}

impl<'t> Visit<'t> for Answers {
    fn visit_assign(&mut self, assign: &'t Assign) {
        let mut asks = Asks { of: &Answers::default(), found: false };
        asks.visit_statement(&assign.value);
        if asks.found {
            let variables = assign.targets.iter().filter_map(|target| match &target.kind {
                ExprKind::Variable(variable) => Some(variable.name.clone()),
                _ => None,
            });
            self.0.extend(variables);
        }
        walk_assign(self, assign);
    }
}

/// A statement: what it guards is walked as such.
pub(super) fn statement<'t, V: Guarded<'t>>(visitor: &mut V, statement: &'t Statement) {
    match &statement.kind {
        StatementKind::Try { body, catches, finally } => {
            softly(visitor, |visitor| visitor.visit_body(body));
            catches.iter().for_each(|catch| visitor.visit_catch(catch));
            finally.iter().for_each(|body| visitor.visit_body(body));
        }
        StatementKind::If { arms, otherwise } if asks(statement, visitor.answers()) => {
            for (condition, body) in arms {
                visitor.visit_statement(condition);
                softly(visitor, |visitor| visitor.visit_body(body));
            }
            softly(visitor, |visitor| otherwise.iter().for_each(|body| visitor.visit_body(body)));
        }
        _ => walk_statement(visitor, statement),
    }
}

/// A body: behind `if (-not (Get-Module X)) { exit }` the rest of it is guarded.
pub(super) fn body<'t, V: Guarded<'t>>(visitor: &mut V, body: &'t Body) {
    let answers = visitor.answers().clone();
    let leaves = |piece: &Piece| match piece {
        Piece::Statement(guard @ Statement { kind: StatementKind::If { arms, .. }, .. }) => {
            asks(guard, &answers) && arms.iter().any(|(_, body)| ends(body))
        }
        _ => false,
    };
    if !body.pieces.iter().take_while(|_| !bounds::stopped()).any(leaves) {
        return walk_body(visitor, body);
    }
    let outer = *visitor.behind_guard();
    for piece in body.pieces.iter().take_while(|_| !bounds::stopped()) {
        visitor.visit_piece(piece);
        *visitor.behind_guard() |= leaves(piece);
    }
    *visitor.behind_guard() = outer;
}

fn softly<'t, V: Guarded<'t>>(visitor: &mut V, walk: impl FnOnce(&mut V)) {
    let outer = std::mem::replace(visitor.behind_guard(), true);
    walk(visitor);
    *visitor.behind_guard() = outer;
}

/// Whether an `if` looks for a command or a module.
fn asks(statement: &Statement, answers: &Answers) -> bool {
    let StatementKind::If { arms, .. } = &statement.kind else { return false };
    let mut asks = Asks { of: answers, found: false };
    arms.iter().for_each(|(condition, _)| asks.visit_statement(condition));
    asks.found
}

struct Asks<'a> {
    of: &'a Answers,
    found: bool,
}

impl<'t> Visit<'t> for Asks<'_> {
    fn visit_variable(&mut self, variable: &'t Variable) {
        self.found |= self.of.0.iter().any(|name| same_name(name, &variable.name));
    }

    fn visit_command(&mut self, command: &'t Command) {
        const ASK: [&str; 5] = ["Get-Command", "gcm", "Get-Module", "gmo", "Get-PSSnapin"];
        let named = |name: &str| ASK.iter().any(|ask| same_name(ask, name));
        self.found |= command.constant_name.as_deref().is_some_and(named);
        walk_command(self, command);
    }
}

/// Whether nothing behind a body is reached through it.
fn ends(body: &Body) -> bool {
    body.pieces.iter().any(|piece| {
        matches!(
            piece,
            Piece::Statement(Statement {
                kind: StatementKind::Exit(_) | StatementKind::Return(_) | StatementKind::Throw(_),
                ..
            })
        )
    })
}
