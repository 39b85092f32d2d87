//! Asking for the value of a mandatory parameter.

use crate::cmdlet::session::Session;
use crate::cmdlet::spec::{ParameterSpec, ParameterType};
use crate::value::Value;

/// Asks for the values that a command needs; the first time it says which command that is.
pub fn asker<'a>(session: &'a Session, command: &'a str) -> impl FnMut(&ParameterSpec) -> Option<Value> + 'a {
    let mut heading = format!("\n{command} needs values for these parameters:\n");
    move |parameter| value(session, parameter, &std::mem::take(&mut heading))
}

/// Asks for a value; of a list one element a line, until an empty one. `None` where nobody answers.
fn value(session: &Session, parameter: &ParameterSpec, heading: &str) -> Option<Value> {
    session.host.flush();
    let hidden = parameter.kind == ParameterType::SecureString;
    if !matches!(parameter.kind, ParameterType::Array(_)) {
        return session.host.read_line(&format!("{heading}{}: ", parameter.name), hidden).map(Value::from);
    }
    let mut elements = Vec::new();
    loop {
        let heading = if elements.is_empty() { heading } else { "" };
        let line = session.host.read_line(&format!("{heading}{}[{}]: ", parameter.name, elements.len()), hidden)?;
        if line.is_empty() {
            return Some(Value::list(elements));
        }
        elements.push(Value::from(line));
    }
}
