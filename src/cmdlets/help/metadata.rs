//! The parameters of a command as objects, by their names: `(Get-Command X).Parameters['Name']`.

use crate::cmdlet::common;
use crate::cmdlet::spec::{CmdletSpec, ParameterSpec, ParameterType, SetMembership};
use crate::value::types::{self, TypeName};
use crate::value::{Record, RecordType, Str, Table, TextForm, Value};

fn kind(name: &str) -> std::sync::Arc<RecordType> {
    RecordType::new(&format!("System.Management.Automation.{name}"), TextForm::TypeName)
}

/// The parameters of a command, the common ones among them.
pub(super) fn parameters(spec: &CmdletSpec) -> Value {
    let common = common::parameters(spec.should_process);
    let all = spec.parameters.iter().chain(&common).filter(|parameter| !parameter.name.starts_with(' '));
    let one = |parameter: &ParameterSpec| (Value::Str(parameter.name.clone()), Value::Record(metadata(parameter)));
    Value::Map(Table::from_entries(true, all.map(one)))
}

fn metadata(parameter: &ParameterSpec) -> Record {
    let texts = |texts: &[Str]| Value::list(texts.iter().cloned().map(Value::Str).collect());
    let mut attributes: Vec<Value> = parameter.sets.iter().map(attribute).collect();
    if !parameter.validation.values.is_empty() {
        let fields = [("ValidValues", texts(&parameter.validation.values))];
        attributes.push(Value::Record(Record::new(kind("ValidateSetAttribute"), fields)));
    }
    if !parameter.aliases.is_empty() {
        let fields = [("AliasNames", texts(&parameter.aliases))];
        attributes.push(Value::Record(Record::new(kind("AliasAttribute"), fields)));
    }
    let sets = parameter.sets.iter().map(|role| (Value::Str(set(role)), attribute(role)));
    Record::new(
        kind("ParameterMetadata"),
        [
            ("Name", Value::Str(parameter.name.clone())),
            ("ParameterType", types::type_value(&type_name(parameter))),
            ("ParameterSets", Value::Map(Table::from_entries(true, sets))),
            ("IsDynamic", Value::Bool(false)),
            ("IsMandatory", Value::Bool(parameter.sets.iter().any(|role| role.mandatory))),
            ("Aliases", texts(&parameter.aliases)),
            ("Attributes", Value::list(attributes)),
            ("SwitchParameter", Value::Bool(parameter.kind == ParameterType::Switch)),
        ],
    )
}

fn set(role: &SetMembership) -> Str {
    role.set.clone().unwrap_or_else(|| "__AllParameterSets".into())
}

fn attribute(role: &SetMembership) -> Value {
    let fields = [
        ("Position", Value::Int(role.position.map_or(i64::from(i32::MIN), i64::from))),
        ("ParameterSetName", Value::Str(set(role))),
        ("Mandatory", Value::Bool(role.mandatory)),
        ("ValueFromPipeline", Value::Bool(role.by_value)),
        ("ValueFromPipelineByPropertyName", Value::Bool(role.by_property_name)),
        ("ValueFromRemainingArguments", Value::Bool(role.remaining)),
    ];
    Value::Record(Record::new(kind("ParameterAttribute"), fields))
}

/// .NET's type; one that is not here has its name alone.
fn type_name(parameter: &ParameterSpec) -> TypeName {
    let own = match parameter.kind {
        ParameterType::Switch => types::find("switch"),
        _ => types::find(&parameter.doc_type),
    };
    own.unwrap_or_else(|| TypeName {
        short: crate::help::syntax::short(&parameter.doc_type).into(),
        full: parameter.doc_type.clone(),
    })
}
