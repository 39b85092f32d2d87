//! Members of dates and durations.

use super::super::date::{self, DAY, HOUR, MINUTE, SECOND};
use super::super::{DateTime, DateTimeKind, TimeSpan, Value, compare, convert, ops, types};
use super::{Answer, Call};
use crate::error::ErrorRecord;

/// Properties of a date, in .NET's order.
pub(super) const DATE_NAMES: &[&str] = &[
    "Date",
    "Day",
    "DayOfWeek",
    "DayOfYear",
    "Hour",
    "Kind",
    "Millisecond",
    "Microsecond",
    "Nanosecond",
    "Minute",
    "Month",
    "Second",
    "Ticks",
    "TimeOfDay",
    "Year",
    "DateTime",
];

/// Properties of a duration, in .NET's order.
pub(super) const SPAN_NAMES: &[&str] = &[
    "Ticks",
    "Days",
    "Hours",
    "Milliseconds",
    "Microseconds",
    "Nanoseconds",
    "Minutes",
    "Seconds",
    "TotalDays",
    "TotalHours",
    "TotalMilliseconds",
    "TotalMicroseconds",
    "TotalNanoseconds",
    "TotalMinutes",
    "TotalSeconds",
];

pub(super) fn get_date(at: DateTime, name: &str) -> Option<Value> {
    let parts = at.parts();
    let midnight = at.ticks - at.ticks.rem_euclid(DAY);
    Some(match name.to_ascii_lowercase().as_str() {
        "date" => DateTime { ticks: midnight, kind: at.kind }.into(),
        "day" => parts.day.into(),
        "dayofweek" => types::enum_value("System.DayOfWeek", date::weekday_name(at.day_of_week()))?,
        "dayofyear" => {
            let first = date::Parts { month: 1, day: 1, hour: 0, minute: 0, second: 0, fraction: 0, ..parts };
            Value::Int((midnight - first.ticks()?) / DAY + 1)
        }
        "hour" => parts.hour.into(),
        "kind" => {
            let name = match at.kind {
                DateTimeKind::Unspecified => "Unspecified",
                DateTimeKind::Utc => "Utc",
                DateTimeKind::Local => "Local",
            };
            types::enum_value("System.DateTimeKind", name)?
        }
        "millisecond" => (parts.fraction / 10_000).into(),
        "microsecond" => (parts.fraction / 10 % 1000).into(),
        "nanosecond" => (parts.fraction % 10 * 100).into(),
        "minute" => parts.minute.into(),
        "month" => parts.month.into(),
        "second" => parts.second.into(),
        "ticks" => at.ticks.into(),
        "timeofday" => TimeSpan { ticks: at.ticks - midnight }.into(),
        "year" => parts.year.into(),
        "datetime" => date::long_text(at).into(),
        _ => return None,
    })
}

pub(super) fn get_span(span: TimeSpan, name: &str) -> Option<Value> {
    Some(match name.to_ascii_lowercase().as_str() {
        "ticks" => span.ticks.into(),
        "days" => span.days().into(),
        "hours" => span.hours().into(),
        "milliseconds" => (span.ticks / 10_000 % 1000).into(),
        "microseconds" => (span.ticks / 10 % 1000).into(),
        "nanoseconds" => (span.ticks % 10 * 100).into(),
        "minutes" => span.minutes().into(),
        "seconds" => span.seconds_part().into(),
        "totaldays" => span.total(DAY).into(),
        "totalhours" => span.total(HOUR).into(),
        "totalmilliseconds" => span.total(SECOND / 1000).into(),
        "totalmicroseconds" => span.total(SECOND / 1_000_000).into(),
        "totalnanoseconds" => (span.ticks as f64 * 100.0).into(),
        "totalminutes" => span.total(MINUTE).into(),
        "totalseconds" => span.total(SECOND).into(),
        _ => return None,
    })
}

