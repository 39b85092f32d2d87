//! Files from which a script takes its functions and that are not read: it is said once for a file, not for each
//! function of it.

use super::walk;
use crate::cmdlet::elsewhere;
use crate::error::{Diagnostic, Severity, Span};
use crate::language::tree::{Element, ExprKind, Script};
use crate::value::same_name;

/// Names that are listed; more are only counted.
const LISTED: usize = 6;

/// Of the commands that are not known behind such a file only what says why is left.
pub fn once(script: &Script, text: &str, found: &mut Vec<Diagnostic>) {
    let dot = found.iter().find(|d| d.id == "UnsupportedConstruct" && d.span.of(text) == ".").map(|d| d.span);
    let module = module(script);
    let Some(from) = dot.or(module.as_ref().map(|(_, span)| *span)) else { return };
    let is_unknown = |diagnostic: &Diagnostic| {
        diagnostic.id == "CommandNotFoundException"
            && diagnostic.severity == Severity::Error
            && diagnostic.span > from
            && elsewhere::instead(diagnostic.span.of(text)).is_none()
            && !is_of_product(diagnostic.span.of(text))
    };
    let mut names: Vec<&str> = Vec::new();
    for diagnostic in found.iter().filter(|diagnostic| is_unknown(diagnostic)) {
        let name = diagnostic.span.of(text);
        if !names.iter().any(|known| same_name(known, name)) {
            names.push(name);
        }
    }
    if names.is_empty() {
        return;
    }
    let more = if names.len() > LISTED { " and others" } else { "" };
    let listed = format!("{}{more}", names[..names.len().min(LISTED)].join(", "));
    if let Some(dot) = dot {
        found.retain(|diagnostic| !is_unknown(diagnostic));
        for diagnostic in found.iter_mut().filter(|diagnostic| diagnostic.span == dot) {
            let hint = diagnostic.hint.take().unwrap_or_default();
            diagnostic.hint = Some(format!(
                "what of its functions the script uses ({listed}?) can stand in the script itself; of Rhai's functions {hint}"
            ));
        }
        return;
    }
    let Some((file, _)) = module else { return };
    let mut is_first = true;
    found.retain_mut(|diagnostic| {
        if !is_unknown(diagnostic) {
            return true;
        }
        diagnostic.fix = None;
        diagnostic.hint = Some(format!(
            "{file} is not loaded, modules of PowerShell are not: write the functions that are used ({listed}) into the \
             script itself"
        ));
        std::mem::take(&mut is_first)
    });
}

/// Whether a name is made as those of the product are, which no file of a script has.
fn is_of_product(name: &str) -> bool {
    name.split_once('-').is_some_and(|(_, noun)| noun.get(..2).is_some_and(|head| same_name(head, "Cs")))
}

/// The first module that is named by its file, and where.
fn module(script: &Script) -> Option<(String, Span)> {
    let mut found = None;
    walk::commands(script, &mut |seen| {
        let name = seen.command.constant_name.as_deref().unwrap_or_default();
        if found.is_some() || !["Import-Module", "ipmo"].iter().any(|known| same_name(known, name)) {
            return;
        }
        found = seen.command.elements.iter().find_map(|element| {
            let (Element::Argument(value) | Element::Parameter { argument: Some(value), .. }) = element else {
                return None;
            };
            let file = match &value.kind {
                ExprKind::Bareword(text) | ExprKind::String { text, .. } => text.clone(),
                // `"$PSScriptRoot\tools.psm1"`, as it is written.
                ExprKind::Expandable { .. } => "The module".to_string(),
                _ => return None,
            };
            let is_file = matches!(value.kind, ExprKind::Expandable { .. })
                || file.contains(['/', '\\'])
                || [".psm1", ".psd1", ".ps1", ".dll"].iter().any(|end| file.to_ascii_lowercase().ends_with(end));
            is_file.then_some((file, value.span))
        });
    });
    found
}
