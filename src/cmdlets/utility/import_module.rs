//! Import-Module: accepted, because published scripts begin with it; everything is loaded here from the start.

use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::{Signature, many};
use crate::cmdlets::object::texts;
use crate::error::Halt;

/// Import-Module.
#[derive(Default)]
pub struct ImportModule;

impl ObjectCmdlet for ImportModule {
    const NAME: &'static str = "Import-Module";
    const ALIASES: &'static [&'static str] = &["ipmo"];
    const EXAMPLES: &'static [Example] =
        &[Example { what: "As published scripts begin", run: "Import-Module SkypeForBusiness -Verbose" }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .parameter("Name", many(ParameterType::String))
            .mandatory()
            .at(0)
            .by_value()
            .switch("Force")
            .switch("Global")
            .switch("DisableNameChecking")
            .build()
    }
}

impl Run for ImportModule {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        for name in texts(bound.get("Name")) {
            cx.verbose(format!("Nothing is loaded for {name}: every cmdlet is there from the start."));
        }
        Ok(())
    }
}
