//! The cmdlets about variables: by name, with their scope and what protects them.

mod clear;
mod get;
mod new;
mod remove;
mod set;
#[cfg(test)]
mod tests;

use super::object::signature::{Signature, choice, many};
use super::object::{string, texts};
use crate::cmdlet::entry::object_entry;
use crate::cmdlet::spec::ParameterType;
use crate::cmdlet::variable::{Protection, Variable, VariableScope};
use crate::cmdlet::{Bound, CmdletEntry, Context};
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::wildcard::Wildcard;
use crate::value::{Record, RecordType, TextForm, Value, same_name};
use std::sync::Arc;

/// Every cmdlet of this folder.
pub fn all() -> Vec<CmdletEntry> {
    vec![
        object_entry::<get::GetVariable>(),
        object_entry::<set::SetVariable>(),
        object_entry::<new::NewVariable>(),
        object_entry::<remove::RemoveVariable>(),
        object_entry::<clear::ClearVariable>(),
    ]
}

/// -Include, -Exclude, -Scope, with which each of them chooses.
fn choosing(signature: Signature) -> Signature {
    let signature = signature.parameter("Include", many(ParameterType::String));
    signature.parameter("Exclude", many(ParameterType::String)).parameter("Scope", ParameterType::String)
}

/// -Option, -Description, -Force, -PassThru, with which two of them make.
fn making(signature: Signature) -> Signature {
    let options = choice("ScopedItemOptions", &["None", "ReadOnly", "Constant", "Private", "AllScope", "Unspecified"]);
    let signature = signature.parameter("Description", ParameterType::String).parameter("Option", options);
    let visibility = choice("SessionStateEntryVisibility", &["Public", "Private"]);
    signature.parameter("Visibility", visibility).switch("Force").switch("PassThru")
}

/// -Scope.
fn scope(bound: &Bound) -> Result<VariableScope, ErrorRecord> {
    let Some(text) = string(bound, "Scope") else { return Ok(VariableScope::Any) };
    match text.to_lowercase().as_str() {
        "global" | "script" => Ok(VariableScope::Global),
        "local" | "private" => Ok(VariableScope::Outwards(0)),
        number => number.parse().map(VariableScope::Outwards).map_err(|_| {
            let message = format!("-Scope takes Global, Local, Script or a number; \"{text}\" is none of them.");
            ErrorRecord::new("Argument", Category::InvalidArgument, message).target(text.clone())
        }),
    }
}

fn protection(bound: &Bound) -> Option<Protection> {
    Some(match string(bound, "Option")?.to_lowercase().as_str() {
        "readonly" => Protection::ReadOnly,
        "constant" => Protection::Constant,
        _ => Protection::None,
    })
}

/// The name without the scope before it.
fn bare(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// The variables that -Name, -Include and -Exclude choose; an error for each name that there is none of.
fn chosen(bound: &Bound, cx: &mut Context) -> Result<Vec<Variable>, Halt> {
    let scope = scope(bound)?;
    let all = cx.blocks.variables(scope);
    let patterns = |name: &str| -> Result<Vec<Wildcard>, ErrorRecord> {
        texts(bound.get(name)).iter().map(|pattern| Wildcard::new(pattern)).collect()
    };
    let (include, exclude) = (patterns("Include")?, patterns("Exclude")?);
    let matches = |patterns: &[Wildcard], name: &str| patterns.iter().any(|pattern| pattern.matches(name));
    let wanted = |v: &Variable| (include.is_empty() || matches(&include, &v.name)) && !matches(&exclude, &v.name);
    if bound.get("Name").is_none() {
        return Ok(all.into_iter().filter(wanted).collect());
    }
    let mut found = Vec::new();
    for name in texts(bound.get("Name")) {
        let name = bare(&name);
        let own: Vec<Variable> = if name.contains(['*', '?', '[']) {
            let pattern = Wildcard::new(name)?;
            all.iter().filter(|v| pattern.matches(&v.name)).cloned().collect()
        } else {
            let kept = all.iter().find(|v| same_name(&v.name, name)).cloned();
            // What the session knows of itself is no variable of a script.
            let automatic = || {
                let value = cx.blocks.variable(name)?;
                Some(Variable { name: name.into(), value, ..Variable::default() })
            };
            let one = kept.or_else(automatic);
            if one.is_none() {
                let message = format!("There is no variable '{name}'.");
                cx.error(ErrorRecord::new("VariableNotFound", Category::ObjectNotFound, message).target(name))?;
            }
            one.into_iter().collect()
        };
        found.extend(own.into_iter().filter(wanted));
    }
    Ok(found)
}

/// A variable as an object.
fn object(variable: &Variable) -> Value {
    let name = if variable.assigned {
        "System.Management.Automation.LocalVariable"
    } else {
        "System.Management.Automation.PSVariable"
    };
    let kind: Arc<RecordType> = RecordType::new(name, TextForm::TypeName);
    Value::Record(Record::new(
        kind,
        [
            ("Name", Value::Str(variable.name.clone())),
            ("Description", Value::Str(variable.description.clone())),
            ("Value", variable.value.clone()),
            ("Visibility", "Public".into()),
            ("Module", Value::Null),
            ("ModuleName", "".into()),
            ("Options", variable.protection.name().into()),
            ("Attributes", Value::list(Vec::new())),
        ],
    ))
}
