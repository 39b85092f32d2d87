//! What can be known of a script without running it: names, binding, and what a role lacks.

mod arguments;
mod names;
mod rights;
pub mod walk;

pub use names::RegistryNames;
pub use rights::{Used, rights, used};

use crate::cmdlet::binder::bind_static;
use crate::cmdlet::registry::{Command as Known, Registry};
use crate::error::{Diagnostic, Phase, Severity, Span};
use crate::language::tree::{Command, Element, ExprKind, Script};
use crate::language::{Mode, Parsed, parse};
use crate::value::same_name;

/// Reads a text and says everything that is wrong with it, by position.
pub fn check(text: &str, mode: Mode, registry: &Registry) -> (Parsed, Vec<Diagnostic>) {
    let mut parsed = parse(text, mode, &RegistryNames(registry));
    let mut found = std::mem::take(&mut parsed.diagnostics);
    found.extend(commands(&parsed.script, registry, found.iter().all(|d| d.severity != Severity::Error)));
    found.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.phase));
    (parsed, found)
}

/// What is wrong with the commands of a script: unknown ones, ones that do not run here, and, with `binding`, arguments
/// that cannot bind. After a mistake of the text the arguments that the parser found say too little to be bound.
pub fn commands(script: &Script, registry: &Registry, binding: bool) -> Vec<Diagnostic> {
    let own = walk::functions(script);
    let aliases = aliases(script);
    let mut found = Vec::new();
    walk::commands(script, &mut |seen| {
        let Some(name) = seen.command.constant_name.as_deref() else { return };
        if own.iter().any(|function| same_name(function, name)) || aliases.iter().any(|alias| same_name(alias, name)) {
            return;
        }
        let of_command = match registry.lookup(name) {
            None => vec![unknown(name, seen.command.name.span, registry)],
            Some(known) => one(&known, seen.command, seen.stage > 0, binding),
        };
        // A script may try whether a command is there.
        found.extend(of_command.into_iter().map(|d| if seen.in_try { d.as_warning() } else { d }));
    });
    found
}

/// The names that a script gives to commands: the first argument of Set-Alias and New-Alias.
fn aliases(script: &Script) -> Vec<String> {
    const GIVE: [&str; 4] = ["Set-Alias", "New-Alias", "sal", "nal"];
    let mut found = Vec::new();
    walk::commands(script, &mut |seen| {
        let gives = |name: &str| GIVE.iter().any(|give| same_name(give, name));
        if !seen.command.constant_name.as_deref().is_some_and(gives) {
            return;
        }
        let mut named = seen.command.elements.iter().filter_map(|element| match element {
            Element::Argument(value) | Element::Parameter { argument: Some(value), .. } => Some(value),
            _ => None,
        });
        if let Some(ExprKind::Bareword(text) | ExprKind::String { text, .. }) = named.next().map(|value| &value.kind) {
            found.push(text.clone());
        }
    });
    found
}

fn unknown(name: &str, span: Span, registry: &Registry) -> Diagnostic {
    let error = registry.not_found(name);
    let diagnostic = Diagnostic::error(Phase::Name, error.id().to_string(), span, error.message());
    let diagnostic = match registry.near(name) {
        Some(near) => diagnostic.with_fix(span, near),
        None => diagnostic,
    };
    if error.hints().is_empty() { diagnostic } else { diagnostic.with_hint(error.hints().join(" ")) }
}

fn one(known: &Known, command: &Command, has_input: bool, binding: bool) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if binding {
        let whole = command.name.span.to(command.span);
        found = bind_static(&known.spec(), &arguments::of(command), has_input);
        // What is missing has no place among the arguments: it is the command's.
        for diagnostic in found.iter_mut().filter(|d| d.span == Span::default()) {
            diagnostic.span = whole;
        }
    }
    // Of a cmdlet that does not run here it is worth knowing first that its arguments do not bind either.
    if let (Known::Planned(_), Err(error)) = (known, known.make().map(drop)) {
        let diagnostic = Diagnostic::error(Phase::Name, error.id().to_string(), command.name.span, error.message());
        found.push(diagnostic.with_hint(error.hints().join(" ")));
    }
    found
}
