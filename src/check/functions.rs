//! The functions that a script defines itself: calls of them are bound to what they declare. The names that it gives to
//! commands are known, too.

use crate::cmdlet::spec::CmdletSpec;
use crate::language::tree::{Command, Element, ExprKind, Function, Script, Visit, walk_command, walk_function};
use crate::script::signature;
use crate::value::{near, same_name};
use std::sync::Arc;

/// A script's own functions.
pub(super) struct Functions {
    /// Names, with the signature of those that take nothing else.
    found: Vec<(String, Option<Arc<CmdletSpec>>)>,
}

/// What a name is among a script's own functions.
pub(super) enum Own<'f> {
    /// A function that takes what it declares, and nothing else.
    Function(&'f Arc<CmdletSpec>),
    /// One that takes anything, or of which there are several.
    Unknown,
    /// There is none.
    None,
}

/// The functions that a script defines, wherever it does.
pub(super) fn of_script(script: &Script) -> Functions {
    let mut functions = Functions { found: Vec::new() };
    functions.visit_script(script);
    functions
}

impl Functions {
    /// What a name is.
    pub fn of_name(&self, name: &str) -> Own<'_> {
        let mut of_name = self.found.iter().filter(|(own, _)| same_name(own, name));
        match (of_name.next(), of_name.next()) {
            (None, _) => Own::None,
            (Some((_, Some(spec))), None) => Own::Function(spec),
            _ => Own::Unknown,
        }
    }

    /// The function whose name is nearest to a name, if it is near enough to be meant.
    pub fn near(&self, name: &str) -> Option<&str> {
        near::nearest(name, self.found.iter().map(|(own, _)| own.as_str()))
    }
}

/// Commands that give a name to another command; the name is their first argument.
const GIVE: &[&str] = &["Set-Alias", "New-Alias", "sal", "nal"];

impl<'t> Visit<'t> for Functions {
    fn visit_command(&mut self, command: &'t Command) {
        if command.constant_name.as_deref().is_some_and(|name| GIVE.iter().any(|give| same_name(give, name))) {
            let mut values = command.elements.iter().filter_map(|element| match element {
                Element::Argument(value) | Element::Parameter { argument: Some(value), .. } => Some(value),
                _ => None,
            });
            if let Some(ExprKind::Bareword(text) | ExprKind::String { text, .. }) = values.next().map(|v| &v.kind) {
                self.found.push((text.clone(), None));
            }
        }
        walk_command(self, command);
    }

    fn visit_function(&mut self, function: &'t Function) {
        let spec = signature::of_function(function).map(Arc::new);
        for alias in signature::aliases(&function.params) {
            self.found.push((alias, spec.clone()));
        }
        self.found.push((function.name.0.clone(), spec));
        walk_function(self, function);
    }
}
