//! The signature that a `param` block declares.

use super::attributes::{is_true, number, validate, word};
use crate::cmdlet::preferences::Impact;
use crate::cmdlet::spec::{CmdletSpec, ParameterSpec, ParameterType, SetMembership, Validation};
use crate::cmdlet::verbs;
use crate::language::lower::type_text;
use crate::language::tree::{Attribute, Function, ParamBlock, Parameter, Piece, Statement, StatementKind};
use crate::language::{Mode, Names, parse};
use crate::value::convert::{self, Target};
use crate::value::{Str, same_name};

/// The parameter that takes what a function without a `param` block is given; a blank before it, so that no name on a
/// command line means it.
pub(super) const ARGS: &str = " args";

/// The signature of the function of a name that a text defines; of its name alone where it defines none.
pub fn of_text(name: &str, text: &str) -> CmdletSpec {
    let parsed = parse(text, Mode::Rhai, &AnyCommand);
    let function = parsed.script.body.pieces.iter().find_map(|piece| match piece {
        Piece::Statement(Statement { kind: StatementKind::Function(function), .. })
            if same_name(&function.name.0, name) =>
        {
            Some(function)
        }
        _ => None,
    });
    function.map_or_else(
        || CmdletSpec { name: name.into(), ..CmdletSpec::default() },
        |function| spec(&function.name.0, &function.params, false),
    )
}

/// The signature of a function.
pub fn of_tree(function: &Function) -> CmdletSpec {
    spec(&function.name.0, &function.params, false)
}

/// The signature of a function that takes what it declares and nothing else; `None` for a simple one, whose `$args`
/// take the rest.
pub fn of_function(function: &Function) -> Option<CmdletSpec> {
    let spec = spec(&function.name.0, &function.params, false);
    let takes_rest = spec.parameters.iter().any(|parameter| parameter.ours && &*parameter.name == ARGS);
    (!takes_rest).then_some(spec)
}

/// Whatever looks like a command is one: for reading a text of ours before there is a registry.
struct AnyCommand;

impl Names for AnyCommand {
    fn is_command(&self, name: &str) -> bool {
        name.contains('-')
    }

    fn is_verb(&self, verb: &str) -> bool {
        verbs::is_verb(verb)
    }
}

/// The names that `[Alias(…)]` above a param block gives a function besides its own.
pub fn aliases(params: &ParamBlock) -> Vec<String> {
    let given = params.attributes.iter().filter(|attribute| same_name(&attribute.name.name, "Alias"));
    given.flat_map(|attribute| &attribute.positional).filter_map(word).collect()
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

fn parameter(parameter: &Parameter) -> ParameterSpec {
    let kind = parameter.attributes.iter().rev().find(|a| !a.has_arguments).map(|a| &a.name);
    let text = kind.map(type_text);
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
        ours: false,
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
        // What is not understood was named before anything runs.
        let _ = validate(attribute, &mut validation);
    }
    validation
}

/// The type of a parameter by its name in brackets.
fn kind_of(name: &str) -> ParameterType {
    match name.strip_suffix("[]") {
        // A text is an array of its characters.
        Some(element) if kind_of(element) == ParameterType::Other(Target::Char) => {
            return ParameterType::Other(Target::Array(Box::new(Target::Char)));
        }
        Some(element) => return ParameterType::Array(Box::new(kind_of(element))),
        None => {}
    }
    let integer = |name: &str, min: i64, max: i64| ParameterType::Integer { name: name.into(), min, max };
    let lower = name.to_ascii_lowercase();
    match lower.rsplit('.').next().unwrap_or_default() {
        "switch" | "switchparameter" => ParameterType::Switch,
        "bool" | "boolean" => ParameterType::Bool,
        "string" => ParameterType::String,
        "int" | "int32" => integer("Int32", i32::MIN.into(), i32::MAX.into()),
        "long" | "int64" => integer("Int64", i64::MIN, i64::MAX),
        "sbyte" => integer("SByte", i8::MIN.into(), i8::MAX.into()),
        "int16" | "short" => integer("Int16", i16::MIN.into(), i16::MAX.into()),
        "uint16" | "ushort" => integer("UInt16", 0, u16::MAX.into()),
        "uint32" | "uint" => integer("UInt32", 0, u32::MAX.into()),
        "uint64" | "ulong" => integer("UInt64", 0, i64::MAX),
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
        "array" => ParameterType::Array(Box::new(ParameterType::Object)),
        // A hashtable stays what it is where any object will do.
        "object" | "psobject" => ParameterType::Object,
        _ => match convert::target(name) {
            None | Some(Target::Object | Target::Void) => ParameterType::Object,
            Some(target) => ParameterType::Other(target),
        },
    }
}
