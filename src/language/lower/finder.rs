//! Which variables a piece of the tree sets and mentions.

use super::scope::{as_expr, is_step, shares_scope};
use super::variables;
use crate::language::tree::*;
use crate::value::same_name;

/// What is looked for in a tree.
#[derive(Default)]
pub(super) struct Finder {
    /// Variables that are set in the scope itself, in order.
    pub set: Vec<String>,
    /// Variables that are set as the script's or the session's (`$script:x`), in inner scopes too.
    pub set_outside: Vec<String>,
    /// Variables that common parameters set (`-OutVariable x`): the session keeps them.
    pub by_parameter: Vec<String>,
    /// A command looks for variables by names that are not known before it runs.
    pub by_name: bool,
    /// Variables that are mentioned, in inner scopes too.
    pub mentioned: Vec<String>,
    /// Variables of the script or the session (`$script:x`) that inner scopes mention, and those that they set as their
    /// own: Rhai cannot tell two variables of one name apart.
    pub outside: Vec<String>,
    pub set_inside: Vec<String>,
    /// Parameters of functions and script blocks.
    pub parameters: Vec<String>,
    /// Variables that it takes over from whoever calls it (`$using:x`).
    pub using: Vec<String>,
    /// How many inner scopes the walk is in.
    depth: usize,
    /// The walk is in a block that takes over from what is looked at.
    inside_parallel: bool,
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
        if self.depth > 0 && matches!(variable.scope.as_deref(), Some("script" | "global")) {
            add(&mut self.outside, &variable.name);
        }
        if variable.scope.as_deref() == Some("using") && !self.inside_parallel {
            add(&mut self.using, &variable.name);
        }
        if variable.scope.as_deref() != Some("env") {
            add(&mut self.mentioned, &variable.name);
        }
    }

    fn assigned(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Variable(variable) => {
                self.note(variable);
                match variable.scope.as_deref() {
                    Some("env" | "using") => {}
                    Some("script" | "global") => add(&mut self.set_outside, &variable.name),
                    _ if self.depth == 0 => add(&mut self.set, &variable.name),
                    _ => add(&mut self.set_inside, &variable.name),
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
        params.parameters.iter().for_each(|p| add(&mut self.parameters, &p.variable.name));
        params.parameters.iter().filter_map(|p| p.default.as_ref()).for_each(|default| self.expr(default));
    }

    fn pipeline(&mut self, pipeline: &Pipeline) {
        for stage in &pipeline.stages {
            match stage {
                Stage::Command(command) => {
                    let parallel = runs_elsewhere(&command.elements);
                    let shares = !parallel && command.constant_name.as_deref().is_some_and(shares_scope);
                    self.argument(&command.name, command.shares);
                    let outside = self.inside_parallel;
                    self.inside_parallel |= parallel;
                    self.variable_parameters(command.constant_name.as_deref(), &command.elements);
                    for element in &command.elements {
                        match element {
                            Element::Parameter { argument, .. } => {
                                argument.iter().for_each(|argument| self.argument(argument, shares));
                            }
                            Element::Argument(argument) => self.argument(argument, shares),
                            Element::Splat { variable, .. } => self.note(variable),
                        }
                    }
                    self.inside_parallel = outside;
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

    /// What a command names for the session to keep: by its common parameters, or because it is about variables.
    fn variable_parameters(&mut self, command: Option<&str>, elements: &[Element]) {
        if let Some(names) = command.and_then(|command| variables::named(command, elements)) {
            match names {
                variables::Named::These(names) => names.iter().for_each(|name| add(&mut self.by_parameter, name)),
                variables::Named::Any => self.by_name = true,
            }
        }
        const NAMES: [&str; 13] = [
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

/// Whether a command's script block runs elsewhere, with variables of its own: `-Parallel`.
pub(super) fn runs_elsewhere(elements: &[Element]) -> bool {
    elements.iter().any(|element| match element {
        // No other parameter of ForEach-Object begins like this.
        Element::Parameter { name, .. } => {
            name.len() > 1 && "Parallel".get(..name.len()).is_some_and(|head| same_name(head, name))
        }
        _ => false,
    })
}
