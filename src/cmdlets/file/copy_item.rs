//! Copy-Item: copies files and folders.

use super::{about_paths, choosing, paths, records};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::string;
use crate::error::{Category, ErrorRecord, Halt};
use std::path::{Path, PathBuf};

/// Copy-Item.
#[derive(Default)]
pub struct CopyItem;

impl ObjectCmdlet for CopyItem {
    const NAME: &'static str = "Copy-Item";
    const EXAMPLES: &'static [Example] =
        &[Example { what: "Keeps a copy", run: "\"x\" | Set-Content plan.txt; Copy-Item plan.txt plan.bak" }];

    fn spec() -> CmdletSpec {
        choosing(about_paths(Self::NAME))
            .parameter("Destination", ParameterType::String)
            .at(1)
            .by_property()
            .switch("Recurse")
            .switch("Container")
            .switch("Force")
            .switch("PassThru")
            .should_process()
            .build()
    }
}

/// Where something comes to lie: in the destination if that is a folder.
///
/// # Errors
/// `DriveNotFound`.
pub(super) fn target(path: &Path, bound: &Bound) -> Result<PathBuf, ErrorRecord> {
    let to = paths::native(&string(bound, "Destination").unwrap_or_else(|| ".".into()))?;
    Ok(match path.file_name() {
        Some(name) if to.is_dir() => to.join(name),
        _ => to,
    })
}

impl Run for CopyItem {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let choice = paths::Choice::read(bound)?;
        for path in paths::given(bound, cx)?.into_iter().filter(|path| choice.wants(path)) {
            let to = target(&path, bound)?;
            let (from_text, to_text) = (paths::full(&path), paths::full(&to));
            let what = if path.is_dir() { "Copy Directory" } else { "Copy File" };
            let message = format!("Item: {} Destination: {}", from_text.display(), to_text.display());
            if !cx.should_process(&message, what)? {
                continue;
            }
            let inside = path.is_dir() && to_text.starts_with(&from_text);
            if inside || paths::are_one_file(&path, &to) {
                let way = if inside { "into" } else { "over" };
                let message = format!("{} cannot be put {way} itself.", from_text.display());
                let error =
                    ErrorRecord::new("CopyError", Category::WriteError, message).target(path.display().to_string());
                cx.error(error.hint("Name another destination; nothing was changed."))?;
                continue;
            }
            match paths::copy(&path, &to, bound.switch("Recurse")) {
                Ok(()) if bound.switch("PassThru") => {
                    records::object(&to).map_or(Ok(()), |object| cx.output(object))?;
                }
                Ok(()) => {}
                Err(problem) => {
                    let id = match problem.kind() {
                        std::io::ErrorKind::PermissionDenied => "CopyFileInfoItemUnauthorizedAccessError",
                        _ => "System.IO.DirectoryNotFoundException",
                    };
                    // What is not there or cannot be read may be either of the two.
                    let about = if path.exists() { &to } else { &path };
                    paths::tell(paths::failed(id, about, &problem), cx)?;
                }
            }
        }
        Ok(())
    }
}
