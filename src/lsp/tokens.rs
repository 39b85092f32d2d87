//! What the words of a text are, for colours.

use super::document::{Document, number};
use crate::cli::Shell;
use crate::error::Span;
use crate::language::{self, TokenKind};
use gen_lsp_types::{SemanticToken, SemanticTokens, SemanticTokensLegend};

/// The kinds by their numbers.
const KINDS: &[(TokenKind, &str)] = &[
    (TokenKind::Command, "function"),
    (TokenKind::Parameter, "parameter"),
    (TokenKind::Operator, "operator"),
    (TokenKind::Keyword, "keyword"),
    (TokenKind::Variable, "variable"),
    (TokenKind::String, "string"),
    (TokenKind::Number, "number"),
    (TokenKind::Comment, "comment"),
    (TokenKind::Type, "type"),
    (TokenKind::Member, "property"),
    (TokenKind::Function, "method"),
];

/// The names of the kinds, in the order of their numbers.
pub(super) fn legend() -> SemanticTokensLegend {
    SemanticTokensLegend {
        token_types: KINDS.iter().map(|(_, name)| name.to_string()).collect(),
        token_modifiers: Vec::new(),
    }
}

/// The tokens of a text, each told by its distance from the one before; one that goes over lines is cut at their ends.
pub(super) fn of(shell: &Shell, document: &Document) -> SemanticTokens {
    let engine = shell.engine();
    let names = engine.borrow().names();
    let mut data = Vec::new();
    let mut before = (0u32, 0u32);
    for token in language::tokens(document.text(), document.mode, &names) {
        let Some(kind) = KINDS.iter().position(|(known, _)| *known == token.kind) else { continue };
        let mut at = token.span.start as usize;
        for line in token.span.of(document.text()).split_inclusive('\n') {
            let range = document.range(Span::new(at, at + line.trim_end_matches(['\n', '\r']).len()));
            at += line.len();
            let length = range.end.character.saturating_sub(range.start.character);
            if length == 0 || (range.start.line, range.start.character) < before {
                continue;
            }
            let delta_line = range.start.line - before.0;
            let delta_start = range.start.character - if delta_line == 0 { before.1 } else { 0 };
            before = (range.start.line, range.start.character);
            data.push(SemanticToken {
                delta_line,
                delta_start,
                length,
                token_type: number(kind),
                token_modifiers_bitset: 0,
            });
        }
    }
    SemanticTokens { result_id: None, data }
}
