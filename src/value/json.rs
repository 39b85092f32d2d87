//! JSON both ways, one to one: what `--output json`, the wire and documents use. ConvertTo-Json has its own rules.

use super::{Record, Value, date, number, text, timespan};
use serde_json::{Map, Number, Value as Json};

/// How deep values are followed; what lies deeper becomes its text. It also ends a record that holds itself.
const DEEPEST: usize = 64;

/// The JSON of a value: records and hashtables are objects in their order, dates are ISO 8601, durations, versions
/// and guids are text, a number that JSON cannot write is text.
pub fn to_json(value: &Value) -> Json {
    at_depth(value, 0)
}

fn at_depth(value: &Value, depth: usize) -> Json {
    if depth > DEEPEST {
        return Json::String(text::to_text(value).to_string());
    }
    let object = |fields: Vec<(super::Str, Value)>| {
        // A blank before a name hides it.
        let shown = fields.iter().filter(|(name, _)| !name.starts_with(' '));
        Json::Object(shown.map(|(name, value)| (name.to_string(), at_depth(value, depth + 1))).collect())
    };
    match value {
        Value::Null => Json::Null,
        Value::Bool(b) => Json::Bool(*b),
        Value::Int(n) => Json::from(*n),
        Value::Float(x) => Number::from_f64(*x).map_or_else(|| Json::String(number::shortest(*x)), Json::Number),
        Value::Decimal(d) => {
            let x: Option<f64> = d.to_string().parse().ok();
            x.and_then(Number::from_f64).map_or_else(|| Json::String(d.to_string()), Json::Number)
        }
        Value::Str(s) => Json::String(s.to_string()),
        Value::DateTime(d) => Json::String(date::iso(*d)),
        Value::Duration(t) => Json::String(timespan::constant(*t)),
        Value::List(items) => Json::Array(items.iter().map(|item| at_depth(item, depth + 1)).collect()),
        Value::Map(table) => object(table.named()),
        Value::Record(record) => match super::enumerate::items(value) {
            Some(items) => Json::Array(items.iter().map(|item| at_depth(item, depth + 1)).collect()),
            None if record.kind().is_scalar() => Json::String(text::to_text(value).to_string()),
            None => object(record.fields()),
        },
        Value::Version(_) | Value::Guid(_) | Value::Block(_) => Json::String(text::to_text(value).to_string()),
    }
}

/// The value of JSON: objects are custom records.
pub fn from_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(n) => number_value(n),
        Json::String(s) => Value::str(s.as_str()),
        Json::Array(items) => Value::list(items.iter().map(from_json).collect()),
        Json::Object(fields) => Value::Record(record(fields)),
    }
}

fn record(fields: &Map<String, Json>) -> Record {
    Record::custom(fields.iter().map(|(name, value)| (name.as_str(), from_json(value))))
}

fn number_value(number: &Number) -> Value {
    match (number.as_i64(), number.as_u64(), number.as_f64()) {
        (Some(n), ..) => Value::Int(n),
        // A double would lose its last digits.
        (None, Some(n), _) => Value::Decimal(n.into()),
        (None, None, Some(x)) => Value::Float(x),
        (None, None, None) => Value::str(number.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rule: a whole number beyond 63 bits keeps its digits.
    #[test]
    fn large_whole_numbers_stay_whole() {
        for text in ["9223372036854775807", "9223372036854775808", "18446744073709551615", "-9223372036854775808"] {
            assert_eq!(from_json(&serde_json::from_str(text).unwrap()).to_string(), text);
        }
    }

    #[test]
    fn goes_and_comes_back() {
        let text = r#"{"Identity":"global","Enabled":true,"N":null,"L":[1,"a",1.5],"Nested":{"A":{}}}"#;
        let json: Json = serde_json::from_str(text).unwrap();
        assert_eq!(to_json(&from_json(&json)).to_string(), text);
        assert_eq!(to_json(&Value::Float(f64::NAN)), Json::from("NaN"));
    }

    #[test]
    fn a_record_that_holds_itself_ends() {
        let record = Record::custom([("Me", Value::Null)]);
        record.set("Me", Value::Record(record.clone()));
        assert!(to_json(&Value::Record(record.clone())).to_string().len() < 10_000);
        record.set("Me", Value::Null);
    }
}
