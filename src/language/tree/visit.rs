//! One walk through a tree for all who look at it: [`Visit`] shows every node, the `walk_` functions go on below one.
//!
//! A visitor overrides the methods of what it looks for, and calls the `walk_` function of the same name where it wants
//! to see what is inside. Children come in the order in which they are evaluated: a value before what it is assigned to.

use super::{
    Assign, Attribute, Body, Catch, Command, Element, Expr, ExprKind, Function, Island, IslandKind, ParamBlock,
    Parameter, Piece, Pipeline, Redirection, RedirectionTarget, Rhai, RhaiBlock, Script, ScriptBlock, Stage, Statement,
    StatementKind, StringPart, TypeName, Variable,
};
use crate::env::bounds;

/// Who looks at a tree. Each method walks on below its node unless it is overridden.
pub trait Visit<'t> {
    /// A whole text.
    fn visit_script(&mut self, script: &'t Script) {
        walk_script(self, script);
    }
    /// A sequence of statements.
    fn visit_body(&mut self, body: &'t Body) {
        walk_body(self, body);
    }
    /// A piece of a body.
    fn visit_piece(&mut self, piece: &'t Piece) {
        walk_piece(self, piece);
    }
    /// A stretch of Rhai.
    fn visit_rhai(&mut self, rhai: &'t Rhai) {
        walk_rhai(self, rhai);
    }
    /// Command mode inside Rhai.
    fn visit_island(&mut self, island: &'t Island) {
        walk_island(self, island);
    }
    /// A block of Rhai.
    fn visit_rhai_block(&mut self, block: &'t RhaiBlock) {
        self.visit_body(&block.body);
    }
    /// A statement.
    fn visit_statement(&mut self, statement: &'t Statement) {
        walk_statement(self, statement);
    }
    /// An assignment.
    fn visit_assign(&mut self, assign: &'t Assign) {
        walk_assign(self, assign);
    }
    /// What is written to: by an assignment, by `++` or `--`.
    fn visit_target(&mut self, target: &'t Expr) {
        self.visit_expr(target);
    }
    /// A variable that is written to, where [`walk_target`] finds one.
    fn visit_written(&mut self, variable: &'t Variable) {
        self.visit_variable(variable);
    }
    /// The variable of `foreach`.
    fn visit_loop_variable(&mut self, variable: &'t Variable) {
        self.visit_variable(variable);
    }
    /// The pattern of a case of `switch`.
    fn visit_pattern(&mut self, pattern: &'t Expr) {
        self.visit_expr(pattern);
    }
    /// A `catch` block.
    fn visit_catch(&mut self, catch: &'t Catch) {
        walk_catch(self, catch);
    }
    /// A function of command mode.
    fn visit_function(&mut self, function: &'t Function) {
        walk_function(self, function);
    }
    /// A `param` block.
    fn visit_params(&mut self, params: &'t ParamBlock) {
        walk_params(self, params);
    }
    /// A declared parameter; its variable is not shown as one.
    fn visit_parameter(&mut self, parameter: &'t Parameter) {
        walk_parameter(self, parameter);
    }
    /// An attribute.
    fn visit_attribute(&mut self, attribute: &'t Attribute) {
        walk_attribute(self, attribute);
    }
    /// A pipeline.
    fn visit_pipeline(&mut self, pipeline: &'t Pipeline) {
        walk_pipeline(self, pipeline);
    }
    /// A stage of a pipeline.
    fn visit_stage(&mut self, stage: &'t Stage) {
        walk_stage(self, stage);
    }
    /// A command.
    fn visit_command(&mut self, command: &'t Command) {
        walk_command(self, command);
    }
    /// An element of a command.
    fn visit_element(&mut self, element: &'t Element) {
        walk_element(self, element);
    }
    /// A redirection.
    fn visit_redirection(&mut self, redirection: &'t Redirection) {
        walk_redirection(self, redirection);
    }
    /// An expression.
    fn visit_expr(&mut self, expr: &'t Expr) {
        walk_expr(self, expr);
    }
    /// The key of an entry of a hashtable.
    fn visit_key(&mut self, key: &'t Expr) {
        self.visit_expr(key);
    }
    /// The name of a member.
    fn visit_member_name(&mut self, name: &'t Expr) {
        self.visit_expr(name);
    }
    /// A script block.
    fn visit_block(&mut self, block: &'t ScriptBlock) {
        walk_block(self, block);
    }
    /// A variable where it is read, a splatted one too.
    fn visit_variable(&mut self, _variable: &'t Variable) {}
    /// The name of a type.
    fn visit_type(&mut self, _name: &'t TypeName) {}
}

/// Below a script.
pub fn walk_script<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, script: &'t Script) {
    script.params.iter().for_each(|params| visitor.visit_params(params));
    visitor.visit_body(&script.body);
}

