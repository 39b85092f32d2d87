//! Members of records, and of the records that stand for .NET's objects: versions, script blocks, regular expressions,
//! string builders, stopwatches.

use super::super::pattern::{self, Replacement};
use super::super::secret;
use super::super::set_object;
use super::super::statics::system;
use super::super::{Block, Record, RecordType, TextForm, TimeSpan, Value, Version, date, list_object, ops, text, xml};
use super::{Answer, Call, lists, psobject};
use crate::env::bounds;
use crate::env::{FixedRandom, Random, SystemRandom};

/// Type name of a string builder.
pub const STRING_BUILDER: &str = "System.Text.StringBuilder";
/// Type name of a stopwatch.
pub const STOPWATCH: &str = "System.Diagnostics.Stopwatch";
/// Type name of what gives numbers by chance.
pub const RANDOM: &str = "System.Random";

/// Properties of a version.
pub(super) const VERSION_NAMES: &[&str] = &["Major", "Minor", "Build", "Revision", "MajorRevision", "MinorRevision"];

pub(super) fn get(record: &Record, name: &str) -> Option<Value> {
    if let Some(items) = list_object::items(record) {
        return lists::get(&items, name);
    }
    let is = |known: &str| name.eq_ignore_ascii_case(known);
    match &*record.kind().name {
        STRING_BUILDER if is("Length") => {
            Some(Value::Int(super::strings::units(&text::to_text(&record.get(" text")?))))
        }
        STOPWATCH if is("Elapsed") => Some(elapsed(record)),
        STOPWATCH if is("ElapsedMilliseconds") => {
            super::get(&elapsed(record), "TotalMilliseconds").map(|ms| match ms {
                Value::Float(ms) => Value::Int(ms as i64),
                other => other,
            })
        }
        STOPWATCH if is("IsRunning") => Some((!matches!(record.get(" since"), Some(Value::Null) | None)).into()),
        // What is hidden is nobody's.
        _ if name.starts_with(' ') => None,
        _ => record.get(name),
    }
}

/// Sets a property; `false` if there is none of that name.
pub(super) fn set(record: &Record, name: &str, to: &Value) -> bool {
    !name.starts_with(' ') && record.set(name, to.clone())
}

pub(super) fn get_version(version: &Version, name: &str) -> Option<Value> {
    let part = |part: Option<u32>| Value::Int(part.map_or(-1, i64::from));
    Some(match name.to_ascii_lowercase().as_str() {
        "major" => version.major.into(),
        "minor" => version.minor.into(),
        "build" => part(version.build),
        "revision" => part(version.revision),
        "majorrevision" => Value::Int(version.revision.map_or(-1, |r| i64::from(r >> 16))),
        "minorrevision" => Value::Int(version.revision.map_or(-1, |r| i64::from(r & 0xFFFF))),
        _ => return None,
    })
}

pub(super) fn get_block(block: &Block, name: &str) -> Option<Value> {
    name.eq_ignore_ascii_case("Ast").then(|| block.text().into())
}

pub(super) fn call_version(version: &Version, call: &Call) -> Answer {
    match (call.name, call.count()) {
        ("tostring", 1) => {
            let all = version.to_string();
            Some(call.int(0).map(|parts| {
                let parts = usize::try_from(parts).unwrap_or(0);
                all.split('.').take(parts).collect::<Vec<_>>().join(".").into()
            }))
        }
        _ => None,
    }
}

pub(super) fn call(record: &Record, call: &Call) -> Answer {
    if let Some(node) = record.kind().node() {
        return node.call(call);
    }
    if list_object::is_list(record) {
        return lists::call_object(record, call);
    }
    if let Some(answer) = set_object::call(record, call) {
        return Some(answer);
    }
    match &*record.kind().name {
        STRING_BUILDER => return builder(record, call),
        STOPWATCH => return stopwatch(record, call),
        RANDOM => return random(record, call),
        xml::MANAGER => return xml::call_manager(record, call),
        pattern::object::REGEX => return regex(record, call),
        secret::CREDENTIAL if call.name == "getnetworkcredential" => {
            return secret::network(&Value::Record(record.clone())).map(|open| Ok(Value::Record(open)));
        }
        _ => {}
    }
    psobject::call(record, call).or_else(|| system::encoding(record, call))
}

/// An empty or filled string builder.
pub fn new_builder(content: &str) -> Record {
    Record::new(RecordType::new(STRING_BUILDER, TextForm::Property(" text")), [(" text", Value::str(content))])
}

