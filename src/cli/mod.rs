//! (to come)
mod arguments;
mod completions;
mod exit;
mod init;
mod session;
mod terminal;
/// x
pub fn main() -> std::process::ExitCode {
    completions::run(clap_complete::Shell::Bash).into()
}
