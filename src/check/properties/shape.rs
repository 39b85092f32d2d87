//! What is known of the objects that an expression or a stage gives.

use crate::check::variables::NAMES_VARIABLE;
use crate::cmdlet::common;
use crate::cmdlet::outputs;
use crate::cmdlet::registry::{Command as Known, Registry};
use crate::error::Span;
use crate::language::lower::{Named, named_variables};
use crate::language::tree::{
    Assign, Body, Command, Element, Expr, ExprKind, Parameter, Piece, Pipeline, Rhai, RhaiBlock, Script, Stage,
    Statement, StatementKind, Variable, Visit, walk_command, walk_expr, walk_parameter, walk_rhai, walk_statement,
    walk_target,
};
use crate::value::wildcard::{Wildcard, has_wildcard};
use crate::value::{Str, same_name};
use std::collections::HashMap;
use std::rc::Rc;

/// How far variables are followed that are made of other variables.
const DEEPEST: usize = 8;

/// Parameters that change which objects come, not what they are like.
const CHOOSE: &[&str] = &[
    "Identity",
    "Filter",
    "LdapFilter",
    "LocalStore",
    "ReplicaFqdn",
    "Site",
    "ResultSize",
    "OU",
    "DomainController",
    "Credential",
    "Fqdn",
    "PoolFqdn",
];

/// All properties of the objects that something gives.
#[derive(Debug)]
pub(super) struct Shape {
    /// The cmdlet that gives them.
    pub of: Str,
    /// Their names.
    pub names: Vec<Str>,
}

/// Says what things give.
pub(super) struct Shapes<'a, 't> {
    pub registry: &'a Registry,
    /// Functions of the script itself: what they give is not known.
    pub own: Vec<&'t str>,
    /// Variables that are set once.
    pub singles: HashMap<String, Single<'t>>,
}

