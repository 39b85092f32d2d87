//! Move-Item: brings files and folders to another place.

use super::{about_paths, choosing, copy_item, paths, records};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::error::{Category, ErrorRecord, Halt};

/// Move-Item.
#[derive(Default)]
pub struct MoveItem;

impl ObjectCmdlet for MoveItem {
    const NAME: &'static str = "Move-Item";
    const EXAMPLES: &'static [Example] = &[Example {
        what: "A file gets another name",
        run: "\"x\" | Set-Content a1.txt; Move-Item a1.txt b1.txt -Force",
    }];

    fn spec() -> CmdletSpec {
        choosing(about_paths(Self::NAME))
            .parameter("Destination", ParameterType::String)
            .at(1)
            .by_property()
            .switch("Force")
            .switch("PassThru")
            .should_process()
            .build()
    }
}

impl Run for MoveItem {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let choice = paths::Choice::read(bound)?;
        for path in paths::given(bound, cx)?.into_iter().filter(|path| choice.wants(path)) {
            let to = copy_item::target(&path, bound)?;
            let what = if path.is_dir() { "Move Directory" } else { "Move File" };
            let message = format!("Item: {} Destination: {}", paths::full(&path).display(), paths::full(&to).display());
            if !cx.should_process(&message, what)? {
                continue;
            }
            if to.exists() && !bound.switch("Force") {
                let message = format!("There is {} already.", to.display());
                let error = ErrorRecord::new("MoveFileInfoItemIOError", Category::WriteError, message);
                cx.error(error.target(path.display().to_string()).hint("-Force puts it in its place."))?;
                continue;
            }
            match std::fs::rename(&path, &to) {
                Ok(()) if bound.switch("PassThru") => {
                    records::object(&to).map_or(Ok(()), |object| cx.output(object))?;
                }
                Ok(()) => {}
                Err(problem) => cx.error(paths::failed("MoveFileInfoItemIOError", &path, &problem))?,
            }
        }
        Ok(())
    }
}
