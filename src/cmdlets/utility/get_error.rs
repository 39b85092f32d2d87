//! Get-Error: all that an error knows.

use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::number;
use crate::cmdlets::object::signature::{Signature, int};
use crate::error::Halt;
use crate::value::{Record, RecordType, TextForm, Value, enumerate, member, text};

/// Get-Error.
#[derive(Default)]
pub struct GetError;

impl ObjectCmdlet for GetError {
    const NAME: &'static str = "Get-Error";
    const EXAMPLES: &'static [Example] = &[Example {
        what: "What the last error knows",
        run: "Get-Item nowhere -ErrorAction SilentlyContinue; (Get-Error).FullyQualifiedErrorId",
    }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .sets(&["Newest", "Error"])
            .parameter("Newest", int())
            .aliases(&["Last"])
            .range(1.0, i32::MAX.into())
            .only(&["Newest"])
            .parameter("InputObject", ParameterType::Object)
            .at(0)
            .by_value()
            .only(&["Error"])
            .build()
    }
}

impl Run for GetError {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let errors = match bound.input().or_else(|| bound.get("InputObject")) {
            Some(given) => enumerate(given.clone()),
            None => {
                let newest = number(bound, "Newest").and_then(|n| usize::try_from(n).ok()).unwrap_or(1);
                let all = cx.blocks.variable("Error").map(enumerate).unwrap_or_default();
                all.into_iter().take(newest).collect()
            }
        };
        errors.iter().try_for_each(|error| cx.output(whole(error)))
    }
}

/// An error with everything in it as properties, which are shown as a list.
fn whole(error: &Value) -> Value {
    let get = |of: &Value, name: &str| member::get(of, name).unwrap_or_default();
    let exception = get(error, "Exception");
    let of_exception = [
        ("Type", Value::from(crate::value::types::name_of(&exception))),
        ("Message", get(&exception, "Message")),
        ("HResult", get(&exception, "HResult")),
    ];
    let kept = of_exception.into_iter().filter(|(_, value)| !value.is_null());
    let fields: Vec<(&str, Value)> = [
        ("Exception", Value::Record(Record::custom(kept))),
        ("TargetObject", get(error, "TargetObject")),
        ("CategoryInfo", get(error, "CategoryInfo")),
        ("FullyQualifiedErrorId", get(error, "FullyQualifiedErrorId")),
        ("ErrorDetails", get(error, "ErrorDetails")),
        ("InvocationInfo", get(error, "InvocationInfo")),
        ("ScriptStackTrace", get(error, "ScriptStackTrace")),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_null() && !text::to_text(value).is_empty())
    .collect();
    let kind = RecordType::new("System.Management.Automation.ErrorRecord#PSExtendedError", TextForm::TypeName);
    Value::Record(Record::new(kind, fields))
}
