//! Write-Output: hands objects to the next stage.

use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::input;
use crate::cmdlets::object::signature::Signature;
use crate::error::Halt;
use crate::value::enumerate;

/// Write-Output.
#[derive(Default)]
pub struct WriteOutput;

impl ObjectCmdlet for WriteOutput {
    const NAME: &'static str = "Write-Output";
    const ALIASES: &'static [&'static str] = &["echo", "write"];
    const EXAMPLES: &'static [Example] = &[
        Example { what: "Two texts", run: "Write-Output Redmond Dublin" },
        Example {
            what: "A list as one object",
            run: "Write-Output (1,2,3) -NoEnumerate | ForEach-Object { $_.Count }",
        },
    ];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .parameter("InputObject", ParameterType::Object)
            .doc("psobject")
            .mandatory()
            .at(0)
            .by_value()
            .remaining()
            .allow_null()
            .switch("NoEnumerate")
            .build()
    }
}

impl Run for WriteOutput {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let Some(item) = input(bound) else { return Ok(()) };
        if bound.switch("NoEnumerate") {
            return cx.output(item.clone());
        }
        enumerate(item.clone()).into_iter().try_for_each(|item| cx.output(item))
    }
}
