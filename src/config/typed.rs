//! Values of properties: what users give is converted and checked once, on every path, and kept as JSON.

use super::family::{Format, Property, Type};
use crate::error::{Category, ErrorRecord};
use crate::value::convert::{Target, cast};
use crate::value::{
    Record, RecordType, TextForm, TimeSpan, Value, date, enumerate, list_object, near, same_name, text, timespan,
};
use serde_json::{Map, Value as Json};

/// The value that users see of what is kept.
pub fn to_value(property: &Property, json: &Json) -> Value {
    if property.list {
        let items = json.as_array().map(Vec::as_slice).unwrap_or_default();
        return Value::Record(list_object::new(true, items.iter().map(|item| scalar(property, item)).collect()));
    }
    scalar(property, json)
}

fn scalar(property: &Property, json: &Json) -> Value {
    match (property.kind, json) {
        (_, Json::Null) => Value::Null,
        (_, Json::Bool(b)) => Value::Bool(*b),
        (_, Json::Number(n)) => n.as_i64().map_or_else(|| Value::Float(n.as_f64().unwrap_or(0.0)), Value::Int),
        (Type::TimeSpan, Json::String(s)) => timespan::parse(s).map_or_else(|| Value::str(s.as_str()), Value::Duration),
        (Type::Guid, Json::String(s)) => uuid::Uuid::parse_str(s).map_or_else(|_| Value::str(s.as_str()), Value::Guid),
        (Type::Time, Json::String(s)) => Value::str(clock_text(s)),
        (_, Json::String(s)) => Value::str(s.as_str()),
        (Type::Object, Json::Object(fields)) => {
            let kind = RecordType::new(property.element.as_deref().unwrap_or(&property.name), TextForm::Pairs);
            let field = |f: &Property| (f.name.clone(), to_value(f, fields.get(&f.name).unwrap_or(&Json::Null)));
            Value::Record(Record::new(kind, property.fields.iter().map(field)))
        }
        (_, other) => crate::value::json::from_json(other),
    }
}

/// `01:30:00` as it prints: `1:30 AM`.
fn clock_text(kept: &str) -> String {
    let Some(time) = timespan::parse(kept) else { return kept.to_string() };
    let (hour, minute) = (time.hours(), time.minutes());
    let half = if hour < 12 { "AM" } else { "PM" };
    format!("{}:{minute:02} {half}", if hour % 12 == 0 { 12 } else { hour % 12 })
}

/// What is kept of a value that a user gave: converted, and checked against the property's limits.
///
/// # Errors
/// `InvalidPropertyValue` (type or form), `PropertyValueNotAllowed` (not one of the values), `PropertyValueOutOfRange`.
pub fn accept(property: &Property, value: &Value) -> Result<Json, ErrorRecord> {
    if !property.list {
        return one(property, value);
    }
    let items = match value {
        Value::Null => Vec::new(),
        other => elements(other),
    };
    let mut kept: Vec<Json> = Vec::with_capacity(items.len());
    for item in &items {
        let item = one(property, item)?;
        if item != Json::Null && !kept.iter().any(|k| same_element(property, k, &item)) {
            kept.push(item);
        }
    }
    Ok(Json::Array(kept))
}

/// The elements of a list, lists in it unrolled; anything else is one element.
pub fn elements(value: &Value) -> Vec<Value> {
    match enumerate::items(value) {
        Some(items) => items.iter().flat_map(elements).collect(),
        None => vec![value.clone()],
    }
}

/// Whether two elements of a list are the same one: by the field that tells them apart, text in any case.
pub fn same_element(property: &Property, a: &Json, b: &Json) -> bool {
    let part = |j: &Json| property.unique.as_ref().and_then(|field| j.get(field)).unwrap_or(j).clone();
    match (part(a), part(b)) {
        (Json::String(a), Json::String(b)) => same_name(&a, &b),
        (a, b) => a == b,
    }
}

fn one(property: &Property, value: &Value) -> Result<Json, ErrorRecord> {
    if value.is_null() {
        return null(property);
    }
    let json = match property.kind {
        Type::Bool => boolean(value).map(Json::Bool),
        Type::Text => words(value).map(Json::String),
        Type::Enum => return enumerated(property, value),
        Type::TimeSpan => duration(value).map(|span| Json::String(timespan::constant(span))),
        Type::Time => time_of_day(value).map(|span| Json::String(timespan::constant(span))),
        Type::Guid => match value {
            Value::Guid(guid) => Some(Json::String(guid.to_string())),
            other => uuid::Uuid::parse_str(text::to_text(other).trim_matches(['{', '}']))
                .ok()
                .map(|g| Json::String(g.to_string())),
        },
        Type::Object => return object(property, value),
        number => integer(number, value).map(Json::from),
    };
    let json = json.ok_or_else(|| wrong_type(property, value))?;
    check(property, &json)?;
    Ok(json)
}

