//! Get-Module: what a script asks before Import-Module. All of ours counts as loaded, under the names that the original
//! product's modules had.

use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::{Signature, many};
use crate::cmdlets::object::texts;
use crate::error::{ErrorRecord, Halt};
use crate::value::wildcard::Wildcard;
use crate::value::{Record, RecordType, TextForm, Value, Version, same_name};

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
        let mut asked = texts(bound.get("Name"));
        if asked.is_empty() {
            asked.push("*".into());
        }
        for pattern in asked {
            matching(&pattern)?.into_iter().try_for_each(|module| cx.output(module))?;
        }
        Ok(())
    }
}

/// The modules whose names a pattern fits, as objects.
///
/// # Errors
/// That of a pattern that is none.
pub(super) fn matching(pattern: &str) -> Result<Vec<Record>, ErrorRecord> {
    let pattern = Wildcard::new(pattern)?;
    let kind = RecordType::new("System.Management.Automation.PSModuleInfo", TextForm::Property("Name"));
    let module = |(name, description): (&str, &str)| {
        let fields = [
            ("ModuleType", Value::str("Binary")),
            // Its parts have no versions of their own.
            ("Version", Value::from(Version::of_program())),
            ("Name", Value::str(name)),
            ("Description", Value::str(description)),
        ];
        Record::new(kind.clone(), fields)
    };
    Ok(MODULES.into_iter().filter(|(name, _)| pattern.matches(name)).map(module).collect())
}

/// Nouns of PowerShell's own cmdlets that its module for management has.
const MANAGED: &[&str] = &["Item", "ChildItem", "Content", "Location", "Path"];

/// The modules that a cmdlet counts as one of.
pub(in crate::cmdlets) fn of_cmdlet(name: &str) -> &'static [&'static str] {
    let noun = name.split_once('-').map_or("", |(_, noun)| noun);
    if noun.starts_with("Cs") {
        return &["SkypeForBusiness", "Lync"];
    }
    let managed = MANAGED.iter().any(|known| same_name(known, noun));
    if managed { &["Microsoft.PowerShell.Management"] } else { &["Microsoft.PowerShell.Utility"] }
}
