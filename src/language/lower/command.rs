//! Pipelines and commands.

use super::expr::type_text;
use super::finder::Finder;
use super::map::quoted;
use super::names::{mangled, spelled};
use super::scope::{Place, Scope, shares_scope};
use super::statement::Ending;
use super::{CommandSite, Flow, Lowerer, Site};
use crate::error::Span;
use crate::language::tree::*;
use crate::value::{Value, same_name};
use std::sync::Arc;

/// How many arguments the runtime's functions for commands take; more are passed as one list.
pub const MOST_ARGUMENTS: usize = 6;

impl Lowerer<'_> {
    /// A pipeline. `taken`: what stands around it runs it; else its last stage does.
    pub(super) fn pipeline(&mut self, pipeline: &Pipeline, taken: bool) {
        let last = pipeline.stages.len().saturating_sub(1);
        for (at, stage) in pipeline.stages.iter().enumerate() {
            let is_taken = taken || at < last;
            match stage {
                Stage::Command(command) => {
                    if at > 0 {
                        self.put(command.span, ".");
                    }
                    self.command(command, at > 0, is_taken || !command.redirections.is_empty());
                    self.redirections(&command.redirections, is_taken);
                }
                Stage::Expression { expr, redirections } if at == 0 => {
                    let alone = last == 0 && redirections.is_empty();
                    if alone {
                        self.head(expr, is_taken);
                    } else {
                        self.receiver(expr);
                    }
                    self.redirections(redirections, is_taken);
                }
                Stage::Expression { expr, redirections } => {
                    let site = CommandSite {
                        span: expr.span,
                        name: expr.span,
                        has_input: true,
                        is_taken: is_taken || !redirections.is_empty(),
                        ..CommandSite::default()
                    };
                    self.put(expr.span, ".");
                    self.site(Site::Command(site));
                    self.put(expr.span, "_pipe(");
                    match &expr.kind {
                        ExprKind::RhaiCall { name, arguments: None } if self.visible(name).is_none() => {
                            self.put(expr.span, &format!("Fn({})", quoted(name)));
                        }
                        _ => self.expr(expr),
                    }
                    self.put(expr.span, ")");
                    self.redirections(redirections, is_taken);
                }
            }
        }
    }

    /// The value of a pipeline. Where a variable is at its head, Rhai would lend it to the last stage while that runs, and a
    /// block in it could not read it: the pipeline is made first then, and runs when nothing is lent any more.
    pub(super) fn pipeline_value(&mut self, pipeline: &Pipeline, span: Span) {
        let lends = match pipeline.stages.as_slice() {
            [Stage::Expression { expr, .. }, _, ..] => !matches!(
                &expr.kind,
                ExprKind::Constant(_)
                    | ExprKind::Binary { .. }
                    | ExprKind::Unary { .. }
                    | ExprKind::RhaiCall { arguments: Some(_), .. }
            ),
            _ => false,
        };
        if lends {
            self.put(span, "_value(");
        }
        self.pipeline(pipeline, lends);
        if lends {
            self.put(span, ")");
        }
    }

    /// An expression alone; a range that is taken stays unrolled.
    fn head(&mut self, expr: &Expr, taken: bool) {
        if taken { self.range_taken(expr) } else { self.expr(expr) }
    }

    fn range_taken(&mut self, expr: &Expr) {
        if let ExprKind::Binary { operator, left, right, .. } = &expr.kind
            && operator == ".."
        {
            let span = expr.span;
            let site = CommandSite { span, name: span, is_taken: true, ..CommandSite::default() };
            self.site(Site::Command(site));
            self.put(span, "_range(");
            self.expr(left);
            self.put(span, ", ");
            self.expr(right);
            return self.put(span, ")");
        }
        self.expr(expr);
    }

    /// The first stage, before a dot.
    fn receiver(&mut self, expr: &Expr) {
        let brackets = match &expr.kind {
            ExprKind::Constant(_) | ExprKind::Rhai(_) | ExprKind::Missing | ExprKind::Ternary { .. } => true,
            ExprKind::Unary { operator, .. } => matches!(operator.as_str(), "not" | "!" | "++" | "--"),
            ExprKind::Paren(_) | ExprKind::Statement(_) | ExprKind::Postfix { .. } => true,
            ExprKind::Variable(variable) => matches!(self.place(variable), Place::Literal(_)),
            _ => false,
        };
        if brackets {
            self.put(expr.span, "(");
        }
        self.range_taken(expr);
        if brackets {
            self.put(expr.span, ")");
        }
    }

    fn redirections(&mut self, redirections: &[Redirection], taken: bool) {
        for (at, redirection) in redirections.iter().enumerate() {
            let span = redirection.span;
            let is_taken = taken || at + 1 < redirections.len();
            self.put(span, ".");
            let site = CommandSite { span, name: span, has_input: true, is_taken, ..CommandSite::default() };
            self.site(Site::Command(site));
            let from = redirection.from.map_or("*".to_string(), |n| n.to_string());
            match &redirection.to {
                RedirectionTarget::Stream(to) => self.put(span, &format!("_redirect(\"{from}>&{to}\")")),
                RedirectionTarget::File { name, append } => {
                    let arrow = if *append { ">>" } else { ">" };
                    self.put(span, &format!("_redirect(\"{from}{arrow}\", "));
                    self.expr(name);
                    self.put(span, ")");
                }
            }
        }
    }

    /// A command's call.
    fn command(&mut self, command: &Command, has_input: bool, is_taken: bool) {
        let constant = command.constant_name.as_deref().map(|written| {
            let alias = if self.names.is_command(written) { None } else { self.names.alias(written) };
            alias.unwrap_or_else(|| written.to_string())
        });
        let function = match constant.as_deref() {
            Some(name) if self.names.is_command(name) => spelled(name),
            _ => None,
        };
        let mut site =
            CommandSite { span: command.span, name: command.name.span, has_input, is_taken, ..CommandSite::default() };
        site.shares = command.shares;
        // The arguments are written after the call's name, whose offset finds the site: it is filled in afterwards.
        let at = self.site(Site::Command(site.clone()));
        let many = command.elements.len() >= MOST_ARGUMENTS;
        match &function {
            Some(function) => self.put(command.name.span, &format!("{function}(")),
            None => {
                self.put(command.name.span, "_command(");
                match &constant {
                    Some(name) => self.put(command.name.span, &quoted(name)),
                    None if command.shares => self.argument_value(&command.name, true),
                    None => self.expr(&command.name),
                }
                if !command.elements.is_empty() {
                    self.put(command.name.span, ", ");
                }
            }
        }
        let name = constant.as_deref().unwrap_or_default();
        let arguments = self.arguments(command, name);
        let (named, positional): (Vec<_>, Vec<_>) = arguments.into_iter().partition(|a| a.is_named());
        if many && !positional.is_empty() {
            self.put(command.span, "_many([");
        }
        let shares = shares_scope(name);
        for (nth, argument) in positional.iter().enumerate() {
            if nth > 0 {
                self.put(command.span, ", ");
            }
            site.positional.push(argument.span());
            self.argument(argument, name, shares);
        }
        if many && !positional.is_empty() {
            self.put(command.span, "])");
        }
        if !named.is_empty() {
            self.put(command.span, if positional.is_empty() { "#{" } else { ", #{" });
            for (nth, argument) in named.iter().enumerate() {
                if nth > 0 {
                    self.put(command.span, ", ");
                }
                if let Given::Named { name: parameter, value, span } = argument {
                    site.named.push((parameter.to_string(), *span));
                    let key = if mangled(parameter) == *parameter { parameter.to_string() } else { quoted(parameter) };
                    self.put(*span, &format!("{key}: "));
                    match value {
                        Some(value) if self.filter(name, parameter, value) => {}
                        Some(value) => self.argument_value(value, shares),
                        None => self.put(*span, "true"),
                    }
                }
            }
            self.put(command.span, "}");
        }
        self.put(command.span, ")");
        self.sites.insert(at, Site::Command(site));
    }

    /// The arguments as they are written: those with a value for sure by name, others in their order.
    fn arguments<'c>(&self, command: &'c Command, name: &str) -> Vec<Given<'c>> {
        let mut given: Vec<Given<'c>> = Vec::new();
        let mut elements = command.elements.iter().peekable();
        let mut only_values = false;
        while let Some(element) = elements.next() {
            match element {
                // Behind the first `--` all are values.
                Element::Argument(Expr { kind: ExprKind::Bareword(text), .. }) if text == "--" && !only_values => {
                    only_values = true;
                }
                Element::Argument(value) => given.push(Given::Positional(value)),
                Element::Splat { variable, span } => given.push(Given::Splat(variable, *span)),
                Element::Parameter { span, .. } if only_values => given.push(Given::Word(*span)),
                Element::Parameter { name: parameter, argument, span } => {
                    let twice =
                        given.iter().any(|g| matches!(g, Given::Named { name, .. } if same_name(name, parameter)));
                    let next = match elements.peek() {
                        Some(Element::Argument(value)) => Some(value),
                        _ => None,
                    };
                    let is_switch = self.names.is_switch(name, parameter);
                    let argument = match (argument, is_switch, next) {
                        (Some(argument), ..) => Ok(Some(argument)),
                        (None, Some(true), _) => Ok(None),
                        (None, Some(false), Some(_)) => Ok(match elements.next() {
                            Some(Element::Argument(value)) => Some(value),
                            _ => None,
                        }),
                        _ => Err(()),
                    };
                    given.push(match argument {
                        Ok(value) if !twice => Given::Named { name: parameter, value, span: *span },
                        Ok(value) => Given::InOrder { name: parameter, value, span: *span },
                        Err(()) => Given::InOrder { name: parameter, value: None, span: *span },
                    });
                }
            }
        }
        given
    }

    fn argument(&mut self, argument: &Given, command: &str, shares: bool) {
        match argument {
            Given::Positional(value) => self.argument_value(value, shares),
            Given::Word(span) => self.put(*span, &quoted(span.of(self.source))),
            Given::Splat(variable, span) => {
                self.put(*span, "_splat(");
                self.variable(variable);
                self.put(*span, ")");
            }
            Given::Named { name, value, span } | Given::InOrder { name, value, span } => {
                self.put(*span, &format!("_param({}", quoted(name)));
                if let Some(value) = value {
                    self.put(*span, ", ");
                    if !self.filter(command, name, value) {
                        self.argument_value(value, shares);
                    }
                }
                self.put(*span, ")");
            }
        }
    }

    fn argument_value(&mut self, value: &Expr, shares: bool) {
        match &value.kind {
            ExprKind::ScriptBlock(block) => self.block(block, value.span, shares),
            ExprKind::List(items) if shares => {
                self.put(value.span, "[");
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        self.put(value.span, ", ");
                    }
                    self.argument_value(item, shares);
                }
                self.put(value.span, "]");
            }
            ExprKind::Type(name) => self.put(value.span, &quoted(&format!("[{}]", type_text(name)))),
            _ => self.expr(value),
        }
    }

    /// A script block: a closure, or its value if it is one expression.
    pub(super) fn block(&mut self, block: &ScriptBlock, span: Span, shares: bool) {
        if block.begin.is_some() || block.process.is_some() {
            // It makes closures for its parts each time that it is called.
            self.site(Site::Block { block: Arc::new(block.clone()), span, gives_value: false });
            self.put(span, "_block(");
            let parameters = block.params.as_ref().map_or(&[][..], |params| &params.parameters);
            let bodies = [block.begin.as_ref(), block.process.as_ref(), Some(&block.body)];
            self.factory(parameters, bodies, span);
            return self.put(span, ")");
        }
        let gives_value = block.params.is_none() && self.is_value_body(&block.body);
        let tree = Arc::new(block.clone());
        self.site(Site::Block { block: tree, span, gives_value });
        self.put(span, "_block(|| ");
        self.scopes.push(Scope::default());
        self.flow.push(Flow::Block);
        let outside = std::mem::replace(&mut self.in_rhai, false);
        if gives_value && let Some(Piece::Statement(statement)) = block.body.pieces.first() {
            self.value(statement);
        } else {
            self.put(span, "{ ");
            if let Some(params) = &block.params {
                self.parameters(params);
            }
            self.scoped_body(&block.body, shares, Ending::Block);
            self.put(span, " }");
        }
        self.in_rhai = outside;
        self.flow.pop();
        self.scopes.pop();
        self.taken_over(block, span);
        self.put(span, ")");
    }

    /// What a block takes over from here with `$using:`, as a closure that gives names and values; a name without a
    /// value is the session's to know.
    fn taken_over(&mut self, block: &ScriptBlock, span: Span) {
        const MARK: &[u8] = b"using:";
        let written = span.of(self.source).as_bytes();
        if !written.windows(MARK.len()).any(|word| word.eq_ignore_ascii_case(MARK)) {
            return;
        }
        let using = Finder::of_body(&block.body).using.into_vec();
        if using.is_empty() {
            return;
        }
        self.put(span, ", || [");
        for name in using {
            self.put(span, &format!("[{}", quoted(&name)));
            let variable = Variable { scope: None, name, span };
            if !matches!(self.place(&variable), Place::Session(_)) {
                self.put(span, ", ");
                self.variable(&variable);
            }
            self.put(span, "], ");
        }
        self.put(span, "]");
    }

    /// Declares the parameters of a script or script block, with what the caller gave for them.
    pub(super) fn parameters(&mut self, params: &ParamBlock) {
        for parameter in &params.parameters {
            let name = mangled(&parameter.variable.name);
            let span = parameter.span;
            self.put(span, &format!("let {name} = "));
            let types: Vec<&Attribute> = parameter
                .attributes
                .iter()
                .filter(|a| !a.has_arguments && !same_name(&a.name.name, "switch"))
                .collect();
            for attribute in &types {
                self.put(attribute.span, &format!("_cast({}, ", quoted(&type_text(&attribute.name))));
            }
            self.put(span, &format!("_given({})", quoted(&parameter.variable.name)));
            if let Some(default) = &parameter.default {
                self.put(span, " ?? ");
                self.expr(default);
            } else if parameter.attributes.iter().any(|a| same_name(&a.name.name, "switch")) {
                self.put(span, " ?? false");
            }
            for attribute in types {
                self.put(attribute.span, ")");
            }
            self.put(span, "; ");
            self.declare(&name);
            self.constrain(&name, types_of(parameter).as_deref());
            self.validated(parameter);
        }
    }

    /// Whether a block's body is one expression that puts its value out.
    fn is_value_body(&self, body: &Body) -> bool {
        match super::expr::single(body).and_then(Statement::as_expr) {
            Some(expr) => {
                !matches!(&expr.kind, ExprKind::Postfix { .. } | ExprKind::Statement(_) | ExprKind::Paren(_))
                    && !matches!(&expr.kind, ExprKind::Unary { operator, .. } if is_step(operator))
                    && !matches!(&expr.kind, ExprKind::Constant(Value::Null))
            }
            None => false,
        }
    }
}

/// The type of a parameter.
pub(super) fn types_of(parameter: &Parameter) -> Option<String> {
    let attribute = parameter.attributes.iter().rev().find(|a| !a.has_arguments)?;
    Some(type_text(&attribute.name))
}

/// One argument of a command.
enum Given<'c> {
    Positional(&'c Expr),
    Splat(&'c Variable, Span),
    /// What looks like a parameter, behind `--`.
    Word(Span),
    Named {
        name: &'c str,
        value: Option<&'c Expr>,
        span: Span,
    },
    /// A parameter of which is not known whether it takes the value behind it.
    InOrder {
        name: &'c str,
        value: Option<&'c Expr>,
        span: Span,
    },
}

impl Given<'_> {
    fn is_named(&self) -> bool {
        matches!(self, Given::Named { .. })
    }

    fn span(&self) -> Span {
        match self {
            Given::Positional(value) => value.span,
            Given::Splat(_, span) | Given::Word(span) | Given::Named { span, .. } | Given::InOrder { span, .. } => {
                *span
            }
        }
    }
}
