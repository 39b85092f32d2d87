//! What can be known of a script without running it: names, binding, properties, variables, flow, and what a role lacks.

mod arguments;
mod files;
mod flow;
mod functions;
mod guard;
mod names;
mod properties;
mod rights;
mod types;
mod variables;
pub mod walk;

pub use names::RegistryNames;
pub use rights::{Used, rights, used};

use crate::cmdlet::binder::{Conversions, bind_static};
use crate::cmdlet::elsewhere;
use crate::cmdlet::registry::{Command as Known, Registry};
use crate::cmdlet::spec::CmdletSpec;
use crate::env::bounds;
use crate::error::{Diagnostic, Phase, Severity, Span};
use crate::language::tree::{Command, Script};
use crate::language::{Mode, Parsed, parse};
use crate::value::same_name;
use std::collections::HashMap;
use std::sync::Arc;

/// Reads a text and says everything that is wrong with it, by position.
pub fn check(text: &str, mode: Mode, registry: &Registry) -> (Parsed, Vec<Diagnostic>) {
    let mut parsed = parse(text, mode, &RegistryNames(registry));
    let found = std::mem::take(&mut parsed.diagnostics);
    let found = everything(&parsed.script, text, registry, &|_| false, found);
    (parsed, found)
}

/// The same with each construct and each command that is not there named once, where it stands first: who runs a script
/// wants to know what it needs, not where.
pub fn once(found: Vec<Diagnostic>, text: &str) -> Vec<Diagnostic> {
    const NAMED: [&str; 3] = ["UnsupportedConstruct", "CommandNotFoundException", "CmdletNotImplemented"];
    let mut kept: Vec<(Diagnostic, Vec<usize>)> = Vec::new();
    // Where the first of those stands that say the same.
    let mut firsts: HashMap<String, usize> = HashMap::new();
    let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
    let line = |span: Span| ends.partition_point(|end| *end < span.start as usize) + 1;
    let constructs: Vec<Span> = found.iter().filter(|d| d.id == NAMED[0]).map(|d| d.span).collect();
    for diagnostic in found.into_iter().take_while(|_| !bounds::stopped()) {
        // A command that is a construct, and the file's name behind the point of dot-sourcing.
        let behind = |span: &Span| Span { start: span.end, end: diagnostic.span.start.max(span.end) };
        let same_place = |span: &Span| {
            *span == diagnostic.span
                || (span.of(text) == "."
                    && span.end <= diagnostic.span.start
                    && behind(span).of(text).trim().is_empty())
        };
        let named = NAMED.contains(&&*diagnostic.id);
        let said = named.then(|| format!("{} {:?} {}", diagnostic.id, diagnostic.severity, diagnostic.message));
        let first = said.as_ref().and_then(|said| kept.get_mut(*firsts.get(said)?));
        if let Some((_, lines)) = first {
            lines.push(line(diagnostic.span));
        } else if !named || diagnostic.id == NAMED[0] || !constructs.iter().any(same_place) {
            firsts.extend(said.map(|said| (said, kept.len())));
            kept.push((diagnostic, Vec::new()));
        }
    }
    let told = |(diagnostic, mut lines): (Diagnostic, Vec<usize>)| {
        lines.dedup();
        let shown: Vec<String> = lines.iter().take(5).map(usize::to_string).collect();
        let more = if lines.len() > shown.len() { " and others" } else { "" };
        let own = line(diagnostic.span);
        if lines.iter().all(|line| *line == own) {
            return diagnostic;
        }
        let hint = diagnostic.hint.as_deref().map(|hint| format!("{hint}; ")).unwrap_or_default();
        diagnostic.with_hint(format!("{hint}also in line {}{more}", shown.join(", ")))
    };
    kept.into_iter().map(told).collect()
}

/// The variable with values for parameters that a command does not give, in lower case.
const DEFAULTS: &str = "$psdefaultparametervalues";

/// What is `found` by reading a text, and everything else that is wrong with it, by position. `known` says whether a
/// variable was there before the text.
pub fn everything(
    script: &Script,
    text: &str,
    registry: &Registry,
    known: &dyn Fn(&str) -> bool,
    mut found: Vec<Diagnostic>,
) -> Vec<Diagnostic> {
    let readable = found.iter().all(|diagnostic| diagnostic.severity != Severity::Error);
    found.extend(types::missing(script));
    found.extend(commands(script, registry, readable));
    // Who was stopped asks no more.
    if bounds::stopped() {
        return found;
    }
    named_once(text, &mut found);
    files::once(script, text, &mut found);
    // A value may come from there; what then is missing the command says when it runs.
    let missing = |diagnostic: &Diagnostic| diagnostic.id == "MissingMandatoryParameter";
    if found.iter().any(missing) && text.to_lowercase().contains(DEFAULTS) {
        found.retain(|diagnostic| !missing(diagnostic));
    }
    // After a mistake of the text its tree says too little.
    if readable {
        found.extend(properties::missing(script, text, registry));
        found.extend(variables::unset(script, text, known));
        found.extend(flow::unreachable(script, text));
    }
    found.sort_by_key(|diagnostic| (diagnostic.span, diagnostic.phase));
    found.dedup_by(|a, b| a.span == b.span && a.id == b.id);
    found
}

