//! `function Name { … }`: a factory that makes, for each invocation, its variables and the closures of its blocks.

use super::expr::type_text;
use super::finder::Finder;
use super::map::quoted;
use super::names::mangled;
use super::scope::Scope;
use super::statement::Ending;
use super::{Flow, Lowerer, Site};
use crate::error::Span;
use crate::language::tree::*;
use crate::value::same_name;
use std::sync::Arc;

impl Lowerer<'_> {
    /// `_function("Get-X", || { let a; [|| bind, || begin, || process, || end] });`
    pub(super) fn function(&mut self, function: &Function, span: Span) {
        let start = self.out.offset();
        self.site(Site::Function(Arc::new(function.clone())));
        self.put(span, &format!("_function({}, ", quoted(&function.name.0)));
        let bodies = [function.begin.as_ref(), function.process.as_ref(), function.end.as_ref()];
        self.factory(&function.params.parameters, bodies, span);
        self.put(span, ");");
        if self.depth == 1 {
            self.functions.push(start..self.out.offset());
        }
    }

    /// `|| { let a; [|| bind, || begin, || process, || end] }`
    pub(super) fn factory(&mut self, parameters: &[Parameter], bodies: [Option<&Body>; 3], span: Span) {
        self.put(span, "|| { ");
        self.scopes.push(Scope::default());
        self.flow.push(Flow::Block);
        let outside = std::mem::replace(&mut self.in_rhai, false);
        for parameter in parameters {
            let name = mangled(&parameter.variable.name);
            self.put(parameter.span, &format!("let {name}; "));
            self.declare(&name);
        }
        let mut finder = Finder::default();
        bodies.into_iter().flatten().for_each(|body| finder.visit_body(body));
        let declarations = self.declarations(&finder.set, false);
        self.put(span, &declarations);
        self.put(span, "[|| { ");
        for parameter in parameters {
            self.bound(parameter);
            self.constrain(&mangled(&parameter.variable.name), super::command::types_of(parameter).as_deref());
        }
        self.put(span, "}");
        for body in bodies {
            self.put(span, ", || {");
            if let Some(body) = body {
                self.scopes.push(Scope::default());
                self.scoped_body(body, true, Ending::Block);
                self.scopes.pop();
            }
            self.put(span, "}");
        }
        self.put(span, "] }");
        self.in_rhai = outside;
        self.flow.pop();
        self.scopes.pop();
    }

    /// The value that the binder gave, or the default.
    fn bound(&mut self, parameter: &Parameter) {
        let span = parameter.span;
        let name = mangled(&parameter.variable.name);
        let is_switch = parameter.attributes.iter().any(|a| same_name(&a.name.name, "switch"));
        let types: Vec<&Attribute> =
            parameter.attributes.iter().filter(|a| !a.has_arguments && !same_name(&a.name.name, "switch")).collect();
        let array = types.last().map(|a| type_text(&a.name)).filter(|name| name.ends_with("[]"));
        let array = array.map(|name| format!(", {}", quoted(&name))).unwrap_or_default();
        self.put(span, &format!("{name} = "));
        match &parameter.default {
            Some(default) => {
                self.put(span, &format!("_given({}{array}) ?? ", quoted(&parameter.variable.name)));
                for attribute in &types {
                    self.put(attribute.span, &format!("_cast({}, ", quoted(&type_text(&attribute.name))));
                }
                self.expr(default);
                for attribute in &types {
                    self.put(attribute.span, ")");
                }
            }
            None if is_switch => self.put(span, &format!("_given({}) ?? false", quoted(&parameter.variable.name))),
            None => {
                // What nobody gave has the type's own empty value: "" for a string, 0 for a number.
                let empty = types.last().map(|a| type_text(&a.name).to_ascii_lowercase());
                let empty = empty.as_deref().map(|name| name.strip_prefix("system.").unwrap_or(name));
                let value = match empty {
                    Some("string") => " ?? \"\"",
                    Some(
                        "int" | "int32" | "long" | "int64" | "byte" | "sbyte" | "int16" | "short" | "uint16" | "ushort"
                        | "uint32" | "uint" | "uint64" | "ulong",
                    ) => " ?? 0",
                    Some("bool" | "boolean") => " ?? false",
                    Some("double" | "float" | "single") => " ?? 0.0",
                    Some("decimal") => " ?? _cast(\"decimal\", 0)",
                    _ => "",
                };
                self.put(span, &format!("_given({}{array}){value}", quoted(&parameter.variable.name)));
            }
        }
        self.put(span, "; ");
        self.validated(parameter);
    }

    /// `[ValidateScript({ … })]`: the block is asked of what was given.
    pub(super) fn validated(&mut self, parameter: &Parameter) {
        for attribute in parameter.attributes.iter().filter(|a| same_name(&a.name.name, "ValidateScript")) {
            if let Some(block @ Expr { kind: ExprKind::ScriptBlock(_), .. }) = attribute.positional.first() {
                self.put(attribute.span, &format!("_validated({}, ", quoted(&parameter.variable.name)));
                self.expr(block);
                if let Some((_, Some(message))) = attribute.named.iter().find(|(n, _)| same_name(n, "ErrorMessage")) {
                    self.put(attribute.span, ", ");
                    self.expr(message);
                }
                self.put(attribute.span, "); ");
            }
        }
    }
}
