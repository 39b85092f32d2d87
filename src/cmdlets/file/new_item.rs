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
    const EXAMPLES: &'static [Example] = &[
        Example { what: "A folder for reports", run: "New-Item reports -ItemType Directory -Force | Out-Null" },
        Example {
            what: "A link to it",
            run: "New-Item newest -ItemType SymbolicLink -Value reports -Force | Out-Null",
        },
    ];

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

/// mkdir: New-Item -ItemType Directory.
#[derive(Default)]
pub struct MakeFolder;

impl ObjectCmdlet for MakeFolder {
    const NAME: &'static str = "mkdir";
    const ALIASES: &'static [&'static str] = &["md"];
    const EXAMPLES: &'static [Example] =
        &[Example { what: "A folder for reports", run: "mkdir reports -Force | Out-Null" }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .parameter("Path", many(ParameterType::String))
            .mandatory()
            .at(0)
            .by_property()
            .switch("Force")
            .should_process()
            .build()
    }
}

impl Run for MakeFolder {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        make_all(bound, Kind::Folder, cx)
    }
}

/// What is made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Folder,
    Link,
    HardLink,
}

impl Kind {
    fn read(bound: &Bound) -> Result<Kind, ErrorRecord> {
        let name = string(bound, "ItemType").unwrap_or_else(|| "File".into()).to_lowercase();
        let kinds = [
            ("directory", Kind::Folder),
            ("container", Kind::Folder),
            ("file", Kind::File),
            ("leaf", Kind::File),
            ("symboliclink", Kind::Link),
            ("junction", Kind::Link),
            ("hardlink", Kind::HardLink),
        ];
        let found = kinds.iter().find(|(known, _)| !name.is_empty() && known.starts_with(&name));
        found.map(|(_, kind)| *kind).ok_or_else(|| {
            let message = format!("\"{name}\" is no kind of item that can be made here.");
            ErrorRecord::new("Argument", Category::InvalidArgument, message)
                .target(name)
                .hint("File, Directory, SymbolicLink or HardLink.")
        })
    }

    fn action(self) -> &'static str {
        match self {
            Kind::File => "Create File",
            Kind::Folder => "Create Directory",
            Kind::Link => "Create Symbolic Link",
            Kind::HardLink => "Create Hard Link",
        }
    }
}

/// A link to what -Value names.
fn link(path: &Path, bound: &Bound, kind: Kind) -> Result<(), ErrorRecord> {
    let Some(target) = string(bound, "Value").filter(|target| !target.is_empty()) else {
        let message = format!("{} cannot be made: it is not said where the link leads.", path.display());
        let error = ErrorRecord::new("ArgumentNull", Category::InvalidArgument, message);
        return Err(error.target(path.display().to_string()).hint("-Value names the file or folder."));
    };
    let target = paths::native(&target)?;
    let failed = |problem: io::Error| paths::failed("NewItemIOError", path, &problem);
    if bound.switch("Force") && (path.is_symlink() || path.is_file()) {
        std::fs::remove_file(path).map_err(failed)?;
    }
    let made = match kind {
        Kind::HardLink => std::fs::hard_link(&target, path),
        _ => std::os::unix::fs::symlink(&target, path),
    };
    made.map_err(failed)
}

fn make(path: &Path, bound: &Bound, kind: Kind) -> Result<(), ErrorRecord> {
    let force = bound.switch("Force");
    if matches!(kind, Kind::Link | Kind::HardLink) {
        return link(path, bound, kind);
    }
    if kind == Kind::Folder {
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
        make_all(bound, Kind::read(bound)?, cx)
    }
}

fn make_all(bound: &Bound, kind: Kind, cx: &mut Context) -> Result<(), Halt> {
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
    for place in places {
        if !cx.should_process(&format!("Destination: {}", paths::full(&place).display()), kind.action())? {
            continue;
        }
        match make(&place, bound, kind) {
            Ok(()) => records::object(&place).map_or(Ok(()), |object| cx.output(object))?,
            Err(error) => cx.error(error)?,
        }
    }
    Ok(())
}
