//! Out-String: the text that the terminal would show.

use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::{Signature, int};
use crate::cmdlets::object::{count, input};
use crate::error::Halt;
use crate::format::Formatter;
use crate::value::Value;

/// Out-String.
#[derive(Default)]
pub struct OutString {
    formatter: Option<Formatter>,
    text: String,
}

impl ObjectCmdlet for OutString {
    const NAME: &'static str = "Out-String";
    const EXAMPLES: &'static [Example] = &[
        Example { what: "A table as one text", run: "Get-CsPool | Format-Table Identity | Out-String -Width 60" },
        Example { what: "Its lines one by one", run: "Get-CsSite | Out-String -Stream | Select-Object -First 5" },
    ];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .sets(&["NoNewLineFormatting", "StreamFormatting"])
            .switch("Stream")
            .only(&["StreamFormatting"])
            .parameter("Width", int())
            .range(2.0, i32::MAX.into())
            .input()
            .switch("NoNewline")
            .only(&["NoNewLineFormatting"])
            .build()
    }
}

impl OutString {
    fn take(&mut self, text: &str, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        if bound.switch("Stream") {
            for line in text.lines() {
                cx.output(line)?;
            }
        } else if bound.switch("NoNewline") {
            self.text.extend(text.lines());
        } else {
            self.text.push_str(text);
        }
        Ok(())
    }
}

impl Run for OutString {
    fn begin(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        self.formatter = Some(Formatter::new(count(bound, "Width").unwrap_or_else(|| cx.session.host.width())));
        Ok(())
    }

    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let (Some(item), Some(formatter)) = (input(bound), &mut self.formatter) else { return Ok(()) };
        let text = formatter.push(item);
        self.take(&text, bound, cx)
    }

    fn end(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let text = self.formatter.as_mut().map(Formatter::finish).unwrap_or_default();
        self.take(&text, bound, cx)?;
        if bound.switch("Stream") { Ok(()) } else { cx.output(Value::str(std::mem::take(&mut self.text))) }
    }
}
