//! The filter language and the directory's: what can be read can be asked of any object.

use reeve::people::filter::{Filter, resolve, variables};
use reeve::people::ldap::LdapFilter;
use reeve::value::Value;

const PROPERTIES: [&str; 6] = ["Identity", "DisplayName", "Enabled", "LineURI", "WhenCreated", "Number"];

/// The text of a filter.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let _ = variables(&text);
    let _ = LdapFilter::parse(&text);
    let of = |name: &str| (name.len() < 8).then(|| Value::from(name.to_string()));
    let resolved = resolve(&text, &of);
    let texts = [Ok(text.to_string()), resolved];
    for text in texts.into_iter().flatten() {
        let Ok(filter) = Filter::parse(&text, &PROPERTIES) else { continue };
        let values = [
            Value::Null,
            Value::from("Ken Myer"),
            Value::Bool(true),
            Value::from(""),
            Value::list(vec![Value::Int(1), Value::Null]),
            Value::Float(f64::NAN),
        ];
        for turn in 0..values.len() {
            filter.selects(&|at| values.get((at + turn) % values.len()).cloned().unwrap_or_default());
        }
    }
}
