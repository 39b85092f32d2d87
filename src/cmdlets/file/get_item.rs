//! Get-Item: a file or folder as an object.

use super::{about_paths, choosing, paths, records};
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::error::Halt;

/// Get-Item.
#[derive(Default)]
pub struct GetItem;

impl ObjectCmdlet for GetItem {
    const NAME: &'static str = "Get-Item";
    const EXAMPLES: &'static [Example] =
        &[Example { what: "How long a file is", run: "\"abc\" | Set-Content short.txt; (Get-Item short.txt).Length" }];

    fn spec() -> CmdletSpec {
        choosing(about_paths(Self::NAME)).switch("Force").build()
    }
}

impl Run for GetItem {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let choice = paths::Choice::read(bound)?;
        for path in paths::given(bound, cx)?.iter().filter(|path| choice.wants(path)) {
            if let Some(object) = records::object(path) {
                cx.output(object)?;
            }
        }
        Ok(())
    }
}