/// A date so many units of ticks later.
fn later(at: DateTime, count: f64, unit: i64, call: &Call) -> Result<Value, ErrorRecord> {
    // Whole numbers are reckoned exactly; a double has not digits enough for ticks.
    let by = if count.fract() == 0.0 && count.abs() < 1e12 {
        (count as i64).checked_mul(unit)
    } else {
        let by = (count * unit as f64).round();
        (by.abs() < 9e18).then_some(by as i64)
    };
    let ticks = by.and_then(|by| at.ticks.checked_add(by)).filter(|t| (0..=date::MAX_TICKS).contains(t));
    ticks.map(|ticks| DateTime { ticks, kind: at.kind }.into()).ok_or_else(|| call.out_of_range())
}

/// A date so many months later; the day is cut to the month's last.
fn months(at: DateTime, count: i64, call: &Call) -> Result<Value, ErrorRecord> {
    let parts = at.parts();
    let month = parts.year.checked_mul(12).and_then(|m| m.checked_add(parts.month - 1 + count));
    let Some(month) = month.filter(|_| count.abs() < 200_000) else { return Err(call.out_of_range()) };
    let (year, month) = (month.div_euclid(12), month.rem_euclid(12) + 1);
    let day = parts.day.min(date::days_in_month(year, month));
    DateTime::from_parts(date::Parts { year, month, day, ..parts }, at.kind)
        .map(Value::DateTime)
        .ok_or_else(|| call.out_of_range())
}

pub(super) fn call_date(at: DateTime, call: &Call) -> Answer {
    let add = |unit: i64| call.double(0).and_then(|count| later(at, count, unit, call));
    let text = |format: &str| date::format(at, format).map(Value::from);
    Some(match call.name {
        "adddays" => add(DAY),
        "addhours" => add(HOUR),
        "addminutes" => add(MINUTE),
        "addseconds" => add(SECOND),
        "addmilliseconds" => add(SECOND / 1000),
        "addticks" => add(1),
        "addmonths" => call.int(0).and_then(|count| months(at, count, call)),
        "addyears" => call.int(0).and_then(|count| months(at, count.saturating_mul(12), call)),
        "add" => ops::binary("+", &at.into(), &call.value(0)),
        "subtract" => ops::binary("-", &at.into(), &call.value(0)),
        "tolocaltime" => Ok(date::to_local(at).into()),
        "touniversaltime" => Ok(date::to_utc(at).into()),
        "toshortdatestring" => text("d"),
        "tolongdatestring" => text("D"),
        "toshorttimestring" => text("t"),
        "tolongtimestring" => text("T"),
        "tofiletime" | "tofiletimeutc" => Ok(Value::Int(date::to_utc(at).ticks - 504_911_232_000_000_000)),
        // Of a DateTimeOffset, which is the same here.
        "tounixtimeseconds" => Ok(Value::Int((date::to_utc(at).ticks - date::UNIX_EPOCH).div_euclid(SECOND))),
        "tounixtimemilliseconds" => {
            Ok(Value::Int((date::to_utc(at).ticks - date::UNIX_EPOCH).div_euclid(SECOND / 1000)))
        }
        "tobinary" => Ok(Value::Int(at.ticks)),
        "isdaylightsavingtime" => {
            let winter = DateTime { ticks: at.ticks - at.ticks.rem_euclid(365 * DAY), ..at };
            Ok((date::offset_seconds(at) > date::offset_seconds(winter)).into())
        }
        "tostring" => match call.arguments.first() {
            Some(Value::Str(format)) => text(format),
            _ => Ok(date::text(at).into()),
        },
        _ => return None,
    })
}

pub(super) fn call_span(span: TimeSpan, call: &Call) -> Answer {
    let value = Value::Duration(span);
    Some(match call.name {
        "add" => ops::binary("+", &value, &call.value(0)),
        "subtract" => ops::binary("-", &value, &call.value(0)),
        "multiply" => ops::binary("*", &value, &call.value(0)),
        "divide" => ops::binary("/", &value, &call.value(0)),
        "negate" => Ok(TimeSpan { ticks: span.ticks.saturating_neg() }.into()),
        "duration" => Ok(TimeSpan { ticks: span.ticks.saturating_abs() }.into()),
        "compareto" => convert::cast(&call.value(0), &convert::Target::TimeSpan)
            .and_then(|other| compare::order(&value, &other, true))
            .map(|order| Value::Int(order as i64)),
        _ => return None,
    })
}
