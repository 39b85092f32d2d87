//! Properties that objects cannot have, by the cmdlet that they come from: behind a bar, in `$_.X`, and in `$x.Y`.
//!
//! Only what is certain is said: where what flows is not known to the last property, nothing is.

mod shape;

use super::walk;
use crate::cmdlet::binder::names_only;
use crate::cmdlet::outputs::{self, Takes};
use crate::cmdlet::registry::{Command as Known, Registry};
use crate::error::{Diagnostic, Phase, Span};
use crate::language::tree::{
    Body, Catch, Command, Element, Expr, ExprKind, Function, Pipeline, Script, ScriptBlock, Stage, Statement,
    StatementKind, Visit, walk_catch, walk_expr, walk_function, walk_stage, walk_statement,
};
use crate::value::{Str, near, same_name};
use shape::{Shape, Shapes, Single, entry, item_names};
use std::rc::Rc;

/// Properties that the shell gives every object, or every list.
const OF_EVERYTHING: &[&str] = &[
    "Count",
    "Length",
    "LongLength",
    "Rank",
    "SyncRoot",
    "IsFixedSize",
    "IsReadOnly",
    "IsSynchronized",
    "PSObject",
    "PSTypeNames",
    "PSBase",
    "PSAdapted",
    "PSExtended",
    "PSComputerName",
    "RunspaceId",
];

/// How many names a hint lists: those of a small object.
const MOST_LISTED: usize = 12;

/// One warning for each property that is asked for and cannot be there.
pub fn missing(script: &Script, text: &str, registry: &Registry) -> Vec<Diagnostic> {
    let own = walk::functions(script);
    // Objects that get properties added may have any.
    let mut adds = text.contains(".Properties.Add(");
    walk::commands(script, &mut |seen| {
        let name = seen.command.constant_name.as_deref().and_then(|name| registry.lookup(name));
        adds |= name.is_some_and(|command| same_name(&command.name(), "Add-Member"));
    });
    if adds {
        return Vec::new();
    }
    let singles = Single::of_script(script, text);
    let mut look = Look { shapes: Shapes { registry, own, singles }, found: Vec::new(), item: None, handed: None };
    look.visit_script(script);
    look.found
}

struct Look<'a, 't> {
    shapes: Shapes<'a, 't>,
    found: Vec<Diagnostic>,
    /// What `$_` is.
    item: Option<Rc<Shape>>,
    /// What `$_` is in the script blocks of the argument at hand.
    handed: Option<Rc<Shape>>,
}

impl<'t> Look<'_, 't> {
    fn check(&mut self, shape: &Shape, name: &str, span: Span) {
        let known = |names: &[Str]| names.iter().any(|known| same_name(known, name));
        if name.is_empty() || known(&shape.names) || OF_EVERYTHING.iter().any(|known| same_name(known, name)) {
            return;
        }
        let message = format!("What {} puts out has no property '{name}'.", shape.of);
        let mut diagnostic = Diagnostic::error(Phase::Name, "PropertyNotFoundStrict", span, message).as_warning();
        if let Some(near) = near::nearest(name, shape.names.iter().map(|name| &**name)) {
            diagnostic = diagnostic.with_fix(span, near).with_hint(format!("Did you mean {near}?"));
        } else if shape.names.len() <= MOST_LISTED {
            let names: Vec<&str> = shape.names.iter().map(|name| &**name).collect();
            diagnostic = diagnostic.with_hint(format!("It has {}.", names.join(", ")));
        } else {
            diagnostic = diagnostic.with_hint(format!("'{} | Get-Member' lists those that it has.", shape.of));
        }
        self.found.push(diagnostic);
    }

    /// The arguments of a command, which gets objects of a shape.
    fn arguments(&mut self, command: &'t Command, input: Option<Rc<Shape>>) {
        let known = command.constant_name.as_deref().and_then(|name| self.shapes.lookup(name));
        let native = known.filter(|known| !matches!(known, Known::Function(_)));
        let name = native.as_ref().map(|known| known.name());
        let bound = native.map(|known| names_only(&known.spec(), &super::arguments::of(command)).bound);
        let is_block = |e: &&Element| matches!(e, Element::Argument(e) if matches!(e.kind, ExprKind::ScriptBlock(_)));
        let blocks = command.elements.iter().filter(is_block).count();
        for (at, element) in command.elements.iter().enumerate() {
            let (expr, place) = match element {
                Element::Parameter { argument: Some(expr), span, .. } => (expr, *span),
                Element::Argument(expr) => (expr, expr.span),
                _ => continue,
            };
            if command.is_filter_block(at) {
                continue;
            }
            let here = bound.iter().flatten().filter(|b| b.span == expr.span || b.span == place);
            let mut takes =
                here.map(|b| name.as_deref().map_or(Takes::Nothing, |name| outputs::takes(name, &b.parameter)));
            let takes = takes.find(|takes| *takes != Takes::Nothing).unwrap_or(Takes::Nothing);
            // Of several blocks the first is no longer for each object.
            let takes = if takes == Takes::Block && blocks > 1 { Takes::Nothing } else { takes };
            let outer = self.handed.take();
            if takes != Takes::Nothing {
                self.handed.clone_from(&input);
            }
            if let (Takes::Properties, Some(input)) = (takes, &input) {
                for (name, span) in item_names(expr) {
                    self.check(input, &name, span);
                }
            }
            self.visit_expr(expr);
            self.handed = outer;
        }
    }

    fn with_item<R>(&mut self, item: Option<Rc<Shape>>, walk: impl FnOnce(&mut Self) -> R) -> R {
        let item = std::mem::replace(&mut self.item, item);
        let handed = self.handed.take();
        let result = walk(self);
        self.item = item;
        self.handed = handed;
        result
    }
}

