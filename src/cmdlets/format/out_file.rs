//! Out-File: the text that the terminal would show, into a file.

use super::file::{self, Target};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::{Signature, int};
use crate::cmdlets::object::{count, input};
use crate::error::Halt;
use crate::format::Formatter;

/// Out-File.
#[derive(Default)]
pub struct OutFile {
    /// `None` under -WhatIf.
    open: Option<(Formatter, Target)>,
}

impl ObjectCmdlet for OutFile {
    const NAME: &'static str = "Out-File";
    const EXAMPLES: &'static [Example] = &[
        Example { what: "The pools as a text in a file", run: "Get-CsPool | Out-File pools.txt -Width 200" },
        Example { what: "More at its end", run: "Get-CsSite | Out-File pools.txt -Append" },
    ];

    fn spec() -> CmdletSpec {
        let spec = Signature::new(Self::NAME)
            .sets(&["ByPath", "ByLiteralPath"])
            .should_process()
            .parameter("FilePath", ParameterType::String)
            .aliases(&["Path"])
            .mandatory()
            .at(0)
            .only(&["ByPath"])
            .parameter("LiteralPath", ParameterType::String)
            .aliases(&["PSPath", "LP"])
            .mandatory()
            .by_property()
            .only(&["ByLiteralPath"])
            .parameter("Encoding", file::encodings())
            .at(1)
            .switch("Append")
            .switch("Force")
            .switch("NoClobber")
            .aliases(&["NoOverwrite"])
            .parameter("Width", int())
            .range(2.0, i32::MAX.into())
            .switch("NoNewline");
        spec.input().build()
    }
}

impl OutFile {
    fn write(&mut self, text: &str, no_newline: bool) -> Result<(), Halt> {
        let Some((_, target)) = &mut self.open else { return Ok(()) };
        if no_newline {
            text.lines().try_for_each(|line| target.write(line))?;
        } else {
            target.write(text)?;
        }
        Ok(())
    }
}

impl Run for OutFile {
    fn begin(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let path = file::path(bound, "FilePath");
        if cx.should_process(&path, "Output to File")? {
            let width = count(bound, "Width").unwrap_or_else(|| cx.session.host.width());
            self.open = Some((Formatter::new(width), Target::open(&path, &file::Options::read(bound))?));
        }
        Ok(())
    }

    fn process(&mut self, bound: &Bound, _cx: &mut Context) -> Result<(), Halt> {
        let (Some(item), Some((formatter, _))) = (input(bound), &mut self.open) else { return Ok(()) };
        let text = formatter.push(item);
        self.write(&text, bound.switch("NoNewline"))
    }

    fn end(&mut self, bound: &Bound, _cx: &mut Context) -> Result<(), Halt> {
        let text = self.open.as_mut().map(|(formatter, _)| formatter.finish()).unwrap_or_default();
        self.write(&text, bound.switch("NoNewline"))?;
        if let Some((_, target)) = self.open.take() {
            target.finish()?;
        }
        Ok(())
    }
}
