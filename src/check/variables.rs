//! Variables that a text reads and nothing sets.
//!
//! What is set anywhere in a function, or around it, counts as set: only a name that no statement could give a value is
//! reported. Where a command sets variables whose names are not in the text, nothing is.

use crate::env::bounds;
use crate::error::{Diagnostic, Phase, Span};
use crate::language::lower::{Named, SETS_VARIABLES, is_automatic, named_variables};
use crate::language::tree::{
    Assign, Catch, Command, Element, Expr, ExprKind, Function, Parameter, Rhai, RhaiBlock, Script, Variable, Visit,
    walk_command, walk_expr, walk_function, walk_parameter, walk_rhai, walk_target,
};
use crate::value::{NameSet, near, same_name};

/// Automatic variables of PowerShell that are never set here, and so empty: no mistake of who reads them.
const OF_POWERSHELL: &[&str] = &[
    "ConsoleFileName",
    "EnabledExperimentalFeatures",
    "Event",
    "EventArgs",
    "EventSubscriber",
    "PROFILE",
    "PSDebugContext",
    "PSEdition",
    "PSEmailServer",
    "PSModuleAutoLoadingPreference",
    "PSNativeCommandArgumentPassing",
    "PSNativeCommandUseErrorActionPreference",
    "PSSenderInfo",
    "PSSessionApplicationName",
    "PSSessionConfigurationName",
    "PSSessionOption",
    "PSStyle",
    "Sender",
    "Transcript",
    "foreach",
    "switch",
    "this",
];

/// Common parameters that name a variable, with their aliases.
pub const NAMES_VARIABLE: &[&str] = &[
    "OutVariable",
    "ov",
    "ErrorVariable",
    "ev",
    "WarningVariable",
    "wv",
    "InformationVariable",
    "iv",
    "PipelineVariable",
    "pv",
];

/// One warning for each variable of a function, or of the script, that is read there and set nowhere. `known` says
/// whether a variable was there before the text.
pub fn unset(script: &Script, text: &str, known: &dyn Fn(&str) -> bool) -> Vec<Diagnostic> {
    let mut look = Look { text, scopes: vec![Scope::default()], at: 0, anything: false };
    look.visit_script(script);
    if look.anything {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (at, scope) in look.scopes.iter().enumerate() {
        let mut told = NameSet::default();
        for (name, span) in scope.read.iter().take_while(|_| !bounds::stopped()) {
            if told.contains(name) || look.is_set(at, name) || known(name) {
                continue;
            }
            told.add(name);
            found.push(look.diagnostic(at, name, *span));
        }
    }
    found
}

/// A function's variables, or the script's; its script blocks share them.
#[derive(Default)]
struct Scope {
    around: Option<usize>,
    set: NameSet,
    read: Vec<(String, Span)>,
}

struct Look<'a> {
    text: &'a str,
    scopes: Vec<Scope>,
    at: usize,
    /// A command sets variables whose names only running gives.
    anything: bool,
}

impl Look<'_> {
    fn set(&mut self, scope: usize, name: &str) {
        if let Some(scope) = self.scopes.get_mut(scope) {
            scope.set.add(name);
        }
    }

    fn is_set(&self, scope: usize, name: &str) -> bool {
        self.around(scope).any(|scope| scope.set.contains(name))
    }

    fn around(&self, scope: usize) -> impl Iterator<Item = &Scope> {
        let one = |at: usize| self.scopes.get(at);
        std::iter::successors(one(scope), move |inner| inner.around.and_then(one))
    }

    fn diagnostic(&self, scope: usize, name: &str, span: Span) -> Diagnostic {
        let message = format!("Nothing sets the variable ${name}; it is $null.");
        let diagnostic = Diagnostic::error(Phase::Name, "VariableIsUndefined", span, message).as_warning();
        let elsewhere = self.scopes.iter().any(|other| other.set.contains(name));
        if elsewhere {
            return diagnostic.with_hint(
                "A function that sets it keeps it for itself: hand it over as a parameter or as output, or write $script:.",
            );
        }
        let visible: Vec<&str> = self.around(scope).flat_map(|scope| scope.set.iter()).collect();
        // One letter is near to every other.
        match near::nearest(name, &visible).filter(|_| name.chars().count() > 2) {
            Some(near) => {
                let near = near.to_string();
                let written = span.of(self.text);
                let hint = format!("Did you mean ${near}?");
                match written.strip_prefix('$') {
                    Some(bare) if same_name(bare, name) => {
                        diagnostic.with_fix(span, format!("${near}")).with_hint(hint)
                    }
                    _ => diagnostic.with_hint(hint),
                }
            }
            None => diagnostic.with_hint(format!("Set it before: ${name} = …, or take it as a parameter.")),
        }
    }

    fn nested(&mut self, walk: impl FnOnce(&mut Self)) {
        let outer = self.at;
        self.scopes.push(Scope { around: Some(outer), ..Scope::default() });
        self.at = self.scopes.len() - 1;
        walk(self);
        self.at = outer;
    }

    fn assigned(&mut self, variable: &Variable) {
        match variable.scope.as_deref() {
            None | Some("local" | "private") => self.set(self.at, &variable.name),
            Some("script" | "global") => self.set(0, &variable.name),
            Some(_) => {}
        }
    }

    /// Names in Rhai's own text: what it declares, takes as a parameter or assigns is not told apart.
    fn words(&mut self, text: &str) {
        for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).filter(|word| !word.is_empty()) {
            self.set(0, word);
        }
    }
}