impl<'t> Visit<'t> for Look<'_, 't> {
    fn visit_pipeline(&mut self, pipeline: &'t Pipeline) {
        let mut flowing: Option<Rc<Shape>> = None;
        for (at, stage) in pipeline.stages.iter().enumerate() {
            match stage {
                Stage::Command(command) => {
                    self.visit_expr(&command.name);
                    self.arguments(command, flowing.clone().filter(|_| at > 0));
                    command.redirections.iter().for_each(|redirection| self.visit_redirection(redirection));
                }
                Stage::Expression { .. } => walk_stage(self, stage),
            }
            flowing = self.shapes.of_stage(stage, flowing, self.item.as_ref());
        }
    }

    fn visit_statement(&mut self, statement: &'t Statement) {
        match &statement.kind {
            StatementKind::Switch { subject, cases, default, .. } => {
                self.visit_statement(subject);
                self.with_item(None, |look| {
                    for (pattern, body) in cases {
                        look.visit_pattern(pattern);
                        look.visit_body(body);
                    }
                    default.iter().for_each(|body: &Body| look.visit_body(body));
                });
            }
            _ => walk_statement(self, statement),
        }
    }

    fn visit_catch(&mut self, catch: &'t Catch) {
        self.with_item(None, |look| walk_catch(look, catch));
    }

    fn visit_function(&mut self, function: &'t Function) {
        self.with_item(None, |look| walk_function(look, function));
    }

    fn visit_block(&mut self, block: &'t ScriptBlock) {
        let item = self.handed.clone();
        block.params.iter().for_each(|params| self.visit_params(params));
        // What a block's `begin` and `end` have as `$_` is another matter.
        block.begin.iter().for_each(|body| self.with_item(None, |look| look.visit_body(body)));
        let named = block.begin.is_some() || block.process.is_some();
        block.process.iter().for_each(|body| self.with_item(item.clone(), |look| look.visit_body(body)));
        self.with_item(item.filter(|_| !named), |look| look.visit_body(&block.body));
    }

    fn visit_expr(&mut self, expr: &'t Expr) {
        if let ExprKind::Member { target, name, is_static: false, .. } = &expr.kind
            && let ExprKind::Bareword(property) | ExprKind::String { text: property, .. } = &name.kind
            && let Some(shape) = self.shapes.of_expr(target, self.item.as_ref())
        {
            self.check(&shape, property, name.span);
        }
        if let ExprKind::Hashtable(entries) = &expr.kind
            && let Some(shape) = self.handed.clone()
            && let Some((property, span)) = entry(entries, &["e", "expression", "ex", "exp"]).and_then(shape::constant)
        {
            self.check(&shape, &property, span);
        }
        walk_expr(self, expr);
    }
}
