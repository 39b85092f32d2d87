//! The arguments of a script, bound to its own parameters.

use super::shared::Frame;
use crate::language::Parsed;
use crate::value::{Value, same_name};

/// The arguments of a script file, bound to its own parameters.
pub(super) fn script_frame(parsed: &Parsed, args: &[String]) -> Frame {
    let mut frame = Frame::default();
    let parameters = parsed.script.params.as_ref().map(|p| p.parameters.as_slice()).unwrap_or_default();
    let mut args = args.iter().peekable();
    let mut positional = Vec::new();
    while let Some(arg) = args.next() {
        let named = arg.strip_prefix('-').filter(|name| name.starts_with(|c: char| c.is_alphabetic()));
        let found = named.and_then(|named| {
            let (name, value) = named.split_once(':').map_or((named, None), |(n, v)| (n, Some(v)));
            let parameter = parameters.iter().find(|p| same_name(&p.variable.name, name))?;
            Some((parameter, value))
        });
        match found {
            Some((parameter, value)) => {
                let is_switch = parameter.attributes.iter().any(|a| same_name(&a.name.name, "switch"));
                let value = match value {
                    Some(text) if is_switch => Value::Bool(!same_name(text.trim_start_matches('$'), "false")),
                    Some(text) => Value::str(text),
                    None if is_switch => Value::Bool(true),
                    None => args.next().map_or(Value::Null, |text| Value::str(text.as_str())),
                };
                frame.named.push((parameter.variable.name.clone(), value));
            }
            None => positional.push(Value::str(arg.as_str())),
        }
    }
    let mut rest = positional.into_iter();
    for parameter in parameters {
        let name = &parameter.variable.name;
        let is_switch = parameter.attributes.iter().any(|a| same_name(&a.name.name, "switch"));
        if !is_switch
            && !frame.named.iter().any(|(n, _)| same_name(n, name))
            && let Some(value) = rest.next()
        {
            frame.named.push((name.clone(), value));
        }
    }
    frame.args = rest.collect();
    frame
}
