//! Tee-Object: passes objects on, and keeps them in a file or a variable too.

use super::signature::Signature;
use super::{input, string};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::format::file::{self, Options, Target};
use crate::error::Halt;
use crate::format::Formatter;
use crate::value::{Value, enumerate};

/// Tee-Object.
#[derive(Default)]
pub struct TeeObject {
    kept: Vec<Value>,
    file: Option<(Formatter, Target)>,
}

impl ObjectCmdlet for TeeObject {
    const NAME: &'static str = "Tee-Object";
    const ALIASES: &'static [&'static str] = &["tee"];
    const EXAMPLES: &'static [Example] = &[
        Example {
            what: "Keeps the list of pools, and counts them",
            run: "Get-CsPool | Tee-Object -FilePath pools.txt | Measure-Object",
        },
        Example {
            what: "Keeps objects in a variable on the way",
            run: "1..3 | Tee-Object -Variable numbers | Measure-Object -Sum; $numbers",
        },
    ];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .sets(&["File", "LiteralFile", "Variable"])
            .input()
            .parameter("FilePath", ParameterType::String)
            .aliases(&["Path"])
            .mandatory()
            .at(0)
            .only(&["File"])
            .parameter("LiteralPath", ParameterType::String)
            .aliases(&["PSPath", "LP"])
            .mandatory()
            .only(&["LiteralFile"])
            .parameter("Variable", ParameterType::String)
            .mandatory()
            .only(&["Variable"])
            .switch("Append")
            .parameter("Encoding", file::encodings())
            .only(&["File", "LiteralFile"])
            .build()
    }
}

impl Run for TeeObject {
    fn begin(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        if bound.get("Variable").is_none() {
            let target = Target::open(&file::path(bound, "FilePath"), &Options::read(bound))?;
            self.file = Some((Formatter::new(cx.session.host.width()), target));
        }
        Ok(())
    }

    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let Some(item) = input(bound) else { return Ok(()) };
        match &mut self.file {
            Some((formatter, target)) => target.write(&formatter.push(item))?,
            None => self.kept.push(item.clone()),
        }
        cx.output(item.clone())
    }

    fn end(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        if let Some((mut formatter, mut target)) = self.file.take() {
            target.write(&formatter.finish())?;
            return Ok(target.finish()?);
        }
        let Some(name) = string(bound, "Variable") else { return Ok(()) };
        let mut all = Vec::new();
        if bound.switch("Append") {
            all.extend(cx.blocks.variable(&name).filter(|value| !value.is_null()).map(enumerate).unwrap_or_default());
        }
        all.append(&mut self.kept);
        cx.blocks.set_variable(&name, Value::from_outputs(all));
        Ok(())
    }
}