/// What is kept of `$null`.
fn null(property: &Property) -> Result<Json, ErrorRecord> {
    let optional = property.default.is_null() || matches!(property.kind, Type::Text | Type::Object);
    if optional && !property.mandatory {
        return Ok(Json::Null);
    }
    let message = format!("The property {} cannot be empty.", property.name);
    Err(ErrorRecord::new("InvalidPropertyValue", Category::InvalidArgument, message).hint(expects(property)))
}

fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(b) => Some(*b),
        Value::Int(0) => Some(false),
        Value::Int(1) => Some(true),
        Value::Str(s) if same_name(s, "true") => Some(true),
        Value::Str(s) if same_name(s, "false") => Some(false),
        _ => None,
    }
}

fn words(value: &Value) -> Option<String> {
    match value {
        Value::Record(r) if matches!(r.kind().text, TextForm::Custom | TextForm::TypeName) => None,
        Value::List(_) | Value::Map(_) | Value::Block(_) => None,
        other => Some(text::to_text(other).to_string()),
    }
}

fn duration(value: &Value) -> Option<TimeSpan> {
    match value {
        Value::Duration(span) => Some(*span),
        Value::Str(s) => timespan::parse(s),
        other => match cast(other, &Target::TimeSpan) {
            Ok(Value::Duration(span)) => Some(span),
            _ => None,
        },
    }
}

fn time_of_day(value: &Value) -> Option<TimeSpan> {
    const DAY: i64 = 864_000_000_000;
    let ticks = match value {
        Value::DateTime(at) => at.ticks.rem_euclid(DAY),
        Value::Duration(span) => span.ticks,
        Value::Str(s) => clock_ticks(s.trim()).or_else(|| Some(date::parse(s)?.ticks.rem_euclid(DAY)))?,
        _ => return None,
    };
    (0..DAY).contains(&ticks).then_some(TimeSpan { ticks })
}

/// `23:00`, `1:30 AM`.
fn clock_ticks(text: &str) -> Option<i64> {
    let half =
        |half: &str| text.len().checked_sub(2).and_then(|at| text.get(at..)).is_some_and(|end| same_name(end, half));
    let (morning, afternoon) = (half("AM"), half("PM"));
    let digits = if morning || afternoon { text.get(..text.len() - 2)?.trim() } else { text };
    let mut span = timespan::parse(digits).filter(|_| digits.contains(':'))?;
    if morning || afternoon {
        let twelve = span.hours() == 12 && span.days() == 0;
        if !twelve && !(1..12).contains(&span.hours()) {
            return None;
        }
        let shift = match (twelve, afternoon) {
            (true, false) => -12,
            (false, true) => 12,
            _ => 0,
        };
        span.ticks += shift * 36_000_000_000;
    }
    Some(span.ticks)
}

fn limits(kind: Type) -> (i64, i64) {
    match kind {
        Type::Byte => (0, 255),
        Type::Int16 => (i16::MIN.into(), i16::MAX.into()),
        Type::Int32 => (i32::MIN.into(), i32::MAX.into()),
        Type::UInt16 => (0, u16::MAX.into()),
        Type::UInt32 => (0, u32::MAX.into()),
        Type::UInt64 => (0, i64::MAX),
        _ => (i64::MIN, i64::MAX),
    }
}

fn integer(kind: Type, value: &Value) -> Option<i64> {
    let (min, max) = limits(kind);
    let n = match value {
        Value::Int(n) => *n,
        Value::Bool(_) => return None,
        other => match cast(other, &Target::Int { name: "Int64".into(), min: i64::MIN, max: i64::MAX }) {
            Ok(Value::Int(n)) => n,
            _ => return None,
        },
    };
    (min..=max).contains(&n).then_some(n)
}

fn enumerated(property: &Property, value: &Value) -> Result<Json, ErrorRecord> {
    let given = text::to_text(value);
    if let Some(found) = property.values.iter().find(|v| same_name(v, given.trim())) {
        return Ok(Json::String(found.clone()));
    }
    let message = format!("'{given}' is not a value of {}. Its values: {}.", property.name, property.values.join(", "));
    let error = ErrorRecord::new("PropertyValueNotAllowed", Category::InvalidArgument, message).target(value.clone());
    Err(match near::nearest(&given, property.values.iter().map(String::as_str)) {
        Some(near) => error.hint(format!("Did you mean '{near}'?")),
        None => error,
    })
}

fn object(property: &Property, value: &Value) -> Result<Json, ErrorRecord> {
    let given = match value {
        Value::Record(record) => record.fields(),
        Value::Map(table) => table.named(),
        _ => return Err(wrong_type(property, value)),
    };
    let known = |name: &str| property.fields.iter().any(|f| same_name(&f.name, name));
    if let (Value::Map(_), Some((name, _))) = (value, given.iter().find(|(name, _)| !known(name))) {
        let error = wrong_type(property, value);
        return Err(match near::nearest(name, property.fields.iter().map(|f| f.name.as_str())) {
            Some(near) => error.hint(format!("There is no field '{name}'. Did you mean '{near}'?")),
            None => error.hint(format!("There is no field '{name}'.")),
        });
    }
    let mut kept = Map::new();
    for field in &property.fields {
        let json = match given.iter().find(|(name, _)| same_name(name, &field.name)) {
            Some((_, value)) => accept(field, value)?,
            None if field.mandatory => {
                return Err(wrong_type(property, value).hint(format!("{} is missing.", field.name)));
            }
            None => field.default.clone(),
        };
        kept.insert(field.name.clone(), json);
    }
    Ok(Json::Object(kept))
}

