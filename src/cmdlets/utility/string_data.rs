//! ConvertFrom-StringData: lines `name=value` as a hashtable.

use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::Signature;
use crate::cmdlets::object::string;
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::{Table, Value, statics};

/// ConvertFrom-StringData.
#[derive(Default)]
pub struct ConvertFromStringData;

impl ObjectCmdlet for ConvertFromStringData {
    const NAME: &'static str = "ConvertFrom-StringData";
    const EXAMPLES: &'static [Example] =
        &[Example { what: "Settings", run: "(ConvertFrom-StringData \"Pool=a`nSite=b\").Site" }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .parameter("StringData", ParameterType::String)
            .mandatory()
            .at(0)
            .by_value()
            .allow_empty_string()
            .parameter("Delimiter", ParameterType::String)
            .doc("char")
            .at(1)
            .build()
    }
}

impl Run for ConvertFromStringData {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let data = string(bound, "StringData").unwrap_or_default();
        let delimiter = string(bound, "Delimiter").filter(|d| !d.is_empty()).unwrap_or_else(|| "=".into());
        let table = Table::new(false);
        let invalid = |message: String| {
            ErrorRecord::new("InvalidOperation", Category::InvalidOperation, message).target(Value::Str(data.clone()))
        };
        for line in data.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let Some((name, value)) = line.split_once(&*delimiter) else {
                return Err(invalid(format!(
                    "The line '{line}' has no '{delimiter}': a line is name{delimiter}value."
                ))
                .into());
            };
            let name = Value::str(name.trim());
            if table.get(&name).is_some() {
                return Err(invalid(format!("The name '{name}' is there already: line '{line}'.")).into());
            }
            let value = statics::call("System.Text.RegularExpressions.Regex", "Unescape", &[value.trim().into()])?;
            table.put(name, value);
        }
        cx.output(Value::Map(table))
    }
}
