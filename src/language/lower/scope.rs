//! Which variables are visible where, and which a block sets.

use super::Lowerer;
use super::names::{mangled, session_variable};
use crate::language::tree::*;
use crate::value::same_name;

/// The variables of a script, a function or a script block, by their Rhai names.
#[derive(Debug, Default)]
pub(super) struct Scope {
    /// Declared here.
    pub variables: Vec<String>,
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
            Some("script" | "global") => {
                let found = self.scopes.first().and_then(|scope| find(&scope.variables, name));
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
        if self.by_parameter.iter().any(|n| same_name(n, name)) {
            return Place::Session(name.to_string());
        }
        self.visible(name).map_or_else(|| Place::Session(session_name(name)), Place::Rhai)
    }

    /// The Rhai variable that `$name` is here, if there is one.
    pub(super) fn visible(&self, name: &str) -> Option<String> {
        for scope in self.scopes.iter().rev() {
            if let Some(found) = find(&scope.variables, name) {
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
        let holds = |scope: &&mut Scope| scope.variables.iter().any(|v| v == name);
        let Some(scope) = self.scopes.iter_mut().rev().find(holds) else { return };
        scope.types.retain(|(v, _)| v != name);
        const FREE: [&str; 5] = ["object", "psobject", "pscustomobject", "switch", "ref"];
        if let Some(kind) = kind.filter(|kind| !FREE.iter().any(|free| same_name(free, kind))) {
            scope.types.push((name.to_string(), kind.to_string()));
        }
    }

    /// The type that a variable keeps.
    pub(super) fn constraint(&self, name: &str) -> Option<String> {
        let scope = self.scopes.iter().rev().find(|scope| scope.variables.iter().any(|v| v == name))?;
        scope.types.iter().find(|(v, _)| v == name).map(|(_, kind)| kind.clone())
    }

    /// Makes Rhai's own variables visible from here on.
    pub(super) fn declare(&mut self, name: &str) {
        if let Some(scope) = self.scopes.last_mut()
            && !scope.variables.iter().any(|v| v == name)
        {
            scope.variables.push(name.to_string());
        }
    }

    /// What must be declared at the start of a block that sets these variables, as Rhai text. Of a block with a scope
    /// of its own that sets what is visible outside, a copy hides the outer one.
    pub(super) fn declarations(&mut self, set: &[String], shares: bool) -> String {
        let mut text = String::new();
        for name in set {
            let kept = self.by_parameter.iter().any(|n| same_name(n, name));
            if kept || automatic(name).is_some() || session_variable(name).is_some() {
                continue;
            }
            let here = self.scopes.last().is_some_and(|scope| find(&scope.variables, name).is_some());
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
    session_variable(name).map_or_else(|| name.to_string(), str::to_string)
}

fn find(variables: &[String], name: &str) -> Option<String> {
    let name = mangled(name);
    let exact = variables.iter().rev().find(|v| **v == name);
    exact.or_else(|| variables.iter().rev().find(|v| same_name(v, &name))).cloned()
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

/// What is looked for in a tree.
#[derive(Default)]
pub(super) struct Finder {
    /// Variables that are set in the scope itself, in order.
    pub set: Vec<String>,
    /// Variables that are set as the script's or the session's (`$script:x`), in inner scopes too.
    pub set_outside: Vec<String>,
    /// Variables that common parameters set (`-OutVariable x`): the session keeps them.
    pub by_parameter: Vec<String>,
    /// Variables that are mentioned, in inner scopes too.
    pub mentioned: Vec<String>,
    /// How many inner scopes the walk is in.
    depth: usize,
}

impl Finder {
    /// What a body sets and mentions.
    pub fn of_body(body: &Body) -> Finder {
        let mut finder = Finder::default();
        finder.body(body);
        finder
    }

    /// Whether a name is mentioned.
    pub fn mentions(&self, name: &str) -> bool {
        self.mentioned.iter().any(|m| same_name(m, name))
    }

    fn note(&mut self, variable: &Variable) {
        if variable.scope.as_deref() != Some("env") {
            add(&mut self.mentioned, &variable.name);
        }
    }

    fn assigned(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Variable(variable) => {
                self.note(variable);
                match variable.scope.as_deref() {
                    Some("env") => {}
                    Some("script" | "global") => add(&mut self.set_outside, &variable.name),
                    _ if self.depth == 0 => add(&mut self.set, &variable.name),
                    _ => {}
                }
            }
            ExprKind::Cast { operand, .. } => self.assigned(operand),
            ExprKind::List(items) => items.iter().for_each(|item| self.assigned(item)),
            ExprKind::Paren(statement) => match as_expr(statement) {
                Some(inner) => self.assigned(inner),
                None => self.statement(statement),
            },
            _ => self.expr(target),
        }
    }

    pub fn body(&mut self, body: &Body) {
        body.pieces.iter().for_each(|piece| self.piece(piece));
    }

    pub fn piece(&mut self, piece: &Piece) {
        match piece {
            Piece::Rhai(rhai) => self.rhai(rhai),
            Piece::Statement(statement) => self.statement(statement),
        }
    }

    fn rhai(&mut self, rhai: &Rhai) {
        for island in &rhai.islands {
            match &island.kind {
                IslandKind::Value(statement) => self.statement(statement),
                // What a Rhai function's body sets is its own.
                IslandKind::Block(block) => self.inner(!block.is_function, |finder| finder.body(&block.body)),
                IslandKind::Replace(_) => {}
            }
        }
    }

    fn inner(&mut self, shares: bool, walk: impl FnOnce(&mut Finder)) {
        self.depth += usize::from(!shares);
        walk(self);
        self.depth -= usize::from(!shares);
    }

    pub fn statement(&mut self, statement: &Statement) {
        let optional = |finder: &mut Finder, s: &Option<Box<Statement>>| {
            if let Some(s) = s {
                finder.statement(s);
            }
        };
        match &statement.kind {
            StatementKind::Chain(chain) => {
                self.pipeline(&chain.first);
                chain.rest.iter().for_each(|(_, pipeline)| self.pipeline(pipeline));
            }
            StatementKind::Assign(assign) => {
                self.statement(&assign.value);
                assign.targets.iter().for_each(|target| self.assigned(target));
            }
            StatementKind::If { arms, otherwise } => {
                for (condition, body) in arms {
                    self.statement(condition);
                    self.body(body);
                }
                otherwise.iter().for_each(|body| self.body(body));
            }
            StatementKind::ForEach { variable, subject, body, .. } => {
                self.statement(subject);
                self.note(variable);
                if self.depth == 0 {
                    add(&mut self.set, &variable.name);
                }
                self.body(body);
            }
            StatementKind::For { init, condition, step, body, .. } => {
                optional(self, init);
                optional(self, condition);
                optional(self, step);
                self.body(body);
            }
            StatementKind::While { condition, body, .. } | StatementKind::Do { condition, body, .. } => {
                self.statement(condition);
                self.body(body);
            }
            StatementKind::Switch { subject, cases, default, .. } => {
                self.statement(subject);
                for (pattern, body) in cases {
                    match &pattern.kind {
                        ExprKind::ScriptBlock(block) => self.body(&block.body),
                        _ => self.expr(pattern),
                    }
                    self.body(body);
                }
                default.iter().for_each(|body| self.body(body));
            }
            StatementKind::Return(value) | StatementKind::Throw(value) | StatementKind::Exit(value) => {
                optional(self, value);
            }
            StatementKind::Try { body, catches, finally } => {
                self.body(body);
                catches.iter().for_each(|catch| self.body(&catch.body));
                finally.iter().for_each(|body| self.body(body));
            }
            StatementKind::Function(function) => self.inner(false, |finder| {
                finder.params(&function.params);
                for body in [&function.begin, &function.process, &function.end].into_iter().flatten() {
                    finder.body(body);
                }
            }),
            StatementKind::Rhai(rhai) => self.rhai(rhai),
            StatementKind::Break(_) | StatementKind::Continue(_) | StatementKind::Bad => {}
        }
    }

    fn params(&mut self, params: &ParamBlock) {
        params.parameters.iter().filter_map(|p| p.default.as_ref()).for_each(|default| self.expr(default));
    }

    fn pipeline(&mut self, pipeline: &Pipeline) {
        for stage in &pipeline.stages {
            match stage {
                Stage::Command(command) => {
                    let shares = command.constant_name.as_deref().is_some_and(shares_scope);
                    self.expr(&command.name);
                    self.variable_parameters(&command.elements);
                    for element in &command.elements {
                        match element {
                            Element::Parameter { argument, .. } => {
                                argument.iter().for_each(|argument| self.argument(argument, shares));
                            }
                            Element::Argument(argument) => self.argument(argument, shares),
                            Element::Splat { variable, .. } => self.note(variable),
                        }
                    }
                    self.redirections(&command.redirections);
                }
                Stage::Expression { expr, redirections } => {
                    match &expr.kind {
                        ExprKind::Postfix { operand, .. } => self.assigned(operand),
                        ExprKind::Unary { operator, operand } if is_step(operator) => self.assigned(operand),
                        _ => self.expr(expr),
                    }
                    self.redirections(redirections);
                }
            }
        }
    }

    fn variable_parameters(&mut self, elements: &[Element]) {
        const NAMES: [&str; 10] = [
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
                add(&mut self.by_parameter, text.trim_start_matches('+'));
            }
        }
    }

    fn argument(&mut self, argument: &Expr, shares: bool) {
        match &argument.kind {
            ExprKind::ScriptBlock(block) => self.block(block, shares),
            ExprKind::List(items) => items.iter().for_each(|item| self.argument(item, shares)),
            _ => self.expr(argument),
        }
    }

    fn redirections(&mut self, redirections: &[Redirection]) {
        for redirection in redirections {
            if let RedirectionTarget::File { name, .. } = &redirection.to {
                self.expr(name);
            }
        }
    }

    fn block(&mut self, block: &ScriptBlock, shares: bool) {
        self.inner(shares, |finder| {
            block.params.iter().for_each(|params| finder.params(params));
            for body in [&block.begin, &block.process].into_iter().flatten() {
                finder.body(body);
            }
            finder.body(&block.body);
        });
    }

    pub fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Missing
            | ExprKind::Constant(_)
            | ExprKind::Bareword(_)
            | ExprKind::String { .. }
            | ExprKind::Type(_) => {}
            ExprKind::Expandable { parts, .. } => {
                for part in parts {
                    if let StringPart::Value(value) = part {
                        self.expr(value);
                    }
                }
            }
            ExprKind::Variable(variable) => self.note(variable),
            ExprKind::List(items) => items.iter().for_each(|item| self.expr(item)),
            ExprKind::Array(body) | ExprKind::SubExpression(body) => self.body(body),
            ExprKind::Paren(statement) | ExprKind::Statement(statement) => self.statement(statement),
            ExprKind::Hashtable(entries) => {
                for (key, value) in entries {
                    self.expr(key);
                    self.statement(value);
                }
            }
            ExprKind::ScriptBlock(block) => self.block(block, false),
            ExprKind::Binary { left, right, .. } => {
                self.expr(left);
                self.expr(right);
            }
            ExprKind::Unary { operator, operand } if is_step(operator) => self.assigned(operand),
            ExprKind::Postfix { operand, .. } => self.assigned(operand),
            ExprKind::Unary { operand, .. } | ExprKind::Cast { operand, .. } => self.expr(operand),
            ExprKind::Ternary { condition, then, otherwise } => {
                [condition, then, otherwise].into_iter().for_each(|e| self.expr(e));
            }
            ExprKind::Member { target, name, .. } => {
                self.expr(target);
                self.expr(name);
            }
            ExprKind::Method { target, name, arguments, .. } => {
                self.expr(target);
                self.expr(name);
                arguments.iter().for_each(|argument| self.expr(argument));
            }
            ExprKind::Index { target, index, .. } => {
                self.expr(target);
                self.expr(index);
            }
            ExprKind::RhaiCall { name, arguments } => match arguments {
                Some(arguments) => arguments.iter().for_each(|argument| self.expr(argument)),
                None => add(&mut self.mentioned, name),
            },
            ExprKind::Rhai(rhai) => self.rhai(rhai),
        }
    }
}

fn add(names: &mut Vec<String>, name: &str) {
    if !names.iter().any(|n| same_name(n, name)) {
        names.push(name.to_string());
    }
}

/// `++` and `--`.
pub(super) fn is_step(operator: &str) -> bool {
    matches!(operator, "++" | "--")
}

/// Whether a command's script blocks work on the variables of the caller.
pub(super) fn shares_scope(command: &str) -> bool {
    ["ForEach-Object", "Where-Object", "ForEach", "Where", "%", "?"].iter().any(|n| same_name(n, command))
}

/// The expression that a statement is nothing but.
pub(super) fn as_expr(statement: &Statement) -> Option<&Expr> {
    match &statement.kind {
        StatementKind::Chain(chain) if chain.rest.is_empty() => match chain.first.stages.as_slice() {
            [Stage::Expression { expr, redirections }] if redirections.is_empty() => Some(expr),
            _ => None,
        },
        _ => None,
    }
}
