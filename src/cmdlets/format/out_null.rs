//! Out-Null: takes objects and keeps none.

use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::Signature;
use crate::error::Halt;

/// Out-Null.
#[derive(Default)]
pub struct OutNull;

impl ObjectCmdlet for OutNull {
    const NAME: &'static str = "Out-Null";
    const EXAMPLES: &'static [Example] =
        &[Example { what: "Runs a command for what it does, not for what it says", run: "Get-CsPool | Out-Null" }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME).input().build()
    }
}

impl Run for OutNull {
    fn process(&mut self, _bound: &Bound, _cx: &mut Context) -> Result<(), Halt> {
        Ok(())
    }
}
