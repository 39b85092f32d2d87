//! Where a function or a variable is defined.

use super::document::Document;
use super::place::{self, Definitions, Place};
use crate::cli::Shell;
use crate::language::parse;
use gen_lsp_types::Location;

/// The definition of what stands at a byte, if the text itself holds it.
pub(super) fn at(shell: &Shell, document: &Document, byte: usize) -> Option<Location> {
    let engine = shell.engine();
    let names = engine.borrow().names();
    let parsed = parse(document.text(), document.mode, &names);
    let definitions = Definitions::of(&parsed.script);
    let span = match place::at(&parsed.script, byte)? {
        Place::Command { name, .. } => definitions.function(name)?.name.1,
        Place::Variable(variable) => definitions.variable(&variable.name, variable.span.start as usize)?.span,
        Place::Parameter { command, name, .. } => {
            let function = definitions.function(command)?;
            let mut parameters = function.params.parameters.iter();
            parameters.find(|parameter| crate::value::same_name(&parameter.variable.name, name))?.variable.span
        }
    };
    Some(Location { uri: document.uri.clone(), range: document.range(span) })
}
