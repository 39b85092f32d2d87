//! `$PSDefaultParameterValues`: values for parameters that a command does not give.

use super::Env;
use crate::cmdlet::common;
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::error::Halt;
use crate::value::wildcard::Wildcard;
use crate::value::{Str, Value, text, truth};

/// The entries that speak of a command, by parameter. A script block as a value is run for it.
pub(super) fn of(env: &Env, command: &str, spec: &CmdletSpec) -> Result<Vec<(Str, Value)>, Halt> {
    let Value::Map(table) = env.session.preferences().defaults else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for (key, value) in table.entries() {
        let key = text::to_text(&key);
        if key.eq_ignore_ascii_case("Disabled") && truth::is_true(&value) {
            return Ok(Vec::new());
        }
        let Some((pattern, parameter)) = key.split_once(':') else { continue };
        if !Wildcard::new(pattern.trim()).is_ok_and(|w| w.matches(command)) {
            continue;
        }
        let Ok(names) = Wildcard::new(parameter.trim()) else { continue };
        let common = common::parameters(spec.should_process);
        for parameter in spec.parameters.iter().chain(&common) {
            let meant = names.matches(&parameter.name) || parameter.aliases.iter().any(|a| names.matches(a));
            if meant {
                found.push((parameter.name.clone(), evaluated(env, &value, &parameter.kind)?));
            }
        }
    }
    Ok(found)
}

fn evaluated(env: &Env, value: &Value, kind: &ParameterType) -> Result<Value, Halt> {
    let Value::Block(block) = value else { return Ok(value.clone()) };
    if *kind == ParameterType::ScriptBlock {
        return Ok(value.clone());
    }
    let mut outputs = Vec::new();
    env.blocks.run(block, None, &[], &mut |output| {
        outputs.push(output);
        Ok(())
    })?;
    Ok(Value::from_outputs(outputs))
}
