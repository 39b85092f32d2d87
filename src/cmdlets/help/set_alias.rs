//! Set-Alias, New-Alias, Remove-Alias: short names for commands, for this session.

use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::{Signature, choice, many};
use crate::cmdlets::object::{string, texts};
use crate::error::{Category, ErrorRecord, Halt};

fn spec(name: &str) -> CmdletSpec {
    Signature::new(name)
        .should_process()
        .parameter("Name", ParameterType::String)
        .mandatory()
        .at(0)
        .by_property()
        .parameter("Value", ParameterType::String)
        .mandatory()
        .at(1)
        .by_property()
        .parameter("Description", ParameterType::String)
        .by_property()
        .parameter("Option", choice("ScopedItemOptions", &["None", "ReadOnly", "Constant", "Private", "AllScope"]))
        .by_property()
        .parameter("Scope", ParameterType::String)
        .switch("Force")
        .switch("PassThru")
        .build()
}

fn set(bound: &Bound, cx: &mut Context, what: &str) -> Result<(), Halt> {
    let (name, value) = (string(bound, "Name").unwrap_or_default(), string(bound, "Value").unwrap_or_default());
    if cx.should_process(&format!("Name: {name} Value: {value}"), what)? {
        cx.session.registry.set_alias(&name, &value);
        if bound.switch("PassThru") {
            cx.output(super::get_alias::record(&name, &value))?;
        }
    }
    Ok(())
}

/// Set-Alias.
#[derive(Default)]
pub struct SetAlias;

impl ObjectCmdlet for SetAlias {
    const NAME: &'static str = "Set-Alias";
    const ALIASES: &'static [&'static str] = &["sal"];
    const EXAMPLES: &'static [Example] =
        &[Example { what: "A short name for a cmdlet", run: "Set-Alias pools Get-CsPool; Get-Alias pools" }];

    fn spec() -> CmdletSpec {
        spec(Self::NAME)
    }
}

impl Run for SetAlias {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        set(bound, cx, "Set Alias")
    }
}

/// New-Alias.
#[derive(Default)]
pub struct NewAlias;

impl ObjectCmdlet for NewAlias {
    const NAME: &'static str = "New-Alias";
    const ALIASES: &'static [&'static str] = &["nal"];
    const EXAMPLES: &'static [Example] =
        &[Example { what: "A short name that is not there yet", run: "New-Alias sites Get-CsSite -PassThru" }];

    fn spec() -> CmdletSpec {
        spec(Self::NAME)
    }
}

impl Run for NewAlias {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let name = string(bound, "Name").unwrap_or_default();
        if cx.session.registry.alias(&name).is_some() && !bound.switch("Force") {
            let message = format!("There is an alias {name} already.");
            let error = ErrorRecord::new("AliasAlreadyExists", Category::ResourceExists, message).target(name);
            return cx.error(error.hint("Set-Alias changes it."));
        }
        set(bound, cx, "New Alias")
    }
}

/// Remove-Alias.
#[derive(Default)]
pub struct RemoveAlias;

impl ObjectCmdlet for RemoveAlias {
    const NAME: &'static str = "Remove-Alias";
    const EXAMPLES: &'static [Example] =
        &[Example { what: "Takes back a short name", run: "Set-Alias pools Get-CsPool; Remove-Alias pools" }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .parameter("Name", many(ParameterType::String))
            .mandatory()
            .at(0)
            .by_value()
            .by_property()
            .parameter("Scope", ParameterType::String)
            .switch("Force")
            .build()
    }
}

impl Run for RemoveAlias {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        for name in texts(bound.get("Name")) {
            if cx.session.registry.remove_alias(&name) {
                continue;
            }
            let error = if cx.session.registry.alias(&name).is_some() {
                let message = format!("The alias {name} belongs to the shell.");
                ErrorRecord::new("AliasNotRemovable", Category::WriteError, message)
                    .hint("Set-Alias gives the name another meaning.")
            } else {
                ErrorRecord::new("AliasNotFound", Category::ObjectNotFound, format!("There is no alias {name}."))
            };
            cx.error(error.target(name))?;
        }
        Ok(())
    }
}
