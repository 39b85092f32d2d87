//! The probe commands of `oracle/probes.json`: they record what they were bound to. With a host that keeps what is
//! written, and the oracle's way to write values down.

use reeve::cmdlet::registry::Function;
use reeve::cmdlet::run::Maker;
use reeve::cmdlet::spec::{CmdletSpec, ParameterSpec, ParameterType, SetMembership, Validation};
use reeve::cmdlet::{Access, Bound, CmdletEntry, Context, Host, Message, Run, Side};
use reeve::error::Halt;
use reeve::value::{Str, Value};
use serde_json::{Value as Json, json};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

/// What the probes recorded, one entry for each object.
pub type Log = Arc<Mutex<Vec<Json>>>;

/// What a session wrote.
#[derive(Clone, Default)]
pub struct Written {
    /// Objects of the last pipeline's end.
    pub output: Rc<RefCell<Vec<Value>>>,
    /// Other streams.
    pub messages: Rc<RefCell<Vec<Message>>>,
}

impl Written {
    /// The ids of the errors, in order.
    pub fn errors(&self) -> Vec<String> {
        let id = |message: &Message| match message {
            Message::Error(error) => Some(error.fully_qualified_id()),
            _ => None,
        };
        self.messages.borrow().iter().filter_map(id).collect()
    }
}

impl Host for Written {
    fn output(&self, value: Value) {
        self.output.borrow_mut().push(value);
    }

    fn message(&self, message: Message) {
        self.messages.borrow_mut().push(message);
    }
}

/// The signatures of the probes, from the text of probes.json.
pub fn specs(probes: &Json) -> Vec<Arc<CmdletSpec>> {
    probes.as_object().expect("an object").iter().map(|(name, probe)| Arc::new(spec(name, probe))).collect()
}

fn texts(list: &Json) -> Vec<Str> {
    list.as_array().into_iter().flatten().filter_map(Json::as_str).map(Str::from).collect()
}

fn spec(name: &str, probe: &Json) -> CmdletSpec {
    let parameters: Vec<ParameterSpec> =
        probe["parameters"].as_array().expect("a list").iter().map(parameter).collect();
    let mut sets: Vec<Str> = Vec::new();
    for set in parameters.iter().flat_map(|p| &p.sets).filter_map(|m| m.set.clone()) {
        if !sets.contains(&set) {
            sets.push(set);
        }
    }
    CmdletSpec {
        name: name.into(),
        default_set: probe["defaultSet"].as_str().filter(|s| !s.is_empty()).map(Str::from),
        sets,
        should_process: probe["shouldProcess"] == true,
        positional_binding: probe["positionalBinding"] == true,
        parameters,
    }
}

fn parameter(parameter: &Json) -> ParameterSpec {
    let pair = |key: &str| {
        let list = parameter[key].as_array()?;
        Some((list.first()?.as_f64()?, list.get(1)?.as_f64()?))
    };
    let counts = |key: &str| pair(key).map(|(a, b)| (a as usize, b as usize));
    let flag = |key: &str| parameter[key] == true;
    let kind = parameter["type"].as_str().expect("a type");
    ParameterSpec {
        name: parameter["name"].as_str().expect("a name").into(),
        kind: of_type(kind),
        doc_type: kind.into(),
        aliases: texts(&parameter["aliases"]),
        sets: parameter["sets"].as_object().expect("sets").iter().map(|(set, role)| membership(set, role)).collect(),
        validation: Validation {
            values: texts(&parameter["values"]),
            range: pair("valueRange"),
            length: counts("lengthRange"),
            pattern: parameter["pattern"].as_str().map(Str::from),
            count: counts("countRange"),
            not_null: flag("notNull"),
            not_null_or_empty: flag("notNullOrEmpty"),
            allow_null: flag("allowNull"),
            allow_empty_string: flag("allowEmptyString"),
            allow_empty_collection: flag("allowEmptyCollection"),
            ..Validation::default()
        },
        ours: false,
    }
}

fn of_type(name: &str) -> ParameterType {
    match name {
        "Char" => ParameterType::Other(reeve::value::convert::Target::Char),
        "DayOfWeek" => {
            let days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
            ParameterType::Enum { name: "System.DayOfWeek".into(), values: days.map(Str::from).to_vec() }
        }
        _ => ParameterType::of_reference(name),
    }
}

fn membership(set: &str, role: &Json) -> SetMembership {
    let pipeline = role["pipeline"].as_str().unwrap_or("");
    SetMembership {
        set: (set != "(All)").then(|| set.into()),
        mandatory: role["required"] == true,
        position: role["position"].as_i64().and_then(|p| i32::try_from(p).ok()),
        by_value: pipeline.contains("ByValue"),
        by_property_name: pipeline.contains("ByPropertyName"),
        remaining: role["remaining"] == true,
    }
}

/// A command that records what it is bound to and puts out `out:NAME`.
struct Probe {
    spec: Arc<CmdletSpec>,
    log: Log,
}

