//! Goes through a tree and shows every command in it, with what matters of its surroundings.

use crate::language::tree::{
    Body, Chain, Command, Element, Expr, ExprKind, IslandKind, ParamBlock, Piece, Pipeline, RedirectionTarget, Rhai,
    Script, ScriptBlock, Stage, Statement, StatementKind, StringPart,
};

/// A command and where it stands.
pub struct Visit<'t> {
    /// The command.
    pub command: &'t Command,
    /// Its place among the stages of its pipeline.
    pub stage: usize,
    /// Inside `try`: what cannot work is then an error at run time, which the script may catch.
    pub in_try: bool,
}

/// Shows every command of a script to `visit`, in the order of the text.
pub fn commands<'t>(script: &'t Script, visit: &mut dyn FnMut(Visit<'t>)) {
    let mut walk = Walk { visit, functions: &mut |_| {}, in_try: false };
    walk.params(script.params.as_ref());
    walk.body(&script.body);
}

/// The names of all functions that a script defines, wherever it does.
pub fn functions(script: &Script) -> Vec<&str> {
    let mut names = Vec::new();
    let mut walk = Walk { visit: &mut |_| {}, functions: &mut |name| names.push(name), in_try: false };
    walk.params(script.params.as_ref());
    walk.body(&script.body);
    names
}

struct Walk<'w, 't> {
    visit: &'w mut dyn FnMut(Visit<'t>),
    functions: &'w mut dyn FnMut(&'t str),
    in_try: bool,
}

