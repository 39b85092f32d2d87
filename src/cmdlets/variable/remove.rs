//! Remove-Variable: forgets variables.

use super::{choosing, chosen, scope};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::{Signature, many};
use crate::error::Halt;

/// Remove-Variable.
#[derive(Default)]
pub struct RemoveVariable;

impl ObjectCmdlet for RemoveVariable {
    const NAME: &'static str = "Remove-Variable";
    const EXAMPLES: &'static [Example] =
        &[Example { what: "Forgets a variable", run: "$pool = 1; Remove-Variable pool; $null -eq $pool" }];

    fn spec() -> CmdletSpec {
        let signature =
            Signature::new(Self::NAME).parameter("Name", many(ParameterType::String)).mandatory().at(0).by_property();
        choosing(signature).switch("Force").should_process().build()
    }
}

impl Run for RemoveVariable {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let scope = scope(bound)?;
        for variable in chosen(bound, cx)? {
            if !cx.should_process(&format!("Name: {}", variable.name), "Remove variable")? {
                continue;
            }
            if let Err(error) = cx.blocks.remove_variable(&variable.name, scope, bound.switch("Force")) {
                cx.error(error)?;
            }
        }
        Ok(())
    }
}
