//! Tee-Object: passes objects on, and keeps them in a file too.

use super::signature::Signature;
use super::{input, string};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::error::{Category, ErrorRecord, Halt};
use crate::format::Formatter;
use crate::value::Value;
use std::fs::OpenOptions;
use std::io::Write;

/// Tee-Object.
#[derive(Default)]
pub struct TeeObject {
    kept: Vec<Value>,
}

impl ObjectCmdlet for TeeObject {
    const NAME: &'static str = "Tee-Object";
    const ALIASES: &'static [&'static str] = &["tee"];
    const EXAMPLES: &'static [Example] =
        &[Example { what: "Keeps the list of pools, and counts them", run: "Get-CsPool | Tee-Object -FilePath pools.txt | Measure-Object" }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .sets(&["File", "LiteralFile"])
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
            .switch("Append")
            .build()
    }
}

impl Run for TeeObject {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let Some(item) = input(bound) else { return Ok(()) };
        self.kept.push(item.clone());
        cx.output(item.clone())
    }

    fn end(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let Some(path) = string(bound, "FilePath").or_else(|| string(bound, "LiteralPath")) else { return Ok(()) };
        let mut formatter = Formatter::new(cx.session.host.width());
        let mut text: String = self.kept.iter().map(|value| formatter.push(value)).collect();
        text.push_str(&formatter.finish());
        let append = bound.switch("Append");
        let file = OpenOptions::new().create(true).write(true).append(append).truncate(!append).open(&*path);
        file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|problem| {
            let error = ErrorRecord::new("FileOpenFailure", Category::OpenError, format!("{path} cannot be written: {problem}."));
            Halt::Error(error.target(path.clone()))
        })
    }
}
