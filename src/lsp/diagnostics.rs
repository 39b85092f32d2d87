//! What is wrong with a text, as the protocol says it.

use super::document::Document;
use crate::error::{Diagnostic as Found, Phase, Severity};
use gen_lsp_types::{Code, Diagnostic, DiagnosticSeverity, DiagnosticTag, Message, PublishDiagnosticsParams};
use lsp_server::Notification;

/// What tells the client what is wrong with this version of a text.
pub(super) fn published(document: &Document) -> Notification {
    let diagnostics = document.found.iter().map(|found| one(document, found)).collect();
    notification(document, diagnostics)
}

/// What tells the client that there is nothing to show.
pub(super) fn none(document: &Document) -> Notification {
    notification(document, Vec::new())
}

fn notification(document: &Document, diagnostics: Vec<Diagnostic>) -> Notification {
    let params = PublishDiagnosticsParams { uri: document.uri.clone(), version: Some(document.version), diagnostics };
    Notification::new("textDocument/publishDiagnostics".to_string(), params)
}

/// One of them.
pub(super) fn one(document: &Document, found: &Found) -> Diagnostic {
    let message = match &found.hint {
        Some(hint) => format!("{}\n{hint}", found.message),
        None => found.message.clone(),
    };
    let severity = match found.severity {
        Severity::Error => DiagnosticSeverity::Error,
        Severity::Warning => DiagnosticSeverity::Warning,
        Severity::Note => DiagnosticSeverity::Information,
    };
    // What nothing reaches is shown faded.
    let tags = (found.phase == Phase::Flow).then(|| vec![DiagnosticTag::Unnecessary]);
    Diagnostic {
        range: document.range(found.span),
        severity: Some(severity),
        code: Some(Code::String(found.id.to_string())),
        code_description: None,
        source: Some("reeve".to_string()),
        message: Message::String(message),
        tags,
        related_information: None,
        data: None,
    }
}
