//! Get-ChildItem: what is in folders.

use super::attributes::{self, Attributes};
use super::{including, paths, records};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::{Signature, int, many};
use crate::cmdlets::object::{count, texts};
use crate::error::{ErrorRecord, Halt};
use crate::value::wildcard::{Wildcard, has_wildcard};
use std::cell::Cell;
use std::path::{Path, PathBuf};

/// How deep folders are gone into.
const DEEPEST: usize = 1000;

/// Get-ChildItem.
#[derive(Default)]
pub struct GetChildItem;

impl ObjectCmdlet for GetChildItem {
    const NAME: &'static str = "Get-ChildItem";
    const EXAMPLES: &'static [Example] = &[
        Example { what: "The reports in this folder", run: "Get-ChildItem *.html | Select-Object Name, Length" },
        Example { what: "Logs in all folders below", run: "Get-ChildItem *.log -Recurse" },
        Example {
            what: "Folders and what is read-only",
            run: "Get-ChildItem . -Attributes Directory,ReadOnly+!Hidden",
        },
    ];

    fn spec() -> CmdletSpec {
        let signature = Signature::new(Self::NAME)
            .sets(&["Items", "LiteralItems"])
            .parameter("Path", many(ParameterType::String))
            .at(0)
            .by_value()
            .by_property()
            .only(&["Items"])
            .parameter("LiteralPath", many(ParameterType::String))
            .aliases(&["PSPath", "LP"])
            .mandatory()
            .by_property()
            .only(&["LiteralItems"]);
        including(signature.parameter("Filter", ParameterType::String).at(1))
            .switch("Recurse")
            .aliases(&["s", "r"])
            .parameter("Depth", int())
            .range(0.0, i32::MAX.into())
            .switch("Force")
            .switch("Name")
            .switch("Directory")
            .aliases(&["ad"])
            .switch("File")
            .aliases(&["af"])
            .switch("Hidden")
            .aliases(&["ah", "h"])
            .switch("ReadOnly")
            .aliases(&["ar"])
            .switch("System")
            .aliases(&["as"])
            .switch("FollowSymlink")
            .parameter("Attributes", many(ParameterType::String))
            .doc("FlagsExpression[FileAttributes]")
            .build()
    }
}

/// What is wanted of a walk.
struct Walk {
    choice: paths::Choice,
    /// Below where it begins: `None` shows what is named, and nothing of what is in it where a pattern names it.
    deep: Option<usize>,
    attributes: Option<Attributes>,
    force: bool,
    names: bool,
    folders: bool,
    files: bool,
    hidden: bool,
    read_only: bool,
    system: bool,
    /// Into folders that links lead to, too.
    links: bool,
    /// Whether something was put out.
    any: Cell<bool>,
}

/// Where a walk begins.
enum Start {
    /// With what is in a folder, so many folders deep; of that only what a pattern fits.
    Content(PathBuf, usize, Option<Wildcard>),
    /// With what is in a folder; something below must have the name.
    Named(PathBuf, usize, Wildcard),
    /// With the thing itself.
    Item(PathBuf),
}

/// A folder, or the one at hand.
fn or_here(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() { Path::new(".") } else { folder }
}

impl Walk {
    /// What a path or a pattern leads to. In a walk through all folders the last part of a pattern says what is wanted
    /// of all that lies below, as in PowerShell; where -Include says so, folders that the pattern fits are gone into.
    ///
    /// # Errors
    /// `PathNotFound`, `DriveNotFound`; that of a pattern that is none.
    fn starts(&self, path: &str, by_pattern: bool) -> Result<Vec<Start>, ErrorRecord> {
        let deep = self.deep.unwrap_or(0);
        if !by_pattern || !has_wildcard(path) {
            let found = paths::places(path, by_pattern);
            let is_folder = found.as_ref().is_ok_and(|found| found.iter().any(|place| place.is_dir()));
            // What is no folder is looked for by its name in all folders below, as in PowerShell.
            let place = paths::native(path)?;
            if by_pattern
                && self.deep.is_some()
                && !is_folder
                && let Some(name) = place.file_name()
                && let Some(above) = place.parent().map(or_here).filter(|above| above.is_dir())
            {
                let name = Wildcard::new(&name.to_string_lossy())?;
                return Ok(vec![Start::Named(above.to_path_buf(), deep, name)]);
            }
            let content = |place| if is_folder { Start::Content(place, deep, None) } else { Start::Item(place) };
            return Ok(found?.into_iter().map(content).collect());
        }
        let place = paths::native(path)?;
        if self.deep.is_none() {
            return Ok(paths::matching(&place)?.into_iter().map(Start::Item).collect());
        }
        let last = place.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if has_wildcard(&last) && (last == "*" || !self.choice.includes()) {
            let above = or_here(place.parent().unwrap_or(Path::new(""))).display().to_string();
            let only = if last == "*" { None } else { Some(Wildcard::new(&last)?) };
            let folders = paths::places(&above, true)?.into_iter().filter(|place| place.is_dir());
            return Ok(folders.map(|folder| Start::Content(folder, deep, only.clone())).collect());
        }
        let mut all = Vec::new();
        for found in paths::matching(&place)? {
            let inner = if found.is_dir() { deep.checked_sub(1) } else { None };
            all.push(Start::Item(found.clone()));
            all.extend(inner.map(|deep| Start::Content(found, deep, None)));
        }
        Ok(all)
    }