fn check(property: &Property, json: &Json) -> Result<(), ErrorRecord> {
    if let Some([least, most]) = &property.range {
        let below = compare(json, least).is_some_and(|order| order.is_lt());
        let above = compare(json, most).is_some_and(|order| order.is_gt());
        if below || above {
            return Err(out_of_range(property, json, plain(least), plain(most)));
        }
    }
    let Some(text) = json.as_str() else { return Ok(()) };
    if let Some((least, most)) = property.length
        && !(least..=most).contains(&text.chars().count())
        && !text.is_empty()
    {
        let message =
            format!("'{text}' has {} characters; {} takes {least} to {most}.", text.chars().count(), property.name);
        return Err(ErrorRecord::new("PropertyValueOutOfRange", Category::InvalidArgument, message)
            .hint("Write it shorter or longer; nothing was changed."));
    }
    let well_formed = match property.format {
        None => true,
        Some(Format::Domain | Format::Fqdn) => is_domain(text),
        Some(Format::Address) => text.parse::<std::net::IpAddr>().is_ok(),
        Some(Format::Pattern) => fancy_regex::Regex::new(text).is_ok(),
    };
    if well_formed { Ok(()) } else { Err(wrong_type(property, &Value::str(text))) }
}

/// Orders a value and a limit; `None` where there is no limit.
fn compare(json: &Json, limit: &Json) -> Option<std::cmp::Ordering> {
    match (json, limit) {
        (Json::Number(a), Json::Number(b)) => a.as_i64()?.partial_cmp(&b.as_i64()?),
        (Json::String(a), Json::String(b)) => Some(timespan::parse(a)?.cmp(&timespan::parse(b)?)),
        _ => None,
    }
}

/// Whether a text is a DNS name: labels of letters, digits and hyphens.
pub fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

fn plain(limit: &Json) -> String {
    match limit {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        other => other.to_string(),
    }
}

fn out_of_range(property: &Property, json: &Json, least: String, most: String) -> ErrorRecord {
    let message = match (least.as_str(), most.as_str()) {
        (least, "") => format!("{} is too small for {}: it is at least {least}.", plain(json), property.name),
        ("", most) => format!("{} is too large for {}: it is at most {most}.", plain(json), property.name),
        _ => format!("{} is out of range for {}: it is {least} to {most}.", plain(json), property.name),
    };
    let error = ErrorRecord::new("PropertyValueOutOfRange", Category::InvalidArgument, message);
    let words =
        |limit: &str, what: &str| (!limit.is_empty()).then(|| format!("-{} {limit} is the {what}", property.name));
    let limits: Vec<String> = [words(&least, "least"), words(&most, "most")].into_iter().flatten().collect();
    if limits.is_empty() { error } else { error.hint(format!("{}.", limits.join(", "))) }
}

fn wrong_type(property: &Property, value: &Value) -> ErrorRecord {
    let message = format!("'{}' cannot be the value of {}.", text::to_text(value), property.name);
    let error = ErrorRecord::new("InvalidPropertyValue", Category::InvalidArgument, message).target(value.clone());
    error.hint(expects(property))
}

fn expects(property: &Property) -> String {
    let what = match (property.format, property.kind) {
        (Some(Format::Domain), _) => "a domain, such as litwareinc.com".to_string(),
        (Some(Format::Fqdn), _) => "a full name, such as atl-cs-001.litwareinc.com".to_string(),
        (Some(Format::Address), _) => "an IP address".to_string(),
        (Some(Format::Pattern), _) => "a regular expression".to_string(),
        (None, Type::Bool) => "$true or $false".to_string(),
        (None, Type::Text) => "text".to_string(),
        (None, Type::Enum) => format!("one of {}", property.values.join(", ")),
        (None, Type::TimeSpan) => "a duration, such as 00:10:00 or 1.12:00:00".to_string(),
        (None, Type::Time) => "a time of day, such as 23:00".to_string(),
        (None, Type::Guid) => "a guid".to_string(),
        (None, Type::Object) => {
            let fields: Vec<_> = property.fields.iter().map(|f| f.name.as_str()).collect();
            format!("an object with {}", fields.join(", "))
        }
        (None, number) => {
            let (min, max) = limits(number);
            format!("a whole number from {min} to {max}")
        }
    };
    format!("{} takes {what}{}.", property.name, if property.list { ", or several" } else { "" })
}
