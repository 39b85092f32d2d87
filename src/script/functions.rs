//! Functions of command mode as cmdlets: their signature, and what runs them.

use super::convert::to_value;
use super::shared::{Frame, Shared};
use crate::cmdlet::context::{Bound, Context, Invoked};
use crate::cmdlet::preferences::{Impact, Preferences};
use crate::cmdlet::registry::Function;
use crate::cmdlet::run::Run;
use crate::cmdlet::spec::{CmdletSpec, ParameterSpec, ParameterType, SetMembership, Validation};
use crate::error::Halt;
use crate::language::lower::Site;
use crate::language::tree::{Attribute, Expr, ExprKind, ParamBlock, Parameter};
use crate::value::{Block, Str, Value, same_name};
use rhai::{Dynamic, EvalAltResult, NativeCallContext};
use std::rc::Rc;
use std::sync::Arc;

/// The parameter that takes what a function without a `param` block is given.
const ARGS: &str = "args";

/// `_function(name, factory)`.
pub(super) fn define(
    shared: &Rc<Shared>,
    cx: &NativeCallContext,
    args: &mut [&mut Dynamic],
) -> Result<Dynamic, Box<EvalAltResult>> {
    let Some((_, Site::Function(tree))) = shared.site(cx.call_position()) else { return Ok(Dynamic::UNIT) };
    let [_, factory] = args else { return Ok(Dynamic::UNIT) };
    let Value::Block(factory) = to_value(factory) else { return Ok(Dynamic::UNIT) };
    let spec = Arc::new(spec(&tree.name.0, &tree.params, false));
    let impact = impact(&tree.params);
    let should_process = spec.should_process;
    let shared_in = shared.clone();
    let has_process = tree.process.is_some();
    let function = Function {
        name: tree.name.0.as_str().into(),
        spec,
        make: Rc::new(move || {
            Box::new(Running {
                shared: shared_in.clone(),
                factory: factory.clone(),
                has_process,
                impact,
                should_process,
                preferences: None,
                parts: Vec::new(),
                input: Vec::new(),
                frame: Frame { of_function: true, binds: true, ..Frame::default() },
            })
        }),
        help: tree.help.as_deref().map(Str::from),
    };
    shared.session.registry.define(function);
    Ok(Dynamic::UNIT)
}

/// One invocation of a function.
struct Running {
    shared: Rc<Shared>,
    factory: Block,
    has_process: bool,
    /// Whether it has -WhatIf and -Confirm, and how much its changes weigh.
    should_process: bool,
    impact: Impact,
    /// The preferences that its body sees, and may set.
    preferences: Option<Preferences>,
    /// Its closures: bind, begin, process, end.
    parts: Vec<Block>,
    input: Vec<Value>,
    frame: Frame,
}

impl Running {
    fn part(&mut self, at: usize, item: Option<&Value>, cx: &mut Context) -> Result<(), Halt> {
        let Some(block) = self.parts.get(at) else { return Ok(()) };
        *self.shared.pending.borrow_mut() = Some(self.frame.clone());
        let session = cx.session;
        let own = self.preferences.take();
        let own = own.unwrap_or_else(|| session.preferences().of_body(cx.bound, self.should_process));
        let mut outside = session.swap_preferences(own);
        let sink = &mut *cx.sink;
        let result = cx.blocks.run(block, item, &[], &mut |value| {
            // What takes the function's output is not under its preferences.
            let own = session.swap_preferences(outside.clone());
            let taken = sink(value);
            outside = session.swap_preferences(own);
            taken
        });
        self.preferences = Some(session.swap_preferences(outside));
        result
    }

    fn bind(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        if let Some(invoked) = &self.frame.invoked {
            invoked.bind(bound);
        }
        self.frame.named = bound
            .values
            .iter()
            .filter(|(name, _)| !same_name(name, ARGS))
            .map(|(name, value)| (name.to_string(), value.clone()))
            .collect();
        self.frame.bound = Rc::default();
        self.frame.args = bound.get(ARGS).cloned().map(crate::value::enumerate).unwrap_or_default();
        self.part(0, None, cx)
    }
}

