//! New-Guid: a random identifier.

use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::Signature;
use crate::error::Halt;
use uuid::Uuid;

/// New-Guid.
#[derive(Default)]
pub struct NewGuid;

impl ObjectCmdlet for NewGuid {
    const NAME: &'static str = "New-Guid";
    const EXAMPLES: &'static [Example] = &[Example { what: "An identifier", run: "New-Guid" }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME).switch("Empty").build()
    }
}

impl Run for NewGuid {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        cx.output(if bound.switch("Empty") { Uuid::nil() } else { Uuid::new_v4() })
    }
}
