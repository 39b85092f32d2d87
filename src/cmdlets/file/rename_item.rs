//! Rename-Item: gives a file or folder another name.

use super::{paths, records};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::Signature;
use crate::cmdlets::object::string;
use crate::error::{Category, ErrorRecord, Halt};

/// Rename-Item.
#[derive(Default)]
pub struct RenameItem;

impl ObjectCmdlet for RenameItem {
    const NAME: &'static str = "Rename-Item";
    const EXAMPLES: &'static [Example] =
        &[Example { what: "Another name", run: "\"x\" | Set-Content a2.txt; Rename-Item a2.txt c2.txt -Force" }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .sets(&["ByPath", "ByLiteralPath"])
            .parameter("Path", ParameterType::String)
            .mandatory()
            .at(0)
            .by_value()
            .by_property()
            .only(&["ByPath"])
            .parameter("LiteralPath", ParameterType::String)
            .aliases(&["PSPath", "LP"])
            .mandatory()
            .by_property()
            .only(&["ByLiteralPath"])
            .parameter("NewName", ParameterType::String)
            .mandatory()
            .at(1)
            .by_property()
            .switch("Force")
            .switch("PassThru")
            .should_process()
            .build()
    }
}

impl Run for RenameItem {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let name = string(bound, "NewName").unwrap_or_default();
        for path in paths::given(bound, cx)? {
            let whole = paths::full(&path);
            let to = whole.with_file_name(&*name);
            let what = if path.is_dir() { "Rename Directory" } else { "Rename File" };
            if !cx.should_process(&format!("Item: {} Destination: {}", whole.display(), to.display()), what)? {
                continue;
            }
            let renamed = if to.exists() && !bound.switch("Force") {
                let message = format!("There is {} already.", to.display());
                Err(ErrorRecord::new("RenameItemIOError", Category::WriteError, message))
            } else {
                std::fs::rename(&whole, &to).map_err(|problem| paths::failed("RenameItemIOError", &whole, &problem))
            };
            match renamed {
                Ok(()) if bound.switch("PassThru") => {
                    records::object(&to).map_or(Ok(()), |object| cx.output(object))?;
                }
                Ok(()) => {}
                Err(error) => cx.error(error)?,
            }
        }
        Ok(())
    }
}