impl Run for Probe {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let mut values: Vec<(&Str, &Value)> = bound.values.iter().map(|(name, value)| (name, value)).collect();
        values.sort_by_key(|(name, _)| name.to_lowercase());
        let values: Vec<Json> = values.into_iter().map(|(name, value)| json!([name.as_ref(), entry(value)])).collect();
        let mut call =
            json!({"command": self.spec.name.as_ref(), "set": bound.set.as_deref().unwrap_or(""), "bound": values});
        if cx.common.what_if {
            call["whatIf"] = json!(true);
        }
        self.log.lock().expect("no panic holds it").push(call);
        cx.output(format!("out:{}", self.spec.name))
    }
}

/// The probes as compiled cmdlets.
pub fn natives(probes: &Json, log: &Log) -> Vec<CmdletEntry> {
    let entry = |spec: Arc<CmdletSpec>| {
        let (made, log) = (spec.clone(), log.clone());
        let make: Maker<Box<dyn Run>> = Arc::new(move || Box::new(Probe { spec: made.clone(), log: log.clone() }));
        native(spec, make)
    };
    specs(probes).into_iter().map(entry).collect()
}

/// The probes as functions of a script.
pub fn functions(probes: &Json, log: &Log) -> Vec<Function> {
    let function = |spec: Arc<CmdletSpec>| {
        let (made, log) = (spec.clone(), log.clone());
        let make = move || Box::new(Probe { spec: made.clone(), log: log.clone() }) as Box<dyn Run>;
        Function { name: spec.name.clone(), spec, make: Rc::new(make), help: None, text: "".into() }
    };
    specs(probes).into_iter().map(function).collect()
}

/// A value as the oracle writes it: one key, the type word.
pub fn entry(value: &Value) -> Json {
    use reeve::value::text::to_text;
    match value {
        Value::Null => json!({"null": null}),
        Value::Bool(on) => json!({"bool": on}),
        Value::Int(n) => json!({"int": n}),
        Value::Float(x) => json!({"double": x}),
        Value::Decimal(d) => json!({"decimal": d.to_string()}),
        Value::Str(text) => json!({"string": text.as_ref()}),
        Value::DateTime(date) => json!({"datetime": date_text(*date)}),
        Value::Duration(_) => json!({"timespan": to_text(value).as_ref()}),
        Value::Version(_) => json!({"version": to_text(value).as_ref()}),
        Value::Guid(guid) => json!({"guid": guid.to_string()}),
        Value::List(items) => json!({"array": items.iter().map(entry).collect::<Vec<_>>()}),
        Value::Map(table) => {
            let mut pairs: Vec<(String, Json)> =
                table.entries().iter().map(|(k, v)| (to_text(k).to_string(), entry(v))).collect();
            if !table.is_ordered() {
                pairs.sort_by(|a, b| a.0.cmp(&b.0));
            }
            json!({"map": pairs.into_iter().map(|(k, v)| json!([k, v])).collect::<Vec<_>>()})
        }
        Value::Record(record) if record.kind().is_scalar() => json!({"string": to_text(value).as_ref()}),
        Value::Record(record) => {
            json!({"record": record.fields().iter().map(|(k, v)| json!([k.as_ref(), entry(v)])).collect::<Vec<_>>()})
        }
        Value::Block(block) => json!({"other": {"text": block.text()}}),
    }
}

fn date_text(date: reeve::value::DateTime) -> String {
    let parts = date.parts();
    let fraction = date.ticks.rem_euclid(10_000_000);
    let mut text = format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
        parts.year, parts.month, parts.day, parts.hour, parts.minute, parts.second
    );
    if fraction != 0 {
        text.push_str(&format!(".{fraction:07}"));
    }
    // A time alone is of today, which was another day when the records were made.
    const RECORDED: &str = "2026-11-21";
    let today = jiff::Zoned::now().date().to_string();
    match text.strip_prefix(&today) {
        Some(time) => format!("{RECORDED}{time}"),
        None => text,
    }
}

/// Whether two entries are alike: integers of one size, enumerations and characters as their text.
pub fn alike(ours: &Json, theirs: &Json) -> bool {
    let one = |entry: &Json| {
        let (key, value) = entry.as_object()?.iter().next()?;
        Some(match key.as_str() {
            "long" => ("int".to_string(), value.clone()),
            "char" => ("string".to_string(), value.clone()),
            "other" => ("string".to_string(), value["text"].clone()),
            _ => (key.clone(), value.clone()),
        })
    };
    let (Some((ours_kind, ours)), Some((kind, theirs))) = (one(ours), one(theirs)) else { return false };
    let pairs = |a: &Json, b: &Json| a[0] == b[0] && alike(&a[1], &b[1]);
    ours_kind == kind
        && match kind.as_str() {
            "array" => each(&ours, &theirs, alike),
            "map" | "record" => each(&ours, &theirs, pairs),
            "double" => ours.as_f64() == theirs.as_f64(),
            _ => ours == theirs,
        }
}

