//! The syntax of the command that is being written.

use super::document::Document;
use super::hover;
use crate::cli::Shell;
use crate::help::syntax;
use crate::language::{Expects, context_at, parse};
use gen_lsp_types::{Documentation, SignatureHelp, SignatureInformation};

/// The syntax lines of the command whose arguments stand at a byte.
pub(super) fn at(shell: &Shell, document: &Document, byte: usize) -> Option<SignatureHelp> {
    let engine = shell.engine();
    let names = engine.borrow().names();
    let command = match context_at(document.text(), byte, document.mode, &names).expects {
        Expects::Argument { command, .. } | Expects::Parameter { command } => command,
        _ => return None,
    };
    let parsed = parse(document.text(), document.mode, &names);
    let page = hover::page(shell, &parsed.script, &command)?;
    let documentation = (!page.synopsis.is_empty()).then(|| Documentation::String(page.synopsis.clone()));
    let signatures = syntax::lines(&page.spec)
        .into_iter()
        .map(|label| SignatureInformation {
            label,
            documentation: documentation.clone(),
            parameters: None,
            active_parameter: None,
        })
        .collect();
    Some(SignatureHelp { signatures, active_signature: Some(0), active_parameter: None })
}
