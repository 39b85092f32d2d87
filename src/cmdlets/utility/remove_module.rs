//! Remove-Module: accepted, because published scripts end with it; what is here stays.

use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::{Signature, many};
use crate::cmdlets::object::texts;
use crate::error::Halt;

/// Remove-Module.
#[derive(Default)]
pub struct RemoveModule;

impl ObjectCmdlet for RemoveModule {
    const NAME: &'static str = "Remove-Module";
    const ALIASES: &'static [&'static str] = &["rmo"];
    const EXAMPLES: &'static [Example] =
        &[Example { what: "As published scripts end", run: "Remove-Module Lync -Verbose" }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .parameter("Name", many(ParameterType::String))
            .mandatory()
            .at(0)
            .by_value()
            .by_property()
            .switch("Force")
            .build()
    }
}

impl Run for RemoveModule {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        for name in texts(bound.get("Name")) {
            cx.verbose(format!("Nothing is removed for {name}: its cmdlets belong to the program."));
        }
        Ok(())
    }
}
