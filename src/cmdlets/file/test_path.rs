//! Test-Path: whether there is something at a path.

use super::{about_paths, choosing, paths};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::choice;
use crate::cmdlets::object::{items, string};
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::wildcard::has_wildcard;
use crate::value::{Value, date, same_name, text};
use std::path::{Path, PathBuf};

/// Test-Path.
#[derive(Default)]
pub struct TestPath;

impl ObjectCmdlet for TestPath {
    const NAME: &'static str = "Test-Path";
    const EXAMPLES: &'static [Example] = &[
        Example { what: "Whether there is a file", run: "Test-Path report.html" },
        Example { what: "Whether it is a folder", run: "Test-Path . -PathType Container" },
    ];

    fn spec() -> CmdletSpec {
        choosing(about_paths(Self::NAME).allow_null())
            .parameter("PathType", choice("TestPathType", &["Any", "Container", "Leaf"]))
            .aliases(&["Type"])
            .switch("IsValid")
            .parameter("OlderThan", ParameterType::DateTime)
            .parameter("NewerThan", ParameterType::DateTime)
            .build()
    }
}

/// Whether a drive that is no file system's has such an item.
fn on_drive(path: &str, cx: &Context) -> Option<bool> {
    let (drive, name) = path.split_once(':')?;
    let name = name.trim_start_matches(['/', '\\']);
    if same_name(drive, "variable") {
        return Some(cx.blocks.variable(name).is_some());
    }
    if same_name(drive, "env") {
        return Some(std::env::var_os(name).is_some());
    }
    if same_name(drive, "function") || same_name(drive, "alias") {
        let registry = &cx.session.registry;
        let known = if same_name(drive, "alias") { registry.alias(name).is_some() } else { registry.is_command(name) };
        return Some(known);
    }
    None
}

/// Whether it was changed after -NewerThan and before -OlderThan.
fn changed_between(place: &Path, bound: &Bound) -> bool {
    let moment = |name: &str| match bound.get(name) {
        Some(Value::DateTime(at)) => Some(date::to_utc(*at).ticks),
        _ => None,
    };
    let (after, before) = (moment("NewerThan"), moment("OlderThan"));
    if after.is_none() && before.is_none() {
        return true;
    }
    match super::records::changed(place) {
        Some(Value::DateTime(at)) => {
            let ticks = date::to_utc(at).ticks;
            after.is_none_or(|after| ticks > after) && before.is_none_or(|before| ticks < before)
        }
        _ => false,
    }
}

impl Run for TestPath {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let given = |name: &str| items(bound.get(name));
        let choice = paths::Choice::read(bound)?;
        let kind = string(bound, "PathType").unwrap_or_else(|| "Any".into());
        let all: Vec<_> = given("Path")
            .into_iter()
            .map(|p| (p, true))
            .chain(given("LiteralPath").into_iter().map(|p| (p, false)))
            .collect();
        for (path, patterns) in all {
            if path.is_null() {
                let message = "A path is null, so it leads nowhere.";
                cx.error(ErrorRecord::new("NullPathNotPermitted", Category::InvalidArgument, message))?;
                continue;
            }
            let path = text::to_text(&path);
            let found = if path.trim().is_empty() {
                false
            } else if bound.switch("IsValid") {
                !path.contains('\0') && (paths::native(&path).is_ok() || on_drive(&path, cx).is_some())
            } else if let Some(found) = on_drive(&path, cx) {
                found
            } else {
                let by_pattern = patterns && has_wildcard(&path);
                let plain = if patterns && !by_pattern { paths::plain(&path) } else { path.to_string() };
                let places: Vec<PathBuf> = match paths::native(&plain) {
                    Ok(place) if by_pattern => paths::matching(&place)?,
                    Ok(place) => vec![place],
                    // On a drive that is not there, there is nothing.
                    Err(_) => Vec::new(),
                };
                let wanted = |place: &&PathBuf| choice.wants(place) && changed_between(place, bound);
                places.iter().filter(wanted).any(|place| match &*kind {
                    "Container" => place.is_dir(),
                    "Leaf" => place.exists() && !place.is_dir(),
                    _ => place.exists(),
                })
            };
            cx.output(found)?;
        }
        Ok(())
    }
}
