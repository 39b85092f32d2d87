//! Get-Content: the lines of files.

use super::file;
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::{Signature, int, many};
use crate::cmdlets::object::{number, texts};
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::Value;

/// Get-Content.
#[derive(Default)]
pub struct GetContent;

impl ObjectCmdlet for GetContent {
    const NAME: &'static str = "Get-Content";
    const ALIASES: &'static [&'static str] = &["gc", "type", "cat"];
    const EXAMPLES: &'static [Example] = &[Example {
        what: "The users that a file names, one in a line",
        run: "\"Ken Myer\" | Out-File names.txt; Get-Content names.txt | Get-CsUser | Select-Object DisplayName",
    }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .parameter("Path", many(ParameterType::String))
            .at(0)
            .by_property()
            .parameter("LiteralPath", many(ParameterType::String))
            .aliases(&["PSPath", "LP"])
            .by_property()
            .parameter("TotalCount", int())
            .aliases(&["First", "Head"])
            .range(0.0, i32::MAX.into())
            .parameter("Tail", int())
            .aliases(&["Last"])
            .range(0.0, i32::MAX.into())
            .switch("Raw")
            .parameter("Encoding", file::encodings())
            .build()
    }
}

impl Run for GetContent {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let mut paths = texts(bound.get("Path"));
        paths.extend(texts(bound.get("LiteralPath")));
        if paths.is_empty() {
            let message = "Get-Content reads a file: give -Path or -LiteralPath.";
            let error = ErrorRecord::new("MissingMandatoryParameter", Category::InvalidArgument, message);
            return Err(error.hint("Get-Content names.txt").into());
        }
        let most = |name: &str| number(bound, name).and_then(|count| usize::try_from(count).ok());
        for path in paths {
            let text = file::read(&path, bound)?;
            if bound.switch("Raw") {
                cx.output(Value::from(text))?;
                continue;
            }
            let lines: Vec<&str> = text.lines().collect();
            let from = most("Tail").map_or(0, |tail| lines.len().saturating_sub(tail));
            for line in lines.iter().skip(from).take(most("TotalCount").unwrap_or(usize::MAX)) {
                cx.output(Value::str(*line))?;
            }
        }
        Ok(())
    }
}
