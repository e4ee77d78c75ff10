//! The binary: arguments in, exit code out.

use clap::Parser as _;

// musl's allocator is slow; glibc's is fast enough and takes half the memory.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    steward::cli::Cli::parse().run()
}