impl<'t> Visit<'t> for Look<'_> {
    fn visit_variable(&mut self, variable: &'t Variable) {
        let at = match variable.scope.as_deref() {
            None | Some("local" | "private" | "using") => self.at,
            Some("script" | "global") => 0,
            Some(_) => return,
        };
        let automatic =
            is_automatic(&variable.name) || OF_POWERSHELL.iter().any(|known| same_name(known, &variable.name));
        if !automatic && let Some(scope) = self.scopes.get_mut(at) {
            scope.read.push((variable.name.clone(), variable.span));
        }
    }

    fn visit_assign(&mut self, assign: &'t Assign) {
        self.visit_statement(&assign.value);
        assign.targets.iter().for_each(|target| self.visit_target(target));
    }

    fn visit_target(&mut self, target: &'t Expr) {
        walk_target(self, target);
    }

    fn visit_written(&mut self, variable: &'t Variable) {
        self.assigned(variable);
    }

    fn visit_loop_variable(&mut self, variable: &'t Variable) {
        self.assigned(variable);
    }

    fn visit_parameter(&mut self, parameter: &'t Parameter) {
        self.set(self.at, &parameter.variable.name);
        walk_parameter(self, parameter);
    }

    fn visit_function(&mut self, function: &'t Function) {
        self.nested(|look| walk_function(look, function));
    }

    fn visit_rhai(&mut self, rhai: &'t Rhai) {
        rhai.declares.iter().for_each(|name| self.set(self.at, name));
        let mut at = rhai.span.start;
        for island in &rhai.islands {
            self.words(Span { start: at, end: island.span.start }.of(self.text));
            at = island.span.end;
        }
        self.words(Span { start: at, end: rhai.span.end }.of(self.text));
        walk_rhai(self, rhai);
    }

    fn visit_rhai_block(&mut self, block: &'t RhaiBlock) {
        block.declares.iter().for_each(|name| self.set(self.at, name));
        self.visit_body(&block.body);
    }

    fn visit_catch(&mut self, catch: &'t Catch) {
        if let Some((name, _)) = &catch.variable {
            self.set(self.at, name);
        }
        self.visit_body(&catch.body);
    }

    fn visit_command(&mut self, command: &'t Command) {
        match command.constant_name.as_deref().and_then(|name| named_variables(name, &command.elements)) {
            Some(Named::These(names)) => names.iter().for_each(|name| self.set(0, name)),
            Some(Named::Any) => {
                let name = command.constant_name.as_deref().unwrap_or_default();
                self.anything |= SETS_VARIABLES.iter().any(|known| same_name(known, name));
            }
            None => {}
        }
        for (at, element) in command.elements.iter().enumerate() {
            let Element::Parameter { name, argument, .. } = element else { continue };
            if !NAMES_VARIABLE.iter().any(|known| same_name(known, name)) {
                continue;
            }
            let value = argument.as_ref().or(match command.elements.get(at + 1) {
                Some(Element::Argument(value)) => Some(value),
                _ => None,
            });
            match value.map(|value| &value.kind) {
                Some(ExprKind::Bareword(text) | ExprKind::String { text, .. }) => {
                    self.set(0, text.trim_start_matches('+'));
                }
                _ => self.anything = true,
            }
        }
        walk_command(self, command);
    }

    fn visit_expr(&mut self, expr: &'t Expr) {
        if let ExprKind::Cast { to, operand } = &expr.kind
            && same_name(&to.name, "ref")
        {
            // `[ref]$x`: what it is handed to sets it.
            return self.visit_target(operand);
        }
        walk_expr(self, expr);
    }
}
