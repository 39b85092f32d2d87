//! Join-String: one text of all objects.

use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::Signature;
use crate::cmdlets::object::{input, items, string};
use crate::error::Halt;
use crate::value::{Str, Value, member, ops, text};

/// Join-String.
#[derive(Default)]
pub struct JoinString {
    parts: Vec<Str>,
}

impl ObjectCmdlet for JoinString {
    const NAME: &'static str = "Join-String";
    const EXAMPLES: &'static [Example] = &[Example {
        what: "The names of the pools in one line",
        run: "Get-CsPool | Join-String Identity -Separator \", \"",
    }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .sets(&["Default", "SingleQuote", "DoubleQuote", "Format"])
            .parameter("Property", ParameterType::Object)
            .at(0)
            .parameter("Separator", ParameterType::String)
            .at(1)
            .parameter("OutputPrefix", ParameterType::String)
            .aliases(&["op"])
            .parameter("OutputSuffix", ParameterType::String)
            .aliases(&["os"])
            .switch("SingleQuote")
            .only(&["SingleQuote"])
            .switch("DoubleQuote")
            .only(&["DoubleQuote"])
            .parameter("FormatString", ParameterType::String)
            .only(&["Format"])
            .switch("UseCulture")
            .input()
            .build()
    }
}

impl Run for JoinString {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let Some(given) = input(bound) else { return Ok(()) };
        for item in items(Some(given)).into_iter().filter(|item| !item.is_null()) {
            let value = match bound.get("Property") {
                Some(Value::Block(block)) => {
                    let mut made = Vec::new();
                    cx.blocks.run(block, Some(&item), &[], &mut |value| {
                        made.push(value);
                        Ok(())
                    })?;
                    Value::from_outputs(made)
                }
                Some(name) => member::get(&item, &text::to_text(name)).unwrap_or_default(),
                None => item,
            };
            if !value.is_null() {
                let text = text::to_text(&value);
                self.parts.push(if bound.switch("SingleQuote") {
                    format!("'{text}'").into()
                } else if bound.switch("DoubleQuote") {
                    format!("\"{text}\"").into()
                } else if let Some(format) = string(bound, "FormatString") {
                    text::to_text(&ops::binary("f", &Value::Str(format), &Value::list(vec![value]))?)
                } else {
                    text
                });
            }
        }
        Ok(())
    }

    fn end(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let part = |name: &str| string(bound, name).unwrap_or_default();
        let separator =
            if bound.switch("UseCulture") && bound.get("Separator").is_none() { ",".into() } else { part("Separator") };
        let joined = self.parts.join(&*separator);
        cx.output(format!("{}{joined}{}", part("OutputPrefix"), part("OutputSuffix")))
    }
}
