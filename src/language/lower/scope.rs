//! Which variables are visible where.

use super::Lowerer;
use super::names::{mangled, session_variable};
use crate::env::bounds;
use crate::language::tree::*;
use crate::value::{NameSet, folded, same_name};
use std::collections::HashMap;

/// The variables of a script, a function or a script block, by their Rhai names.
#[derive(Debug, Default)]
pub(super) struct Scope {
    /// Declared here.
    pub variables: Declared,
    /// Types that assignments to them convert to (`[int]$n = 5`).
    pub types: Vec<(String, String)>,
    /// A Rhai function's body: nothing outside is visible.
    pub is_function: bool,
}

/// What a variable of command mode is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Place {
    /// `$_`.
    It,
    /// `$true`, `$false`, `$null`.
    Literal(&'static str),
    /// `$args`.
    Args,
    /// `$input`.
    Input,
    /// `$env:NAME`.
    Environment(String),
    /// `$using:NAME`: what a block that runs elsewhere was given.
    Using(String),
    /// A variable of Rhai.
    Rhai(String),
    /// The session keeps it, or nobody has set it.
    Session(String),
}

impl Lowerer<'_> {
    /// What a variable is here.
    pub(super) fn place(&self, variable: &Variable) -> Place {
        let name = variable.name.as_str();
        match variable.scope.as_deref() {
            Some("env") => return Place::Environment(name.to_string()),
            Some("using") => return Place::Using(name.to_string()),
            Some("function") => return Place::Session(format!("function:{name}")),
            Some("script" | "global") if self.by_parameter.contains(name) => {
                return Place::Session(format!("global:{name}"));
            }
            Some("script" | "global") => {
                let found = self.scopes.first().and_then(|scope| scope.variables.find(&mangled(name)));
                return match found.or_else(|| self.names.visible(&mangled(name))) {
                    Some(found) => Place::Rhai(found),
                    None => Place::Session(session_name(name)),
                };
            }
            _ => {}
        }
        if let Some(automatic) = automatic(name) {
            return automatic;
        }
        if self.by_parameter.contains(name) {
            return Place::Session(name.to_string());
        }
        self.visible(name).map_or_else(|| Place::Session(session_name(name)), Place::Rhai)
    }

    /// The Rhai variable that `$name` is here, if there is one.
    pub(super) fn visible(&self, name: &str) -> Option<String> {
        for scope in self.scopes.iter().rev() {
            if let Some(found) = scope.variables.find(&mangled(name)) {
                return Some(found);
            }
            if scope.is_function {
                return None;
            }
        }
        self.names.visible(&mangled(name))
    }

    /// Notes the type that a variable keeps, or that it has none any more.
    pub(super) fn constrain(&mut self, name: &str, kind: Option<&str>) {
        let holds = |scope: &&mut Scope| scope.variables.has(name);
        let Some(scope) = self.scopes.iter_mut().rev().find(holds) else { return };
        scope.types.retain(|(v, _)| v != name);
        const FREE: [&str; 5] = ["object", "psobject", "pscustomobject", "switch", "ref"];
        if let Some(kind) = kind.filter(|kind| !FREE.iter().any(|free| same_name(free, kind))) {
            scope.types.push((name.to_string(), kind.to_string()));
        }
    }

    /// The type that a variable keeps.
    pub(super) fn constraint(&self, name: &str) -> Option<String> {
        let scope = self.scopes.iter().rev().find(|scope| scope.variables.has(name))?;
        scope.types.iter().find(|(v, _)| v == name).map(|(_, kind)| kind.clone())
    }

    /// Makes Rhai's own variables visible from here on.
    pub(super) fn declare(&mut self, name: &str) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.variables.declare(name);
        }
    }

    /// What must be declared at the start of a block that sets these variables, as Rhai text. Of a block with a scope
    /// of its own that sets what is visible outside, a copy hides the outer one.
    pub(super) fn declarations(&mut self, set: &NameSet, shares: bool) -> String {
        let mut text = String::new();
        for name in set.iter().take_while(|_| !bounds::stopped()) {
            let kept = self.by_parameter.contains(name);
            if kept || automatic(name).is_some() || session_variable(name).is_some() {
                continue;
            }
            let here = self.scopes.last().is_some_and(|scope| scope.variables.find(&mangled(name)).is_some());
            if here {
                continue;
            }
            match self.visible(name) {
                Some(_) if shares || self.scopes.len() < 2 => {}
                Some(outer) => {
                    text.push_str(&format!("let {outer} = {outer}; "));
                    self.declare(&outer);
                }
                None => {
                    let name = mangled(name);
                    text.push_str(&format!("let {name}; "));
                    self.declare(&name);
                }
            }
        }
        text
    }
}

fn session_name(name: &str) -> String {
    if same_name(name, "MyInvocation") {
        // The script's own, also within a function.
        return "script:MyInvocation".to_string();
    }
    session_variable(name).map_or_else(|| name.to_string(), str::to_string)
}

/// Rhai's variables of a scope: it tells names apart by case.
#[derive(Debug, Default)]
pub(super) struct Declared(HashMap<String, Vec<String>>);

impl Declared {
    /// These, in their order.
    pub fn of(names: &[String]) -> Declared {
        let mut declared = Declared::default();
        names.iter().for_each(|name| declared.declare(name));
        declared
    }

    fn declare(&mut self, name: &str) {
        let same = self.0.entry(folded(name)).or_default();
        if !same.iter().any(|one| one == name) {
            same.push(name.to_string());
        }
    }

    fn has(&self, name: &str) -> bool {
        self.0.get(&folded(name)).is_some_and(|same| same.iter().any(|one| one == name))
    }

    /// The one that is spelled so; else the last one whose name is the same in another case.
    fn find(&self, name: &str) -> Option<String> {
        let same = self.0.get(&folded(name))?;
        same.iter().find(|one| *one == name).or(same.last()).cloned()
    }
}

fn automatic(name: &str) -> Option<Place> {
    Some(match name.to_ascii_lowercase().as_str() {
        "_" | "psitem" => Place::It,
        "true" => Place::Literal("true"),
        "false" => Place::Literal("false"),
        "null" => Place::Literal("()"),
        "args" => Place::Args,
        "input" => Place::Input,
        _ => return session_variable(name).map(|known| Place::Session(known.to_string())),
    })
}

/// Whether a command's script blocks work on the variables of the caller.
pub(super) fn shares_scope(command: &str) -> bool {
    const COMMANDS: [&str; 7] = ["ForEach-Object", "Where-Object", "Measure-Command", "ForEach", "Where", "%", "?"];
    COMMANDS.iter().any(|n| same_name(n, command))
}

/// Whether a method's script blocks do: `.ForEach({ … })`, `.Where({ … })`.
pub(super) fn method_shares_scope(method: &Expr) -> bool {
    matches!(&method.kind, ExprKind::Bareword(name) if ["ForEach", "Where"].iter().any(|n| same_name(n, name)))
}
