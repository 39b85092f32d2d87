//! New objects: `[T]::new(…)`, New-Object.

use super::super::convert::{self, Target};
use super::super::member::{Call, objects, psobject};
use super::super::pattern;
use super::super::{
    DateTime, DateTimeKind, Record, Table, TimeSpan, Value, Version, date, enumerate, exceptions, list_object, secret,
    set_object, text, types, xml,
};
use super::files::FILE_INFO;
use super::records::{self, CHOICE, COMPARER, CULTURE, MAIL_ADDRESS};
use super::system::cannot_make;
use super::{find, type_not_found};
use crate::error::ErrorRecord;

/// The kind of a date that the last argument names, and the arguments before it. A number is none.
fn date_kind(arguments: &[Value]) -> (DateTimeKind, &[Value]) {
    let Some((last, before)) = arguments.split_last().filter(|(_, before)| !before.is_empty()) else {
        return (DateTimeKind::Unspecified, arguments);
    };
    let kind = match last {
        Value::Str(_) | Value::Record(_) => text::to_text(last).to_ascii_lowercase(),
        _ => return (DateTimeKind::Unspecified, arguments),
    };
    match kind.as_str() {
        "utc" => (DateTimeKind::Utc, before),
        "local" => (DateTimeKind::Local, before),
        "unspecified" => (DateTimeKind::Unspecified, before),
        _ => (DateTimeKind::Unspecified, arguments),
    }
}

