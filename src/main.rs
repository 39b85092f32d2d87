//! The `reeve` binary: everything is in the library.

/// Quick with many small objects, and on large pages where the process grows ([`reeve::env::memory`]).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    reeve::cli::main()
}
