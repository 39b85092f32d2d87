//! Set-StrictMode: accepted, because scripts begin with it. What it would find, the check before the run names.

use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::Signature;
use crate::error::Halt;

/// Set-StrictMode.
#[derive(Default)]
pub struct SetStrictMode;

impl ObjectCmdlet for SetStrictMode {
    const NAME: &'static str = "Set-StrictMode";
    const EXAMPLES: &'static [Example] =
        &[Example { what: "As published scripts begin", run: "Set-StrictMode -Version Latest -Verbose" }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .sets(&["Version", "Off"])
            .parameter("Version", ParameterType::String)
            .aliases(&["v"])
            .mandatory()
            .only(&["Version"])
            .switch("Off")
            .mandatory()
            .only(&["Off"])
            .build()
    }
}

impl Run for SetStrictMode {
    fn process(&mut self, _bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        cx.verbose("Nothing is set: 'reeve check' names variables and properties that are not there.");
        Ok(())
    }
}
