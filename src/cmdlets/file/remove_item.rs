//! Remove-Item: removes files and folders.

use super::{about_paths, choosing, paths};
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::error::Halt;

/// Remove-Item.
#[derive(Default)]
pub struct RemoveItem;

impl ObjectCmdlet for RemoveItem {
    const NAME: &'static str = "Remove-Item";
    const EXAMPLES: &'static [Example] =
        &[Example { what: "A file goes", run: "\"x\" | Set-Content old.txt; Remove-Item old.txt; Test-Path old.txt" }];

    fn spec() -> CmdletSpec {
        choosing(about_paths(Self::NAME)).switch("Recurse").switch("Force").should_process().build()
    }
}

impl Run for RemoveItem {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let choice = paths::Choice::read(bound)?;
        for path in paths::given(bound, cx)? {
            let whole = paths::full(&path);
            if !choice.wants(&whole) {
                continue;
            }
            let folder = path.is_dir() && !path.is_symlink();
            let what = if folder { "Remove Directory" } else { "Remove File" };
            if !cx.should_process(&whole.display().to_string(), what)? {
                continue;
            }
            if folder && !bound.switch("Recurse") && paths::children(&path).is_ok_and(|names| !names.is_empty()) {
                let question = format!("The folder {} is not empty. Remove it with all in it?", whole.display());
                if !cx.should_continue("Confirm", &question)? {
                    continue;
                }
            }
            let removed = if folder { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
            if let Err(problem) = removed {
                cx.error(paths::failed("RemoveFileSystemItemIOError", &path, &problem))?;
            }
        }
        Ok(())
    }
}
