//! Get-Variable: the variables of the session, or their values.

use super::{choosing, chosen, object};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::{Signature, many};
use crate::error::Halt;

/// Get-Variable.
#[derive(Default)]
pub struct GetVariable;

impl ObjectCmdlet for GetVariable {
    const NAME: &'static str = "Get-Variable";
    const EXAMPLES: &'static [Example] = &[Example {
        what: "The value of a variable, by its name",
        run: "$pool = \"dub-pool\"; Get-Variable pool -ValueOnly",
    }];

    fn spec() -> CmdletSpec {
        let signature = Signature::new(Self::NAME)
            .parameter("Name", many(ParameterType::String))
            .at(0)
            .by_value()
            .by_property()
            .switch("ValueOnly");
        choosing(signature).build()
    }
}

impl Run for GetVariable {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        for variable in chosen(bound, cx)? {
            let value = if bound.switch("ValueOnly") { variable.value } else { object(&variable) };
            cx.output(value)?;
        }
        Ok(())
    }
}
