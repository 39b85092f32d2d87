//! The `reeve` binary: everything is in the library.

/// Quick with many small objects, on large pages where the process grows ([`reeve::env::memory`]), and without copies
/// where a text or an array does.
#[global_allocator]
static ALLOCATOR: reeve::env::allocator::Allocator = reeve::env::allocator::Allocator;

fn main() -> std::process::ExitCode {
    reeve::cli::main()
}
