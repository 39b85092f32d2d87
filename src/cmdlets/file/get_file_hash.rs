//! Get-FileHash: the check sum of a file.

use super::md5::Md5;
use super::{about_paths, paths};
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::choice;
use crate::cmdlets::object::string;
use crate::error::Halt;
use crate::value::{Record, RecordType, TextForm, Value};
use ring::digest;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Get-FileHash.
#[derive(Default)]
pub struct GetFileHash;

/// Bytes that are read at once.
const PIECE: usize = 64 * 1024;

impl ObjectCmdlet for GetFileHash {
    const NAME: &'static str = "Get-FileHash";
    const EXAMPLES: &'static [Example] = &[Example {
        what: "Whether a file is what it should be",
        run: "\"abc\" | Set-Content -NoNewline short.txt; (Get-FileHash short.txt -Algorithm MD5).Hash -eq \"900150983CD24FB0D6963F7D28E17F72\"",
    }];

    fn spec() -> CmdletSpec {
        about_paths(Self::NAME)
            .parameter("Algorithm", choice("String", &["SHA1", "SHA256", "SHA384", "SHA512", "MD5"]))
            .at(1)
            .build()
    }
}

/// A sum in the making.
enum Sum {
    Ring(digest::Context),
    Md5(Md5),
}

fn sum(path: &Path, algorithm: &str, cx: &Context) -> Result<io::Result<String>, Halt> {
    let ring = |algorithm| Sum::Ring(digest::Context::new(algorithm));
    let mut sum = match algorithm {
        "SHA1" => ring(&digest::SHA1_FOR_LEGACY_USE_ONLY),
        "SHA384" => ring(&digest::SHA384),
        "SHA512" => ring(&digest::SHA512),
        "MD5" => Sum::Md5(Md5::new()),
        _ => ring(&digest::SHA256),
    };
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(problem) => return Ok(Err(problem)),
    };
    let mut piece = vec![0; PIECE];
    loop {
        cx.session.check_interrupt()?;
        let bytes = match file.read(&mut piece) {
            Ok(0) => break,
            Ok(count) => piece.get(..count).unwrap_or_default(),
            Err(problem) if problem.kind() == io::ErrorKind::Interrupted => continue,
            Err(problem) => return Ok(Err(problem)),
        };
        match &mut sum {
            Sum::Ring(sum) => sum.update(bytes),
            Sum::Md5(sum) => sum.update(bytes),
        }
    }
    let bytes = match sum {
        Sum::Ring(sum) => sum.finish().as_ref().to_vec(),
        Sum::Md5(sum) => sum.finish(),
    };
    Ok(Ok(bytes.iter().map(|byte| format!("{byte:02X}")).collect()))
}

impl Run for GetFileHash {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let algorithm = string(bound, "Algorithm").map_or_else(|| "SHA256".to_string(), |name| name.to_uppercase());
        // Folders have none, and no error, as in PowerShell.
        for path in paths::given(bound, cx)?.into_iter().filter(|path| !path.is_dir()) {
            let path = paths::full(&path);
            match sum(&path, &algorithm, cx)? {
                Ok(hash) => {
                    let fields: [(&str, Value); 3] = [
                        ("Algorithm", algorithm.as_str().into()),
                        ("Hash", hash.into()),
                        ("Path", path.display().to_string().into()),
                    ];
                    let kind = "Microsoft.PowerShell.Commands.FileHashInfo";
                    cx.output(Record::new(RecordType::new(kind, TextForm::TypeName), fields))?;
                }
                Err(problem) => paths::tell(paths::failed("FileReadError", &path, &problem), cx)?,
            }
        }
        Ok(())
    }
}
