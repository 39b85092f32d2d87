//! New-Item: makes files and folders.

use super::{paths, records};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::{Signature, many};
use crate::cmdlets::object::{string, texts};
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::text;
use std::io;
use std::path::{Path, PathBuf};

/// New-Item.
#[derive(Default)]
pub struct NewItem;

impl ObjectCmdlet for NewItem {
    const NAME: &'static str = "New-Item";
    const EXAMPLES: &'static [Example] =
        &[Example { what: "A folder for reports", run: "New-Item reports -ItemType Directory -Force | Out-Null" }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .sets(&["pathSet", "nameSet"])
            .parameter("Path", many(ParameterType::String))
            .mandatory()
            .at(0)
            .by_property()
            .only(&["pathSet"])
            .also("nameSet")
            .at(0)
            .by_property()
            .parameter("Name", ParameterType::String)
            .mandatory()
            .by_property()
            .allow_null()
            .only(&["nameSet"])
            .parameter("ItemType", ParameterType::String)
            .aliases(&["Type"])
            .by_property()
            .parameter("Value", ParameterType::Object)
            .aliases(&["Target"])
            .by_value()
            .by_property()
            .switch("Force")
            .should_process()
            .build()
    }
}

fn make(path: &Path, bound: &Bound, folder: bool) -> Result<(), ErrorRecord> {
    let force = bound.switch("Force");
    if folder {
        if path.is_dir() {
            let message = format!("There is a folder {} already.", path.display());
            let error = ErrorRecord::new("DirectoryExist", Category::ResourceExists, message);
            let error = error.target(path.display().to_string());
            return if force { Ok(()) } else { Err(error.hint("-Force takes the one that is there.")) };
        }
        return std::fs::create_dir_all(path)
            .map_err(|problem| paths::failed("CreateDirectoryIOError", path, &problem));
    }
    if force && let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(|problem| paths::failed("NewItemIOError", path, &problem))?;
    }
    let content = bound.get("Value").map(text::to_text).unwrap_or_default();
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).create_new(!force);
    let written = options.open(path).and_then(|mut file| io::Write::write_all(&mut file, content.as_bytes()));
    written.map_err(|problem| {
        let error = paths::failed("NewItemIOError", path, &problem);
        // PowerShell calls each of these an error of writing.
        let exception = error.exception_value().cloned().unwrap_or_default();
        let error = ErrorRecord::new("NewItemIOError", Category::WriteError, error.message()).exception(exception);
        error.target(path.display().to_string())
    })
}

impl Run for NewItem {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let name = string(bound, "Name");
        let given = texts(bound.get("Path"));
        let mut places: Vec<PathBuf> = given.iter().map(|path| paths::native(path)).collect::<Result<_, _>>()?;
        if let Some(name) = &name {
            if places.is_empty() {
                places.push(PathBuf::new());
            }
            let name = paths::native(name)?;
            places.iter_mut().for_each(|place| place.push(&name));
        }
        let kind = string(bound, "ItemType").unwrap_or_else(|| "File".into()).to_lowercase();
        let folder = match kind.as_str() {
            kind if !kind.is_empty() && ("directory".starts_with(kind) || kind == "container") => true,
            kind if !kind.is_empty() && "file".starts_with(kind) => false,
            _ => {
                let message = format!("\"{kind}\" is no kind of item that can be made here: File or Directory.");
                return Err(ErrorRecord::new("Argument", Category::InvalidArgument, message).target(kind).into());
            }
        };
        for place in places {
            let what = if folder { "Create Directory" } else { "Create File" };
            if !cx.should_process(&format!("Destination: {}", paths::full(&place).display()), what)? {
                continue;
            }
            match make(&place, bound, folder) {
                Ok(()) => records::object(&place).map_or(Ok(()), |object| cx.output(object))?,
                Err(error) => cx.error(error)?,
            }
        }
        Ok(())
    }
}
