//! Export-Clixml, Import-Clixml, ConvertTo-CliXml, ConvertFrom-CliXml: objects with their types, as XML.

use super::file::{self, Options, Target};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::file::paths;
use crate::cmdlets::object::signature::{Signature, int, many};
use crate::cmdlets::object::{count, input, texts};
use crate::error::Halt;
use crate::format::clixml::{self, Writer};
use crate::value::{Value, enumerate};

/// How deep properties are followed where nobody says, as in PowerShell.
const DEPTH: usize = 2;

fn depth(signature: Signature) -> Signature {
    signature.parameter("Depth", int()).range(1.0, i32::MAX.into())
}

fn writer(bound: &Bound) -> Writer {
    Writer::new(count(bound, "Depth").unwrap_or(DEPTH))
}

/// Export-Clixml.
#[derive(Default)]
pub struct ExportClixml {
    /// `None` under -WhatIf.
    open: Option<(Writer, Target)>,
}

impl ObjectCmdlet for ExportClixml {
    const NAME: &'static str = "Export-Clixml";
    const ALIASES: &'static [&'static str] = &["epxml"];
    const EXAMPLES: &'static [Example] = &[
        Example {
            what: "Keeps objects with their types, and reads them again",
            run: "Get-CsSite | Export-Clixml sites.xml; (Import-Clixml sites.xml).Identity",
        },
        Example {
            what: "With all that a table holds",
            run: "@{Checked=Get-Date; Pools=1,2} | Export-Clixml state.xml -Depth 5",
        },
    ];

    fn spec() -> CmdletSpec {
        let signature = Signature::new(Self::NAME)
            .sets(&["ByPath", "ByLiteralPath"])
            .should_process()
            .parameter("Path", ParameterType::String)
            .mandatory()
            .at(0)
            .only(&["ByPath"])
            .parameter("LiteralPath", ParameterType::String)
            .aliases(&["PSPath", "LP"])
            .mandatory()
            .only(&["ByLiteralPath"])
            .input()
            .mandatory()
            .switch("Force")
            .switch("NoClobber")
            .aliases(&["NoOverwrite"])
            .parameter("Encoding", file::encodings());
        depth(signature).build()
    }
}

impl Run for ExportClixml {
    fn begin(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let path = file::path(bound, "Path");
        if cx.should_process(&path, "Export-Clixml")? {
            self.open = Some((writer(bound), Target::open(&path, &Options::read(bound))?));
        }
        Ok(())
    }

    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        cx.session.check_interrupt()?;
        if let (Some((writer, target)), Some(value)) = (&mut self.open, input(bound)) {
            writer.add(value);
            target.write(&writer.take())?;
        }
        Ok(())
    }

    fn end(&mut self, _bound: &Bound, _cx: &mut Context) -> Result<(), Halt> {
        let Some((mut writer, mut target)) = self.open.take() else { return Ok(()) };
        writer.finish();
        target.write(&writer.take())?;
        Ok(target.finish()?)
    }
}

/// Import-Clixml.
#[derive(Default)]
pub struct ImportClixml;

impl ObjectCmdlet for ImportClixml {
    const NAME: &'static str = "Import-Clixml";
    const ALIASES: &'static [&'static str] = &["ipxml"];
    const EXAMPLES: &'static [Example] = &[Example {
        what: "What has changed since yesterday's export",
        run: "Get-CsPool | Export-Clixml pools.xml; Compare-Object (Import-Clixml pools.xml) (Get-CsPool) -Property Identity",
    }];

    fn spec() -> CmdletSpec {
        let number = || ParameterType::Integer { name: "UInt64".into(), min: 0, max: i64::MAX };
        Signature::new(Self::NAME)
            .sets(&["ByPath", "ByLiteralPath"])
            .parameter("Path", many(ParameterType::String))
            .mandatory()
            .at(0)
            .by_value()
            .by_property()
            .only(&["ByPath"])
            .parameter("LiteralPath", many(ParameterType::String))
            .aliases(&["PSPath", "LP"])
            .mandatory()
            .by_property()
            .only(&["ByLiteralPath"])
            .switch("IncludeTotalCount")
            .parameter("Skip", number())
            .parameter("First", number())
            .build()
    }
}

impl Run for ImportClixml {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        for path in paths::given(bound, cx)? {
            let values = clixml::read(&file::read(&path.display().to_string(), bound)?)?;
            if bound.switch("IncludeTotalCount") {
                cx.output(i64::try_from(values.len()).unwrap_or(i64::MAX))?;
            }
            let (skip, first) = (count(bound, "Skip").unwrap_or(0), count(bound, "First").unwrap_or(usize::MAX));
            // What is one object in the file is one here, but a list stands for its elements.
            let objects = values.into_iter().flat_map(enumerate);
            objects.skip(skip).take(first).try_for_each(|value| cx.output(value))?;
        }
        Ok(())
    }
}

/// ConvertTo-CliXml.
#[derive(Default)]
pub struct ConvertToClixml {
    objects: Vec<Value>,
}

impl ObjectCmdlet for ConvertToClixml {
    const NAME: &'static str = "ConvertTo-CliXml";
    const EXAMPLES: &'static [Example] =
        &[Example { what: "An object as a text that keeps its types", run: "Get-Date 2026-11-21 | ConvertTo-CliXml" }];

    fn spec() -> CmdletSpec {
        let signature = Signature::new(Self::NAME)
            .parameter("InputObject", ParameterType::Object)
            .doc("psobject")
            .mandatory()
            .at(0)
            .by_value()
            .allow_null();
        depth(signature).build()
    }
}

impl Run for ConvertToClixml {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        self.objects.extend(input(bound).cloned());
        cx.session.check_interrupt()
    }

    fn end(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let mut writer = writer(bound);
        self.objects.iter().for_each(|value| writer.add(value));
        writer.finish();
        cx.output(writer.take())
    }
}

/// ConvertFrom-CliXml.
#[derive(Default)]
pub struct ConvertFromClixml {
    text: String,
}

impl ObjectCmdlet for ConvertFromClixml {
    const NAME: &'static str = "ConvertFrom-CliXml";
    const EXAMPLES: &'static [Example] =
        &[Example { what: "There and back", run: "1, \"two\" | ConvertTo-CliXml | ConvertFrom-CliXml" }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .parameter("InputObject", many(ParameterType::String))
            .mandatory()
            .at(0)
            .by_value()
            .build()
    }
}

impl Run for ConvertFromClixml {
    fn process(&mut self, bound: &Bound, _cx: &mut Context) -> Result<(), Halt> {
        for line in texts(bound.get("InputObject")) {
            self.text.push_str(&line);
            self.text.push('\n');
        }
        Ok(())
    }

    fn end(&mut self, _bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        clixml::read(&self.text)?.into_iter().flat_map(enumerate).try_for_each(|value| cx.output(value))
    }
}
