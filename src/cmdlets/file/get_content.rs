//! Get-Content: the lines of files.

use super::about_paths;
use super::paths;
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::format::file;
use crate::cmdlets::format::lines::Lines;
use crate::cmdlets::object::number;
use crate::cmdlets::object::signature::int;
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::Value;
use std::collections::VecDeque;

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
        about_paths(Self::NAME)
            .parameter("TotalCount", int())
            .aliases(&["First", "Head"])
            .range(0.0, i32::MAX.into())
            .parameter("Tail", int())
            .aliases(&["Last"])
            .range(0.0, i32::MAX.into())
            .switch("Raw")
            .switch("AsByteStream")
            .switch("Force")
            .parameter("Encoding", file::encodings())
            .build()
    }
}

impl Run for GetContent {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let most = |name: &str| number(bound, name).and_then(|count| usize::try_from(count).ok());
        for path in paths::given(bound, cx)? {
            if path.is_dir() {
                let message = format!("{} is a folder, which has no content.", path.display());
                let error = ErrorRecord::new("GetContainerContentException", Category::InvalidOperation, message);
                cx.error(error.target(path.display().to_string()))?;
                continue;
            }
            if bound.switch("AsByteStream") {
                let bytes = crate::env::file::read(&path, crate::env::file::LARGEST);
                let bytes = bytes.map_err(|problem| paths::failed("GetContentReaderIOError", &path, &problem))?;
                bytes.into_iter().try_for_each(|byte| cx.output(i64::from(byte)))?;
                continue;
            }
            let shown = path.display().to_string();
            if bound.switch("Raw") {
                cx.output(Value::from(file::read(&shown, bound)?))?;
                continue;
            }
            let lines = Lines::open(&shown, bound)?;
            let total = most("TotalCount").unwrap_or(usize::MAX);
            let Some(tail) = most("Tail") else {
                for line in lines.take(total) {
                    cx.output(Value::from(line?))?;
                }
                continue;
            };
            let mut last = VecDeque::new();
            for line in lines {
                cx.session.check_interrupt()?;
                last.push_back(line?);
                if last.len() > tail {
                    last.pop_front();
                }
            }
            for line in last.into_iter().take(total) {
                cx.output(Value::from(line))?;
            }
        }
        Ok(())
    }
}
