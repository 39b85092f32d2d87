//! Binding without running, against what PowerShell's static binder made of the published examples.

use crate::support::{lines, shared};
use reeve::cmdlet::binder::fixed::names_only;
use reeve::cmdlet::binder::{StaticArgument, StaticValue};
use reeve::cmdlet::catalogue;
use reeve::error::Span;
use reeve::value::Value;
use serde_json::Value as Json;
use std::collections::{BTreeMap, HashMap};

/// The constant that an element is.
fn constant(element: &Json) -> StaticValue {
    let text = || element["value"].as_str().or(element["text"].as_str()).unwrap_or_default();
    match element["kind"].as_str() {
        Some("bareword" | "string") => StaticValue::Known(Value::str(text())),
        Some("number") => StaticValue::Known(match (element["value"].as_i64(), element["value"].as_f64()) {
            (Some(whole), _) => Value::Int(whole),
            (None, Some(real)) => Value::Float(real),
            _ => Value::str(text()),
        }),
        _ => StaticValue::Unknown,
    }
}

fn arguments(command: &Json) -> Vec<StaticArgument> {
    let elements = command["elements"].as_array().expect("elements");
    let argument = |element: &Json| {
        let at = |key: &str| usize::try_from(element[key].as_u64().expect("a place")).expect("a small place");
        let span = Span::new(at("start"), at("end"));
        match element["kind"].as_str() {
            Some("parameter") => {
                let value = (element["hasArgument"] == true).then(|| constant(&element["argument"]));
                Some(StaticArgument::Named { name: element["name"].as_str()?.into(), value, span })
            }
            Some("splat") => Some(StaticArgument::Splat { span }),
            // The static binder drops a lone dash.
            _ if element["text"] == "-" => None,
            _ => Some(StaticArgument::Positional { value: constant(element), span }),
        }
    };
    elements.iter().filter_map(argument).collect()
}

/// Parameter and the text of its argument; "" for a switch.
fn ours(source: &str, command: &Json, name: &str) -> (BTreeMap<String, String>, Vec<String>) {
    let spec = catalogue::signature(name).expect("a name of the catalogue");
    let binding = names_only(&spec, &arguments(command));
    let colon: HashMap<u64, &str> = command["elements"]
        .as_array()
        .expect("elements")
        .iter()
        .filter_map(|e| Some((e["start"].as_u64()?, e["argument"]["text"].as_str()?)))
        .collect();
    let mut bound = BTreeMap::new();
    for one in &binding.bound {
        let text = one.span.of(source);
        // The static binder says nothing of a switch that is given a value.
        if text.contains(':') && one.parameter.as_ref() == "Confirm" {
            continue;
        }
        let text = match colon.get(&u64::from(one.span.start)) {
            Some(argument) => argument,
            None if text.starts_with(['-', '\u{2013}']) && matches!(one.value, Some(Value::Bool(_))) => "",
            None => text,
        };
        bound.insert(one.parameter.to_string(), text.to_string());
    }
    let errors = binding.failures.iter().map(|f| f.record.id().to_string()).collect();
    (bound, errors)
}

#[test]
fn the_published_examples_bind_as_in_powershell() {
    let (Some(bind), Some(parse)) = (shared("oracle/bind.jsonl"), shared("oracle/parse.jsonl")) else { return };
    let blocks: HashMap<String, Json> =
        lines(&parse).into_iter().map(|block| (block["id"].as_str().expect("an id").to_string(), block)).collect();
    let (mut alike, mut total, mut differ) = (0, 0, Vec::new());
    for line in lines(&bind) {
        total += 1;
        let block = &blocks[line["id"].as_str().expect("an id")];
        let number = usize::try_from(line["command"].as_u64().expect("a number")).expect("a small number");
        let (bound, mut errors) = ours(
            block["source"].as_str().expect("a source"),
            &block["commands"][number],
            line["name"].as_str().expect("a name"),
        );
        let expected: BTreeMap<String, String> = line["static"]["bound"]
            .as_object()
            .expect("an object")
            .iter()
            .map(|(name, value)| (name.clone(), value["text"].as_str().unwrap_or_default().to_string()))
            .collect();
        let mut wanted: Vec<String> = line["static"]["errors"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|e| e["id"].as_str().expect("an id").to_string())
            .collect();
        errors.sort();
        wanted.sort();
        if bound == expected && errors == wanted {
            alike += 1;
        } else {
            differ.push(format!("{} {}: {bound:?} {errors:?} not {expected:?} {wanted:?}", line["id"], line["name"]));
        }
    }
    println!("bind.jsonl: {alike} of {total} alike");
    for line in differ.iter().take(10) {
        println!("{line}");
    }
    assert!(alike == total, "{alike} of {total}: {:?}", differ.first());
}
