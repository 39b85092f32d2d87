//! Start-Sleep: waits; Ctrl-C ends it at once.

use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::number;
use crate::cmdlets::object::signature::{Signature, int};
use crate::error::Halt;
use crate::value::Value;
use std::time::Duration;

/// Start-Sleep.
#[derive(Default)]
pub struct StartSleep;

impl ObjectCmdlet for StartSleep {
    const NAME: &'static str = "Start-Sleep";
    const ALIASES: &'static [&'static str] = &["sleep"];
    const EXAMPLES: &'static [Example] =
        &[Example { what: "Waits for a tenth of a second", run: "Start-Sleep -Milliseconds 100" }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .sets(&["Seconds", "Milliseconds", "FromTimeSpan"])
            .parameter("Seconds", ParameterType::Double)
            .mandatory()
            .at(0)
            .by_value()
            .by_property()
            .range(0.0, 2_147_483.0)
            .only(&["Seconds"])
            .parameter("Milliseconds", int())
            .aliases(&["ms"])
            .mandatory()
            .by_property()
            .range(0.0, i32::MAX.into())
            .only(&["Milliseconds"])
            .parameter("Duration", ParameterType::TimeSpan)
            .aliases(&["ts"])
            .mandatory()
            .at(0)
            .by_property()
            .only(&["FromTimeSpan"])
            .build()
    }
}

/// How long to wait.
fn length(bound: &Bound) -> Duration {
    let seconds = match (bound.get("Seconds"), bound.get("Duration")) {
        (Some(Value::Float(seconds)), _) => *seconds,
        (Some(Value::Int(seconds)), _) => *seconds as f64,
        (_, Some(Value::Duration(span))) => span.total(crate::value::date::SECOND),
        _ => number(bound, "Milliseconds").unwrap_or(0) as f64 / 1000.0,
    };
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::ZERO)
}

impl Run for StartSleep {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        cx.session.sleep(length(bound))
    }
}