/// Below a body. What is stopped leaves off: nobody asks then what was seen.
pub fn walk_body<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, body: &'t Body) {
    body.pieces.iter().take_while(|_| !bounds::stopped()).for_each(|piece| visitor.visit_piece(piece));
}

/// Below a piece.
pub fn walk_piece<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, piece: &'t Piece) {
    match piece {
        Piece::Rhai(rhai) => visitor.visit_rhai(rhai),
        Piece::Statement(statement) => visitor.visit_statement(statement),
    }
}

/// Below a stretch of Rhai.
pub fn walk_rhai<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, rhai: &'t Rhai) {
    rhai.islands.iter().for_each(|island| visitor.visit_island(island));
}

/// Below an island.
pub fn walk_island<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, island: &'t Island) {
    match &island.kind {
        IslandKind::Value(statement) => visitor.visit_statement(statement),
        IslandKind::Block(block) => visitor.visit_rhai_block(block),
        IslandKind::Replace(_) => {}
    }
}

/// Below a statement.
pub fn walk_statement<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, statement: &'t Statement) {
    match &statement.kind {
        StatementKind::Chain(chain) => {
            visitor.visit_pipeline(&chain.first);
            chain.rest.iter().for_each(|(_, pipeline)| visitor.visit_pipeline(pipeline));
        }
        StatementKind::Assign(assign) => visitor.visit_assign(assign),
        StatementKind::If { arms, otherwise } => {
            for (condition, body) in arms {
                visitor.visit_statement(condition);
                visitor.visit_body(body);
            }
            otherwise.iter().for_each(|body| visitor.visit_body(body));
        }
        StatementKind::ForEach { variable, subject, body, .. } => {
            visitor.visit_statement(subject);
            visitor.visit_loop_variable(variable);
            visitor.visit_body(body);
        }
        StatementKind::For { init, condition, step, body, .. } => {
            for header in [init, condition].into_iter().flatten() {
                visitor.visit_statement(header);
            }
            visitor.visit_body(body);
            step.iter().for_each(|step| visitor.visit_statement(step));
        }
        StatementKind::While { condition, body, .. } => {
            visitor.visit_statement(condition);
            visitor.visit_body(body);
        }
        StatementKind::Do { condition, body, .. } => {
            visitor.visit_body(body);
            visitor.visit_statement(condition);
        }
        StatementKind::Switch { subject, cases, default, .. } => {
            visitor.visit_statement(subject);
            for (pattern, body) in cases {
                visitor.visit_pattern(pattern);
                visitor.visit_body(body);
            }
            default.iter().for_each(|body| visitor.visit_body(body));
        }
        StatementKind::Return(value) | StatementKind::Throw(value) | StatementKind::Exit(value) => {
            value.iter().for_each(|value| visitor.visit_statement(value));
        }
        StatementKind::Try { body, catches, finally } => {
            visitor.visit_body(body);
            catches.iter().for_each(|catch| visitor.visit_catch(catch));
            finally.iter().for_each(|body| visitor.visit_body(body));
        }
        StatementKind::Function(function) => visitor.visit_function(function),
        StatementKind::Rhai(rhai) => visitor.visit_rhai(rhai),
        StatementKind::Break(_) | StatementKind::Continue(_) | StatementKind::Bad => {}
    }
}

/// Below what is written to: the variables in a list, in brackets, behind a type.
pub fn walk_target<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, target: &'t Expr) {
    match &target.kind {
        ExprKind::Variable(variable) => visitor.visit_written(variable),
        ExprKind::Cast { operand, .. } => visitor.visit_target(operand),
        ExprKind::List(items) => items.iter().for_each(|item| visitor.visit_target(item)),
        ExprKind::Paren(statement) => match statement.as_expr() {
            Some(inner) => visitor.visit_target(inner),
            None => visitor.visit_statement(statement),
        },
        _ => visitor.visit_expr(target),
    }
}

/// Below an assignment.
pub fn walk_assign<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, assign: &'t Assign) {
    visitor.visit_statement(&assign.value);
    assign.targets.iter().for_each(|target| visitor.visit_target(target));
}

/// Below a `catch`.
pub fn walk_catch<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, catch: &'t Catch) {
    catch.types.iter().for_each(|name| visitor.visit_type(name));
    visitor.visit_body(&catch.body);
}

/// Below a function.
pub fn walk_function<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, function: &'t Function) {
    visitor.visit_params(&function.params);
    for body in [&function.begin, &function.process, &function.end].into_iter().flatten() {
        visitor.visit_body(body);
    }
}

/// Below a `param` block.
pub fn walk_params<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, params: &'t ParamBlock) {
    params.attributes.iter().for_each(|attribute| visitor.visit_attribute(attribute));
    params.parameters.iter().for_each(|parameter| visitor.visit_parameter(parameter));
}