/// Makes an object, as New-Object and `[T]::new(…)` do.
///
/// # Errors
/// `TypeNotFound`, `CannotFindAppropriateCtor`, and what the constructor itself says.
pub fn create(type_name: &str, arguments: &[Value]) -> Result<Value, ErrorRecord> {
    if exceptions::is_name(type_name) {
        return Ok(exceptions::create(type_name, arguments));
    }
    let full = find(type_name)?;
    let call = Call { name: "new", arguments };
    let numbers = || (0..arguments.len()).map(|at| call.int(at)).collect::<Result<Vec<i64>, ErrorRecord>>();
    let none = || cannot_make(type_name);
    Ok(match &*full {
        "System.Management.Automation.PSObject" | "System.Management.Automation.PSCustomObject" | "System.Object" => {
            match arguments.first() {
                Some(value) => convert::cast(value, &Target::CustomObject)?,
                None => Value::Record(Record::custom(Vec::<(&str, Value)>::new())),
            }
        }
        "System.Management.Automation.PSNoteProperty" => match arguments {
            [name, value] => psobject::new_property(&text::to_text(name), value.clone()),
            _ => return Err(none()),
        },
        "System.Collections.Hashtable" => Value::Map(Table::new(false)),
        "System.Collections.Specialized.OrderedDictionary" => Value::Map(Table::new(true)),
        "System.Collections.ArrayList" | "System.Collections.Generic.List" => {
            let items = match arguments.first() {
                // A number is only how much room to make.
                None | Some(Value::Int(_)) => Vec::new(),
                Some(value) => enumerate::enumerate(value.clone()),
            };
            match types::argument(type_name).and_then(|name| Some((name, convert::target(name)?))) {
                // What is already there becomes that type, too.
                Some((name, target)) if full.ends_with(".List") && target != Target::Object => {
                    let made: Result<Vec<Value>, ErrorRecord> =
                        items.iter().map(|item| convert::cast(item, &target)).collect();
                    Value::Record(list_object::of_elements(name, made?))
                }
                _ => Value::Record(list_object::new(full.ends_with(".List"), items)),
            }
        }
        "System.Collections.Generic.HashSet" => {
            let is_comparer = |value: &Value| matches!(value, Value::Record(r) if &*r.kind().name == COMPARER);
            let comparer = arguments.iter().find(|value| is_comparer(value));
            let any_case = comparer.is_some_and(|value| match value {
                Value::Record(record) => record.get("Name").is_some_and(|n| n.as_str() == Some("OrdinalIgnoreCase")),
                _ => false,
            });
            let items = arguments.iter().find(|value| !is_comparer(value) && !matches!(value, Value::Int(_)));
            Value::Record(set_object::new(items.cloned().map(enumerate::enumerate).unwrap_or_default(), any_case))
        }
        "System.Collections.Queue" | "System.Collections.Stack" => {
            let items = arguments.first().filter(|first| !matches!(first, Value::Int(_)));
            Value::Record(list_object::of_type(&full, items.cloned().map(enumerate::enumerate).unwrap_or_default()))
        }
        "System.Text.StringBuilder" => Value::Record(objects::new_builder(&call.text(0))),
        "System.Diagnostics.Stopwatch" => Value::Record(objects::new_stopwatch(false)),
        "System.Text.RegularExpressions.Regex" => Value::Record(pattern::object::new(&call.text(0), 0)?),
        "System.String" => match arguments {
            [c @ (Value::Str(_) | Value::Record(_)), times @ Value::Int(_)] => {
                super::super::ops::binary("*", &Value::Str(text::to_text(c)), times)?
            }
            [value] => text::joined(&enumerate::enumerate(value.clone()), "").into(),
            _ => return Err(none()),
        },
        "System.DateTime" => {
            let (kind, arguments) = date_kind(arguments);
            let call = Call { name: "new", arguments };
            let numbers = (0..arguments.len()).map(|at| call.int(at)).collect::<Result<Vec<i64>, ErrorRecord>>()?;
            let get = |at: usize| numbers.get(at).copied().unwrap_or(0);
            match numbers.len() {
                1 => match convert::cast(&Value::Int(numbers[0]), &Target::DateTime)? {
                    Value::DateTime(at) => DateTime { kind, ..at }.into(),
                    other => other,
                },
                3 | 6 | 7 => {
                    let parts = date::Parts {
                        year: get(0),
                        month: get(1),
                        day: get(2),
                        hour: get(3),
                        minute: get(4),
                        second: get(5),
                        fraction: get(6) * 10_000,
                    };
                    DateTime::from_parts(parts, kind).ok_or_else(|| call.out_of_range())?.into()
                }
                _ => return Err(none()),
            }
        }
        "System.TimeSpan" => {
            let numbers = numbers()?;
            let clock = |d: i64, h: i64, m: i64, s: i64, ms: i64| {
                let seconds = d.checked_mul(86_400)?.checked_add(h.checked_mul(3600)?)?;
                let seconds = seconds.checked_add(m.checked_mul(60)?)?.checked_add(s)?;
                seconds.checked_mul(date::SECOND)?.checked_add(ms.checked_mul(10_000)?)
            };
            let ticks = match numbers.as_slice() {
                [] => Some(0),
                [ticks] => Some(*ticks),
                [h, m, s] => clock(0, *h, *m, *s, 0),
                [d, h, m, s] => clock(*d, *h, *m, *s, 0),
                [d, h, m, s, ms] => clock(*d, *h, *m, *s, *ms),
                _ => return Err(none()),
            };
            TimeSpan { ticks: ticks.ok_or_else(|| call.out_of_range())? }.into()
        }
        "System.Version" => match arguments {
            [Value::Str(_)] => convert::cast(&arguments[0], &Target::Version)?,
            _ => {
                let numbers: Vec<u32> = numbers()?
                    .into_iter()
                    .map(u32::try_from)
                    .collect::<Result<_, _>>()
                    .map_err(|_| call.out_of_range())?;
                match numbers.as_slice() {
                    [major, minor, rest @ ..] if rest.len() <= 2 => Version {
                        major: *major,
                        minor: *minor,
                        build: rest.first().copied(),
                        revision: rest.get(1).copied(),
                    }
                    .into(),
                    _ => return Err(none()),
                }
            }
        },
        "System.Guid" | "System.Uri" | "System.Xml.XmlDocument" if arguments.len() == 1 => {
            let target = convert::target(&full).ok_or_else(|| type_not_found(type_name))?;
            convert::cast(&arguments[0], &target)?
        }
        super::errors::ERROR_RECORD => super::errors::create(arguments).ok_or_else(none)?,
        xml::DOCUMENT_TYPE if arguments.is_empty() => Value::Record(xml::empty()),
        xml::MANAGER => Value::Record(xml::manager()),
        "System.Random" => Value::Record(objects::new_random(arguments.first().map(|_| call.int(0)).transpose()?)),
        CULTURE | CHOICE | MAIL_ADDRESS | FILE_INFO => {
            let texts: Vec<_> = arguments.iter().map(text::to_text).collect();
            let texts: Vec<&str> = texts.iter().map(|text| &**text).collect();
            Value::Record(records::create(&full, &texts).ok_or_else(none)??)
        }
        "System.Guid" => Value::Guid(uuid::Uuid::nil()),
        secret::SECURE_STRING if arguments.is_empty() => Value::Record(secret::new("")),
        secret::CREDENTIAL => match arguments {
            [user, Value::Record(password)] if &*password.kind().name == secret::SECURE_STRING => {
                Value::Record(secret::credential(&text::to_text(user), password.clone()))
            }
            _ => return Err(none()),
        },
        _ if full.ends_with("[]") => match numbers()?.as_slice() {
            [length] => new_array(&full, *length).ok_or_else(|| call.out_of_range())?,
            _ => return Err(none()),
        },
        _ => return Err(none()),
    })
}

/// Most elements of an array that is made at once: what memory gives without a thought.
const MOST_ELEMENTS: i64 = 1 << 24;

/// An array of so many elements, each what its type begins with.
fn new_array(full: &str, length: i64) -> Option<Value> {
    let length = usize::try_from(length).ok().filter(|_| length <= MOST_ELEMENTS)?;
    let element = match full.trim_end_matches("[]") {
        "System.Boolean" => Value::Bool(false),
        "System.Double" | "System.Single" => Value::Float(0.0),
        "System.Decimal" => Value::Decimal(rust_decimal::Decimal::ZERO),
        "System.Char" => super::super::char_object::new('\0'),
        "System.DateTime" => Value::DateTime(DateTime { ticks: 0, kind: DateTimeKind::Unspecified }),
        "System.TimeSpan" => Value::Duration(TimeSpan { ticks: 0 }),
        "System.Guid" => Value::Guid(uuid::Uuid::nil()),
        other => match convert::target(other) {
            Some(Target::Int { .. }) => Value::Int(0),
            _ => Value::Null,
        },
    };
    Some(Value::list(vec![element; length]))
}
