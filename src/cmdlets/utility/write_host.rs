//! Write-Host: a text for whoever looks, in colour.

use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, Message, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::{Signature, choice};
use crate::cmdlets::object::string;
use crate::error::Halt;
use crate::value::{Str, Value, enumerate, text, types};

/// Write-Host.
#[derive(Default)]
pub struct WriteHost;

impl ObjectCmdlet for WriteHost {
    const NAME: &'static str = "Write-Host";
    const EXAMPLES: &'static [Example] = &[Example {
        what: "A text in green",
        run: "Write-Host \"All replicas are up to date.\" -ForegroundColor Green",
    }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .parameter("Object", ParameterType::Object)
            .aliases(&["Msg", "Message"])
            .at(0)
            .by_value()
            .remaining()
            .allow_null()
            .switch("NoNewline")
            .parameter("Separator", ParameterType::Object)
            .parameter("ForegroundColor", colours())
            .parameter("BackgroundColor", colours())
            .build()
    }
}

/// The colours of .NET's consoles.
fn colours() -> ParameterType {
    choice("ConsoleColor", types::enum_names("System.ConsoleColor").unwrap_or_default())
}

/// The text of an object; the elements of a list, and of lists in it, with a separator between them.
fn shown(value: &Value, separator: &str) -> Str {
    match value {
        Value::List(list) => {
            list.iter().map(|item| shown(item, separator)).collect::<Vec<Str>>().join(separator).into()
        }
        other => match crate::value::enumerate::items(other) {
            Some(_) => shown(&Value::list(enumerate(other.clone())), separator),
            None => text::to_text(other),
        },
    }
}

impl Run for WriteHost {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let separator = string(bound, "Separator").unwrap_or_else(|| " ".into());
        let text = bound.get("Object").or(bound.input()).map(|value| shown(value, &separator));
        cx.session.write(Message::Information {
            text: text.unwrap_or_default().to_string(),
            no_newline: bound.switch("NoNewline"),
            foreground: string(bound, "ForegroundColor").map(|name| name.to_string()),
            background: string(bound, "BackgroundColor").map(|name| name.to_string()),
        });
        Ok(())
    }
}
