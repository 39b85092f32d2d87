//! What may stand at the cursor: the shell's completion, and the names of the text itself.

use super::document::Document;
use super::hover;
use super::place::Definitions;
use crate::cli::Shell;
use crate::error::Span;
use crate::language::tree::Script;
use crate::language::{Expects, parse};
use crate::script::signature;
use crate::shell::{Candidate, complete};
use crate::value::same_name;
use gen_lsp_types::{
    CompletionItem, CompletionItemKind, CompletionItemTextEdit, CompletionList, Documentation, MarkupContent,
    MarkupKind, TextEdit,
};
use serde_json::{Value, json};

/// What may stand at a byte.
pub(super) fn list(shell: &Shell, document: &Document, byte: usize) -> CompletionList {
    let engine = shell.engine();
    let engine = engine.borrow();
    let found = complete(document.text(), byte, document.mode, &engine);
    let span = Span::new(found.start, byte);
    let parsed = parse(document.text(), document.mode, &engine.names());
    let mut candidates = found.candidates;
    for own in of_text(&parsed.script, &found.expects, span.of(document.text()), byte) {
        if !candidates.iter().any(|known| same_name(&known.text, &own)) {
            candidates.push(Candidate { shown: own.clone(), text: own });
        }
    }
    let range = document.range(span);
    let item = |(at, candidate): (usize, Candidate)| {
        let kind = kind(&found.expects, &candidate.text);
        let data = match (&found.expects, kind) {
            (_, CompletionItemKind::Function) => Some(json!({"command": candidate.text})),
            (Expects::Parameter { command }, _) => Some(json!({"command": command, "parameter": candidate.text})),
            _ => None,
        };
        CompletionItem {
            label: candidate.shown.clone(),
            kind: Some(kind),
            // As the shell lists them.
            sort_text: Some(format!("{at:05}")),
            filter_text: Some(candidate.text.clone()),
            text_edit: Some(CompletionItemTextEdit::TextEdit(TextEdit { range, new_text: candidate.text })),
            data,
            ..CompletionItem::default()
        }
    };
    let items = candidates.into_iter().enumerate().map(item).collect();
    // Names of the deployment are offered up to a number: more of what is written may bring others.
    let is_incomplete = matches!(found.expects, Expects::Argument { .. });
    CompletionList { is_incomplete, items, ..CompletionList::default() }
}

/// Names that the text itself defines and that may stand there.
fn of_text(script: &Script, expects: &Expects, word: &str, byte: usize) -> Vec<String> {
    let definitions = Definitions::of(script);
    let begins = |name: &str| name.get(..word.len()).is_some_and(|head| same_name(head, word));
    let mut names: Vec<String> = match expects {
        Expects::Variable => {
            let here = |name: &&super::place::Definition| definitions.variable(&name.name, byte).is_some();
            definitions.variables.iter().filter(here).map(|one| format!("${}", one.name)).collect()
        }
        Expects::Value if word.starts_with('$') => {
            definitions.variables.iter().map(|one| format!("${}", one.name)).collect()
        }
        Expects::Command => definitions.functions.iter().map(|(function, _)| function.name.0.clone()).collect(),
        Expects::Parameter { command } => {
            let function = definitions.function(command).map(signature::of_tree);
            function.iter().flat_map(|spec| &spec.parameters).map(|p| format!("-{}", p.name)).collect()
        }
        _ => Vec::new(),
    };
    names.retain(|name| begins(name));
    names.sort_by_key(|name| name.to_lowercase());
    names.dedup_by(|a, b| same_name(a, b));
    names
}

fn kind(expects: &Expects, text: &str) -> CompletionItemKind {
    match expects {
        _ if text.starts_with('$') => CompletionItemKind::Variable,
        Expects::Command if text.contains('-') => CompletionItemKind::Function,
        Expects::Command => CompletionItemKind::Keyword,
        Expects::Parameter { .. } | Expects::Member { .. } | Expects::Filter { .. } => CompletionItemKind::Property,
        Expects::Type => CompletionItemKind::Class,
        Expects::Value if text.contains('-') => CompletionItemKind::Function,
        _ => CompletionItemKind::Value,
    }
}

/// An item with what is said of it: only the one that is looked at costs a page of help.
pub(super) fn resolved(shell: &Shell, mut item: Value) -> Value {
    let command = item["data"]["command"].as_str().unwrap_or_default().to_string();
    let nothing = Script::default();
    let text = match item["data"]["parameter"].as_str() {
        Some(parameter) => hover::page(shell, &nothing, &command)
            .and_then(|page| hover::of_parameter(&page, parameter.trim_start_matches('-'))),
        None => hover::of_command(shell, &nothing, &command),
    };
    if let (Some(value), Some(fields)) = (text, item.as_object_mut()) {
        let documentation = Documentation::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value });
        fields.insert("documentation".into(), serde_json::to_value(documentation).unwrap_or_default());
    }
    item
}
