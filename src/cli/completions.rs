//! `reeve completions SHELL`.

use super::arguments::Arguments;
use super::exit::Exit;
use clap::CommandFactory;

/// Prints the completion script of a shell.
pub fn run(shell: clap_complete::Shell) -> Exit {
    clap_complete::generate(shell, &mut Arguments::command(), "reeve", &mut std::io::stdout());
    Exit::OK
}
