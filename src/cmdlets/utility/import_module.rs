//! Import-Module: accepted by a module's name, because published scripts begin with it; everything is loaded here from
//! the start. A module's file is refused, with the way here.

use super::get_module;
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::{Signature, choice, many};
use crate::cmdlets::object::texts;
use crate::error::{Category, ErrorRecord, Halt};

/// What the names of modules' files end in.
const FILES: &[&str] = &[".psm1", ".psd1", ".ps1", ".dll", ".cdxml", ".rhai"];

/// Import-Module.
#[derive(Default)]
pub struct ImportModule;

impl ObjectCmdlet for ImportModule {
    const NAME: &'static str = "Import-Module";
    const ALIASES: &'static [&'static str] = &["ipmo"];
    const EXAMPLES: &'static [Example] =
        &[Example { what: "As published scripts begin", run: "Import-Module SkypeForBusiness -Verbose" }];

    fn spec() -> CmdletSpec {
        let mut signature = Signature::new(Self::NAME)
            .parameter("Name", many(ParameterType::String))
            .mandatory()
            .at(0)
            .by_value()
            .parameter("Prefix", ParameterType::String);
        for name in ["Function", "Cmdlet", "Variable", "Alias"] {
            signature = signature.parameter(name, many(ParameterType::String));
        }
        for name in ["MinimumVersion", "MaximumVersion", "RequiredVersion"] {
            // `1.0` is a number for a script, and a text keeps its zero.
            signature = signature.parameter(name, ParameterType::String).doc("version");
        }
        let switches = ["Force", "Global", "DisableNameChecking", "NoClobber", "SkipEditionCheck"];
        signature = switches.into_iter().fold(signature, Signature::switch);
        signature
            .parameter("ArgumentList", many(ParameterType::Object))
            .aliases(&["Args"])
            .parameter("Scope", choice("Scope", &["Local", "Global"]))
            .switch("UseWindowsPowerShell")
            .aliases(&["UseWinPS"])
            .switch("PassThru")
            .build()
    }
}

/// The error for a module's file.
fn is_file(name: &str) -> Option<ErrorRecord> {
    let lower = name.to_lowercase();
    let ending = FILES.iter().find(|ending| lower.ends_with(*ending));
    if ending.is_none() && !name.contains(['/', '\\']) {
        return None;
    }
    let message = format!("The module {name} is not loaded: files of modules are not read here.");
    let error = ErrorRecord::new("Modules_ModuleNotFound", Category::ObjectNotFound, message).target(name);
    let plain = name.replace('\\', "/");
    Some(match ending {
        Some(&".rhai") => error.hint(format!("Rhai has a statement for it: import \"{}\" as lib;", plain.trim_end_matches(".rhai"))),
        Some(&".dll") => error.hint("Get-Command *WORD* lists the cmdlets that are here."),
        _ => error.hint(
            "Functions of other files are those of a .rhai file here: import \"lib\" as lib; and then lib::function(…).",
        ),
    })
}

impl Run for ImportModule {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        if let Some(prefix) = bound.get("Prefix").filter(|prefix| !prefix.is_null()) {
            cx.warning(format!("-Prefix {prefix} gives the cmdlets no other names here."));
        }
        for name in texts(bound.get("Name")) {
            if let Some(error) = is_file(&name) {
                cx.error(error)?;
                continue;
            }
            cx.verbose(format!("Nothing is loaded for {name}: every cmdlet is there from the start."));
            if bound.switch("PassThru") {
                get_module::matching(&name)?.into_iter().try_for_each(|module| cx.output(module))?;
            }
        }
        Ok(())
    }
}
