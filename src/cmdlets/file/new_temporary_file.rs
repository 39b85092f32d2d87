//! New-TemporaryFile: an empty file with a name that no other has.

use super::{paths, records};
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::Signature;
use crate::error::Halt;
use crate::value::{statics, text};
use std::path::Path;

/// New-TemporaryFile.
#[derive(Default)]
pub struct NewTemporaryFile;

impl ObjectCmdlet for NewTemporaryFile {
    const NAME: &'static str = "New-TemporaryFile";
    const EXAMPLES: &'static [Example] = &[Example {
        what: "A file for a moment",
        run: "$file = New-TemporaryFile; Set-Content $file.FullName \"text\"; Remove-Item $file.FullName",
    }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME).should_process().build()
    }
}

impl Run for NewTemporaryFile {
    fn process(&mut self, _bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let folder = std::env::temp_dir();
        if !cx.should_process(&folder.display().to_string(), "New-TemporaryFile")? {
            return Ok(());
        }
        let path = text::to_text(&statics::call("System.IO.Path", "GetTempFileName", &[])?);
        match records::object(&paths::full(Path::new(&*path))) {
            Some(file) => cx.output(file),
            None => Ok(()),
        }
    }
}