/// Below a parameter.
pub fn walk_parameter<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, parameter: &'t Parameter) {
    parameter.attributes.iter().for_each(|attribute| visitor.visit_attribute(attribute));
    parameter.default.iter().for_each(|default| visitor.visit_expr(default));
}

/// Below an attribute.
pub fn walk_attribute<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, attribute: &'t Attribute) {
    visitor.visit_type(&attribute.name);
    attribute.positional.iter().for_each(|value| visitor.visit_expr(value));
    attribute.named.iter().filter_map(|(_, value)| value.as_ref()).for_each(|value| visitor.visit_expr(value));
}

/// Below a pipeline.
pub fn walk_pipeline<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, pipeline: &'t Pipeline) {
    pipeline.stages.iter().for_each(|stage| visitor.visit_stage(stage));
}

/// Below a stage.
pub fn walk_stage<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, stage: &'t Stage) {
    match stage {
        Stage::Command(command) => visitor.visit_command(command),
        Stage::Expression { expr, redirections } => {
            visitor.visit_expr(expr);
            redirections.iter().for_each(|redirection| visitor.visit_redirection(redirection));
        }
    }
}

/// Below a command.
pub fn walk_command<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, command: &'t Command) {
    visitor.visit_expr(&command.name);
    command.elements.iter().for_each(|element| visitor.visit_element(element));
    command.redirections.iter().for_each(|redirection| visitor.visit_redirection(redirection));
}

/// Below an element.
pub fn walk_element<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, element: &'t Element) {
    match element {
        Element::Parameter { argument: Some(expr), .. } | Element::Argument(expr) => visitor.visit_expr(expr),
        Element::Parameter { argument: None, .. } => {}
        Element::Splat { variable, .. } => visitor.visit_variable(variable),
    }
}

/// Below a redirection.
pub fn walk_redirection<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, redirection: &'t Redirection) {
    if let RedirectionTarget::File { name, .. } = &redirection.to {
        visitor.visit_expr(name);
    }
}

/// Below an expression.
pub fn walk_expr<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, expr: &'t Expr) {
    match &expr.kind {
        ExprKind::Missing | ExprKind::Constant(_) | ExprKind::Bareword(_) | ExprKind::String { .. } => {}
        ExprKind::Expandable { parts, .. } => {
            for part in parts {
                if let StringPart::Value(value) = part {
                    visitor.visit_expr(value);
                }
            }
        }
        ExprKind::Variable(variable) => visitor.visit_variable(variable),
        ExprKind::List(items) => items.iter().for_each(|item| visitor.visit_expr(item)),
        ExprKind::Array(body) | ExprKind::SubExpression(body) => visitor.visit_body(body),
        ExprKind::Paren(statement) | ExprKind::Statement(statement) => visitor.visit_statement(statement),
        ExprKind::Hashtable(entries) => {
            for (key, value) in entries {
                visitor.visit_key(key);
                visitor.visit_statement(value);
            }
        }
        ExprKind::ScriptBlock(block) => visitor.visit_block(block),
        ExprKind::Binary { left, right, .. } => {
            visitor.visit_expr(left);
            visitor.visit_expr(right);
        }
        ExprKind::Unary { operator, operand } if is_step(operator) => visitor.visit_target(operand),
        ExprKind::Postfix { operand, .. } => visitor.visit_target(operand),
        ExprKind::Unary { operand, .. } => visitor.visit_expr(operand),
        ExprKind::Ternary { condition, then, otherwise } => {
            [condition, then, otherwise].into_iter().for_each(|part| visitor.visit_expr(part));
        }
        ExprKind::Member { target, name, .. } => {
            visitor.visit_expr(target);
            visitor.visit_member_name(name);
        }
        ExprKind::Method { target, name, arguments, .. } => {
            visitor.visit_expr(target);
            visitor.visit_member_name(name);
            arguments.iter().for_each(|argument| visitor.visit_expr(argument));
        }
        ExprKind::Index { target, index, .. } => {
            visitor.visit_expr(target);
            visitor.visit_expr(index);
        }
        ExprKind::Cast { to, operand } => {
            visitor.visit_type(to);
            visitor.visit_expr(operand);
        }
        ExprKind::Type(name) => visitor.visit_type(name),
        ExprKind::RhaiCall { arguments, .. } => {
            arguments.iter().flatten().for_each(|argument| visitor.visit_expr(argument));
        }
        ExprKind::Rhai(rhai) => visitor.visit_rhai(rhai),
    }
}

/// Below a script block.
pub fn walk_block<'t, V: Visit<'t> + ?Sized>(visitor: &mut V, block: &'t ScriptBlock) {
    block.params.iter().for_each(|params| visitor.visit_params(params));
    for body in [&block.begin, &block.process].into_iter().flatten() {
        visitor.visit_body(body);
    }
    visitor.visit_body(&block.body);
}

/// `++` and `--`.
pub fn is_step(operator: &str) -> bool {
    matches!(operator, "++" | "--")
}
