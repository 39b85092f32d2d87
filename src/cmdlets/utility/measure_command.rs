//! Measure-Command: how long a script block takes.

use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::input;
use crate::cmdlets::object::signature::Signature;
use crate::error::Halt;
use crate::value::{TimeSpan, Value};
use std::time::{Duration, Instant};

/// Measure-Command.
#[derive(Default)]
pub struct MeasureCommand {
    taken: Duration,
}

impl ObjectCmdlet for MeasureCommand {
    const NAME: &'static str = "Measure-Command";
    const EXAMPLES: &'static [Example] =
        &[Example { what: "How long the pools take", run: "Measure-Command { Get-CsPool }" }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME).input().parameter("Expression", ParameterType::ScriptBlock).mandatory().at(0).build()
    }
}

impl Run for MeasureCommand {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        if let Some(Value::Block(block)) = bound.get("Expression") {
            let started = Instant::now();
            // What the block puts out is dropped, as in PowerShell.
            let result = cx.blocks.run(block, input(bound), &[], &mut |_| Ok(()));
            self.taken += started.elapsed();
            result?;
        }
        Ok(())
    }

    fn end(&mut self, _bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let ticks = i64::try_from(self.taken.as_nanos() / 100).unwrap_or(i64::MAX);
        cx.output(TimeSpan { ticks })
    }
}
