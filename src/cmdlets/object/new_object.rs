//! New-Object: an object of a type, with a constructor's arguments and properties.

use super::signature::{Signature, many};
use super::{items, string};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::error::Halt;
use crate::value::{Record, Value, member, statics};

/// New-Object.
#[derive(Default)]
pub struct NewObject;

impl ObjectCmdlet for NewObject {
    const NAME: &'static str = "New-Object";
    const EXAMPLES: &'static [Example] = &[
        Example {
            what: "An object of one's own",
            run: "New-Object PSObject -Property @{Name=\"atl-cs-001.litwareinc.com\"; Checked=$true}",
        },
        Example { what: "A duration of two hours", run: "New-Object TimeSpan 2,0,0" },
    ];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .parameter("TypeName", ParameterType::String)
            .mandatory()
            .at(0)
            .parameter("ArgumentList", many(ParameterType::Object))
            .aliases(&["Args"])
            .at(1)
            .allow_null()
            .parameter("Property", ParameterType::Hashtable)
            .build()
    }
}

impl Run for NewObject {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let name = string(bound, "TypeName").unwrap_or_default();
        let lower = name.to_lowercase();
        let bare = lower.strip_prefix("system.management.automation.").unwrap_or(&lower);
        let made = if matches!(bare, "psobject" | "pscustomobject") {
            Value::Record(Record::custom(Vec::<(&str, Value)>::new()))
        } else {
            statics::create(&name, &items(bound.get("ArgumentList")))?
        };
        if let Some(Value::Map(table)) = bound.get("Property") {
            for (name, value) in table.named() {
                match &made {
                    Value::Record(record) if record.kind().name.ends_with("PSCustomObject") => record.put(&name, value),
                    other => member::set(other, &name, value)?,
                }
            }
        }
        // A list is one object here, as it is in PowerShell.
        cx.output(made)
    }
}
