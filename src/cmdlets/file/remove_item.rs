//! Remove-Item: removes files and folders.

use super::{about_paths, choosing, paths};
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::error::{Category, ErrorRecord, Halt};
use std::path::Path;

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
        let deep = bound.switch("Recurse") && choice.includes();
        for path in paths::given(bound, cx)? {
            self.one(&path, &choice, deep, bound, cx)?;
        }
        Ok(())
    }
}

impl RemoveItem {
    /// Removes what is wanted at a path. Where -Include says what that is, -Recurse looks for it in folders that stay.
    fn one(
        &self,
        path: &Path,
        choice: &paths::Choice,
        deep: bool,
        bound: &Bound,
        cx: &mut Context,
    ) -> Result<(), Halt> {
        cx.session.check_interrupt()?;
        let whole = paths::full(path);
        let folder = path.is_dir() && !path.is_symlink();
        if !choice.wants(&whole) {
            if folder && deep {
                match paths::children(path) {
                    Ok(names) => {
                        names.iter().try_for_each(|name| self.one(&path.join(name), choice, deep, bound, cx))?;
                    }
                    Err(problem) => cx.error(paths::failed("RemoveFileSystemItemIOError", path, &problem))?,
                }
            }
            return Ok(());
        }
        // Nothing that is named without its folder could be found afterwards.
        if folder && std::env::current_dir().is_ok_and(|here| here.starts_with(&whole)) {
            let message = format!("{} cannot be removed: it is, or holds, the current folder.", whole.display());
            let error = ErrorRecord::new("InvalidOperation", Category::InvalidOperation, message);
            return cx.error(error.target(path.display().to_string()).hint("Set-Location to another folder first."));
        }
        let what = if folder { "Remove Directory" } else { "Remove File" };
        if !cx.should_process(&whole.display().to_string(), what)? {
            return Ok(());
        }
        if folder && !bound.switch("Recurse") && paths::children(path).is_ok_and(|names| !names.is_empty()) {
            let question = format!("The folder {} is not empty. Remove it with all in it?", whole.display());
            // As in PowerShell, -Force is about hidden and read-only files: only -Recurse says that the content goes, too.
            if !cx.should_continue_always("Confirm", &question, "-Recurse removes it with all in it.")? {
                return Ok(());
            }
        }
        match paths::remove(path) {
            Ok(()) => Ok(()),
            Err(problem) => paths::tell(paths::failed("RemoveFileSystemItemIOError", path, &problem), cx),
        }
    }
}
