//! Get-Location: the current folder: the one that the program was started in, or that Set-Location went to.

use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::Signature;
use crate::env::folder::here;
use crate::error::Halt;
use crate::value::statics::path_info;

/// Get-Location.
#[derive(Default)]
pub struct GetLocation;

impl ObjectCmdlet for GetLocation {
    const NAME: &'static str = "Get-Location";
    const ALIASES: &'static [&'static str] = &["gl", "pwd"];
    const EXAMPLES: &'static [Example] = &[Example {
        what: "A file in this folder, by its whole path",
        run: "Join-Path (Get-Location).Path report.html",
    }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME).build()
    }
}

impl Run for GetLocation {
    fn process(&mut self, _bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        cx.output(path_info(&here()))
    }
}