fn builder(record: &Record, call: &Call) -> Answer {
    let own = text::to_text(&record.get(" text").unwrap_or_default());
    let changed = match call.name {
        "append" => format!("{own}{}", call.text(0)),
        "appendline" => format!("{own}{}\n", call.text(0)),
        "appendformat" => match ops::composite(&call.text(0), call.arguments.get(1..).unwrap_or(&[])) {
            Ok(more) => format!("{own}{more}"),
            Err(error) => return Some(Err(error)),
        },
        "clear" => String::new(),
        "tostring" => return Some(Ok(own.into())),
        "insert" | "remove" | "replace" => match super::call(&Value::Str(own), call.name, call.arguments) {
            Ok(changed) => text::to_text(&changed).to_string(),
            Err(error) => return Some(Err(error)),
        },
        _ => return None,
    };
    if changed.len() > bounds::LONGEST_TEXT {
        bounds::refuse();
    }
    record.set(" text", changed.into());
    Some(Ok(Value::Record(record.clone())))
}

/// Numbers by chance; of one seed always the same, though not .NET's.
pub fn new_random(seed: Option<i64>) -> Record {
    let seed = seed.unwrap_or_else(|| SystemRandom.uuid().as_u64_pair().0.cast_signed());
    Record::new(RecordType::new(RANDOM, TextForm::TypeName), [(" seed", Value::Int(seed)), (" used", Value::Int(0))])
}

fn random(record: &Record, call: &Call) -> Answer {
    let number = |name: &str| match record.get(name) {
        Some(Value::Int(number)) => number,
        _ => 0,
    };
    let used = number(" used");
    // Each number is the first of a sequence of its own: what is kept of it is only how many there were.
    let chance = FixedRandom::new(number(" seed").cast_unsigned().wrapping_add(used.cast_unsigned()));
    record.set(" used", Value::Int(used.wrapping_add(1)));
    let between = |from: i64, to: i64| match u64::try_from(to.saturating_sub(from)) {
        Ok(many) => Ok(Value::Int(from.saturating_add(i64::try_from(chance.below(many)).unwrap_or(0)))),
        Err(_) => Err(call.out_of_range()),
    };
    Some(match (call.name, call.count()) {
        ("next", 0) => between(0, i32::MAX.into()),
        ("next", 1) => call.int(0).and_then(|to| between(0, to)),
        ("next", 2) => call.int(0).and_then(|from| between(from, call.int(1)?)),
        // 53 bits are what a double holds.
        ("nextdouble", 0) => Ok(Value::Float(chance.below(1 << 53) as f64 / (1_u64 << 53) as f64)),
        _ => return None,
    })
}

/// A stopwatch, running or not.
pub fn new_stopwatch(running: bool) -> Record {
    let since = if running { Value::DateTime(date::now()) } else { Value::Null };
    let kind = RecordType::new(STOPWATCH, TextForm::TypeName);
    Record::new(kind, [(" since", since), (" before", Value::Duration(TimeSpan::default()))])
}

fn elapsed(record: &Record) -> Value {
    let before = match record.get(" before") {
        Some(Value::Duration(span)) => span.ticks,
        _ => 0,
    };
    let running = match record.get(" since") {
        Some(Value::DateTime(since)) => (date::now().ticks - since.ticks).max(0),
        _ => 0,
    };
    Value::Duration(TimeSpan { ticks: before + running })
}

fn stopwatch(record: &Record, call: &Call) -> Answer {
    let (before, since) = match call.name {
        "start" if matches!(record.get(" since"), Some(Value::DateTime(_))) => return Some(Ok(Value::list(vec![]))),
        "start" => (elapsed(record), Value::DateTime(date::now())),
        "stop" => (elapsed(record), Value::Null),
        "reset" => (Value::Duration(TimeSpan::default()), Value::Null),
        "restart" => (Value::Duration(TimeSpan::default()), Value::DateTime(date::now())),
        _ => return None,
    };
    record.set(" before", before);
    record.set(" since", since);
    Some(Ok(Value::list(Vec::new())))
}

fn regex(record: &Record, call: &Call) -> Answer {
    let pattern = pattern::object::pattern(record)?;
    let subject = call.text(0);
    let result = match call.name {
        "ismatch" => pattern.is_match(&subject).map(Value::Bool),
        "match" => pattern
            .captures(&subject, 0)
            .map(|found| Value::Record(pattern::object::of_match(&pattern, found.as_ref(), &subject))),
        "matches" => pattern.all(&subject).map(|all| {
            let matches =
                all.iter().map(|found| Value::Record(pattern::object::of_match(&pattern, Some(found), &subject)));
            Value::list(matches.collect())
        }),
        "replace" => {
            let by = Replacement::new(&call.text(1), &pattern);
            let most = if call.count() > 2 { call.int(2) } else { Ok(i64::MAX) };
            most.and_then(|most| {
                let most = usize::try_from(most).unwrap_or(usize::MAX);
                pattern.replace(&subject, most, &mut |found| Ok(by.expand(&pattern, found, &subject))).map(Value::from)
            })
        }
        "split" => pattern.split(&subject, 0).and_then(|pieces| {
            let mut list = Vec::new();
            ops::texts(&mut list, pieces).map(|()| Value::list(list))
        }),
        "tostring" => Ok(Value::Str(text::to_text(&Value::Record(record.clone())))),
        _ => return None,
    };
    Some(result)
}
