//! Split-Path: a part of a path.

use super::about_paths;
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::texts;
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::Value;

/// Split-Path.
#[derive(Default)]
pub struct SplitPath;

impl ObjectCmdlet for SplitPath {
    const NAME: &'static str = "Split-Path";
    const EXAMPLES: &'static [Example] = &[
        Example { what: "The folder", run: "Split-Path reports/pools.html" },
        Example { what: "The name", run: "Split-Path reports/pools.html -Leaf" },
    ];

    fn spec() -> CmdletSpec {
        about_paths(Self::NAME)
            .switch("Parent")
            .switch("Leaf")
            .switch("LeafBase")
            .switch("Extension")
            .switch("Qualifier")
            .switch("NoQualifier")
            .switch("IsAbsolute")
            .switch("Resolve")
            .build()
    }
}

/// The folder of a path; "" where it names none.
fn parent(path: &str) -> &str {
    let bare = if path.len() > 1 { path.trim_end_matches('/') } else { path };
    match bare.rfind('/') {
        Some(0) if bare.len() > 1 => "/",
        Some(0) | None => "",
        Some(at) => bare[..at].trim_end_matches('/'),
    }
}

/// The last part of a path.
fn leaf(path: &str) -> &str {
    let bare = if path.len() > 1 { path.trim_end_matches('/') } else { path };
    match bare.rfind('/') {
        Some(at) if bare.len() > 1 => &bare[at + 1..],
        _ => bare,
    }
}

/// A name cut before its last dot.
fn cut(name: &str) -> (&str, &str) {
    name.rfind('.').map_or((name, ""), |at| name.split_at(at))
}

/// The drive before a path.
fn qualifier(path: &str) -> Option<(&str, &str)> {
    let at = path.find(':').filter(|at| *at > 0 && !path[..*at].contains('/'))?;
    Some(path.split_at(at + 1))
}

impl Run for SplitPath {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let mut all = texts(bound.get("Path"));
        all.extend(texts(bound.get("LiteralPath")));
        for path in all {
            let path = path.replace('\\', "/");
            let value: Value = if bound.switch("Leaf") {
                leaf(&path).into()
            } else if bound.switch("LeafBase") {
                cut(leaf(&path)).0.into()
            } else if bound.switch("Extension") {
                cut(leaf(&path)).1.into()
            } else if bound.switch("IsAbsolute") {
                (path.starts_with('/') || qualifier(&path).is_some()).into()
            } else if bound.switch("NoQualifier") {
                qualifier(&path).map_or(path.as_str(), |(_, rest)| rest).into()
            } else if bound.switch("Qualifier") {
                match qualifier(&path) {
                    Some((drive, _)) => drive.into(),
                    None => {
                        let message = format!("The path '{path}' begins with no drive.");
                        let error = ErrorRecord::new("ParsePathFormatError", Category::InvalidArgument, message);
                        cx.error(error.target(path))?;
                        continue;
                    }
                }
            } else {
                parent(&path).into()
            };
            cx.output(value)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn parts_of_paths() {
        for (path, folder, name) in [
            ("a/b/c", "a/b", "c"),
            ("a", "", "a"),
            ("/a", "/", "a"),
            ("/a/b/", "/a", "b"),
            ("/", "", "/"),
            ("./x", ".", "x"),
        ] {
            assert_eq!((parent(path), leaf(path)), (folder, name), "{path}");
        }
        assert_eq!((cut("a.tar.gz"), cut("a")), (("a.tar", ".gz"), ("a", "")));
    }
}
