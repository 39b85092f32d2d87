//! Tee-Object: passes objects on, and keeps them in a file or a variable too.

use super::signature::Signature;
use super::{input, string};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::error::{Category, ErrorRecord, Halt};
use crate::format::Formatter;
use crate::value::{Value, enumerate};
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
        if let Some(name) = string(bound, "Variable") {
            let mut all = Vec::new();
            if bound.switch("Append") {
                all.extend(
                    cx.blocks.variable(&name).filter(|value| !value.is_null()).map(enumerate).unwrap_or_default(),
                );
            }
            all.append(&mut self.kept);
            cx.blocks.set_variable(&name, Value::from_outputs(all));
            return Ok(());
        }
        let Some(path) = string(bound, "FilePath").or_else(|| string(bound, "LiteralPath")) else { return Ok(()) };
        let mut formatter = Formatter::new(cx.session.host.width());
        let mut text: String = self.kept.iter().map(|value| formatter.push(value)).collect();
        text.push_str(&formatter.finish());
        let append = bound.switch("Append");
        let file = OpenOptions::new().create(true).write(true).append(append).truncate(!append).open(&*path);
        file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|problem| {
            let error = ErrorRecord::new(
                "FileOpenFailure",
                Category::OpenError,
                format!("{path} cannot be written: {problem}."),
            );
            Halt::Error(error.target(path.clone()))
        })
    }
}
