//! Get-Module: what a script asks before Import-Module. All of ours counts as loaded, under the names that the original
//! product's modules had.

use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::{Signature, many};
use crate::cmdlets::object::texts;
use crate::error::Halt;
use crate::value::wildcard::Wildcard;
use crate::value::{Record, RecordType, TextForm, Value, Version};

/// Modules whose cmdlets are here, with what is said of them.
const MODULES: [(&str, &str); 4] = [
    ("Lync", "Cmdlets of the management store, as Lync Server named their module"),
    ("Microsoft.PowerShell.Management", "Cmdlets for files and variables"),
    ("Microsoft.PowerShell.Utility", "Cmdlets for objects, texts and streams"),
    ("SkypeForBusiness", "Cmdlets of the management store, as Skype for Business Server named their module"),
];

/// Get-Module.
#[derive(Default)]
pub struct GetModule;

impl ObjectCmdlet for GetModule {
    const NAME: &'static str = "Get-Module";
    const ALIASES: &'static [&'static str] = &["gmo"];
    const EXAMPLES: &'static [Example] = &[Example {
        what: "As published scripts begin",
        run: "if (-not (Get-Module -Name Lync)) { Import-Module Lync }",
    }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .parameter("Name", many(ParameterType::String))
            .at(0)
            .by_value()
            .switch("ListAvailable")
            .switch("All")
            .switch("Refresh")
            .build()
    }
}

impl Run for GetModule {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let asked = texts(bound.get("Name")).iter().map(|name| Wildcard::new(name)).collect::<Result<Vec<_>, _>>()?;
        let kind = RecordType::new("System.Management.Automation.PSModuleInfo", TextForm::Property("Name"));
        // Its parts have no versions of their own.
        let version = Version::of_program();
        for (name, description) in MODULES {
            if asked.is_empty() || asked.iter().any(|pattern| pattern.matches(name)) {
                let fields = [
                    ("ModuleType", Value::str("Binary")),
                    ("Version", Value::from(version.clone())),
                    ("Name", Value::str(name)),
                    ("Description", Value::str(description)),
                ];
                cx.output(Record::new(kind.clone(), fields))?;
            }
        }
        Ok(())
    }
}
