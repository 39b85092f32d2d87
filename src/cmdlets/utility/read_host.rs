//! Read-Host: a line from whoever sits at the terminal.

use crate::cmdlet::host::nobody;
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::Signature;
use crate::error::Halt;
use crate::value::{secret, text};

/// Read-Host.
#[derive(Default)]
pub struct ReadHost;

impl ObjectCmdlet for ReadHost {
    const NAME: &'static str = "Read-Host";
    const EXAMPLES: &'static [Example] = &[
        Example { what: "Asks for a name", run: "Read-Host -Prompt \"Name of the pool\"" },
        Example { what: "Asks for a secret, which is not shown", run: "$pin = Read-Host PIN -AsSecureString" },
    ];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .sets(&["AsString", "AsSecureString"])
            .parameter("Prompt", ParameterType::Object)
            .at(0)
            .remaining()
            .switch("MaskInput")
            .only(&["AsString"])
            .switch("AsSecureString")
            .only(&["AsSecureString"])
            .build()
    }
}

impl Run for ReadHost {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let prompt = bound.get("Prompt").map(|value| format!("{}: ", text::to_text(value))).unwrap_or_default();
        let is_secret = bound.switch("AsSecureString");
        let line = if cx.session.host.can_ask() {
            cx.session.host.read_line(&prompt, is_secret || bound.switch("MaskInput"))
        } else {
            None
        };
        match line {
            Some(line) if is_secret => cx.output(secret::new(&line)),
            Some(line) => cx.output(line),
            None => Err(nobody("InvalidOperation", "a line").into()),
        }
    }
}
