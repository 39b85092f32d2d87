//! Which cmdlets a script needs the right to run, and what a role lacks of them.

use super::walk;
use crate::access::{Role, Roles};
use crate::cmdlet::AccessKind;
use crate::cmdlet::registry::{Command as Known, Registry};
use crate::error::{Diagnostic, Phase, Span};
use crate::language::tree::Script;
use crate::value::{Str, same_name};

/// A cmdlet that a script runs, and that needs a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// The cmdlet.
    pub cmdlet: Str,
    /// Where its name stands.
    pub span: Span,
}

/// The cmdlets of a script that need a role, by position; one that stands twice is there twice. Names that only running
/// gives (`& $name`) are not among them: `authorize` meets them when they run.
pub fn used(script: &Script, registry: &Registry) -> Vec<Used> {
    let own = walk::functions(script);
    let mut found = Vec::new();
    walk::commands(script, &mut |visit| {
        let Some(name) = visit.command.constant_name.as_deref() else { return };
        if own.iter().any(|function| same_name(function, name)) {
            return;
        }
        let needs = match registry.lookup(name) {
            Some(Known::Native(native)) if native.entry.access.kind != AccessKind::Client => {
                Some(native.entry.name.as_ref().into())
            }
            Some(Known::Planned(spec)) => Some(spec.name.clone()),
            _ => None,
        };
        found.extend(needs.map(|cmdlet| Used { cmdlet, span: visit.command.name.span }));
    });
    found
}

/// What a role may not run of a script: a diagnostic for each place, naming the roles that may.
pub fn rights(script: &Script, registry: &Registry, role: &Role, roles: &Roles) -> Vec<Diagnostic> {
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
    used(script, registry).into_iter().filter_map(lacking).collect()
}
