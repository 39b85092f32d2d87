//! Asking for the value of a mandatory parameter.

use crate::cmdlet::session::Session;
use crate::cmdlet::spec::{ParameterSpec, ParameterType};
use crate::value::Value;

/// Asks for a value; of a list one element a line, until an empty one. `None` where nobody answers.
pub fn value(session: &Session, parameter: &ParameterSpec) -> Option<Value> {
    session.host.flush();
    let hidden = parameter.kind == ParameterType::SecureString;
    if !matches!(parameter.kind, ParameterType::Array(_)) {
        return session.host.read_line(&format!("{}: ", parameter.name), hidden).map(Value::from);
    }
    let mut elements = Vec::new();
    loop {
        let line = session.host.read_line(&format!("{}[{}]: ", parameter.name, elements.len()), hidden)?;
        if line.is_empty() {
            return Some(Value::list(elements));
        }
        elements.push(Value::from(line));
    }
}
