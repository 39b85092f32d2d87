//! Which variables a piece of the tree sets and mentions.

use super::scope::{method_shares_scope, shares_scope};
use super::variables;
use crate::language::tree::*;
use crate::value::{NameSet, same_name};

/// What is looked for in a tree.
#[derive(Default)]
pub(super) struct Finder {
    /// Variables that are set in the scope itself, in order.
    pub set: NameSet,
    /// Variables that are set as the script's or the session's (`$script:x`), in inner scopes too.
    pub set_outside: NameSet,
    /// Variables that common parameters set (`-OutVariable x`): the session keeps them.
    pub by_parameter: NameSet,
    /// A command looks for variables by names that are not known before it runs.
    pub by_name: bool,
    /// A script block that is not written there works on its caller's variables (`. $block`): which those are is known when
    /// it runs.
    pub dots: bool,
    /// Variables that are mentioned, in inner scopes too.
    pub mentioned: NameSet,
    /// Variables of the script or the session (`$script:x`) that inner scopes mention, and those that they set as their
    /// own: Rhai cannot tell two variables of one name apart.
    pub outside: NameSet,
    pub set_inside: NameSet,
    /// Parameters of functions and script blocks.
    pub parameters: NameSet,
    /// Variables that it takes over from whoever calls it (`$using:x`).
    pub using: NameSet,
    /// How many inner scopes the walk is in.
    depth: usize,
    /// The walk is in a block that takes over from what is looked at.
    inside_parallel: bool,
}

impl Finder {
    /// What a body sets and mentions.
    pub fn of_body(body: &Body) -> Finder {
        let mut finder = Finder::default();
        finder.visit_body(body);
        finder
    }

    /// Whether a name is mentioned.
    pub fn mentions(&self, name: &str) -> bool {
        self.mentioned.contains(name)
    }

    fn inner(&mut self, shares: bool, walk: impl FnOnce(&mut Finder)) {
        self.depth += usize::from(!shares);
        walk(self);
        self.depth -= usize::from(!shares);
    }

    /// What a command names for the session to keep: by its common parameters, or because it is about variables.
    fn variable_parameters(&mut self, command: Option<&str>, elements: &[Element]) {
        if let Some(names) = command.and_then(|command| variables::named(command, elements)) {
            match names {
                variables::Named::These(names) => names.iter().for_each(|name| self.by_parameter.add(name)),
                variables::Named::Any => self.by_name = true,
            }
        }
        const NAMES: [&str; 15] = [
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
            "StatusCodeVariable",
            "ResponseHeadersVariable",
            "RHV",
            "SessionVariable",
            "SV",
        ];
        for (at, element) in elements.iter().enumerate() {
            let Element::Parameter { name, argument, .. } = element else { continue };
            if !NAMES.iter().any(|n| same_name(n, name)) {
                continue;
            }
            let value = argument.as_ref().or(match elements.get(at + 1) {
                Some(Element::Argument(value)) => Some(value),
                _ => None,
            });
            if let Some(ExprKind::Bareword(text) | ExprKind::String { text, .. }) = value.map(|v| &v.kind) {
                self.by_parameter.add(text.trim_start_matches('+'));
            }
        }
    }

    /// An argument: its script blocks may work on the caller's variables.
    fn argument(&mut self, argument: &Expr, shares: bool) {
        match &argument.kind {
            ExprKind::ScriptBlock(block) if shares => walk_block(self, block),
            ExprKind::List(items) => items.iter().for_each(|item| self.argument(item, shares)),
            _ => self.visit_expr(argument),
        }
    }
}

impl<'t> Visit<'t> for Finder {
    fn visit_variable(&mut self, variable: &'t Variable) {
        if self.depth > 0 && matches!(variable.scope.as_deref(), Some("script" | "global")) {
            self.outside.add(&variable.name);
        }
        if variable.scope.as_deref() == Some("using") && !self.inside_parallel {
            self.using.add(&variable.name);
        }
        if variable.scope.as_deref() != Some("env") {
            self.mentioned.add(&variable.name);
        }
    }

    fn visit_target(&mut self, target: &'t Expr) {
        walk_target(self, target);
    }

    fn visit_written(&mut self, variable: &'t Variable) {
        self.visit_variable(variable);
        match variable.scope.as_deref() {
            Some("env" | "using") => {}
            Some("script" | "global") => self.set_outside.add(&variable.name),
            _ if self.depth == 0 => self.set.add(&variable.name),
            _ => self.set_inside.add(&variable.name),
        }
    }

    fn visit_loop_variable(&mut self, variable: &'t Variable) {
        self.visit_variable(variable);
        if self.depth == 0 {
            self.set.add(&variable.name);
        }
    }

    fn visit_rhai_block(&mut self, block: &'t RhaiBlock) {
        // What a Rhai function's body sets is its own.
        self.inner(!block.is_function, |finder| finder.visit_body(&block.body));
    }

    fn visit_pattern(&mut self, pattern: &'t Expr) {
        match &pattern.kind {
            ExprKind::ScriptBlock(block) => self.visit_body(&block.body),
            _ => self.visit_expr(pattern),
        }
    }

    fn visit_function(&mut self, function: &'t Function) {
        self.inner(false, |finder| walk_function(finder, function));
    }

    fn visit_parameter(&mut self, parameter: &'t Parameter) {
        self.parameters.add(&parameter.variable.name);
        walk_parameter(self, parameter);
    }

    fn visit_command(&mut self, command: &'t Command) {
        let parallel = runs_elsewhere(&command.elements);
        let shares = !parallel && command.constant_name.as_deref().is_some_and(shares_scope);
        self.argument(&command.name, command.shares);
        self.dots |= command.shares && !matches!(command.name.kind, ExprKind::ScriptBlock(_));
        let outside = self.inside_parallel;
        self.inside_parallel |= parallel;
        self.variable_parameters(command.constant_name.as_deref(), &command.elements);
        for element in &command.elements {
            match element {
                Element::Parameter { argument: Some(argument), .. } | Element::Argument(argument) => {
                    self.argument(argument, shares);
                }
                _ => self.visit_element(element),
            }
        }
        self.inside_parallel = outside;
        command.redirections.iter().for_each(|redirection| self.visit_redirection(redirection));
    }

    fn visit_block(&mut self, block: &'t ScriptBlock) {
        self.inner(false, |finder| walk_block(finder, block));
    }

    fn visit_expr(&mut self, expr: &'t Expr) {
        if let ExprKind::RhaiCall { name, arguments: None } = &expr.kind {
            self.mentioned.add(name);
        }
        if let ExprKind::Method { target, name, arguments, is_static: false, .. } = &expr.kind
            && method_shares_scope(name)
        {
            self.visit_expr(target);
            return arguments.iter().for_each(|argument| self.argument(argument, true));
        }
        walk_expr(self, expr);
    }
}

/// Whether a command's script block runs elsewhere, with variables of its own: `-Parallel`.
fn runs_elsewhere(elements: &[Element]) -> bool {
    elements.iter().any(|element| match element {
        // No other parameter of ForEach-Object begins like this.
        Element::Parameter { name, .. } => {
            name.len() > 1 && "Parallel".get(..name.len()).is_some_and(|head| same_name(head, name))
        }
        _ => false,
    })
}
