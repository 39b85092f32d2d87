//! Which cmdlets a script needs the right to run, and what a role lacks of them.

use super::{RegistryNames, walk};
use crate::access::{Role, Roles};
use crate::cmdlet::AccessKind;
use crate::cmdlet::registry::{Command as Known, Registry};
use crate::error::{Diagnostic, Phase, Span};
use crate::language::lower::unspelled;
use crate::language::tree::{Piece, Script, Statement, StatementKind};
use crate::language::{Mode, Token, TokenKind, tokens};
use crate::value::{Str, same_name};

/// A cmdlet that a script runs, and that needs a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// The cmdlet.
    pub cmdlet: Str,
    /// Where its name stands.
    pub span: Span,
}

/// The cmdlets of a script that need a role, by position; one that stands twice is there twice. `text` is the script's,
/// for the commands that it calls by their Rhai names. Names that only running gives (`& $name`) are not among them:
/// `authorize` meets them when they run.
pub fn used(script: &Script, text: &str, mode: Mode, registry: &Registry) -> Vec<Used> {
    let own = own_functions(script);
    let mut found = spelled(text, mode, registry);
    walk::commands(script, &mut |seen| {
        let Some(name) = seen.command.constant_name.as_deref() else { return };
        let span = seen.command.name.span;
        if own.iter().any(|(function, start)| *start < span.start && same_name(function, name)) {
            return;
        }
        found.extend(needing(name, registry).into_iter().map(|cmdlet| Used { cmdlet, span }));
    });
    found.sort_by_key(|one| one.span);
    found.dedup_by(|a, b| a.span == b.span && a.cmdlet == b.cmdlet);
    found
}

/// The cmdlet that a name stands for, if it needs a role; of one that works in the client, those that it runs.
fn needing(name: &str, registry: &Registry) -> Vec<Str> {
    match registry.lookup(name) {
        Some(Known::Native(native)) if native.entry.access.kind == AccessKind::Client => {
            native.entry.runs.iter().map(|cmdlet| Str::from(*cmdlet)).collect()
        }
        Some(Known::Native(native)) => vec![native.entry.name.as_ref().into()],
        Some(Known::Planned(spec)) => vec![spec.name.clone()],
        Some(Known::Function(_)) | None => Vec::new(),
    }
}

/// The functions that take the place of a cmdlet's name for sure, with where they begin: those that the script defines
/// as it goes, not in another function or in a branch.
fn own_functions(script: &Script) -> Vec<(&str, u32)> {
    let pieces = script.body.pieces.iter();
    pieces
        .filter_map(|piece| match piece {
            Piece::Statement(Statement { kind: StatementKind::Function(function), span }) => {
                Some((function.name.0.as_str(), span.start))
            }
            _ => None,
        })
        .collect()
}

/// The cmdlets that a text calls by their Rhai names, `Set_CsUser(…)` or `Fn("Set_CsUser")`. A function of the script
/// itself that has such a name does not count: a call with other arguments than it takes reaches the cmdlet.
fn spelled(text: &str, mode: Mode, registry: &Registry) -> Vec<Used> {
    if !text.contains('_') {
        return Vec::new();
    }
    let name = |token: &Token| match token.kind {
        TokenKind::Function | TokenKind::Identifier | TokenKind::Member | TokenKind::Word => Some(token.span),
        TokenKind::String => {
            let inner = token.span.of(text).trim_matches(['"', '`']);
            let from = token.span.start as usize + token.span.of(text).find(inner)?;
            Some(Span::new(from, from + inner.len()))
        }
        _ => None,
    };
    let one = |span: Span| {
        let cmdlets = unspelled(span.of(text)).map(|name| needing(&name, registry)).unwrap_or_default();
        cmdlets.into_iter().map(move |cmdlet| Used { cmdlet, span })
    };
    tokens(text, mode, &RegistryNames(registry)).iter().filter_map(name).flat_map(one).collect()
}

/// What a role may not run of a script: a diagnostic for each place, naming the roles that may.
pub fn rights(
    script: &Script,
    text: &str,
    mode: Mode,
    registry: &Registry,
    role: &Role,
    roles: &Roles,
) -> Vec<Diagnostic> {
    let lacking = |one: Used| {
        if role.holds(&one.cmdlet) {
            return None;
        }
        let holding: Vec<&str> = roles.holding(&one.cmdlet).map(|role| &*role.name).collect();
        let hint = match holding.is_empty() {
            true => "No role holds it.".to_string(),
            false => format!("Roles that hold it: {}.", holding.join(", ")),
        };
        let message = format!("{} does not hold {}.", role.name, one.cmdlet);
        Some(Diagnostic::error(Phase::Access, "RoleLacksCmdlet", one.span, message).with_hint(hint))
    };
    used(script, text, mode, registry).into_iter().filter_map(lacking).collect()
}
