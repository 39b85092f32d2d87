//! Write-Progress: shows how far something long has come.

use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Progress, Run};
use crate::cmdlets::object::signature::{Signature, int};
use crate::cmdlets::object::{number, string};
use crate::error::Halt;

/// Write-Progress.
#[derive(Default)]
pub struct WriteProgress;

impl ObjectCmdlet for WriteProgress {
    const NAME: &'static str = "Write-Progress";
    const EXAMPLES: &'static [Example] = &[Example {
        what: "Half of the users are done",
        run: "Write-Progress -Activity \"Enabling users\" -Status \"100 of 200\" -PercentComplete 50",
    }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .parameter("Activity", ParameterType::String)
            .mandatory()
            .at(0)
            .parameter("Status", ParameterType::String)
            .at(1)
            .not_empty()
            .parameter("Id", int())
            .at(2)
            .range(0.0, i32::MAX.into())
            .parameter("PercentComplete", int())
            .range(-1.0, 100.0)
            .parameter("SecondsRemaining", int())
            .parameter("CurrentOperation", ParameterType::String)
            .parameter("ParentId", int())
            .range(-1.0, i32::MAX.into())
            .switch("Completed")
            .parameter("SourceId", int())
            .build()
    }
}

impl Run for WriteProgress {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let text = |name: &str| string(bound, name).unwrap_or_default().to_string();
        let status = match (text("Status"), text("CurrentOperation")) {
            (status, operation) if operation.is_empty() => status,
            (status, operation) if status.is_empty() => operation,
            (status, operation) => format!("{status}: {operation}"),
        };
        cx.progress(Progress {
            id: number(bound, "Id").unwrap_or(0),
            activity: text("Activity"),
            status,
            percent: number(bound, "PercentComplete").and_then(|percent| u8::try_from(percent).ok()),
            completed: bound.switch("Completed"),
        });
        Ok(())
    }
}
