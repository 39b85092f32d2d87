//! New-Variable: makes a variable that is not there yet.

use super::{bare, making, object, protection, scope};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::variable::{Variable, VariableScope};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::Signature;
use crate::cmdlets::object::string;
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::same_name;

/// New-Variable.
#[derive(Default)]
pub struct NewVariable;

impl ObjectCmdlet for NewVariable {
    const NAME: &'static str = "New-Variable";
    const EXAMPLES: &'static [Example] =
        &[Example { what: "A constant", run: "New-Variable limit 5 -Option Constant; $limit" }];

    fn spec() -> CmdletSpec {
        let signature = Signature::new(Self::NAME)
            .parameter("Name", ParameterType::String)
            .mandatory()
            .at(0)
            .by_property()
            .parameter("Value", ParameterType::Object)
            .at(1)
            .by_value()
            .by_property()
            .parameter("Scope", ParameterType::String);
        making(signature).should_process().build()
    }
}

impl Run for NewVariable {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let scope = match scope(bound)? {
            VariableScope::Any => VariableScope::Outwards(0),
            other => other,
        };
        let name = string(bound, "Name").unwrap_or_default();
        let name = bare(&name);
        let value = bound.get("Value").cloned().unwrap_or_default();
        if !cx.should_process(&format!("Name: {name} Value: {value}"), "New variable")? {
            return Ok(());
        }
        let force = bound.switch("Force");
        if !force && cx.blocks.variables(scope).iter().any(|v| same_name(&v.name, name)) {
            let message = format!("There is a variable '{name}' already.");
            let error = ErrorRecord::new("VariableAlreadyExists", Category::ResourceExists, message).target(name);
            return cx.error(error.hint("Set-Variable changes it."));
        }
        let variable = Variable {
            name: name.into(),
            value,
            protection: protection(bound).unwrap_or_default(),
            description: string(bound, "Description").unwrap_or_default(),
            assigned: false,
        };
        let shown = bound.switch("PassThru").then(|| object(&variable));
        match cx.blocks.define_variable(variable, scope, force) {
            Ok(()) => shown.into_iter().try_for_each(|shown| cx.output(shown)),
            Err(error) => cx.error(error),
        }
    }
}
