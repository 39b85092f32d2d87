//! `reeve lsp`: the language server.

use super::arguments::Common;
use super::exit::Exit;
use super::session::{self, Options};

/// Serves an editor until it is done.
pub fn run(common: &Common) -> Exit {
    // What goes to standard output is the protocol's: nothing is coloured, nothing else is printed.
    let options = Options { color: false, ..Options::from(common) };
    let shell = session::open(&options);
    match crate::lsp::serve(&shell) {
        Ok(()) => Exit::OK,
        Err(error) => {
            eprintln!("reeve: LanguageServerFailed: {error}");
            Exit::ERRORS
        }
    }
}
