//! New-TimeSpan: a length of time, from its parts or between two dates.

use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::number;
use crate::cmdlets::object::signature::{Signature, int};
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::date::{DAY, HOUR, MINUTE, SECOND};
use crate::value::{DateTime, TimeSpan, Value, date};

/// New-TimeSpan.
#[derive(Default)]
pub struct NewTimeSpan;

impl ObjectCmdlet for NewTimeSpan {
    const NAME: &'static str = "New-TimeSpan";
    const EXAMPLES: &'static [Example] = &[
        Example { what: "An hour and a half", run: "New-TimeSpan -Hours 1 -Minutes 30" },
        Example { what: "Between two dates", run: "New-TimeSpan -Start 2026-11-20 -End 2026-11-21" },
    ];

    fn spec() -> CmdletSpec {
        let mut signature = Signature::new(Self::NAME)
            .sets(&["Date", "Time"])
            .parameter("Start", ParameterType::DateTime)
            .aliases(&["LastWriteTime"])
            .at(0)
            .by_value()
            .by_property()
            .only(&["Date"])
            .parameter("End", ParameterType::DateTime)
            .at(1)
            .by_property()
            .only(&["Date"]);
        for name in ["Days", "Hours", "Minutes", "Seconds", "Milliseconds"] {
            signature = signature.parameter(name, int()).only(&["Time"]);
        }
        signature.build()
    }
}

impl Run for NewTimeSpan {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let parts =
            [("Days", DAY), ("Hours", HOUR), ("Minutes", MINUTE), ("Seconds", SECOND), ("Milliseconds", SECOND / 1000)];
        if parts.iter().any(|(name, _)| bound.get(name).is_some()) {
            let mut total: i64 = 0;
            for (name, unit) in parts {
                let part = number(bound, name).unwrap_or(0).checked_mul(unit);
                total = part.and_then(|part| total.checked_add(part)).ok_or_else(|| {
                    ErrorRecord::new(
                        "OverflowException",
                        Category::InvalidArgument,
                        "That is longer than a duration can be.",
                    )
                })?;
            }
            return cx.output(TimeSpan { ticks: total });
        }
        let now = date::to_local(date::now());
        let at = |name: &str| match bound.get(name) {
            Some(Value::DateTime(at)) => *at,
            _ => now,
        };
        let (start, end): (DateTime, DateTime) = (at("Start"), at("End"));
        cx.output(TimeSpan { ticks: end.ticks - start.ticks })
    }
}
