//! The `reeve` binary: everything is in the library.

fn main() -> std::process::ExitCode {
    reeve::cli::main()
}