impl<'t> Shapes<'_, 't> {
    /// What a name stands for, if it is no function of the script.
    pub fn lookup(&self, name: &str) -> Option<Known> {
        if self.own.iter().any(|own| same_name(own, name)) {
            return None;
        }
        self.registry.lookup(name)
    }

    /// What an expression gives; `item` is what `$_` is.
    pub fn of_expr(&self, expr: &Expr, item: Option<&Rc<Shape>>) -> Option<Rc<Shape>> {
        self.expr(expr, item, 0)
    }

    fn expr(&self, expr: &Expr, item: Option<&Rc<Shape>>, depth: usize) -> Option<Rc<Shape>> {
        if depth > DEEPEST {
            return None;
        }
        match &expr.kind {
            ExprKind::Variable(variable) if variable.scope.is_none() => {
                if is_item(variable) {
                    return item.cloned();
                }
                match self.singles.get(&variable.name.to_lowercase())? {
                    Single::Once(value) => self.statement(value, None, depth + 1),
                    Single::Unknown => None,
                }
            }
            ExprKind::Paren(statement) => self.statement(statement, item, depth + 1),
            ExprKind::Array(body) | ExprKind::SubExpression(body) => self.statement(only(body)?, item, depth + 1),
            ExprKind::Index { target, index, .. } if matches!(index.kind, ExprKind::Constant(_)) => {
                self.expr(target, item, depth + 1)
            }
            _ => None,
        }
    }

    fn statement(&self, statement: &Statement, item: Option<&Rc<Shape>>, depth: usize) -> Option<Rc<Shape>> {
        let pipeline: &Pipeline = statement.as_pipeline()?;
        let mut flowing = None;
        for stage in &pipeline.stages {
            flowing = Some(self.stage(stage, flowing, item, depth)?);
        }
        flowing
    }

    /// What a stage gives, by what flows into it.
    pub fn of_stage(&self, stage: &Stage, input: Option<Rc<Shape>>, item: Option<&Rc<Shape>>) -> Option<Rc<Shape>> {
        self.stage(stage, input, item, 0)
    }

    fn stage(
        &self,
        stage: &Stage,
        input: Option<Rc<Shape>>,
        item: Option<&Rc<Shape>>,
        depth: usize,
    ) -> Option<Rc<Shape>> {
        match stage {
            Stage::Expression { expr, redirections } if redirections.is_empty() => self.expr(expr, item, depth),
            Stage::Command(command) if command.redirections.is_empty() && !command.call => self.command(command, input),
            _ => None,
        }
    }

    fn command(&self, command: &Command, input: Option<Rc<Shape>>) -> Option<Rc<Shape>> {
        let known = self.lookup(command.constant_name.as_deref()?)?;
        if matches!(known, Known::Function(_)) {
            return None;
        }
        let name = known.name();
        if command.elements.iter().any(|element| matches!(element, Element::Splat { .. })) {
            return None;
        }
        if same_name(&name, "Select-Object") {
            return self.select(command, &known, input);
        }
        if outputs::passes_on(&name) {
            return input;
        }
        let known = outputs::of(&name).filter(|outputs| outputs.complete)?;
        let chooses = |parameter: &str| {
            let begins = |whole: &str| whole.get(..parameter.len()).is_some_and(|head| same_name(head, parameter));
            CHOOSE.iter().any(|known| begins(known)) || common::parameters(true).iter().any(|p| begins(&p.name))
        };
        let object_cmdlet = ["Group-Object", "Measure-Object"].iter().any(|known| same_name(known, &name));
        let all = command.elements.iter().all(|element| match element {
            Element::Parameter { name, .. } if object_cmdlet => !name.to_lowercase().starts_with("as"),
            Element::Parameter { name, .. } => chooses(name),
            _ => true,
        });
        all.then(|| Rc::new(Shape { of: name, names: known.names }))
    }

    /// What Select-Object leaves.
    fn select(&self, command: &Command, known: &Known, input: Option<Rc<Shape>>) -> Option<Rc<Shape>> {
        let bound = crate::cmdlet::binder::names_only(&known.spec(), &crate::check::arguments::of(command)).bound;
        let has = |parameter: &str| bound.iter().find(|b| same_name(&b.parameter, parameter));
        if has("ExpandProperty").is_some() {
            return None;
        }
        let Some(property) = has("Property") else { return input };
        let expr = command.elements.iter().find_map(|element| match element {
            Element::Parameter { argument: Some(expr), span, .. } => {
                (property.span == *span || property.span == expr.span).then_some(expr)
            }
            Element::Argument(expr) => (property.span == expr.span).then_some(expr),
            _ => None,
        })?;
        let mut names: Vec<Str> = Vec::new();
        for item in items(expr) {
            match &item.kind {
                ExprKind::Hashtable(entries) => {
                    let (name, _) = entry(entries, &["n", "name", "l", "label", "na"]).and_then(constant)?;
                    names.push(name.as_str().into());
                }
                _ => {
                    let (name, _) = constant(item)?;
                    if has_wildcard(&name) {
                        let (input, pattern) = (input.as_ref()?, Wildcard::new(&name).ok()?);
                        names.extend(input.names.iter().filter(|n| pattern.matches(n)).cloned());
                    } else {
                        names.push(name.as_str().into());
                    }
                }
            }
        }
        Some(Rc::new(Shape { of: "this Select-Object".into(), names }))
    }
}

fn is_item(variable: &Variable) -> bool {
    variable.name == "_" || same_name(&variable.name, "PSItem")
}

/// The only statement of a body.
fn only(body: &Body) -> Option<&Statement> {
    match body.pieces.as_slice() {
        [Piece::Statement(statement)] => Some(statement),
        _ => None,
    }
}

/// The elements of an argument that may be a list.
fn items(expr: &Expr) -> &[Expr] {
    match &expr.kind {
        ExprKind::List(items) => items,
        _ => std::slice::from_ref(expr),
    }
}

/// The constant text of an expression, with its place.
pub(super) fn constant(expr: &Expr) -> Option<(String, Span)> {
    match &expr.kind {
        ExprKind::Bareword(text) | ExprKind::String { text, .. } => Some((text.clone(), expr.span)),
        _ => None,
    }
}

/// The value of the entry of a hashtable with one of these keys, where it is an expression.
pub(super) fn entry<'e>(entries: &'e [(Expr, Statement)], keys: &[&str]) -> Option<&'e Expr> {
    let key = |expr: &Expr| constant(expr).is_some_and(|(key, _)| keys.iter().any(|known| same_name(known, &key)));
    entries.iter().find(|(name, _)| key(name)).and_then(|(_, value)| value.as_expr())
}

