//! The arguments of a script, bound to its own parameters.

use super::shared::Frame;
use super::signature;
use crate::cmdlet::binder::{self, Conversions, Options};
use crate::cmdlet::common;
use crate::cmdlet::context::{Bound, Invoked};
use crate::cmdlet::pipeline::{Argument, asker};
use crate::cmdlet::session::Session;
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::error::{ErrorRecord, Span};
use crate::language::Parsed;
use crate::value::{Value, same_name};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

/// What a script was given, ready to run.
pub(super) struct Given {
    /// Its variables.
    pub frame: Frame,
    /// Its parameters, common ones among them.
    pub bound: Bound,
    /// It has -WhatIf and -Confirm.
    pub should_process: bool,
}

/// Binds the arguments of a script; without a `param` block they are its `$args`.
///
/// # Errors
/// The binder's: a name that it does not know, a mandatory parameter that is missing, a value that does not convert.
pub(super) fn bind(session: &Session, name: &str, parsed: &Parsed, args: &[String]) -> Result<Given, ErrorRecord> {
    let Some(params) = &parsed.script.params else {
        let args = args.iter().map(|arg| Value::str(arg.as_str())).collect();
        return Ok(Given { frame: Frame { args, ..Frame::default() }, bound: Bound::default(), should_process: false });
    };
    let name = Path::new(name).file_name().map_or(name.into(), |file| file.to_string_lossy());
    let spec = Arc::new(signature::spec(&name, params, true));
    let arguments: Vec<Argument> = args.iter().map(|arg| argument(&spec, arg)).collect();
    let mut ask = asker(session, &name);
    let options = Options {
        input_expected: false,
        conversions: Conversions::Function,
        defaults: &[],
        ask: if session.host.can_ask() { Some(&mut ask) } else { None },
    };
    let binding = binder::command_line(&spec, &arguments, options).map_err(|failure| failure.record)?;
    let bound = binding.bound().clone();
    let common = common::resolve(&bound, &session.preferences(), spec.should_process);
    let invoked = Invoked::new(session, &*name, common, bound.clone()).weighing(signature::impact(params));
    let named = bound.values.iter().map(|(name, value)| (name.to_string(), value.clone())).collect();
    let frame = Frame { named, binds: true, invoked: Some(Rc::new(invoked)), ..Frame::default() };
    Ok(Given { frame, bound, should_process: spec.should_process })
}

/// One word of the command line as an argument: `-Name`, `-Name:value`, a value.
fn argument(spec: &CmdletSpec, word: &str) -> Argument {
    let span = Span::default();
    let Some(named) = word.strip_prefix('-').filter(|name| name.starts_with(|c: char| c.is_alphabetic())) else {
        return Argument::Positional { value: Value::str(word), span };
    };
    let (name, value) = named.split_once(':').map_or((named, None), |(name, value)| (name, Some(value)));
    let is_switch = spec.parameters.iter().any(|p| same_name(&p.name, name) && p.kind == ParameterType::Switch);
    let value = value.map(|text| match text.to_ascii_lowercase().as_str() {
        "$true" => Value::Bool(true),
        "$false" => Value::Bool(false),
        "$null" => Value::Null,
        "true" if is_switch => Value::Bool(true),
        "false" if is_switch => Value::Bool(false),
        _ => Value::str(text),
    });
    Argument::Named { name: name.to_string(), value, span }
}
