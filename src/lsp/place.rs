//! What stands at a place of a text, and where its names are defined.

use crate::error::Span;
use crate::language::tree::{
    Catch, Command, Element, Expr, ExprKind, Function, Parameter, Script, Statement, StatementKind, Variable, Visit,
    walk_catch, walk_command, walk_expr, walk_function, walk_parameter, walk_statement,
};
use crate::value::same_name;

/// What stands at a place.
pub(super) enum Place<'t> {
    /// The name of a command.
    Command {
        /// As written.
        name: &'t str,
        /// Where.
        span: Span,
    },
    /// The name of a parameter of a command.
    Parameter {
        /// The command, as written.
        command: &'t str,
        /// Without dash.
        name: &'t str,
        /// Where.
        span: Span,
    },
    /// A variable.
    Variable(&'t Variable),
}

/// What stands at a byte of a text.
pub(super) fn at(script: &Script, byte: usize) -> Option<Place<'_>> {
    let mut look = Look { byte, found: None };
    look.visit_script(script);
    look.found
}

struct Look<'t> {
    byte: usize,
    found: Option<Place<'t>>,
}

impl<'t> Look<'t> {
    fn holds(&self, span: Span) -> bool {
        span.start as usize <= self.byte && self.byte <= span.end as usize
    }
}

impl<'t> Visit<'t> for Look<'t> {
    fn visit_statement(&mut self, statement: &'t Statement) {
        // What lies elsewhere needs no look.
        if self.found.is_none() && self.holds(statement.span) {
            walk_statement(self, statement);
        }
    }

    fn visit_command(&mut self, command: &'t Command) {
        if let Some(name) = command.constant_name.as_deref() {
            if self.holds(command.name.span) {
                self.found = Some(Place::Command { name, span: command.name.span });
                return;
            }
            for element in &command.elements {
                if let Element::Parameter { name: parameter, argument, span } = element {
                    let end = argument.as_ref().map_or(span.end, |value| value.span.start.saturating_sub(1));
                    let span = Span { start: span.start, end };
                    if self.holds(span) {
                        self.found = Some(Place::Parameter { command: name, name: parameter, span });
                        return;
                    }
                }
            }
        }
        walk_command(self, command);
    }

    fn visit_function(&mut self, function: &'t Function) {
        if self.holds(function.name.1) {
            self.found = Some(Place::Command { name: &function.name.0, span: function.name.1 });
            return;
        }
        walk_function(self, function);
    }

    fn visit_parameter(&mut self, parameter: &'t Parameter) {
        self.visit_variable(&parameter.variable);
        walk_parameter(self, parameter);
    }

    fn visit_variable(&mut self, variable: &'t Variable) {
        if self.holds(variable.span) {
            self.found = Some(Place::Variable(variable));
        }
    }
}

/// A place that gives a variable a value, or declares it.
pub(super) struct Definition {
    /// Its name.
    pub name: String,
    /// Where.
    pub span: Span,
    /// The function that it belongs to.
    pub within: Option<Span>,
}

/// The places that give variables values, and the functions of a text.
pub(super) struct Definitions<'t> {
    /// Of variables, in the order of evaluation.
    pub variables: Vec<Definition>,
    /// The functions with the whole of their text.
    pub functions: Vec<(&'t Function, Span)>,
    within: Vec<Span>,
}

impl<'t> Definitions<'t> {
    /// Those of a text.
    pub fn of(script: &'t Script) -> Definitions<'t> {
        let mut found = Definitions { variables: Vec::new(), functions: Vec::new(), within: Vec::new() };
        found.visit_script(script);
        found
    }

    /// The function of a name.
    pub fn function(&self, name: &str) -> Option<&'t Function> {
        self.functions.iter().map(|(function, _)| *function).find(|function| same_name(&function.name.0, name))
    }

    /// The first place that gives the variable seen at a byte its value: in the function around it, else outside.
    pub fn variable(&self, name: &str, byte: usize) -> Option<&Definition> {
        let holds = |span: &Span| span.start as usize <= byte && byte <= span.end as usize;
        let seen = self.variables.iter().filter(|one| same_name(&one.name, name));
        let mut visible: Vec<&Definition> = seen.filter(|one| one.within.as_ref().is_none_or(holds)).collect();
        // Of nested functions the innermost is the shortest.
        visible.sort_by_key(|one| one.within.map_or(u32::MAX, |span| span.end - span.start));
        visible.first().copied()
    }

    fn define(&mut self, variable: &Variable) {
        if matches!(variable.scope.as_deref(), None | Some("script" | "global" | "local" | "private")) {
            let outside = matches!(variable.scope.as_deref(), Some("script" | "global"));
            let within = self.within.last().copied().filter(|_| !outside);
            self.variables.push(Definition { name: variable.name.clone(), span: variable.span, within });
        }
    }
}

impl<'t> Visit<'t> for Definitions<'t> {
    fn visit_statement(&mut self, statement: &'t Statement) {
        let StatementKind::Function(function) = &statement.kind else { return walk_statement(self, statement) };
        self.functions.push((function, statement.span));
        self.within.push(statement.span);
        walk_function(self, function);
        self.within.pop();
    }

    fn visit_target(&mut self, target: &'t Expr) {
        match &target.kind {
            ExprKind::Variable(variable) => self.define(variable),
            ExprKind::Cast { operand, .. } => self.visit_target(operand),
            ExprKind::List(items) => items.iter().for_each(|item| self.visit_target(item)),
            _ => walk_expr(self, target),
        }
    }

    fn visit_loop_variable(&mut self, variable: &'t Variable) {
        self.define(variable);
    }

    fn visit_parameter(&mut self, parameter: &'t Parameter) {
        self.define(&parameter.variable);
        walk_parameter(self, parameter);
    }

    fn visit_catch(&mut self, catch: &'t Catch) {
        if let Some((name, span)) = &catch.variable {
            let within = self.within.last().copied();
            self.variables.push(Definition { name: name.clone(), span: *span, within });
        }
        walk_catch(self, catch);
    }
}
