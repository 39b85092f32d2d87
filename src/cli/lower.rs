//! `reeve lower FILE`: the Rhai that a script lowers to.

use super::arguments::Common;
use super::exit::Exit;
use super::run;
use super::session::{self, Options};
use crate::env::bounds;
use crate::language::Mode;
use std::path::Path;

/// Prints the lowered text; what keeps the script from running goes to stderr.
pub fn run(common: &Common, file: &Path) -> Exit {
    match run::read(file) {
        Ok(source) => {
            bounds::ends_the_process();
            let shell = session::open(&Options::from(common));
            let exit = shell.lower(&source, Mode::of_file(file));
            shell.abandon();
            exit
        }
        Err(exit) => exit,
    }
}
