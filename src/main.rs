//! The binary: arguments in, exit code out.

use clap::Parser as _;

// musl's allocator is slow. mimalloc suits the container image; glibc's allocator needs half the memory elsewhere.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    steward::cli::Cli::parse().run()
}
