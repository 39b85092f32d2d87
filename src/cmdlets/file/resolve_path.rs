//! Resolve-Path: the whole path of what is there.

use super::{about_paths, paths};
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::error::Halt;
use crate::value::statics::path_info;

/// Resolve-Path.
#[derive(Default)]
pub struct ResolvePath;

impl ObjectCmdlet for ResolvePath {
    const NAME: &'static str = "Resolve-Path";
    const EXAMPLES: &'static [Example] = &[Example { what: "Where this folder is", run: "(Resolve-Path .).Path" }];

    fn spec() -> CmdletSpec {
        about_paths(Self::NAME).switch("Relative").build()
    }
}

impl Run for ResolvePath {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        for path in paths::given(bound, cx)? {
            let whole = paths::full(&path);
            if bound.switch("Relative") {
                let here = std::env::current_dir().unwrap_or_default();
                let text = match whole.strip_prefix(&here) {
                    Ok(rest) => format!("./{}", rest.display()),
                    Err(_) => whole.display().to_string(),
                };
                cx.output(text)?;
                continue;
            }
            cx.output(path_info(&whole))?;
        }
        Ok(())
    }
}