    fn shows(&self, path: &Path, only: Option<&Wildcard>) -> bool {
        let is_dir = path.is_dir();
        let hidden = attributes::is_hidden(path);
        let spoken_of = self.attributes.as_ref().is_some_and(Attributes::speak_of_hidden);
        let name = || path.file_name().unwrap_or_default().to_string_lossy();
        (self.force || spoken_of || hidden == self.hidden)
            && !self.system
            && (!self.folders || is_dir)
            && (!self.files || !is_dir)
            && (!self.read_only || path.metadata().is_ok_and(|there| there.permissions().readonly()))
            && self.attributes.as_ref().is_none_or(|attributes| attributes.hold(path))
            && only.is_none_or(|only| only.matches(&name()))
            && self.choice.wants(path)
    }

    fn put_out(&self, path: &Path, root: &Path, cx: &mut Context) -> Result<(), Halt> {
        self.any.set(true);
        cx.session.check_interrupt()?;
        if self.names {
            let name = path.strip_prefix(root).unwrap_or(path);
            return cx.output(name.display().to_string());
        }
        records::object(path).map_or(Ok(()), |object| cx.output(object))
    }

    /// All in a folder, then all in its folders.
    fn folder(&self, folder: &Path, within: Within, cx: &mut Context) -> Result<(), Halt> {
        cx.session.check_interrupt()?;
        let names = match paths::children(folder) {
            Ok(names) => names,
            Err(problem) => return cx.error(paths::failed("DirUnauthorizedAccessError", folder, &problem)),
        };
        // Folders come first.
        let (inner, files): (Vec<_>, Vec<_>) = names.into_iter().map(|n| folder.join(n)).partition(|p| p.is_dir());
        for path in inner.iter().chain(&files).filter(|path| self.shows(path, within.only)) {
            self.put_out(path, within.root, cx)?;
        }
        if let Some(depth) = within.depth.checked_sub(1) {
            // A link back to where one came from would have no end.
            for path in inner.iter().filter(|path| !path.is_symlink() || (self.links && is_elsewhere(path))) {
                self.folder(path, Within { depth, ..within }, cx)?;
            }
        }
        Ok(())
    }
}

/// Where in a walk one is.
#[derive(Clone, Copy)]
struct Within<'a> {
    /// Where it began, which names are shown from.
    root: &'a Path,
    /// Folders that it may go deeper.
    depth: usize,
    only: Option<&'a Wildcard>,
}

/// Whether a link leads out of the folders that it lies in.
fn is_elsewhere(link: &Path) -> bool {
    let (Ok(target), Some(Ok(folder))) = (link.canonicalize(), link.parent().map(Path::canonicalize)) else {
        return false;
    };
    !folder.starts_with(&target)
}

impl Run for GetChildItem {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let depth = count(bound, "Depth");
        let walk = Walk {
            choice: paths::Choice::read(bound)?,
            deep: (bound.switch("Recurse") || depth.is_some()).then(|| depth.unwrap_or(DEEPEST).min(DEEPEST)),
            attributes: Attributes::read(&texts(bound.get("Attributes")))?,
            force: bound.switch("Force"),
            names: bound.switch("Name"),
            folders: bound.switch("Directory"),
            files: bound.switch("File"),
            hidden: bound.switch("Hidden"),
            read_only: bound.switch("ReadOnly"),
            system: bound.switch("System"),
            links: bound.switch("FollowSymlink"),
            any: Cell::new(false),
        };
        let mut named = paths::named(bound);
        if bound.get("Path").is_none() && bound.get("LiteralPath").is_none() {
            named.push((".".into(), true));
        }
        for (path, by_pattern) in named {
            let starts = match walk.starts(&path, by_pattern) {
                Ok(starts) => starts,
                Err(error) => {
                    paths::tell(error, cx)?;
                    continue;
                }
            };
            for start in starts {
                match start {
                    Start::Content(root, depth, only) => {
                        walk.folder(&root, Within { root: &root, depth, only: only.as_ref() }, cx)?;
                    }
                    Start::Named(root, depth, name) => {
                        walk.any.set(false);
                        walk.folder(&root, Within { root: &root, depth, only: Some(&name) }, cx)?;
                        if !walk.any.get() {
                            paths::tell(paths::not_found(&path), cx)?;
                        }
                    }
                    Start::Item(path) if walk.shows(&path, None) => {
                        walk.put_out(&path, path.parent().unwrap_or(&path), cx)?;
                    }
                    Start::Item(_) => {}
                }
            }
        }
        Ok(())
    }
}
