//! Command lines and published examples, run whole by the engine, with recording stubs for cmdlets.

use crate::support::probes::{self, Log, Written};
use crate::support::{lines, shared};
use reeve::cmdlet::registry::Registry;
use reeve::cmdlet::session::Session;
use reeve::error::Halt;
use reeve::language::Mode;
use reeve::script::{Engine, Limits};
use reeve::value::{TextForm, Value};
use serde_json::Value as Json;
use std::collections::HashMap;
use std::rc::Rc;

/// The least numbers of cases that agree.
const BINDING: usize = 508;
const EXAMPLES: usize = 815;

/// Runs a text with a registry: outputs and the errors' ids.
fn run(code: &str, registry: Registry) -> (Vec<Value>, Vec<String>) {
    let written = Written::default();
    let session = Rc::new(Session::with_registry(Box::new(written.clone()), registry));
    let mut engine = Engine::with_limits(session, Limits::for_stack(48 << 20));
    let result = engine.run("test", code, Mode::PowerShell, &[]);
    let mut errors = written.errors();
    if let Err(Halt::Error(error)) = result {
        errors.push(error.fully_qualified_id());
    }
    let output = written.output.borrow().clone();
    (output, errors)
}

/// A value that was put out, as the records have it: of an object without a type of its own, its properties.
fn put_out(value: &Value) -> Json {
    let mut json = probes::plain(value);
    if let (Value::Record(record), Some(object)) = (value, json.as_object_mut())
        && record.kind().text == TextForm::Custom
    {
        object.shift_remove("$type");
    }
    json
}

/// Ids with the cmdlet's own name in place of .NET's class.
fn same_ids(ours: &[String], theirs: &Json) -> bool {
    let theirs: Vec<&str> =
        theirs.as_array().into_iter().flatten().filter_map(|e| e.as_str().or(e["id"].as_str())).collect();
    let plain = |id: &str| match id.split_once(',') {
        Some((id, class)) => {
            let short = class.rsplit('.').next().unwrap_or(class).trim_end_matches("Command");
            format!("{id},{}", short.replace('-', ""))
        }
        None => id.to_string(),
    };
    ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| plain(a).eq_ignore_ascii_case(&plain(b)))
}

#[test]
fn command_lines_bind_in_scripts() {
    let (Some(cases), Some(path)) = (shared("oracle/binding.jsonl"), shared("oracle/probes.json")) else { return };
    let probes: Json = serde_json::from_str(&std::fs::read_to_string(path).expect("readable")).expect("JSON");
    let cases = lines(&cases);
    super::support::on_large_stack(move || {
        let (mut good, mut of) = (0, 0);
        for case in &cases {
            for native in [false, true] {
                let expected = if native && case["native"].is_object() { &case["native"] } else { case };
                let log = Log::default();
                let mut entries = reeve::cmdlets::all();
                if native {
                    entries.extend(probes::natives(&probes, &log));
                }
                let registry = Registry::new(entries);
                if !native {
                    probes::functions(&probes, &log).into_iter().for_each(|f| registry.define(f));
                }
                let (output, errors) = run(case["code"].as_str().expect("code"), registry);
                let calls = log.lock().expect("no panic holds it").clone();
                let values = expected["values"].as_array().expect("a list");
                let same_output = output.len() == values.len()
                    && output.iter().zip(values).all(|(a, b)| probes::alike(&probes::entry(a), b));
                of += 1;
                if probes::log_alike(&calls, &expected["log"]) && same_ids(&errors, &expected["errors"]) && same_output
                {
                    good += 1;
                } else if std::env::var("SHOW_FAILING").is_ok() {
                    println!(
                        "{} native={native}: {}\n   {errors:?} not {}",
                        case["name"], case["code"], expected["errors"]
                    );
                }
            }
        }
        println!("count: binding.jsonl, run by the engine: {good} of {of} alike");
        assert!(good >= BINDING, "{good} of {of}");
    });
}

#[test]
fn published_examples_run_in_scripts() {
    let paths = (shared("oracle/run.jsonl"), shared("oracle/native.jsonl"), shared("oracle/parse.jsonl"));
    let (Some(cases), Some(natives), Some(sources)) = paths else { return };
    let by_id = |path: &std::path::Path| -> HashMap<String, Json> {
        lines(path).into_iter().map(|line| (line["id"].as_str().expect("an id").to_string(), line)).collect()
    };
    let (cases, natives, sources) = (lines(&cases), by_id(&natives), by_id(&sources));
    super::support::on_large_stack(move || {
        let (mut good, mut of) = (0, 0);
        for case in &cases {
            let id = case["id"].as_str().expect("an id");
            let code = sources[id]["source"].as_str().expect("a source");
            let expected = natives.get(id).unwrap_or(case);
            let log = Log::default();
            let mut entries = reeve::cmdlets::all();
            entries.extend(probes::stub_natives(&log));
            let (output, errors) = run(code, Registry::new(entries));
            let texts: Json = output.iter().map(put_out).collect();
            let calls = Json::Array(log.lock().expect("no panic holds it").clone());
            let same_output = expected["output"].is_null() || texts == expected["output"];
            of += 1;
            if calls == expected["calls"] && same_ids(&errors, &expected["errors"]) && same_output {
                good += 1;
            } else if std::env::var("SHOW_FAILING").is_ok() {
                println!("{id}: {code}\n   {errors:?} not {}; {} not {}", expected["errors"], calls, expected["calls"]);
            }
        }
        println!("count: run.jsonl, run by the engine: {good} of {of} alike");
        assert!(good >= EXAMPLES, "{good} of {of}");
    });
}
