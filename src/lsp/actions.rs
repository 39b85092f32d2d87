//! Changes that mend what is wrong.

use super::diagnostics;
use super::document::Document;
use gen_lsp_types::{CodeAction, CodeActionKind, Range, TextEdit, WorkspaceEdit};
use std::collections::HashMap;

/// The changes that are known for what is wrong within a range.
pub(super) fn within(document: &Document, range: Range) -> Vec<CodeAction> {
    let asked = document.span(range);
    let touches = |start: u32, end: u32| start <= asked.end && asked.start <= end;
    let mut actions = Vec::new();
    for found in document.found.iter().filter(|found| touches(found.span.start, found.span.end)) {
        let Some(fix) = &found.fix else { continue };
        let title = match fix.text.trim() {
            "" => format!("Remove '{}'", fix.span.of(document.text()).trim()),
            text if fix.span.start == fix.span.end => format!("Add '{text}'"),
            text => format!("Change to '{text}'"),
        };
        let edit = TextEdit { range: document.range(fix.span), new_text: fix.text.clone() };
        let changes = HashMap::from([(document.uri.clone(), vec![edit])]);
        actions.push(CodeAction {
            title,
            kind: Some(CodeActionKind::QuickFix),
            diagnostics: Some(vec![diagnostics::one(document, found)]),
            is_preferred: Some(true),
            edit: Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }),
            ..CodeAction::default()
        });
    }
    actions
}