impl<'t> Walk<'_, 't> {
    fn body(&mut self, body: &'t Body) {
        for piece in &body.pieces {
            match piece {
                Piece::Rhai(rhai) => self.rhai(rhai),
                Piece::Statement(statement) => self.statement(statement),
            }
        }
    }

    fn bodies<'b>(&mut self, bodies: impl IntoIterator<Item = &'b Option<Body>>)
    where
        't: 'b,
        'b: 't,
    {
        for body in bodies.into_iter().flatten() {
            self.body(body);
        }
    }

    fn rhai(&mut self, rhai: &'t Rhai) {
        for island in &rhai.islands {
            match &island.kind {
                IslandKind::Value(statement) => self.statement(statement),
                IslandKind::Block(block) => self.body(&block.body),
                IslandKind::Replace(_) => {}
            }
        }
    }

    fn params(&mut self, params: Option<&'t ParamBlock>) {
        for parameter in params.map(|block| &block.parameters).into_iter().flatten() {
            if let Some(default) = &parameter.default {
                self.expr(default);
            }
        }
    }

    fn statement(&mut self, statement: &'t Statement) {
        match &statement.kind {
            StatementKind::Chain(chain) => self.chain(chain),
            StatementKind::Assign(assign) => {
                assign.targets.iter().for_each(|target| self.expr(target));
                self.statement(&assign.value);
            }
            StatementKind::If { arms, otherwise } => {
                for (condition, body) in arms {
                    self.statement(condition);
                    self.body(body);
                }
                self.bodies([otherwise]);
            }
            StatementKind::ForEach { subject, body, .. } => {
                self.statement(subject);
                self.body(body);
            }
            StatementKind::For { init, condition, step, body, .. } => {
                [init, condition, step].into_iter().flatten().for_each(|part| self.statement(part));
                self.body(body);
            }
            StatementKind::While { condition, body, .. } | StatementKind::Do { condition, body, .. } => {
                self.statement(condition);
                self.body(body);
            }
            StatementKind::Switch { subject, cases, default, .. } => {
                self.statement(subject);
                for (pattern, body) in cases {
                    self.expr(pattern);
                    self.body(body);
                }
                self.bodies([default]);
            }
            StatementKind::Return(value) | StatementKind::Throw(value) | StatementKind::Exit(value) => {
                value.iter().for_each(|value| self.statement(value));
            }
            StatementKind::Try { body, catches, finally } => {
                let outer = std::mem::replace(&mut self.in_try, true);
                self.body(body);
                self.in_try = outer;
                catches.iter().for_each(|catch| self.body(&catch.body));
                self.bodies([finally]);
            }
            StatementKind::Function(function) => {
                (self.functions)(&function.name.0);
                self.params(Some(&function.params));
                self.bodies([&function.begin, &function.process, &function.end]);
            }
            StatementKind::Rhai(rhai) => self.rhai(rhai),
            StatementKind::Break(_) | StatementKind::Continue(_) | StatementKind::Bad => {}
        }
    }

    fn chain(&mut self, chain: &'t Chain) {
        self.pipeline(&chain.first);
        chain.rest.iter().for_each(|(_, pipeline)| self.pipeline(pipeline));
    }

    fn pipeline(&mut self, pipeline: &'t Pipeline) {
        for (at, stage) in pipeline.stages.iter().enumerate() {
            let redirections = match stage {
                Stage::Command(command) => {
                    (self.visit)(Visit { command, stage: at, in_try: self.in_try });
                    self.expr(&command.name);
                    self.elements(command);
                    &command.redirections
                }
                Stage::Expression { expr, redirections } => {
                    self.expr(expr);
                    redirections
                }
            };
            for redirection in redirections {
                if let RedirectionTarget::File { name, .. } = &redirection.to {
                    self.expr(name);
                }
            }
        }
    }

    /// The elements of a command, but for a filter in braces: that is a language of its own, which its cmdlet reads.
    fn elements(&mut self, command: &'t Command) {
        let filters = command.constant_name.as_deref().is_some_and(|name| name.to_ascii_lowercase().contains("-cs"));
        let is_filter = |name: &str| filters && name.len() > 2 && "filter".starts_with(&name.to_ascii_lowercase());
        let is_block = |expr: &Expr| matches!(expr.kind, ExprKind::ScriptBlock(_));
        let mut after_filter = false;
        for element in &command.elements {
            let skipped = match element {
                Element::Parameter { name, argument: Some(expr), .. } => is_filter(name) && is_block(expr),
                Element::Argument(expr) => after_filter && is_block(expr),
                _ => false,
            };
            if !skipped {
                self.element(element);
            }
            after_filter = matches!(element, Element::Parameter { name, argument: None, .. } if is_filter(name));
        }
    }

    fn element(&mut self, element: &'t Element) {
        match element {
            Element::Parameter { argument: Some(expr), .. } | Element::Argument(expr) => self.expr(expr),
            Element::Parameter { argument: None, .. } | Element::Splat { .. } => {}
        }
    }

    fn block(&mut self, block: &'t ScriptBlock) {
        self.params(block.params.as_ref());
        self.bodies([&block.begin, &block.process]);
        self.body(&block.body);
    }

    fn expr(&mut self, expr: &'t Expr) {
        match &expr.kind {
            ExprKind::Missing
            | ExprKind::Constant(_)
            | ExprKind::Bareword(_)
            | ExprKind::String { .. }
            | ExprKind::Variable(_)
            | ExprKind::Type(_) => {}
            ExprKind::Expandable { parts, .. } => {
                for part in parts {
                    if let StringPart::Value(value) = part {
                        self.expr(value);
                    }
                }
            }
            ExprKind::List(items) => items.iter().for_each(|item| self.expr(item)),
            ExprKind::Array(body) | ExprKind::SubExpression(body) => self.body(body),
            ExprKind::Paren(statement) | ExprKind::Statement(statement) => self.statement(statement),
            ExprKind::Hashtable(entries) => {
                for (key, value) in entries {
                    self.expr(key);
                    self.statement(value);
                }
            }
            ExprKind::ScriptBlock(block) => self.block(block),
            ExprKind::Binary { left, right, .. } => [left, right].into_iter().for_each(|side| self.expr(side)),
            ExprKind::Unary { operand, .. } | ExprKind::Postfix { operand, .. } | ExprKind::Cast { operand, .. } => {
                self.expr(operand);
            }
            ExprKind::Ternary { condition, then, otherwise } => {
                [condition, then, otherwise].into_iter().for_each(|part| self.expr(part));
            }
            ExprKind::Member { target, name, .. } => [target, name].into_iter().for_each(|part| self.expr(part)),
            ExprKind::Method { target, name, arguments, .. } => {
                self.expr(target);
                self.expr(name);
                arguments.iter().for_each(|argument| self.expr(argument));
            }
            ExprKind::Index { target, index, .. } => [target, index].into_iter().for_each(|part| self.expr(part)),
            ExprKind::RhaiCall { arguments, .. } => {
                arguments.iter().flatten().for_each(|argument| self.expr(argument));
            }
            ExprKind::Rhai(rhai) => self.rhai(rhai),
        }
    }
}
