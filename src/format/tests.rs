//! The formatter against what PowerShell prints for the same objects.

use super::to_text;
use crate::value::{DateTime, DateTimeKind, Record, Table, Value, date, timespan};
use serde_json::Value as Json;
use std::path::Path;

/// An entry of a recorded case as a value; `None` for what only .NET has.
fn value(entry: &Json) -> Option<Value> {
    let (word, body) = entry.as_object()?.iter().next()?;
    let text = || body.as_str().unwrap_or_default();
    let pairs = || -> Option<Vec<(Value, Value)>> {
        let pair = |pair: &Json| {
            let key = match &pair[0] {
                Json::String(name) => Value::str(name.as_str()),
                Json::Object(_) => value(&pair[0])?,
                other => Value::Int(other.as_i64()?),
            };
            Some((key, value(&pair[1])?))
        };
        body.as_array()?.iter().map(pair).collect()
    };
    Some(match word.as_str() {
        "null" => Value::Null,
        "bool" => Value::Bool(body.as_bool()?),
        "int" | "long" => Value::Int(body.as_i64()?),
        "double" => Value::Float(body.as_f64()?),
        "decimal" => Value::Decimal(text().parse().ok()?),
        "string" | "char" => Value::str(text()),
        "datetime" if text().ends_with('Z') || text().len() > 27 => return None,
        "datetime" => Value::DateTime(DateTime { kind: DateTimeKind::Unspecified, ..date::parse(text())? }),
        "timespan" => Value::Duration(timespan::parse(text())?),
        "version" => return None,
        "guid" => Value::Guid(text().parse().ok()?),
        "array" => Value::list(body.as_array()?.iter().map(value).collect::<Option<_>>()?),
        "map" => Value::Map(Table::from_entries(true, pairs()?)),
        "record" => Value::Record(Record::custom(
            pairs()?.into_iter().map(|(name, value)| (name.as_str().unwrap_or_default().to_string(), value)),
        )),
        _ => return None,
    })
}

/// Rule: what no Format- or Out- cmdlet touched prints as PowerShell prints it, character by character.
#[test]
fn objects_print_as_powershell_prints_them() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/oracle/semantics.jsonl");
    let path = if path.exists() { path } else { "/work/shared/oracle/semantics.jsonl".into() };
    let Ok(cases) = std::fs::read_to_string(path) else {
        assert!(std::env::var_os("CI").is_none(), "semantics.jsonl is not there");
        println!("skipped: format against the recorded texts: no ../shared/oracle");
        return;
    };
    let (mut agree, mut wrong) = (0, Vec::new());
    for line in cases.lines() {
        let case: Json = serde_json::from_str(line).unwrap();
        let Some(values) = case["values"].as_array() else { continue };
        let Some(values) = values.iter().map(value).collect::<Option<Vec<Value>>>() else { continue };
        // A map was sorted by its keys when it was recorded, unless it is ordered.
        let code = case["code"].as_str().unwrap();
        if code.contains("@{") && !code.contains("[ordered]") && !code.contains("[pscustomobject]@{") {
            continue;
        }
        let width = case["width"].as_u64().and_then(|w| usize::try_from(w).ok()).unwrap();
        let text = to_text(&values, width);
        if case["text"] == text.as_str() {
            agree += 1;
        } else {
            wrong.push(format!("{}: {code}\n  wanted {:?}\n  got    {text:?}", case["name"], case["text"].as_str()));
        }
    }
    println!("count: format: {agree} of {} recorded texts agree", agree + wrong.len());
    let floor = (agree + wrong.len()) * 97 / 100;
    assert!(agree >= floor, "{}", wrong.join("\n"));
}
