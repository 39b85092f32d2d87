//! The functions of a text, for an outline.

use super::document::Document;
use super::place::Definitions;
use crate::cli::Shell;
use crate::language::parse;
use gen_lsp_types::{DocumentSymbol, SymbolKind};

/// The functions of a text with their parameters.
pub(super) fn of(shell: &Shell, document: &Document) -> Vec<DocumentSymbol> {
    let engine = shell.engine();
    let names = engine.borrow().names();
    let parsed = parse(document.text(), document.mode, &names);
    let definitions = Definitions::of(&parsed.script);
    let one = |name: &str, kind, whole, own| {
        #[allow(deprecated, reason = "the field has to be there, and is left empty")]
        DocumentSymbol {
            name: name.to_string(),
            detail: None,
            kind,
            tags: None,
            deprecated: None,
            range: document.range(whole),
            selection_range: document.range(own),
            children: None,
        }
    };
    definitions
        .functions
        .iter()
        .map(|(function, whole)| {
            let parameters = function.params.parameters.iter();
            let children: Vec<DocumentSymbol> = parameters
                .map(|p| one(&format!("${}", p.variable.name), SymbolKind::Variable, p.span, p.variable.span))
                .collect();
            let symbol = one(&function.name.0, SymbolKind::Function, *whole, function.name.1);
            DocumentSymbol { children: (!children.is_empty()).then_some(children), ..symbol }
        })
        .collect()
}