impl Run for Running {
    fn begin(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let mut parts = Vec::new();
        *self.shared.pending.borrow_mut() = Some(Frame { of_function: true, ..Frame::default() });
        cx.blocks.run(&self.factory, None, &[], &mut |value| {
            if let Value::Block(block) = value {
                parts.push(block);
            }
            Ok(())
        })?;
        self.parts = parts;
        let invoked = Invoked::new(cx.session, cx.command, cx.common.clone(), bound.clone()).weighing(self.impact);
        self.frame.invoked = Some(Rc::new(invoked));
        self.bind(bound, cx)?;
        self.part(1, None, cx)
    }

    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        self.bind(bound, cx)?;
        if self.has_process {
            let item = bound.input().cloned();
            return self.part(2, item.as_ref(), cx);
        }
        self.input.extend(bound.input().cloned());
        Ok(())
    }

    fn end(&mut self, _bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        self.frame.input = std::mem::take(&mut self.input);
        self.part(3, None, cx)
    }
}

/// `ConfirmImpact` of a function.
pub(super) fn impact(params: &ParamBlock) -> Impact {
    let binding = params.attributes.iter().find(|a| same_name(&a.name.name, "CmdletBinding"));
    let impact = binding.and_then(|b| b.named.iter().find(|(n, _)| same_name(n, "ConfirmImpact")));
    match impact.and_then(|(_, value)| value.as_ref()).and_then(word).unwrap_or_default().to_lowercase().as_str() {
        "none" => Impact::None,
        "low" => Impact::Low,
        "high" => Impact::High,
        _ => Impact::Medium,
    }
}

/// The signature that the param block of a function or of a script declares. A script knows all its arguments.
pub(super) fn spec(name: &str, params: &ParamBlock, is_script: bool) -> CmdletSpec {
    let binding = params.attributes.iter().find(|a| same_name(&a.name.name, "CmdletBinding"));
    let named = |name: &str| {
        binding.and_then(|a| a.named.iter().find(|(n, _)| same_name(n, name))).map(|(_, value)| value.as_ref())
    };
    let declared: Vec<ParameterSpec> = params.parameters.iter().map(parameter).collect();
    let mut sets: Vec<Str> = Vec::new();
    for set in declared.iter().flat_map(|p| &p.sets).filter_map(|s| s.set.clone()) {
        if !sets.iter().any(|s| same_name(s, &set)) {
            sets.push(set);
        }
    }
    let is_advanced =
        is_script || binding.is_some() || params.parameters.iter().any(|p| attribute(p, "Parameter").next().is_some());
    let has_positions = declared.iter().flat_map(|p| &p.sets).any(|s| s.position.is_some());
    let mut parameters = declared;
    if !is_advanced {
        parameters.push(ParameterSpec {
            name: ARGS.into(),
            kind: ParameterType::Array(Box::new(ParameterType::Object)),
            doc_type: "Object[]".into(),
            aliases: Vec::new(),
            sets: vec![SetMembership { remaining: true, ..SetMembership::default() }],
            validation: Validation { allow_null: true, ..Validation::default() },
            ours: true,
        });
    }
    CmdletSpec {
        name: name.into(),
        default_set: named("DefaultParameterSetName").flatten().and_then(word).map(Str::from),
        sets,
        should_process: named("SupportsShouldProcess").is_some_and(is_true),
        positional_binding: !has_positions && named("PositionalBinding").is_none_or(is_true),
        parameters,
    }
}

fn attribute<'p>(parameter: &'p Parameter, name: &'p str) -> impl Iterator<Item = &'p Attribute> {
    parameter.attributes.iter().filter(move |a| same_name(&a.name.name, name))
}

fn is_true(value: Option<&Expr>) -> bool {
    match value.map(|v| &v.kind) {
        Some(ExprKind::Variable(v)) => !same_name(&v.name, "false"),
        _ => true,
    }
}

fn word(value: &Expr) -> Option<String> {
    match &value.kind {
        ExprKind::String { text, .. } | ExprKind::Bareword(text) => Some(text.clone()),
        ExprKind::Constant(value) => Some(crate::value::text::to_text(value).to_string()),
        _ => None,
    }
}

fn number(value: &Expr) -> Option<f64> {
    match &value.kind {
        ExprKind::Unary { operator, operand } if operator == "-" => number(operand).map(|n| -n),
        _ => word(value)?.parse().ok(),
    }
}

