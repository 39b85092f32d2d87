//! Set-Variable: sets variables, and says what protects them.

use super::{bare, choosing, making, object, protection, scope};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::variable::Variable;
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::{Signature, many};
use crate::cmdlets::object::{string, texts};
use crate::error::Halt;
use crate::value::{Value, same_name};

/// Set-Variable.
#[derive(Default)]
pub struct SetVariable {
    values: Vec<Value>,
    /// The value comes from the pipeline.
    piped: bool,
}

impl ObjectCmdlet for SetVariable {
    const NAME: &'static str = "Set-Variable";
    const EXAMPLES: &'static [Example] = &[Example {
        what: "A variable that nobody changes by mistake",
        run: "Set-Variable site Redmond -Option ReadOnly; $site",
    }];

    fn spec() -> CmdletSpec {
        let signature = Signature::new(Self::NAME)
            .parameter("Name", many(ParameterType::String))
            .mandatory()
            .at(0)
            .by_property()
            .parameter("Value", ParameterType::Object)
            .at(1)
            .by_value()
            .by_property();
        making(choosing(signature)).should_process().build()
    }
}

impl Run for SetVariable {
    fn process(&mut self, bound: &Bound, _cx: &mut Context) -> Result<(), Halt> {
        if let Some(value) = bound.input().and(bound.get("Value")) {
            self.piped = true;
            self.values.push(value.clone());
        }
        Ok(())
    }

    fn end(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let scope = scope(bound)?;
        let values = std::mem::take(&mut self.values);
        let given = if self.piped { Some(Value::from_outputs(values)) } else { bound.get("Value").cloned() };
        for name in texts(bound.get("Name")) {
            let name = bare(&name);
            if !cx
                .should_process(&format!("Name: {name} Value: {}", given.clone().unwrap_or_default()), "Set variable")?
            {
                continue;
            }
            let there = cx.blocks.variables(scope).into_iter().find(|v| same_name(&v.name, name));
            let mut variable = there.unwrap_or_else(|| Variable { name: name.into(), ..Variable::default() });
            let changes = given.is_some();
            if changes || bound.get("Option").is_none() {
                variable.value = given.clone().unwrap_or_default();
            }
            if let Some(protection) = protection(bound) {
                variable.protection = protection;
            }
            if let Some(description) = string(bound, "Description") {
                variable.description = description;
            }
            let shown = bound.switch("PassThru").then(|| object(&variable));
            match cx.blocks.define_variable(variable, scope, bound.switch("Force")) {
                Ok(()) => shown.into_iter().try_for_each(|shown| cx.output(shown))?,
                Err(error) => cx.error(error)?,
            }
        }
        Ok(())
    }
}
