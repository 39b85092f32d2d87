//! Get-ChildItem: what is in folders.

use super::{choosing, paths, records};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::count;
use crate::cmdlets::object::signature::{Signature, int, many};
use crate::error::Halt;
use crate::value::Value;
use std::path::Path;

/// How deep folders are gone into.
const DEEPEST: usize = 1000;

/// Get-ChildItem.
#[derive(Default)]
pub struct GetChildItem;

impl ObjectCmdlet for GetChildItem {
    const NAME: &'static str = "Get-ChildItem";
    const EXAMPLES: &'static [Example] =
        &[Example { what: "The reports in this folder", run: "Get-ChildItem *.html | Select-Object Name, Length" }];

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
        choosing(signature)
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
            .switch("FollowSymlink")
            .build()
    }
}

/// What is wanted of a walk.
struct Walk {
    choice: paths::Choice,
    deep: usize,
    force: bool,
    names: bool,
    folders: bool,
    files: bool,
    hidden: bool,
    read_only: bool,
    /// Into folders that links lead to, too.
    links: bool,
}

impl Walk {
    fn shows(&self, path: &Path) -> bool {
        let is_dir = path.is_dir();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        (self.force || hidden == self.hidden)
            && (!self.folders || is_dir)
            && (!self.files || !is_dir)
            && (!self.read_only || path.metadata().is_ok_and(|there| there.permissions().readonly()))
            && self.choice.wants(path)
    }

    fn put_out(&self, path: &Path, root: &Path, cx: &mut Context) -> Result<(), Halt> {
        cx.session.check_interrupt()?;
        if self.names {
            let name = path.strip_prefix(root).unwrap_or(path);
            return cx.output(name.display().to_string());
        }
        records::object(path).map_or(Ok(()), |object| cx.output(object))
    }

    /// All in a folder, then all in its folders.
    fn folder(&self, folder: &Path, root: &Path, depth: usize, cx: &mut Context) -> Result<(), Halt> {
        cx.session.check_interrupt()?;
        let names = match paths::children(folder) {
            Ok(names) => names,
            Err(problem) => return cx.error(paths::failed("DirUnauthorizedAccessError", folder, &problem)),
        };
        // Folders come first.
        let (inner, files): (Vec<_>, Vec<_>) = names.into_iter().map(|n| folder.join(n)).partition(|p| p.is_dir());
        for path in inner.iter().chain(&files).filter(|path| self.shows(path)) {
            self.put_out(path, root, cx)?;
        }
        if depth > 0 {
            // A link back to where one came from would have no end.
            for path in inner.iter().filter(|path| !path.is_symlink() || (self.links && is_elsewhere(path))) {
                self.folder(path, root, depth - 1, cx)?;
            }
        }
        Ok(())
    }
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
            deep: if bound.switch("Recurse") || depth.is_some() { depth.unwrap_or(DEEPEST).min(DEEPEST) } else { 0 },
            force: bound.switch("Force"),
            names: bound.switch("Name"),
            folders: bound.switch("Directory"),
            files: bound.switch("File"),
            hidden: bound.switch("Hidden"),
            read_only: bound.switch("ReadOnly"),
            links: bound.switch("FollowSymlink"),
        };
        let mut here = bound.clone();
        let nowhere = bound.get("Path").is_none() && bound.get("LiteralPath").is_none();
        if nowhere {
            here.values.push(("Path".into(), Value::str(".")));
        }
        for path in paths::given(&here, cx)? {
            let by_wildcard = bound
                .get("Path")
                .is_some_and(|given| crate::value::wildcard::has_wildcard(&crate::value::text::to_text(given)));
            if path.is_dir() && !by_wildcard {
                walk.folder(&path, &path, walk.deep, cx)?;
            } else if walk.shows(&path) {
                let root = path.parent().unwrap_or(&path).to_path_buf();
                walk.put_out(&path, &root, cx)?;
            }
        }
        Ok(())
    }
}