fn parameter(parameter: &Parameter) -> ParameterSpec {
    let kind = parameter.attributes.iter().rev().find(|a| !a.has_arguments).map(|a| &a.name);
    let text = kind.map(super::super::language::lower::type_text);
    let mut sets: Vec<SetMembership> = attribute(parameter, "Parameter").map(membership).collect();
    if sets.is_empty() {
        sets.push(SetMembership::default());
    }
    let aliases = attribute(parameter, "Alias").flat_map(|a| &a.positional).filter_map(word).map(Str::from).collect();
    ParameterSpec {
        name: parameter.variable.name.as_str().into(),
        kind: text.as_deref().map_or(ParameterType::Object, kind_of),
        doc_type: text.as_deref().unwrap_or("Object").into(),
        aliases,
        sets,
        validation: validation(parameter),
        ours: true,
    }
}

fn membership(attribute: &Attribute) -> SetMembership {
    let mut member = SetMembership::default();
    for (name, value) in &attribute.named {
        let on = is_true(value.as_ref());
        match name.to_ascii_lowercase().as_str() {
            "mandatory" => member.mandatory = on,
            "valuefrompipeline" => member.by_value = on,
            "valuefrompipelinebypropertyname" => member.by_property_name = on,
            "valuefromremainingarguments" => member.remaining = on,
            "position" => member.position = value.as_ref().and_then(number).map(|n| n as i32),
            "parametersetname" => member.set = value.as_ref().and_then(word).map(Str::from),
            _ => {}
        }
    }
    member
}

fn validation(parameter: &Parameter) -> Validation {
    let mut validation = Validation::default();
    for attribute in &parameter.attributes {
        let numbers: Vec<f64> = attribute.positional.iter().filter_map(number).collect();
        let pair = |numbers: &[f64]| match numbers {
            [a, b] => Some((*a, *b)),
            _ => None,
        };
        match attribute.name.name.to_ascii_lowercase().as_str() {
            "validateset" => {
                validation.values = attribute.positional.iter().filter_map(word).map(Str::from).collect();
            }
            "validaterange" => validation.range = pair(&numbers),
            "validatelength" => validation.length = pair(&numbers).map(|(a, b)| (a as usize, b as usize)),
            "validatecount" => validation.count = pair(&numbers).map(|(a, b)| (a as usize, b as usize)),
            "validatepattern" => validation.pattern = attribute.positional.first().and_then(word).map(Str::from),
            "validatenotnull" => validation.not_null = true,
            "validatenotnullorempty" => validation.not_null_or_empty = true,
            "allownull" => validation.allow_null = true,
            "allowemptystring" => validation.allow_empty_string = true,
            "allowemptycollection" => validation.allow_empty_collection = true,
            _ => {}
        }
    }
    validation
}

/// The type of a parameter by its name in brackets.
fn kind_of(name: &str) -> ParameterType {
    if let Some(element) = name.strip_suffix("[]") {
        return ParameterType::Array(Box::new(kind_of(element)));
    }
    let integer = |name: &str, min: i64, max: i64| ParameterType::Integer { name: name.into(), min, max };
    let lower = name.to_ascii_lowercase();
    match lower.rsplit('.').next().unwrap_or_default() {
        "switch" | "switchparameter" => ParameterType::Switch,
        "bool" | "boolean" => ParameterType::Bool,
        "string" | "char" => ParameterType::String,
        "int" | "int32" => integer("Int32", i32::MIN.into(), i32::MAX.into()),
        "long" | "int64" => integer("Int64", i64::MIN, i64::MAX),
        "int16" | "short" => integer("Int16", i16::MIN.into(), i16::MAX.into()),
        "uint16" => integer("UInt16", 0, u16::MAX.into()),
        "uint32" => integer("UInt32", 0, u32::MAX.into()),
        "uint64" => integer("UInt64", 0, i64::MAX),
        "byte" => integer("Byte", 0, u8::MAX.into()),
        "double" | "float" | "single" => ParameterType::Double,
        "decimal" => ParameterType::Decimal,
        "datetime" | "datetimeoffset" => ParameterType::DateTime,
        "timespan" => ParameterType::TimeSpan,
        "guid" => ParameterType::Guid,
        "uri" => ParameterType::Uri,
        "ipaddress" => ParameterType::IpAddress,
        "version" => ParameterType::Version,
        "hashtable" => ParameterType::Hashtable,
        "scriptblock" => ParameterType::ScriptBlock,
        "pscredential" => ParameterType::Credential,
        "securestring" => ParameterType::SecureString,
        _ => ParameterType::Object,
    }
}
