//! What a name means: the help of a cmdlet or a parameter, where a variable comes from.

use super::document::Document;
use super::place::{self, Definitions, Place};
use crate::cli::Shell;
use crate::cmdlet::common;
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlets::help::pages;
use crate::error::Span;
use crate::help::{Locale, Page, syntax};
use crate::language::lower::{is_automatic, unspelled};
use crate::language::parse;
use crate::language::tree::{Function, Script, Variable};
use crate::script::signature;
use crate::value::same_name;
use gen_lsp_types::{Contents, Hover, MarkupContent, MarkupKind};
use std::sync::Arc;

/// What is shown of a name under the mouse.
pub(super) fn at(shell: &Shell, document: &Document, byte: usize) -> Option<Hover> {
    let engine = shell.engine();
    let names = engine.borrow().names();
    let parsed = parse(document.text(), document.mode, &names);
    let (text, span) = match place::at(&parsed.script, byte) {
        Some(Place::Command { name, span }) => (of_command(shell, &parsed.script, name)?, span),
        Some(Place::Parameter { command, name, span }) => {
            (of_parameter(&page(shell, &parsed.script, command)?, name)?, span)
        }
        Some(Place::Variable(variable)) => (of_variable(document, &parsed.script, variable), variable.span),
        // Rhai's own text: a command in its Rhai spelling.
        None => {
            let span = word(document.text(), byte);
            let command = unspelled(span.of(document.text()))?;
            (of_command(shell, &parsed.script, &command)?, span)
        }
    };
    let value = Contents::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value: text });
    Some(Hover { contents: value, range: Some(document.range(span)) })
}

/// The page of a command: of a function of the text itself, else of what the registry knows.
pub(super) fn page(shell: &Shell, script: &Script, name: &str) -> Option<Page> {
    let locale = Locale::from_environment(|name| std::env::var(name).ok());
    if let Some(function) = Definitions::of(script).function(name) {
        return Some(of_function(function, &locale));
    }
    let registry = &shell.session().registry;
    Some(pages::of(&registry.lookup(name)?, registry, &locale))
}

fn of_function(function: &Function, locale: &Locale) -> Page {
    let spec = Arc::new(signature::of_tree(function));
    let comment = function.help.as_deref();
    let source = crate::help::page::Source { spec, examples: &[], aliases: Vec::new(), runs: true, comment };
    Page::new(source, locale)
}

/// A command: its synopsis, its syntax, what is said of it.
pub(super) fn of_command(shell: &Shell, script: &Script, name: &str) -> Option<String> {
    let page = page(shell, script, name)?;
    let mut text = format!("```powershell\n{}\n```\n", syntax::lines(&page.spec).join("\n"));
    if !page.synopsis.is_empty() {
        text.push_str(&format!("\n{}\n", page.synopsis));
    }
    if !page.description.is_empty() && page.description != page.synopsis {
        text.push_str(&format!("\n{}\n", page.description));
    }
    if !same_name(&page.spec.name, name) {
        text.push_str(&format!("\n`{name}` is an alias of `{}`.\n", page.spec.name));
    }
    if !page.runs {
        text.push_str("\nIts signature is known; it does not run here yet.\n");
    }
    Some(text)
}

/// A parameter: its type, what it is for, what it takes.
pub(super) fn of_parameter(page: &Page, written: &str) -> Option<String> {
    let common = common::parameters(true);
    let named = |exact: bool| {
        let mut fitting = page.spec.parameters.iter().chain(&common).filter(|parameter| {
            let names = std::iter::once(&parameter.name).chain(&parameter.aliases);
            let mut names = names.map(|name| &**name);
            match exact {
                true => names.any(|name| same_name(name, written)),
                false => names.any(|name| name.get(..written.len()).is_some_and(|head| same_name(head, written))),
            }
        });
        let first = fitting.next();
        first.filter(|_| exact || fitting.next().is_none())
    };
    let parameter = named(true).or_else(|| named(false))?;
    let mut text = format!("```powershell\n-{} <{}>\n```\n", parameter.name, syntax::short(&parameter.doc_type));
    if let Some(help) = page.parameters.iter().find(|help| same_name(&help.name, &parameter.name)) {
        text.push_str(&format!("\n{}\n", help.text));
    }
    let choices = syntax::choices(parameter);
    if !choices.is_empty() {
        text.push_str(&format!("\n{}\n", choices.iter().map(|c| format!("`{c}`")).collect::<Vec<_>>().join(", ")));
    }
    if is_mandatory(&page.spec, &parameter.name) {
        text.push_str("\nIt must be given.\n");
    }
    Some(text)
}

fn is_mandatory(spec: &CmdletSpec, name: &str) -> bool {
    let parameter = spec.parameters.iter().find(|parameter| same_name(&parameter.name, name));
    parameter.is_some_and(|parameter| !parameter.sets.is_empty() && parameter.sets.iter().all(|set| set.mandatory))
}

fn of_variable(document: &Document, script: &Script, variable: &Variable) -> String {
    let name = match &variable.scope {
        Some(scope) => format!("${scope}:{}", variable.name),
        None => format!("${}", variable.name),
    };
    let definitions = Definitions::of(script);
    let found = definitions.variable(&variable.name, variable.span.start as usize);
    let said = match found {
        Some(definition) => {
            let line = document.position(definition.span.start as usize).line;
            let text = document.text().lines().nth(line as usize).unwrap_or_default().trim();
            format!("Set in line {}:\n\n```powershell\n{text}\n```", line + 1)
        }
        None if variable.scope.as_deref() == Some("env") => "A variable of the environment.".to_string(),
        None if is_automatic(&variable.name) => "A variable of the shell itself.".to_string(),
        None => "Nothing in this text sets it.".to_string(),
    };
    format!("`{name}`\n\n{said}\n")
}

/// The word at a byte.
pub(super) fn word(text: &str, byte: usize) -> Span {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let (before, after) = text.split_at_checked(byte).unwrap_or((text, ""));
    let start = before.trim_end_matches(is_word).len();
    let end = byte + (after.len() - after.trim_start_matches(is_word).len());
    Span::new(start, end)
}
