//! Join-Path: paths put together.

use super::paths;
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::{Signature, many};
use crate::cmdlets::object::texts;
use crate::error::Halt;
use crate::value::wildcard::has_wildcard;

/// Join-Path.
#[derive(Default)]
pub struct JoinPath;

impl ObjectCmdlet for JoinPath {
    const NAME: &'static str = "Join-Path";
    const EXAMPLES: &'static [Example] = &[Example { what: "A file in a folder", run: "Join-Path reports pools.html" }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .parameter("Path", many(ParameterType::String))
            .aliases(&["PSPath"])
            .mandatory()
            .at(0)
            .by_value()
            .by_property()
            .parameter("ChildPath", many(ParameterType::String))
            .mandatory()
            .at(1)
            .by_property()
            .allow_null()
            .parameter("AdditionalChildPath", many(ParameterType::String))
            .at(2)
            .by_property()
            .remaining()
            .allow_null()
            .switch("Resolve")
            .parameter("Extension", ParameterType::String)
            .build()
    }
}

/// Two parts with one separator between.
pub(super) fn joined(parent: &str, child: &str) -> String {
    let (parent, child) = (parent.replace('\\', "/"), child.replace('\\', "/"));
    if parent.is_empty() {
        return child;
    }
    let rest = child.trim_start_matches('/');
    if parent.ends_with('/') { format!("{parent}{rest}") } else { format!("{parent}/{rest}") }
}

impl Run for JoinPath {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let mut children = texts(bound.get("ChildPath"));
        children.extend(texts(bound.get("AdditionalChildPath")));
        if children.is_empty() {
            children.push("".into());
        }
        for path in texts(bound.get("Path")) {
            let whole = children.iter().fold(path.to_string(), |path, child| joined(&path, child));
            if !bound.switch("Resolve") {
                cx.output(whole)?;
                continue;
            }
            let place = paths::native(&whole)?;
            let found = if has_wildcard(&whole) { paths::matching(&place)? } else { vec![place] };
            for place in found {
                if place.exists() {
                    cx.output(paths::full(&place).display().to_string())?;
                } else {
                    cx.error(paths::not_found(&whole))?;
                }
            }
        }
        Ok(())
    }
}