/// The name that stands behind a word.
fn name_behind(text: &str, word: Span) -> Option<&str> {
    let rest = text.get(word.end as usize..)?.trim_start();
    let name = rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next()?;
    (!name.is_empty()).then_some(name)
}

/// `[Name[]]` as it is written, without its brackets.
fn type_name(written: &str) -> &str {
    written.trim_matches(|c| matches!(c, '[' | ']'))
}

/// Of a construct that is not there it is said once what it is: that no command has its name, or no parameter, is
/// no news.
fn named_once(text: &str, found: &mut Vec<Diagnostic>) {
    let told: Vec<Span> = found.iter().filter(|d| d.id == "UnsupportedConstruct").map(|d| d.span).collect();
    let wrong: Vec<Span> = found.iter().filter(|d| d.id == "InvalidLeftHandSide").map(|d| d.span).collect();
    // `class Name`, `enum Name`: that there is no such type is said there.
    let declares = told.iter().filter(|told| ["class", "enum"].iter().any(|word| same_name(word, told.of(text))));
    let declared: Vec<&str> = declares.filter_map(|told| name_behind(text, *told)).collect();
    found.retain(|diagnostic| {
        let before = |told: &Span| {
            // `. ./file`: the file is what stands behind the dot.
            let between = Span { start: told.end, end: diagnostic.span.start };
            told.of(text) == "." && between.start <= between.end && between.of(text).trim().is_empty()
        };
        let follows = |told: &Span| *told == diagnostic.span || before(told);
        match &*diagnostic.id {
            "TypeNotFound" => !declared.iter().any(|name| same_name(name, type_name(diagnostic.span.of(text)))),
            "UnsupportedConstruct" => !wrong.contains(&diagnostic.span),
            "CommandNotFoundException" | "NamedParameterNotFound" => bounds::stopped() || !told.iter().any(follows),
            _ => true,
        }
    });
}

/// What is wrong with the commands of a script: unknown ones, ones that do not run here, and, with `binding`, arguments
/// that cannot bind. After a mistake of the text the arguments that the parser found say too little to be bound.
pub fn commands(script: &Script, registry: &Registry, binding: bool) -> Vec<Diagnostic> {
    let own = functions::of_script(script);
    let mut found = Vec::new();
    walk::commands(script, &mut |seen| {
        let Some(name) = seen.command.constant_name.as_deref() else { return };
        let of_command = match own.of_name(name) {
            functions::Own::Function(spec) if binding => {
                bind(spec, seen.command, seen.stage > 0, Conversions::Function)
            }
            functions::Own::Function(_) | functions::Own::Unknown => return,
            functions::Own::None => match registry.lookup(name) {
                None => vec![unknown(name, seen.command.name.span, registry, &own)],
                Some(known) => one(&known, seen.command, seen.stage > 0, binding),
            },
        };
        // A script may try whether a command is there.
        found.extend(of_command.into_iter().map(|d| if seen.guarded { d.as_warning() } else { d }));
    });
    found
}

fn unknown(name: &str, span: Span, registry: &Registry, own: &functions::Functions) -> Diagnostic {
    let error = registry.not_found(name);
    let diagnostic = Diagnostic::error(Phase::Name, error.id().to_string(), span, error.message());
    if let Some(near) = own.near(name) {
        return diagnostic.with_fix(span, near).with_hint(format!("Did you mean {near}?"));
    }
    let diagnostic = match registry.near(name).filter(|_| elsewhere::instead(name).is_none()) {
        Some(near) => diagnostic.with_fix(span, near),
        None => diagnostic,
    };
    if error.hints().is_empty() { diagnostic } else { diagnostic.with_hint(error.hints().join(" ")) }
}

fn one(known: &Known, command: &Command, has_input: bool, binding: bool) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if binding {
        found = bind(&known.spec(), command, has_input, known.conversions());
    }
    // Of a cmdlet that does not run here it is worth knowing first that its arguments do not bind either.
    if let (Known::Planned(_), Err(error)) = (known, known.make().map(drop)) {
        let diagnostic = Diagnostic::error(Phase::Name, error.id().to_string(), command.name.span, error.message());
        found.push(diagnostic.with_hint(error.hints().join(" ")));
    }
    found
}

fn bind(spec: &Arc<CmdletSpec>, command: &Command, has_input: bool, conversions: Conversions) -> Vec<Diagnostic> {
    let whole = command.name.span.to(command.span);
    let mut found = bind_static(spec, &arguments::of(command), has_input, conversions);
    // What is missing has no place among the arguments: it is the command's.
    for diagnostic in found.iter_mut().filter(|d| d.span == Span::default()) {
        diagnostic.span = whole;
    }
    found
}
