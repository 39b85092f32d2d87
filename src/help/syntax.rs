//! Syntax lines: one for each parameter set, as PowerShell prints them.

use crate::cmdlet::spec::{CmdletSpec, ParameterSpec, ParameterType, SetMembership};
use std::fmt::Write;

/// The role of a parameter in a set, if it belongs to it.
pub fn role<'a>(parameter: &'a ParameterSpec, set: Option<&str>) -> Option<&'a SetMembership> {
    parameter.sets.iter().find(|role| match (&role.set, set) {
        (None, _) => true,
        (Some(own), Some(set)) => &**own == set,
        (Some(_), None) => false,
    })
}

/// The syntax of every set, the default one first.
pub fn lines(spec: &CmdletSpec) -> Vec<String> {
    if spec.sets.is_empty() {
        return vec![line(spec, None)];
    }
    let default = spec.default_set.as_deref();
    let mut sets: Vec<&str> = spec.sets.iter().map(|set| &**set).collect();
    sets.sort_by_key(|set| Some(*set) != default);
    let mut lines: Vec<String> = Vec::new();
    for set in sets {
        let line = line(spec, Some(set));
        // Sets that differ in nothing that shows are one line.
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

/// The syntax of one set: positional parameters by position, then mandatory ones, then the others.
pub fn line(spec: &CmdletSpec, set: Option<&str>) -> String {
    let mut parts: Vec<(&ParameterSpec, &SetMembership)> =
        spec.parameters.iter().filter_map(|parameter| role(parameter, set).map(|role| (parameter, role))).collect();
    parts.sort_by_key(|(_, role)| match role.position {
        Some(position) => (0, position),
        None if role.mandatory => (1, 0),
        None => (2, 0),
    });
    let mut line = spec.name.to_string();
    // What takes the rest of a simple function's arguments has no name to write.
    for (parameter, role) in parts.into_iter().filter(|(parameter, _)| !parameter.name.starts_with(' ')) {
        // Writing to a string cannot fail.
        let _ = write!(line, " {}", part(parameter, role));
    }
    if spec.should_process {
        line.push_str(" [-WhatIf] [-Confirm]");
    }
    line.push_str(" [<CommonParameters>]");
    line
}

/// A type as a page of help names it: `Unlimited` for `Some.Space.Unlimited\`1[System.UInt32]`.
pub fn short(doc_type: &str) -> &str {
    let plain = doc_type.split('`').next().unwrap_or(doc_type);
    plain.rsplit('.').next().unwrap_or(plain)
}

fn part(parameter: &ParameterSpec, role: &SetMembership) -> String {
    let name = &parameter.name;
    if parameter.kind == ParameterType::Switch {
        return if role.mandatory { format!("-{name}") } else { format!("[-{name}]") };
    }
    let mut named = if role.position.is_some() { format!("[-{name}]") } else { format!("-{name}") };
    let _ = write!(named, " <{}>", short(&parameter.doc_type));
    let choices = choices(parameter);
    if !choices.is_empty() && choices.len() <= 30 {
        let _ = write!(named, " {{{}}}", choices.join(" | "));
    }
    if role.mandatory { named } else { format!("[{named}]") }
}

/// The values that a parameter takes, if they are a closed set.
pub fn choices(parameter: &ParameterSpec) -> Vec<&str> {
    if !parameter.validation.values.is_empty() {
        return parameter.validation.values.iter().map(|value| &**value).collect();
    }
    let kind = match &parameter.kind {
        ParameterType::Array(item) => item,
        other => other,
    };
    match kind {
        ParameterType::Enum { values, .. } => values.iter().map(|value| &**value).collect(),
        _ => Vec::new(),
    }
}
