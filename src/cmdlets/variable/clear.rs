//! Clear-Variable: keeps variables, without their values.

use super::{choosing, chosen, object, scope};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::variable::Variable;
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::{Signature, many};
use crate::error::Halt;
use crate::value::Value;

/// Clear-Variable.
#[derive(Default)]
pub struct ClearVariable;

impl ObjectCmdlet for ClearVariable {
    const NAME: &'static str = "Clear-Variable";
    const EXAMPLES: &'static [Example] =
        &[Example { what: "A variable loses its value", run: "$pool = 1; Clear-Variable pool; $null -eq $pool" }];

    fn spec() -> CmdletSpec {
        let signature =
            Signature::new(Self::NAME).parameter("Name", many(ParameterType::String)).mandatory().at(0).by_property();
        choosing(signature).switch("Force").switch("PassThru").should_process().build()
    }
}

impl Run for ClearVariable {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let scope = scope(bound)?;
        for variable in chosen(bound, cx)? {
            if !cx.should_process(&format!("Name: {}", variable.name), "Clear variable")? {
                continue;
            }
            let variable = Variable { value: Value::Null, ..variable };
            let shown = bound.switch("PassThru").then(|| object(&variable));
            match cx.blocks.define_variable(variable, scope, bound.switch("Force")) {
                Ok(()) => shown.into_iter().try_for_each(|shown| cx.output(shown))?,
                Err(error) => cx.error(error)?,
            }
        }
        Ok(())
    }
}
