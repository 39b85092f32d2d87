//! `[datetime]`, `[timespan]`.

use super::super::convert::{self, Target};
use super::super::date::{self, DAY, HOUR, MINUTE, SECOND};
use super::super::member::{Answer, Call};
use super::super::{DateTime, DateTimeKind, TimeSpan, Value, compare, enumerate, text};
use crate::error::{Category, ErrorRecord};

pub(super) fn get(type_name: &str, name: &str) -> Option<Value> {
    let at = |ticks: i64| Value::DateTime(DateTime { ticks, kind: DateTimeKind::Unspecified });
    let span = |ticks: i64| Value::Duration(TimeSpan { ticks });
    let now = || date::to_local(date::now());
    Some(match (type_name, name) {
        ("System.DateTime" | "System.DateTimeOffset", "now") => now().into(),
        ("System.DateTime" | "System.DateTimeOffset", "utcnow") => date::now().into(),
        ("System.DateTime", "today") => {
            let now = now();
            DateTime { ticks: now.ticks - now.ticks.rem_euclid(DAY), ..now }.into()
        }
        ("System.DateTime", "minvalue") => at(0),
        ("System.DateTime", "maxvalue") => at(date::MAX_TICKS),
        ("System.DateTime" | "System.DateTimeOffset", "unixepoch") => {
            DateTime { ticks: date::UNIX_EPOCH, kind: DateTimeKind::Utc }.into()
        }
        ("System.TimeSpan", "zero") => span(0),
        ("System.TimeSpan", "minvalue") => span(i64::MIN),
        ("System.TimeSpan", "maxvalue") => span(i64::MAX),
        ("System.TimeSpan", "ticksperday") => Value::Int(DAY),
        ("System.TimeSpan", "ticksperhour") => Value::Int(HOUR),
        ("System.TimeSpan", "ticksperminute") => Value::Int(MINUTE),
        ("System.TimeSpan", "tickspersecond") => Value::Int(SECOND),
        ("System.TimeSpan", "tickspermillisecond") => Value::Int(SECOND / 1000),
        _ => return None,
    })
}

fn no_date(text: &str) -> ErrorRecord {
    ErrorRecord::new("FormatException", Category::NotSpecified, format!("'{text}' is no date of this form."))
}

pub(super) fn call(type_name: &str, call: &Call) -> Answer {
    if type_name == "System.TimeSpan" {
        return span(call);
    }
    Some(match call.name {
        "daysinmonth" => call.int(0).and_then(|year| {
            let days = date::days_in_month(year, call.int(1)?);
            if days == 0 { Err(call.out_of_range()) } else { Ok(Value::Int(days)) }
        }),
        "isleapyear" => call.int(0).map(|year| date::is_leap(year).into()),
        "parse" => date::parse(&call.text(0)).map(Value::from).ok_or_else(|| no_date(&call.text(0))),
        "parseexact" => {
            let formats = enumerate::enumerate(call.value(1));
            let found = formats.iter().find_map(|format| date::parse_exact(&call.text(0), &text::to_text(format)));
            found.map(Value::from).ok_or_else(|| no_date(&call.text(0)))
        }
        "specifykind" => convert::cast(&call.value(0), &Target::DateTime).and_then(|at| {
            let kind = match call.text(1).to_ascii_lowercase().as_str() {
                "utc" | "1" => DateTimeKind::Utc,
                "local" | "2" => DateTimeKind::Local,
                "unspecified" | "0" => DateTimeKind::Unspecified,
                _ => return Err(call.unfit(1)),
            };
            Ok(match at {
                Value::DateTime(at) => DateTime { kind, ..at }.into(),
                other => other,
            })
        }),
        "compare" => compare::order(&call.value(0), &call.value(1), true).map(|order| Value::Int(order as i64)),
        "fromunixtimeseconds" | "fromunixtimemilliseconds" if type_name == "System.DateTimeOffset" => {
            let unit = if call.name.ends_with("milliseconds") { SECOND / 1000 } else { SECOND };
            call.int(0).map(|count| {
                let ticks = count.saturating_mul(unit).saturating_add(date::UNIX_EPOCH).clamp(0, date::MAX_TICKS);
                DateTime { ticks, kind: DateTimeKind::Utc }.into()
            })
        }
        "fromfiletime" | "fromfiletimeutc" => call.int(0).map(|ticks| {
            let ticks = ticks.saturating_add(504_911_232_000_000_000).clamp(0, date::MAX_TICKS);
            let utc = DateTime { ticks, kind: DateTimeKind::Utc };
            if call.name == "fromfiletime" { date::to_local(utc) } else { utc }.into()
        }),
        _ => return None,
    })
}

fn span(call: &Call) -> Answer {
    let from = |unit: i64| {
        call.double(0).and_then(|count| {
            let ticks = (count * unit as f64).round_ties_even();
            if ticks.abs() < 9.2e18 { Ok(TimeSpan { ticks: ticks as i64 }.into()) } else { Err(call.out_of_range()) }
        })
    };
    Some(match call.name {
        "fromdays" => from(DAY),
        "fromhours" => from(HOUR),
        "fromminutes" => from(MINUTE),
        "fromseconds" => from(SECOND),
        "frommilliseconds" => from(SECOND / 1000),
        "fromticks" => from(1),
        "parse" => convert::cast(&call.text(0).into(), &Target::TimeSpan).map_err(|_| {
            ErrorRecord::new("FormatException", Category::NotSpecified, format!("'{}' is no duration.", call.text(0)))
        }),
        "compare" => compare::order(&call.value(0), &call.value(1), true).map(|order| Value::Int(order as i64)),
        _ => return None,
    })
}
