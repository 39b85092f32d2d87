//! `-c TEXT`, `run FILE`, `-`: a text is checked, then run.

use super::arguments::Common;
use super::exit::Exit;
use super::session::{self, Options};
use crate::env::bounds;
use crate::error::Source;
use crate::language::Mode;
use std::ffi::OsString;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

/// Largest text that is read as a script, in bytes: far above any script, far below what would fill the memory.
const LARGEST_TEXT: u64 = 64 << 20;

/// Runs a command text.
pub fn text(common: &Common, name: &str, text: String) -> Exit {
    let source = Arc::new(Source { name: name.into(), text });
    let mut session = session::open(&Options::from(common));
    bounds::ends_the_process();
    let exit = session.text(&source);
    session.abandon();
    exit
}

/// Runs standard input as a command text.
pub fn standard_input(common: &Common) -> Exit {
    match read_standard_input() {
        Ok(read) => text(common, "stdin", read),
        Err(exit) => exit,
    }
}

/// Runs a script with its arguments; `words` holds the file and them.
pub fn file(common: &Common, no_check: bool, words: &[OsString]) -> Exit {
    let Some((file, arguments)) = words.split_first() else { return Exit::USAGE };
    let path = Path::new(file);
    let source = match read(path) {
        Ok(source) => source,
        Err(exit) => return exit,
    };
    let mut words = Vec::with_capacity(arguments.len());
    for argument in arguments {
        let Some(word) = argument.to_str() else {
            eprintln!("reeve: an argument is not UTF-8: {}", argument.to_string_lossy());
            return Exit::USAGE;
        };
        words.push(word.to_string());
    }
    let mut session = session::open(&Options::from(common));
    bounds::ends_the_process();
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    session.modules_from(whole.parent().unwrap_or(Path::new(".")));
    let exit = session.run(&source, Mode::of_file(path), &words, !no_check);
    session.abandon();
    exit
}

/// Reads a script; `-` is standard input. A failure has been said when this returns.
pub fn read(path: &Path) -> Result<Arc<Source>, Exit> {
    if path.as_os_str() == "-" {
        return Ok(Arc::new(Source { name: "stdin".into(), text: read_standard_input()? }));
    }
    let name = path.display().to_string();
    let failed = |what: &str| {
        eprintln!("reeve: ScriptNotReadable: {name}: {what}");
        Exit::USAGE
    };
    let file = std::fs::File::open(path).map_err(|error| failed(&error.to_string()))?;
    let text = read_text(file).map_err(|what| failed(&what))?;
    Ok(Arc::new(Source { name, text }))
}

fn read_standard_input() -> Result<String, Exit> {
    read_text(std::io::stdin().lock()).map_err(|what| {
        eprintln!("reeve: ScriptNotReadable: standard input: {what}");
        Exit::USAGE
    })
}

fn read_text(from: impl Read) -> Result<String, String> {
    let mut bytes = Vec::new();
    from.take(LARGEST_TEXT + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > LARGEST_TEXT {
        return Err(format!("longer than {LARGEST_TEXT} bytes, which no script is"));
    }
    crate::env::text::of_bytes(&bytes)
}