fn each(a: &Json, b: &Json, same: impl Fn(&Json, &Json) -> bool) -> bool {
    match (a.as_array(), b.as_array()) {
        (Some(a), Some(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        _ => false,
    }
}

/// Whether what the probes recorded is what the oracle has in `log`.
pub fn log_alike(ours: &[Json], theirs: &Json) -> bool {
    let call = |a: &Json, b: &Json| {
        let bound = |a: &Json, b: &Json| a[0] == b[0] && alike(&a[1], &b[1]);
        a["command"] == b["command"]
            && a["set"] == b["set"]
            && (a["whatIf"] == true) == (b["whatIf"] == true)
            && each(&a["bound"], &b["bound"], bound)
    };
    each(&Json::Array(ours.to_vec()), theirs, call)
}

/// The signatures of the stubs of `run.jsonl`: the catalogue without its corrections.
fn stub_specs() -> Vec<Arc<CmdletSpec>> {
    static SPECS: std::sync::OnceLock<Vec<Arc<CmdletSpec>>> = std::sync::OnceLock::new();
    SPECS.get_or_init(make_stub_specs).clone()
}

fn make_stub_specs() -> Vec<Arc<CmdletSpec>> {
    let uncorrected = |name: &str| {
        let mut spec = (*reeve::cmdlet::catalogue::signature(name).expect("a name of the catalogue")).clone();
        for parameter in &mut spec.parameters {
            if parameter.kind == ParameterType::String && &*parameter.name == "BackupModule" {
                parameter.validation.values.clear();
            }
            parameter.validation.allow_null = false;
            parameter.validation.allow_empty_string = false;
            if name == "Invoke-CsManagementServerFailover" && &*parameter.name == "Force" {
                parameter.sets.iter_mut().for_each(|m| m.mandatory = false);
            }
        }
        Arc::new(spec)
    };
    reeve::cmdlet::catalogue::names().map(uncorrected).collect()
}

/// The stubs of `run.jsonl`, recording in plain JSON, as functions.
pub fn stub_functions(log: &Log) -> Vec<Function> {
    let function = |spec: Arc<CmdletSpec>| {
        let (made, log) = (spec.clone(), log.clone());
        let make = move || Box::new(Stub { spec: made.clone(), log: log.clone() }) as Box<dyn Run>;
        Function { name: spec.name.clone(), spec, make: Rc::new(make), help: None, text: "".into() }
    };
    stub_specs().into_iter().map(function).collect()
}

/// The stubs as compiled cmdlets, as `native.jsonl` has them.
pub fn stub_natives(log: &Log) -> Vec<CmdletEntry> {
    let entry = |spec: Arc<CmdletSpec>| {
        let (made, log) = (spec.clone(), log.clone());
        let make: Maker<Box<dyn Run>> = Arc::new(move || Box::new(Stub { spec: made.clone(), log: log.clone() }));
        native(spec, make)
    };
    stub_specs().into_iter().map(entry).collect()
}

fn native(spec: Arc<CmdletSpec>, make: Maker<Box<dyn Run>>) -> CmdletEntry {
    CmdletEntry {
        name: spec.name.to_string().into(),
        aliases: &[],
        access: Access::CLIENT,
        side: Side::Client,
        here: None,
        examples: &[],
        spec: Arc::new(move || spec.clone()),
        make,
        looks_at: None,
        files: &[],
        runs: &[],
        if_lost: None,
        script: None,
    }
}

struct Stub {
    spec: Arc<CmdletSpec>,
    log: Log,
}

impl Run for Stub {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let values: serde_json::Map<String, Json> =
            bound.values.iter().map(|(name, value)| (name.to_string(), plain(value))).collect();
        let only = if self.spec.sets.len() == 1 { self.spec.sets.first() } else { None };
        let set = only.or(bound.set.as_ref()).map_or("(All)", |set| set);
        let call = json!({"command": self.spec.name.as_ref(), "set": set, "bound": values});
        self.log.lock().expect("no panic holds it").push(call);
        cx.output(format!("out:{}", self.spec.name))
    }
}

/// A time without a date is one of today: the day on which the oracle was recorded stands for it.
fn as_on_the_day_of_record(text: &str) -> String {
    use reeve::value::date;
    let today = date::format(date::to_local(date::now()), "yyyy-MM-dd").expect("a format");
    text.replace(&today, "2026-11-21")
}

/// A value as `run.jsonl` writes what a stub was bound to.
pub fn plain(value: &Value) -> Json {
    use reeve::value::text::to_text;
    match value {
        Value::Null => Json::Null,
        Value::Bool(on) => json!(on),
        Value::Int(n) => json!(n),
        Value::Float(x) => json!(x),
        Value::Str(text) => json!(text.as_ref()),
        Value::DateTime(date) => json!(as_on_the_day_of_record(&date_text(*date))),
        Value::List(items) => items.iter().map(plain).collect(),
        Value::Map(table) => table.named().iter().map(|(k, v)| (k.to_string(), plain(v))).collect(),
        Value::Record(record) => {
            let fields = record.fields();
            let fields = fields.iter().map(|(k, v)| (k.to_string(), plain(v)));
            std::iter::once(("$type".to_string(), json!(record.kind().name.as_ref()))).chain(fields).collect()
        }
        Value::Block(block) => json!({"text": block.text()}),
        other => json!(to_text(other).as_ref()),
    }
}
