//! Commands that name variables: Get-Variable, Set-Variable and their kin, Tee-Object -Variable.

use crate::language::tree::{Element, Expr, ExprKind};
use crate::value::same_name;

/// The variables that a command is about.
pub enum Named {
    /// These.
    These(Vec<String>),
    /// Which ones is known only when it runs.
    Any,
}

/// Commands whose first argument, or -Name, names variables; with their aliases.
const ABOUT: &[&str] = &[
    "Get-Variable",
    "gv",
    "Set-Variable",
    "sv",
    "set",
    "New-Variable",
    "nv",
    "Remove-Variable",
    "rv",
    "Clear-Variable",
    "clv",
];

/// Those of them that set variables; with their aliases.
pub const SETS: &[&str] = &["Set-Variable", "sv", "set", "New-Variable", "nv", "Tee-Object", "tee"];

/// Parameters of these commands that are no switches, without -Name.
const VALUED: &[&str] = &["Value", "Scope", "Option", "Description", "Visibility", "Include", "Exclude"];

/// What variables a command names; `None` for one that has nothing to do with them.
pub fn named(command: &str, elements: &[Element]) -> Option<Named> {
    let about = ABOUT.iter().any(|name| same_name(name, command));
    let tees = same_name(command, "Tee-Object") || same_name(command, "tee");
    if !about && !tees {
        return None;
    }
    let parameter = if tees { "Variable" } else { "Name" };
    let begins = |whole: &str, given: &str| whole.get(..given.len()).is_some_and(|head| same_name(head, given));
    let mut elements = elements.iter().peekable();
    let mut first = None;
    while let Some(element) = elements.next() {
        match element {
            Element::Parameter { name, argument, .. } => {
                let mut value = || argument.as_ref().or_else(|| next_value(&mut elements));
                if begins(parameter, name) && !name.is_empty() {
                    first = value();
                } else if VALUED.iter().any(|known| begins(known, name)) {
                    value();
                }
            }
            Element::Argument(value) if about && first.is_none() => first = Some(value),
            Element::Argument(_) => {}
            Element::Splat { .. } => return Some(Named::Any),
        }
    }
    match first {
        Some(value) => Some(constant(value).map_or(Named::Any, Named::These)),
        None if tees => None,
        None => Some(Named::Any),
    }
}

fn next_value<'e>(elements: &mut std::iter::Peekable<std::slice::Iter<'e, Element>>) -> Option<&'e Expr> {
    match elements.next_if(|element| matches!(element, Element::Argument(_))) {
        Some(Element::Argument(value)) => Some(value),
        _ => None,
    }
}

/// The names in a constant argument, without scopes; `None` for wildcards and what is no constant.
fn constant(value: &Expr) -> Option<Vec<String>> {
    match &value.kind {
        ExprKind::Bareword(text) | ExprKind::String { text, .. } if !text.contains(['*', '?', '[']) => {
            let name = text.rsplit(':').next().unwrap_or(text);
            Some(vec![name.to_string()])
        }
        ExprKind::List(items) => items.iter().map(constant).collect::<Option<Vec<_>>>().map(|names| names.concat()),
        _ => None,
    }
}