/// The names of properties that an argument holds as they are, without wildcards.
pub(super) fn item_names(expr: &Expr) -> Vec<(String, Span)> {
    items(expr).iter().filter_map(constant).filter(|(name, _)| !has_wildcard(name)).collect()
}

/// How a variable is set.
pub(super) enum Single<'t> {
    /// Once, to this; of a loop's variable, to each of this.
    Once(&'t Statement),
    /// In another way.
    Unknown,
}

impl<'t> Single<'t> {
    /// The variables of a script by their names in lower case.
    pub fn of_script(script: &'t Script, text: &str) -> HashMap<String, Single<'t>> {
        let mut set = Sets { text, found: HashMap::new(), anything: false };
        set.visit_script(script);
        if set.anything { HashMap::new() } else { set.found }
    }
}

struct Sets<'a, 't> {
    text: &'a str,
    found: HashMap<String, Single<'t>>,
    /// A command sets or reads variables whose names only running gives.
    anything: bool,
}

impl<'t> Sets<'_, 't> {
    fn once(&mut self, variable: &Variable, value: &'t Statement) {
        let name = variable.name.to_lowercase();
        let single = if variable.scope.is_none() && !self.found.contains_key(&name) {
            Single::Once(value)
        } else {
            Single::Unknown
        };
        self.found.insert(name, single);
    }

    fn unknown(&mut self, name: &str) {
        self.found.insert(name.to_lowercase(), Single::Unknown);
    }

    fn words(&mut self, text: &str) {
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        words.filter(|word| !word.is_empty()).for_each(|word| self.unknown(word));
    }
}

impl<'t> Visit<'t> for Sets<'_, 't> {
    fn visit_assign(&mut self, assign: &'t Assign) {
        match assign.targets.as_slice() {
            [Expr { kind: ExprKind::Variable(variable), .. }] if assign.operator == "=" => {
                self.once(variable, &assign.value);
            }
            targets => targets.iter().for_each(|target| self.visit_target(target)),
        }
        self.visit_statement(&assign.value);
    }

    fn visit_target(&mut self, target: &'t Expr) {
        walk_target(self, target);
    }

    fn visit_written(&mut self, variable: &'t Variable) {
        self.unknown(&variable.name);
    }

    fn visit_statement(&mut self, statement: &'t Statement) {
        if let StatementKind::ForEach { variable, subject, .. } = &statement.kind {
            self.once(variable, subject);
        }
        walk_statement(self, statement);
    }

    fn visit_parameter(&mut self, parameter: &'t Parameter) {
        self.unknown(&parameter.variable.name);
        walk_parameter(self, parameter);
    }

    fn visit_rhai(&mut self, rhai: &'t Rhai) {
        let mut at = rhai.span.start;
        for island in &rhai.islands {
            self.words(Span { start: at, end: island.span.start }.of(self.text));
            at = island.span.end;
        }
        self.words(Span { start: at, end: rhai.span.end }.of(self.text));
        walk_rhai(self, rhai);
    }

    fn visit_rhai_block(&mut self, block: &'t RhaiBlock) {
        block.declares.iter().for_each(|name| self.unknown(name));
        self.visit_body(&block.body);
    }

    fn visit_command(&mut self, command: &'t Command) {
        match command.constant_name.as_deref().and_then(|name| named_variables(name, &command.elements)) {
            Some(Named::These(names)) => names.iter().for_each(|name| self.unknown(name)),
            Some(Named::Any) => self.anything = true,
            None => {}
        }
        for (at, element) in command.elements.iter().enumerate() {
            if let Element::Parameter { name, argument, .. } = element
                && NAMES_VARIABLE.iter().any(|known| same_name(known, name))
            {
                let value = argument.as_ref().or(match command.elements.get(at + 1) {
                    Some(Element::Argument(value)) => Some(value),
                    _ => None,
                });
                if let Some((name, _)) = value.and_then(constant) {
                    self.unknown(name.trim_start_matches('+'));
                }
            }
        }
        walk_command(self, command);
    }

    fn visit_expr(&mut self, expr: &'t Expr) {
        match &expr.kind {
            ExprKind::Cast { to, operand } if same_name(&to.name, "ref") => self.visit_target(operand),
            _ => walk_expr(self, expr),
        }
    }
}
