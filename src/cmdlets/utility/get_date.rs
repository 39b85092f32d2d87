//! Get-Date: now, or another point in time, as an object or as text.

use super::uformat;
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::{Signature, choice, int};
use crate::cmdlets::object::{number, string};
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::date::{self, SECOND};
use crate::value::{DateTime, DateTimeKind, Value};

/// Get-Date.
#[derive(Default)]
pub struct GetDate;

impl ObjectCmdlet for GetDate {
    const NAME: &'static str = "Get-Date";
    const EXAMPLES: &'static [Example] = &[
        Example {
            what: "A date in one's own format",
            run: "Get-Date \"2026-11-21 08:35\" -Format \"yyyy-MM-dd HH:mm\"",
        },
        Example { what: "A week ago", run: "(Get-Date).AddDays(-7)" },
        Example { what: "In the notation of Unix", run: "Get-Date 2026-11-21 -UFormat \"%Y-%m-%d\"" },
    ];

    fn spec() -> CmdletSpec {
        let by_date = ["DateAndFormat", "DateAndUFormat"];
        let by_unix = ["UnixTimeSecondsAndFormat", "UnixTimeSecondsAndUFormat"];
        let plain = ["DateAndFormat", "UnixTimeSecondsAndFormat"];
        let unix = ["DateAndUFormat", "UnixTimeSecondsAndUFormat"];
        let mut signature = Signature::new(Self::NAME)
            .sets(&["DateAndFormat", "DateAndUFormat", "UnixTimeSecondsAndFormat", "UnixTimeSecondsAndUFormat"])
            .parameter("Date", ParameterType::DateTime)
            .aliases(&["LastWriteTime"])
            .at(0)
            .by_value()
            .by_property()
            .only(&by_date)
            .parameter("UnixTimeSeconds", ParameterType::Integer { name: "Int64".into(), min: i64::MIN, max: i64::MAX })
            .aliases(&["UnixTime"])
            .mandatory()
            .by_property()
            .only(&by_unix);
        for (name, smallest, largest) in [
            ("Year", 1.0, 9999.0),
            ("Month", 1.0, 12.0),
            ("Day", 1.0, 31.0),
            ("Hour", 0.0, 23.0),
            ("Minute", 0.0, 59.0),
            ("Second", 0.0, 59.0),
            ("Millisecond", 0.0, 999.0),
        ] {
            signature = signature.parameter(name, int()).range(smallest, largest);
        }
        signature
            .parameter("DisplayHint", choice("DisplayHintType", &["Date", "Time", "DateTime"]))
            .parameter("UFormat", ParameterType::String)
            .mandatory()
            .only(&unix)
            .parameter("Format", ParameterType::String)
            .only(&plain)
            .switch("AsUTC")
            .build()
    }
}

/// The point in time that the parameters name.
fn point(bound: &Bound) -> Result<DateTime, ErrorRecord> {
    let start = match (bound.get("Date"), number(bound, "UnixTimeSeconds")) {
        (Some(Value::DateTime(at)), _) => *at,
        (_, Some(seconds)) => date::to_local(DateTime::from_unix_ticks(seconds.saturating_mul(SECOND))),
        _ => date::to_local(date::now()),
    };
    let mut parts = start.parts();
    let set = |name: &str, part: &mut i64| {
        if let Some(number) = number(bound, name) {
            *part = number;
        }
    };
    set("Year", &mut parts.year);
    set("Month", &mut parts.month);
    set("Day", &mut parts.day);
    set("Hour", &mut parts.hour);
    set("Minute", &mut parts.minute);
    set("Second", &mut parts.second);
    if let Some(milliseconds) = number(bound, "Millisecond") {
        parts.fraction = milliseconds * (SECOND / 1000);
    }
    // The 31st of a month that has fewer days counts on into the next.
    let over = parts.day - date::days_in_month(parts.year, parts.month);
    let late = over.max(0);
    parts.day -= late;
    let at = DateTime::from_parts(parts, start.kind).ok_or_else(|| {
        ErrorRecord::new("ArgumentOutOfRangeException", Category::InvalidArgument, "These parts name no point in time.")
    })?;
    Ok(DateTime { ticks: (at.ticks + late * date::DAY).clamp(0, date::MAX_TICKS), kind: at.kind })
}

impl Run for GetDate {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let mut at = point(bound)?;
        if bound.switch("AsUTC") && at.kind != DateTimeKind::Utc {
            at = date::to_utc(at);
        }
        if let Some(format) = string(bound, "Format") {
            let format = match &*format.to_lowercase() {
                "filedate" => "yyyyMMdd",
                "filedateuniversal" => "yyyyMMddZ",
                "filedatetime" => "yyyyMMddTHHmmssffff",
                "filedatetimeuniversal" => "yyyyMMddTHHmmssffffZ",
                _ => &*format,
            };
            return cx.output(date::format(at, format)?);
        }
        if let Some(format) = string(bound, "UFormat") {
            return cx.output(uformat::format(at, &format));
        }
        cx.output(at)
    }
}
