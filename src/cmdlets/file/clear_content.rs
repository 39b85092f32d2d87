//! Clear-Content: empties files.

use super::{about_paths, choosing, paths};
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::error::Halt;

/// Clear-Content.
#[derive(Default)]
pub struct ClearContent;

impl ObjectCmdlet for ClearContent {
    const NAME: &'static str = "Clear-Content";
    const EXAMPLES: &'static [Example] =
        &[Example { what: "An empty file", run: "\"x\" | Set-Content log.txt; Clear-Content log.txt" }];

    fn spec() -> CmdletSpec {
        choosing(about_paths(Self::NAME)).switch("Force").should_process().build()
    }
}

impl Run for ClearContent {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        for path in paths::given(bound, cx)? {
            let whole = paths::full(&path);
            if !cx.should_process(&format!("Item: {}", whole.display()), "Clear Content")? {
                continue;
            }
            if let Err(problem) = std::fs::OpenOptions::new().write(true).truncate(true).open(&path) {
                cx.error(paths::failed("ClearContentUnauthorizedAccessError", &path, &problem))?;
            }
        }
        Ok(())
    }
}
