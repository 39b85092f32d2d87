//! The formatter against what PowerShell prints: objects rebuilt from the recorded values, and the text compared.

use crate::support::{lines, shared};
use reeve::format::to_text;
use reeve::value::convert::{cast, target};
use reeve::value::{Record, RecordType, Table, TextForm, Value, date, types};
use serde_json::Value as Json;

/// The value of a recorded entry; `None` for the kinds that a record of values does not tell enough about.
fn value(entry: &Json) -> Option<Value> {
    let (kind, content) = entry.as_object()?.iter().next()?;
    let by_cast = |name: &str| cast(&content.as_str()?.into(), &target(name)?).ok();
    Some(match kind.as_str() {
        "null" => Value::Null,
        "bool" => content.as_bool()?.into(),
        "int" | "long" => content.as_i64()?.into(),
        "double" => match content.as_f64() {
            Some(x) => x.into(),
            None => by_cast("double")?,
        },
        "string" | "char" => content.as_str()?.into(),
        "datetime" => Value::DateTime(date::parse(content.as_str()?)?),
        "decimal" | "timespan" | "version" | "guid" => by_cast(kind)?,
        "array" => Value::list(content.as_array()?.iter().map(value).collect::<Option<_>>()?),
        "map" => {
            let table = Table::new(true);
            for pair in content.as_array()? {
                let key = match &pair[0] {
                    Json::String(key) => key.as_str().into(),
                    other => value(other)?,
                };
                table.put(key, value(&pair[1])?);
            }
            Value::Map(table)
        }
        "record" => {
            let fields: Option<Vec<(&str, Value)>> =
                content.as_array()?.iter().map(|pair| Some((pair[0].as_str()?, value(&pair[1])?))).collect();
            Value::Record(Record::custom(fields?))
        }
        "other" => {
            let (name, text) = (content["type"].as_str()?, content["text"].as_str()?);
            match types::enum_value(name, text) {
                Some(found) => found,
                None if name == "System.Management.Automation.ScriptBlock" => text.into(),
                None => return None,
            }
        }
        _ => return None,
    })
}

#[test]
fn prints_what_powershell_prints() {
    let Some(path) = shared("oracle/semantics.jsonl") else { return };
    let (mut agree, mut all, mut left_out) = (0, 0, 0);
    let mut differ = Vec::new();
    for case in lines(&path) {
        let (Some(values), Some(expected), Some(width)) =
            (case["values"].as_array(), case["text"].as_str(), case["width"].as_u64())
        else {
            continue;
        };
        let Some(values) = values.iter().map(value).collect::<Option<Vec<Value>>>() else {
            left_out += 1;
            continue;
        };
        all += 1;
        let printed = to_text(&values, usize::try_from(width).unwrap_or(120));
        if printed == expected {
            agree += 1;
        } else {
            differ.push(format!("{} (width {width})\n--- expected\n{expected}--- printed\n{printed}", case["name"]));
        }
    }
    println!("count: printed texts: {agree} of {all} agree, {left_out} left out; these differ:\n{}", differ.join("\n"));
    assert!(all >= 800, "only {all} cases could be rebuilt");
    assert!(agree * 100 >= all * 99, "{agree} of {all} agree:\n{}", differ.join("\n"));
}

#[test]
fn types_with_a_view_print_by_it() {
    let role = |text| RecordType::new("Microsoft.Rtc.Management.WritableConfig.Policy.Im.IMArchivingPolicy", text);
    let policy =
        Record::new(role(TextForm::TypeName), [("Identity", Value::str("Global")), ("ArchiveInternal", false.into())]);
    assert_eq!(to_text(&[policy.into()], 80), "\nIdentity        : Global\nArchiveInternal : False\n\n");
}
