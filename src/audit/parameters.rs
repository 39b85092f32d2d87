//! Bound parameters as the log keeps them: bounded in size, secrets left out.

use crate::value::{Str, Value, text::to_text};
use serde_json::{Map, Value as Json};

/// What stands where a secret was.
const SECRET: &str = "(secret)";
/// Longest text that is kept, in characters.
const TEXT: usize = 1_000;
/// Most elements of a list or table that are kept.
const ELEMENTS: usize = 50;
/// How deep lists and tables are followed.
const DEPTH: usize = 4;

/// Whether a parameter of this name holds a secret.
pub fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["password", "pin", "secret", "credential", "credentials", "privatekey"].iter().any(|end| name.ends_with(end))
}

/// Parameters as JSON for the log: texts, numbers and lists as they are, objects by their text.
pub fn describe(values: &[(Str, Value)]) -> Json {
    Json::Object(fields(values, DEPTH))
}

fn fields(values: &[(Str, Value)], depth: usize) -> Map<String, Json> {
    let one = |(name, value): &(Str, Value)| {
        let json = if is_secret(name) { Json::from(SECRET) } else { json(value, depth) };
        (name.to_string(), json)
    };
    let mut map: Map<String, Json> = values.iter().take(ELEMENTS).map(one).collect();
    if values.len() > ELEMENTS {
        map.insert("…".into(), Json::from(format!("{} more", values.len() - ELEMENTS)));
    }
    map
}

fn json(value: &Value, depth: usize) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(b) => Json::Bool(*b),
        Value::Int(n) => Json::from(*n),
        Value::Float(n) => Json::from(*n),
        Value::List(items) if depth > 0 => {
            let mut list: Vec<Json> = items.iter().take(ELEMENTS).map(|item| json(item, depth - 1)).collect();
            if items.len() > ELEMENTS {
                list.push(Json::from(format!("… {} more", items.len() - ELEMENTS)));
            }
            Json::Array(list)
        }
        Value::Map(table) if depth > 0 => Json::Object(fields(&table.named(), depth - 1)),
        Value::List(items) => Json::from(format!("{} elements", items.len())),
        Value::Map(table) => Json::from(format!("{} entries", table.len())),
        Value::Record(record) => match record.get("Identity") {
            Some(Value::Str(identity)) => short(&identity),
            _ => Json::from(record.kind().name.to_string()),
        },
        Value::Block(block) => short(block.text()),
        other => short(&to_text(other)),
    }
}

fn short(text: &str) -> Json {
    match text.char_indices().nth(TEXT) {
        Some((end, _)) => Json::from(format!("{}… ({} bytes)", &text[..end], text.len())),
        None => Json::from(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Table;

    #[test]
    fn secrets_are_left_out_at_every_depth() {
        let inner = Table::from_entries(false, [(Value::str("SipPassword"), Value::str("hunter2"))]);
        let values = [
            (Str::from("Identity"), Value::str("Ken Myer")),
            (Str::from("Pin"), Value::str("4711")),
            (Str::from("Settings"), Value::Map(inner)),
        ];
        let json = describe(&values);
        assert_eq!(json["Identity"], "Ken Myer");
        assert!(!json.to_string().contains("4711"));
        assert!(!json.to_string().contains("hunter2"));
        assert!(!is_secret("PinPolicy"));
        assert!(is_secret("SqlServerCredential"));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let long = Value::str("x".repeat(100_000));
        let many = Value::list(vec![long.clone(); 1_000]);
        let text = describe(&[("A".into(), long), ("B".into(), many)]).to_string();
        assert!(text.len() < 100_000, "{}", text.len());
    }
}
